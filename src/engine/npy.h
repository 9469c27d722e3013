#pragma once

/*
 * NumPy's .npy arrays of 32-bit floats, as NPZ archives hold them (NEP 1: magic, version, header
 * length, a Python dictionary, the elements). Other element types, big-endian and
 * Fortran-ordered arrays are refused.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct npy {
    const uint8_t *elements; /* into the given bytes, not aligned */
    size_t count;            /* of floats: the product of the shape */
    size_t last;             /* the last dimension; 1 for a scalar */
};

/* ERR_CORRUPT or ERR_UNSUPPORTED, naming what. */
bool npy_read(const uint8_t *bytes, size_t length, const char *what, struct npy *out,
              struct err *err) MUST_CHECK;
