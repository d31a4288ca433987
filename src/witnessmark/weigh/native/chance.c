#include "chance.h"

#include <math.h>
#include <string.h>

#define LAYERS 128
#define FACTORIALS 256
#define EDGE 3.442619855899
#define AREA 9.91256303526217e-3
#define LN2_HIGH 0.693147180369123816490
#define LN2_LOW 1.90821492927058770002e-10
#define HALF_LN_2PI 0.918938533204672741780

static double layer[LAYERS + 1], within[LAYERS], factorial[FACTORIALS];

static inline double ln_inline(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, 8);
    uint64_t from_root = bits - 0x3FE6A09E667F3BCDull; /* the mantissa goes from sqrt(1/2) to sqrt(2) */
    double exponent = (double)((int64_t)from_root >> 52);
    bits -= from_root & 0xFFF0000000000000ull;
    double mantissa;
    memcpy(&mantissa, &bits, 8);
    double s = (mantissa - 1.0) / (mantissa + 1.0), z = s * s;
    double z2 = z * z, z4 = z2 * z2;
    double sum = (1.0 / 3.0 + z * (1.0 / 5.0)) + z2 * (1.0 / 7.0 + z * (1.0 / 9.0)) +
                 z4 * ((1.0 / 11.0 + z * (1.0 / 13.0)) + z2 * (1.0 / 15.0 + z * (1.0 / 17.0)) +
                       z4 * (1.0 / 19.0 + z * (1.0 / 21.0)));
    return exponent * LN2_HIGH + (exponent * LN2_LOW + 2.0 * s * (1.0 + z * sum));
}

double ln(double x)
{
    return ln_inline(x);
}

CLONED
void ln_each(const double *restrict x, double *restrict y, int count)
{
    for (int i = 0; i < count; i++)
        y[i] = ln_inline(x[i]);
}

/* For x between -708 and 709; the same operations whether one at a time or several. */
static inline double expo_inline(double x)
{
    double doublings = x * 1.44269504088896340736 + 0x1.8p52; /* to the nearest, which the low bits hold */
    uint64_t bits;
    memcpy(&bits, &doublings, 8);
    doublings -= 0x1.8p52;
    double r = (x - doublings * LN2_HIGH) - doublings * LN2_LOW, square = r * r;
    double high = 1.0 / 40320.0 + r * (1.0 / 362880.0) + square * (1.0 / 3628800.0 + r * (1.0 / 39916800.0)) +
                  square * square * (1.0 / 479001600.0 + r * (1.0 / 6227020800.0));
    double low = 1.0 + r + square * (0.5 + r * (1.0 / 6.0));
    double middle = 1.0 / 24.0 + r * (1.0 / 120.0) + square * (1.0 / 720.0 + r * (1.0 / 5040.0));
    double fourth = square * square, sum = low + fourth * (middle + fourth * high);
    bits = (bits + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, 8);
    return sum * scale;
}

double expo(double x)
{
    return x < -708.0 ? 0.0 : x > 709.0 ? HUGE_VAL : expo_inline(x);
}

CLONED
void chances_each(const double *restrict x, double *restrict of, double *restrict against, int count)
{
    for (int i = 0; i < count; i++) {
        double odds = expo_inline(x[i] < -300.0 ? 300.0 : x[i] > 300.0 ? -300.0 : -x[i]), part = 1.0 / (1.0 + odds);
        of[i] = part;
        against[i] = odds * part;
    }
}

static double stirling(double k) /* ln k! for large k */
{
    double inverse = 1.0 / (k + 1.0), square = inverse * inverse;
    return (k + 0.5) * ln(k + 1.0) - (k + 1.0) + HALF_LN_2PI +
           inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
}

double ln_factorial(double k)
{
    return k < FACTORIALS ? factorial[(int)k] : stirling(k);
}

double ln_gamma_at(double x)
{
    double product = 1.0;
    for (; x < 12.0; x += 1.0)
        product *= x;
    return stirling(x - 1.0) - ln(product);
}

