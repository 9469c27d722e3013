#pragma once

/*
 * Fast convolution along time, in one of two ways.
 *
 * Toom-Cook. A direct convolution multiplies taps times an output; this one splits
 * the taps into groups of four and computes four outputs of a group with seven
 * products instead of sixteen (Toom-Cook's and Winograd's F(4,4): S. Winograd,
 * Arithmetic Complexity of Computations, 1980; for convolutions of networks, Lavin
 * and Gray 2015, arXiv:1509.09308), at the points 0, 1, -1, 2, -2, 1/2 and infinity:
 *
 *     four outputs = A' * sum over channels and groups of (G * four taps) . (B' * seven inputs)
 *
 * Groups lie four apart, as tiles of outputs do, so a group's seven inputs are
 * those of a later tile, transformed once. Measured against double precision the
 * error is about 118 dB below the signal.
 *
 * Fourier. Tiles of 32 inputs overlap by taps - 1 samples; a tile's outputs are the
 * inverse transform of the sum over channels of spectra times the taps' conjugate
 * spectra (overlap-save: Stockham, High-Speed Convolution and Correlation, 1966).
 * Of the spectrum of real samples two values are real and fifteen complex, and a
 * complex product takes three real ones (Gauss), so 47 products make 33 - taps
 * outputs: 2.1 each for eleven taps, 1.8 for seven, where Toom-Cook takes 5.25 and
 * 3.5. It needs long taps and many channels, and is then also the more exact.
 *
 * A dilated convolution is as many independent ones, of each dilation-th sample.
 *
 * Taps are transformed once, when a model is prepared; the rest is in
 * kernel_conv.c and kernel_fourier.c. The layout of packed weights is the same for
 * all machines.
 */

#include "engine/kernel.h"

#define CONV_TAPS_MAX 63

/* Units of work, each a stretch of time. */
size_t conv_unit_count(const struct convolution *conv);

size_t conv_packed_count(size_t outputs, size_t inputs, size_t taps);

/* weights: [outputs][inputs][taps], as ONNX's Conv has them. */
void conv_pack(const float *weights, size_t outputs, size_t inputs, size_t taps, float *packed);

size_t conv_scratch_count(const struct convolution *conv);
