/* The search itself, written once and compiled for each instruction set.
 *
 * The including file defines TARGET (attributes of every function), NAMED(x), and three functions:
 *   apart(a, b)   how many of 256 bits differ;
 *   sift(...)     which 16-bit words differ from one by at most a limit;
 *   near(...)     which rows of columns differ from a query by at most a radius in the first columns.
 *
 * How a pair within the radius is found (exactly): the bits are cut into slots, and slot i is given an
 * allowance a_i so that all of them together make radius + 1. Were every run of slots that begins at some
 * slot to differ by its allowances or more, going round would add up to more than the radius. So there is a
 * slot i at which d_i < a_i, and also d_i + d_(i+1) < a_i + a_(i+1), and so on round the ring
 * (the ring form of the pigeonhole principle: Qin and Xiao, "Pigeonring", PVLDB 12(2), 2018). The second
 * inequality is tested on 16 bits that lie beside the postings: hardly a random code passes it, so that
 * the code itself is seldom fetched.
 */

#define BLOCK_ROWS 1024
#define TURNED_STRIDE (BLOCK_ROWS + 16) /* not a power of two: the columns of a row lie in different lines */
#define SIFTED 4096
#define WAITING 8192
#define BATCH 32
#define LINES 8
#define DELAYED 64

/* A posting whose code has to be fetched. */
typedef struct {
    uint32_t where, slot, id;
} NAMED(Waiting);

/* Is the pair one that a slot before `slot` reports? */
TARGET static inline int NAMED(reported)(const Archive *archive, int slot, const uint64_t *a, const uint64_t *b)
{
#ifdef IN_LANES
    if (archive->is_even)
        return NAMED(first_slot)(archive, a, b) < slot;
#endif
    uint64_t x[CODE_WORDS];
    for (int word = 0; word < CODE_WORDS; word++)
        x[word] = a[word] ^ b[word];
    for (int i = 0; i < slot; i++) {
        const Slot *one = &archive->slot[i], *next = &archive->slot[i + 1 == archive->slots ? 0 : i + 1];
        int here = __builtin_popcount(field(x, one->first_bit, one->width));
        if (here < one->allowance &&
            here + __builtin_popcount(field(x, next->first_bit, LOOKED_AHEAD)) < one->allowance + next->allowance)
            return 1;
    }
    return 0;
}

/* Memory is waited for in three short loops each, over a batch at a time. Nearly every access misses the
 * tables of pages too, and only in a loop of few instructions can the processor look up many pages at once.
 */
TARGET static int NAMED(verify)(Archive *archive, const uint64_t *query, uint32_t number, int radius,
                                NAMED(Waiting) *waiting, size_t count, Hits *hits)
{
    Image *image = &archive->image;
    if (hits_reserve(hits, count))
        return NO_MEMORY;
    for (size_t from = 0; from < count; from += BATCH) {
        size_t to = count - from < BATCH ? count : from + BATCH;
        for (size_t k = from; k < to; k++)
            __builtin_prefetch(archive->slot[waiting[k].slot].ids + waiting[k].where);
        for (size_t k = from; k < to; k++) {
            const uint32_t *id = archive->slot[waiting[k].slot].ids + waiting[k].where;
            if (image_check(image, id, sizeof *id) || *id >= archive->count)
                return DAMAGED;
            waiting[k].id = *id;
            __builtin_prefetch(archive->rows + (size_t)CODE_WORDS * *id);
        }
        for (size_t k = from; k < to; k++) {
            const uint64_t *row = archive->rows + (size_t)CODE_WORDS * waiting[k].id;
            if (image_check(image, row, CODE_BITS / 8))
                return DAMAGED;
            int distance = NAMED(apart)(row, query);
            if (distance > radius || NAMED(reported)(archive, (int)waiting[k].slot, row, query))
                continue;
            hits->query[hits->count] = number;
            hits->id[hits->count] = waiting[k].id;
            hits->distance[hits->count++] = (uint16_t)distance;
        }
    }
    return FINE;
}

