#include <pthread.h>
#include <stdatomic.h>

#include "folder.h"
#include "gate.h"
#include "http/stream.h"
#include "serving.h"

struct world {
    char *folder, *uploads;
    struct gate gate;
    atomic_int waits, cancelled; /* handlers of /wait: begun, and ended by their cancel */
    atomic_int answered;         /* as the server counts it */
};

static void count_answer(void *state, const struct route *route, const char *method, int status,
                         double seconds, uint64_t bytes)
{
    struct world *world = state;

    (void)route, (void)method, (void)status, (void)seconds, (void)bytes;
    world->answered++;
}

static bool write_text(struct response *response, const char *text)
{
    response_bytes(response, "text/plain", text, strlen(text));
    return true;
}

static bool get_gate(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)err;
    gate_pass(&world->gate);
    return write_text(response, "through");
}

static bool get_wait(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)response;
    world->waits++;
    gate_pass(&world->gate);
    if (cancel_wait(request_cancel(request), PATIENCE_S))
        world->cancelled++;
    return cancel_check(request_cancel(request), err);
}

/* Answers although nobody waits. */
static bool get_stubborn(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);

    (void)err;
    world->waits++;
    gate_pass(&world->gate);
    if (cancel_wait(request_cancel(request), PATIENCE_S))
        world->cancelled++;
    return write_text(response, "stubborn");
}

static bool get_short(struct request *request, struct response *response, struct err *err)
{
    (void)err;
    return write_text(response, request_cancel(request) ? "has a cancel" : "short");
}

static bool get_limited(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)response;
    return err_set(err, ERR_LIMIT, "Two are spoken already.");
}

/* All values of the field "list", apart and then taken for lists; and the file's size. */
static bool post_form(struct request *request, struct response *response, struct err *err)
{
    const struct upload *upload = request_upload(request, "file");
    struct json_writer *w = response_json(response);
    const char **values;
    size_t count = request_form_values(request, "list", request_arena(request), &values);

    (void)err;
    json_write_object_begin(w, NULL);
    json_write_int(w, "bytes", upload ? (int64_t)upload->bytes : -1);
    json_write_array_begin(w, "values");
    for (size_t i = 0; i < count; i++)
        json_write_text(w, NULL, values[i]);
    json_write_array_end(w);
    count = request_form_list(request, "list", request_arena(request), &values);
    json_write_array_begin(w, "list");
    for (size_t i = 0; i < count; i++)
        json_write_text(w, NULL, values[i]);
    json_write_array_end(w);
    json_write_object_end(w);
    return true;
}

static bool post_json(struct request *request, struct response *response, struct err *err)
{
    const json_t *json = request_json(request, err);

    return json && write_text(response, json_string_value(json_object_get(json, "input")));
}

static bool get_stream(struct request *request, struct response *response, struct err *err)
{
    char piece[5000] = "";

    (void)err, (void)request;
    struct stream *stream = response_stream(response, "audio/mpeg");
    for (int i = 0; i < 100; i++)
        if (!stream_push(stream, piece, sizeof piece))
            return false;
    return true;
}

#define ROUTE(verb, where, handler, kind)                                                          \
    {                                                                                              \
        .method = (verb), .path = (where), .handle = (handler), .flags = (kind),                   \
        .operation = (where)                                                                       \
    }

static const struct route routes[] = {
    ROUTE("GET", "/gate", get_gate, ROUTE_LONG),
    ROUTE("GET", "/wait", get_wait, ROUTE_LONG),
    ROUTE("GET", "/stubborn", get_stubborn, ROUTE_LONG),
    ROUTE("GET", "/stream", get_stream, ROUTE_LONG),
    ROUTE("GET", "/limited", get_limited, ROUTE_LONG),
    ROUTE("POST", "/form", post_form, ROUTE_LONG | ROUTE_UPLOAD),
    ROUTE("POST", "/json", post_json, ROUTE_LONG | ROUTE_JSON),
    ROUTE("GET", "/short", get_short, 0),
    ROUTE("GET", "/listing", get_short, ROUTE_LISTING),
};

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);

    world->folder = temp_folder();
    world->uploads = path_join(world->folder, "uploads");
    world->gate = GATE;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    free(world->uploads);
    temp_folder_remove(world->folder);
    free(world);
    return 0;
}

