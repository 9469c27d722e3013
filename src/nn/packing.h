#pragma once

/*
 * Weights in the form the kernels want, packed once from a model file into a
 * file of their own that is mapped afterwards. One walk over the network serves
 * both: each layer says, in a fixed order, which weights it wants of which shape
 * and how they are packed; the walk that makes the file packs and writes them,
 * the walk that opens it gets pointers into the mapping.
 *
 * A node's inputs are looked for by the node's name, since the names of
 * initializers are numbers in some exports.
 *
 * The file: a header (magic, version, byte order, the source's size, time and
 * hash of its first and last bytes, the count of floats), then the arrays, each
 * at a multiple of 64 bytes. A file that does not fit its source or its walk is
 * made again. Processes may race: it appears whole or not at all.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define PACKING_VERSION 1 /* raise it with every change of a packed form or of a walk's order */

struct packing;

/* Packs what source [product of dims] holds into count floats. dims is the pointer that the walk gave:
 * behind the shape may stand what else the packing depends on. */
typedef void packing_pack(const float *source, const size_t *dims, float *packed);

/* The next array of the walk: count floats, made by pack from an input of a node, which has to be an
 * initializer (float32 or float16) of this shape. Dimensions of 1 that the initializer has in front are
 * passed over. NULL while the file is made, and after an error, which packing keeps. */
const float *packing_next(struct packing *packing, const char *node, size_t input,
                          const size_t *dims, size_t rank, size_t count, packing_pack *pack);

/* The same of an initializer by its own name. */
const float *packing_next_named(struct packing *packing, const char *initializer,
                                const size_t *dims, size_t rank, size_t count, packing_pack *pack);

/* Plain floats, filled up with zeros to a multiple of MATRIX_ALIGN. */
const float *packing_vector(struct packing *packing, const char *node, size_t input, size_t count);
const float *packing_vector_named(struct packing *packing, const char *initializer, size_t count);

/* A table as it is, row after row without gaps. */
const float *packing_rows(struct packing *packing, const char *node, size_t input, size_t rows,
                          size_t columns);

/* --- the file --- */

struct packed_file;

/* A walk: calls the above for each array of a network. */
typedef void packing_walk(struct packing *packing, void *network);

/* Maps path when it fits source and walk, else makes it first from source (an .onnx file); then walks
 * to bind network. NULL: ERR_UNSUPPORTED where the model is of another architecture (which node or
 * shape is in the message), ERR_CORRUPT, ERR_IO, ERR_DISK_FULL. */
struct packed_file *packed_file_open(const char *path, const char *source, packing_walk *walk,
                                     void *network, struct err *err);
void packed_file_close(struct packed_file *file); /* accepts NULL */

/* The pages may leave memory until they are read again. */
void packed_file_forget(struct packed_file *file);
