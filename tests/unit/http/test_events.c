#include <inttypes.h>
#include <pthread.h>

#include "base/clock.h"
#include "http/http_internal.h"
#include "serving.h"

#define RETRY "retry: 2000\n\n"
#define LARGE 100000 /* bytes of a large state */

/* The one topic there is, and what the server did with it. */
struct world {
    struct server *server;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t version; /* 0: the topic is gone */
    bool is_last, is_large, is_silent;
    bool is_held; /* renderings wait */
    double interval_s;
    int rendering, rendered;
    int answered;
    int gone; /* threads of clients that are done */
};

static bool render(void *context, const char *topic, struct buf *out, uint64_t *version,
                   bool *is_last)
{
    struct world *world = context;

    pthread_mutex_lock(&world->lock);
    world->rendering++;
    pthread_cond_broadcast(&world->changed);
    while (world->is_held)
        pthread_cond_wait(&world->changed, &world->lock);
    world->rendering--;
    world->rendered++;
    *version = world->version;
    *is_last = world->is_last;
    if (!world->is_silent)
        buf_format(out, "{\"topic\":\"%s\",\"n\":%" PRIu64 "}", topic, world->version);
    for (int i = 0; world->is_large && i < LARGE; i++)
        buf_append_char(out, ' ');
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
    return *version > 0;
}

static bool get_events(struct request *request, struct response *response, struct err *err)
{
    struct world *world = request_context(request);
    const struct event_source source = { render, world, world->interval_s };

    return response_events(response, request, request_path_param(request, "topic"), &source, err);
}

static const struct route routes[] = {
    { .method = "GET", .path = "/e/{topic}", .handle = get_events, .operation = "getEvents" },
};

static void on_answered(void *state, const struct route *route, const char *method, int status,
                        double seconds, uint64_t bytes_sent)
{
    struct world *world = state;

    (void)route, (void)method, (void)status, (void)seconds, (void)bytes_sent;
    pthread_mutex_lock(&world->lock);
    world->answered++;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);

    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    world->version = 1;
    world->server =
        serving_start(routes, COUNT(routes),
                      (struct server_options){ .context = world,
                                               .watch = { .answered = on_answered, .state = world },
                                               .connections_max = EVENTS_CLIENTS_MAX + 10 });
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    server_destroy(world->server);
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->changed);
    free(world);
    return 0;
}

static void set(struct world *world, uint64_t version, bool is_last)
{
    pthread_mutex_lock(&world->lock);
    world->version = version;
    world->is_last = is_last;
    pthread_mutex_unlock(&world->lock);
}

/* The topic has a new version, the server is told. */
static void change(struct world *world, uint64_t version, bool is_last)
{
    set(world, version, is_last);
    events_notify(server_events(world->server), "t");
}

static int read_count(struct world *world, const int *what)
{
    pthread_mutex_lock(&world->lock);
    int count = *what;
    pthread_mutex_unlock(&world->lock);
    return count;
}

