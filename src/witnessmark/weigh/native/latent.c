#include "latent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HALF_TABLE (1 << (MOST_LISTS / 2))
#define LEAST 1e-300
#define INLINED static inline __attribute__((always_inline)) /* into each clone */
#define STEPS 40    /* of a glide, on average */
#define STRIDE 1.5  /* beyond 2 the steps are too long for the narrowest direction */

typedef double Four __attribute__((vector_size(32), aligned(8)));

/* A place among rates and weights, as log-odds: [lists][groups], then the sticks; and what is known there. */
typedef struct {
    int groups; /* of four classes; what only fills up the last one rests at 0 */
    double step;                           /* of middling length */
    Four *place, *speed, *slope, *present, *absent;
    Four *low, *high, *low_sum, *high_sum; /* of the low and the high half of a pattern */
    Four weight[MOST_CLASSES / 4];
    double ln_weight[MOST_CLASSES], *share; /* share: of each pattern; the last is the empty one */
} Glide;

typedef struct {
    const Model *model;
    Chain *chain;
    Glide glide;
    double seen;                                        /* persons on any list */
    int low_lists;                                      /* lists whose bits make up the low half of a pattern */
    double weight[MOST_CLASSES], held[MOST_CLASSES];    /* held: persons in the class, seen or not */
    double on_list[MOST_CLASSES][MOST_LISTS];
    double low[HALF_TABLE], high[HALF_TABLE];
    double *given;       /* [classes][patterns + 1]: of a pattern, given the class; the last is the empty one */
    double *share;       /* [patterns + 1]: of a pattern, over all classes */
    double *new_given, *new_share, *logarithm;
} Work;

/* The probabilities of the patterns of some lists, times what the table begins with. */
INLINED void branches(const Four *present, const Four *absent, int lists, int groups, Four *table)
{
    for (int j = 0; j < lists; j++)
        for (int s = 0; s < 1 << j; s++)
            for (int g = 0; g < groups; g++) {
                table[(s + (1 << j)) * groups + g] = table[s * groups + g] * present[j * groups + g];
                table[s * groups + g] *= absent[j * groups + g];
            }
}

static void products(const double *present, const double *absent, int lists, double *table)
{
    table[0] = 1.0;
    for (int j = 0; j < lists; j++)
        for (int s = 0; s < 1 << j; s++) {
            table[s + (1 << j)] = table[s] * present[j];
            table[s] *= absent[j];
        }
}

/* The probabilities of all patterns in a class. */
static void patterns_given(Work *work, const double *present, const double *absent, double *given)
{
    const Model *model = work->model;
    int low = work->low_lists, mask = (1 << low) - 1;
    products(present, absent, low, work->low);
    products(present + low, absent + low, model->lists - low, work->high);
    for (int m = 0; m < model->patterns; m++)
        given[m] = work->low[model->pattern[m] & mask] * work->high[model->pattern[m] >> low];
    given[model->patterns] = work->low[0] * work->high[0];
}

static void all_given(Work *work)
{
    const Model *model = work->model;
    for (int k = 0; k < model->classes; k++)
        patterns_given(work, work->chain->present + k * model->lists, work->chain->absent + k * model->lists,
                       work->given + k * (model->patterns + 1));
}

/* How many of `count` fall to each class, whose shares of them are as `part`. */
static void divide(Chance *chance, double count, const double *part, int classes, double *fallen)
{
    double rest[MOST_CLASSES + 1];
    rest[classes] = 0.0;
    for (int k = classes; k-- > 0;)
        rest[k] = rest[k + 1] + part[k];
    for (int k = 0; k < classes; k++) {
        double drawn = 0.0;
        if (count > 0.0) {
            if (rest[k + 1] <= 0.0)
                drawn = count;
            else if (count * part[k] < 0.02 * rest[k] && uniform(chance) * rest[k] < rest[k] - count * part[k])
                drawn = 0.0; /* the chance of none is at least that; see below for what remains of it */
            else if (count * part[k] < 0.02 * rest[k]) {
                /* Of the small chance that is left over, some is still of none. */
                double p = part[k] / rest[k], most = 1.0 - count * p, mass = expo(count * ln(1.0 - p));
                double left = most + (1.0 - most) * uniform(chance);
                while (left > mass && drawn < count) {
                    left -= mass;
                    mass *= p / (1.0 - p) * (count - drawn) / (drawn + 1.0);
                    drawn += 1.0;
                }
            } else
                drawn = binomial(chance, count, part[k] / rest[k]);
        }
        fallen[k] = drawn;
        count -= drawn;
    }
}

