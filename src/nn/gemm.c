#include <string.h>

#include "nn/gemm_int8.h"

/* --- packing --- */

static size_t panels_of(size_t columns)
{
    return (columns + NN_PANEL - 1) / NN_PANEL;
}

size_t gemm_packed_count(size_t depth, size_t columns)
{
    return panels_of(columns) * NN_PANEL * depth;
}

/* Where the weight of a row and a column is in packed weights. */
static float *packed_at(float *packed, size_t depth, size_t row, size_t column)
{
    return packed + (column / NN_PANEL * depth + row) * NN_PANEL + column % NN_PANEL;
}

void gemm_pack(const float *weights, enum gemm_layout layout, size_t depth, size_t columns,
               float *packed)
{
    memset(packed, 0, gemm_packed_count(depth, columns) * sizeof *packed);
    for (size_t column = 0; column < columns; column++)
        for (size_t row = 0; row < depth; row++)
            *packed_at(packed, depth, row, column) = layout == GEMM_DEPTH_FIRST
                                                         ? weights[row * columns + column]
                                                         : weights[column * depth + row];
}

/* dims: depth, columns */
static void pack_depth_first(const float *source, const size_t *dims, float *packed)
{
    gemm_pack(source, GEMM_DEPTH_FIRST, dims[0], dims[1], packed);
}

/* dims: columns, depth */
static void pack_column_first(const float *source, const size_t *dims, float *packed)
{
    gemm_pack(source, GEMM_COLUMN_FIRST, dims[1], dims[0], packed);
}

/* dims: outputs, inputs, taps */
static void pack_conv(const float *source, const size_t *dims, float *packed)
{
    size_t outputs = dims[0], inputs = dims[1], taps = dims[2];

    memset(packed, 0, gemm_packed_count(taps * inputs, outputs) * sizeof *packed);
    for (size_t output = 0; output < outputs; output++)
        for (size_t input = 0; input < inputs; input++)
            for (size_t tap = 0; tap < taps; tap++)
                *packed_at(packed, taps * inputs, tap * inputs + input, output) =
                    source[(output * inputs + input) * taps + tap];
}

/* dims: inputs, outputs, 2 * stride. Input frame t adds its product with tap k to output frame t * stride
 * + k, so the taps from stride on are those of the frame before. */
static void pack_transposed(const float *source, const size_t *dims, float *packed)
{
    size_t inputs = dims[0], outputs = dims[1], taps = dims[2], stride = taps / 2;

    memset(packed, 0, gemm_packed_count(2 * inputs, stride * outputs) * sizeof *packed);
    for (size_t input = 0; input < inputs; input++)
        for (size_t output = 0; output < outputs; output++)
            for (size_t tap = 0; tap < taps; tap++) {
                size_t row = tap < stride ? inputs + input : input;

                *packed_at(packed, 2 * inputs, row, tap % stride * outputs + output) =
                    source[(input * outputs + output) * taps + tap];
            }
}

/* dims: outputs, then how often they are repeated */
static void pack_repeated(const float *source, const size_t *dims, float *packed)
{
    size_t outputs = dims[0], count = outputs * dims[1];

    memset(packed, 0, panels_of(count) * NN_PANEL * sizeof *packed);
    for (size_t i = 0; i < count; i++)
        packed[i] = source[i % outputs];
}

/* --- binding --- */

struct gemm gemm_bind(struct packing *packing, const char *node, size_t input,
                      enum gemm_layout layout, size_t depth, size_t columns, const char *bias_node,
                      size_t bias_input)
{
    bool depth_first = layout == GEMM_DEPTH_FIRST;
    const size_t dims[] = { depth_first ? depth : columns, depth_first ? columns : depth };
    struct gemm gemm = { .depth = depth, .columns = columns };

    gemm.weights = packing_next(packing, node, input, dims, 2, gemm_packed_count(depth, columns),
                                depth_first ? pack_depth_first : pack_column_first);
    if (bias_node)
        gemm.bias = packing_vector(packing, bias_node, bias_input, columns);
    return gemm;
}

struct gemm gemm_bind_conv(struct packing *packing, const char *node, size_t outputs, size_t inputs,
                           size_t taps, bool has_bias)
{
    const size_t dims[] = { outputs, inputs, taps };
    struct gemm gemm = { .depth = taps * inputs, .columns = outputs };

    gemm.weights =
        packing_next(packing, node, 1, dims, 3, gemm_packed_count(gemm.depth, outputs), pack_conv);
    if (has_bias)
        gemm.bias = packing_vector(packing, node, 2, outputs);
    return gemm;
}

