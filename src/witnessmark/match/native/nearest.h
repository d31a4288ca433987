/* The nearest of many descriptors, and how near the next is: see `witnessmark.match.features.nearest`. */
#ifndef WITNESSMARK_NEAREST_H
#define WITNESSMARK_NEAREST_H

#include <stddef.h>
#include <stdint.h>

#define PARTS 128
#define TOP_LEVEL 15

/* For each of `ours` which of `theirs` is nearest, and the products of it and of the next with one over the
 * length of theirs. Descriptors have PARTS levels of at most TOP_LEVEL; of equal ones the first is nearest. */
void nearest_two(const uint8_t *ours, size_t count, const uint8_t *theirs, const float *shorter, size_t others,
                 int32_t *best, float *first, float *second);

#endif
