#pragma once

/*
 * JSON bodies of requests, read by a shape, and the answer to a wrong one:
 * status 400 and every mistake by its field.
 *
 *     struct field_errors errors = { .arena = request_arena(request) };
 *     if (!body_read(request, &project_body_shape, &body, NULL, &errors, err)) return false;
 *     if (errors.count) return body_refuse(response, &errors);
 */

#include "api/shape.h"
#include "http/request.h"
#include "http/response.h"

/* Fills object, *given (shape_read's bits; may be NULL) and errors. False with err when there is no
 * JSON to look at. */
bool body_read(struct request *request, const struct shape *shape, void *object, uint64_t *given,
               struct field_errors *errors, struct err *err) MUST_CHECK;

/* Both answer 400 and return true: the request has been answered. */
bool body_refuse(struct response *response, const struct field_errors *errors);
bool body_refuse_field(struct response *response, struct request *request, const char *field,
                       const char *message);
