#include "base/language.h"

#include "check.h"

static void test_a_tag_has_the_name_of_its_language(void **state)
{
    static const struct {
        const char *tag, *name;
    } cases[] = {
        { "en", "English" },    { "en-us", "English" },
        { "EN-GB", "English" }, { "pt_BR", "Portuguese" },
        { "yue", "Cantonese" }, { "de", "German" },
        { "tlh", "tlh" },       { "", "" },
        { "e", "e" },           { "eng", "eng" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].tag, language_name(cases[i].tag), cases[i].name);
}

static void test_a_name_has_its_code(void **state)
{
    (void)state;
    check_text("in lower case", language_code("english"), "en");
    check_text("of several words", language_code("Haitian creole"), "ht");
    assert_null(language_code("en"));
    assert_null(language_code("Elvish"));
    assert_null(language_code(""));
}

static void test_regions_are_the_same_language(void **state)
{
    static const struct {
        const char *tag, *other;
        bool is_same;
    } cases[] = {
        { "en-us", "EN", true },
        { "en", "eng", false },
        { "de", "da", false },
        { "zh_CN", "zh-TW", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].tag,
                   language_is_same(cases[i].tag, cases[i].other) == cases[i].is_same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tag_has_the_name_of_its_language),
        cmocka_unit_test(test_a_name_has_its_code),
        cmocka_unit_test(test_regions_are_the_same_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
