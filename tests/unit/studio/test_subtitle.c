#include "studio/subtitle.h"

#include <uniwidth.h>

#include "check.h"
#include "studio/playlist.h"

#define RATE_HZ 1000 /* frames are milliseconds */
#define WORDS_MAX 4000

static void add(struct cue_list *subtitle, const char *text, const struct spoken_word *words,
                size_t count, double start_s, double duration_s)
{
    const struct subtitle_speech speech = {
        .text = text,
        .length = strlen(text),
        .words = words,
        .word_count = count,
        .rate_hz = RATE_HZ,
        .start_s = start_s,
        .duration_s = duration_s,
    };
    struct err err;

    check_ok(subtitle_add(subtitle, &speech, &err), &err);
}

static int columns_of(const char *text, size_t length)
{
    return u8_width((const uint8_t *)text, length, "UTF-8");
}

/* The words between spaces, one space between them. */
static char *words_only(const char *text)
{
    struct buf out = BUF(1 << 22);

    for (; *text; text++) {
        bool is_space = *text == ' ' || *text == '\n';

        if (!is_space)
            buf_append_char(&out, *text);
        else if (out.len > 0 && out.data[out.len - 1] != ' ')
            buf_append_char(&out, ' ');
    }
    while (out.len > 0 && out.data[out.len - 1] == ' ')
        out.data[--out.len] = '\0';
    return buf_take(&out);
}

static void check_lines(const char *name, const char *text)
{
    int lines = 0;

    for (const char *line = text; line;) {
        size_t length = strcspn(line, "\n");
        bool is_one_word = !memchr(line, ' ', length);

        check_case(name, length > 0);
        check_case(name, columns_of(line, length) <= CUE_LINE_COLUMNS || is_one_word);
        lines++;
        line = line[length] ? line + length + 1 : NULL;
    }
    check_case(name, lines <= CUE_LINES_MAX);
}

/* What holds for all subtitles; the text of all cues must be the text. */
static void check_rules(const char *name, const struct cue_list *s, const char *text,
                        double duration_s)
{
    struct buf shown = BUF(1 << 22);

    for (size_t i = 0; i < s->count; i++) {
        const struct cue *cue = &s->cues[i];

        check_lines(name, cue->text);
        check_case(name, cue->start_s < cue->end_s);
        check_case(name, cue->end_s - cue->start_s <= CUE_SECONDS_MAX + 1e-9);
        check_case(name, cue->end_s <= duration_s + 1e-9);
        check_case(name, i == 0 || s->cues[i - 1].end_s <= cue->start_s + 1e-9);
        buf_format(&shown, "%s ", cue->text);
    }
    char *got = words_only(shown.data ? shown.data : ""), *expected = words_only(text);
    check_text(name, got, expected);
    free(got);
    free(expected);
    buf_release(&shown);
}

static const struct {
    const char *name, *text;
    double duration_s;
} texts[] = {
    { "one word", "Hello.", 0.6 },
    { "two sentences", "It was late. Nobody came.", 2.5 },
    { "a long sentence",
      "The lamp had burned for a hundred years, and nobody in the town, not even the oldest of the "
      "fishermen, could say who had first carried the oil up those three hundred and nine steps.",
      12 },
    { "no marks at all",
      "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
      "sixteen seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three",
      9 },
    { "slow speech", "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten.", 60 },
    { "paragraphs", "The Sea\n\nOne wave\nbroke.\n\nAnother did not.", 5 },
    { "a word wider than a line",
      "See Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch now.", 6 },
    { "quotes",
      "\u201cWell?\u201d said Mr. Finch. \u201cLet it go,\u201d he said; \u201cnow!\u201d", 5 },
    { "no words", "\u2014 \u2026 \u2014", 1 },
};

static void test_subtitles_without_word_times_keep_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct cue_list s = { 0 };

        add(&s, texts[i].text, NULL, 0, 0, texts[i].duration_s);
        check_rules(texts[i].name, &s, texts[i].text, texts[i].duration_s);
        check_case(texts[i].name, s.count > 0 && s.cues[0].start_s == 0);
        cue_list_release(&s);
    }
}

