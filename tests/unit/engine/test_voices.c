#include <math.h>

#include "../check.h"
#include "base/file.h"
#include "engine/voices.h"

/* Voices whose styles are one row of one number each: 1, 2, 4, … */
struct fake {
    struct voice_list list;
    char *folder;
};

static const char *const ids[] = { "bf_emma", "af_sky", "af_bella", "expr-voice-2-f",
                                   "expr-voice-2" };

static int setup(void **state)
{
    struct fake *fake = xcalloc(1, sizeof *fake);
    struct err err = { 0 };

    fake->folder = temp_folder();
    voice_list_init(&fake->list);
    for (size_t i = 0; i < COUNT(ids); i++) {
        float row[STYLE_COLUMNS];
        char *path = str_format("%s/%s.bin", fake->folder, ids[i]);

        for (size_t j = 0; j < STYLE_COLUMNS; j++)
            row[j] = (float)(1 << i);
        check_ok(file_write(path, row, sizeof row, &err), &err);
        struct voice *voice =
            voice_list_add(&fake->list, ids[i], i == 1 ? "Sky" : "Other", "en-us", "female");
        voice->style_path = path;
    }
    voice_list_finish(&fake->list, "af_bella");
    *state = fake;
    return 0;
}

static int teardown(void **state)
{
    struct fake *fake = *state;

    voice_list_release(&fake->list);
    temp_folder_remove(fake->folder);
    free(fake);
    return 0;
}

static void test_voices_are_sorted_and_ids_are_unique(void **state)
{
    struct fake *fake = *state;

    assert_string_equal(fake->list.items[0]->info.id, "af_bella");
    assert_string_equal(fake->list.items[4]->info.id, "expr-voice-2-f");
    assert_null(voice_list_add(&fake->list, "af_sky", "Sky", "en-us", ""));
}

static void test_a_voice_is_checked_without_loading_it(void **state)
{
    static const struct {
        const char *id, *says; /* NULL: it is good */
    } cases[] = {
        { "af_sky", NULL },
        { "kokoro:af_sky", NULL },
        { "sky", NULL },
        { "af_bella(2)+af_sky(1)", NULL },
        { "expr-voice-2-af_sky(0.5)", NULL },
        { "nosuchvoice", "no voice \"nosuchvoice\" in kokoro" },
        { "", "no voice" },
        { "zzz(1)+yyy", "no voice \"zzz\"" },
        { "af_sky(1)+yyy", "no voice \"yyy\"" },
        { "af_sky(0)", "weight" },
        { "af_sky-af_bella", "add up to nothing" },
    };
    struct fake *fake = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        bool ok = voice_list_check(&fake->list, "kokoro", cases[i].id, &err);

        check_case(cases[i].id, ok == !cases[i].says);
        if (!ok && (err.kind != ERR_INVALID || !strstr(err.message, cases[i].says)))
            fail_msg("%s: %s", cases[i].id, err.message);
        if (!ok)
            check_text(cases[i].id, err.param, "voice");
    }
    for (size_t i = 0; i < fake->list.count; i++)
        assert_null(fake->list.items[i]->styles);
    assert_int_equal(fake->list.blend_count, 0);
}

static void test_ids_that_are_no_text_are_left_out(void **state)
{
    static const char *const odd[] = { "af_\xff", "af_b\xc3", "af\nsky", "\x1b[2J", "del\x7f" };
    struct fake *fake = *state;
    size_t count = fake->list.count;

    for (size_t i = 0; i < COUNT(odd); i++)
        assert_null(voice_list_add(&fake->list, odd[i], "Odd", "en-us", ""));
    assert_int_equal(fake->list.count, count);
    assert_non_null(voice_list_add(&fake->list, "zoë", "Zoë", "en-us", ""));
}

static void test_single_voices_are_found_and_unknown_ones_fall_back(void **state)
{
    static const struct {
        const char *asked, *got;
    } cases[] = {
        { "af_sky", "af_sky" },
        { "Sky", "af_sky" },
        { "sky", "af_sky" },
        { "kokoro:af_sky", "af_sky" },
        { NULL, "af_bella" },
        { "", "af_bella" },
        { "nobody", "af_bella" },
        { "no-such-voice", "af_bella" },
        { "other", "af_bella" }, /* four voices are called that */
        { "expr-voice-2", "expr-voice-2" },
        { "AF_SKY", "af_bella" },
        { "piper:af_sky", "af_bella" },
    };
    struct fake *fake = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        const struct voice *voice = voice_list_find(&fake->list, "kokoro", cases[i].asked, &err);

        if (!voice)
            fail_msg("%s: %s", cases[i].asked, err.message);
        check_text(cases[i].asked ? cases[i].asked : "NULL", voice->info.id, cases[i].got);
    }
}

static void test_blends_are_weighted_means(void **state)
{
    /* bf_emma 1, af_sky 2, af_bella 4, expr-voice-2-f 8, expr-voice-2 16 */
    static const struct {
        const char *blend;
        double value;
    } cases[] = {
        { "af_bella+af_sky", 3 },
        { "af_bella(2)+af_sky(1)", 10.0 / 3 },
        { "af_bella(3)-af_sky(1)", 5 },
        { "af_bella(2)+bf_emma(1)-af_sky", 7.0 / 2 },
        { "af_bella,af_sky,bf_emma", 7.0 / 3 },
        { " af_bella (2) + af_sky ", 10.0 / 3 },
        { "af_bella(0.5)+af_sky(.5)", 3 },
        { "af_bella(1)", 4 },
        { "expr-voice-2-f+af_bella", 6 },
        { "expr-voice-2-af_bella(0.5)", 28 },
        { "expr-voice-2-f(3)-expr-voice-2", 4 },
        { "kokoro:af_bella+af_sky", 3 },
        { "af_bella(100)+af_sky(1e-3)", 4 },
    };
    struct fake *fake = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        float style[STYLE_COLUMNS];
        const struct voice *voice = voice_list_find(&fake->list, "kokoro", cases[i].blend, &err);

        if (!voice)
            fail_msg("%s: %s", cases[i].blend, err.message);
        voice_style(voice, 17, style);
        if (fabs(style[0] - cases[i].value) > 1e-4 || style[255] != style[0])
            fail_msg("%s: %f", cases[i].blend, (double)style[0]);
    }
}

