#include "gate.h"
#include "http/stream.h"
#include "serving.h"

#define LARGE 20000000 /* more than the pipe and the sockets hold together */

/* What a handler does and what it saw, and how far it may go: a test at a time has one request. */
struct world {
    struct server *server;
    struct gate begun; /* passed when the stream was made */
    struct gate ended; /* passed right before the handler returns */

    /* the handler's until it has passed ended */
    size_t taken; /* bytes */
    bool was_taken, was_cancelled;
    char seen[32]; /* a header, asked for at the end */
};

static unsigned char nth_byte(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

static bool finish(struct world *world, struct request *request)
{
    const char *header = request_header(request, "X-Note");

    snprintf(world->seen, sizeof world->seen, "%s %s", request_method(request),
             header ? header : "");
    world->was_cancelled = cancel_is_requested(request_cancel(request));
    gate_pass(&world->ended);
    return world->was_taken;
}

static bool get_two(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)err;
    response_header(response, "X-Voice", "emma");
    response_etag(response, "two");
    struct stream *stream = response_stream(response, "audio/mpeg");
    gate_pass(&world->begun);
    world->was_taken = stream_push(stream, "one", 3) && stream_push(stream, "two", 3);
    return finish(world, request);
}

static bool get_none(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)err;
    response_stream(response, "audio/mpeg");
    world->was_taken = true;
    return finish(world, request);
}

static bool get_large(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    struct stream *stream = response_stream(response, "audio/mpeg");
    unsigned char piece[3001];

    (void)err;
    gate_pass(&world->begun);
    world->was_taken = true;
    for (size_t at = 0; world->was_taken && at < LARGE; at += sizeof piece) {
        size_t n = LARGE - at < sizeof piece ? LARGE - at : sizeof piece;

        for (size_t i = 0; i < n; i++)
            piece[i] = nth_byte(at + i);
        world->was_taken = stream_push(stream, piece, n);
        world->taken += world->was_taken ? n : 0;
    }
    return finish(world, request);
}

/* Has nothing to push: only its cancel can tell it that nobody waits. */
static bool get_silence(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    struct stream *stream = response_stream(response, "audio/mpeg");

    gate_pass(&world->begun);
    cancel_wait(request_cancel(request), PATIENCE_S);
    world->was_taken = stream_push(stream, "x", 1);
    return finish(world, request) && cancel_check(request_cancel(request), err);
}

static bool get_half(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    struct stream *stream = response_stream(response, "audio/mpeg");

    world->was_taken = stream_push(stream, "half", 4);
    finish(world, request);
    return err_set(err, ERR_UNAVAILABLE, "The model broke.");
}

static bool get_plain(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)err;
    response_bytes(response, "text/plain", "plain", 5);
    return true;
}

#define STREAM(where, handler)                                                                     \
    {                                                                                              \
        .method = "GET", .path = (where), .handle = (handler), .flags = ROUTE_LONG,                \
        .operation = (where)                                                                       \
    }

static const struct route routes[] = {
    STREAM("/two", get_two),
    STREAM("/none", get_none),
    STREAM("/large", get_large),
    STREAM("/silence", get_silence),
    STREAM("/half", get_half),
    { .method = "GET", .path = "/plain", .handle = get_plain, .operation = "getPlain" },
};

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);

    world->begun = world->ended = GATE;
    world->server =
        serving_start(routes, COUNT(routes), (struct server_options){ .context = world });
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    server_destroy(world->server);
    free(world);
    return 0;
}

