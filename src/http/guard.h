#pragma once

/*
 * Who may ask what, decided before a route is looked at.
 *
 * A local server can be reached by any web page the user has open. Against DNS
 * rebinding the Host header must be one of ours; against cross-site requests a
 * browser's Origin must be ours or allowed where state would change, and so must
 * Sec-Fetch-Site. Tools that send neither header pass. Keys are compared in
 * constant time, and never taken from the query; a page's cookie stands for the
 * key (session.h).
 *
 * Headers that two readers could see differently are headers.c's business, odd
 * bytes in the path target.h's. Pure; any thread.
 */

#include <stdbool.h>

#include "base/err.h"

struct guard {
    const char *host; /* what we listen on */
    unsigned port;
    const char *api_key, *allowed_hosts, *allowed_origins; /* as in struct server_options */
    const char *session; /* the key's, see session.h; NULL without a key */
};

/* What the guard looks at; a NULL is an absent header. */
struct guard_request {
    const char *method;
    const char *host, *origin, *fetch_site;
    const char *authorization, *xi_api_key, *cookies;
    bool is_public; /* the route answers without a key */
};

/* The status to refuse with (400, 401, 403, 421), or 0. err says why. */
int guard_check(const struct guard *guard, const struct guard_request *request, struct err *err);

/* Access-Control-Allow-Origin's value for an Origin, or NULL: CORS is closed for it. */
const char *guard_cors_origin(const struct guard *guard, const char *origin);