TARGET static int NAMED(probe_one)(Archive *archive, const Probes *probes, const uint64_t *query, uint32_t number,
                                   int radius, Hits *hits, uint64_t *work)
{
    Image *image = &archive->image;
    NAMED(Waiting) waiting[WAITING];
    struct { uint32_t from, to; } run[BATCH];
    uint32_t passed[SIFTED], value[MOST_SLOTS];
    uint16_t sought[MOST_SLOTS];
    size_t held = 0;
    for (int i = 0; i < archive->slots; i++) {
        const Slot *slot = &archive->slot[i], *next = &archive->slot[i + 1 == archive->slots ? 0 : i + 1];
        value[i] = field(query, slot->first_bit, slot->width);
        sought[i] = (uint16_t)field(query, next->first_bit, LOOKED_AHEAD);
    }
    for (size_t done = 0; done < probes->count; done += BATCH) {
        const Probe *probe = probes->probe + done;
        size_t count = probes->count - done < BATCH ? probes->count - done : BATCH;
        for (size_t k = 0; k < count; k++)
            __builtin_prefetch(archive->slot[probe[k].slot].starts + (value[probe[k].slot] ^ probe[k].mask));
        for (size_t k = 0; k < count; k++) {
            const Slot *slot = &archive->slot[probe[k].slot];
            const uint32_t *start = slot->starts + (value[probe[k].slot] ^ probe[k].mask);
            if (image_check(image, start, 2 * sizeof *start) || start[0] > start[1] || start[1] > archive->count)
                return DAMAGED;
            run[k].from = start[0];
            run[k].to = start[1];
            __builtin_prefetch(slot->ahead + start[0]);
        }
        for (size_t k = 0; k < count; k++) {
            const uint16_t *ahead = archive->slot[probe[k].slot].ahead;
            for (uint32_t at = run[k].from + 32; at < run[k].to + 32 && at < run[k].from + LINES * 32; at += 32)
                __builtin_prefetch(ahead + at);
        }
        for (size_t k = 0; k < count; k++) {
            const Slot *slot = &archive->slot[probe[k].slot];
            work[1] += run[k].to - run[k].from;
            for (uint32_t from = run[k].from; from < run[k].to; from += SIFTED) {
                uint32_t size = run[k].to - from < SIFTED ? run[k].to - from : SIFTED;
                if (image_check(image, slot->ahead + from, sizeof *slot->ahead * (size_t)size))
                    return DAMAGED;
                size_t found = NAMED(sift)(slot->ahead + from, size, sought[probe[k].slot], probe[k].limit, passed);
                work[2] += found;
                if (held + found > WAITING) {
                    int failed = NAMED(verify)(archive, query, number, radius, waiting, held, hits);
                    if (failed)
                        return failed;
                    held = 0;
                }
                for (size_t p = 0; p < found; p++) {
                    waiting[held].where = from + passed[p];
                    waiting[held++].slot = probe[k].slot;
                }
            }
        }
    }
    work[0] += probes->count;
    return NAMED(verify)(archive, query, number, radius, waiting, held, hits);
}

TARGET static int NAMED(probe)(Archive *archive, const uint64_t *queries, size_t count, int radius, Hits *hits,
                               int64_t *offsets, uint64_t *work)
{
    Probes probes;
    int failed = probes_fill(&probes, archive);
    offsets[0] = 0;
    for (size_t number = 0; number < count && !failed; number++) {
        size_t before = hits->count;
        failed = NAMED(probe_one)(archive, &probes, queries + CODE_WORDS * number, (uint32_t)number, radius, hits,
                                  work);
        if (!failed)
            failed = hits_order_by_id(hits, before);
        offsets[number + 1] = (int64_t)hits->count;
    }
    free(probes.probe);
    return failed;
}

