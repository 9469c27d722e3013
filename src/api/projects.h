#pragma once

/* Projects: list, create, read, rename, delete; and import and preview, in import.c. */

#include "api/shape.h"
#include "http/request.h"
#include "http/response.h"
#include "http/route.h"

extern const struct shape project_shape;        /* of a struct project */
extern const struct shape project_detail_shape; /* with its segments */
extern const struct shape project_body_shape, project_patch_shape, project_replacement_shape;

extern const struct shape story_shape, story_segment_shape; /* for the documentation only */

extern const struct route project_routes[6];
extern const struct route import_routes[2];

/* Answers with the project and its segments, whatever the status. */
bool project_answer(struct request *request, struct response *response, const char *id,
                    struct err *err);
