#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "check.h"
#include "cmd/config.h"

/* A configuration of a file (or NULL) and of variables set by the test. */
struct fixture {
    char *folder, *file;
    struct config config;
};

static int begin(void **state)
{
    static const char *const variables[] = { "PARLANDO_PORT", "OS_PORT", "PARLANDO_API_KEY",
                                             "PARLANDO_CONFIG", "PARLANDO_INSECURE" };
    struct fixture *fixture = xcalloc(1, sizeof *fixture);

    for (size_t i = 0; i < COUNT(variables); i++)
        unsetenv(variables[i]);
    fixture->folder = temp_folder();
    fixture->file = path_join(fixture->folder, "config.json");
    setenv("XDG_CONFIG_HOME", fixture->folder, 1);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    temp_folder_remove(fixture->folder);
    free(fixture->file);
    free(fixture);
    return 0;
}

static void use_file(struct fixture *fixture, const char *json)
{
    struct err err;

    check_ok(file_write(fixture->file, json, strlen(json), &err), &err);
    setenv("PARLANDO_CONFIG", fixture->file, 1);
}

static const struct config_row *row_called(const char *name)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (strcmp(config_rows[i].name, name) == 0)
            return &config_rows[i];
    fail_msg("there is no row %s", name);
    return NULL;
}

static const struct config_origin *origin_of(const struct config *config, const char *name)
{
    return &config->origins[row_called(name) - config_rows];
}

/* What --print-config prints: the caller's. */
static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    config_print(config, out);
    fclose(out);
    return text;
}

static void test_each_source_overrules_the_one_before_and_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct config *config = &fixture->config;
    struct err err;

    check_ok(config_init(config, &err), &err);
    assert_int_equal(config->port, 8100);
    assert_int_equal(origin_of(config, "port")->kind, CONFIG_DEFAULT);
    config_release(config);

    use_file(fixture, "{\"port\": 1}");
    check_ok(config_init(config, &err), &err);
    assert_int_equal(config->port, 1);
    assert_int_equal(origin_of(config, "port")->kind, CONFIG_FILE);
    assert_string_equal(origin_of(config, "port")->name, fixture->file);
    config_release(config);

    setenv("OS_PORT", "2", 1);
    check_ok(config_init(config, &err), &err);
    assert_int_equal(config->port, 2);
    assert_string_equal(origin_of(config, "port")->name, "OS_PORT");
    config_release(config);

    setenv("PARLANDO_PORT", "3", 1);
    check_ok(config_init(config, &err), &err);
    assert_int_equal(config->port, 3);
    assert_int_equal(origin_of(config, "port")->kind, CONFIG_ENVIRONMENT);
    assert_string_equal(origin_of(config, "port")->name, "PARLANDO_PORT");

    check_ok(config_set_flag(config, row_called("port"), "4", &err), &err);
    assert_int_equal(config->port, 4);
    assert_int_equal(origin_of(config, "port")->kind, CONFIG_COMMAND_LINE);
    assert_string_equal(origin_of(config, "port")->name, "--port");
    config_set_default(config, "port", "5");
    assert_int_equal(config->port, 4);
    config_release(config);
}

static void test_another_default_counts_where_nothing_was_set(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    check_ok(config_init(&fixture->config, &err), &err);
    config_set_default(&fixture->config, "log-level", "info");
    assert_string_equal(fixture->config.log_level, "info");
    assert_int_equal(origin_of(&fixture->config, "log-level")->kind, CONFIG_DEFAULT);
    config_release(&fixture->config);
}

static void test_the_key_is_never_printed(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    setenv("PARLANDO_API_KEY", "correct-horse", 1);
    check_ok(config_init(&fixture->config, &err), &err);
    char *text = printed(&fixture->config);
    assert_null(strstr(text, "horse"));
    assert_non_null(strstr(text, "api-key              (set)"));
    assert_non_null(strstr(text, "environment PARLANDO_API_KEY"));
    free(text);
    config_release(&fixture->config);
}

static void test_every_row_is_printed_with_its_value(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    use_file(fixture, "{\"keep-tasks\": \"90m\", \"model-idle\": 90, \"insecure\": true}");
    check_ok(config_init(&fixture->config, &err), &err);
    char *text = printed(&fixture->config);
    for (size_t i = 0; i < config_row_count; i++)
        assert_non_null(strstr(text, config_rows[i].name));
    assert_non_null(strstr(text, "keep-tasks           90m "));
    assert_non_null(strstr(text, "model-idle           90s "));
    assert_non_null(strstr(text, "insecure             true "));
    free(text);
    config_release(&fixture->config);
}

static void test_values_of_another_kind_are_refused_by_name(void **state)
{
    static const struct {
        const char *json, *message;
    } cases[] = {
        { "{\"models\": 5}", "\"models\" is a text in quotes." },
        { "{\"models\": null}", "\"models\" is a text in quotes." },
        { "{\"models\": [\"a\"]}", "\"models\" is a text in quotes." },
        { "{\"models\": \"\"}", "The folder has no name." },
        { "{\"threads\": \"4\"}", "\"threads\" is a whole number." },
        { "{\"threads\": 1.5}", "\"threads\" is a whole number." },
        { "{\"threads\": true}", "\"threads\" is a whole number." },
        { "{\"threads\": 1000}", "threads" },
        { "{\"insecure\": \"yes\"}", "\"insecure\" is true or false." },
        { "{\"insecure\": 1}", "\"insecure\" is true or false." },
        { "{\"keep-tasks\": false}",
          "\"keep-tasks\" is a text like \"5m\", or a number of seconds." },
        { "{\"keep-tasks\": \"5x\"}", "keep-tasks is a time from 1 to" },
        { "{\"keep-tasks\": \"h\"}", "keep-tasks is a time from 1 to" },
        { "{\"keep-tasks\": 0}", "keep-tasks is a time from 1 to" },
        { "{\"enigne\": \"espeak\"}", "There is no setting \"enigne\"." },
        { "{\"api-key\": \"with space\"}", "no spaces" },
        { "[]", "is not a JSON object." },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };

        use_file(fixture, cases[i].json);
        if (config_init(&fixture->config, &err))
            fail_msg("%s was taken", cases[i].json);
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err.message, cases[i].message) || !strstr(err.message, fixture->file))
            fail_msg("%s gave: %s", cases[i].json, err.message);
    }
}

static void test_a_pipe_is_no_configuration_and_keeps_nobody_waiting(void **state)
{
    struct fixture *fixture = *state;
    struct err err;

    assert_int_equal(mkfifo(fixture->file, 0600), 0);
    setenv("PARLANDO_CONFIG", fixture->file, 1);
    assert_false(config_init(&fixture->config, &err));
    assert_non_null(strstr(err.message, "is not a file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_source_overrules_the_one_before_and_is_named,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_another_default_counts_where_nothing_was_set, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_the_key_is_never_printed, begin, end),
        cmocka_unit_test_setup_teardown(test_every_row_is_printed_with_its_value, begin, end),
        cmocka_unit_test_setup_teardown(test_values_of_another_kind_are_refused_by_name, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_pipe_is_no_configuration_and_keeps_nobody_waiting,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
