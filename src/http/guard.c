#include "http/guard.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include "http/session.h"

/* "name:port", "[::1]:8100" or either without a port, as Host and an origin's end have it. */
struct authority {
    const char *name; /* without brackets; not terminated */
    size_t length;
    const char *port; /* behind the colon; "" when there is none */
};

static bool parse_authority(const char *text, struct authority *out)
{
    bool has_brackets = text[0] == '[';
    const char *name = text + has_brackets;
    size_t length = strcspn(name, has_brackets ? "]" : ":");
    const char *behind = name + length + (has_brackets && name[length] == ']');

    if (has_brackets && name[length] != ']')
        return false;
    if (length == 0 || strcspn(name, "/@\\ \t,?#") < length)
        return false;
    if (*behind != '\0' && *behind != ':')
        return false;
    *out = (struct authority){ name, length, *behind ? behind + 1 : "" };
    return strspn(out->port, "0123456789") == strlen(out->port) && strlen(out->port) <= 5;
}

static bool is_name(const struct authority *authority, const char *name)
{
    size_t length = strlen(name);
    bool has_brackets = length > 2 && name[0] == '[';

    if (has_brackets) {
        name++;
        length -= 2;
    }
    return authority->length == length && strncasecmp(authority->name, name, length) == 0;
}

/* Is text, or "*", an item of a comma-separated list? NULL is an empty list. */
static bool list_has(const char *list, const char *text, size_t length)
{
    for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',') {
        p += strspn(p, " \t");

        size_t item = strcspn(p, ",");

        while (item > 0 && (p[item - 1] == ' ' || p[item - 1] == '\t'))
            item--;
        if (item == 1 && *p == '*')
            return true;
        if (item == length && strncasecmp(p, text, length) == 0)
            return true;
    }
    return false;
}

static bool is_loopback(const struct authority *authority)
{
    return is_name(authority, "localhost") || is_name(authority, "127.0.0.1") ||
           is_name(authority, "::1");
}

/* An address in digits. Rebinding needs a name, so where we listen on all addresses these are ours. */
static bool is_address(const struct authority *authority)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    char text[INET6_ADDRSTRLEN];

    if (authority->length >= sizeof text)
        return false;
    memcpy(text, authority->name, authority->length);
    text[authority->length] = '\0';
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool is_our_name(const struct guard *guard, const struct authority *authority)
{
    bool listens_everywhere = strcmp(guard->host, "0.0.0.0") == 0 || strcmp(guard->host, "::") == 0;

    return is_loopback(authority) || is_name(authority, guard->host) ||
           (listens_everywhere && is_address(authority)) ||
           list_has(guard->allowed_hosts, authority->name, authority->length);
}

static int check_host(const struct guard *guard, const char *host, struct err *err)
{
    struct authority authority;

    if (!host || !parse_authority(host, &authority)) {
        err_set(err, ERR_INVALID, "The request needs one Host header with a name and a port.");
        return 400;
    }
    if (!is_our_name(guard, &authority)) {
        err_set(err, ERR_INVALID,
                "This server does not answer for the host %.*s. Add it to the allowed hosts if it "
                "should.",
                authority.length > 200 ? 200 : (int)authority.length, authority.name);
        return 421;
    }
    return 0;
}

static bool changes_state(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
           strcmp(method, "OPTIONS") != 0;
}

/* Ours is an origin that stands in Host too (behind a proxy or a forwarded port the port is not the
 * one we listen on), and any of our names with our port. */
static bool is_our_origin(const struct guard *guard, const char *host, const char *origin)
{
    struct authority authority;
    char port[8];
    size_t scheme = strncasecmp(origin, "http://", 7) == 0    ? 7
                    : strncasecmp(origin, "https://", 8) == 0 ? 8
                                                              : 0;

    if (scheme == 0 || !parse_authority(origin + scheme, &authority))
        return false;
    if (strcasecmp(origin + scheme, host) == 0)
        return true;
    snprintf(port, sizeof port, "%u", guard->port);
    return is_our_name(guard, &authority) && !list_has(guard->allowed_hosts, "*", 1) &&
           strcmp(*authority.port ? authority.port
                  : scheme == 7   ? "80"
                                  : "443",
                  port) == 0;
}

/* Cross-site request forgery: a page elsewhere makes the browser send what changes something here. */
static int check_site(const struct guard *guard, const struct guard_request *request,
                      struct err *err)
{
    if (!changes_state(request->method))
        return 0;
    if (request->origin) {
        if (guard_cors_origin(guard, request->origin) ||
            is_our_origin(guard, request->host, request->origin))
            return 0;
        err_set(err, ERR_INVALID,
                "Pages of %.200s may not change anything here. Add it to the allowed origins if "
                "they should.",
                request->origin);
        return 403;
    }
    if (request->fetch_site && strcmp(request->fetch_site, "same-origin") != 0 &&
        strcmp(request->fetch_site, "none") != 0) {
        err_set(err, ERR_INVALID, "Pages of other sites may not change anything here.");
        return 403;
    }
    return 0;
}

/* The key in "Authorization: Bearer <key>", or NULL. */
static const char *bearer_key(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

static int check_key(const struct guard *guard, const struct guard_request *request,
                     struct err *err)
{
    const char *bearer = bearer_key(request->authorization);
    enum session_match session = SESSION_ABSENT;

    if (!guard->api_key || request->is_public)
        return 0;
    if (bearer && secret_is(guard->api_key, bearer, strlen(bearer)))
        return 0;
    if (request->xi_api_key &&
        secret_is(guard->api_key, request->xi_api_key, strlen(request->xi_api_key)))
        return 0;
    if (guard->session)
        session = session_in_cookies(request->cookies, guard->session);
    if (session == SESSION_OURS)
        return 0;
    bool has_sent = request->authorization || request->xi_api_key || session == SESSION_OTHER;

    err_set(err, ERR_INVALID, "%s",
            has_sent ? "Incorrect authentication credentials."
                     : "Authentication credentials were not provided.");
    return 401;
}

int guard_check(const struct guard *guard, const struct guard_request *request, struct err *err)
{
    int status = check_host(guard, request->host, err);

    if (status == 0)
        status = check_site(guard, request, err);
    if (status == 0)
        status = check_key(guard, request, err);
    return status;
}

const char *guard_cors_origin(const struct guard *guard, const char *origin)
{
    if (!origin || !list_has(guard->allowed_origins, origin, strlen(origin)))
        return NULL;
    return list_has(guard->allowed_origins, "*", 1) ? "*" : origin;
}
