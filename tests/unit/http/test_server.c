#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>

#include "gate.h"
#include "serving.h"

#define QUEUE_MAX 256 /* as server_internal.h has it */
#define BODY_MAX 1000
#define OURS "Host: localhost\r\n"

/* ---- the routes of these tests ---- */

/* request_context() */
struct world {
    struct gate gate;
    struct shared_bytes *page;
    atomic_int named; /* by handlers */
    atomic_int answered, last_status;
    _Atomic(uint64_t) bytes;
};

static bool quick_page(struct request *request, struct response *response)
{
    struct world *world = request_context(request);

    response_etag(response, "v1");
    response_shared(response, "text/html", world->page);
    return true;
}

static bool decline(struct request *request, struct response *response)
{
    (void)request, (void)response;
    return false;
}

static bool never(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)response;
    return err_set(err, ERR_INTERNAL, "the handler of a quick route ran");
}

static bool echo(struct request *request, struct response *response, struct err *err)
{
    struct json_writer *w = response_json(response);

    (void)err;
    json_write_object_begin(w, NULL);
    json_write_text(w, "method", request_method(request));
    json_write_text(w, "path", request_path(request));
    json_write_text(w, "item", request_path_param(request, "item"));
    json_write_text(w, "q", request_query(request, "q"));
    json_write_text(w, "header", request_header(request, "x-some"));
    json_write_text(w, "origin", request_origin(request));
    json_write_object_end(w);
    return true;
}

static bool name(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    json_t *body = request_json(request, err);

    atomic_fetch_add(&world->named, 1);
    if (!body)
        return false;
    const char *text = json_string_value(json_object_get(body, "name"));
    response_status(response, 201);
    response_bytes(response, "text/plain", text ? text : "nobody", text ? strlen(text) : 6);
    return true;
}

static bool empty(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)err;
    response_status(response, 204);
    return true;
}

static bool wait_at_gate(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)err;
    gate_pass(&world->gate);
    response_bytes(response, "text/plain", "through", 7);
    return true;
}

static bool fail_as_asked(struct request *request, struct response *response, struct err *err)
{
    const char *kind = request_path_param(request, "kind");

    response_header(response, "X-Lost", "with the rest of the answer");
    for (int i = ERR_INVALID; i <= ERR_INTERNAL; i++)
        if (strcmp(err_kind_name((enum err_kind)i), kind) == 0)
            return err_set(err, (enum err_kind)i, "It is %s.", kind);
    return err_set(err, ERR_NOT_FOUND, "There is no kind %s.", kind);
}

static bool talk_too_much(struct request *request, struct response *response, struct err *err)
{
    struct json_writer *w = response_json(response);

    (void)request, (void)err;
    json_write_array_begin(w, NULL);
    for (int i = 0; i < 100000; i++)
        json_write_int(w, NULL, i);
    json_write_array_end(w);
    return true;
}

static const struct route routes[] = {
    { .method = "GET", .path = "/page/", .quick = quick_page, .handle = never },
    { .method = "GET", .path = "/echo/{item}/", .quick = decline, .handle = echo },
    { .method = "POST",
      .path = "/names/",
      .handle = name,
      .flags = ROUTE_JSON,
      .body_max = BODY_MAX },
    { .method = "GET", .path = "/names/", .handle = echo },
    { .method = "DELETE", .path = "/names/", .handle = empty },
    { .method = "GET", .path = "/gate", .handle = wait_at_gate },
    { .method = "GET", .path = "/fail/{kind}", .handle = fail_as_asked },
    { .method = "GET", .path = "/flood", .handle = talk_too_much },
    { .method = "GET",
      .path = "/open",
      .quick = quick_page,
      .handle = never,
      .flags = ROUTE_PUBLIC },
};

static void count_answer(void *state, const struct route *route, const char *method, int status,
                         double seconds, uint64_t bytes)
{
    struct world *world = state;

    (void)route, (void)method;
    if (seconds < 0)
        abort();
    atomic_store(&world->last_status, status);
    atomic_store(&world->bytes, bytes);
    atomic_fetch_add(&world->answered, 1);
}

static struct world *create_world(void)
{
    struct world *world = xcalloc(1, sizeof *world);
    static const char page[] = "<p>a page</p>";

    world->gate = GATE;
    world->page = shared_bytes_create(page, strlen(page));
    return world;
}

static void destroy_world(struct world *world)
{
    shared_bytes_drop(world->page);
    free(world);
}

static struct server *start(struct world *world, struct server_options options)
{
    options.context = world;
    options.watch.answered = count_answer;
    options.watch.state = world;
    return serving_start(routes, COUNT(routes), options);
}

