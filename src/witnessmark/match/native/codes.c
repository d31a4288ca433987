/* What needs no particular processor: checksums, the order of bits, the postings of a slot, lists of hits. */
#include <stdlib.h>
#include <string.h>

#include "codes.h"

/* CRC-32 as in zlib, eight bytes a step. */
static uint32_t crc_table[8][256];

__attribute__((constructor)) static void fill_crc_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t rest = byte;
        for (int bit = 0; bit < 8; bit++)
            rest = rest & 1 ? (rest >> 1) ^ 0xedb88320u : rest >> 1;
        crc_table[0][byte] = rest;
    }
    for (int step = 1; step < 8; step++)
        for (int byte = 0; byte < 256; byte++)
            crc_table[step][byte] =
                (crc_table[step - 1][byte] >> 8) ^ crc_table[0][crc_table[step - 1][byte] & 255];
}

uint32_t checksum(const uint8_t *bytes, size_t size)
{
    uint32_t sum = ~0u;
    for (; size >= 8; bytes += 8, size -= 8) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + 4, 4);
        low ^= sum;
        sum = crc_table[7][low & 255] ^ crc_table[6][low >> 8 & 255] ^ crc_table[5][low >> 16 & 255] ^
              crc_table[4][low >> 24] ^ crc_table[3][high & 255] ^ crc_table[2][high >> 8 & 255] ^
              crc_table[1][high >> 16 & 255] ^ crc_table[0][high >> 24];
    }
    for (; size; bytes++, size--)
        sum = (sum >> 8) ^ crc_table[0][(sum ^ *bytes) & 255];
    return ~sum;
}

int image_check_blocks(const Image *image, size_t first, size_t last)
{
    for (size_t block = first; block <= last; block++) {
        if (__atomic_load_n(&image->seen[block], __ATOMIC_ACQUIRE))
            continue;
        size_t from = image->from + (block << image->shift), size = (size_t)1 << image->shift;
        if (size > image->to - from)
            size = image->to - from;
        if (checksum(image->bytes + from, size) != image->sums[block])
            return DAMAGED;
        __atomic_store_n(&image->seen[block], 1, __ATOMIC_RELEASE);
    }
    return FINE;
}

/* `table` holds for each place and value of a byte the bits that it sets in the row: 32 x 256 x 4 words. */
void codes_reorder(const uint8_t *codes, size_t count, const uint64_t *table, uint64_t *rows)
{
    for (size_t row = 0; row < count; row++, codes += CODE_BITS / 8, rows += CODE_WORDS) {
        uint64_t a = 0, b = 0, c = 0, d = 0;
        for (size_t place = 0; place < CODE_BITS / 8; place++) {
            const uint64_t *set = table + CODE_WORDS * (256 * place + codes[place]);
            a |= set[0];
            b |= set[1];
            c |= set[2];
            d |= set[3];
        }
        rows[0] = a;
        rows[1] = b;
        rows[2] = c;
        rows[3] = d;
    }
}

/* The postings of one slot by counting: in the order of its value, then of the record. */
int slot_sort(const uint64_t *rows, size_t count, uint32_t first_bit, uint32_t width, uint32_t ahead_bit,
              uint32_t *starts, uint32_t *ids, uint16_t *ahead)
{
    size_t buckets = (size_t)1 << width;
    uint32_t *next = calloc(buckets + 1, sizeof *next);
    if (!next)
        return NO_MEMORY;
    for (size_t row = 0; row < count; row++)
        next[field(rows + CODE_WORDS * row, first_bit, width) + 1]++;
    for (size_t bucket = 0; bucket < buckets; bucket++)
        next[bucket + 1] += next[bucket];
    memcpy(starts, next, (buckets + 1) * sizeof *next);
    for (size_t row = 0; row < count; row++) {
        const uint64_t *code = rows + CODE_WORDS * row;
        uint32_t where = next[field(code, first_bit, width)]++;
        ids[where] = (uint32_t)row;
        ahead[where] = (uint16_t)field(code, ahead_bit, LOOKED_AHEAD);
    }
    free(next);
    return FINE;
}

