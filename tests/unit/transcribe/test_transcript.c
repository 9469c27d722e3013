#include "transcribe/transcript.h"

#include <jansson.h>
#include <uniwidth.h>

#include "check.h"
#include "text/cue.h"

/* A segment of words that each last 0.4 s, from start_s on. */
static void add_segment(struct transcript *t, double start_s, const char *text)
{
    static const int32_t tokens[] = { 5, 6, 7 };
    struct transcript_word words[200];
    char *copy = xstrdup(text), *rest = copy;
    struct err err = { 0 };
    struct transcript_segment s = { .id = (int64_t)t->count,
                                    .start_s = start_s,
                                    .text = text,
                                    .words = words,
                                    .tokens = tokens,
                                    .token_count = COUNT(tokens),
                                    .avg_logprob = -0.25,
                                    .no_speech_prob = 0.125,
                                    .compression_ratio = 1.5 };

    for (char *word; (word = strsep(&rest, " "));) {
        double from = start_s + 0.4 * (double)s.word_count;

        assert_true(s.word_count < COUNT(words));
        words[s.word_count++] = (struct transcript_word){ word, from, from + 0.4 };
    }
    s.end_s = words[s.word_count - 1].end_s;
    check_ok(transcript_add(t, &s, &err), &err);
    free(copy);
}

static struct transcript sample(void)
{
    struct transcript t = TRANSCRIPT;

    t.outcome =
        (struct transcript_outcome){ .seconds = 20, .language = "en", .model = "moonshine-tiny" };
    add_segment(&t, 1, "Tom & Jerry, said he, are <not> here.");
    add_segment(&t, 10, "Gone.");
    return t;
}

static char *format(const struct transcript *t, enum transcript_format format,
                    const struct transcript_detail *detail)
{
    struct buf out = BUF(1 << 22);
    struct err err = { 0 };

    transcript_format(t, format, detail, &out);
    check_ok(buf_ok(&out, "transcript", &err), &err);
    return buf_take(&out);
}

static void check_format(enum transcript_format which, const char *expected)
{
    struct transcript t = sample();
    char *got = format(&t, which, NULL);

    check_text(transcript_format_name(which), got, expected);
    free(got);
    transcript_release(&t);
}

static void test_each_format_is_as_its_readers_expect(void **state)
{
    (void)state;
    check_format(TRANSCRIPT_TEXT, "Tom & Jerry, said he, are <not> here. Gone.\n");
    check_format(TRANSCRIPT_SRT, "1\n00:00:01,000 --> 00:00:04,700\n"
                                 "Tom & Jerry, said he, are <not> here.\n\n"
                                 "2\n00:00:10,000 --> 00:00:10,900\nGone.\n");
    check_format(TRANSCRIPT_VTT, "WEBVTT\n\n00:00:01.000 --> 00:00:04.700\n"
                                 "Tom &amp; Jerry, said he, are &lt;not&gt; here.\n\n"
                                 "00:00:10.000 --> 00:00:10.900\nGone.\n");
    check_format(TRANSCRIPT_JSON, "{\"text\":\"Tom & Jerry, said he, are <not> here. Gone.\","
                                  "\"usage\":{\"type\":\"duration\",\"seconds\":20}}");
}

static void test_verbose_json_has_what_is_asked_for(void **state)
{
    (void)state;
    static const struct transcript_detail details[] = {
        { true, true }, { true, false }, { false, true }, { false, false }
    };
    struct transcript t = sample();

    for (size_t i = 0; i < COUNT(details); i++) {
        char *text = format(&t, TRANSCRIPT_VERBOSE_JSON, &details[i]);
        json_t *json = json_loads(text, 0, NULL);
        json_t *segment = json_array_get(json_object_get(json, "segments"), 1);
        json_t *word = json_array_get(json_object_get(json, "words"), 1);

        assert_non_null(json);
        check_text("task", json_string_value(json_object_get(json, "task")), "transcribe");
        check_text("language", json_string_value(json_object_get(json, "language")), "english");
        assert_float_equal(json_number_value(json_object_get(json, "duration")), 20, 0);
        assert_int_equal(segment != NULL, details[i].has_segments);
        assert_int_equal(word != NULL, details[i].has_words);
        if (segment) {
            assert_int_equal(json_integer_value(json_object_get(segment, "id")), 1);
            assert_int_equal(json_integer_value(json_object_get(segment, "seek")), 1000);
            assert_int_equal(json_array_size(json_object_get(segment, "tokens")), 3);
            assert_float_equal(json_number_value(json_object_get(segment, "avg_logprob")), -0.25,
                               0);
        }
        if (word) {
            check_text("word", json_string_value(json_object_get(word, "word")), "&");
            assert_float_equal(json_number_value(json_object_get(word, "start")), 1.4, 1e-9);
            assert_true(json_is_false(json_object_get(json, "words_are_measured")));
        }
        json_decref(json);
        free(text);
    }
    transcript_release(&t);
}

