#pragma once

/* Segments: list, create, read, change, delete, reorder; and their pictures, in segment_image.c. */

#include "api/shape.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"

extern const struct shape segment_shape; /* of a struct segment */
extern const struct shape segment_body_shape, segment_replacement_shape, segment_patch_shape,
    segment_order_shape;

extern const struct route segment_routes[7];
extern const struct route segment_image_routes[2];

/* Answers with the segment, whatever the status. */
bool segment_answer(struct request *request, struct response *response, const char *id,
                    struct err *err);
