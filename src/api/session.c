#include "api/session.h"

#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "api/body.h"
#include "http/session.h"

#define KEY_BYTES_MAX 4096
#define BODY_BYTES_MAX (8 * KEY_BYTES_MAX) /* each byte may come as \u00xx, and more */
#define MAX_AGE_S (30 * 24 * 60 * 60)

struct session_body {
    const char *key;
};

static const struct field session_fields[] = {
    { "key", FIELD_TEXT, FIELD_REQUIRED | FIELD_BLANK | FIELD_VERBATIM,
      offsetof(struct session_body, key), .bytes_max = KEY_BYTES_MAX,
      .about = "What clients send as Authorization: Bearer." },
};
const struct shape session_body_shape =
    SHAPE("SessionBody", "What opens a session.", SHAPE_BODY, session_fields, struct session_body);

/* Over https (a proxy's business) the cookie stays there. */
static void set_cookie(struct request *request, struct response *response, const char *value,
                       int max_age_s)
{
    bool is_https = strncmp(request_origin(request), "https:", 6) == 0;

    response_header(response, "Set-Cookie",
                    arena_format(request_arena(request),
                                 SESSION_COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; "
                                                "SameSite=Strict%s",
                                 value, max_age_s, is_https ? "; Secure" : ""));
    response_header(response, "Cache-Control", "no-store");
}

static bool open_session(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct field_errors errors = { .arena = request_arena(request) };
    struct session_body body = { 0 };

    if (!body_read(request, &session_body_shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    response_status(response, 204);
    if (!server_has_key(api->server))
        return true;
    const char *session = server_session(api->server, body.key);

    if (!session)
        return err_set(err, ERR_DENIED, "Incorrect authentication credentials.");
    set_cookie(request, response, session, MAX_AGE_S);
    return true;
}

static bool close_session(struct request *request, struct response *response, struct err *err)
{
    (void)err;
    response_status(response, 204);
    set_cookie(request, response, "", 0);
    return true;
}

#define SESSION "/api/session/"

const struct route session_routes[] = {
    { "POST", SESSION, open_session, NULL, ROUTE_PUBLIC | ROUTE_JSON | ROUTE_READS, BODY_BYTES_MAX,
      .operation = "openSession",
      .about = "Gives a cookie that stands for the key, for pages. None where no key is needed.",
      .takes = "SessionBody", .statuses = "204, 400 FieldErrors, 401 Detail" },
    { "DELETE", SESSION, close_session, NULL, ROUTE_PUBLIC | ROUTE_READS,
      .operation = "closeSession", .about = "Takes the cookie back.", .statuses = "204" },
};