/* A spoken word for each written one, 250 to 449 ms long with small rests. */
static size_t speak(const char *text, struct spoken_word *words)
{
    size_t count = 0, frame = 200;
    uint32_t random = 7;

    for (size_t at = 0; text[at];) {
        size_t length = strcspn(text + at, " \n");

        if (length > 0 && count < WORDS_MAX) {
            random = random * 1664525u + 1013904223u; /* Numerical Recipes' generator */
            size_t frames = 250 + (random >> 16) % 200;

            words[count++] = (struct spoken_word){
                .input_start = (uint32_t)at,
                .input_end = (uint32_t)(at + length),
                .start_frame = frame,
                .end_frame = frame + frames,
            };
            frame += frames + (strchr(".,;!?", text[at + length - 1]) ? 200 : 10);
        }
        at += length + (text[at + length] != '\0');
    }
    return count;
}

static void test_subtitles_with_word_times_keep_the_rules(void **state)
{
    static struct spoken_word words[WORDS_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct cue_list s = { 0 };
        size_t count = speak(texts[i].text, words);
        double end_s = (double)words[count - 1].end_frame / RATE_HZ;

        add(&s, texts[i].text, words, count, 0, end_s + 1);
        check_rules(texts[i].name, &s, texts[i].text, end_s + 1);
        check_case(texts[i].name, s.cues[0].start_s == 0.2);
        cue_list_release(&s);
    }
}

static void test_cues_begin_when_their_first_word_is_spoken(void **state)
{
    const struct spoken_word words[] = {
        { 0, 3, 500, 900 },
        { 4, 9, 900, 1400 },
        { 11, 14, 4000, 4300 },
        { 15, 20, 4300, 5000 },
    };
    struct cue_list s = { 0 };

    (void)state;
    add(&s, "The first. The other.", words, COUNT(words), 10, 6);
    assert_int_equal(s.count, 2);
    check_text("first", s.cues[0].text, "The first.");
    check_text("second", s.cues[1].text, "The other.");
    assert_float_equal(s.cues[0].start_s, 10.5, 1e-9);
    assert_float_equal(s.cues[0].end_s, 11.9, 1e-9);
    assert_float_equal(s.cues[1].start_s, 14.0, 1e-9);
    cue_list_release(&s);
}

static void test_words_spoken_for_one_written_word_are_shown_once(void **state)
{
    /* "$5" is read "five dollars". */
    const struct spoken_word words[] = {
        { 0, 2, 100, 400 },
        { 3, 5, 400, 700 },
        { 3, 5, 700, 1200 },
        { 6, 11, 1200, 1800 },
    };
    struct cue_list s = { 0 };

    (void)state;
    add(&s, "It $5 cost.", words, COUNT(words), 0, 2);
    assert_int_equal(s.count, 1);
    check_text("cue", s.cues[0].text, "It $5 cost.");
    cue_list_release(&s);
}

static void test_cues_end_with_sentences_and_clauses(void **state)
{
    struct cue_list s = { 0 };

    (void)state;
    add(&s,
        "Mr. Finch had a shop on the corner of Alder Street. He sold watches, but not often, and "
        "never to anyone who seemed to be in a hurry.",
        NULL, 0, 0, 9);
    assert_int_equal(s.count, 2);
    check_text("first", s.cues[0].text, "Mr. Finch had a shop on\nthe corner of Alder Street.");
    check_text("second", s.cues[1].text,
               "He sold watches, but not often, and never\nto anyone who seemed to be in a hurry.");
    cue_list_release(&s);
}

static void test_an_abbreviation_before_a_number_is_no_sentence(void **state)
{
    struct cue_list s = { 0 };

    (void)state;
    add(&s, "The old clock that everyone knew stood at No. 17 Alder Street.", NULL, 0, 0, 6);
    assert_int_equal(s.count, 1);
    cue_list_release(&s);
}

