/* The sums over pixels, written once and compiled for each instruction set.
 *
 * The including file defines TARGET (attributes of every function) and NAMED(x). Everything is in whole
 * numbers, so that however the compiler arranges it, the results are equal.
 */

/* Adds to `sums` the rows from `row` on, each times its weight. */
TARGET static void NAMED(add_rows)(uint32_t *restrict sums, const uint8_t *row, ptrdiff_t stride,
                                   const uint32_t *weight, size_t rows, size_t count)
{
    size_t k = 0;
    for (; k + 4 <= rows; k += 4, row += 4 * stride) {
        const uint8_t *a = row, *b = row + stride, *c = row + 2 * stride, *d = row + 3 * stride;
        const uint32_t p = weight[k], q = weight[k + 1], r = weight[k + 2], s = weight[k + 3];
        for (size_t x = 0; x < count; x++)
            sums[x] += p * a[x] + q * b[x] + r * c[x] + s * d[x];
    }
    for (; k < rows; k++, row += stride)
        for (size_t x = 0; x < count; x++)
            sums[x] += weight[k] * row[x];
}

TARGET static uint64_t NAMED(weigh)(const uint32_t *sums, size_t step, const uint32_t *weight, size_t count)
{
    uint64_t sum = 0;
    if (step == 1) {
        for (size_t x = 0; x < count; x++)
            sum += (uint64_t)sums[x] * weight[x];
    } else {
        for (size_t x = 0; x < count; x++)
            sum += (uint64_t)sums[x * step] * weight[x];
    }
    return sum;
}

TARGET static void NAMED(reduce)(const Pixels *pixels, const Places *rows, const Places *columns, uint32_t *sums,
                                 uint32_t *reduced)
{
    const size_t step = pixels->channels, bytes = pixels->width * step;
    for (int i = 0; i < SIDE; i++) {
        const uint8_t *first = pixels->first + (ptrdiff_t)rows->start[i] * pixels->stride;
        const uint32_t *weight = rows->weight + (size_t)i * rows->longest;
        memset(sums, 0, bytes * sizeof *sums);
        for (size_t left = 0; left < bytes; left += STRIP)
            NAMED(add_rows)(sums + left, first + left, pixels->stride, weight, (size_t)rows->length[i],
                            bytes - left < STRIP ? bytes - left : STRIP);
        for (size_t channel = 0; channel < step; channel++)
            for (int j = 0; j < SIDE; j++) {
                uint64_t sum = NAMED(weigh)(sums + (size_t)columns->start[j] * step + channel, step,
                                            columns->weight + (size_t)j * columns->longest,
                                            (size_t)columns->length[j]);
                reduced[(channel * SIDE + (size_t)i) * SIDE + (size_t)j] = (uint32_t)((sum + HALF_UNIT) >> UNIT_BITS);
            }
    }
}

/* Means of squares of `factor` pixels a side, rounded down. */
TARGET static void NAMED(shrink)(const Pixels *pixels, size_t factor, uint32_t *sums, uint8_t *shrunk)
{
    const size_t height = pixels->height / factor, width = pixels->width / factor, bytes = width * factor;
    for (size_t i = 0; i < height; i++) {
        const uint8_t *row = pixels->first + (ptrdiff_t)(i * factor) * pixels->stride;
        memset(sums, 0, bytes * sizeof *sums);
        for (size_t k = 0; k < factor; k++, row += pixels->stride)
            for (size_t x = 0; x < bytes; x++)
                sums[x] += row[x];
        for (size_t j = 0; j < width; j++) {
            uint32_t sum = 0;
            for (size_t x = 0; x < factor; x++)
                sum += sums[j * factor + x];
            *shrunk++ = (uint8_t)(sum / (uint32_t)(factor * factor));
        }
    }
}
