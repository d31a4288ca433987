/* The search with 256-bit vectors (AVX2), for most x86 processors since 2013. */
#include <stdlib.h>

#include "codes.h"

#ifdef HAVE_X86
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,popcnt,bmi,bmi2,lzcnt")))
#define NAMED(name) name##_avx2

TARGET static inline int NAMED(apart)(const uint64_t *a, const uint64_t *b)
{
    return (int)(_mm_popcnt_u64(a[0] ^ b[0]) + _mm_popcnt_u64(a[1] ^ b[1]) + _mm_popcnt_u64(a[2] ^ b[2]) +
                 _mm_popcnt_u64(a[3] ^ b[3]));
}

/* The bits set in each byte, by a table of half bytes. */
TARGET static inline __m256i bits_of_bytes(__m256i x)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1,
                                           2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(15);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

TARGET static inline size_t NAMED(sift)(const uint16_t *words, size_t count, uint16_t sought, int limit,
                                        uint32_t *passed)
{
    const __m256i wanted = _mm256_set1_epi16((short)sought), over = _mm256_set1_epi16((short)(limit + 1));
    const __m256i ones = _mm256_set1_epi8(1);
    size_t found = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(words + i)), wanted);
        x = _mm256_maddubs_epi16(bits_of_bytes(x), ones);
        uint32_t left = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi16(over, x)) & 0x55555555u;
        for (; left; left &= left - 1)
            passed[found++] = (uint32_t)(i + (size_t)__builtin_ctz(left) / 2);
    }
    for (; i < count; i++)
        if (__builtin_popcount((uint16_t)(words[i] ^ sought)) <= limit)
            passed[found++] = (uint32_t)i;
    return found;
}

TARGET static inline __attribute__((always_inline)) size_t near_in(const uint32_t *columns, size_t stride, size_t count,
                                                                   const int used, const uint32_t *query, int radius,
                                                                   uint32_t *passed)
{
    const __m256i over = _mm256_set1_epi32(radius + 1);
    const __m256i ones = _mm256_set1_epi8(1), pairs = _mm256_set1_epi16(1);
    __m256i wanted[CODE_COLUMNS];
    for (int column = 0; column < used; column++)
        wanted[column] = _mm256_set1_epi32((int)query[column]);
    size_t found = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i sum = _mm256_setzero_si256();
        for (int column = 0; column < used; column++) {
            __m256i words = _mm256_loadu_si256((const __m256i *)(columns + stride * column + i));
            sum = _mm256_add_epi8(sum, bits_of_bytes(_mm256_xor_si256(words, wanted[column])));
        }
        sum = _mm256_madd_epi16(_mm256_maddubs_epi16(sum, ones), pairs);
        uint32_t left = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(over, sum)));
        for (; left; left &= left - 1)
            passed[found++] = (uint32_t)(i + (size_t)__builtin_ctz(left));
    }
    for (; i < count; i++) {
        int distance = 0;
        for (int column = 0; column < used; column++)
            distance += __builtin_popcount(columns[stride * column + i] ^ query[column]);
        if (distance <= radius)
            passed[found++] = (uint32_t)i;
    }
    return found;
}

#define NEAR(n) case n: return near_in(columns, stride, count, n, query, radius, passed)
TARGET static size_t NAMED(near)(const uint32_t *columns, size_t stride, size_t count, int used, const uint32_t *query,
                                 int radius, uint32_t *passed)
{
    switch (used) {
        NEAR(1); NEAR(2); NEAR(3); NEAR(4); NEAR(5); NEAR(6); NEAR(7);
        default: return near_in(columns, stride, count, CODE_COLUMNS, query, radius, passed);
    }
}

#include "kernel.h"

const Kernel kernel_avx2 = {"avx2", scan_avx2, probe_avx2, join_avx2};
#else
typedef int nothing_for_this_processor;
#endif
