#include "studio/language_voice.h"

#include "../check.h"

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
    struct arena arena = { 0 };
    struct engine_voices voices;

    (void)state;
    check_ok(engine_list_voices(&config, "espeak", NULL, &arena, &voices, &err), &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *voice = language_voice(&voices, cases[i].tag, cases[i].preferred);

        if (!cases[i].voice)
            check_case(cases[i].tag, !voice);
        else
            check_text(cases[i].tag, voice ? voice : "none", cases[i].voice);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_espeak_has_a_voice_for_what_clients_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
