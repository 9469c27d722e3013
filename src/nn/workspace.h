#pragma once

/*
 * The memory of one pass of a network: a stack of buffers in one reserved
 * region, whose pages exist once they are written. A layer takes what it needs,
 * and what it took behind a mark is given back at once. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "nn/matrix.h"

struct workspace;

/* limit: bytes of address space. NULL with ERR_INTERNAL where there is none. */
struct workspace *workspace_create(size_t limit, struct err *err);
void workspace_destroy(struct workspace *workspace); /* accepts NULL */

/* Not initialised, aligned to 64 bytes. Beyond the limit the program ends: bound the pass before (see
 * kokoro_net.h). */
float *workspace_floats(struct workspace *workspace, size_t count);
struct matrix workspace_matrix(struct workspace *workspace, size_t rows, size_t columns);

size_t workspace_mark(const struct workspace *workspace);
void workspace_release(struct workspace *workspace, size_t mark);

size_t workspace_peak(const struct workspace *workspace); /* bytes, since it was created */

/* Gives the pages back to the system; nothing may be in use. */
void workspace_trim(struct workspace *workspace);
