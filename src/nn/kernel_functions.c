/* Functions of one variable, and what is made of them. */
#include <math.h>

#include "nn/kernel_internal.h"

void KERNEL(kernel_exp)(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = expf(x[i]);
}

static float sigmoid(float x)
{
    return 1 / (1 + expf(-x));
}

void KERNEL(kernel_sigmoid)(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = sigmoid(x[i]);
}

void KERNEL(kernel_tanh)(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = tanhf(x[i]);
}

void KERNEL(kernel_gelu)(const float *x, float *out, size_t count)
{
    const float slope = 0.797884561f; /* sqrt(2 / pi) */

    for (size_t i = 0; i < count; i++)
        out[i] = 0.5f * x[i] * (1 + tanhf(slope * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

void KERNEL(kernel_sin)(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = sinf(x[i]);
}

void KERNEL(kernel_cos)(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = cosf(x[i]);
}

void KERNEL(kernel_softmax)(float *x, size_t count)
{
    float most = -INFINITY, sum = 0;

    for (size_t i = 0; i < count; i++)
        most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < count; i++)
        sum += x[i] = expf(x[i] - most);
    for (size_t i = 0; i < count; i++)
        x[i] /= sum;
}

void KERNEL(kernel_lstm_step)(const float *gates, const float *recurrent, size_t hidden,
                              const float *h, float *c, float *out)
{
    for (size_t unit = 0; unit < hidden; unit += NN_UNITS) {
        float sums[4][NN_UNITS];

        for (size_t gate = 0; gate < 4; gate++)
            memcpy(sums[gate], gates + gate * hidden + unit, sizeof sums[gate]);
        for (size_t k = 0; k < hidden; k++)
            for (size_t gate = 0; gate < 4; gate++)
                for (size_t i = 0; i < NN_UNITS; i++)
                    sums[gate][i] += h[k] * *recurrent++;
        for (size_t i = 0; i < NN_UNITS; i++) {
            float kept = sigmoid(sums[2][i]) * c[unit + i];

            c[unit + i] = kept + sigmoid(sums[0][i]) * tanhf(sums[3][i]);
            out[unit + i] = sigmoid(sums[1][i]) * tanhf(c[unit + i]);
        }
    }
}
