#include "api/metrics.h"
#include "check.h"

static const struct route routes[] = {
    { .method = "GET", .path = "/things/{id}/" },
    { .method = "POST", .path = "/things/" },
};
static const struct route other_routes[] = { { .method = "GET", .path = "/other" } };
static const struct route_table tables[] = { { routes, COUNT(routes) },
                                             { other_routes, COUNT(other_routes) } };

/* All lines: the caller's. */
static char *written(const struct metrics *metrics)
{
    struct buf out = BUF(1u << 20);

    metrics_write(metrics, &out);
    return buf_take(&out);
}

static void check_line(const char *text, const char *line)
{
    const char *found = strstr(text, line);

    if (!found || (found > text && found[-1] != '\n') || found[strlen(line)] != '\n')
        fail_msg("there is no line %s in\n%s", line, text);
}

static void test_answers_are_counted_by_method_route_and_status(void **state)
{
    struct metrics *metrics = metrics_create(tables, COUNT(tables));
    struct server_watch watch = metrics_watch(metrics);

    (void)state;
    watch.answered(watch.state, &routes[0], "GET", 200, 0.001, 100);
    watch.answered(watch.state, &routes[0], "GET", 200, 0.2, 100);
    watch.answered(watch.state, &routes[0], "HEAD", 200, 0.001, 0);
    watch.answered(watch.state, &routes[1], "POST", 201, 0.001, 10);
    watch.answered(watch.state, &other_routes[0], "GET", 299, 20, 1);
    watch.answered(watch.state, NULL, "BREW", 404, 0.001, 30);

    char *text = written(metrics);
    check_line(text, "parlando_http_requests_total{method=\"GET\",route=\"/things/{id}/\","
                     "status=\"200\"} 2");
    check_line(text, "parlando_http_requests_total{method=\"HEAD\",route=\"/things/{id}/\","
                     "status=\"200\"} 1");
    check_line(text, "parlando_http_requests_total{method=\"POST\",route=\"/things/\","
                     "status=\"201\"} 1");
    check_line(text,
               "parlando_http_requests_total{method=\"GET\",route=\"/other\",status=\"0\"} 1");
    check_line(text, "parlando_http_requests_total{method=\"other\",route=\"\",status=\"404\"} 1");
    check_line(text, "parlando_http_sent_bytes_total 241");
    assert_null(strstr(text, "BREW")); /* a client's word is no label */
    free(text);
    metrics_destroy(metrics);
}

static void test_buckets_are_cumulative_and_end_with_all(void **state)
{
    static const struct {
        const char *le;
        int count;
    } expected[] = { { "0.0005", 0 }, { "0.001", 1 }, { "0.1", 1 },
                     { "0.25", 2 },   { "10", 2 },    { "+Inf", 3 } };
    struct metrics *metrics = metrics_create(tables, COUNT(tables));
    struct server_watch watch = metrics_watch(metrics);

    (void)state;
    watch.answered(watch.state, &routes[1], "POST", 201, 0.001, 0);
    watch.answered(watch.state, &routes[1], "POST", 201, 0.2, 0);
    watch.answered(watch.state, &routes[1], "POST", 201, 20, 0);
    char *text = written(metrics);
    for (size_t i = 0; i < COUNT(expected); i++) {
        char *line = str_format("parlando_http_request_duration_seconds_bucket{method=\"POST\","
                                "route=\"/things/\",le=\"%s\"} %d",
                                expected[i].le, expected[i].count);

        check_line(text, line);
        free(line);
    }
    check_line(text, "parlando_http_request_duration_seconds_count{method=\"POST\","
                     "route=\"/things/\"} 3");
    check_line(text, "parlando_http_request_duration_seconds_sum{method=\"POST\","
                     "route=\"/things/\"} 20.201000");
    free(text);
    metrics_destroy(metrics);
}

static void note_end(void *state, const struct unit *unit, const struct unit_end *end)
{
    (void)unit, (void)end;
    ++*(int *)state;
}

static void test_audio_is_counted_when_it_was_kept(void **state)
{
    int ended = 0;
    const struct unit_kind inner = { .name = "segment", .ended = note_end, .state = &ended };
    struct metrics *metrics = metrics_create(tables, COUNT(tables));
    const struct unit_kind kind = metrics_counted_kind(metrics, &inner);
    const struct new_audio audio = { .duration_s = 1.5 };

    (void)state;
    kind.ended(kind.state, NULL, &(struct unit_end){ .state = UNIT_DONE, .audio = &audio });
    kind.ended(kind.state, NULL, &(struct unit_end){ .state = UNIT_FAILED, .audio = &audio });
    kind.ended(kind.state, NULL, &(struct unit_end){ .state = UNIT_DONE });
    char *text = written(metrics);
    check_line(text, "parlando_audio_seconds_total 1.5");
    check_line(text, "parlando_audio_files_total 1");
    assert_int_equal(ended, 3);
    assert_string_equal(kind.name, "segment");
    free(text);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_counted_by_method_route_and_status),
        cmocka_unit_test(test_buckets_are_cumulative_and_end_with_all),
        cmocka_unit_test(test_audio_is_counted_when_it_was_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