static void test_silence_has_a_transcript_too(void **state)
{
    (void)state;
    static const char *const expected[] = { "", NULL, "", "WEBVTT\n", NULL };
    struct transcript t = TRANSCRIPT;

    t.outcome.language = "en";
    for (enum transcript_format f = TRANSCRIPT_TEXT; f <= TRANSCRIPT_VERBOSE_JSON; f++) {
        char *text = format(&t, f, NULL);

        if (expected[f]) {
            check_text(transcript_format_name(f), text, expected[f]);
        } else {
            json_t *json = json_loads(text, 0, NULL);

            check_text("text", json_string_value(json_object_get(json, "text")), "");
            json_decref(json);
        }
        free(text);
    }
    transcript_release(&t);
}

/* Two lines of 42 columns, 7 seconds, no overlap: whatever was said. */
static void test_cues_keep_to_their_bounds(void **state)
{
    (void)state;
    struct transcript t = TRANSCRIPT;
    struct buf text = BUF(1 << 20);
    unsigned seed = 7;

    for (int s = 0; s < 12; s++) {
        text.len = 0;
        for (int w = 0; w < 55; w++) {
            seed = seed * 1664525u + 1013904223u;
            buf_format(&text, "%s%.*s%s", w ? " " : "", 1 + (int)((seed >> 10) % 12),
                       "abcdefghijklmn",
                       (seed >> 20) % 9 == 0   ? "."
                       : (seed >> 24) % 7 == 0 ? ","
                                               : "");
        }
        add_segment(&t, s * 24.0, text.data);
    }
    add_segment(&t, 300,
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "
                "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
    t.outcome = (struct transcript_outcome){ .seconds = 310, .language = "en" };
    char *srt = format(&t, TRANSCRIPT_SRT, NULL);
    int cue_count = 0;
    double before = 0;

    for (const char *at = srt; (at = strstr(at, " --> ")); at += 5) {
        unsigned h[2], m[2], s[2], ms[2];
        const char *first = at - 12;

        assert_int_equal(sscanf(first, "%u:%u:%u,%u --> %u:%u:%u,%u", &h[0], &m[0], &s[0], &ms[0],
                                &h[1], &m[1], &s[1], &ms[1]),
                         8);
        double start = h[0] * 3600 + m[0] * 60 + s[0] + ms[0] / 1000.0;
        double end = h[1] * 3600 + m[1] * 60 + s[1] + ms[1] / 1000.0;

        assert_true(start >= before - 1e-9 && end > start && end - start <= CUE_SECONDS_MAX + 2e-3);
        before = end;
        cue_count++;
        int lines = 0;
        for (const char *line = strchr(at, '\n') + 1; *line && *line != '\n';
             line = strchr(line, '\n') + 1) {
            size_t length = strcspn(line, "\n");

            lines++;
            assert_true(u8_width((const uint8_t *)line, length, "UTF-8") <= CUE_LINE_COLUMNS ||
                        !memchr(line, ' ', length));
        }
        assert_true(lines >= 1 && lines <= CUE_LINES_MAX);
    }
    assert_true(cue_count > 30);
    free(srt);
    buf_release(&text);
    transcript_release(&t);
}

static void test_formats_have_names_and_endings(void **state)
{
    (void)state;
    enum transcript_format format;

    for (enum transcript_format f = TRANSCRIPT_TEXT; f <= TRANSCRIPT_VERBOSE_JSON; f++) {
        assert_true(transcript_format_parse(transcript_format_name(f), &format));
        assert_int_equal(format, f);
        assert_true(strlen(transcript_format_ending(f)) >= 3);
    }
    assert_false(transcript_format_parse("diarized_json", &format));
    assert_false(transcript_format_parse("", &format));
}

static void test_a_file_s_ending_says_the_format(void **state)
{
    (void)state;
    enum transcript_format format;

    assert_true(transcript_format_from_path("a.b/talk.SRT", &format));
    assert_int_equal(format, TRANSCRIPT_SRT);
    assert_true(transcript_format_from_path("talk.txt", &format));
    assert_int_equal(format, TRANSCRIPT_TEXT);
    assert_true(transcript_format_from_path("talk.wav.json", &format));
    assert_int_equal(format, TRANSCRIPT_JSON);
    assert_false(transcript_format_from_path("talk.foo", &format));
    assert_false(transcript_format_from_path("talk.", &format));
    assert_false(transcript_format_from_path(".srt", &format));
    assert_false(transcript_format_from_path("texts.srt/talk", &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_format_is_as_its_readers_expect),
        cmocka_unit_test(test_verbose_json_has_what_is_asked_for),
        cmocka_unit_test(test_silence_has_a_transcript_too),
        cmocka_unit_test(test_cues_keep_to_their_bounds),
        cmocka_unit_test(test_formats_have_names_and_endings),
        cmocka_unit_test(test_a_file_s_ending_says_the_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