/* A server with a world, for the tests that need no more. */
struct fixture {
    struct world *world;
    struct server *server;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);

    fixture->world = create_world();
    fixture->server = start(fixture->world, (struct server_options){ .answer_max = 100000 });
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    server_destroy(fixture->server);
    destroy_world(fixture->world);
    free(fixture);
    return 0;
}

/* ---- what tests share ---- */

static void hear(int fd, const char *name, int status, const char *body)
{
    struct answer answer = hear_head(fd);

    hear_body(fd, &answer);
    if (answer.status != status)
        fail_msg("%s: %d instead of %d: %s", name, answer.status, status, body_of(&answer));
    if (body)
        check_text(name, body_of(&answer), body);
    answer_release(&answer);
}

static bool is_closed(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, 0);

    return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void check_status(const char *name, const struct answer *answer, int status)
{
    if (answer->status != status)
        fail_msg("%s: %d instead of %d: %s", name, answer->status, status, body_of(answer));
}

/* ---- plain requests ---- */

static void test_methods_and_paths_get_their_answers(void **state)
{
    static const struct {
        const char *line, *headers;
        int status;
        const char *field, *value; /* a header of the answer, "" when it must be absent; or NULL */
    } cases[] = {
        { "GET /page/", "", 200, "Content-Type", "text/html" },
        { "GET /page", "", 200, "ETag", "\"v1\"" },
        { "GET /page/", "", 200, "X-Content-Type-Options", "nosniff" },
        { "GET /page/", "", 200, "Connection", "" },
        { "GET /page/", "Connection: close\r\n", 200, "Connection", "close" },
        { "HEAD /page/", "", 200, "Content-Length", "13" },
        { "HEAD /echo/a", "", 200, "Content-Type", "application/json" },
        { "GET /page/", "If-None-Match: \"v1\"\r\n", 304, "ETag", "\"v1\"" },
        { "GET /page/", "If-None-Match: \"v0\", W/\"v1\"\r\n", 304, "Content-Type", "" },
        { "HEAD /page/", "If-None-Match: *\r\n", 304, "Content-Length", "13" },
        { "GET /page/", "If-None-Match: \"v2\"\r\n", 200, "Content-Length", "13" },
        { "DELETE /names/", "", 204, "Content-Length", "" },
        { "GET /nothing", "", 404, "Content-Type", "application/json" },
        { "GET /page/more", "", 404, NULL, NULL },
        { "PATCH /names", "", 405, "Allow", "POST, GET, HEAD, DELETE, OPTIONS" },
        { "BREW /page", "", 405, "Allow", "GET, HEAD, OPTIONS" },
        { "OPTIONS /names/", "", 204, "Allow", "POST, GET, HEAD, DELETE, OPTIONS" },
        { "OPTIONS /nothing", "", 404, NULL, NULL },
        { "GET /page/", "X-Request-Id: mine_1.A-b\r\n", 200, "X-Request-Id", "mine_1.A-b" },
        { "GET /nothing", "X-Request-Id: mine\r\n", 404, "X-Request-Id", "mine" },
        { "GET /page/", "Origin: https://evil.example\r\n", 200, "Access-Control-Allow-Origin",
          "" },
        { "POST /names/", "Origin: https://evil.example\r\n", 403, NULL, NULL },
        { "GET /flood", "", 500, NULL, NULL },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer answer = ask(fixture->server, cases[i].line, cases[i].headers);

        check_status(cases[i].line, &answer, cases[i].status);
        if (cases[i].field)
            check_header(&answer, cases[i].field, *cases[i].value ? cases[i].value : NULL);
        answer_release(&answer);
    }
}

static void test_a_handler_sees_what_was_sent(void **state)
{
    struct fixture *fixture = *state;
    static const char request[] = "GET /echo/a%20%C3%A9/?x=1&q=b+%26c HTTP/1.1\r\n"
                                  "Host: localhost:1\r\nX-Some: d\r\n\r\n";
    struct answer answer = ask_bytes(fixture->server, request, strlen(request));

    assert_string_equal(
        body_of(&answer),
        "{\"method\":\"GET\",\"path\":\"/echo/a \xC3\xA9/\",\"item\":\"a \xC3\xA9\","
        "\"q\":\"b &c\",\"header\":\"d\",\"origin\":\"http://localhost:1\"}");
    answer_release(&answer);
}

static void test_ids_of_ours_differ_and_bad_ones_are_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct answer a = ask(fixture->server, "GET /page/", "X-Request-Id: no blanks\r\n");
    struct answer b = ask(fixture->server, "GET /page/", "X-Request-Id: no/slashes\r\n");
    char *first = answer_header(&a, "X-Request-Id"), *second = answer_header(&b, "X-Request-Id");

    assert_memory_equal(first, "req_", 4);
    assert_int_equal(strlen(first), 20);
    assert_memory_equal(second, "req_", 4);
    assert_string_not_equal(first, second);
    free(first);
    free(second);
    answer_release(&a);
    answer_release(&b);
}

