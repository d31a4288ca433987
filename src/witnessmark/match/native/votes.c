/* Going through the lists of an inverted index: how many bits each signature differs, and what that counts. */
#include "votes.h"

#ifdef HAVE_X86
#include <immintrin.h>
#endif

typedef int (*Walk)(const Postings *, const Sought *, const uint32_t *, int, uint32_t *, size_t);

/* A posting that is near enough votes; what names no record can only be damage. */
#define VOTE(at, apart)                                                                                                \
    do {                                                                                                               \
        uint32_t id = postings->ids[at];                                                                               \
        if (id >= records)                                                                                             \
            return DAMAGED;                                                                                            \
        scores[id] += table[apart] * (uint32_t)sought->weight;                                                         \
    } while (0)

static int walk_scalar(const Postings *postings, const Sought *sought, const uint32_t *table, int reach,
                       uint32_t *scores, size_t records)
{
    for (uint64_t at = sought->first; at < sought->last; at++) {
        int apart = __builtin_popcountll(postings->signatures[at] ^ sought->signature);
        if (apart <= reach)
            VOTE(at, apart);
    }
    return FINE;
}

#ifdef HAVE_X86
__attribute__((target("popcnt"))) static int walk_popcnt(const Postings *postings, const Sought *sought,
                                                         const uint32_t *table, int reach, uint32_t *scores,
                                                         size_t records)
{
    for (uint64_t at = sought->first; at < sought->last; at++) {
        int apart = (int)_mm_popcnt_u64(postings->signatures[at] ^ sought->signature);
        if (apart <= reach)
            VOTE(at, apart);
    }
    return FINE;
}

__attribute__((target("avx512f,avx512bw,avx512vpopcntdq,popcnt"))) static int
walk_avx512(const Postings *postings, const Sought *sought, const uint32_t *table, int reach, uint32_t *scores,
            size_t records)
{
    const __m512i wanted = _mm512_set1_epi64((long long)sought->signature), most = _mm512_set1_epi64(reach);
    for (uint64_t at = sought->first; at < sought->last; at += 8) {
        __mmask8 live = sought->last - at >= 8 ? 255 : (__mmask8)((1u << (sought->last - at)) - 1);
        __m512i apart = _mm512_popcnt_epi64(
            _mm512_xor_si512(_mm512_maskz_loadu_epi64(live, postings->signatures + at), wanted));
        unsigned near = _mm512_mask_cmple_epi64_mask(live, apart, most);
        for (; near; near &= near - 1) {
            uint64_t one = at + (uint64_t)__builtin_ctz(near);
            VOTE(one, _mm_popcnt_u64(postings->signatures[one] ^ sought->signature));
        }
    }
    return FINE;
}
#endif

static Walk fastest(void)
{
#ifdef HAVE_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vpopcntdq"))
        return walk_avx512;
    if (__builtin_cpu_supports("popcnt"))
        return walk_popcnt;
#endif
    return walk_scalar;
}

static int checked(const Postings *postings, size_t at, size_t first, size_t last, size_t size)
{
    const Image *image = &postings->image;
    if (!image->sums || first >= last)
        return FINE;
    return image_check_blocks(image, (at + first * size - image->from) >> image->shift,
                              (at + last * size - 1 - image->from) >> image->shift);
}

int votes_count(const Postings *postings, const Sought *sought, size_t count, const uint32_t *table, int reach,
                uint32_t *scores, size_t records)
{
    Walk walk = fastest();
    int result = FINE;
    for (size_t i = 0; i < count && !result; i++, sought++) {
        result = checked(postings, postings->signatures_at, sought->first, sought->last, 8);
        if (!result)
            result = checked(postings, postings->ids_at, sought->first, sought->last, 4);
        if (!result)
            result = walk(postings, sought, table, reach, scores, records);
    }
    return result;
}