/* Who belongs to which class, given everything else. */
static void draw_classes(Work *work)
{
    const Model *model = work->model;
    int classes = model->classes, width = model->patterns + 1;
    memcpy(work->held, work->chain->unseen, sizeof(double) * (size_t)classes);
    memset(work->on_list, 0, sizeof work->on_list);
    double part[MOST_CLASSES], fallen[MOST_CLASSES];
    for (int m = 0; m < model->patterns; m++) {
        for (int k = 0; k < classes; k++)
            part[k] = work->weight[k] * work->given[k * width + m];
        divide(work->chain->chance, model->count[m], part, classes, fallen);
        for (int k = 0; k < classes; k++) {
            if (fallen[k] == 0.0)
                continue;
            work->held[k] += fallen[k];
            for (uint32_t bits = model->pattern[m]; bits; bits &= bits - 1)
                work->on_list[k][__builtin_ctz(bits)] += fallen[k];
        }
    }
}

/* How often each list holds a person of each class. */
static void draw_rates(Work *work)
{
    Chance *chance = work->chain->chance;
    int lists = work->model->lists;
    for (int k = 0; k < work->model->classes; k++)
        for (int j = 0; j < lists; j++) {
            double prior = work->chain->off[k], *present = work->chain->present + k * lists + j;
            double on = 1.0, off = uniform(chance);
            if (work->held[k] > 0.0) {
                on = gamma_of(chance, 1.0 + work->on_list[k][j]);
                off = gamma_of(chance, prior + work->held[k] - work->on_list[k][j]);
            } else if (prior != 1.0) {
                double ln_off = ln(off) / prior;
                off = expo(ln_off);
                on = ln_off > -1e-6 ? -ln_off : 1.0 - off;
            } else {
                on = 1.0 - off;
            }
            *present = on / (on + off);
            work->chain->absent[k * lists + j] = off / (on + off);
        }
}

/* How hard each class is to reach: which Beta(1, off) its probabilities come from, given these. */
static void draw_reach(Work *work)
{
    const Model *model = work->model;
    for (int k = 0; k < model->classes && model->reaches > 1; k++) {
        double part[MOST_REACHES], sum = 0.0, ln_absent = 0.0, first = 0.0;
        for (int j = 0; j < model->lists; j++)
            ln_absent += ln(work->chain->absent[k * model->lists + j]);
        for (int i = 0; i < model->reaches; i++) {
            double here = model->lists * ln(model->off[i]) + model->off[i] * ln_absent;
            first = i ? first : here;
            sum += part[i] = expo(here - first);
        }
        double left = uniform(work->chain->chance) * sum;
        int i = 0;
        for (; i < model->reaches - 1 && left > part[i]; i++)
            left -= part[i];
        work->chain->off[k] = model->off[i];
    }
}

/* Ln of the density of ln(alpha), given who belongs to which class and nothing of the weights. */
static double ln_density_of_alpha(const Work *work, double ln_alpha, double alpha)
{
    const Model *model = work->model;
    double beyond = 0.0, sum = model->a * ln_alpha - model->b * alpha;
    for (int k = model->classes - 1; k >= 0; k--) {
        double held = work->held[k];
        if (k < model->classes - 1 && held + beyond > 0.0) /* of who is not beyond class k - 1, who is in it */
            sum += ln_alpha + ln_gamma_at(alpha + beyond) - ln_gamma_at(1.0 + alpha + held + beyond);
        beyond += held;
    }
    return sum;
}

