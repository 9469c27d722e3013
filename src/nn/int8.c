#include "nn/int8.h"

#include <math.h>
#include <string.h>

#define GREATEST 127

/* --- packing --- */

size_t int8_panel_count(size_t inputs, size_t taps)
{
    return (sizeof(struct int8_panel) + int8_blocks(inputs) * INT8_BLOCK * taps * NN_PANEL) /
           sizeof(float);
}

size_t int8_packed_count(size_t outputs, size_t inputs, size_t taps)
{
    return (outputs + NN_PANEL - 1) / NN_PANEL * int8_panel_count(inputs, taps);
}

static size_t place_in_panel(size_t taps, size_t input, size_t tap, size_t lane)
{
    size_t block = input / INT8_BLOCK, within = input % INT8_BLOCK;

    return (((block * taps + tap) * (INT8_BLOCK / 4) + within / 4) * NN_PANEL + lane) * 4 +
           within % 4;
}

/* from: the output's weights. */
static void pack_output(const float *from, const struct int8_layout *layout, size_t inputs,
                        size_t taps, size_t lane, struct int8_panel *panel)
{
    int8_t *values = (int8_t *)(panel + 1);
    float most = 0;
    int32_t sum = 0;

    for (size_t input = 0; input < inputs; input++)
        for (size_t tap = 0; tap < taps; tap++)
            most = fmaxf(most, fabsf(from[input * layout->of_input + tap * layout->of_tap]));
    panel->scales[lane] = most / GREATEST;
    for (size_t input = 0; input < inputs && most > 0; input++)
        for (size_t tap = 0; tap < taps; tap++) {
            float weight = from[input * layout->of_input + tap * layout->of_tap];
            int8_t value = (int8_t)lrintf(weight / most * GREATEST);

            values[place_in_panel(taps, input, tap, lane)] = value;
            sum += value;
        }
    panel->starts[lane] = -INT8_ZERO * sum;
}

void int8_pack(const float *weights, const struct int8_layout *layout, size_t outputs,
               size_t inputs, size_t taps, float *packed)
{
    size_t panel_count = int8_panel_count(inputs, taps);

    memset(packed, 0, int8_packed_count(outputs, inputs, taps) * sizeof *packed);
    for (size_t output = 0; output < outputs; output++)
        pack_output(weights + output * layout->of_output, layout, inputs, taps, output % NN_PANEL,
                    (struct int8_panel *)(packed + output / NN_PANEL * panel_count));
}

/* --- the kernel --- */

#ifdef __x86_64__
float nn_int8_quantise_vnni(const struct matrix *x, const struct int8_rows *out, size_t first);
void nn_int8_multiply_vnni(const struct int8_product *product);

static const struct int8_kernel vnni = { nn_int8_quantise_vnni, nn_int8_multiply_vnni };
#endif

const struct int8_kernel *int8_kernel(void)
{
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni"))
        return &vnni;
#endif
    return NULL;
}