static void hold(struct world *world, bool is_held)
{
    pthread_mutex_lock(&world->lock);
    world->is_held = is_held;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static void wait_for(struct world *world, const int *what, int least)
{
    pthread_mutex_lock(&world->lock);
    while (*what < least)
        pthread_cond_wait(&world->changed, &world->lock);
    pthread_mutex_unlock(&world->lock);
}

static int open_stream(const struct world *world, const char *headers)
{
    char *request = str_format("GET /e/t HTTP/1.1\r\nHost: localhost\r\n%s\r\n", headers);
    int fd = dial(world->server);

    say(fd, request);
    free(request);
    return fd;
}

/* Reads until the body ends with this text. */
static void hear_text(int fd, struct answer *answer, const char *end)
{
    size_t length = strlen(end);
    bool is_last = false;

    while (answer->body.len < length ||
           memcmp(answer->body.data + answer->body.len - length, end, length) != 0)
        if (is_last || !hear_chunk(fd, &answer->body, &is_last))
            fail_msg("waiting for \"%s\", got \"%s\"", end, body_of(answer));
}

#define STATE(n) "id: " #n "\ndata: {\"topic\":\"t\",\"n\":" #n "}\n\n"

static void test_the_present_state_comes_first_and_then_each_change(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    assert_int_equal(answer.status, 200);
    check_header(&answer, "Content-Type", "text/event-stream");
    check_header(&answer, "Cache-Control", "no-store");
    check_header(&answer, "X-Accel-Buffering", "no");
    hear_text(fd, &answer, RETRY STATE(1));
    assert_int_equal(server_load(world->server).streams, 1);
    change(world, 2, false);
    hear_text(fd, &answer, STATE(2));
    events_notify(server_events(world->server), "another");
    change(world, 5, false);
    hear_text(fd, &answer, STATE(5));
    assert_string_equal(body_of(&answer), RETRY STATE(1) STATE(2) STATE(5));
    answer_release(&answer);
    close(fd);
}

static void test_a_change_of_anything_reaches_every_topic(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    events_notify(server_events(world->server), NULL); /* the same as before: nothing is sent */
    wait_for(world, &world->rendered, 2);
    set(world, 2, false);
    events_notify(server_events(world->server), NULL);
    hear_text(fd, &answer, STATE(2));
    assert_string_equal(body_of(&answer), RETRY STATE(1) STATE(2));
    answer_release(&answer);
    close(fd);
}

static void silence(struct world *world, bool is_silent)
{
    pthread_mutex_lock(&world->lock);
    world->is_silent = is_silent;
    pthread_mutex_unlock(&world->lock);
}

static void test_a_state_that_cannot_be_told_is_waited_for(void **state)
{
    struct world *world = *state;
    int fds[2];
    struct answer answers[2];

    fds[0] = open_stream(world, "");
    answers[0] = hear_head(fds[0]);
    hear_text(fds[0], &answers[0], STATE(1));
    silence(world, true);
    change(world, 2, false);
    wait_for(world, &world->rendered, 2);
    fds[1] = open_stream(world, "");
    answers[1] = hear_head(fds[1]);
    hear_text(fds[1], &answers[1], RETRY);
    silence(world, false);
    change(world, 3, false);
    for (size_t i = 0; i < COUNT(fds); i++)
        hear_text(fds[i], &answers[i], STATE(3));
    assert_string_equal(body_of(&answers[0]), RETRY STATE(1) STATE(3));
    assert_string_equal(body_of(&answers[1]), RETRY STATE(3));
    for (size_t i = 0; i < COUNT(fds); i++) {
        answer_release(&answers[i]);
        close(fds[i]);
    }
}

static void test_the_last_state_ends_the_stream(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    change(world, 2, true);
    hear_body(fd, &answer);
    assert_true(answer.is_whole);
    assert_string_equal(body_of(&answer), RETRY STATE(1) STATE(2));
    answer_release(&answer);
    close(fd);
}

static void test_who_has_the_state_waits_for_the_next(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "Last-Event-ID: 1\r\n");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, RETRY);
    change(world, 2, false);
    hear_text(fd, &answer, STATE(2));
    assert_string_equal(body_of(&answer), RETRY STATE(2));
    answer_release(&answer);
    close(fd);
    fd = open_stream(world, "Last-Event-ID: 1\r\n");
    answer = hear_head(fd);
    hear_text(fd, &answer, RETRY STATE(2));
    answer_release(&answer);
    close(fd);
}

static void test_who_has_the_last_state_is_told_not_to_come_back(void **state)
{
    struct world *world = *state;
    struct answer answer;

    set(world, 1, true);
    answer = ask(world->server, "GET /e/t", "Last-Event-ID: 1\r\n");
    assert_int_equal(answer.status, 204);
    answer_release(&answer);
    answer = ask(world->server, "GET /e/t", "Last-Event-ID: 0\r\n");
    assert_int_equal(answer.status, 200);
    assert_string_equal(body_of(&answer), RETRY STATE(1));
    assert_true(answer.is_whole);
    answer_release(&answer);
}

