#include "api/transcription_wish.h"

#include "check.h"

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_nothing_asked_for_is_plain_json(void **state)
{
    const struct transcription_fields cases[] = {
        { 0 },
        { .response_format = "",
          .language = "",
          .stream = "",
          .temperature = "",
          .save_history = "",
          .chunking_strategy = "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct transcription_wish wish;
        struct err err = { 0 };

        check_ok(transcription_wish_read(&cases[i], &wish, &err), &err);
        assert_int_equal(wish.format, TRANSCRIPT_JSON);
        assert_null(wish.language);
        assert_true(wish.detail.has_segments);
        assert_false(wish.detail.has_words);
        assert_false(wish.is_streamed);
        assert_true(wish.is_kept);
    }
}

static void test_each_field_is_heard(void **state)
{
    const struct transcription_fields fields = {
        .response_format = "verbose_json",
        .language = "english",
        .stream = "False",
        .temperature = "0.4",
        .save_history = "0",
        .chunking_strategy = "{\"type\":\"server_vad\",\"threshold\":0.5}",
        .granularities = LIST("word"),
        .granularity_count = 1,
        .include = LIST("logprobs"),
        .include_count = 1,
    };
    struct transcription_wish wish;
    struct err err = { 0 };

    (void)state;
    check_ok(transcription_wish_read(&fields, &wish, &err), &err);
    assert_int_equal(wish.format, TRANSCRIPT_VERBOSE_JSON);
    assert_string_equal(wish.language, "english");
    assert_true(wish.detail.has_words);
    assert_false(wish.detail.has_segments);
    assert_false(wish.is_streamed);
    assert_false(wish.is_kept);
}

static void test_of_several_languages_none_is_meant(void **state)
{
    const struct {
        const char *name;
        struct transcription_fields fields;
        const char *expected;
    } cases[] = {
        { "one", { .languages = LIST("en"), .language_count = 1 }, "en" },
        { "two", { .languages = LIST("de", "en"), .language_count = 2 }, NULL },
        { "both fields", { .language = "en", .languages = LIST("de"), .language_count = 1 }, "en" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct transcription_wish wish;
        struct err err = { 0 };

        check_case(cases[i].name, transcription_wish_read(&cases[i].fields, &wish, &err));
        check_text(cases[i].name, wish.language ? wish.language : "any",
                   cases[i].expected ? cases[i].expected : "any");
    }
}

static void test_a_wrong_field_is_named(void **state)
{
    const struct {
        const char *param, *message;
        struct transcription_fields fields;
    } cases[] = {
        { "response_format", "There is no response_format \"mp3\"", { .response_format = "mp3" } },
        { "response_format", "speakers", { .response_format = "diarized_json" } },
        { "timestamp_granularities",
          "\"line\"",
          { .granularities = LIST("word", "line"), .granularity_count = 2 } },
        { "stream", "\"maybe\"", { .stream = "maybe" } },
        { "stream", "srt", { .stream = "true", .response_format = "srt" } },
        { "save_history", "\"2\"", { .save_history = "2" } },
        { "temperature", "\"1.5\"", { .temperature = "1.5" } },
        { "temperature", "\"hot\"", { .temperature = "hot" } },
        { "include", "\"words\"", { .include = LIST("words"), .include_count = 1 } },
        { "chunking_strategy", "server_vad", { .chunking_strategy = "never" } },
        { "chunking_strategy", "server_vad", { .chunking_strategy = "{\"type\":1}" } },
        { "chunking_strategy", "server_vad", { .chunking_strategy = "{" } },
        { "chunking_strategy", "server_vad", { .chunking_strategy = "[\"auto\"]" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct transcription_wish wish;
        struct err err = { 0 };

        check_case(cases[i].message, !transcription_wish_read(&cases[i].fields, &wish, &err));
        check_case(cases[i].message, err.kind == ERR_INVALID);
        check_text(cases[i].message, err.param, cases[i].param);
        check_case(err.message, strstr(err.message, cases[i].message) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked_for_is_plain_json),
        cmocka_unit_test(test_each_field_is_heard),
        cmocka_unit_test(test_of_several_languages_none_is_meant),
        cmocka_unit_test(test_a_wrong_field_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
