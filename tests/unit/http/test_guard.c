#include "check.h"
#include "http/guard.h"
#include "http/session.h"

static const struct guard local = { .host = "127.0.0.1", .port = 8100 };
/* HMAC-SHA256 of "parlando session 1" under "s3cret", as openssl dgst says. */
#define SESSION "d33471fed0046e61defee6d00bc6a4335a567b9e41dad8c781a5e8384551403e"
static const struct guard with_key = {
    .host = "127.0.0.1", .port = 8100, .api_key = "s3cret", .session = SESSION
};
static const struct guard everywhere = { .host = "0.0.0.0", .port = 8100 };
static const struct guard lists = {
    .host = "192.168.1.5",
    .port = 8100,
    .allowed_hosts = "studio.example, other.example",
    .allowed_origins = "https://app.example , http://localhost:3000",
};
static const struct guard open = {
    .host = "127.0.0.1", .port = 8100, .allowed_hosts = "*", .allowed_origins = "*"
};

#define OURS "127.0.0.1:8100"

static const struct {
    const char *name;
    const struct guard *guard;
    struct guard_request request;
    int status;
} cases[] = {
    /* Hosts: DNS rebinding brings a name of the attacker's. */
    { "our address", &local, { .method = "GET", .host = OURS }, 0 },
    { "localhost", &local, { .method = "GET", .host = "localhost:8100" }, 0 },
    { "LOCALHOST", &local, { .method = "GET", .host = "LocalHost:8100" }, 0 },
    { "IPv6 loopback", &local, { .method = "GET", .host = "[::1]:8100" }, 0 },
    { "a forwarded port", &local, { .method = "GET", .host = "localhost:9000" }, 0 },
    { "no port", &local, { .method = "GET", .host = "localhost" }, 0 },
    { "no host", &local, { .method = "GET" }, 400 },
    { "empty host", &local, { .method = "GET", .host = "" }, 400 },
    { "a host with a path", &local, { .method = "GET", .host = "localhost/x" }, 400 },
    { "a host with a user", &local, { .method = "GET", .host = "a@localhost" }, 400 },
    { "a port that is no number", &local, { .method = "GET", .host = "localhost:x" }, 400 },
    { "an open bracket", &local, { .method = "GET", .host = "[::1" }, 400 },
    { "text behind the bracket", &local, { .method = "GET", .host = "[::1]x" }, 400 },
    { "a foreign name", &local, { .method = "GET", .host = "evil.example:8100" }, 421 },
    { "a name that begins like ours", &local, { .method = "GET", .host = "localhost.evil" }, 421 },
    { "another address", &local, { .method = "GET", .host = "10.0.0.1:8100" }, 421 },
    { "any address where we listen on all",
      &everywhere,
      { .method = "GET", .host = "10.0.0.1:8100" },
      0 },
    { "a name where we listen on all", &everywhere, { .method = "GET", .host = "evil" }, 421 },
    { "an allowed host", &lists, { .method = "GET", .host = "studio.example" }, 0 },
    { "the second allowed host", &lists, { .method = "GET", .host = "Other.Example:1" }, 0 },
    { "part of an allowed host", &lists, { .method = "GET", .host = "studio" }, 421 },
    { "any host", &open, { .method = "GET", .host = "what.ever" }, 0 },

    /* Origins: cross-site requests that change something. */
    { "our page",
      &local,
      { .method = "POST", .host = OURS, .origin = "http://127.0.0.1:8100" },
      0 },
    { "our page by another of our names",
      &local,
      { .method = "POST", .host = OURS, .origin = "http://localhost:8100" },
      0 },
    { "our page behind a forwarded port",
      &local,
      { .method = "POST", .host = "localhost:9000", .origin = "http://localhost:9000" },
      0 },
    { "our page behind TLS",
      &lists,
      { .method = "PATCH", .host = "studio.example", .origin = "https://studio.example" },
      0 },
    { "another program's page on this machine",
      &local,
      { .method = "POST", .host = OURS, .origin = "http://localhost:3000" },
      403 },
    { "a foreign page",
      &local,
      { .method = "DELETE", .host = OURS, .origin = "https://evil.example" },
      403 },
    { "a page without an origin",
      &local,
      { .method = "POST", .host = OURS, .origin = "null" },
      403 },
    { "a foreign page reads", &local, { .method = "GET", .host = OURS, .origin = "https://e" }, 0 },
    { "a foreign preflight",
      &local,
      { .method = "OPTIONS", .host = OURS, .origin = "https://evil.example" },
      0 },
    { "an allowed page",
      &lists,
      { .method = "POST", .host = "192.168.1.5:8100", .origin = "https://app.example" },
      0 },
    { "an allowed page with another port",
      &lists,
      { .method = "POST", .host = "192.168.1.5:8100", .origin = "https://app.example:1" },
      403 },
    { "any page", &open, { .method = "POST", .host = OURS, .origin = "https://evil.example" }, 0 },
    { "cross-site without an origin",
      &local,
      { .method = "POST", .host = OURS, .fetch_site = "cross-site" },
      403 },
    { "same-site without an origin",
      &local,
      { .method = "PUT", .host = OURS, .fetch_site = "same-site" },
      403 },
    { "same-origin", &local, { .method = "POST", .host = OURS, .fetch_site = "same-origin" }, 0 },
    { "typed by the user", &local, { .method = "POST", .host = OURS, .fetch_site = "none" }, 0 },
    { "cross-site reads",
      &local,
      { .method = "GET", .host = OURS, .fetch_site = "cross-site" },
      0 },
    { "a tool", &local, { .method = "POST", .host = OURS }, 0 },
    { "an allowed page that says cross-site",
      &lists,
      { .method = "POST",
        .host = "studio.example",
        .origin = "http://localhost:3000",
        .fetch_site = "cross-site" },
      0 },

    /* Keys. */
    { "no key", &with_key, { .method = "GET", .host = OURS }, 401 },
    { "no key on a public route",
      &with_key,
      { .method = "GET", .host = OURS, .is_public = true },
      0 },
    { "the key",
      &with_key,
      { .method = "GET", .host = OURS, .authorization = "Bearer s3cret" },
      0 },
    { "any case",
      &with_key,
      { .method = "GET", .host = OURS, .authorization = "bearer s3cret" },
      0 },
    { "xi-api-key", &with_key, { .method = "GET", .host = OURS, .xi_api_key = "s3cret" }, 0 },
    { "one of both right",
      &with_key,
      { .method = "GET", .host = OURS, .xi_api_key = "x", .authorization = "Bearer s3cret" },
      0 },
    { "a wrong key", &with_key, { .method = "GET", .host = OURS, .xi_api_key = "s3creT" }, 401 },
    { "a part of the key",
      &with_key,
      { .method = "GET", .host = OURS, .xi_api_key = "s3cre" },
      401 },
    { "more than the key",
      &with_key,
      { .method = "GET", .host = OURS, .xi_api_key = "s3crets" },
      401 },
    { "the key twice",
      &with_key,
      { .method = "GET", .host = OURS, .xi_api_key = "s3crets3cret" },
      401 },
    { "an empty key", &with_key, { .method = "GET", .host = OURS, .xi_api_key = "" }, 401 },
    { "another scheme",
      &with_key,
      { .method = "GET", .host = OURS, .authorization = "Basic s3cret" },
      401 },

    /* Sessions. */
    { "the session",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE "=" SESSION },
      0 },
    { "the session among others",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = "a=b; " SESSION_COOKIE "=" SESSION " ; c=\"d\"" },
      0 },
    { "the session behind an old one",
      &with_key,
      { .method = "GET",
        .host = OURS,
        .cookies = SESSION_COOKIE "=old;" SESSION_COOKIE "=" SESSION },
      0 },
    { "the session and a wrong key",
      &with_key,
      { .method = "GET", .host = OURS, .xi_api_key = "x", .cookies = SESSION_COOKIE "=" SESSION },
      0 },
    { "the session where there is no key",
      &local,
      { .method = "GET", .host = OURS, .cookies = "x" },
      0 },
    { "another session",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE "=0" SESSION },
      401 },
    { "a part of the session",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE "=4" },
      401 },
    { "an empty session",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE "=" },
      401 },
    { "a session without its value",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE },
      401 },
    { "the session under another name",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = "x" SESSION_COOKIE "=" SESSION },
      401 },
    { "the session as another's value",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = "x=" SESSION_COOKIE "=" SESSION },
      401 },
    { "the key as a session",
      &with_key,
      { .method = "GET", .host = OURS, .cookies = SESSION_COOKIE "=s3cret" },
      401 },
    { "cookies of nothing", &with_key, { .method = "GET", .host = OURS, .cookies = ";; ;" }, 401 },
    { "the session does not excuse a foreign page",
      &with_key,
      { .method = "POST",
        .host = OURS,
        .origin = "https://evil.example",
        .cookies = SESSION_COOKIE "=" SESSION },
      403 },
    { "a foreign host comes before the key", &with_key, { .method = "GET", .host = "evil" }, 421 },
};