static void test_each_answer_is_reported_with_its_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct world *world = fixture->world;
    struct answer a = ask(fixture->server, "GET /page/", "");
    struct answer b = ask(fixture->server, "HEAD /page/", "");

    assert_true(server_drain(fixture->server, PATIENCE_S)); /* reports come after the last byte */
    assert_int_equal(world->answered, 2);
    assert_int_equal(world->last_status, 200);
    assert_int_equal(world->bytes, 0);
    answer_release(&a);
    answer_release(&b);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct buf requests = BUF(100000);
    int fd = dial(fixture->server);

    for (int i = 0; i < 20; i++)
        buf_format(&requests, "GET /%s/%d HTTP/1.1\r\n" OURS "\r\n", i % 2 ? "echo" : "nothing", i);
    assert_true(say_bytes(fd, requests.data, requests.len));
    for (int i = 0; i < 20; i++) {
        struct answer answer = hear_head(fd);
        char *item = str_format("\"item\":\"%d\"", i);

        hear_body(fd, &answer);
        assert_int_equal(answer.status, i % 2 ? 200 : 404);
        assert_true(i % 2 == 0 || strstr(body_of(&answer), item));
        free(item);
        answer_release(&answer);
    }
    close(fd);
    buf_release(&requests);
}

static void test_a_head_answer_ends_with_its_headers(void **state)
{
    struct fixture *fixture = *state;
    int fd = dial(fixture->server);

    assert_true(say(fd, "HEAD /echo/a HTTP/1.1\r\n" OURS "\r\nGET /page HTTP/1.1\r\n" OURS "\r\n"));
    struct answer head = hear_head(fd);
    assert_int_equal(head.status, 200);
    hear(fd, "after HEAD", 200, "<p>a page</p>");
    answer_release(&head);
    close(fd);
}

static void test_kinds_of_errors_have_their_status(void **state)
{
    static const struct {
        enum err_kind kind;
        int status;
    } cases[] = {
        { ERR_INVALID, 400 },   { ERR_NOT_FOUND, 404 },   { ERR_CONFLICT, 409 },
        { ERR_TOO_LARGE, 413 }, { ERR_UNSUPPORTED, 415 }, { ERR_UNAVAILABLE, 503 },
        { ERR_CORRUPT, 500 },   { ERR_IO, 500 },          { ERR_DISK_FULL, 507 },
        { ERR_NETWORK, 500 },   { ERR_CANCELLED, 503 },   { ERR_INTERNAL, 500 },
        { ERR_BUSY, 503 },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *kind = err_kind_name(cases[i].kind);
        char *line = str_format("GET /fail/%s", kind);
        char *message = str_format("{\"detail\":\"It is %s.\"}", kind);
        struct answer answer = ask(fixture->server, line, "");

        check_status(kind, &answer, cases[i].status);
        /* Only what is nobody's business but ours is not told. */
        check_case(kind,
                   (strcmp(body_of(&answer), message) == 0) == (cases[i].kind != ERR_INTERNAL));
        check_header(&answer, "X-Lost", NULL);
        /* Of those with 503, waiting helps with this one only. */
        check_header(&answer, "Retry-After", cases[i].kind == ERR_BUSY ? "1" : NULL);
        answer_release(&answer);
        free(message);
        free(line);
    }
}

/* ---- requests that are wrong ---- */

