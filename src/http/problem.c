/*
 * Errors as answers: one place for those of handlers and for our own, so that
 * each part of the API speaks its dialect whoever refused.
 */

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "http/server_internal.h"
#include "http/target.h"

int problem_status(enum err_kind kind)
{
    switch (kind) {
    case ERR_INVALID:
        return 400;
    case ERR_DENIED:
        return 401;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
        return 409;
    case ERR_TOO_LARGE:
        return 413;
    case ERR_UNSUPPORTED:
        return 415;
    case ERR_LIMIT:
        return 429;
    case ERR_UNAVAILABLE:
    case ERR_BUSY:
    case ERR_CANCELLED:
        return 503;
    case ERR_DISK_FULL:
        return 507;
    case ERR_NONE:
    case ERR_CORRUPT:
    case ERR_IO:
    case ERR_NETWORK:
    case ERR_INTERNAL:
        return 500;
    }
    return 500;
}

/* Does path lie where the pattern says? "*" is one segment; a pattern's last slash means all below
 * it too. */
static bool pattern_fits(const char *pattern, const char *path)
{
    while (*pattern) {
        if (*pattern == '*') {
            pattern++;
            path += strcspn(path, "/");
        } else if (*pattern == *path) {
            pattern++;
            path++;
        } else {
            return *path == '\0' && strcmp(pattern, "/") == 0;
        }
    }
    return pattern[-1] == '/' || *path == '\0' || strcmp(path, "/") == 0;
}

static const struct face *find_face(const struct server_options *options, const char *path)
{
    for (size_t i = 0; i < options->face_count; i++)
        if (pattern_fits(options->faces[i].pattern, path))
            return &options->faces[i];
    return &options->faces[options->face_count - 1]; /* a path that does not begin with '/' */
}

static void write_headers(struct request *request, const struct problem *problem)
{
    struct response *response = &request->response;
    char seconds[16];

    if (problem->status == 401)
        response_header(response, "WWW-Authenticate", "Bearer");
    if (problem->status == 405 && request->match.allow)
        response_header(response, "Allow", request->match.allow);
    /* What a parameter asks for is not there. Clients of OpenAI's would try again thrice in vain. */
    if (problem->err->kind == ERR_UNAVAILABLE && problem->err->param[0])
        response_header(response, "X-Should-Retry", "false");
    if (problem->retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%d", problem->retry_after_s);
        response_header(response, "Retry-After", seconds);
    }
}

void problem_write(struct request *request, int status, const struct err *err)
{
    struct response *response = &request->response;
    struct err shown = *err, ignored;
    const struct problem problem = {
        .status = status,
        .method = request->method,
        .path = request->path,
        .media_type = status == 415 ? request->headers.content_type : NULL,
        .retry_after_s = err->kind == ERR_BUSY || err->kind == ERR_LIMIT ? RETRY_S : 0,
        .err = &shown,
        .request_id = request->id,
    };

    /* What was sent may stand in the message, cut off inside a character. */
    if (!utf8_check(shown.message, strlen(shown.message), "", &ignored))
        target_mask(shown.message);
    response_reset(response);
    response_status(response, status);
    write_headers(request, &problem);
    find_face(&request->server->options, problem.path)->write(response_json(response), &problem);
}

void problem_write_failure(struct request *request, const struct err *err)
{
    int status = problem_status(err->kind);
    struct err shown = *err;

    if (status == 500)
        log_error("http", "%s %s failed: %s", request->method, request->target, err->message);
    if (err->kind == ERR_INTERNAL || err->kind == ERR_NONE)
        err_set(&shown, ERR_INTERNAL,
                "Something went wrong inside the server. Its log says what, under the id %s.",
                request->id);
    problem_write(request, status, &shown);
}
