#include "nn/lstm.h"

#include <string.h>

/* --- binding --- */

/* Both directions lie one behind the other, as the columns of one product. */
static void pack_inputs(const float *source, const size_t *dims, float *packed)
{
    gemm_pack(source, GEMM_COLUMN_FIRST, dims[2], dims[0] * dims[1], packed);
}

/* [2][inputs' 4 * hidden, recurrent 4 * hidden] */
static void pack_biases(const float *source, const size_t *dims, float *packed)
{
    size_t gates = dims[1] / 2;

    for (size_t direction = 0; direction < dims[0]; direction++)
        for (size_t i = 0; i < gates; i++) {
            const float *biases = source + direction * dims[1] + i;

            *packed++ = biases[0] + biases[gates];
        }
}

void lstm_pack_recurrent(const float *recurrent, size_t hidden, float *packed)
{
    for (size_t direction = 0; direction < 2; direction++)
        for (size_t unit = 0; unit < hidden; unit += NN_UNITS)
            for (size_t h = 0; h < hidden; h++)
                for (size_t gate = 0; gate < 4; gate++)
                    for (size_t i = 0; i < NN_UNITS; i++) {
                        size_t row = (direction * 4 + gate) * hidden + unit + i;

                        *packed++ = recurrent[row * hidden + h];
                    }
}

static void pack_recurrent(const float *source, const size_t *dims, float *packed)
{
    lstm_pack_recurrent(source, dims[2], packed);
}

struct lstm lstm_bind(struct packing *packing, const char *node, size_t features, size_t hidden)
{
    size_t gates = 4 * hidden;
    struct lstm lstm = {
        .inputs = { .depth = features, .columns = 2 * gates },
        .features = features,
        .hidden = hidden,
    };

    lstm.inputs.weights = packing_next(packing, node, 1, (size_t[]){ 2, gates, features }, 3,
                                       gemm_packed_count(features, 2 * gates), pack_inputs);
    lstm.recurrent = packing_next(packing, node, 2, (size_t[]){ 2, gates, hidden }, 3,
                                  2 * gates * hidden, pack_recurrent);
    lstm.inputs.bias =
        packing_next(packing, node, 3, (size_t[]){ 2, 2 * gates }, 2, 2 * gates, pack_biases);
    return lstm;
}

/* --- running --- */

struct pass {
    const struct nn *nn;
    const struct lstm *lstm;
    struct matrix gates; /* [rows][2][4 * hidden], of inputs and biases */
    const struct matrix *out;
    const float *zeros; /* [hidden], the first h */
    float *cells;       /* [2][hidden], zeros */
};

/* A unit is a direction. The last h is where the row before put it. */
static void run_direction(void *state, size_t direction, size_t lane)
{
    struct pass *pass = (struct pass *)state;
    size_t hidden = pass->lstm->hidden, rows = pass->gates.rows;
    const float *recurrent = pass->lstm->recurrent + direction * 4 * hidden * hidden;
    const float *h = pass->zeros;

    (void)lane;
    for (size_t i = 0; i < rows && !cancel_is_requested(pass->nn->cancel); i++) {
        size_t row = direction ? rows - 1 - i : i;
        float *out = matrix_row(pass->out, row) + direction * hidden;

        pass->nn->kernel->lstm_step(matrix_row(&pass->gates, row) + direction * 4 * hidden,
                                    recurrent, hidden, h, pass->cells + direction * hidden, out);
        h = out;
    }
}

void lstm_run(const struct nn *nn, const struct lstm *lstm, const struct matrix *in,
              const struct matrix *out)
{
    size_t mark = workspace_mark(nn->workspace);
    float *zeros = workspace_floats(nn->workspace, 3 * lstm->hidden);
    struct pass pass = {
        .nn = nn,
        .lstm = lstm,
        .gates = workspace_matrix(nn->workspace, in->rows, 8 * lstm->hidden),
        .out = out,
        .zeros = zeros,
        .cells = zeros + lstm->hidden,
    };

    memset(zeros, 0, 3 * lstm->hidden * sizeof *zeros);
    gemm_run(nn, &lstm->inputs, in, &pass.gates);
    pool_run(nn->pool, 2, run_direction, &pass);
    workspace_release(nn->workspace, mark);
}