static void test_malformed_requests_are_refused_and_the_connection_is_closed(void **state)
{
#define GET "GET /page HTTP/1.1\r\n"
#define WITH_NUL "GET /page\0x HTTP/1.1\r\n" OURS "\r\n"
    static const struct {
        const char *name;
        const char *request;
        size_t length; /* 0: up to its NUL */
    } cases[] = {
        { "both lengths",
          "POST /names/ HTTP/1.1\r\n" OURS
          "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          0 },
        { "two lengths",
          "POST /names/ HTTP/1.1\r\n" OURS "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 0 },
        { "two codings",
          "POST /names/ HTTP/1.1\r\n" OURS
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          0 },
        { "another coding", "POST /names/ HTTP/1.1\r\n" OURS "Transfer-Encoding: gzip\r\n\r\n", 0 },
        { "two hosts", GET OURS "Host: localhost\r\n\r\n", 0 },
        { "a blank before the colon", GET OURS "X-Some : a\r\n\r\n", 0 },
        { "a header without a colon", GET OURS "X-Some\r\n\r\n", 0 },
        { "a control character in a header", GET OURS "X-Some: a\x01\r\n\r\n", 0 },
        { "a header that is not UTF-8", GET OURS "X-Some: \xFF\r\n\r\n", 0 },
        { "a method that is no token", "GE(T /page HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "an encoded NUL", "GET /page%00 HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "a NUL", WITH_NUL, sizeof WITH_NUL - 1 },
        { "a blank in the path", "GET /page x HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "a bad escape", "GET /page%4x HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "a path that is not UTF-8", "GET /%FF HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "a bare path", "GET page HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "a whole URL", "GET http://localhost/page HTTP/1.1\r\n" OURS "\r\n", 0 },
        { "an asterisk", "OPTIONS * HTTP/1.1\r\n" OURS "\r\n", 0 },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = cases[i].length ? cases[i].length : strlen(cases[i].request);
        int fd = dial(fixture->server);

        say_bytes(fd, cases[i].request, length);
        hear(fd, cases[i].name, 400, NULL);
        check_case(cases[i].name, is_closed(fd));
        close(fd);
    }
}

/* libmicrohttpd refuses these itself, in words of its own (and 0.9.75 sends its headers twice). */
static void test_lengths_that_are_no_number_end_the_connection(void **state)
{
    static const char *const lengths[] = { "-2", "two", "2x" };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *request = str_format("POST /names/ HTTP/1.1\r\n" OURS
                                   "Content-Length: %s\r\n\r\n" GET OURS "\r\n",
                                   lengths[i]);
        struct buf answer = BUF(100000);
        int fd = dial(fixture->server);

        say(fd, request);
        check_case(lengths[i], !hear_until(fd, &answer, "200 OK"));
        check_case(lengths[i], strncmp(answer.data, "HTTP/1.1 400 ", 13) == 0);
        close(fd);
        buf_release(&answer);
        free(request);
    }
}

static void test_hosts_that_are_missing_or_not_ours_are_refused(void **state)
{
    struct fixture *fixture = *state;
    int fd = dial(fixture->server);

    assert_true(say(fd, GET "\r\n" GET "Host: evil.example\r\n\r\n" GET OURS "\r\n"));
    hear(fd, "no host", 400, NULL);
    hear(fd, "a foreign host", 421, NULL);
    hear(fd, "our host", 200, "<p>a page</p>");
    close(fd);
}

static void test_long_addresses_and_headers_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char *filler = xmalloc(20001);
    const struct {
        const char *name, *format;
        int fill, status;
    } cases[] = {
        { "a long path", "GET /%s HTTP/1.1\r\n" OURS "\r\n", 9000, 414 },
        { "a long query", "GET /page?%s HTTP/1.1\r\n" OURS "\r\n", 9000, 414 },
        { "a path just short enough", "GET /echo/%s HTTP/1.1\r\n" OURS "\r\n", 8000, 200 },
        { "a long header", GET OURS "X-Some: %s\r\n\r\n", 18000, 431 },
        { "a header just short enough", GET OURS "X-Some: %s\r\n\r\n", 16000, 200 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(fixture->server);
        struct buf request = BUF(100000);

        memset(filler, 'a', 20000);
        filler[cases[i].fill] = '\0';
        const char *at = strstr(cases[i].format, "%s");
        buf_append(&request, cases[i].format, (size_t)(at - cases[i].format));
        buf_append_str(&request, filler);
        buf_append_str(&request, at + 2);
        say_bytes(fd, request.data, request.len);
        hear(fd, cases[i].name, cases[i].status, NULL);
        buf_release(&request);
        close(fd);
    }
    free(filler);
}

static void test_too_many_headers_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct buf headers = BUF(100000);

    for (int i = 0; i < 100; i++)
        buf_format(&headers, "X-%d: a\r\n", i);
    struct answer answer = ask(fixture->server, "GET /page", headers.data);
    assert_int_equal(answer.status, 431);
    answer_release(&answer);
    buf_release(&headers);
}

static void test_half_a_request_is_closed_after_the_timeout(void **state)
{
    static const char *const halves[] = { "GET /pa", GET "Host: loc",
                                          "POST /names/ HTTP/1.1\r\n" OURS
                                          "Content-Length: 10\r\n\r\n{\"na" };
    struct world *world = create_world();
    struct server *server = start(world, (struct server_options){ .idle_timeout_s = 1 });
    int fds[COUNT(halves)];

    (void)state;
    for (size_t i = 0; i < COUNT(halves); i++)
        assert_true(say(fds[i] = dial(server), halves[i]));
    for (size_t i = 0; i < COUNT(halves); i++) {
        check_case(halves[i], is_closed(fds[i]));
        close(fds[i]);
    }
    assert_true(server_drain(server, PATIENCE_S));
    assert_int_equal(world->answered, 0);
    server_destroy(server);
    destroy_world(world);
}

