/* The nearest of many descriptors, and how near the next is. */
#include "nearest.h"

#include "codes.h"

#ifdef HAVE_X86
#include <immintrin.h>
#endif

typedef struct {
    int32_t best;
    float first, second;
} Two;

typedef Two (*Walk)(const uint8_t *one, const uint8_t *theirs, const float *shorter, size_t others);

static inline void take(Two *two, float near, size_t at)
{
    if (near > two->first) {
        two->second = two->first;
        two->first = near;
        two->best = (int32_t)at;
    } else if (near > two->second) {
        two->second = near;
    }
}

static Two walk_scalar(const uint8_t *one, const uint8_t *theirs, const float *shorter, size_t others)
{
    Two two = {0, -1, -1};
    for (size_t at = 0; at < others; at++, theirs += PARTS) {
        int32_t sum = 0;
        for (int part = 0; part < PARTS; part++)
            sum += one[part] * theirs[part];
        take(&two, (float)sum * shorter[at], at);
    }
    return two;
}

#ifdef HAVE_X86
#define TARGET __attribute__((target("avx2")))

/* Products of 128 levels, added up into eight numbers: none is larger than 15 * 15 * 128, so 16 bits hold it. */
TARGET static inline __m256i product(const __m256i *one, const uint8_t *other)
{
    const __m256i *theirs = (const __m256i *)other;
    __m256i sum = _mm256_maddubs_epi16(one[0], _mm256_loadu_si256(theirs));
    for (int part = 1; part < PARTS / 32; part++)
        sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(one[part], _mm256_loadu_si256(theirs + part)));
    return _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
}

TARGET static Two walk_avx2(const uint8_t *one, const uint8_t *theirs, const float *shorter, size_t others)
{
    Two two = {0, -1, -1};
    __m256i mine[PARTS / 32];
    for (int part = 0; part < PARTS / 32; part++)
        mine[part] = _mm256_loadu_si256((const __m256i *)one + part);
    size_t at = 0;
    for (; at + 4 <= others; at += 4, theirs += 4 * PARTS) {
        __m256i pairs = _mm256_hadd_epi32(product(mine, theirs), product(mine, theirs + PARTS));
        __m256i others_pairs = _mm256_hadd_epi32(product(mine, theirs + 2 * PARTS), product(mine, theirs + 3 * PARTS));
        __m256i halves = _mm256_hadd_epi32(pairs, others_pairs);
        __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
        __m128 near = _mm_mul_ps(_mm_cvtepi32_ps(sums), _mm_loadu_ps(shorter + at));
        if (_mm_movemask_ps(_mm_cmpgt_ps(near, _mm_set1_ps(two.second)))) {
            float each[4];
            _mm_storeu_ps(each, near);
            for (size_t more = 0; more < 4; more++)
                take(&two, each[more], at + more);
        }
    }
    for (; at < others; at++, theirs += PARTS) {
        int32_t sums[8];
        _mm256_storeu_si256((__m256i *)sums, product(mine, theirs));
        int32_t sum = sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
        take(&two, (float)sum * shorter[at], at);
    }
    return two;
}
#endif

static Walk fastest(void)
{
#ifdef HAVE_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        return walk_avx2;
#endif
    return walk_scalar;
}

void nearest_two(const uint8_t *ours, size_t count, const uint8_t *theirs, const float *shorter, size_t others,
                 int32_t *best, float *first, float *second)
{
    Walk walk = fastest();
    for (size_t i = 0; i < count; i++) {
        Two two = walk(ours + i * PARTS, theirs, shorter, others);
        best[i] = two.best;
        first[i] = two.first;
        second[i] = two.second;
    }
}