/* How many columns have to be looked at until few random codes are left. */
static int NAMED(columns_for)(int radius)
{
    static const int most[CODE_COLUMNS] = {6, 19, 32, 45, 59, 74, 88, CODE_BITS}; /* one in 1,000 is left */
    int used = 1;
    while (radius > most[used - 1])
        used++;
    return used;
}

/* A row that the first columns let pass; the next one has been asked of memory meanwhile. */
typedef struct {
    uint32_t query, row, so_far;
} NAMED(Passed);

/* What the other columns say of rows that passed, in their order. */
TARGET static int NAMED(settle)(const Archive *archive, int used, const uint64_t *queries, int radius,
                                const NAMED(Passed) *passed, size_t count, Hits *hits)
{
    if (hits_reserve(hits, count))
        return NO_MEMORY;
    for (size_t p = 0; p < count; p++) {
        const uint32_t *words = (const uint32_t *)(queries + CODE_WORDS * passed[p].query);
        int distance = (int)passed[p].so_far;
        for (int column = used; column < CODE_COLUMNS && distance <= radius; column++)
            distance += __builtin_popcount(archive->columns[archive->stride * column + passed[p].row] ^ words[column]);
        if (distance > radius)
            continue;
        hits->query[hits->count] = passed[p].query;
        hits->id[hits->count] = passed[p].row;
        hits->distance[hits->count++] = (uint16_t)distance;
    }
    return FINE;
}

/* Codes by columns: three of eight are read as they lie, and of the others what the few rows need that pass. */
TARGET static int NAMED(scan_columns)(Archive *archive, int used, const uint64_t *queries, size_t count, int radius,
                                      Hits *hits)
{
    NAMED(Passed) passed[DELAYED + BLOCK_ROWS];
    uint32_t near[BLOCK_ROWS];
    size_t held = 0;
    for (size_t from = 0; from < archive->count; from += BLOCK_ROWS) {
        size_t size = archive->count - from < BLOCK_ROWS ? archive->count - from : BLOCK_ROWS;
        const uint32_t *columns = archive->columns + from;
        for (int column = 0; column < CODE_COLUMNS; column++)
            if (image_check(&archive->image, columns + archive->stride * column, size * sizeof(uint32_t)))
                return DAMAGED;
        for (size_t number = 0; number < count; number++) {
            const uint32_t *words = (const uint32_t *)(queries + CODE_WORDS * number);
            size_t found = NAMED(near)(columns, archive->stride, size, used, words, radius, near);
            for (size_t p = 0; p < found; p++) {
                uint32_t so_far = 0;
                for (int column = 0; column < used; column++)
                    so_far += (uint32_t)__builtin_popcount(columns[archive->stride * column + near[p]] ^ words[column]);
                if (used < CODE_COLUMNS)
                    __builtin_prefetch(columns + archive->stride * used + near[p]);
                passed[held++] = (NAMED(Passed)){(uint32_t)number, (uint32_t)(from + near[p]), so_far};
            }
            if (held >= DELAYED) {
                if (NAMED(settle)(archive, used, queries, radius, passed, held, hits))
                    return NO_MEMORY;
                held = 0;
            }
        }
    }
    return NAMED(settle)(archive, used, queries, radius, passed, held, hits);
}