/* A long step of alpha with the weights summed out: those of empty classes would hold it where it is. */
static void step_alpha(Work *work)
{
    double alpha = *work->chain->alpha, here = ln(alpha), there = here + 1.5 * normal(work->chain->chance);
    if (there < -27.0 || there > 12.0)
        return;
    double proposed = expo(there);
    if (ln(uniform(work->chain->chance)) <
        ln_density_of_alpha(work, there, proposed) - ln_density_of_alpha(work, here, alpha))
        *work->chain->alpha = proposed;
}

/* The weights, by breaking sticks; their logarithms are what is kept. */
static void draw_weights(Work *work)
{
    Chance *chance = work->chain->chance;
    int classes = work->model->classes;
    double *ln_weight = work->chain->ln_weight, beyond = 0.0, ln_rest = 0.0;
    for (int k = 0; k < classes; k++)
        beyond += work->held[k];
    for (int k = 0; k < classes - 1; k++) {
        beyond -= work->held[k];
        double here = ln_gamma_of(chance, 1.0 + work->held[k]);
        double later = ln_gamma_of(chance, *work->chain->alpha + beyond);
        double larger = here > later ? here : later;
        double both = larger + ln(expo(here - larger) + expo(later - larger));
        ln_weight[k] = ln_rest + here - both;
        ln_rest += later - both;
    }
    ln_weight[classes - 1] = ln_rest;
    for (int k = 0; k < classes; k++)
        work->weight[k] = expo(ln_weight[k]);
}

/* Ln of the chance that no more are unseen than the cap allows, of a share that is unseen. */
static double ln_allowed(const Work *work, double share)
{
    double most = floor(work->model->cap * work->seen), mean = work->seen * share / (1.0 - share);
    double spread = sqrt(work->seen * share) / (1.0 - share);
    return most - mean > 12.0 * spread + 12.0 ? 0.0 : ln_beta_below(work->seen, most + 1.0, 1.0 - share);
}

/* Ln of the likelihood of the patterns, given that a person is seen and no more are unseen than allowed. */
static double ln_likelihood(Work *work, const double *share)
{
    const Model *model = work->model;
    ln_each(share, work->logarithm, model->patterns);
    double sum = 0.0;
    for (int m = 0; m < model->patterns; m++)
        sum += model->count[m] * work->logarithm[m];
    double unseen = share[model->patterns];
    return sum - work->seen * ln(1.0 - unseen) + ln_allowed(work, unseen);
}

static double all_shares(Work *work)
{
    int width = work->model->patterns + 1;
    for (int m = 0; m < width; m++)
        work->share[m] = LEAST;
    for (int k = 0; k < work->model->classes; k++)
        for (int m = 0; m < width; m++)
            work->share[m] += work->weight[k] * work->given[k * width + m];
    return work->share[width - 1] < 1.0 - 1e-12 ? ln_likelihood(work, work->share) : -HUGE_VAL;
}

/* Whether at least half a person that is seen is expected in a class with this weight. */
static int is_large(const Work *work, double weight, double empty_given, double empty_share)
{
    return work->seen * weight * (1.0 - empty_given) >= 0.5 * (1.0 - empty_share);
}

/* A class's odds to be on a list (on one or on all of them) times a factor, and its weight changed so that
 * as many of the class are seen as before: along this line the likelihood hardly changes, and the Gibbs steps
 * hardly move. Only a large class moves, and only to where it is large, so that each move has its way back:
 * who is in a class at the moment must not decide, since that tells of the weights. Returns the ln of the
 * likelihood afterwards. */