/* Whether libmicrohttpd sees that the client is gone before it takes the answer or after is a matter
 * of moments: half of them are the one, half the other. */
static void test_what_a_client_did_not_wait_for_is_answered_too(void **state)
{
    static const char request[] = "POST /names/ HTTP/1.1\r\n" OURS
                                  "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    struct fixture *fixture = *state;
    struct world *world = fixture->world;

    for (int i = 0; i < 100; i++) {
        int fd = dial(fixture->server);

        say(fd, request);
        close(fd);
        struct answer answer = ask(fixture->server, "GET /page", "");
        answer_release(&answer);
    }
    assert_true(server_drain(fixture->server, PATIENCE_S));
    assert_int_equal(world->named, 100);
    assert_int_equal(world->answered, 100 + world->named);
}

/* ---- bodies ---- */

#define POST "POST /names/ HTTP/1.1\r\n" OURS
#define JSON "Content-Type: application/json\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static void test_json_bodies_are_read_or_refused(void **state)
{
    static const struct {
        const char *name, *request;
        int status;
        const char *body; /* NULL: any */
    } cases[] = {
        { "plain", POST JSON "Content-Length: 14\r\n\r\n{\"name\":\"Ada\"}", 201, "Ada" },
        { "with a charset",
          POST "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 14\r\n\r\n"
               "{\"name\":\"Ada\"}",
          201, "Ada" },
        { "chunked", POST JSON CHUNKED "\r\n5\r\n{\"nam\r\n9\r\ne\":\"Ada\"}\r\n0\r\n\r\n", 201,
          "Ada" },
        { "without a type", POST "Content-Length: 14\r\n\r\n{\"name\":\"Ada\"}", 201, "Ada" },
        { "no body", POST "\r\n", 201, "nobody" },
        { "an empty body", POST JSON "Content-Length: 0\r\n\r\n", 201, "nobody" },
        { "bad JSON", POST JSON "Content-Length: 5\r\n\r\n{\"nam", 400, NULL },
        { "a form",
          POST "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b",
          415, NULL },
        { "compressed", POST JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415,
          NULL },
        { "to nowhere", "POST /nothing HTTP/1.1\r\n" OURS "Content-Length: 3\r\n\r\na=b", 404,
          NULL },
        { "to a method that is not there",
          "PUT /names HTTP/1.1\r\n" OURS "Content-Length: 3\r\n\r\na=b", 405, NULL },
        { "where none is expected",
          "DELETE /names HTTP/1.1\r\n" OURS "Content-Length: 4\r\n\r\nGET ", 204, NULL },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(fixture->server);

        /* The connection stays, and what was in the body is never taken for a request. */
        assert_true(say(fd, cases[i].request));
        if (cases[i].status == 204) {
            struct answer answer = hear_head(fd);

            check_status(cases[i].name, &answer, 204);
            answer_release(&answer);
        } else {
            hear(fd, cases[i].name, cases[i].status, cases[i].body);
        }
        assert_true(say(fd, GET OURS "\r\n"));
        hear(fd, cases[i].name, 200, "<p>a page</p>");
        close(fd);
    }
}

/* Clients that send everything before they read must find the answer, not a reset. */
static void test_a_refused_body_is_read_to_its_end_before_the_answer(void **state)
{
    static const struct {
        const char *request;
        size_t bytes; /* of body, as the request says */
        int status;
    } cases[] = {
        { POST JSON "Content-Length: 1001\r\n\r\n", 1001, 413 },
        { POST JSON "Content-Length: 3000000\r\n\r\n", 3000000, 413 },
        { POST "Content-Type: text/csv\r\nContent-Length: 3000000\r\n\r\n", 3000000, 415 },
        { "POST /nothing HTTP/1.1\r\n" OURS "Content-Length: 3000000\r\n\r\n", 3000000, 404 },
        { "DELETE /names HTTP/1.1\r\n" OURS "Content-Length: 65537\r\n\r\n", 65537, 413 },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(fixture->server);
        char *body = xcalloc(cases[i].bytes + 1, 1);

        memset(body, 'a', cases[i].bytes);
        assert_true(say(fd, cases[i].request));
        assert_true(say(fd, body));
        hear(fd, cases[i].request, cases[i].status, NULL);
        assert_true(say(fd, GET OURS "\r\n"));
        hear(fd, cases[i].request, 200, "<p>a page</p>");
        free(body);
        close(fd);
    }
}

