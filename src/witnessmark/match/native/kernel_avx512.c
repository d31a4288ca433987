/* The search with 512-bit vectors that count bits themselves (AVX-512 with VPOPCNTDQ and BITALG). */
#include <stdlib.h>

#include "codes.h"

#ifdef HAVE_X86
#include <immintrin.h>

#define TARGET                                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,avx512bitalg,popcnt,bmi,bmi2,lzcnt")))
#define NAMED(name) name##_avx512

TARGET static inline int NAMED(apart)(const uint64_t *a, const uint64_t *b)
{
    return (int)(_mm_popcnt_u64(a[0] ^ b[0]) + _mm_popcnt_u64(a[1] ^ b[1]) + _mm_popcnt_u64(a[2] ^ b[2]) +
                 _mm_popcnt_u64(a[3] ^ b[3]));
}

/* With 16 slots of 16 bits all are looked at together: the first that reports the pair. */
#define IN_LANES
TARGET static inline int NAMED(first_slot)(const Archive *archive, const uint64_t *a, const uint64_t *b)
{
    const __m256i following =
        _mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
    __m256i here = _mm256_popcnt_epi16(
        _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)a), _mm256_loadu_si256((const __m256i *)b)));
    __m256i both = _mm256_add_epi16(here, _mm256_permutexvar_epi16(following, here));
    __mmask16 near = _mm256_cmplt_epu16_mask(here, _mm256_loadu_si256((const __m256i *)archive->allowance));
    near &= _mm256_cmplt_epu16_mask(both, _mm256_loadu_si256((const __m256i *)archive->allowance_of_two));
    return __builtin_ctz(near | 1u << MOST_SLOTS);
}

TARGET static inline size_t NAMED(sift)(const uint16_t *words, size_t count, uint16_t sought, int limit,
                                        uint32_t *passed)
{
    const __m512i wanted = _mm512_set1_epi16((short)sought), most = _mm512_set1_epi16((short)limit);
    size_t found = 0;
    for (size_t i = 0; i < count; i += 32) {
        __mmask32 live = count - i < 32 ? (1u << (count - i)) - 1 : ~0u;
        __m512i x = _mm512_popcnt_epi16(_mm512_xor_si512(_mm512_maskz_loadu_epi16(live, words + i), wanted));
        for (__mmask32 left = _mm512_mask_cmple_epi16_mask(live, x, most); left; left &= left - 1)
            passed[found++] = (uint32_t)(i + (size_t)__builtin_ctz(left));
    }
    return found;
}

TARGET static inline __attribute__((always_inline)) size_t near_in(const uint32_t *columns, size_t stride, size_t count,
                                                                   const int used, const uint32_t *query, int radius,
                                                                   uint32_t *passed)
{
    const __m512i most = _mm512_set1_epi32(radius);
    __m512i wanted[CODE_COLUMNS];
    for (int column = 0; column < used; column++)
        wanted[column] = _mm512_set1_epi32((int)query[column]);
    size_t found = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512i sum = _mm512_setzero_si512();
        for (int column = 0; column < used; column++) {
            __m512i words = _mm512_loadu_si512(columns + stride * column + i);
            sum = _mm512_add_epi32(sum, _mm512_popcnt_epi32(_mm512_xor_si512(words, wanted[column])));
        }
        for (uint32_t left = _mm512_cmple_epi32_mask(sum, most); left; left &= left - 1)
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

const Kernel kernel_avx512 = {"avx512", scan_avx512, probe_avx512, join_avx512};
#else
typedef int nothing_for_this_processor;
#endif