static double scale_class(Work *work, int k, double likelihood)
{
    const Model *model = work->model;
    Chance *chance = work->chain->chance;
    int lists = model->lists, classes = model->classes, width = model->patterns + 1;
    double *present = work->chain->present + k * lists, *absent = work->chain->absent + k * lists;
    double *given = work->given + k * width, *ln_weight = work->chain->ln_weight;
    if (!is_large(work, work->weight[k], given[width - 1], work->share[width - 1]))
        return likelihood;
    double factor = expo(expo(-4.6 + 5.0 * uniform(chance)) * normal(chance));
    int only = uniform(chance) < 0.3 ? below(chance, lists) : -1;
    double new_present[MOST_LISTS], new_absent[MOST_LISTS], jacobian = 1.0, fewer = 1.0;
    for (int j = 0; j < lists; j++) {
        new_present[j] = present[j];
        new_absent[j] = absent[j];
        if (only >= 0 && only != j)
            continue;
        double sum = present[j] * factor + absent[j];
        new_present[j] = present[j] * factor / sum;
        new_absent[j] = absent[j] / sum;
        if (new_present[j] < 1e-15 || new_absent[j] < 1e-15)
            return likelihood;
        jacobian *= new_present[j] * new_absent[j] / (present[j] * absent[j]);
        fewer *= new_absent[j] / absent[j];
    }
    patterns_given(work, new_present, new_absent, work->new_given);
    double gain = (1.0 - given[width - 1]) / (1.0 - work->new_given[width - 1]);
    double weight = work->weight[k], sum = 1.0 - weight + gain * weight;
    if (!(gain > 1e-12 && gain < 1e12) || !(jacobian > LEAST))
        return likelihood;
    double ratio = jacobian * gain, tail = 0.0, ln_sum = ln(sum); /* of the sticks' prior, and of the change */
    for (int i = classes - 1; i > 0; i--) {
        tail += work->weight[i];
        if (i < classes - 1 && i <= k)
            ratio *= tail / (tail + (gain - 1.0) * weight);
    }
    if (!(ratio > LEAST))
        return likelihood;
    if (work->chain->off[k] != 1.0 && !(fewer > LEAST))
        return likelihood;
    double last = (k == classes - 1 ? ln(gain) : 0.0) - ln_sum;
    double of_rates = work->chain->off[k] != 1.0 ? (work->chain->off[k] - 1.0) * ln(fewer) : 0.0;
    double prior = of_rates + ln(ratio) + (classes - 2) * ln_sum - classes * ln_sum + (*work->chain->alpha - 1.0) * last;
    double new_weight = gain * weight / sum, scale = 1.0 / sum;
    for (int m = 0; m < width; m++) {
        double others = (work->share[m] - weight * given[m]) * scale;
        work->new_share[m] = (others > LEAST ? others : LEAST) + new_weight * work->new_given[m];
    }
    double unseen = work->new_share[width - 1];
    if (unseen > 1.0 - 1e-12 || !is_large(work, new_weight, work->new_given[width - 1], unseen))
        return likelihood;
    double proposed = ln_likelihood(work, work->new_share);
    if (ln(uniform(chance)) >= proposed - likelihood + prior)
        return likelihood;
    memcpy(present, new_present, sizeof(double) * (size_t)lists);
    memcpy(absent, new_absent, sizeof(double) * (size_t)lists);
    memcpy(given, work->new_given, sizeof(double) * (size_t)width);
    double *old = work->share;
    work->share = work->new_share;
    work->new_share = old;
    for (int i = 0; i < classes; i++) {
        ln_weight[i] -= ln_sum;
        work->weight[i] *= scale;
    }
    ln_weight[k] += ln(gain);
    work->weight[k] = new_weight;
    return proposed;
}

/* Rates and weights from their log-odds, and where the ln of the density rises from there: all classes side by
 * side. */
