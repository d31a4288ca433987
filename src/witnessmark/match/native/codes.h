/* What the files of the search share: codes of 256 bits, an archive of them, and what was found.
 *
 * A code is 256 bits, least significant bit first, in four 64-bit or eight 32-bit words. All numbers are
 * little-endian, as in the file (docs/explanation/format/index.md).
 */
#ifndef WITNESSMARK_CODES_H
#define WITNESSMARK_CODES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the search reads its file as it lies in memory and needs a little-endian machine"
#endif

#define CODE_WORDS 4
#define CODE_COLUMNS 8
#define CODE_BITS 256
#define MOST_SLOTS 16
#define WIDEST_SLOT 24
#define LOOKED_AHEAD 16 /* bits of the following slot that are kept beside each posting */

enum { FINE = 0, NO_MEMORY, DAMAGED, INTERRUPTED_FULL };

/* Bytes of which each block is compared with its checksum when it is first read. */
typedef struct {
    const uint8_t *bytes;
    size_t size;
    size_t from, to; /* what the blocks cover */
    int shift;       /* a block has 2^shift bytes */
    const uint32_t *sums; /* NULL: nothing to check */
    uint8_t *seen;        /* one byte for each block: 1 after it was found whole */
} Image;

typedef struct {
    uint32_t first_bit, width;
    int allowance; /* a match differs here by fewer bits than this, or is found by another slot */
    const uint32_t *starts; /* 2^width + 1 */
    const uint32_t *ids;
    const uint16_t *ahead; /* the first bits of the following slot, posting by posting */
} Slot;

typedef struct {
    Image image;
    size_t count;
    const uint64_t *rows; /* whole codes, one after the other; NULL in an archive of columns */
    const uint32_t *columns; /* eight columns of `stride` words; NULL in an archive of rows */
    size_t stride;
    int slots;
    Slot slot[MOST_SLOTS];
    int is_even; /* 16 slots of 16 bits: */
    uint16_t allowance[MOST_SLOTS], allowance_of_two[MOST_SLOTS]; /* of a slot, of it and the following */
} Archive;

/* Everything found so far: `id` lies at `distance` from `query`. */
typedef struct {
    uint32_t *query, *id;
    uint16_t *distance;
    size_t count, room;
} Hits;

int hits_reserve(Hits *hits, size_t more);
void hits_free(Hits *hits);
int hits_order_by_id(Hits *hits, size_t from);
int hits_order_by_query(Hits *hits, size_t queries, int64_t *offsets);

uint32_t checksum(const uint8_t *bytes, size_t size);
int image_check_blocks(const Image *image, size_t first, size_t last);

/* Are the bytes whole? Each block is summed once, when it is first asked for. */
static inline int image_check(const Image *image, const void *bytes, size_t size)
{
    if (!image->sums || !size)
        return FINE;
    size_t from = (size_t)((const uint8_t *)bytes - image->bytes) - image->from;
    size_t first = from >> image->shift, last = (from + size - 1) >> image->shift;
    if (first == last && __atomic_load_n(&image->seen[first], __ATOMIC_ACQUIRE))
        return FINE;
    return image_check_blocks(image, first, last);
}

/* What is looked up for every query, slot by slot: its value there with some bits changed, the fewest first. */
typedef struct {
    uint32_t mask;
    uint16_t slot;
    int16_t limit; /* by how much what lies ahead may differ */
} Probe;

typedef struct {
    Probe *probe;
    size_t count;
} Probes;
int probes_fill(Probes *probes, const Archive *archive);

static inline uint32_t field(const uint64_t *code, uint32_t first_bit, uint32_t width)
{
    uint32_t word = first_bit >> 6, shift = first_bit & 63;
    uint64_t value = code[word] >> shift;
    if (shift + width > 64)
        value |= code[word + 1] << (64 - shift);
    return (uint32_t)(value & ((1ull << width) - 1));
}

void codes_reorder(const uint8_t *codes, size_t count, const uint64_t *table, uint64_t *rows);
int slot_sort(const uint64_t *rows, size_t count, uint32_t first_bit, uint32_t width, uint32_t ahead_bit,
              uint32_t *starts, uint32_t *ids, uint16_t *ahead);

/* Where a join of one slot stands; all zero at its beginning. */
typedef struct {
    uint64_t bucket, mask, row;
} Standing;

typedef struct {
    const char *name;
    int (*scan)(Archive *archive, const uint64_t *queries, size_t count, int radius, Hits *hits);
    int (*probe)(Archive *archive, const uint64_t *queries, size_t count, int radius, Hits *hits,
                 int64_t *offsets, uint64_t *work);
    int (*join)(Archive *archive, int slot, const uint64_t *sorted, int radius, Standing *standing, Hits *hits);
} Kernel;

extern const Kernel kernel_scalar;
#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_X86 1
extern const Kernel kernel_avx2;
extern const Kernel kernel_avx512;
#endif

#endif