static void test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(void **state)
{
    static const char *const requests[] = {
        POST JSON "Content-Length: 70000000\r\n\r\n",
        POST JSON "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
        POST JSON "Content-Length: 18446744073709551615\r\n\r\n",
        "DELETE /names HTTP/1.1\r\n" OURS "Content-Length: 70000000\r\n\r\n",
        "POST /nothing HTTP/1.1\r\n" OURS "Content-Length: 70000000\r\n\r\n",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(requests); i++) {
        int fd = dial(fixture->server);

        assert_true(say(fd, requests[i]));
        hear(fd, requests[i], i < 4 ? 413 : 404, NULL);
        check_case(requests[i], is_closed(fd));
        close(fd);
    }
}

static void say_chunks(int fd, size_t bytes)
{
    static const char chunk[] = "64\r\n"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";

    for (size_t sent = 0; sent < bytes && say(fd, chunk); sent += 100)
        continue;
}

static void test_a_body_that_grows_too_large_is_refused_at_its_end(void **state)
{
    struct fixture *fixture = *state;
    int fd = dial(fixture->server);

    assert_true(say(fd, POST JSON CHUNKED "\r\n"));
    say_chunks(fd, 5 * BODY_MAX);
    assert_true(say(fd, "0\r\n\r\n" GET OURS "\r\n"));
    hear(fd, "grown too large", 413, NULL);
    hear(fd, "the next request", 200, "<p>a page</p>");
    close(fd);
}

static void test_a_body_without_end_is_cut(void **state)
{
    struct fixture *fixture = *state;
    int fd = dial(fixture->server);

    assert_true(say(fd, POST JSON CHUNKED "\r\n"));
    say_chunks(fd, SIZE_MAX / 2); /* until the server closes */
    assert_true(is_closed(fd));
    close(fd);
}

static void test_a_chunked_body_that_is_refused_is_no_request(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer;
    int fd = dial(fixture->server);

    say(fd, "POST /nothing HTTP/1.1\r\n" OURS CHUNKED "\r\n" GET OURS "\r\n");
    answer = hear_head(fd);
    assert_int_equal(answer.status, 404);
    hear_body(fd, &answer);
    check_header(&answer, "Connection", "close");
    assert_true(is_closed(fd));
    answer_release(&answer);
    close(fd);
}

static void test_a_client_that_waits_for_100_is_told_to_continue(void **state)
{
    struct fixture *fixture = *state;
    int fd = dial(fixture->server);

    assert_true(say(fd, POST JSON "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n"));
    struct answer go_on = hear_head(fd);
    assert_int_equal(go_on.status, 100);
    assert_true(say(fd, "{\"name\":\"Ada\"}"));
    hear(fd, "after 100", 201, "Ada");
    answer_release(&go_on);
    close(fd);
}

/* ---- faces, keys, origins ---- */

static void write_first(struct json_writer *w, const struct problem *problem)
{
    json_write_text(w, NULL, problem->path);
}

static void write_second(struct json_writer *w, const struct problem *problem)
{
    json_write_int(w, NULL, problem->status);
}

static void write_third(struct json_writer *w, const struct problem *problem)
{
    json_write_text(w, NULL, problem->request_id);
}

static void test_errors_have_the_face_of_their_path(void **state)
{
    static const struct face faces[] = {
        { "/v1/*/voice", write_first },
        { "/v1/", write_second },
        { "/", write_third },
    };
    static const struct {
        const char *line, *body;
    } cases[] = {
        { "GET /v1/a/voice", "\"/v1/a/voice\"" },
        { "GET /v1/a/voice/", "\"/v1/a/voice/\"" },
        { "GET /v1/a/voice/b", "404" },
        { "GET /v1/a/voices", "404" },
        { "GET /v1", "404" },
        { "GET /v1/", "404" },
        { "GET /v1/%zz", "400" },
        { "GET /v12", "\"me\"" },
        { "GET /", "\"me\"" },
        { "GET x", "\"me\"" },
        { "POST /page", "\"me\"" },
    };
    const struct route_table table = { routes, COUNT(routes) };
    const struct server_options options = {
        .tables = &table, .table_count = 1, .faces = faces, .face_count = COUNT(faces)
    };
    struct err err;
    struct server *server = server_create(&options, &err);

    (void)state;
    check_ok(server && server_listen(server, &err), &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer answer = ask(server, cases[i].line, "X-Request-Id: me\r\n");

        check_text(cases[i].line, body_of(&answer), cases[i].body);
        answer_release(&answer);
    }
    server_destroy(server);
}