CLONED
static void slopes(Work *work)
{
    const Model *model = work->model;
    Glide *glide = &work->glide;
    int groups = glide->groups, low = work->low_lists, lists = model->lists, classes = model->classes;
    int mask = (1 << low) - 1, sticks = (classes + 2) / 4;
    chances_each((double *)glide->place, (double *)glide->present, (double *)glide->absent,
                 4 * (lists * groups + sticks));
    const double *cut = (double *)(glide->present + lists * groups), *past = (double *)(glide->absent + lists * groups);
    double *weight = (double *)glide->weight, rest = 1.0;
    for (int k = 0; k < classes - 1; k++) {
        weight[k] = rest * cut[k];
        rest *= past[k];
    }
    weight[classes - 1] = rest;
    for (int g = 0; g < groups; g++) {
        glide->low[g] = (Four){1.0, 1.0, 1.0, 1.0};
        glide->high[g] = glide->weight[g];
    }
    branches(glide->present, glide->absent, low, groups, glide->low);
    branches(glide->present + low * groups, glide->absent + low * groups, lists - low, groups, glide->high);
    memset(glide->low_sum, 0, sizeof(Four) * (size_t)(groups << low));
    memset(glide->high_sum, 0, sizeof(Four) * (size_t)(groups << (lists - low)));
    for (int m = 0; m <= model->patterns; m++) {
        uint32_t pattern = m < model->patterns ? model->pattern[m] : 0;
        const Four *one = glide->low + (pattern & (uint32_t)mask) * (uint32_t)groups;
        const Four *other = glide->high + (pattern >> low) * (uint32_t)groups;
        Four part[MOST_CLASSES / 4], sum = {LEAST, 0.0, 0.0, 0.0};
        for (int g = 0; g < groups; g++)
            sum += part[g] = one[g] * other[g];
        double share = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        double pull = m < model->patterns ? model->count[m] / share : work->seen / (1.0 - share);
        glide->share[m] = share;
        Four *to_low = glide->low_sum + (pattern & (uint32_t)mask) * (uint32_t)groups;
        Four *to_high = glide->high_sum + (pattern >> low) * (uint32_t)groups;
        for (int g = 0; g < groups; g++) {
            Four pulled = part[g] * pull;
            to_low[g] += pulled;
            to_high[g] += pulled;
        }
    }
    Four all[MOST_CLASSES / 4];
    memset(all, 0, sizeof all);
    for (int s = 0; s <= mask; s++)
        for (int g = 0; g < groups; g++)
            all[g] += glide->low_sum[s * groups + g];
    Four off[MOST_CLASSES / 4];
    for (int k = 0; k < groups * 4; k++)
        ((double *)off)[k] = k < classes ? work->chain->off[k] : 1.0;
    for (int j = 0; j < lists; j++) {
        const Four *sums = j < low ? glide->low_sum : glide->high_sum, *present = glide->present + j * groups;
        int bit = j < low ? j : j - low, end = j < low ? 1 << low : 1 << (lists - low);
        for (int g = 0; g < groups; g++) {
            Four on = {0.0, 0.0, 0.0, 0.0};
            for (int s = 1 << bit; s < end; s = (s + 1) | 1 << bit)
                on += sums[s * groups + g];
            glide->slope[j * groups + g] = on + 1.0 - (all[g] + off[g] + 1.0) * present[g];
        }
    }
    double *of_sticks = (double *)(glide->slope + lists * groups), beyond = ((double *)all)[classes - 1];
    for (int k = classes - 2; k >= 0; k--) {
        double here = ((double *)all)[k] + 1.0;
        of_sticks[k] = here * past[k] - (beyond + *work->chain->alpha) * cut[k];
        beyond += here - 1.0;
    }
}

