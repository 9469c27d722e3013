#include "pull_fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

#define SIZE 200000
#define HALF (SIZE / 2)

/* Pulls the pattern from one or two paths of the server, and gives the result. */
static bool pull(struct fixture *fixture, const char *first, const char *second, struct err *err)
{
    char *sha256 = fixture_sha256(SIZE);
    struct catalogue *catalogue = fixture_catalogue(fixture, SIZE, sha256, first, second);
    bool ok = fixture_pull(fixture, catalogue, err);

    catalogue_close(catalogue);
    free(sha256);
    return ok;
}

static void check_whole(struct fixture *fixture)
{
    fixture_check_tree(fixture, "model/a.bin 200000\n");
    fixture_check_content(fixture, "model/a.bin", SIZE);
}

static void check_log(struct fixture *fixture, const char *expected)
{
    char *log = fixture_get(fixture, "/log");

    check_text("requests", log, expected);
    free(log);
}

static void test_a_file_is_downloaded_and_not_again(void **state)
{
    struct err err;

    check_ok(pull(*state, "/ok/200000", NULL, &err), &err);
    check_whole(*state);
    check_ok(pull(*state, "/ok/200000", NULL, &err), &err);
    check_log(*state, "/ok/200000 \n");
    check_text("events", ((struct fixture *)*state)->events, "present model \n");
}

static void test_a_redirect_is_followed(void **state)
{
    struct err err;

    check_ok(pull(*state, "/redirect/200000", NULL, &err), &err);
    check_whole(*state);
}

static void test_failures_say_why_and_leave_nothing_that_looks_whole(void **state)
{
    static const struct {
        const char *path;
        enum err_kind kind;
        const char *message, *tree;
    } cases[] = {
        { "/missing/200000", ERR_NOT_FOUND, "the server answered 404", "" },
        { "/busy/200000", ERR_NETWORK, "the server answered 503", "" },
        { "/elsewhere/200000", ERR_NETWORK, "rotocol", "" },
        { "/wrong/200000", ERR_CORRUPT, "has the SHA-256", "" },
        { "/ok/199999", ERR_CORRUPT, "199999 bytes there instead of 200000", "" },
        { "/longer/200000", ERR_CORRUPT, "200004 bytes there instead of 200000", "" },
        { "/endless/200000", ERR_CORRUPT, "longer than the 200000 bytes", NULL },
        { "/half/200000", ERR_NETWORK, "", "model/a.bin.part 100000\n" },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *part = fixture_file(fixture, "model/a.bin.part");
        char *folder = fixture_file(fixture, "model");
        struct err err;

        rmdir(folder); /* of the case before, whose part is gone */
        check_case(cases[i].path, !pull(fixture, cases[i].path, NULL, &err));
        check_case(cases[i].path, err.kind == cases[i].kind);
        check_case(err.message, strstr(err.message, "Cannot get model/a.bin"));
        check_case(err.message, strstr(err.message, cases[i].path));
        check_case(err.message, strstr(err.message, cases[i].message));
        if (cases[i].tree)
            fixture_check_tree(fixture, cases[i].tree);
        if (cases[i].tree && !*cases[i].tree)
            check_case(cases[i].path, access(folder, F_OK) != 0);
        unlink(part);
        free(part);
        free(folder);
    }
}

static void test_an_interrupted_download_goes_on_where_it_stopped(void **state)
{
    struct err err;

    assert_false(pull(*state, "/half/200000", NULL, &err));
    fixture_check_tree(*state, "model/a.bin.part 100000\n");
    check_ok(pull(*state, "/half/200000", NULL, &err), &err);
    check_whole(*state);
    check_log(*state, "/half/200000 \n/half/200000 bytes=100000-\n");
}

static void put_part(struct fixture *fixture, const char *bytes, size_t length)
{
    char *folder = fixture_file(fixture, "model");
    char *part = fixture_file(fixture, "model/a.bin.part");
    struct err err;

    check_ok(directory_create(folder, &err) && file_write(part, bytes, length, &err), &err);
    free(part);
    free(folder);
}

static void test_a_server_without_ranges_is_read_from_the_start(void **state)
{
    char *bytes = fixture_pattern(HALF);
    struct err err;

    put_part(*state, bytes, HALF);
    check_ok(pull(*state, "/whole/200000", NULL, &err), &err);
    check_whole(*state);
    check_log(*state, "/whole/200000 bytes=100000-\n");
    free(bytes);
}

static void test_a_wrong_range_is_refused(void **state)
{
    struct err err;

    assert_false(pull(*state, "/shifted/200000", NULL, &err));
    assert_false(pull(*state, "/shifted/200000", NULL, &err));
    assert_non_null(strstr(err.message, "another part than asked"));
    fixture_check_tree(*state, "model/a.bin.part 100000\n");
}

static void test_a_part_of_another_version_is_started_over(void **state)
{
    char *zeros = xcalloc(HALF, 1);
    struct err err;

    put_part(*state, zeros, HALF);
    check_ok(pull(*state, "/ok/200000", NULL, &err), &err);
    check_whole(*state);
    check_log(*state, "/ok/200000 bytes=100000-\n/ok/200000 \n");
    free(zeros);
}

static void test_a_part_that_is_whole_needs_no_request(void **state)
{
    char *bytes = fixture_pattern(SIZE);
    struct err err;

    put_part(*state, bytes, SIZE);
    check_ok(pull(*state, "/ok/200000", NULL, &err), &err);
    check_whole(*state);
    check_log(*state, "");
    free(bytes);
}

