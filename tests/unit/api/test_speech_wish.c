#include "api/speech_wish.h"

#include "check.h"

static json_t *parsed(const char *text)
{
    struct err err = { 0 };
    json_t *body = json_parse(text, strlen(text), "body", &err);

    if (!body)
        fail_msg("%s", err.message);
    return body;
}

static void test_what_is_left_open_stays_open(void **state)
{
    static const char *const bodies[] = {
        "{\"input\":\"Hello.\"}",
        "{\"input\":\"Hello.\",\"voice\":null,\"model\":null,\"speed\":null,\"effects\":null,"
        "\"response_format\":null,\"stream_format\":null,\"profile_id\":null,\"engine\":null,"
        "\"language\":null,\"save_history\":null,\"instructions\":null}",
        "{\"input\":\"Hello.\",\"effects\":[],\"stream_format\":\"audio\",\"nobody\":\"knows\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        json_t *body = parsed(bodies[i]);
        struct speech_wish wish;
        struct err err = { 0 };

        check_ok(speech_wish_read(body, &wish, &err), &err);
        assert_string_equal(wish.input, "Hello.");
        assert_true(!wish.model && !wish.engine && !wish.voice && !wish.language);
        assert_null(wish.profile_id);
        assert_true(wish.speed == 0);
        assert_false(wish.has_format);
        assert_false(wish.is_sse);
        assert_int_equal(wish.keep, SPEECH_KEEP_DEFAULT);
        json_decref(body);
    }
}

static void test_each_member_is_read(void **state)
{
    json_t *body = parsed("{\"input\":\"Hello.\",\"model\":\"tts-1\",\"voice\":{\"id\":\"alloy\"},"
                          "\"speed\":0.25,\"response_format\":\"opus\",\"stream_format\":\"sse\","
                          "\"profile_id\":\"p\",\"engine\":\"espeak\",\"language\":\"pt_BR\","
                          "\"save_history\":false,\"instructions\":\"Whisper.\"}");
    struct speech_wish wish;
    struct err err = { 0 };

    (void)state;
    check_ok(speech_wish_read(body, &wish, &err), &err);
    assert_string_equal(wish.model, "tts-1");
    assert_string_equal(wish.voice, "alloy");
    assert_true(wish.speed == 0.25);
    assert_true(wish.has_format);
    assert_int_equal(wish.format, AUDIO_OPUS);
    assert_true(wish.is_sse);
    assert_string_equal(wish.profile_id, "p");
    assert_string_equal(wish.engine, "espeak");
    assert_string_equal(wish.language, "pt_BR");
    assert_int_equal(wish.keep, SPEECH_KEEP_NO);
    json_decref(body);
}

static void test_the_first_mistake_is_named(void **state)
{
    static const struct {
        const char *body, *param;
    } cases[] = {
        { "[]", "" },
        { "{}", "input" },
        { "{\"input\":1,\"voice\":1,\"speed\":9}", "input" },
        { "{\"input\":\"x\",\"speed\":9,\"voice\":1}", "voice" },
        { "{\"input\":\"x\",\"voice\":{}}", "voice" },
        { "{\"input\":\"x\",\"voice\":{\"id\":null}}", "voice" },
        { "{\"input\":\"x\",\"voice\":[]}", "voice" },
        { "{\"input\":\"x\",\"response_format\":\"m4b\"}", "response_format" },
        { "{\"input\":\"x\",\"response_format\":\"alaw\"}", "response_format" },
        { "{\"input\":\"x\",\"response_format\":\"MP3\"}", "response_format" },
        { "{\"input\":\"x\",\"speed\":0}", "speed" },
        { "{\"input\":\"x\",\"speed\":true}", "speed" },
        { "{\"input\":\"x\",\"stream_format\":true}", "stream_format" },
        { "{\"input\":\"x\",\"effects\":{}}", "effects" },
        { "{\"input\":\"x\",\"effects\":[1]}", "effects" },
        { "{\"input\":\"x\",\"save_history\":1}", "save_history" },
        { "{\"input\":\"x\",\"language\":\"-\"}", "language" },
        { "{\"input\":\"x\",\"engine\":\"festival\"}", "engine" },
        { "{\"input\":\"x\",\"instructions\":[]}", "instructions" },
        { "{\"input\":\"x\",\"profile_id\":7}", "profile_id" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *body = parsed(cases[i].body);
        struct speech_wish wish;
        struct err err = { 0 };

        check_case(cases[i].body, !speech_wish_read(body, &wish, &err));
        check_case(cases[i].body, err.kind == ERR_INVALID && err.message[0]);
        check_text(cases[i].body, err.param, cases[i].param);
        json_decref(body);
    }
}

static void test_lengths_are_counted_in_characters(void **state)
{
    struct speech_wish wish;
    struct err err = { 0 };
    char name[2 * 201 + 1] = "", text[512];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        memcpy(name + 2 * i, "é", 2);
    snprintf(text, sizeof text, "{\"input\":\"x\",\"voice\":\"%s\"}", name);
    json_t *body = parsed(text);
    check_ok(speech_wish_read(body, &wish, &err), &err);
    json_decref(body);
    memcpy(name + 400, "é", 2);
    snprintf(text, sizeof text, "{\"input\":\"x\",\"voice\":{\"id\":\"%s\"}}", name);
    body = parsed(text);
    assert_false(speech_wish_read(body, &wish, &err));
    assert_string_equal(err.param, "voice");
    assert_non_null(strstr(err.message, "200"));
    assert_non_null(strstr(err.message, "201"));
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_open_stays_open),
        cmocka_unit_test(test_each_member_is_read),
        cmocka_unit_test(test_the_first_mistake_is_named),
        cmocka_unit_test(test_lengths_are_counted_in_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
