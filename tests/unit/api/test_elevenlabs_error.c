#include "api/elevenlabs_error.h"

#include "check.h"

static void test_each_mistake_names_its_place(void **state)
{
    struct elevenlabs_mistakes mistakes = { 0 };
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);

    (void)state;
    elevenlabs_mistakes_add(&mistakes, "body", "text", "missing", "Field required");
    elevenlabs_mistakes_add(&mistakes, "body", "voice_settings.speed", "less_than_equal",
                            "Input should be at most %g", 4.0);
    elevenlabs_mistakes_write(&mistakes, &w);
    check_text("two", out.data,
               "{\"detail\":[{\"loc\":[\"body\",\"text\"],\"msg\":\"Field required\","
               "\"type\":\"missing\"},{\"loc\":[\"body\",\"voice_settings\",\"speed\"],"
               "\"msg\":\"Input should be at most 4\",\"type\":\"less_than_equal\"}]}");
    buf_release(&out);
}

static void test_mistakes_without_end_are_cut_off(void **state)
{
    struct elevenlabs_mistakes mistakes = { 0 };

    (void)state;
    for (int i = 0; i < 3 * ELEVENLABS_MISTAKES_MAX; i++)
        elevenlabs_mistakes_add(&mistakes, "body", "text", "missing", "%d", i);
    assert_int_equal(mistakes.count, ELEVENLABS_MISTAKES_MAX);
    assert_string_equal(mistakes.items[ELEVENLABS_MISTAKES_MAX - 1].message, "15");
}

static void test_a_mistake_is_utf8_even_where_it_is_cut(void **state)
{
    struct elevenlabs_mistakes mistakes = { 0 };

    (void)state;
    elevenlabs_mistakes_add(&mistakes, "query", "output_format", "enum", "Not \"%.3s\".", "éé");
    assert_string_equal(mistakes.items[0].message, "Not \"é\".");
}

static void test_a_missing_model_is_not_a_busy_server(void **state)
{
    static const struct {
        enum err_kind kind;
        const char *code;
    } cases[] = {
        { ERR_UNAVAILABLE, "model_not_available" },
        { ERR_BUSY, "system_busy" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { .kind = cases[i].kind };

        check_text(err_kind_name(cases[i].kind), elevenlabs_error_of(503, &err, "req_1").code,
                   cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_names_its_place),
        cmocka_unit_test(test_mistakes_without_end_are_cut_off),
        cmocka_unit_test(test_a_mistake_is_utf8_even_where_it_is_cut),
        cmocka_unit_test(test_a_missing_model_is_not_a_busy_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