int probes_fill(Probes *probes, const Archive *archive)
{
    size_t total = 1;
    for (int i = 0; i < archive->slots; i++) {
        uint64_t choices = 1;
        for (uint32_t set = 0; (int)set < archive->slot[i].allowance && set <= archive->slot[i].width; set++) {
            total += choices;
            choices = choices * (archive->slot[i].width - set) / (set + 1);
        }
    }
    *probes = (Probes){malloc(total * sizeof *probes->probe), 0};
    if (!probes->probe)
        return NO_MEMORY;
    for (int i = 0; i < archive->slots; i++) {
        const Slot *slot = &archive->slot[i], *next = &archive->slot[i + 1 == archive->slots ? 0 : i + 1];
        for (uint32_t set = 0; (int)set < slot->allowance && set <= slot->width; set++) {
            uint64_t mask = (1ull << set) - 1;
            do {
                int limit = slot->allowance + next->allowance - 1 - (int)set;
                probes->probe[probes->count++] = (Probe){(uint32_t)mask, (uint16_t)i, (int16_t)limit};
                if (!set)
                    break;
                uint64_t lowest = mask & -mask, carried = mask + lowest; /* Gosper: the next with as many bits */
                mask = (((carried ^ mask) >> 2) / lowest) | carried;
            } while (mask < 1ull << slot->width);
        }
    }
    return FINE;
}

static int widen(void **list, size_t room, size_t each)
{
    void *wider = realloc(*list, room * each);
    if (wider)
        *list = wider;
    return wider ? FINE : NO_MEMORY;
}

int hits_reserve(Hits *hits, size_t more)
{
    if (hits->room - hits->count >= more)
        return FINE;
    size_t room = hits->count + more + hits->room / 2 + 1024;
    if (widen((void **)&hits->query, room, sizeof *hits->query) || widen((void **)&hits->id, room, sizeof *hits->id) ||
        widen((void **)&hits->distance, room, sizeof *hits->distance))
        return NO_MEMORY;
    hits->room = room;
    return FINE;
}

void hits_free(Hits *hits)
{
    free(hits->query);
    free(hits->id);
    free(hits->distance);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The hits from `from` on belong to one query: put them in the order of their records. */
int hits_order_by_id(Hits *hits, size_t from)
{
    size_t count = hits->count - from;
    uint64_t few[64], *both = count <= 64 ? few : malloc(count * sizeof *both);
    if (!both)
        return NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        both[i] = (uint64_t)hits->id[from + i] << 16 | hits->distance[from + i];
    if (count <= 64) {
        for (size_t i = 1; i < count; i++) {
            uint64_t one = both[i];
            size_t place = i;
            for (; place && both[place - 1] > one; place--)
                both[place] = both[place - 1];
            both[place] = one;
        }
    } else {
        qsort(both, count, sizeof *both, by_number);
    }
    for (size_t i = 0; i < count; i++) {
        hits->id[from + i] = (uint32_t)(both[i] >> 16);
        hits->distance[from + i] = (uint16_t)both[i];
    }
    if (both != few)
        free(both);
    return FINE;
}

/* The hits lie in the order of their records: put them in that of their queries, otherwise as they are. */
int hits_order_by_query(Hits *hits, size_t queries, int64_t *offsets)
{
    memset(offsets, 0, (queries + 1) * sizeof *offsets);
    for (size_t i = 0; i < hits->count; i++)
        offsets[hits->query[i] + 1]++;
    for (size_t query = 0; query < queries; query++)
        offsets[query + 1] += offsets[query];
    size_t room = hits->count ? hits->count : 1;
    Hits sorted = {malloc(room * 4), malloc(room * 4), malloc(room * 2), hits->count, room};
    int64_t *next = malloc((queries + 1) * sizeof *next);
    if (!sorted.query || !sorted.id || !sorted.distance || !next) {
        hits_free(&sorted);
        free(next);
        return NO_MEMORY;
    }
    memcpy(next, offsets, (queries + 1) * sizeof *next);
    for (size_t i = 0; i < hits->count; i++) {
        int64_t where = next[hits->query[i]]++;
        sorted.query[where] = hits->query[i];
        sorted.id[where] = hits->id[i];
        sorted.distance[where] = hits->distance[i];
    }
    free(next);
    hits_free(hits);
    *hits = sorted;
    return FINE;
}
