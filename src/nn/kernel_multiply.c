/*
 * Products of matrices, blocked as Goto and van de Geijn describe (Anatomy of
 * High-Performance Matrix Multiplication, 2008). A tile of sums stays in registers
 * while the depth passes by: each step loads two vectors of weights and one
 * number a row. The rows of a block are laid out step by step beforehand, so that
 * a tile reads both operands from front to back:
 *
 *     for each block of rows
 *         for each block of the depth
 *             lay out a: [tile][step][SLOTS]
 *             for each panel of b, for each tile: multiply
 *
 * Weights are read once a block of rows, the part of a panel that a tile needs
 * again and again from the second cache at the latest.
 */
#include "nn/kernel_internal.h"

/* ROWS * 2 sums, two vectors of weights and a number are in registers, of which there are 32 or 16. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 12
#else
#define ROWS 6
#endif
#define SLOTS ((ROWS + 3) / 4 * 4) /* floats of a step of a tile: its rows, then anything */
#define WIDTH (2 * LANES)          /* columns of a tile */

/* Steps summed up before they are added to the sum of those before: the error of a running sum grows with
 * what it has come to. 14 dB less of it for 3,000 steps, and 5 % more time. */
#define RUN 128

_Static_assert(ROWS <= NN_ROWS, "tiles are as high as the header says");
_Static_assert((NN_ROWS / ROWS) * SLOTS <= 16, "the scratch has room for a step of all tiles");
_Static_assert(NN_PANEL % WIDTH == 0, "a panel is whole tiles");

/* --- laying out --- */

typedef float quad __attribute__((vector_size(4 * sizeof(float))));

static ALWAYS_INLINE void transpose(quad x[4])
{
    quad ac_low = __builtin_shufflevector(x[0], x[2], 0, 4, 1, 5);
    quad ac_high = __builtin_shufflevector(x[0], x[2], 2, 6, 3, 7);
    quad bd_low = __builtin_shufflevector(x[1], x[3], 0, 4, 1, 5);
    quad bd_high = __builtin_shufflevector(x[1], x[3], 2, 6, 3, 7);

    x[0] = __builtin_shufflevector(ac_low, bd_low, 0, 4, 1, 5);
    x[1] = __builtin_shufflevector(ac_low, bd_low, 2, 6, 3, 7);
    x[2] = __builtin_shufflevector(ac_high, bd_high, 0, 4, 1, 5);
    x[3] = __builtin_shufflevector(ac_high, bd_high, 2, 6, 3, 7);
}

/* Four rows of depth floats into four slots of each step. */
static void lay_out_four(const float *const rows[4], size_t depth, float *to)
{
    size_t k = 0;

    for (; k + 4 <= depth; k += 4) {
        quad x[4];

        for (size_t i = 0; i < 4; i++)
            memcpy(&x[i], rows[i] + k, sizeof x[i]);
        transpose(x);
        for (size_t i = 0; i < 4; i++)
            memcpy(to + (k + i) * SLOTS, &x[i], sizeof x[i]);
    }
    for (; k < depth; k++)
        for (size_t i = 0; i < 4; i++)
            to[k * SLOTS + i] = rows[i][k];
}

/* The rows of a tile; where fours reach beyond them, the last one again. */
static void lay_out_tile(const float *a, size_t a_stride, size_t rows, size_t depth, float *to)
{
    for (size_t row = 0; row < rows; row += 4) {
        const float *four[4];

        for (size_t i = 0; i < 4; i++)
            four[i] = a + (row + i < rows ? row + i : rows - 1) * a_stride;
        lay_out_four(four, depth, to + row);
    }
}

/* --- a tile --- */

struct tile {
    const float *a;     /* [depth][SLOTS] */
    const float *b;     /* [depth][NN_PANEL], from its first column */
    const float *start; /* what the sums begin with, start_stride from row to row */
    size_t start_stride;
    float *c;
    size_t c_stride, depth;
};

/* start + the product of steps of the depth from step on. The sums begin with zero, so that they round as
 * small numbers do, and are added to what was there in the end. */
static ALWAYS_INLINE void multiply_steps(const struct tile *tile, size_t rows, size_t step,
                                         size_t steps, const float *start, size_t start_stride)
{
    const float *a = tile->a + step * SLOTS, *b = tile->b + step * NN_PANEL;
    vec sums[ROWS][2];

#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        sums[r][0] = sums[r][1] = (vec){ 0 };
    for (size_t k = steps; k > 0; k--) {
        vec left = vec_load(b), right = vec_load(b + LANES);

#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) {
            sums[r][0] += left * a[r];
            sums[r][1] += right * a[r];
        }
        a += SLOTS;
        b += NN_PANEL;
    }
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++) {
        const float *from = start + r * start_stride;

        vec_store(tile->c + r * tile->c_stride, vec_load(from) + sums[r][0]);
        vec_store(tile->c + r * tile->c_stride + LANES, vec_load(from + LANES) + sums[r][1]);
    }
}

