/* Products of matrices and of a matrix with a vector. */
#include "nn/kernel_internal.h"

static void multiply_row(const struct product *product, size_t row, size_t panel)
{
    const float *a = product->a + row * product->a_stride;
    const float *b = product->b + panel * product->depth * NN_PANEL;
    float *c = product->c + row * product->c_stride + panel * NN_PANEL;
    float sums[NN_PANEL] = { 0 };

    if (product->adds)
        memcpy(sums, c, sizeof sums);
    else if (product->bias)
        memcpy(sums, product->bias + panel * NN_PANEL, sizeof sums);
    for (size_t k = 0; k < product->depth; k++, b += NN_PANEL)
        for (size_t i = 0; i < NN_PANEL; i++)
            sums[i] += a[k] * b[i];
    memcpy(c, sums, sizeof sums);
}

void KERNEL(kernel_multiply)(const struct product *product, size_t first, size_t count,
                             float *scratch)
{
    size_t panels = (product->columns + NN_PANEL - 1) / NN_PANEL;

    (void)scratch;
    for (size_t panel = 0; panel < panels; panel++)
        for (size_t row = first; row < first + count; row++)
            multiply_row(product, row, panel);
}
