#pragma once

/*
 * Between our floats and the little-endian integers of files: one place, so
 * that WAV, FLAC and raw PCM of the same audio hold the same numbers.
 *
 * Full scale is 2^15 (2^23), in both directions, so that what was read from a
 * file is written back bit for bit; rounding is to the nearest, so that a
 * sample and its negative give a number and its negative, and nothing shifts
 * the zero line. +1.0 itself has no integer and becomes the largest there is.
 * NaN becomes 0 and infinities full scale: no sample from a broken model or
 * file goes on.
 *
 * There is no dither. Rounding to 16 bits adds noise at -101 dBFS, some 40 dB
 * below the noise of any voice model, while dither would add more than that,
 * fill the gaps between sentences with it, and make two runs differ.
 *
 * Pure functions. dst and src hold n samples and do not overlap.
 */

#include <stddef.h>
#include <stdint.h>

float sample_clip(float sample); /* into ±1; NaN is 0 */
int16_t sample_to_s16(float sample);
int32_t sample_to_s24(float sample); /* -8388608 to 8388607 */

void sample_pack_s16(uint8_t *dst, const float *src, size_t n); /* 2n bytes */
void sample_pack_s24(uint8_t *dst, const float *src, size_t n); /* 3n bytes */
void sample_pack_f32(uint8_t *dst, const float *src, size_t n); /* 4n bytes; beyond ±1 is kept */

void sample_unpack_s16(float *dst, const uint8_t *src, size_t n);
void sample_unpack_s24(float *dst, const uint8_t *src, size_t n);
void sample_unpack_f32(float *dst, const uint8_t *src, size_t n);