static void test_there_is_no_stream_of_what_is_not_there(void **state)
{
    struct world *world = *state;
    struct answer answer;

    set(world, 0, false);
    answer = ask(world->server, "GET /e/t", "");
    assert_int_equal(answer.status, 404);
    answer_release(&answer);
    assert_int_equal(server_load(world->server).streams, 0);
}

static void test_a_stream_ends_when_its_topic_goes(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    change(world, 0, false);
    hear_body(fd, &answer);
    assert_true(answer.is_whole);
    assert_string_equal(body_of(&answer), RETRY STATE(1));
    answer_release(&answer);
    close(fd);
}

static void test_changes_while_one_is_rendered_become_one(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    hold(world, true);
    change(world, 2, false);
    wait_for(world, &world->rendering, 1);
    for (uint64_t version = 3; version <= 50; version++)
        change(world, version, false);
    hold(world, false);
    hear_text(fd, &answer, STATE(50));
    assert_true(read_count(world, &world->rendered) <=
                3); /* the first, the held one, one for all the others */
    answer_release(&answer);
    close(fd);
}

static void test_a_topic_with_an_interval_is_rendered_no_oftener(void **state)
{
    struct world *world = *state;
    double began_s = clock_seconds();

    world->interval_s = 0.02;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);
    uint64_t version = 1;

    while (read_count(world, &world->rendered) < 10)
        change(world, ++version, false);
    double times = (clock_seconds() - began_s) / world->interval_s;
    if (times < 8)
        fail_msg("rendered ten times within %.1f intervals", times);
    change(world, 1000000, false); /* the last one comes, though nothing else happens */
    hear_text(fd, &answer, STATE(1000000));
    answer_release(&answer);
    close(fd);
}

static void test_a_client_that_does_not_read_misses_states_but_not_the_last(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    pthread_mutex_lock(&world->lock);
    world->is_large = true;
    pthread_mutex_unlock(&world->lock);
    for (uint64_t version = 2; version <= 2000; version++)
        change(world, version, version == 2000);
    hear_body(fd, &answer);
    assert_true(answer.is_whole);
    assert_non_null(strstr(body_of(&answer), "id: 2000\ndata: {\"topic\":\"t\",\"n\":2000}"));
    assert_true(read_count(world, &world->rendered) < 2000);
    assert_true(answer.body.len < (size_t)LARGE * 2000);
    answer_release(&answer);
    close(fd);
}

static void test_a_comment_keeps_a_stream_alive(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    for (uint64_t version = 2; !strstr(body_of(&answer), "\n\n:\n\n"); version++) {
        char *end = str_format("\"n\":%" PRIu64 "}\n\n", version);

        events_beat(server_events(world->server)); /* nothing while the connection is not paused */
        change(world, version, false);
        hear_text(fd, &answer, end);
        free(end);
    }
    answer_release(&answer);
    close(fd);
}

static void test_a_client_that_left_is_noticed_by_the_beat(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    answer_release(&answer);
    close(fd);
    pthread_mutex_lock(&world->lock);
    while (world->answered == 0) { /* the first beat draws a reset, a later one sees it */
        struct timespec soon;

        pthread_mutex_unlock(&world->lock);
        events_beat(server_events(world->server));
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 10000000;
        soon.tv_sec += soon.tv_nsec / 1000000000;
        soon.tv_nsec %= 1000000000;
        pthread_mutex_lock(&world->lock);
        if (world->answered == 0)
            pthread_cond_timedwait(&world->changed, &world->lock, &soon);
    }
    pthread_mutex_unlock(&world->lock);
}

static void test_a_client_may_leave_while_its_state_is_rendered(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    answer_release(&answer);
    hold(world, true);
    change(world, 2, false);
    wait_for(world, &world->rendering, 1);
    close(fd);
    events_drain(server_events(world->server)); /* wakes the connection, which finds it closed */
    wait_for(world, &world->answered, 1);
    hold(world, false);
}

