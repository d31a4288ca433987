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

/* How alike two pictures are where one lies over the other, block by block: a block is two cells a side.
 *
 * `cells` holds for two rows of cells, one after the other, what each cell adds up to: ours, its squares, and
 * for each of nine shifts theirs, its squares and the products. Beyond the sides lies what lies at the side.
 */
#define SUMS (2 + 3 * SHIFTS)

TARGET static void NAMED(add_cells)(const Over *over, size_t cell_row, uint32_t *columns, uint32_t *cells)
{
    const size_t width = over->width, padded = width + 2, count = width / CELL;
    uint32_t *restrict ours = columns, *restrict squares = ours + width, *restrict products = squares + width;
    uint32_t *restrict theirs = products + SHIFTS * width, *restrict their_squares = theirs + 3 * padded;
    memset(columns, 0, ((2 + SHIFTS) * width + 6 * padded) * sizeof *columns);
    for (size_t y = cell_row * CELL; y < (cell_row + 1) * CELL; y++) {
        const uint8_t *a = over->ours + y * width;
        for (size_t x = 0; x < width; x++) {
            ours[x] += a[x];
            squares[x] += (uint16_t)(a[x] * a[x]);
        }
        for (size_t down = 0; down < 3; down++) {
            const uint8_t *b = over->theirs + (y + down) * padded; /* a line and a column lie around theirs */
            uint32_t *restrict sum = theirs + down * padded, *restrict square = their_squares + down * padded;
            for (size_t x = 0; x < padded; x++) {
                sum[x] += b[x];
                square[x] += (uint16_t)(b[x] * b[x]);
            }
            for (size_t right = 0; right < 3; right++) {
                uint32_t *restrict product = products + (3 * down + right) * width;
                for (size_t x = 0; x < width; x++)
                    product[x] += (uint16_t)(a[x] * b[x + right]);
            }
        }
    }
    for (size_t j = 0; j < count; j++) {
        uint32_t *cell = cells + j * SUMS;
        memset(cell, 0, SUMS * sizeof *cell);
        for (size_t x = j * CELL; x < (j + 1) * CELL; x++) {
            cell[0] += ours[x];
            cell[1] += squares[x];
            for (size_t shift = 0; shift < SHIFTS; shift++) {
                const size_t there = (shift / 3) * padded + x + shift % 3;
                cell[2 + 3 * shift] += theirs[there];
                cell[3 + 3 * shift] += their_squares[there];
                cell[4 + 3 * shift] += products[shift * width + x];
            }
        }
    }
}

/* For each block the sums over its four cells, as `cells` has them. */
TARGET static void NAMED(overlay)(const Over *over, uint32_t *columns, uint32_t *cells, uint32_t *sums)
{
    const size_t count = over->width / CELL, rows = over->height / CELL;
    uint32_t *above = cells, *below = cells + count * SUMS;
    NAMED(add_cells)(over, 0, columns, above);
    for (size_t i = 1; i < rows; i++) {
        NAMED(add_cells)(over, i, columns, below);
        for (size_t j = 0; j + 1 < count; j++)
            for (size_t k = 0; k < SUMS; k++)
                *sums++ = above[j * SUMS + k] + above[(j + 1) * SUMS + k] + below[j * SUMS + k] +
                          below[(j + 1) * SUMS + k];
        uint32_t *reused = above;
        above = below;
        below = reused;
    }
}
#undef SUMS
