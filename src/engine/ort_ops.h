#pragma once

/*
 * Parlando's own operators, which a prepared model uses:
 *
 *     AdaIn(x, scale, shift): instance norm over time, then x * scale + shift, then
 *         a leaky rectifier. Attributes: epsilon, slope (1: none).
 *     AdaInConv(x, scale, shift, frequency, reciprocal, weights, bias[, residual]):
 *         the same with Snake and a convolution behind it (conv.h). Attributes:
 *         epsilon, taps, dilation.
 *
 * x is [1, channels, frames]; what belongs to channels is [1, channels, 1], bias
 * [outputs], weights as conv_pack() makes them. All are floats.
 */

#define ORT_OPS_DOMAIN "parlando"
#define ORT_OPS_VERSION 1
#define ORT_OPS_ADAIN "AdaIn"
#define ORT_OPS_ADAIN_CONV "AdaInConv"
