#include "api/shape.h"

/* In the order of the documentation. */
const struct shape *const api_shapes[] = { NULL };
const size_t api_shape_count = 0;