static void test_a_drained_server_ends_streams_with_a_comment(void **state)
{
    struct world *world = *state;
    int fd = open_stream(world, "");
    struct answer answer = hear_head(fd);

    hear_text(fd, &answer, STATE(1));
    assert_true(server_drain(world->server, PATIENCE_S));
    hear_body(fd, &answer);
    assert_true(answer.is_whole);
    assert_string_equal(body_of(&answer), RETRY STATE(1) ": the server stops\n\n");
    answer_release(&answer);
    close(fd);
}

static void test_too_many_streams_are_refused_until_one_ends(void **state)
{
    struct world *world = *state;
    int fds[EVENTS_CLIENTS_MAX];
    struct answer answer;

    for (int i = 0; i < EVENTS_CLIENTS_MAX; i++) {
        fds[i] = open_stream(world, "");
        answer = hear_head(fds[i]);
        hear_text(fds[i], &answer, STATE(1));
        answer_release(&answer);
    }
    answer = ask(world->server, "GET /e/t", "");
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(body_of(&answer), "256 event streams"));
    answer_release(&answer);

    change(world, 2, true); /* all hear of it */
    for (int i = 0; i < EVENTS_CLIENTS_MAX; i++) {
        answer = (struct answer){ .body = BUF(1000) };
        hear_text(fds[i], &answer, STATE(2));
        answer_release(&answer);
        close(fds[i]);
    }
    wait_for(world, &world->answered, EVENTS_CLIENTS_MAX + 1);
    answer = ask(world->server, "GET /e/t", "");
    assert_int_equal(answer.status, 200);
    answer_release(&answer);
}

/* Opens streams, reads a state or two and leaves, 25 times. */
static void *come_and_go(void *argument)
{
    struct world *world = argument;

    for (int i = 0; i < 25; i++) {
        int fd = open_stream(world, "");
        struct answer answer = hear_head(fd);
        bool is_last;

        hear_text(fd, &answer, "\n\n");
        if (i % 2)
            hear_chunk(fd, &answer.body, &is_last);
        answer_release(&answer);
        close(fd);
    }
    pthread_mutex_lock(&world->lock);
    world->gone++;
    pthread_mutex_unlock(&world->lock);
    return NULL;
}

static void test_clients_come_and_go_while_the_topic_changes(void **state)
{
    struct world *world = *state;
    pthread_t threads[4];
    uint64_t version = 1;

    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, world), 0);
    while (read_count(world, &world->gone) < (int)COUNT(threads)) {
        change(world, ++version, false);
        events_beat(server_events(world->server));
    }
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    change(world, ++version, true);
    assert_true(server_drain(world->server, PATIENCE_S));
    assert_int_equal(read_count(world, &world->answered), 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_present_state_comes_first_and_then_each_change),
        TEST(test_a_change_of_anything_reaches_every_topic),
        TEST(test_a_state_that_cannot_be_told_is_waited_for),
        TEST(test_the_last_state_ends_the_stream),
        TEST(test_who_has_the_state_waits_for_the_next),
        TEST(test_who_has_the_last_state_is_told_not_to_come_back),
        TEST(test_there_is_no_stream_of_what_is_not_there),
        TEST(test_a_stream_ends_when_its_topic_goes),
        TEST(test_changes_while_one_is_rendered_become_one),
        TEST(test_a_topic_with_an_interval_is_rendered_no_oftener),
        TEST(test_a_client_that_does_not_read_misses_states_but_not_the_last),
        TEST(test_a_comment_keeps_a_stream_alive),
        TEST(test_a_client_that_left_is_noticed_by_the_beat),
        TEST(test_a_client_may_leave_while_its_state_is_rendered),
        TEST(test_a_drained_server_ends_streams_with_a_comment),
        TEST(test_clients_come_and_go_while_the_topic_changes),
        TEST(test_too_many_streams_are_refused_until_one_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