static void test_lines_end_with_sentences_within_a_quotation(void **state)
{
    struct cue_list s = { 0 };

    (void)state;
    add(&s, "\"It loses 2.5 seconds a day. I have perhaps three weeks left.\"", NULL, 0, 0, 6.5);
    check_text("first", s.cues[0].text,
               "\"It loses 2.5 seconds a day.\nI have perhaps three weeks left.\"");
    cue_list_release(&s);
}

static void test_markup_is_not_shown(void **state)
{
    struct cue_list s = { 0 };

    (void)state;
    add(&s, "[pause:1s]Say [tomato](/t\u0259m\u0251\u02d0to\u028a/), please. <break time=\"1s\"/>",
        NULL, 0, 0, 3);
    assert_int_equal(s.count, 1);
    check_text("cue", s.cues[0].text, "Say tomato, please.");
    cue_list_release(&s);
}

static void test_text_without_spaces_breaks_between_characters(void **state)
{
    const char *text = "\u5409\u8f29\u306f\u732b\u3067\u3042\u308b\u3002\u540d\u524d\u306f\u307e"
                       "\u3060\u7121\u3044\u3002\u3069\u3053\u3067\u751f\u308c\u305f\u304b\u3068"
                       "\u3093\u3068\u898b\u5f53\u304c\u3064\u304b\u306c\u3002\u4f55\u3067\u3082"
                       "\u8584\u6697\u3044\u3058\u3081\u3058\u3081\u3057\u305f\u6240\u3067\u3002";
    struct cue_list s = { 0 };
    struct buf shown = BUF(4096);

    (void)state;
    add(&s, text, NULL, 0, 0, 12);
    for (size_t i = 0; i < s.count; i++) {
        check_lines("Japanese", s.cues[i].text);
        for (const char *p = s.cues[i].text; *p; p++)
            if (*p != '\n')
                buf_append_char(&shown, *p);
    }
    check_text("Japanese", shown.data, text);
    buf_release(&shown);
    cue_list_release(&s);
}

static void test_subrip_is_written_as_players_read_it(void **state)
{
    struct cue_list s = { 0 };
    struct buf text = BUF(4096);

    (void)state;
    add(&s, "One.", NULL, 0, 0, 1.5);
    add(&s, "Two.", NULL, 0, 3661.5, 2);
    cue_list_format_srt(&s, &text);
    check_text("srt", text.data,
               "1\n00:00:00,000 --> 00:00:01,500\nOne.\n\n"
               "2\n01:01:01,500 --> 01:01:03,500\nTwo.\n");
    buf_release(&text);
    cue_list_release(&s);
}

static void test_a_playlist_names_files_titles_and_lengths(void **state)
{
    const struct playlist_entry entries[] = { { "01-a.wav", "A\nb", 1.6 },
                                              { "02-c.wav", "Caf\u00e9", 0.2 } };
    struct buf text = BUF(4096);

    (void)state;
    playlist_format("The Sea", entries, COUNT(entries), &text);
    check_text("m3u8", text.data,
               "#EXTM3U\n#PLAYLIST:The Sea\n#EXTINF:2,A b\n01-a.wav\n#EXTINF:0,Caf\u00e9\n"
               "02-c.wav\n");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subtitles_without_word_times_keep_the_rules),
        cmocka_unit_test(test_subtitles_with_word_times_keep_the_rules),
        cmocka_unit_test(test_cues_begin_when_their_first_word_is_spoken),
        cmocka_unit_test(test_words_spoken_for_one_written_word_are_shown_once),
        cmocka_unit_test(test_cues_end_with_sentences_and_clauses),
        cmocka_unit_test(test_an_abbreviation_before_a_number_is_no_sentence),
        cmocka_unit_test(test_lines_end_with_sentences_within_a_quotation),
        cmocka_unit_test(test_markup_is_not_shown),
        cmocka_unit_test(test_text_without_spaces_breaks_between_characters),
        cmocka_unit_test(test_subrip_is_written_as_players_read_it),
        cmocka_unit_test(test_a_playlist_names_files_titles_and_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
