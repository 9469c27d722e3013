#include <pthread.h>

#include "http/stream.h"
#include "serving.h"

#define LARGE 20000000 /* more than the pipe and the sockets hold together */

/* The stream of the request that is running, handed from its handler to the test. */
struct world {
    struct server *server;
    struct cancel cancel;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct stream *stream;
};

static bool get_stream(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    struct stream *stream = response_stream(response, "audio/mpeg", &world->cancel);

    (void)err;
    pthread_mutex_lock(&world->lock);
    world->stream = stream;
    pthread_cond_signal(&world->changed);
    pthread_mutex_unlock(&world->lock);
    return true;
}

static const struct route routes[] = {
    { .method = "GET", .path = "/s", .handle = get_stream, .operation = "getStream" },
};

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);

    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    cancel_init(&world->cancel);
    world->server =
        serving_start(routes, COUNT(routes), (struct server_options){ .context = world });
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    server_destroy(world->server);
    cancel_release(&world->cancel);
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->changed);
    free(world);
    return 0;
}

/* Sends a request and takes the stream its handler made. */
static int begin(struct world *world, const char *request, struct stream **stream)
{
    int fd = dial(world->server);

    say(fd, request);
    pthread_mutex_lock(&world->lock);
    while (!world->stream)
        pthread_cond_wait(&world->changed, &world->lock);
    *stream = world->stream;
    world->stream = NULL;
    pthread_mutex_unlock(&world->lock);
    return fd;
}

#define GET "GET /s HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void test_what_is_pushed_arrives_before_the_end(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    int fd = begin(world, GET, &stream);
    bool is_last = false;

    assert_true(stream_push(stream, "one", 3));
    struct answer answer = hear_head(fd);
    assert_int_equal(answer.status, 200);
    check_header(&answer, "Content-Type", "audio/mpeg");
    check_header(&answer, "Transfer-Encoding", "chunked");
    while (answer.body.len < 3 && hear_chunk(fd, &answer.body, &is_last))
        continue;
    assert_string_equal(body_of(&answer), "one");
    assert_int_equal(server_load(world->server).streams, 1);
    assert_true(stream_push(stream, "two", 3));
    stream_end(stream);
    assert_false(stream_push(stream, "three", 5));
    stream_drop(stream);
    hear_body(fd, &answer);
    assert_string_equal(body_of(&answer), "onetwo");
    assert_true(answer.is_whole);
    assert_false(cancel_is_requested(&world->cancel));
    answer_release(&answer);
    close(fd);
}

struct production {
    struct stream *stream;
    bool was_taken;
};

static unsigned char nth_byte(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

static void *produce(void *argument)
{
    struct production *production = argument;
    unsigned char piece[3001];

    production->was_taken = true;
    for (size_t at = 0; production->was_taken && at < LARGE; at += sizeof piece) {
        size_t n = LARGE - at < sizeof piece ? LARGE - at : sizeof piece;

        for (size_t i = 0; i < n; i++)
            piece[i] = nth_byte(at + i);
        production->was_taken = stream_push(production->stream, piece, n);
    }
    if (production->was_taken)
        stream_end(production->stream);
    stream_drop(production->stream);
    return NULL;
}

static void test_more_than_fits_comes_through_in_order(void **state)
{
    struct world *world = *state;
    struct production production;
    pthread_t thread;
    int fd = begin(world, GET, &production.stream);

    assert_int_equal(pthread_create(&thread, NULL, produce, &production), 0);
    struct answer answer = hear_head(fd);
    hear_body(fd, &answer);
    pthread_join(thread, NULL);
    assert_true(production.was_taken);
    assert_true(answer.is_whole);
    assert_int_equal(answer.body.len, LARGE);
    for (size_t i = 0; i < LARGE; i++)
        if ((unsigned char)answer.body.data[i] != nth_byte(i))
            fail_msg("byte %zu", i);
    answer_release(&answer);
    close(fd);
}

static void test_a_client_that_does_not_read_fills_the_pipe_only(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    int fd = begin(world, GET, &stream);
    char *piece = xcalloc(1, 100000);
    size_t taken = 0;

    assert_false(stream_try_push(stream, piece, 300000)); /* never fits: nothing is taken */
    while (taken < LARGE && stream_try_push(stream, piece, 100000))
        taken += 100000;
    assert_true(taken > 0 && taken < LARGE);
    stream_end(stream);
    stream_drop(stream);
    struct answer answer = hear_head(fd);
    hear_body(fd, &answer);
    assert_int_equal(answer.body.len, taken);
    answer_release(&answer);
    free(piece);
    close(fd);
}

static void test_a_client_that_left_ends_a_producer_that_waits(void **state)
{
    struct world *world = *state;
    struct production production;
    pthread_t thread;
    int fd = begin(world, GET, &production.stream);

    assert_int_equal(pthread_create(&thread, NULL, produce, &production), 0);
    struct answer answer = hear_head(fd);
    answer_release(&answer);
    close(fd);
    pthread_join(thread, NULL);
    assert_false(production.was_taken);
    assert_true(cancel_is_requested(&world->cancel));
}

static void test_a_stopped_server_ends_a_producer_that_waits(void **state)
{
    struct world *world = *state;
    struct production production;
    pthread_t thread;
    int fd = begin(world, GET, &production.stream);

    assert_int_equal(pthread_create(&thread, NULL, produce, &production), 0);
    struct answer answer = hear_head(fd);
    server_destroy(world->server);
    world->server = NULL;
    pthread_join(thread, NULL);
    assert_false(production.was_taken);
    assert_true(cancel_is_requested(&world->cancel));
    hear_body(fd, &answer);
    assert_false(answer.is_whole);
    answer_release(&answer);
    close(fd);
}

static void test_a_stopped_server_ends_a_stream_that_has_nothing(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    int fd = begin(world, GET, &stream);

    server_destroy(world->server);
    world->server = NULL;
    assert_false(stream_push(stream, "x", 1));
    assert_true(cancel_is_requested(&world->cancel));
    stream_drop(stream);
    close(fd);
}

static void test_what_is_aborted_or_dropped_is_not_taken_for_whole(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 2; i++) {
        struct stream *stream;
        int fd = begin(world, GET, &stream);

        assert_true(stream_push(stream, "half", 4));
        struct answer answer = hear_head(fd);
        if (i == 0)
            stream_abort(stream);
        stream_drop(stream);
        hear_body(fd, &answer);
        assert_false(answer.is_whole);
        answer_release(&answer);
        close(fd);
    }
    assert_false(cancel_is_requested(&world->cancel));
}

static void test_head_has_no_stream(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    int fd = begin(world, "HEAD /s HTTP/1.1\r\nHost: localhost\r\n\r\n", &stream);
    struct answer answer = hear_head(fd);
    char piece[100000] = "";

    assert_int_equal(answer.status, 200);
    while (stream_push(stream, piece, sizeof piece)) /* until the connection lets go */
        continue;
    stream_drop(stream);
    answer_release(&answer);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_pushed_arrives_before_the_end),
        TEST(test_more_than_fits_comes_through_in_order),
        TEST(test_a_client_that_does_not_read_fills_the_pipe_only),
        TEST(test_a_client_that_left_ends_a_producer_that_waits),
        TEST(test_a_stopped_server_ends_a_producer_that_waits),
        TEST(test_a_stopped_server_ends_a_stream_that_has_nothing),
        TEST(test_what_is_aborted_or_dropped_is_not_taken_for_whole),
        TEST(test_head_has_no_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