/* Ln of the density of the place where the slopes were taken last. */
static double ln_density(Work *work)
{
    const Model *model = work->model;
    Glide *glide = &work->glide;
    int groups = glide->groups, classes = model->classes;
    double share = glide->share[model->patterns], sum = 0.0, product[MOST_CLASSES * MOST_LISTS];
    if (!(share < 1.0 - 1e-12))
        return -HUGE_VAL;
    int places = model->lists * groups * 4;
    const double *present = (double *)glide->present, *absent = (double *)glide->absent;
    for (int i = 0; i < places; i++)
        product[i] = present[i] * absent[i];
    ln_each(product, product, places);
    for (int j = 0; j < model->lists; j++)
        for (int k = 0; k < classes; k++)
            sum += product[j * groups * 4 + k];
    for (int k = 0; k < classes; k++)
        for (int j = 0; j < model->lists && work->chain->off[k] != 1.0; j++)
            sum += (work->chain->off[k] - 1.0) * ln(absent[j * groups * 4 + k]);
    double ln_rest = 0.0, *ln_weight = glide->ln_weight;
    const double *stick = (double *)(glide->place + model->lists * groups);
    for (int k = 0; k < classes - 1; k++) {
        double ln_larger = ln(1.0 + expo(-fabs(stick[k])));
        double ln_cut = (stick[k] < 0.0 ? stick[k] : 0.0) - ln_larger, ln_past = ln_cut - stick[k];
        ln_weight[k] = ln_rest + ln_cut;
        ln_rest += ln_past;
        sum += ln_cut + *work->chain->alpha * ln_past;
    }
    ln_weight[classes - 1] = ln_rest;
    return sum + ln_likelihood(work, glide->share);
}

/* Where the chain stands, as log-odds. */
static void take_place(Work *work)
{
    const Model *model = work->model;
    Glide *glide = &work->glide;
    int lists = model->lists, classes = model->classes, wide = glide->groups * 4;
    double *place = (double *)glide->place, *stick = place + lists * wide;
    double odds[MOST_CLASSES * MOST_LISTS];
    for (int i = 0; i < lists * classes; i++)
        odds[i] = work->chain->present[i] / work->chain->absent[i];
    ln_each(odds, odds, lists * classes);
    for (int j = 0; j < lists; j++)
        for (int k = 0; k < classes; k++)
            place[j * wide + k] = odds[k * lists + j];
    double beyond = work->chain->ln_weight[classes - 1];
    for (int k = classes - 2; k >= 0; k--) {
        double here = work->chain->ln_weight[k], larger = here > beyond ? here : beyond;
        stick[k] = here - beyond;
        beyond = larger + ln(1.0 + expo(-fabs(here - beyond)));
    }
}

/* All rates and weights move at once, with the unseen summed out and nobody in any class: as a ball that rolls
 * over the density with a push at random (Duane and others 1987; Neal 2011). Where many places are about as
 * likely, and the Gibbs steps, held by who is in which class at the moment, walk there and back, it rolls far. */
static void glide(Work *work)
{
    const Model *model = work->model;
    Chance *chance = work->chain->chance;
    Glide *glide = &work->glide;
    int lists = model->lists, classes = model->classes, groups = glide->groups, wide = groups * 4;
    int numbers = lists * wide + classes - 1, fours = (numbers + 3) / 4;
    double *speed = (double *)glide->speed, before = 0.0, after = 0.0;
    take_place(work);
    slopes(work);
    double here = ln_density(work);
    for (int i = 0; i < numbers; i++)
        speed[i] = i >= lists * wide || i % wide < classes ? normal(chance) : 0.0; /* what only fills up rests */
    for (int i = 0; i < numbers; i++)
        before += speed[i] * speed[i];
    double step = glide->step * expo(-1.6 + 2.0 * uniform(chance));
    int steps = 1 + below(chance, 2 * STEPS - 1);
    for (int i = 0; i < fours; i++)
        glide->speed[i] += 0.5 * step * glide->slope[i];
    for (int s = 1; s <= steps; s++) {
        double turn = s < steps ? step : 0.5 * step;
        for (int i = 0; i < fours; i++)
            glide->place[i] += step * glide->speed[i];
        slopes(work);
        for (int i = 0; i < fours; i++)
            glide->speed[i] += turn * glide->slope[i];
    }
    for (int i = 0; i < numbers; i++)
        after += speed[i] * speed[i];
    double there = ln_density(work);
    if (!(ln(uniform(chance)) < there - here + 0.5 * (before - after)))
        return;
    for (int j = 0; j < lists; j++)
        for (int k = 0; k < classes; k++) {
            work->chain->present[k * lists + j] = ((double *)(glide->present + j * groups))[k];
            work->chain->absent[k * lists + j] = ((double *)(glide->absent + j * groups))[k];
        }
    for (int k = 0; k < classes; k++) {
        work->chain->ln_weight[k] = glide->ln_weight[k];
        work->weight[k] = ((double *)glide->weight)[k];
    }
    all_given(work);
}