static void test_requests_pass_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        int status = guard_check(cases[i].guard, &cases[i].request, &err);

        if (status != cases[i].status)
            fail_msg("%s: %d instead of %d", cases[i].name, status, cases[i].status);
        check_case(cases[i].name, (status != 0) == (err.message[0] != '\0'));
    }
}

static void test_a_missing_key_and_a_wrong_one_are_told_apart(void **state)
{
    struct guard_request request = { .method = "GET", .host = OURS };
    struct err err;

    (void)state;
    assert_int_equal(guard_check(&with_key, &request, &err), 401);
    assert_string_equal(err.message, "Authentication credentials were not provided.");
    request.authorization = "Bearer wrong";
    assert_int_equal(guard_check(&with_key, &request, &err), 401);
    assert_string_equal(err.message, "Incorrect authentication credentials.");
    request = (struct guard_request){ .method = "GET", .host = OURS, .cookies = "theme=dark" };
    assert_int_equal(guard_check(&with_key, &request, &err), 401);
    assert_string_equal(err.message, "Authentication credentials were not provided.");
    request.cookies = "theme=dark; " SESSION_COOKIE "=of-another-key";
    assert_int_equal(guard_check(&with_key, &request, &err), 401);
    assert_string_equal(err.message, "Incorrect authentication credentials.");
}

static void test_a_session_follows_from_the_key(void **state)
{
    char session[SESSION_SIZE], other[SESSION_SIZE];

    (void)state;
    session_format("s3cret", session);
    assert_string_equal(session, SESSION);
    session_format("s3creT", other);
    assert_string_not_equal(session, other);
    session_format("", other);
    assert_int_equal(strlen(other), SESSION_SIZE - 1);
}

static void test_cors_is_open_for_allowed_origins_only(void **state)
{
    (void)state;
    assert_null(guard_cors_origin(&local, "http://localhost:8100"));
    assert_null(guard_cors_origin(&lists, NULL));
    assert_null(guard_cors_origin(&lists, "https://evil.example"));
    assert_string_equal(guard_cors_origin(&lists, "http://localhost:3000"),
                        "http://localhost:3000");
    assert_string_equal(guard_cors_origin(&open, "https://evil.example"), "*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_pass_or_are_refused),
        cmocka_unit_test(test_a_missing_key_and_a_wrong_one_are_told_apart),
        cmocka_unit_test(test_a_session_follows_from_the_key),
        cmocka_unit_test(test_cors_is_open_for_allowed_origins_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