static void test_a_blend_is_made_once(void **state)
{
    struct fake *fake = *state;
    struct err err = { 0 };
    const struct voice *first = voice_list_find(&fake->list, "x", "af_bella+af_sky(2)", &err);
    const struct voice *again = voice_list_find(&fake->list, "x", "af_bella+af_sky(2)", &err);

    assert_non_null(first);
    assert_ptr_equal(first, again);
    assert_string_equal(first->info.id, "af_bella+af_sky(2)");
    assert_string_equal(first->info.language, "en-us");
}

static void test_malformed_blends_name_what_is_wrong(void **state)
{
    static const struct {
        const char *blend, *message;
    } cases[] = {
        { "af_bella+", "at its end" },
        { "+af_bella", "cannot be read" },
        { "af_bella++af_sky", "+af_sky" },
        { "af_bella(2)af_sky", "\"af_sky\"" },
        { "af_bella(2+af_sky", "(2+af_sky" },
        { "af_bella()+af_sky", "\"()\"" },
        { "af_bella(x)+af_sky", "\"(x)\"" },
        { "af_bella( 2 )", "\"( 2 )\"" },
        { "af_bella(0)+af_sky", "\"(0)\"" },
        { "af_bella(-1)+af_sky", "\"(-1)\"" },
        { "af_bella(101)+af_sky", "\"(101)\"" },
        { "af_bella(nan)+af_sky", "\"(nan)\"" },
        { "af_bella(inf)+af_sky", "\"(inf)\"" },
        { "af_bella+af_nobody", "\"af_nobody\"" },
        { "af_nobody(2)", "\"af_nobody\"" },
        { "af_bella-af_nobody", "\"af_nobody\"" },
        { "af_bella-af_sky", "add up to nothing" },
        { "af_bella-af_sky(2)", "add up to nothing" },
        { "af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+af_sky+"
          "af_sky+af_sky+af_sky+af_sky+af_sky",
          "at most 16 parts" },
    };
    struct fake *fake = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };

        check_case(cases[i].blend, !voice_list_find(&fake->list, "x", cases[i].blend, &err));
        check_case(cases[i].blend, err.kind == ERR_INVALID && strcmp(err.param, "voice") == 0);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].blend, err.message);
    }
    char *lengthy = xmalloc(4001);
    memset(lengthy, '+', 4000);
    lengthy[4000] = '\0';
    struct err err = { 0 };
    assert_null(voice_list_find(&fake->list, "x", lengthy, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    free(lengthy);
}

static void test_a_missing_style_file_names_the_voice(void **state)
{
    struct fake *fake = *state;
    struct err err = { 0 };
    char *path = str_format("%s/af_sky.bin", fake->folder);

    remove(path);
    free(path);
    assert_null(voice_list_find(&fake->list, "x", "af_sky", &err));
    assert_non_null(strstr(err.message, "af_sky"));
    assert_null(voice_list_find(&fake->list, "x", "af_bella+af_sky", &err));
}

static void test_voices_without_styles_cannot_be_blended(void **state)
{
    struct voice_list list;
    struct err err = { 0 };

    (void)state;
    voice_list_init(&list);
    assert_null(voice_list_find(&list, "piper", "alice", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    voice_list_add(&list, "alice", "Alice", "en-us", "");
    voice_list_add(&list, "bob", "Bob", "en-us", "");
    voice_list_finish(&list, "nobody");
    assert_string_equal(list.fallback->info.id, "alice");
    assert_non_null(voice_list_find(&list, "piper", "bob", &err));
    assert_null(voice_list_find(&list, "piper", "alice+bob", &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    voice_list_release(&list);
}

static void *find_often(void *argument)
{
    struct fake *fake = argument;

    for (int i = 0; i < 200; i++) {
        struct err err = { 0 };
        float style[STYLE_COLUMNS];
        char *id = str_format("%s(%d)+af_sky", ids[i % 5], 1 + i % 7);
        const struct voice *voice = voice_list_find(&fake->list, "x", id, &err);

        if (voice)
            voice_style(voice, 0, style);
        free(id);
        if (!voice)
            return argument;
    }
    return NULL;
}

static void test_several_threads_may_look_for_voices(void **state)
{
    pthread_t threads[3];

    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_often, *state), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *failed = NULL;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

#define with_voices(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_voices(test_voices_are_sorted_and_ids_are_unique),
        with_voices(test_ids_that_are_no_text_are_left_out),
        with_voices(test_a_voice_is_checked_without_loading_it),
        with_voices(test_single_voices_are_found_and_unknown_ones_fall_back),
        with_voices(test_blends_are_weighted_means),
        with_voices(test_a_blend_is_made_once),
        with_voices(test_malformed_blends_name_what_is_wrong),
        with_voices(test_a_missing_style_file_names_the_voice),
        cmocka_unit_test(test_voices_without_styles_cannot_be_blended),
        with_voices(test_several_threads_may_look_for_voices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