static ALWAYS_INLINE void multiply_tile(const struct tile *tile, size_t rows)
{
    const float *start = tile->start;
    size_t start_stride = tile->start_stride;

    for (size_t step = 0; step < tile->depth; step += RUN) {
        size_t left = tile->depth - step;

        multiply_steps(tile, rows, step, left < RUN ? left : RUN, start, start_stride);
        start = tile->c;
        start_stride = tile->c_stride;
    }
}

/* The compiler makes a loop of its own of each number of rows. */
static void multiply_rows(const struct tile *tile, size_t rows)
{
#define ROWS_ARE(n)                                                                                \
    case n:                                                                                        \
        multiply_tile(tile, n);                                                                    \
        break;
    switch (rows) {
        ROWS_ARE(1)
        ROWS_ARE(2)
        ROWS_ARE(3)
        ROWS_ARE(4)
        ROWS_ARE(5)
        ROWS_ARE(6)
#if ROWS == 12
        ROWS_ARE(7)
        ROWS_ARE(8)
        ROWS_ARE(9)
        ROWS_ARE(10)
        ROWS_ARE(11)
        ROWS_ARE(12)
#endif
    }
#undef ROWS_ARE
}

/* --- a block --- */

/* Part i of whole divided into as even parts as can be. */
static size_t part_begin(size_t whole, size_t parts, size_t i)
{
    return whole / parts * i + (i < whole % parts ? i : whole % parts);
}

static size_t parts_of(size_t whole, size_t most)
{
    return (whole + most - 1) / most;
}

struct block {
    const struct product *product;
    size_t first, rows; /* of the product */
    size_t from, depth; /* of the product's depth */
    size_t tiles;       /* the rows are divided into */
    float *a;           /* [tile][depth][SLOTS] */
};

static void lay_out_block(const struct block *block)
{
    const struct product *product = block->product;

    for (size_t i = 0; i < block->tiles; i++) {
        size_t row = part_begin(block->rows, block->tiles, i);
        size_t rows = part_begin(block->rows, block->tiles, i + 1) - row;

        lay_out_tile(product->a + (block->first + row) * product->a_stride + block->from,
                     product->a_stride, rows, block->depth, block->a + i * block->depth * SLOTS);
    }
}

static void multiply_columns(const struct block *block, size_t column)
{
    static const float zeros[WIDTH];
    const struct product *product = block->product;
    size_t panel = column / NN_PANEL;
    bool begins = block->from == 0 && !product->adds;
    struct tile tile = {
        .b = product->b + (panel * product->depth + block->from) * NN_PANEL + column % NN_PANEL,
        .c_stride = product->c_stride,
        .depth = block->depth,
    };

    for (size_t i = 0; i < block->tiles; i++) {
        size_t row = part_begin(block->rows, block->tiles, i);
        size_t rows = part_begin(block->rows, block->tiles, i + 1) - row;

        tile.a = block->a + i * block->depth * SLOTS;
        tile.c = product->c + (block->first + row) * product->c_stride + column;
        tile.start = !begins ? tile.c : product->bias ? product->bias + column : zeros;
        tile.start_stride = begins ? 0 : product->c_stride;
        multiply_rows(&tile, rows);
    }
}

static void multiply_block(struct block *block)
{
    const struct product *product = block->product;
    size_t parts = parts_of(product->depth, NN_BLOCK_DEPTH);

    block->tiles = parts_of(block->rows, ROWS);
    for (size_t i = 0; i < parts; i++) {
        block->from = part_begin(product->depth, parts, i);
        block->depth = part_begin(product->depth, parts, i + 1) - block->from;
        lay_out_block(block);
        for (size_t column = 0; column < product->columns; column += WIDTH)
            multiply_columns(block, column);
    }
}

void KERNEL(kernel_multiply)(const struct product *product, size_t first, size_t count,
                             float *scratch)
{
    size_t parts = parts_of(count, NN_BLOCK_ROWS);

    for (size_t i = 0; i < parts; i++) {
        size_t from = part_begin(count, parts, i);
        struct block block = {
            .product = product,
            .first = first + from,
            .rows = part_begin(count, parts, i + 1) - from,
            .a = scratch,
        };

        multiply_block(&block);
    }
}
