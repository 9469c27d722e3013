/* From a request's headers to a verdict: what is refused before any handler sees it. */

#include <string.h>
#include <strings.h>

#include "http/parameter.h"
#include "http/server_internal.h"
#include "http/target.h"

/* A NUL in the request line ends the target for libmicrohttpd, and for those in front of us it does
 * not. In its buffer the version stands right behind the target and one blank, unless something was
 * cut there (true of 0.9.75; later versions refuse NUL themselves, and keep the version elsewhere). */
static bool is_cut_by_nul(const struct request *request, const char *version)
{
    uintptr_t line = (uintptr_t)request->line, at = (uintptr_t)version;

    return request->line && at > line && at - line < CONNECTION_MEMORY &&
           request->target_length <= TARGET_MAX && at - line != request->target_length + 1;
}

static int admit_target(struct request *request, const char *version, struct err *err)
{
    size_t size = request->target_length + 1;
    int status = 0;

    if (request->target_length > TARGET_MAX) {
        err_set(err, ERR_TOO_LARGE, "The address is longer than %d bytes.", TARGET_MAX);
        status = 414;
    } else if (is_cut_by_nul(request, version)) {
        err_set(err, ERR_INVALID, "The address has blanks or control characters.");
        status = 400;
    } else if (!target_parse(request->target, request->target + size, &request->query, err)) {
        status = 400;
    }
    if (status == 0)
        request->path = request->target + size;
    else
        target_mask(request->target);
    return status;
}

/* A preflight never has a key, and tells nothing but methods. */
static bool is_public(const struct request *request)
{
    const struct route *route = request->match.route;
    unsigned flags = route ? route->flags : 0;

    return flags & ROUTE_PUBLIC || strcmp(request->method, "OPTIONS") == 0 ||
           (flags & ROUTE_LISTING && request->server->options.listings_are_public);
}

static int admit_client(struct request *request, struct err *err)
{
    const struct request_headers *headers = &request->headers;
    const struct guard_request guarded = {
        .method = request->method,
        .host = headers->host,
        .origin = headers->origin,
        .fetch_site = headers->fetch_site,
        .authorization = headers->authorization,
        .xi_api_key = headers->xi_api_key,
        .cookies = headers->cookies,
        .is_public = is_public(request),
    };

    return guard_check(&request->server->guard, &guarded, err);
}

static int admit_route(struct request *request, struct err *err)
{
    const struct route_match *match = &request->match;

    if (match->route || (match->allow && strcmp(request->method, "OPTIONS") == 0))
        return 0;
    if (!match->allow) {
        err_set(err, ERR_NOT_FOUND, "Not found.");
        return 404;
    }
    err_set(err, ERR_INVALID, "Method \"%.32s\" not allowed.", request->method);
    return 405;
}

int request_admit(struct request *request, const char *version, struct err *err)
{
    int header_status = headers_read(request, err);
    struct err header_err = *err;
    int status = admit_target(request, version, err);

    /* Target and headers first: without them nothing is known of who asks for what. */
    if (status == 0 && (status = header_status) != 0)
        *err = header_err;
    if (status != 0) {
        request->must_close = true;
        return status;
    }
    router_match(request->server->router, request->method, request->target,
                 request->path + request->target_length + 1, &request->match);
    if ((status = admit_client(request, err)) != 0)
        return status;
    return admit_route(request, err);
}

/* ---- bodies ---- */

static bool is_identity(const char *coding)
{
    return !coding || strcasecmp(coding, "identity") == 0;
}

/* 415: a coding we do not undo, or JSON expected and something else sent. */
static int admit_type(const struct request *request, unsigned flags, struct err *err)
{
    const char *type = request->headers.content_type, *coding = request->headers.content_encoding;

    if (!is_identity(coding)) {
        err_set(err, ERR_UNSUPPORTED, "Content-Encoding %.60s is not supported; send it plain.",
                coding);
        return 415;
    }
    if (flags & ROUTE_JSON && !(flags & ROUTE_UPLOAD) && type &&
        !header_value_is(type, "application/json")) {
        err_set(err, ERR_UNSUPPORTED, "Unsupported media type \"%.120s\" in request.", type);
        return 415;
    }
    return 0;
}

static void choose_kind(struct request *request, unsigned flags)
{
    const struct server_options *options = &request->server->options;
    const char *type = request->headers.content_type;
    size_t limit = request->match.route->body_max;

    request->is_upload = flags & ROUTE_UPLOAD &&
                         !(flags & ROUTE_JSON && type && header_value_is(type, "application/json"));
    request->body_max = limit                ? limit
                        : request->is_upload ? options->upload_max
                        : flags & ROUTE_JSON ? options->json_max
                                             : UNASKED_MAX; /* sent, and not asked for */
    request->body = BUF(request->is_upload ? UPLOAD_PIECE : request->body_max);
}

int request_admit_body(struct request *request, struct err *err)
{
    unsigned flags = request->match.route->flags;
    uint64_t length = headers_body_length(request);
    int status = admit_type(request, flags, err);

    if (status != 0)
        return status;
    choose_kind(request, flags);
    if (length != BODY_LENGTH_UNKNOWN && length > request->body_max)
        return body_refuse_size(request, err);
    if (request->is_upload && !upload_begin(request, request->headers.content_type, err))
        return problem_status(err->kind);
    return 0;
}

int body_refuse_size(const struct request *request, struct err *err)
{
    err_set(err, ERR_TOO_LARGE, "The body is larger than the %llu bytes allowed here.",
            (unsigned long long)request->body_max);
    return 413;
}