static void test_a_key_is_asked_for_except_where_all_may(void **state)
{
    static const struct {
        const char *line, *headers;
        int status;
    } cases[] = {
        { "GET /page", "", 401 },
        { "GET /nothing", "", 401 },
        { "GET /page?api_key=s3cret", "", 401 },
        { "GET /open", "", 200 },
        { "OPTIONS /page", "", 204 },
        { "GET /page", "Authorization: Bearer wrong\r\n", 401 },
        { "GET /page", "Authorization: Bearer s3cret\r\n", 200 },
        { "GET /page", "xi-api-key: s3cret\r\n", 200 },
    };
    struct world *world = create_world();
    struct server *server = start(world, (struct server_options){ .api_key = "s3cret" });

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer answer = ask(server, cases[i].line, cases[i].headers);

        check_status(cases[i].line, &answer, cases[i].status);
        check_header(&answer, "WWW-Authenticate", cases[i].status == 401 ? "Bearer" : NULL);
        answer_release(&answer);
    }
    server_destroy(server);
    destroy_world(world);
}

static void test_pages_of_allowed_origins_may_ask(void **state)
{
    struct world *world = create_world();
    struct server *server =
        start(world, (struct server_options){ .allowed_origins = "https://app.example" });
    const char *origin = "Origin: https://app.example\r\n";
    char *preflight = str_format("%sAccess-Control-Request-Method: DELETE\r\n", origin);
    struct answer answer = ask(server, "OPTIONS /names", preflight);

    (void)state;
    assert_int_equal(answer.status, 204);
    check_header(&answer, "Access-Control-Allow-Origin", "https://app.example");
    check_header(&answer, "Access-Control-Allow-Methods", "POST, GET, HEAD, DELETE, OPTIONS");
    check_header(&answer, "Vary", "Origin");
    answer_release(&answer);

    answer = ask(server, "OPTIONS /names",
                 "Origin: https://evil.example\r\nAccess-Control-Request-Method: DELETE\r\n");
    assert_int_equal(answer.status, 204);
    check_header(&answer, "Access-Control-Allow-Origin", NULL);
    check_header(&answer, "Access-Control-Allow-Methods", NULL);
    answer_release(&answer);

    answer = ask(server, "POST /names", origin);
    assert_int_equal(answer.status, 201);
    check_header(&answer, "Access-Control-Allow-Origin", "https://app.example");
    answer_release(&answer);
    free(preflight);
    server_destroy(server);
    destroy_world(world);
}

/* ---- load, and the end ---- */

static void test_a_full_queue_answers_503_and_serves_the_rest(void **state)
{
    struct world *world = create_world();
    struct server *server = start(world, (struct server_options){ .request_threads = 1 });
    struct pollfd all[QUEUE_MAX + 2]; /* one runs, as many as may wait do, and one is too many */
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        all[i] = (struct pollfd){ .fd = dial(server), .events = POLLIN };
        assert_true(say(all[i].fd, "GET /gate HTTP/1.1\r\n" OURS "\r\n"));
        if (i == 0)
            gate_await(&world->gate, &world->gate.inside, 1);
    }
    assert_int_equal(poll(all, COUNT(all), PATIENCE_S * 1000), 1);
    while (!all[refused].revents)
        refused++;
    struct answer busy = hear_head(all[refused].fd);
    hear_body(all[refused].fd, &busy);
    assert_int_equal(busy.status, 503);
    check_header(&busy, "Retry-After", "1");
    answer_release(&busy);
    assert_int_equal(server_load(server).queued, QUEUE_MAX);
    assert_int_equal(server_load(server).running, 1);
    assert_true(server_load(server).connections >= (int)COUNT(all));

    struct answer quick = ask(server, "GET /page", ""); /* needs no thread */
    assert_int_equal(quick.status, 200);
    answer_release(&quick);

    gate_open(&world->gate);
    for (size_t i = 0; i < COUNT(all); i++) {
        if (i != refused)
            hear(all[i].fd, "waited", 200, "through");
        close(all[i].fd);
    }
    server_destroy(server);
    destroy_world(world);
}

static void *drain(void *server)
{
    return server_drain(server, PATIENCE_S) ? server : NULL;
}

static void test_draining_answers_what_runs_and_takes_nothing_new(void **state)
{
    struct fixture *fixture = *state;
    struct world *world = fixture->world;
    int busy = dial(fixture->server), idle = dial(fixture->server);
    struct answer answer;
    pthread_t thread;
    void *drained;

    assert_true(say(idle, GET OURS "\r\n"));
    hear(idle, "before", 200, NULL);
    assert_true(say(busy, "GET /gate HTTP/1.1\r\n" OURS "\r\n"));
    gate_await(&world->gate, &world->gate.inside, 1);
    assert_false(server_drain(fixture->server, 0.01)); /* it is not done in time */
    pthread_create(&thread, NULL, drain, fixture->server);

    /* Connections that are there are served once more, and told that it was the last time. */
    assert_true(say(idle, GET OURS "\r\n"));
    answer = hear_head(idle);
    check_header(&answer, "Connection", "close");
    answer_release(&answer);

    gate_open(&world->gate);
    answer = hear_head(busy);
    hear_body(busy, &answer);
    assert_string_equal(body_of(&answer), "through");
    check_header(&answer, "Connection", "close");
    answer_release(&answer);
    pthread_join(thread, &drained);
    assert_ptr_equal(drained, fixture->server);

    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(server_port(fixture->server)) };
    int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof address), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(late);
    close(idle);
    close(busy);
}