/* Codes by rows: a block of them is turned into columns for all queries. */
TARGET static int NAMED(scan_rows)(Archive *archive, int used, const uint64_t *queries, size_t count, int radius,
                                   Hits *hits)
{
    uint32_t near[BLOCK_ROWS], *turned = malloc(sizeof *turned * CODE_COLUMNS * TURNED_STRIDE);
    int failed = turned ? FINE : NO_MEMORY;
    for (size_t from = 0; from < archive->count && !failed; from += BLOCK_ROWS) {
        size_t size = archive->count - from < BLOCK_ROWS ? archive->count - from : BLOCK_ROWS;
        const uint32_t *rows = (const uint32_t *)(archive->rows + CODE_WORDS * from);
        if (image_check(&archive->image, rows, size * CODE_BITS / 8)) {
            failed = DAMAGED;
            break;
        }
        for (size_t row = 0; row < size; row++)
            for (int column = 0; column < used; column++)
                turned[TURNED_STRIDE * column + row] = rows[CODE_COLUMNS * row + column];
        for (size_t number = 0; number < count && !failed; number++) {
            const uint64_t *query = queries + CODE_WORDS * number;
            size_t found =
                NAMED(near)(turned, TURNED_STRIDE, size, used, (const uint32_t *)query, radius, near);
            failed = hits_reserve(hits, found) ? NO_MEMORY : FINE;
            for (size_t p = 0; p < found && !failed; p++) {
                int distance = NAMED(apart)(archive->rows + CODE_WORDS * (from + near[p]), query);
                if (distance > radius)
                    continue;
                hits->query[hits->count] = (uint32_t)number;
                hits->id[hits->count] = (uint32_t)(from + near[p]);
                hits->distance[hits->count++] = (uint16_t)distance;
            }
        }
    }
    free(turned);
    return failed;
}

TARGET static int NAMED(scan)(Archive *archive, const uint64_t *queries, size_t count, int radius, Hits *hits)
{
    int used = NAMED(columns_for)(radius);
    return archive->rows ? NAMED(scan_rows)(archive, used, queries, count, radius, hits)
                         : NAMED(scan_columns)(archive, used, queries, count, radius, hits);
}

/* All pairs that this slot reports, from where the join stands until the room in `hits` may not suffice. */
TARGET static int NAMED(join)(Archive *archive, int number, const uint64_t *sorted, int radius, Standing *standing,
                              Hits *hits)
{
    const Slot *slot = &archive->slot[number];
    uint32_t passed[SIFTED];
    Probes probes;
    if (probes_fill(&probes, archive))
        return NO_MEMORY;
    size_t begun = 0, ended;
    while (begun < probes.count && probes.probe[begun].slot != number)
        begun++;
    for (ended = begun; ended < probes.count && probes.probe[ended].slot == number;)
        ended++;
    uint64_t buckets = begun < ended ? 1ull << slot->width : 0;
    int result = FINE;
    for (; standing->bucket < buckets; standing->bucket++, standing->mask = 0) {
        uint32_t bucket = (uint32_t)standing->bucket, from = slot->starts[bucket], to = slot->starts[bucket + 1];
        if (from == to)
            continue;
        for (; begun + standing->mask < ended; standing->mask++, standing->row = 0) {
            const Probe *probe = &probes.probe[begun + standing->mask];
            uint32_t other = bucket ^ probe->mask, begin = slot->starts[other], end = slot->starts[other + 1];
            if (other < bucket || begin == end)
                continue;
            for (; from + standing->row < to; standing->row++) {
                uint32_t i = from + (uint32_t)standing->row;
                uint32_t first = probe->mask ? begin : i + 1;
                if (hits->room - hits->count < end - first) {
                    result = INTERRUPTED_FULL;
                    goto out;
                }
                const uint64_t *one = sorted + (size_t)CODE_WORDS * i;
                for (uint32_t at = first; at < end; at += SIFTED) {
                    size_t found = NAMED(sift)(slot->ahead + at, end - at < SIFTED ? end - at : SIFTED,
                                               slot->ahead[i], probe->limit, passed);
                    for (size_t p = 0; p < found; p++) {
                        const uint64_t *two = sorted + (size_t)CODE_WORDS * (at + passed[p]);
                        int distance = NAMED(apart)(one, two);
                        if (distance > radius || NAMED(reported)(archive, number, one, two))
                            continue;
                        uint32_t a = slot->ids[i], b = slot->ids[at + passed[p]];
                        hits->query[hits->count] = a < b ? a : b;
                        hits->id[hits->count] = a < b ? b : a;
                        hits->distance[hits->count++] = (uint16_t)distance;
                    }
                }
            }
        }
    }
out:
    free(probes.probe);
    return result;
}
