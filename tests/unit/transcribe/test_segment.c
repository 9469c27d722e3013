#include "transcribe/segment.h"

#include <math.h>
#include <unistr.h>

#include "vocabulary_module.h"

#define FRAME_S ((double)VOICE_FRAME / VOICE_RATE_HZ)
#define WORD(n) (MODULE_FIRST + (n))
#define BYTE(b) (3 + (b))

/* " Hello", " world", "ly", ".", " " */
#define TOKENS "▁Hello\n▁world\nly\n.\n▁"

static struct vocabulary *open_vocabulary(void)
{
    struct err err = { 0 };
    char *lines = vocabulary_lines(TOKENS), *module = vocabulary_module(lines);
    struct vocabulary *v = vocabulary_parse(module, strlen(module), "module.js", &err);

    check_ok(v != NULL, &err);
    free(module);
    free(lines);
    return v;
}

/* A piece whose frames are speech where the pattern has an S. */
static struct piece make_piece(const char *pattern, int64_t start_frame, bool is_speech[64])
{
    struct piece piece = { .start = start_frame * VOICE_FRAME,
                           .is_speech = is_speech,
                           .frame_count = strlen(pattern),
                           .voice = 0.75 };

    for (size_t i = 0; i < piece.frame_count; i++) {
        is_speech[i] = pattern[i] == 'S';
        piece.speech_frames += is_speech[i];
    }
    return piece;
}

static void test_tokens_become_words_within_the_speech(void **state)
{
    (void)state;
    bool speech[64];
    /* Six letters and five, and their spaces: 7 of 13 and 6 of 13 of the speech. */
    struct piece piece = make_piece("..SSSSSSS.....SSSSSS..", 10, speech);
    int32_t ids[] = { WORD(0), BYTE(','), WORD(1), WORD(4) };
    const struct moonshine_tokens tokens = { ids, COUNT(ids), -1.0, 5 };
    struct vocabulary *v = open_vocabulary();
    struct transcript_segment s;
    struct arena arena = ARENA;

    assert_true(segment_make(v, &piece, &tokens, &arena, &s));
    check_text("text", s.text, "Hello, world");
    assert_int_equal(s.word_count, 2);
    check_text("first", s.words[0].text, "Hello,");
    check_text("second", s.words[1].text, "world");
    assert_float_equal(s.words[0].start_s, 12 * FRAME_S, 1e-9);
    assert_float_equal(s.words[0].end_s, 19 * FRAME_S, 1e-9);
    assert_float_equal(s.words[1].start_s, 24 * FRAME_S, 1e-9); /* behind the rest */
    assert_float_equal(s.words[1].end_s, 30 * FRAME_S, 1e-9);
    assert_float_equal(s.start_s, 12 * FRAME_S, 1e-9);
    assert_float_equal(s.end_s, 30 * FRAME_S, 1e-9);
    assert_float_equal(s.avg_logprob, -0.2, 1e-9);
    assert_float_equal(s.no_speech_prob, 0.25, 1e-9);
    assert_true(s.compression_ratio > 0.3 && s.compression_ratio < 1.5);
    assert_int_equal(s.token_count, COUNT(ids));
    arena_release(&arena);
    vocabulary_close(v);
}

static void test_any_tokens_give_valid_text_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t ids[6];
        size_t count;
        const char *text; /* NULL: none */
    } cases[] = {
        { "nothing", { 0 }, 0, NULL },
        { "special tokens", { 0, 1, 2, 32766, -5 }, 5, NULL },
        { "spaces", { WORD(4), BYTE('\n'), BYTE(0) }, 3, NULL },
        { "a control character parts words", { WORD(0), BYTE('\n'), WORD(2) }, 3, "Hello ly" },
        { "a character of two bytes", { WORD(0), BYTE(0xC3), BYTE(0xA9) }, 3, "Helloé" },
        { "half a character", { WORD(0), BYTE(0xC3), WORD(3) }, 3, "Hello\xEF\xBF\xBD." },
        { "a byte that begins nothing", { BYTE(0xFF), WORD(2) }, 2, "\xEF\xBF\xBDly" },
    };
    struct vocabulary *v = open_vocabulary();

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool speech[64];
        int32_t ids[6];
        struct piece piece = make_piece("SSS", 0, speech);
        struct moonshine_tokens tokens = { ids, cases[i].count, -1, cases[i].count + 1 };
        struct transcript_segment s;
        struct arena arena = ARENA;

        memcpy(ids, cases[i].ids, sizeof ids);
        bool has_text = segment_make(v, &piece, &tokens, &arena, &s);
        check_case(cases[i].name, has_text == (cases[i].text != NULL));
        if (has_text) {
            check_text(cases[i].name, s.text, cases[i].text);
            check_case(cases[i].name, !u8_check((const uint8_t *)s.text, strlen(s.text)));
        }
        arena_release(&arena);
    }
    vocabulary_close(v);
}

/* However the speech lies: times are in order, and within the piece. */
static void test_times_of_words_never_run_back(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "S", ".S.", "S.S.S.S.S", "SSSSSSSSSSSSSSSS", ".....S......S", "S..............S"
    };
    struct vocabulary *v = open_vocabulary();

    for (size_t i = 0; i < COUNT(patterns); i++) {
        bool speech[64];
        struct piece piece = make_piece(patterns[i], 3, speech);
        int32_t ids[40];
        const struct moonshine_tokens tokens = { ids, COUNT(ids), -1, 1 };
        struct transcript_segment s;
        struct arena arena = ARENA;
        double before = 3 * FRAME_S, end = before + (double)piece.frame_count * FRAME_S;

        for (size_t k = 0; k < COUNT(ids); k++)
            ids[k] = WORD(k % 2);
        assert_true(segment_make(v, &piece, &tokens, &arena, &s));
        for (size_t k = 0; k < s.word_count; k++) {
            check_case(patterns[i], s.words[k].start_s >= before - 1e-9);
            check_case(patterns[i], s.words[k].end_s >= s.words[k].start_s - 1e-9);
            before = s.words[k].end_s;
        }
        check_case(patterns[i], before <= end + 1e-9);
        arena_release(&arena);
    }
    vocabulary_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_become_words_within_the_speech),
        cmocka_unit_test(test_any_tokens_give_valid_text_or_none),
        cmocka_unit_test(test_times_of_words_never_run_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