static void swap_doubles(double *one, double *other, int count)
{
    for (int i = 0; i < count; i++) {
        double kept = one[i];
        one[i] = other[i];
        other[i] = kept;
    }
}

/* Two classes, drawn at random, change places on the stick. */
static void swap_labels(Work *work)
{
    Chance *chance = work->chain->chance;
    int classes = work->model->classes, lists = work->model->lists, width = work->model->patterns + 1;
    int i = below(chance, classes), j = below(chance, classes);
    if (i == j)
        return;
    if (i > j) {
        int kept = i;
        i = j;
        j = kept;
    }
    double *weight = work->weight, *ln_weight = work->chain->ln_weight;
    double beyond = 0.0, now, then, ratio = 1.0;
    for (int l = classes - 1; l > j; l--)
        beyond += weight[l];
    now = beyond + weight[j];
    then = beyond + weight[i];
    for (int l = j; l > i; l--) {
        if (!(now > LEAST && then > LEAST))
            return; /* so it is the way back, too */
        if (l < classes - 1)
            ratio *= now / then;
        now += weight[l - 1];
        then += weight[l - 1];
    }
    if (!(ratio > LEAST))
        return;
    double change = ln(ratio);
    if (j == classes - 1)
        change += (*work->chain->alpha - 1.0) * (ln_weight[i] - ln_weight[j]);
    if (ln(uniform(chance)) >= change)
        return;
    swap_doubles(weight + i, weight + j, 1);
    swap_doubles(ln_weight + i, ln_weight + j, 1);
    swap_doubles(work->held + i, work->held + j, 1);
    swap_doubles(work->chain->off + i, work->chain->off + j, 1);
    swap_doubles(work->chain->present + i * lists, work->chain->present + j * lists, lists);
    swap_doubles(work->chain->absent + i * lists, work->chain->absent + j * lists, lists);
    swap_doubles(work->given + i * width, work->given + j * width, width);
}

/* Unseen persons where the cap cuts off nearly all of their distribution: from the cap downwards. */
static double unseen_below_cap(Chance *chance, double seen, double most, double share)
{
    double mass = 1.0, sum = 1.0, x = most;
    while (x > 0.0 && mass > 1e-16 * sum) {
        mass *= x / ((seen + x - 1.0) * share);
        x -= 1.0;
        sum += mass;
    }
    double left = uniform(chance) * sum;
    for (mass = 1.0, x = most; x > 0.0 && left > mass; x -= 1.0) {
        left -= mass;
        mass *= x / ((seen + x - 1.0) * share);
    }
    return x;
}

/* How many of each class are on no list. */
static void draw_unseen(Work *work, double *kept)
{
    const Model *model = work->model;
    Chance *chance = work->chain->chance;
    int classes = model->classes, width = model->patterns + 1;
    double part[MOST_CLASSES], share = 0.0, most = floor(model->cap * work->seen), unseen = most + 1.0;
    for (int k = 0; k < classes; k++)
        share += part[k] = work->weight[k] * work->given[k * width + width - 1];
    share = share < LEAST ? LEAST : share < 1.0 - 1e-12 ? share : 1.0 - 1e-12;
    for (int tries = 0; tries < 64 && unseen > most; tries++)
        unseen = poisson(chance, gamma_of(chance, work->seen) * share / (1.0 - share));
    if (unseen > most)
        unseen = unseen_below_cap(chance, work->seen, most, share);
    divide(chance, unseen, part, classes, work->chain->unseen);
    kept[UNSEEN] = unseen;
    kept[UNSEEN_SHARE] = share;
}