/* The continued fraction of the incomplete beta function, by Lentz's method; for x below its turning point. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < 1e-300 ? 1e-300 : d);
    double value = d;
    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1.0 + even * d;
        c = 1.0 + even / c;
        d = 1.0 / (fabs(d) < 1e-300 ? 1e-300 : d);
        c = fabs(c) < 1e-300 ? 1e-300 : c;
        value *= d * c;
        d = 1.0 + odd * d;
        c = 1.0 + odd / c;
        d = 1.0 / (fabs(d) < 1e-300 ? 1e-300 : d);
        c = fabs(c) < 1e-300 ? 1e-300 : c;
        value *= d * c;
        if (fabs(d * c - 1.0) < 1e-13)
            break;
    }
    return value;
}

double ln_beta_below(double a, double b, double x)
{
    double front = ln_gamma_at(a + b) - ln_gamma_at(a) - ln_gamma_at(b) + a * ln(x) + b * ln(1.0 - x);
    if (x < (a + 1.0) / (a + b + 2.0))
        return front + ln(beta_fraction(a, b, x) / a);
    double above = expo(front) * beta_fraction(b, a, 1.0 - x) / b;
    return above < 1.0 ? ln(1.0 - above) : -700.0;
}

void chance_prepare(void)
{
    double height = expo(-0.5 * EDGE * EDGE);
    layer[0] = AREA / height;
    layer[1] = EDGE;
    for (int i = 2; i < LAYERS; i++) {
        layer[i] = sqrt(-2.0 * ln(AREA / layer[i - 1] + height));
        height = expo(-0.5 * layer[i] * layer[i]);
    }
    layer[LAYERS] = 0.0;
    for (int i = 0; i < LAYERS; i++)
        within[i] = layer[i + 1] / layer[i];
    factorial[0] = 0.0;
    for (int i = 1; i < FACTORIALS; i++)
        factorial[i] = factorial[i - 1] + ln(i);
}

static uint64_t turned(uint64_t word, int by)
{
    return word << by | word >> (64 - by);
}

static uint64_t bits_of(Chance *chance)
{
    uint64_t *s = chance->word, result = turned(s[0] + s[3], 23) + s[0], shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = turned(s[3], 45);
    return result;
}

double uniform(Chance *chance)
{
    return ((double)(bits_of(chance) >> 12) + 0.5) * 0x1p-52;
}

int below(Chance *chance, int end)
{
    return (int)((bits_of(chance) >> 32) * (uint64_t)end >> 32);
}

double normal(Chance *chance)
{
    for (;;) {
        uint64_t bits = bits_of(chance);
        int i = (int)(bits & (LAYERS - 1));
        double u = ((double)(bits >> 11) + 0.5) * 0x1p-52 - 1.0, x = u * layer[i];
        if (fabs(u) < within[i])
            return x;
        if (i == 0) {
            double far, drop;
            do {
                far = -ln(uniform(chance)) / EDGE;
                drop = -ln(uniform(chance));
            } while (2.0 * drop < far * far);
            return u < 0 ? -EDGE - far : EDGE + far;
        }
        double outer = expo(-0.5 * (layer[i] * layer[i] - x * x));
        double inner = expo(-0.5 * (layer[i + 1] * layer[i + 1] - x * x));
        if (outer + uniform(chance) * (inner - outer) < 1.0)
            return x;
    }
}

double gamma_of(Chance *chance, double shape)
{
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = normal(chance), root = 1.0 + c * x;
        if (root <= 0.0)
            continue;
        double cube = root * root * root, u = uniform(chance);
        if (u < 1.0 - 0.0331 * x * x * x * x || ln(u) < 0.5 * x * x + d * (1.0 - cube + ln(cube)))
            return d * cube;
    }
}

double ln_gamma_of(Chance *chance, double shape)
{
    if (shape >= 1.0)
        return ln(gamma_of(chance, shape));
    return ln(gamma_of(chance, shape + 1.0)) + ln(uniform(chance)) / shape;
}

double poisson(Chance *chance, double mean)
{
    if (mean < 10.0) {
        double left = uniform(chance), mass = expo(-mean), k = 0.0;
        while (left > mass && k < 200.0) {
            left -= mass;
            k += 1.0;
            mass *= mean / k;
        }
        return k;
    }
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double hat = 1.1239 + 1.1328 / (b - 3.4), quick = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        double u = uniform(chance) - 0.5, v = uniform(chance), us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= quick)
            return k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        if (ln(v * hat / (a / (us * us) + b)) <= k * ln(mean) - mean - ln_factorial(k))
            return k;
    }
}

static double binomial_small(Chance *chance, double count, double probability)
{
    double odds = probability / (1.0 - probability), left = uniform(chance), k = 0.0;
    double mass = expo(count * ln(1.0 - probability));
    while (left > mass && k < count) {
        left -= mass;
        mass *= odds * (count - k) / (k + 1.0);
        k += 1.0;
    }
    return k;
}

double binomial(Chance *chance, double count, double probability)
{
    if (probability > 0.5)
        return count - binomial(chance, count, 1.0 - probability);
    if (count * probability < 10.0)
        return probability > 0.0 ? binomial_small(chance, count, probability) : 0.0;
    double odds = ln(probability / (1.0 - probability)), mode = floor((count + 1.0) * probability);
    double spread = sqrt(count * probability * (1.0 - probability));
    double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * probability;
    double centre = count * probability + 0.5, quick = 0.92 - 4.2 / b, hat = (2.83 + 5.1 / b) * spread;
    double at_mode = ln_factorial(mode) + ln_factorial(count - mode);
    for (;;) {
        double v = uniform(chance), u = uniform(chance) - 0.5, us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + centre);
        if (us >= 0.07 && v <= quick)
            return k;
        if (k < 0.0 || k > count)
            continue;
        if (ln(v * hat / (a / (us * us) + b)) <=
            at_mode - ln_factorial(k) - ln_factorial(count - k) + (k - mode) * odds)
            return k;
    }
}