static void test_a_client_may_leave_while_its_handler_runs(void **state)
{
    struct fixture *fixture = *state;
    struct world *world = fixture->world;
    int fd = dial(fixture->server);

    assert_true(say(fd, "GET /gate HTTP/1.1\r\n" OURS "\r\n"));
    gate_await(&world->gate, &world->gate.inside, 1);
    close(fd);
    gate_open(&world->gate);
    assert_true(server_drain(fixture->server, PATIENCE_S));
    assert_int_equal(world->gate.done, 1);
}

static void *open_the_gate(void *gate)
{
    gate_open(gate);
    return NULL;
}

static void test_destroying_cuts_what_waits_and_what_is_half_here(void **state)
{
    struct world *world = create_world();
    struct server *server = start(world, (struct server_options){ .request_threads = 1 });
    int running = dial(server), waiting = dial(server), half = dial(server);
    pthread_t opener;

    (void)state;
    assert_true(say(running, "GET /gate HTTP/1.1\r\n" OURS "\r\n"));
    gate_await(&world->gate, &world->gate.inside, 1);
    assert_true(say(waiting, "GET /gate HTTP/1.1\r\n" OURS "\r\n"));
    assert_true(say(half, POST "Content-Length: 10\r\n\r\n{"));
    pthread_create(&opener, NULL, open_the_gate, &world->gate);
    server_destroy(server);
    pthread_join(opener, NULL);
    assert_true(is_closed(half));
    close(running);
    close(waiting);
    close(half);
    destroy_world(world);
}

static void test_a_taken_port_is_named_in_the_error(void **state)
{
    struct fixture *fixture = *state;
    static const struct face face = { "/", serving_write_problem };
    struct server_options options = { .port = server_port(fixture->server),
                                      .faces = &face,
                                      .face_count = 1 };
    struct err err;
    struct server *second = server_create(&options, &err);
    char *port = str_format("Port %u of 127.0.0.1 is taken", (unsigned)options.port);

    assert_non_null(second);
    assert_false(server_listen(second, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, port));
    server_destroy(second);
    options = (struct server_options){ .host = "192.0.2.1", .faces = &face, .face_count = 1 };
    second = server_create(&options, &err);
    assert_false(server_listen(second, &err));
    assert_non_null(strstr(err.message, "192.0.2.1 is not an address of this machine"));
    server_destroy(second);
    free(port);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(test_methods_and_paths_get_their_answers),
        with_server(test_a_handler_sees_what_was_sent),
        with_server(test_ids_of_ours_differ_and_bad_ones_are_replaced),
        with_server(test_each_answer_is_reported_with_its_bytes),
        with_server(test_what_a_client_did_not_wait_for_is_answered_too),
        with_server(test_pipelined_requests_are_answered_in_order),
        with_server(test_a_head_answer_ends_with_its_headers),
        with_server(test_kinds_of_errors_have_their_status),
        with_server(test_malformed_requests_are_refused_and_the_connection_is_closed),
        with_server(test_lengths_that_are_no_number_end_the_connection),
        with_server(test_hosts_that_are_missing_or_not_ours_are_refused),
        with_server(test_long_addresses_and_headers_are_refused),
        with_server(test_too_many_headers_are_refused),
        cmocka_unit_test(test_half_a_request_is_closed_after_the_timeout),
        with_server(test_json_bodies_are_read_or_refused),
        with_server(test_a_refused_body_is_read_to_its_end_before_the_answer),
        with_server(test_a_body_that_says_it_is_too_large_is_refused_before_it_comes),
        with_server(test_a_body_that_grows_too_large_is_refused_at_its_end),
        with_server(test_a_body_without_end_is_cut),
        with_server(test_a_chunked_body_that_is_refused_is_no_request),
        with_server(test_a_client_that_waits_for_100_is_told_to_continue),
        cmocka_unit_test(test_errors_have_the_face_of_their_path),
        cmocka_unit_test(test_a_key_is_asked_for_except_where_all_may),
        cmocka_unit_test(test_pages_of_allowed_origins_may_ask),
        cmocka_unit_test(test_a_full_queue_answers_503_and_serves_the_rest),
        with_server(test_draining_answers_what_runs_and_takes_nothing_new),
        with_server(test_a_client_may_leave_while_its_handler_runs),
        cmocka_unit_test(test_destroying_cuts_what_waits_and_what_is_half_here),
        with_server(test_a_taken_port_is_named_in_the_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