static void sweep(Work *work, double *kept)
{
    const Model *model = work->model;
    Chain *chain = work->chain;
    draw_classes(work);
    draw_rates(work);
    draw_reach(work);
    step_alpha(work);
    draw_weights(work);
    all_given(work);
    double likelihood = all_shares(work);
    if (likelihood > -HUGE_VAL)
        for (int k = 0; k < model->classes; k++)
            for (int i = 0; i < model->scalings; i++)
                likelihood = scale_class(work, k, likelihood);
    if (uniform(chain->chance) < model->glides)
        glide(work);
    for (int i = 0; i < model->swaps; i++)
        swap_labels(work);
    draw_unseen(work, kept);
    double rate = model->b - chain->ln_weight[model->classes - 1];
    *chain->alpha = expo(ln_gamma_of(chain->chance, model->a + model->classes - 1.0)) / rate;
    *chain->alpha = *chain->alpha > 1e-12 ? *chain->alpha : 1e-12;
    kept[ALPHA] = *chain->alpha;
    kept[OCCUPIED] = 0.0;
    for (int k = 0; k < model->classes; k++)
        kept[OCCUPIED] += work->held[k] > 0.0;
}

int latent_run(const Model *model, Chain *chain, int kept, int thin, double *rows)
{
    Work *work = calloc(1, sizeof *work);
    size_t width = (size_t)model->patterns + 1, classes = (size_t)model->classes;
    int low = (model->lists + 1) / 2, groups = (model->classes + 3) / 4;
    size_t fours = (size_t)groups * ((size_t)model->lists + 1);
    double *room = calloc((classes + 5) * width, sizeof *room);
    Four *places = calloc(5 * fours + 4 * ((size_t)groups << low), sizeof *places);
    if (!work || !room || !places) {
        free(work);
        free(room);
        free(places);
        return -1;
    }
    Glide *glide = &work->glide;
    glide->groups = groups;
    glide->place = places;
    glide->speed = places + fours;
    glide->slope = glide->speed + fours;
    glide->present = glide->slope + fours;
    glide->absent = glide->present + fours;
    glide->low = glide->absent + fours;
    glide->high = glide->low + (groups << low);
    glide->low_sum = glide->high + (groups << low);
    glide->high_sum = glide->low_sum + (groups << low);
    double most = 0.0; /* persons on the longest list: who is on it is what holds rates most narrowly */
    for (int j = 0; j < model->lists; j++) {
        double on = 0.0;
        for (int m = 0; m < model->patterns; m++)
            on += model->pattern[m] >> j & 1 ? model->count[m] : 0.0;
        most = on > most ? on : most;
    }
    glide->step = STRIDE / sqrt(most + 4.0);
    work->model = model;
    work->chain = chain;
    work->low_lists = low;
    work->given = room;
    work->share = room + classes * width;
    work->new_given = work->share + width;
    work->new_share = work->new_given + width;
    work->logarithm = work->new_share + width;
    glide->share = work->logarithm + width;
    for (int m = 0; m < model->patterns; m++)
        work->seen += model->count[m];
    for (int k = 0; k < model->classes; k++)
        work->weight[k] = expo(chain->ln_weight[k]);
    all_given(work);
    size_t parameters = classes * (size_t)model->lists, row = WEIGHTS + classes + parameters;
    for (int i = 0; i < kept; i++, rows += row) {
        for (int t = 0; t < thin; t++)
            sweep(work, rows);
        memcpy(rows + WEIGHTS, work->weight, classes * sizeof(double));
        memcpy(rows + WEIGHTS + classes, chain->present, parameters * sizeof(double));
    }
    free(room);
    free(places);
    free(work);
    return 0;
}
