/* The search in plain C: for processors of which nothing is known. */
#include <stdlib.h>
#include <string.h>

#include "codes.h"

#define TARGET
#define NAMED(name) name##_scalar

static inline int bits_of(uint64_t x)
{
    x -= (x >> 1) & 0x5555555555555555ull;
    x = (x & 0x3333333333333333ull) + ((x >> 2) & 0x3333333333333333ull);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full;
    return (int)((x * 0x0101010101010101ull) >> 56);
}

static inline int NAMED(apart)(const uint64_t *a, const uint64_t *b)
{
    return bits_of(a[0] ^ b[0]) + bits_of(a[1] ^ b[1]) + bits_of(a[2] ^ b[2]) + bits_of(a[3] ^ b[3]);
}

/* Four words of 16 bits at a time. */
static inline size_t NAMED(sift)(const uint16_t *words, size_t count, uint16_t sought, int limit, uint32_t *passed)
{
    size_t found = 0, i = 0;
    uint64_t four = sought * 0x0001000100010001ull;
    for (; i + 4 <= count; i += 4) {
        uint64_t x;
        memcpy(&x, words + i, sizeof x);
        x ^= four;
        x -= (x >> 1) & 0x5555555555555555ull;
        x = (x & 0x3333333333333333ull) + ((x >> 2) & 0x3333333333333333ull);
        x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full;
        x = (x + (x >> 8)) & 0x001f001f001f001full;
        for (size_t lane = 0; lane < 4; lane++)
            if ((int)(x >> (16 * lane) & 31) <= limit)
                passed[found++] = (uint32_t)(i + lane);
    }
    for (; i < count; i++)
        if (bits_of((uint16_t)(words[i] ^ sought)) <= limit)
            passed[found++] = (uint32_t)i;
    return found;
}

static size_t NAMED(near)(const uint32_t *columns, size_t stride, size_t count, int used, const uint32_t *query,
                          int radius, uint32_t *passed)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        int distance = 0;
        for (int column = 0; column < used; column += 2) {
            uint64_t x = columns[stride * column + i] ^ query[column];
            if (column + 1 < used)
                x |= (uint64_t)(columns[stride * (column + 1) + i] ^ query[column + 1]) << 32;
            distance += bits_of(x);
        }
        if (distance <= radius)
            passed[found++] = (uint32_t)i;
    }
    return found;
}

#include "kernel.h"

const Kernel kernel_scalar = {"scalar", scan_scalar, probe_scalar, join_scalar};