struct gemm gemm_bind_transposed(struct packing *packing, const char *node, size_t inputs,
                                 size_t outputs, size_t stride)
{
    const size_t dims[] = { inputs, outputs, 2 * stride }, bias_dims[] = { outputs, stride };
    struct gemm gemm = { .depth = 2 * inputs, .columns = stride * outputs };

    gemm.weights = packing_next(packing, node, 1, dims, 3,
                                gemm_packed_count(gemm.depth, gemm.columns), pack_transposed);
    gemm.bias = packing_next(packing, node, 2, bias_dims, 1, panels_of(gemm.columns) * NN_PANEL,
                             pack_repeated);
    return gemm;
}

/* --- running --- */

#define ALONE (1 << 17) /* products of numbers: some microseconds, for which nobody is woken */
#define MANY_ROWS 96    /* a lane's, beside which reading all weights costs little */

/* A product cut into units of rows or of panels; the other is whole. */
struct division {
    const struct nn *nn;
    const struct product *product;
    size_t rows, panels; /* of a unit */
    float *scratch;      /* [lanes][lane_scratch] */
    size_t lane_scratch;
};

static size_t quotient_up(size_t whole, size_t part)
{
    return (whole + part - 1) / part;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void multiply_unit(void *state, size_t unit, size_t lane)
{
    const struct division *division = state;

    if (cancel_is_requested(division->nn->cancel))
        return;
    struct product part = *division->product;
    size_t across = quotient_up(panels_of(part.columns), division->panels);
    size_t row = unit / across * division->rows, panel = unit % across * division->panels;

    part.b += panel * NN_PANEL * part.depth;
    part.c += panel * NN_PANEL;
    if (part.bias)
        part.bias += panel * NN_PANEL;
    part.columns = smaller(part.columns - panel * NN_PANEL, division->panels * NN_PANEL);
    division->nn->kernel->multiply(&part, row, smaller(part.rows - row, division->rows),
                                   division->scratch + lane * division->lane_scratch);
}

/* How much of the lanes' time is work when they share so many equal parts. */
static double balance(size_t parts, size_t lanes)
{
    return (double)parts / (double)(quotient_up(parts, lanes) * lanes);
}

/* With many rows each lane gets some: its part of a is laid out once, and the weights come by for each
 * block of rows anyway. With few rows the weights are most of what is read, so each lane gets some of
 * them, unless there are too few panels to go round. */
static bool is_cut_by_rows(size_t rows, size_t panels, size_t lanes)
{
    return rows >= lanes * MANY_ROWS ||
           balance(quotient_up(rows, NN_ROWS), lanes) > balance(panels, lanes);
}

static void divide(struct division *division, size_t lanes)
{
    const struct product *product = division->product;
    size_t panels = panels_of(product->columns);

    division->rows = product->rows;
    division->panels = panels;
    if (product->rows * product->depth * product->columns < ALONE)
        return;
    if (is_cut_by_rows(product->rows, panels, lanes)) {
        size_t turns = quotient_up(product->rows, lanes * NN_BLOCK_ROWS);

        division->rows = quotient_up(product->rows, turns * lanes);
    } else {
        division->panels = quotient_up(panels, lanes);
    }
}

static void multiply(const struct nn *nn, const struct product *product)
{
    size_t lanes = pool_lanes(nn->pool), mark = workspace_mark(nn->workspace), units;
    struct division division = { .nn = nn, .product = product };

    if (!product->rows)
        return;
    divide(&division, lanes);
    units = quotient_up(product->rows, division.rows) *
            quotient_up(panels_of(product->columns), division.panels);
    division.lane_scratch = nn_multiply_scratch(division.rows, product->depth);
    division.scratch = workspace_floats(nn->workspace, lanes * division.lane_scratch);
    if (units == 1)
        multiply_unit(&division, 0, 0);
    else
        pool_run(nn->pool, units, multiply_unit, &division);
    workspace_release(nn->workspace, mark);
}

static struct product product_of(const struct gemm *gemm, const struct matrix *in,
                                 const struct matrix *out)
{
    return (struct product){
        .a = in->data,
        .a_stride = in->stride,
        .b = gemm->weights,
        .bias = gemm->bias,
        .c = out->data,
        .c_stride = out->stride,
        .rows = in->rows,
        .depth = gemm->depth,
        .columns = gemm->columns,
    };
}

void gemm_run(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
              const struct matrix *out)
{
    struct product product = product_of(gemm, in, out);

    if (nn->int8 && gemm->int8)
        gemm_run_int8(nn, gemm, in, out);
    else
        multiply(nn, &product);
}

void gemm_add(const struct nn *nn, const struct gemm *gemm, const struct matrix *in,
              const struct matrix *out)
{
    struct product product = product_of(gemm, in, out);

    product.bias = NULL;
    product.adds = true;
    multiply(nn, &product);
}
