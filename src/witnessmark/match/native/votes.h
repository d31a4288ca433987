/* Votes for pictures by their visual words: see `witnessmark.match.features.lists`. */
#ifndef WITNESSMARK_VOTES_H
#define WITNESSMARK_VOTES_H

#include "codes.h"

#define SIGNATURE_BITS 64

/* Postings of an inverted index: for each the record and the signature, list by list. */
typedef struct {
    Image image;
    const uint32_t *ids;
    const uint64_t *signatures;
    size_t count;
    size_t ids_at, signatures_at;
} Postings;

/* One list to go through: from where to where, what is sought, and what a vote from it counts. */
typedef struct {
    uint64_t first, last;
    uint64_t signature;
    uint64_t weight;
} Sought;

/* Adds to the score of each record table[distance] times the weight, for each posting in the lists. */
int votes_count(const Postings *postings, const Sought *sought, size_t count, const uint32_t *table, int reach,
                uint32_t *scores, size_t records);

#endif
