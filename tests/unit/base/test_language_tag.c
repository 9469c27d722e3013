#include "base/language_tag.h"

#include "check.h"

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
        check_case(cases[i].text, language_tag_is_valid(cases[i].text) == cases[i].is_tag);
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
        check_case(cases[i].tag, language_tag_fit(cases[i].better, cases[i].tag) >
                                     language_tag_fit(cases[i].worse, cases[i].tag));
    assert_int_equal(language_tag_fit("de", "en"), 0);
    assert_int_equal(language_tag_fit("en-us", "e"), 0);
    assert_true(language_tag_fit("zh-latn-pinyin-a-b-c-d-e-f-g-h-i", "zh") > 0);
}

static void test_a_language_is_at_home_in_the_country_of_its_name(void **state)
{
    (void)state;
    assert_true(language_tag_is_home("fr-FR"));
    assert_true(language_tag_is_home("de_de"));
    assert_false(language_tag_is_home("pt-br"));
    assert_false(language_tag_is_home("de"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags_are_told_from_other_text),
        cmocka_unit_test(test_a_nearer_voice_fits_better),
        cmocka_unit_test(test_a_language_is_at_home_in_the_country_of_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
