/* One chain of the latent-class model of capture-recapture with a Dirichlet-process prior.
 *
 * The model (Manrique-Vallier 2016): a person belongs to class k with probability w[k]; within a class the
 * lists are independent, and list j holds a person of class k with probability present[k][j], Beta(1, off)
 * a priori, where off is one of a few for each class, each as likely (1 alone: uniform); w comes from stick-breaking with concentration alpha ~ Gamma(a, b), cut off at K classes; the size
 * N of the population has a prior of 1/N up to (1 + cap) times the persons seen.
 *
 * A sweep draws from the model's own conditionals, and mixes by four Metropolis moves of which none changes
 * what the chain converges to: it swaps the labels of classes (the likelihood is the same, the sticks' prior
 * is not); it scales the odds of a class together with its weight, with the unseen summed out; it lets all
 * rates and weights glide along the density, with the unseen and everybody's class summed out (Hamiltonian
 * Monte Carlo); and it moves alpha with the weights summed out. Weights are kept as logarithms: where alpha
 * is small, the last stick is far below what a double holds.
 */
#ifndef WITNESSMARK_LATENT_H
#define WITNESSMARK_LATENT_H

#include "chance.h"

#define MOST_LISTS 16
#define MOST_CLASSES 64
#define MOST_REACHES 8

typedef struct {
    const uint32_t *pattern; /* bit j: on list j; each pattern once, none is 0 */
    const double *count;     /* persons with the pattern */
    int patterns, lists, classes;
    double a, b, cap;
    const double *off; /* [reaches]: what a class's `off` can be */
    int reaches;
    int swaps, scalings; /* for each sweep; for each sweep and each class that is not tiny */
    double glides;       /* the chance of one in a sweep */
} Model;

typedef struct {
    Chance *chance;
    double *alpha;
    double *ln_weight; /* [classes] */
    double *present;   /* [classes][lists] */
    double *absent;    /* [classes][lists]: 1 - present, without its rounding */
    double *unseen;    /* [classes]: persons on no list */
    double *off;       /* [classes]: its probabilities are Beta(1, off) a priori */
} Chain;

/* What is kept of a sweep: unseen persons, probability to be unseen, alpha, classes that hold somebody;
 * then the weights, then `present`. */
enum { UNSEEN, UNSEEN_SHARE, ALPHA, OCCUPIED, WEIGHTS };

/* Runs `kept` times `thin` sweeps and writes a row after each `thin`. Returns -1 if memory is out. */
int latent_run(const Model *model, Chain *chain, int kept, int thin, double *rows);

#endif
