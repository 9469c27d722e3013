#include "studio/language.h"

#include "../check.h"

static void test_tags_are_told_from_other_text(void **state)
{
    static const struct {
        const char *text;
        bool is_tag;
    } cases[] = {
        { "en", true },
        { "EN", true },
        { "pt-BR", true },
        { "pt_BR", true },
        { "zh-Hans-CN", true },
        { "cmn", true },
        { "en-029", true },
        { "sr-Latn-x-a", true },
        { "", false },
        { "e", false },
        { "-en", false },
        { "en-", false },
        { "en--us", false },
        { "en us", false },
        { "english1", false },
        { "1n", false },
        { "verylonglanguage", false },
        { "en-\xc3\xa9", false },
        { "*", false },
        { "en/../x", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].text, language_is_tag(cases[i].text) == cases[i].is_tag);
}

static void test_a_nearer_voice_fits_better(void **state)
{
    static const struct {
        const char *tag, *better, *worse;
    } cases[] = {
        { "en-GB", "en-gb", "en-us" },     { "en_gb", "en-gb", "en" }, { "en", "en", "en-us" },
        { "pt", "pt", "pt-br" },           { "pt-BR", "pt-br", "pt" }, { "de-AT", "de", "en-us" },
        { "zh-CN", "cmn", "yue" },         { "zh", "cmn", "yue" },     { "no", "nb", "da" },
        { "en-US", "en-us", "en-us-nyc" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].tag, language_fit(cases[i].better, cases[i].tag) >
                                     language_fit(cases[i].worse, cases[i].tag));
    assert_int_equal(language_fit("de", "en"), 0);
    assert_int_equal(language_fit("en-us", "e"), 0);
    assert_true(language_fit("zh-latn-pinyin-a-b-c-d-e-f-g-h-i", "zh") > 0);
}

static void test_espeak_has_a_voice_for_what_clients_name(void **state)
{
    static const struct {
        const char *tag, *preferred, *voice;
    } cases[] = {
        { "en", NULL, "en-us" },    { "en-GB", NULL, "en-gb" },    { "en-US", NULL, "en-us" },
        { "en", "en-gb", "en-gb" }, { "en-US", "en-gb", "en-us" }, { "de", "en-us", "de" },
        { "de-CH", NULL, "de" },    { "fr", NULL, "fr-fr" },       { "pt", NULL, "pt" },
        { "pt-BR", NULL, "pt-br" }, { "zh-CN", NULL, "cmn" },      { "tlh-x-none", NULL, NULL },
        { "qqq", "en-us", NULL },
    };
    const struct engine_config config = { .models_dir = "/no/such/folder", .threads = 1 };
    struct err err = { 0 };
    struct engine *engine = engine_open(&config, "espeak", NULL, &err);

    (void)state;
    if (!engine)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *voice = language_voice(engine, cases[i].tag, cases[i].preferred);

        if (!cases[i].voice)
            check_case(cases[i].tag, !voice);
        else
            check_text(cases[i].tag, voice ? voice : "none", cases[i].voice);
    }
    engine_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags_are_told_from_other_text),
        cmocka_unit_test(test_a_nearer_voice_fits_better),
        cmocka_unit_test(test_espeak_has_a_voice_for_what_clients_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