static struct server *start(struct world *world, struct server_options options)
{
    options.context = world;
    options.upload_folder = world->uploads;
    options.watch = (struct server_watch){ count_answer, world };
    return serving_start(routes, COUNT(routes), options);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

static int begin(const struct server *server, const char *request)
{
    int fd = dial(server);

    say(fd, request);
    return fd;
}

static void hear(int fd, int status, const char *body)
{
    struct answer answer = hear_head(fd);

    hear_body(fd, &answer);
    assert_int_equal(answer.status, status);
    if (body)
        assert_string_equal(body_of(&answer), body);
    answer_release(&answer);
}

static void check_ask(const struct server *server, const char *line, const char *headers,
                      int status, const char *body)
{
    struct answer answer = ask(server, line, headers);

    assert_int_equal(answer.status, status);
    if (body)
        assert_string_equal(body_of(&answer), body);
    answer_release(&answer);
}

static void test_long_handlers_delay_no_others(void **state)
{
    struct world *world = *state;
    struct server *server = start(world, (struct server_options){ .request_threads = 1 });
    int all[5];

    for (size_t i = 0; i < COUNT(all); i++)
        all[i] = begin(server, GET("/gate"));
    gate_await(&world->gate, &world->gate.inside, COUNT(all));
    assert_int_equal(server_load(server).long_running, COUNT(all));
    check_ask(server, "GET /short", "", 200, "short");
    gate_open(&world->gate);
    for (size_t i = 0; i < COUNT(all); i++) {
        hear(all[i], 200, "through");
        say(all[i], GET("/short")); /* the connection is good for more */
        hear(all[i], 200, "short");
        close(all[i]);
    }
    server_destroy(server);
}

static void test_more_than_may_wait_get_429(void **state)
{
    struct world *world = *state;
    struct server *server =
        start(world, (struct server_options){ .long_threads = 1, .long_waiting_max = 1 });
    int runs = begin(server, GET("/gate"));

    gate_await(&world->gate, &world->gate.inside, 1);
    /* Both lines arrive in one piece: the second is only read once the first is taken. */
    int waits = begin(server, GET("/gate") GET("/short"));
    while (server_load(server).long_queued < 1)
        check_ask(server, "GET /short", "", 200, "short");
    struct answer refused = ask(server, "GET /gate", "");
    assert_int_equal(refused.status, 429);
    check_header(&refused, "Retry-After", "1");
    answer_release(&refused);
    check_ask(server, "POST /json", "Content-Length: 2\r\n\r\n{}", 429, NULL);
    gate_open(&world->gate);
    hear(runs, 200, "through");
    hear(waits, 200, "through");
    hear(waits, 200, "short");
    check_ask(server, "GET /gate", "", 200, "through");
    close(runs);
    close(waits);
    server_destroy(server);
}

static void test_a_handler_may_say_that_a_limit_is_reached(void **state)
{
    struct server *server = start(*state, (struct server_options){ 0 });
    struct answer answer = ask(server, "GET /limited", "");

    assert_int_equal(answer.status, 429);
    check_header(&answer, "Retry-After", "1");
    assert_string_equal(body_of(&answer), "{\"detail\":\"Two are spoken already.\"}");
    answer_release(&answer);
    server_destroy(server);
}

static void test_a_handler_is_cancelled_when_its_client_leaves(void **state)
{
    static const char *const requests[] = { GET("/wait"), GET("/stubborn") };
    struct world *world = *state;
    struct server *server = start(world, (struct server_options){ 0 });

    for (int i = 0; i < (int)COUNT(requests); i++) {
        int fd = begin(server, requests[i]);

        gate_await(&world->gate, &world->gate.inside, i + 1);
        close(fd);
    }
    gate_open(&world->gate);
    server_drain(server, PATIENCE_S);
    server_destroy(server);
    assert_int_equal(world->waits, 2);
    assert_int_equal(world->cancelled, 2);
    assert_int_equal(world->answered, 1); /* what was stopped half-way is no answer */
}

static void test_who_leaves_before_it_is_their_turn_holds_nobody_up(void **state)
{
    struct world *world = *state;
    struct server *server =
        start(world, (struct server_options){ .long_threads = 1, .long_waiting_max = 4 });
    int runs = begin(server, GET("/gate")), leaves, stays;

    gate_await(&world->gate, &world->gate.inside, 1);
    leaves = begin(server, GET("/wait"));
    close(leaves);
    stays = begin(server, GET("/gate"));
    gate_open(&world->gate);
    hear(runs, 200, "through");
    hear(stays, 200, "through");
    assert_int_equal(world->waits, world->cancelled); /* it may not even have begun */
    close(runs);
    close(stays);
    server_destroy(server);
}

static void test_the_end_of_the_drain_cancels_and_says_so(void **state)
{
    struct world *world = *state;
    struct server *server = start(world, (struct server_options){ 0 });
    int fd = begin(server, GET("/wait"));

    gate_open(&world->gate);
    gate_await(&world->gate, &world->gate.done, 1);
    assert_false(server_drain(server, 0));
    struct answer answer = hear_head(fd);
    hear_body(fd, &answer);
    assert_int_equal(answer.status, 503);
    check_header(&answer, "Connection", "close");
    assert_non_null(strstr(body_of(&answer), "stopping"));
    answer_release(&answer);
    close(fd);
    server_destroy(server);
    assert_int_equal(world->cancelled, 1);
}

static void *open_it(void *state)
{
    struct world *world = state;

    gate_open(&world->gate);
    return NULL;
}

static void test_stopping_cancels_what_runs_and_drops_what_waits(void **state)
{
    struct world *world = *state;
    struct server *server =
        start(world, (struct server_options){ .long_threads = 1, .long_waiting_max = 4 });
    int runs = begin(server, GET("/wait")), waits;
    pthread_t opener;

    gate_await(&world->gate, &world->gate.inside, 1);
    waits = begin(server, GET("/wait"));
    while (server_load(server).long_queued < 1)
        check_ask(server, "GET /short", "", 200, "short");
    pthread_create(&opener, NULL, open_it, world);
    server_destroy(server);
    pthread_join(opener, NULL);
    assert_int_equal(world->waits, world->cancelled);
    close(runs);
    close(waits);
}

static void test_bodies_come_whole_and_chunked(void **state)
{
    struct server *server = start(*state, (struct server_options){ 0 });

    check_ask(server, "POST /json",
              "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"input\":\"hm\"}", 200,
              "hm");
    check_ask(server, "POST /json",
              "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"input\"\r\n6\r\n:\"hm\"}\r\n0\r\n", 200,
              "hm");
    server_destroy(server);
}

#define PART(name, rest) "--B\r\nContent-Disposition: form-data; name=\"" name "\"" rest
#define FORM                                                                                       \
    PART("list", "\r\n\r\none\r\n")                                                                \
    PART("list[]", "\r\n\r\n two , three,\r\n")                                                    \
    PART("file", "; filename=\"a.wav\"\r\n\r\n12345\r\n")                                          \
    PART("lists", "\r\n\r\nother\r\n")                                                             \
    PART("list", "\r\n\r\n[\"four, and\", \"five\"]\r\n")                                          \
    PART("list", "\r\n\r\n['six', 'seven']\r\n")                                                   \
    PART("list", "\r\n\r\n[eight\r\n--B--\r\n")

static void test_a_form_has_lists_in_all_ways_of_writing_them(void **state)
{
    struct server *server = start(*state, (struct server_options){ 0 });
    char *chunked = str_format("Content-Type: multipart/form-data; boundary=B\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n",
                               sizeof FORM - 1, FORM);

    check_ask(
        server, "POST /form", chunked, 200,
        "{\"bytes\":5,\"values\":[\"one\",\" two , three,\",\"[\\\"four, and\\\", \\\"five\\\"]\","
        "\"['six', 'seven']\",\"[eight\"],\"list\":[\"one\",\"two\",\"three\",\"four, "
        "and\",\"five\","
        "\"six\",\"seven\",\"[eight\"]}");
    check_ask(server, "POST /form", "Content-Length: 4\r\n\r\nRIFF", 200,
              "{\"bytes\":-1,\"values\":[],\"list\":[]}");
    free(chunked);
    server_destroy(server);
}

static void test_listings_need_a_key_unless_they_are_public(void **state)
{
    for (int is_public = 0; is_public < 2; is_public++) {
        struct server *server =
            start(*state,
                  (struct server_options){ .api_key = "secret", .listings_are_public = is_public });

        check_ask(server, "GET /listing", "", is_public ? 200 : 401, NULL);
        check_ask(server, "GET /listing", "Authorization: Bearer secret\r\n", 200, "short");
        check_ask(server, "GET /short", "", 401, NULL);
        server_destroy(server);
    }
}

/* ---- clients that come and go ---- */

#define CLIENTS 6
#define VISITS 60

/* Hears nothing, a little, or much of the answer, and goes. */
static void hear_some(int fd, size_t visit)
{
    char bytes[70000];

    if (visit % 4 == 1)
        recv(fd, bytes, visit % 7 * 10000 + 1, 0);
    if (visit % 4 == 3)
        recv(fd, bytes, sizeof bytes, MSG_WAITALL);
}

static void *visit(void *argument)
{
    static const char *const requests[] = {
        GET("/stream"),
        GET("/stream") GET("/stream"),
        GET("/short") GET("/stream"),
        GET("/gate") GET("/stream"),
        "HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
    };
    const struct server *server = argument;

    for (size_t i = 0; i < VISITS; i++) {
        int fd = begin(server, requests[i % COUNT(requests)]);

        hear_some(fd, i);
        close(fd);
    }
    return NULL;
}

static void test_clients_may_leave_at_any_moment(void **state)
{
    struct world *world = *state;
    struct server *server =
        start(world, (struct server_options){ .long_threads = 3, .server_threads = 2 });
    pthread_t clients[CLIENTS];

    gate_open(&world->gate);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&clients[i], NULL, visit, server), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    assert_true(server_drain(server, PATIENCE_S));
    assert_int_equal(server_load(server).streams, 0);
    server_destroy(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_long_handlers_delay_no_others),
        TEST(test_more_than_may_wait_get_429),
        TEST(test_a_handler_may_say_that_a_limit_is_reached),
        TEST(test_a_handler_is_cancelled_when_its_client_leaves),
        TEST(test_who_leaves_before_it_is_their_turn_holds_nobody_up),
        TEST(test_the_end_of_the_drain_cancels_and_says_so),
        TEST(test_stopping_cancels_what_runs_and_drops_what_waits),
        TEST(test_bodies_come_whole_and_chunked),
        TEST(test_a_form_has_lists_in_all_ways_of_writing_them),
        TEST(test_listings_need_a_key_unless_they_are_public),
        TEST(test_clients_may_leave_at_any_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