static void open_all(struct world *world)
{
    gate_open(&world->begun);
    gate_open(&world->ended);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\nX-Note: hm\r\n\r\n"

static int begin(struct world *world, const char *request)
{
    int fd = dial(world->server);

    say(fd, request);
    return fd;
}

static void test_headers_arrive_before_anything_is_pushed(void **state)
{
    struct world *world = *state;
    int fd = begin(world, GET("/two"));
    struct answer answer = hear_head(fd); /* while the handler waits at the gate */

    assert_int_equal(answer.status, 200);
    check_header(&answer, "Content-Type", "audio/mpeg");
    check_header(&answer, "X-Voice", "emma");
    check_header(&answer, "Transfer-Encoding", "chunked");
    assert_int_equal(server_load(world->server).streams, 1);
    assert_int_equal(server_load(world->server).long_running, 1);
    open_all(world);
    hear_body(fd, &answer);
    assert_string_equal(body_of(&answer), "onetwo");
    assert_true(answer.is_whole);
    assert_false(world->was_cancelled);
    assert_string_equal(world->seen, "GET hm");
    answer_release(&answer);
    close(fd);
}

static void test_what_is_pushed_arrives_before_the_end(void **state)
{
    struct world *world = *state;
    bool is_last = false;

    gate_open(&world->begun);
    int fd = begin(world, GET("/two"));
    struct answer answer = hear_head(fd);
    while (answer.body.len < 6 && hear_chunk(fd, &answer.body, &is_last))
        continue;
    assert_string_equal(body_of(&answer), "onetwo");
    assert_false(is_last);
    gate_open(&world->ended);
    hear_body(fd, &answer);
    assert_int_equal(answer.body.len, 6);
    assert_true(answer.is_whole);
    answer_release(&answer);
    close(fd);
}

static void check_plain(int fd)
{
    say(fd, GET("/plain"));
    struct answer answer = hear_head(fd);

    hear_body(fd, &answer);
    assert_string_equal(body_of(&answer), "plain");
    answer_release(&answer);
}

static void test_the_connection_is_good_for_more_afterwards(void **state)
{
    static const char *const requests[] = { GET("/two"), GET("/none"), GET("/two") };
    struct world *world = *state;
    int fd = dial(world->server);

    open_all(world);
    for (size_t i = 0; i < COUNT(requests); i++) {
        say(fd, requests[i]);
        struct answer answer = hear_head(fd);
        hear_body(fd, &answer);
        assert_true(answer.is_whole);
        assert_string_equal(body_of(&answer), i == 1 ? "" : "onetwo");
        answer_release(&answer);
        check_plain(fd);
    }
    close(fd);
}

static void test_more_than_fits_comes_through_in_order(void **state)
{
    struct world *world = *state;

    open_all(world);
    int fd = begin(world, GET("/large"));
    struct answer answer = hear_head(fd);
    hear_body(fd, &answer);
    assert_true(world->was_taken);
    assert_true(answer.is_whole);
    assert_int_equal(answer.body.len, LARGE);
    for (size_t i = 0; i < LARGE; i++)
        if ((unsigned char)answer.body.data[i] != nth_byte(i))
            fail_msg("byte %zu", i);
    answer_release(&answer);
    close(fd);
}

/* It reads the headers and no more: the handler comes no further than the pipe and the sockets. */
static void test_a_client_that_leaves_ends_a_handler_that_waits_for_it(void **state)
{
    struct world *world = *state;

    open_all(world);
    int fd = begin(world, GET("/large"));
    struct answer answer = hear_head(fd);
    answer_release(&answer);
    close(fd);
    gate_await(&world->ended, &world->ended.done, 1);
    assert_false(world->was_taken);
    assert_true(world->was_cancelled);
    assert_true(world->taken < LARGE);
    assert_string_equal(world->seen, "GET hm"); /* the connection and its memory are gone */
}

static void test_a_client_that_leaves_ends_a_handler_that_has_nothing_to_send(void **state)
{
    struct world *world = *state;
    bool closes[] = { true, false };

    open_all(world);
    for (int i = 0; i < 2; i++) {
        int fd = begin(world, GET("/silence"));
        struct answer answer = hear_head(fd);

        answer_release(&answer);
        if (closes[i])
            close(fd);
        else
            shutdown(fd, SHUT_WR);
        gate_await(&world->ended, &world->ended.done, i + 1);
        assert_true(world->was_cancelled);
        assert_false(world->was_taken);
        if (!closes[i])
            close(fd);
    }
}

static void *destroy(void *argument)
{
    struct world *world = argument;

    server_destroy(world->server);
    world->server = NULL;
    return NULL;
}

static void test_a_stopped_server_ends_its_streams(void **state)
{
    static const char *const requests[] = { GET("/silence"), GET("/large") };

    for (size_t i = 0; i < COUNT(requests); i++) {
        struct world *world = *state;

        open_all(world);
        int fd = begin(world, requests[i]);
        struct answer answer = hear_head(fd);
        destroy(world);
        assert_true(world->was_cancelled);
        assert_false(world->was_taken);
        hear_body(fd, &answer);
        assert_false(answer.is_whole);
        answer_release(&answer);
        close(fd);
        tear_down(state);
        set_up(state);
    }
}

static void test_a_handler_that_fails_later_cuts_the_connection(void **state)
{
    struct world *world = *state;

    open_all(world);
    int fd = begin(world, GET("/half"));
    struct answer answer = hear_head(fd);
    char c;
    assert_int_equal(answer.status, 200);
    hear_body(fd, &answer);
    assert_false(answer.is_whole);
    assert_false(hear_byte(fd, &c));
    answer_release(&answer);
    close(fd);
}

static void test_only_the_headers_of_a_stream_are_sent_to_who_asks_for_them(void **state)
{
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        { "HEAD /two HTTP/1.1\r\nHost: localhost\r\n\r\n", 200 },
        { "GET /two HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"two\"\r\n\r\n", 304 },
    };
    struct world *world = *state;

    open_all(world);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = begin(world, cases[i].request);
        struct answer answer = hear_head(fd);

        assert_int_equal(answer.status, cases[i].status);
        check_header(&answer, "X-Voice", "emma");
        gate_await(&world->ended, &world->ended.done, (int)i + 1);
        assert_false(world->was_taken);
        if (cases[i].status == 304)
            check_plain(fd);
        answer_release(&answer);
        close(fd);
    }
}

static void test_a_client_of_http_1_0_gets_the_bytes_and_the_end(void **state)
{
    struct world *world = *state;
    struct buf all = BUF(1000);

    open_all(world);
    int fd = begin(world, "GET /two HTTP/1.0\r\nHost: localhost\r\n\r\n");
    hear_until(fd, &all, "no such end");
    assert_non_null(strstr(all.data, "\r\n\r\nonetwo"));
    assert_null(strcasestr(all.data, "chunked"));
    buf_release(&all);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_headers_arrive_before_anything_is_pushed),
        TEST(test_what_is_pushed_arrives_before_the_end),
        TEST(test_the_connection_is_good_for_more_afterwards),
        TEST(test_more_than_fits_comes_through_in_order),
        TEST(test_a_client_that_leaves_ends_a_handler_that_waits_for_it),
        TEST(test_a_client_that_leaves_ends_a_handler_that_has_nothing_to_send),
        TEST(test_a_stopped_server_ends_its_streams),
        TEST(test_a_handler_that_fails_later_cuts_the_connection),
        TEST(test_only_the_headers_of_a_stream_are_sent_to_who_asks_for_them),
        TEST(test_a_client_of_http_1_0_gets_the_bytes_and_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
