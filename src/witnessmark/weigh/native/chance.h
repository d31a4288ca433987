/* Random numbers that are the same on every machine: the state is the seed, nothing is asked of libm.
 *
 * Uniform: xoshiro256++ (Blackman and Vigna 2019). Normal: ziggurat with 128 layers (Marsaglia and Tsang
 * 2000). Gamma: Marsaglia and Tsang (2000b). Binomial and Poisson: transformed rejection (Hörmann 1993).
 * Each function is written from the paper that it names; compile without contraction of a*b+c.
 */
#ifndef WITNESSMARK_CHANCE_H
#define WITNESSMARK_CHANCE_H

#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
#define CLONED __attribute__((target_clones("avx2", "default"))) /* both give the same numbers */
#else
#define CLONED
#endif

typedef struct {
    uint64_t word[4];
} Chance;

/* Fills the tables; call it once, before anything below. */
void chance_prepare(void);

double ln(double x);                /* of a positive, normal number */
double expo(double x);              /* 0 below -708 */
void ln_each(const double *x, double *y, int count);
void chances_each(const double *x, double *of, double *against, int count); /* of log-odds x, and the rest of 1 */
double ln_factorial(double k);      /* of a whole number */
double ln_gamma_at(double x);       /* ln of the gamma function, x > 0 */
double ln_beta_below(double a, double b, double x); /* ln of the distribution function of Beta(a, b) */

double uniform(Chance *chance);     /* in (0, 1) */
int below(Chance *chance, int end); /* in 0 .. end - 1 */
double normal(Chance *chance);
double gamma_of(Chance *chance, double shape);    /* shape at least 1, rate 1 */
double ln_gamma_of(Chance *chance, double shape); /* ln of one, of any positive shape */
double poisson(Chance *chance, double mean);
double binomial(Chance *chance, double count, double probability);

#endif