static void test_a_file_of_unknown_size_is_resumed_and_checked(void **state)
{
    char *sha256 = fixture_sha256(SIZE);
    struct catalogue *catalogue = fixture_catalogue(*state, 0, sha256, "/ok/200000", NULL);
    char *bytes = fixture_pattern(SIZE);
    struct err err;

    put_part(*state, bytes, SIZE); /* the server answers 416 to what lies behind it */
    check_ok(fixture_pull(*state, catalogue, &err), &err);
    check_whole(*state);
    check_log(*state, "/ok/200000 bytes=200000-\n/ok/200000 \n");
    free(bytes);
    catalogue_close(catalogue);
    free(sha256);
}

static void test_the_next_source_is_tried_and_the_failure_told(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    check_ok(pull(fixture, "/wrong/200000", "/ok/200000", &err), &err);
    check_whole(fixture);
    check_case(fixture->events, strstr(fixture->events, "failed model http://127.0.0.1:"));
    assert_int_equal(err.kind, ERR_NONE);
}

static void test_all_failed_sources_are_named(void **state)
{
    struct err err;

    assert_false(pull(*state, "/missing/200000", "/busy/200000", &err));
    assert_non_null(strstr(err.message, "/missing/200000: the server answered 404."));
    assert_non_null(strstr(err.message, "/busy/200000: the server answered 503."));
}

/* One file fails for good, the next begins anew and succeeds: the result is still the failure. */
static void test_the_failure_of_one_file_is_not_forgotten_over_the_next(void **state)
{
    char *sha256 = fixture_sha256(SIZE);
    char *zeros = xcalloc(HALF, 1);
    char *models =
        str_format("[{\"id\":\"model\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\","
                   "\"languages\":\"en\",\"files\":["
                   "{\"path\":\"gone.bin\",\"size\":10,\"sha256\":null,\"sources\":["
                   "{\"npm\":[[\"gone@1.0.0\",\"a\"]]}]},"
                   "{\"path\":\"model/a.bin\",\"size\":200000,\"sha256\":\"%s\",\"sources\":["
                   "{\"https\":\"http://127.0.0.1:%%d/ok/200000\"}]}]}]",
                   sha256);
    struct catalogue *catalogue = fixture_catalogue_of(*state, models);
    struct err err;

    put_part(*state, zeros, HALF);
    assert_false(fixture_pull(*state, catalogue, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
    assert_non_null(strstr(err.message, "Cannot get gone.bin."));
    check_whole(*state);
    catalogue_close(catalogue);
    free(models);
    free(zeros);
    free(sha256);
}

static void test_a_connection_that_stands_still_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    fixture->stall_s = 1;
    assert_false(pull(fixture, "/stall/200000", NULL, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
    assert_non_null(strstr(err.message, "the connection stands still"));
    fixture_check_tree(fixture, "model/a.bin.part 100000\n");
}

static void test_cancelling_keeps_what_came_and_the_next_pull_goes_on(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    fixture->cancels_on_bytes = true;
    assert_false(pull(fixture, "/stall/200000", NULL, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    char *tree = fixture_tree(fixture);
    assert_int_equal(strncmp(tree, "model/a.bin.part ", strlen("model/a.bin.part ")), 0);
    free(tree);
    fixture->cancels_on_bytes = false;
    cancel_release(&fixture->cancel);
    cancel_init(&fixture->cancel);
    check_ok(pull(fixture, "/ok/200000", NULL, &err), &err);
    check_whole(fixture);
    char *log = fixture_get(fixture, "/log");
    check_case(log, strstr(log, "/ok/200000 bytes="));
    free(log);
}

static void test_a_file_larger_than_the_disk_is_refused_beforehand(void **state)
{
    struct catalogue *catalogue =
        fixture_catalogue(*state, 1000000000000000, NULL, "/ok/200000", NULL);
    struct err err;

    assert_false(fixture_pull(*state, catalogue, &err));
    assert_int_equal(err.kind, ERR_DISK_FULL);
    assert_non_null(strstr(err.message, "1000000000 MB"));
    check_log(*state, "");
    catalogue_close(catalogue);
}

#define SKIPPED 77

/* In a process of its own, whose models folder is a disk of 64 kB. */
static int pull_onto_a_small_disk(struct fixture *fixture)
{
    struct catalogue *catalogue = fixture_catalogue(fixture, 0, NULL, "/ok/200000", NULL);
    struct err err;

    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", fixture->models, "tmpfs", 0, "size=64k") != 0)
        return SKIPPED;
    if (fixture_pull(fixture, catalogue, &err) || err.kind != ERR_DISK_FULL)
        return 1;
    return model_state(catalogue_at(catalogue, 0), fixture->models) == MODEL_ABSENT ? 0 : 2;
}

static void test_a_full_disk_is_an_error_and_no_file(void **state)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(pull_onto_a_small_disk(*state));
    waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_downloaded_and_not_again),
        TEST(test_a_redirect_is_followed),
        TEST(test_failures_say_why_and_leave_nothing_that_looks_whole),
        TEST(test_an_interrupted_download_goes_on_where_it_stopped),
        TEST(test_a_server_without_ranges_is_read_from_the_start),
        TEST(test_a_wrong_range_is_refused),
        TEST(test_a_part_of_another_version_is_started_over),
        TEST(test_a_part_that_is_whole_needs_no_request),
        TEST(test_a_file_of_unknown_size_is_resumed_and_checked),
        TEST(test_the_next_source_is_tried_and_the_failure_told),
        TEST(test_all_failed_sources_are_named),
        TEST(test_the_failure_of_one_file_is_not_forgotten_over_the_next),
        TEST(test_a_connection_that_stands_still_is_given_up),
        TEST(test_cancelling_keeps_what_came_and_the_next_pull_goes_on),
        TEST(test_a_file_larger_than_the_disk_is_refused_beforehand),
        TEST(test_a_full_disk_is_an_error_and_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
