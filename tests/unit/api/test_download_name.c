#include "api/download_name.h"
#include "check.h"

#define ID "0199f3a0-1111-7222-8333-4444abcd5678"

static void test_a_download_is_named_by_its_text_and_voice(void **state)
{
    static const struct {
        const char *text, *voice, *extension, *expected;
    } cases[] = {
        { "Hello there!", "af_bella", "mp3",
          "attachment; filename=\"hello-there-af_bella.mp3\"; "
          "filename*=UTF-8''hello-there-af_bella.mp3" },
        { "Größe & Güte: ein Test", "en-us", "wav",
          "attachment; filename=\"ein-test-en-us.wav\"; "
          "filename*=UTF-8''gr%C3%B6%C3%9Fe-g%C3%BCte-ein-test-en-us.wav" },
        { "你好", "zf_xiaobei", "mp3",
          "attachment; filename=\"abcd5678-zf_xiaobei.mp3\"; "
          "filename*=UTF-8''%E4%BD%A0%E5%A5%BD-zf_xiaobei.mp3" },
        { "One.", "af_bella(2)+af_sky(1)", "opus",
          "attachment; filename=\"one-af_bella-2-af_sky-1.opus\"; "
          "filename*=UTF-8''one-af_bella-2-af_sky-1.opus" },
        { "Heard", NULL, "srt", "attachment; filename=\"heard.srt\"; filename*=UTF-8''heard.srt" },
        { "A \"quote\"\r\nX: y", "v\"\r\n/../w", "mp3",
          "attachment; filename=\"a-quote-x-y-v-w.mp3\"; filename*=UTF-8''a-quote-x-y-v-w.mp3" },
    };
    struct arena arena = ARENA;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].text,
                   download_disposition(&arena, &(struct download){ cases[i].text, cases[i].voice,
                                                                    ID, cases[i].extension }),
                   cases[i].expected);
    arena_release(&arena);
}

static void test_a_long_text_and_voice_make_a_name_that_disks_take(void **state)
{
    struct arena arena = ARENA;
    char *text = xcalloc(1, 901), *voice = xcalloc(1, 901);

    (void)state;
    for (size_t i = 0; i < 900; i += 3)
        memcpy(text + i, "好", 3);
    memset(voice, 'v', 900);
    const char *name = download_disposition(&arena, &(struct download){ text, voice, ID, "mp3" });
    check_case(name, strstr(name, "filename=\"abcd5678-vvvv"));
    check_case(name, strlen(strstr(name, "UTF-8''")) < 3 * 60 + 60);
    check_case(name, strstr(name, "%A5%BD-vvvv")); /* the last character is whole */
    free(text);
    free(voice);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_download_is_named_by_its_text_and_voice),
        cmocka_unit_test(test_a_long_text_and_voice_make_a_name_that_disks_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
