#include "nn/gemm_int8.h"

#include <stdlib.h>

#include "base/alloc.h"

/* --- weights --- */

/* dims: outputs, inputs, taps. An input of the product is one of the convolution at a tap. */
static void pack_conv(const float *source, const size_t *dims, float *packed)
{
    size_t outputs = dims[0], inputs = dims[1], taps = dims[2];
    float *rearranged = (float *)xcalloc(outputs * inputs * taps, sizeof *rearranged);
    const struct int8_layout layout = { .of_output = inputs * taps, .of_input = 1 };

    for (size_t output = 0; output < outputs; output++)
        for (size_t input = 0; input < inputs; input++)
            for (size_t tap = 0; tap < taps; tap++)
                rearranged[(output * taps + tap) * inputs + input] =
                    source[(output * inputs + input) * taps + tap];
    int8_pack(rearranged, &layout, outputs, taps * inputs, 1, packed);
    free(rearranged);
}

/* dims: inputs, outputs, 2 * stride. See gemm_bind_transposed. */
static void pack_transposed(const float *source, const size_t *dims, float *packed)
{
    size_t inputs = dims[0], outputs = dims[1], taps = dims[2], stride = taps / 2;
    float *rearranged = (float *)xcalloc(inputs * outputs * taps, sizeof *rearranged);
    const struct int8_layout layout = { .of_output = 2 * inputs, .of_input = 1 };

    for (size_t input = 0; input < inputs; input++)
        for (size_t output = 0; output < outputs; output++)
            for (size_t tap = 0; tap < taps; tap++) {
                size_t column = tap % stride * outputs + output;

                rearranged[column * 2 * inputs + (tap < stride ? inputs : 0) + input] =
                    source[(input * outputs + output) * taps + tap];
            }
    int8_pack(rearranged, &layout, stride * outputs, 2 * inputs, 1, packed);
    free(rearranged);
}

static size_t packed_count(const struct gemm *gemm)
{
    return int8_packed_count(gemm->columns, gemm->depth, 1);
}

void gemm_bind_conv_int8(struct packing *packing, const char *node, size_t taps, struct gemm *gemm)
{
    const size_t dims[] = { gemm->columns, gemm->depth / taps, taps };

    gemm->int8 = packing_next(packing, node, 1, dims, 3, packed_count(gemm), pack_conv);
}

void gemm_bind_transposed_int8(struct packing *packing, const char *node, size_t stride,
                               struct gemm *gemm)
{
    const size_t dims[] = { gemm->depth / 2, gemm->columns / stride, 2 * stride };

    gemm->int8 = packing_next(packing, node, 1, dims, 3, packed_count(gemm), pack_transposed);
}

/* --- running --- */

#define UNIT_ROWS 96 /* at most: their bytes stay in the second cache */

_Static_assert(UNIT_ROWS % INT8_ROWS == 0, "a unit is whole tiles");

struct run {
    const struct nn *nn;
    const struct gemm *gemm;
    const struct matrix *in, *out;
    size_t unit_rows;
    float *scratch; /* bytes of each lane */
    size_t lane_scratch;
};

static void run_unit(void *state, size_t unit, size_t lane)
{
    const struct run *run = state;
    size_t first = unit * run->unit_rows, left = run->in->rows - first;
    float scales[UNIT_ROWS];
    struct int8_product product = {
        .a = { (uint8_t *)(run->scratch + lane * run->lane_scratch), UNIT_ROWS },
        .inputs = run->gemm->depth,
        .taps = 1,
        .scales = scales,
        .weights = run->gemm->int8,
        .bias = run->gemm->bias,
        .c = matrix_row(run->out, first),
        .c_stride = run->out->stride,
        .rows = left < run->unit_rows ? left : run->unit_rows,
        .columns = run->gemm->columns,
    };

    if (cancel_is_requested(run->nn->cancel))
        return;
    for (size_t i = 0; i < product.rows; i++) {
        struct matrix row = { matrix_row(run->in, first + i), 1, run->gemm->depth,
                              run->in->stride };

        scales[i] = run->nn->int8->quantise(&row, &product.a, i);
    }
    run->nn->int8->multiply(&product);
}

static size_t quotient_up(size_t whole, size_t part)
{
    return (whole + part - 1) / part;
}

/* All lanes get as many rows as the others, in whole tiles. */
static size_t unit_rows(size_t rows, size_t lanes)
{
    size_t turns = quotient_up(rows, lanes * UNIT_ROWS);

    return quotient_up(quotient_up(rows, turns * lanes), INT8_ROWS) * INT8_ROWS;
}

void gemm_run_int8(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
                   const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace), lanes = pool_lanes(nn->pool);
    struct run run = { .nn = nn, .gemm = gemm, .in = in, .out = out };

    if (in->rows == 0)
        return;
    run.unit_rows = unit_rows(in->rows, lanes);
    run.lane_scratch = UNIT_ROWS * int8_blocks(gemm->depth) * INT8_BLOCK / sizeof(float);
    run.scratch = workspace_floats(nn->workspace, lanes * run.lane_scratch);
    pool_run(nn->pool, quotient_up(in->rows, run.unit_rows), run_unit, &run);
    workspace_release(nn->workspace, mark);
}
