#include "studio/live_speech.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>

#include "audio/decode.h"
#include "audio/peak.h"
#include "base/buf.h"
#include "stage.h"

#define TWO_SENTENCES "The lamp had burned low. Nobody came to fill it."

/* --- a listener that remembers --- */

#define WORDS_MAX 64

struct heard {
    int begins;
    bool refuses_begin, refuses_audio;
    struct cancel *cancel_at_audio; /* requested with the first audio; or NULL */
    char engine[32], model[256], voice[128];
    int rate_hz;
    struct buf bytes;
    size_t pieces;
    struct timed_word words[WORDS_MAX];
    size_t word_count;
};

static bool heard_begin(void *state, const struct spoken_by *by, struct err *err)
{
    struct heard *heard = state;

    heard->begins++;
    assert_int_equal(heard->pieces, 0);
    snprintf(heard->engine, sizeof heard->engine, "%s", by->engine);
    snprintf(heard->model, sizeof heard->model, "%s", by->model);
    snprintf(heard->voice, sizeof heard->voice, "%s", by->voice);
    heard->rate_hz = by->rate_hz;
    return !heard->refuses_begin || err_set(err, ERR_CONFLICT, "not now");
}

static bool heard_audio(void *state, const void *bytes, size_t length, struct err *err)
{
    struct heard *heard = state;

    assert_int_equal(heard->begins, 1);
    assert_true(length > 0);
    buf_append(&heard->bytes, bytes, length);
    heard->pieces++;
    if (heard->cancel_at_audio)
        cancel_request(heard->cancel_at_audio);
    return !heard->refuses_audio || err_set(err, ERR_DISK_FULL, "no room");
}

static void heard_word(void *state, const struct timed_word *word)
{
    struct heard *heard = state;

    assert_true(heard->word_count < WORDS_MAX);
    heard->words[heard->word_count++] = *word;
}

static void heard_release(struct heard *heard)
{
    buf_release(&heard->bytes);
}

static struct speech_order order_of(const char *text)
{
    return (struct speech_order){
        .text = text, .length = strlen(text), .engine = "espeak", .speed = 1, .format = AUDIO_PCM
    };
}

static bool speak(struct stage *stage, const struct speech_order *order, struct heard *heard,
                  struct cancel *cancel, struct speech_outcome *outcome, struct err *err)
{
    const struct speech_listener listener = { heard_begin, heard_audio, heard_word, heard };

    heard->bytes = BUF(64 << 20);
    return live_speech_speak(stage->live, order, &listener, cancel, outcome, err);
}

static struct speech_outcome speak_well(struct stage *stage, const struct speech_order *order,
                                        struct heard *heard)
{
    struct speech_outcome outcome;
    struct err err = { 0 };

    *heard = (struct heard){ 0 };
    check_ok(speak(stage, order, heard, NULL, &outcome, &err), &err);
    assert_int_equal(heard->begins, 1);
    assert_true(outcome.first_audio_s > 0 && outcome.first_audio_s <= outcome.work_s);
    return outcome;
}

/* --- what is heard --- */

static void test_each_format_is_whole_and_as_long_as_what_was_spoken(void **state)
{
    static const struct {
        enum audio_format format;
        int rate_hz, kbps, decoded_hz;
    } cases[] = {
        { AUDIO_MP3, 0, 0, 22050 },       { AUDIO_OPUS, 0, 0, 48000 },
        { AUDIO_AAC, 0, 0, 22050 },       { AUDIO_FLAC, 0, 0, 22050 },
        { AUDIO_WAV, 0, 0, 22050 },       { AUDIO_WAV, 8000, 0, 8000 },
        { AUDIO_MP3, 44100, 128, 44100 }, { AUDIO_OPUS, 48000, 32, 48000 },
    };
    const struct decode_options as_it_is = { .max_seconds = 60.0 };
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = order_of(TWO_SENTENCES);
        struct heard heard;
        struct pcm pcm;
        struct err err = { 0 };

        order.format = cases[i].format;
        order.rate_hz = cases[i].rate_hz;
        order.bitrate_kbps = cases[i].kbps;
        struct speech_outcome outcome = speak_well(&stage, &order, &heard);
        check_ok(decode_memory((uint8_t *)heard.bytes.data, heard.bytes.len, "memory", &as_it_is,
                               &pcm, &err),
                 &err);
        const char *name = audio_format_name(cases[i].format);
        check_case(name, pcm.rate_hz == cases[i].decoded_hz);
        if (fabs(pcm_seconds(&pcm) - outcome.seconds) > 0.0505)
            fail_msg("%s: %.3f s of %.3f", name, pcm_seconds(&pcm), outcome.seconds);
        check_case(name, peak_find(pcm.samples, pcm.frames) > 0.05f);
        pcm_release(&pcm);
        heard_release(&heard);
    }
    close_stage(&stage);
}

static void test_who_spoke_and_how_much_is_told(void **state)
{
    struct speech_order order = order_of(TWO_SENTENCES);
    struct heard heard;
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    order.engine = "auto";
    order.voice = "en-gb";
    struct speech_outcome outcome = speak_well(&stage, &order, &heard);
    assert_string_equal(heard.engine, "espeak");
    assert_string_equal(heard.model, "");
    assert_string_equal(heard.voice, "en-gb");
    assert_int_equal(heard.rate_hz, 22050);
    assert_true(fabs(outcome.seconds - (double)heard.bytes.len / 2 / 22050) < 0.001);
    assert_int_equal(outcome.output_tokens, ceil(outcome.seconds * LIVE_TOKENS_PER_S));
    assert_in_range(outcome.input_tokens, 40, 60);
    assert_true(heard.pieces >= 4);
    heard_release(&heard);
    close_stage(&stage);
}

static void test_the_first_sentence_is_heard_before_the_last_is_spoken(void **state)
{
    static const char sentence[] = "This sentence is one of very many that say the same thing. ";
    char *text = xcalloc(200, sizeof sentence);
    struct heard heard = { 0 };
    struct speech_outcome outcome;
    struct err err = { 0 };
    struct cancel cancel;
    struct stage stage;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        memcpy(text + i * (sizeof sentence - 1), sentence, sizeof sentence);
    open_stage(&stage, no_models());
    cancel_init(&cancel);
    heard.cancel_at_audio = &cancel;
    struct speech_order order = order_of(text);
    assert_false(speak(&stage, &order, &heard, &cancel, &outcome, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_true(heard.pieces > 0);
    assert_true((double)heard.bytes.len / 2 / 22050 < 30); /* of some ten minutes */
    heard_release(&heard);
    cancel_release(&cancel);
    close_stage(&stage);
    free(text);
}

/* --- speeds --- */

static void test_speeds_beyond_the_engines_are_reached(void **state)
{
    static const double speeds[] = { 0.25, 0.4, 0.5, 2.0, 3.0, 4.0 };
    struct speech_order order = order_of(TWO_SENTENCES);
    struct heard heard;
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    order.speed = 0.5;
    double slow = speak_well(&stage, &order, &heard).seconds;
    heard_release(&heard);
    order.speed = 2;
    double fast = speak_well(&stage, &order, &heard).seconds;
    heard_release(&heard);
    for (size_t i = 0; i < COUNT(speeds); i++) {
        order.speed = speeds[i];
        double seconds = speak_well(&stage, &order, &heard).seconds;
        double expected = speeds[i] < 1 ? slow * 0.5 / speeds[i] : fast * 2.0 / speeds[i];

        if (fabs(seconds - expected) > 0.04 * expected)
            fail_msg("%g: %.3f s instead of %.3f", speeds[i], seconds, expected);
        assert_int_equal(heard.word_count, 10);
        double last = heard.words[9].end_s;
        if (last > seconds + 0.1 || last < 0.8 * seconds)
            fail_msg("%g: the last word ends at %.3f of %.3f s", speeds[i], last, seconds);
        heard_release(&heard);
    }
    close_stage(&stage);
}

/* --- words --- */

/* In order, inside of the whole, at their places in the text. */
static void check_words(const struct heard *heard, const char *text, double seconds)
{
    for (size_t i = 0; i < heard->word_count; i++) {
        const struct timed_word *word = &heard->words[i];

        assert_true(word->input_start < word->input_end && word->input_end <= strlen(text));
        assert_true(text[word->input_start] != ' ' && text[word->input_end - 1] != ' ');
        assert_true(word->start_s <= word->end_s && word->end_s <= seconds + 0.001);
        assert_true(i == 0 || word->start_s >= heard->words[i - 1].start_s);
    }
}

static void test_words_are_the_engines_or_spread(void **state)
{
    static const struct {
        const char *engine, *folder;
        bool is_measured;
    } cases[] = { { "espeak", "kokoro", true },
                  { "kokoro", "kokoro-durations", false },
                  { "kokoro", "kokoro-timestamped", true } };

    (void)state;
    need_runtime();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = order_of(TWO_SENTENCES);
        struct heard heard;
        struct stage stage;

        open_stage(&stage, fixture(cases[i].folder));
        order.engine = cases[i].engine;
        struct speech_outcome outcome = speak_well(&stage, &order, &heard);
        if (outcome.words_are_measured != cases[i].is_measured || heard.word_count != 10)
            fail_msg("%s in %s: %zu words, measured: %d", cases[i].engine, cases[i].folder,
                     heard.word_count, outcome.words_are_measured);
        check_words(&heard, TWO_SENTENCES, outcome.seconds);
        heard_release(&heard);
        close_stage(&stage);
    }
}

/* --- languages --- */

static void test_a_language_chooses_the_voice_where_it_may(void **state)
{
    static const struct {
        const char *engine, *language, *voice, *speaks;
    } cases[] = {
        { "espeak", "de-DE", NULL, "de" },      { "espeak", "de", "en-us", "de" },
        { "espeak", "en", "en-gb", "en-gb" },   { "espeak", "qqq", "en-gb", "en-gb" },
        { "espeak", NULL, "fr-fr", "fr-fr" },   { "kokoro", "de", "af_heart", "af_heart" },
        { "kokoro", "en-GB", NULL, "bf_emma" }, { "kokoro", "en", NULL, NULL },
    };
    struct stage stage;

    (void)state;
    need_runtime();
    open_stage(&stage, fixture("kokoro"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = order_of("Hello there.");
        struct heard heard;

        order.engine = cases[i].engine;
        order.voice = cases[i].voice;
        order.language = cases[i].language;
        (void)speak_well(&stage, &order, &heard);
        if (cases[i].speaks)
            check_text(cases[i].language ? cases[i].language : "none", heard.voice,
                       cases[i].speaks);
        heard_release(&heard);
    }
    close_stage(&stage);
}

static void test_another_engine_speaks_a_language_that_the_usual_one_has_not(void **state)
{
    static const struct {
        const char *language, *engine, *voice;
    } cases[] = {
        { "de", "espeak", "de" },
        { "pt-BR", "espeak", "pt-br" },
        { "en-GB", "kokoro", "bf_emma" },
    };
    struct stage stage;

    (void)state;
    need_runtime();
    open_stage(&stage, fixture("kokoro"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = order_of("Guten Tag.");
        struct heard heard;

        order.engine = "kokoro"; /* by default, not by name */
        order.language = cases[i].language;
        (void)speak_well(&stage, &order, &heard);
        check_text(cases[i].language, heard.engine, cases[i].engine);
        check_text(cases[i].language, heard.voice, cases[i].voice);
        heard_release(&heard);
    }
    close_stage(&stage);
}

static void test_a_language_that_nobody_who_may_speak_has_is_refused(void **state)
{
    static const struct {
        const char *name, *engine, *language, *says;
        bool keeps_engine;
    } cases[] = {
        { "no such language", "kokoro", "qqq", "There is no voice for \"qqq\": there are en",
          false },
        { "an engine by name", "kokoro", "de", "kokoro has no voice for \"de\": there are en",
          true },
        { "espeak by name", "espeak", "qqq", "espeak has no voice for \"qqq\"", true },
    };
    struct stage stage;

    (void)state;
    need_runtime();
    open_stage(&stage, fixture("kokoro"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = order_of("Guten Tag.");
        struct heard heard = { 0 };
        struct speech_outcome outcome;
        struct err err = { 0 };

        order.engine = cases[i].engine;
        order.language = cases[i].language;
        order.keeps_engine = cases[i].keeps_engine;
        check_case(cases[i].name, !speak(&stage, &order, &heard, NULL, &outcome, &err));
        check_text(cases[i].name, err.param, "language");
        if (err.kind != ERR_INVALID || !strstr(err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].name, err_kind_name(err.kind), err.message);
        heard_release(&heard);
    }
    close_stage(&stage);
}

/* --- what goes wrong --- */

static void test_what_cannot_be_spoken_is_refused_before_anything_is_promised(void **state)
{
    static const struct {
        const char *name;
        struct speech_order order;
        enum err_kind kind;
        const char *param, *says;
    } cases[] = {
        { "no words", { .text = "…!", .speed = 1 }, ERR_INVALID, "text", "nothing to speak" },
        { "an endless pause",
          { .text = "One. [pause:1h] Two.", .speed = 1 },
          ERR_INVALID,
          "text",
          "1h" },
        { "too slow", { .text = "One.", .speed = 0.2 }, ERR_INVALID, "speed", "0.25" },
        { "too fast", { .text = "One.", .speed = 4.1 }, ERR_INVALID, "speed", "4" },
        { "no number", { .text = "One.", .speed = NAN }, ERR_INVALID, "speed", "0.25" },
        { "half a blend",
          { .text = "One.", .speed = 1, .voice = "en-us(1" },
          ERR_INVALID,
          "voice",
          "blend" },
        { "no model",
          { .text = "One.", .speed = 1, .engine = "kokoro" },
          ERR_UNAVAILABLE,
          "engine",
          "pull kokoro" },
        { "no such engine",
          { .text = "One.", .speed = 1, .engine = "festival" },
          ERR_INVALID,
          "engine",
          "festival" },
        { "a bit rate that MP3 has not",
          { .text = "One.", .speed = 1, .format = AUDIO_MP3, .bitrate_kbps = 900 },
          ERR_INVALID,
          "bitrate_kbps",
          "320" },
        { "a file's format",
          { .text = "One.", .speed = 1, .format = AUDIO_M4B },
          ERR_INVALID,
          "format",
          "streamed" },
    };
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct speech_order order = cases[i].order;
        struct speech_outcome outcome;
        struct heard heard = { 0 };
        struct err err = { 0 };

        order.length = strlen(order.text);
        if (!order.engine)
            order.engine = "espeak";
        check_case(cases[i].name, !speak(&stage, &order, &heard, NULL, &outcome, &err));
        check_case(cases[i].name, heard.begins == 0 && heard.pieces == 0);
        check_text(cases[i].name, err.param, cases[i].param);
        if (err.kind != cases[i].kind || !strstr(err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].name, err_kind_name(err.kind), err.message);
        heard_release(&heard);
    }
    close_stage(&stage);
}

static void test_a_listener_that_refuses_ends_it_with_its_own_error(void **state)
{
    struct speech_order order = order_of(TWO_SENTENCES);
    struct speech_outcome outcome;
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    struct heard at_once = { .refuses_begin = true }, later = { .refuses_audio = true };
    struct err err = { 0 };
    assert_false(speak(&stage, &order, &at_once, NULL, &outcome, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(at_once.pieces, 0);
    err_clear(&err);
    assert_false(speak(&stage, &order, &later, NULL, &outcome, &err));
    assert_int_equal(err.kind, ERR_DISK_FULL);
    assert_int_equal(later.pieces, 1);
    heard_release(&at_once);
    heard_release(&later);
    close_stage(&stage);
}

/* --- several at once --- */

struct speaking {
    pthread_t thread;
    struct stage *stage;
    struct speech_order order;
    struct cancel cancel;
    struct heard heard;
    struct speech_outcome outcome;
    struct err err;
    bool ok;
};

static void *speak_in_thread(void *arg)
{
    struct speaking *s = arg;

    s->ok = speak(s->stage, &s->order, &s->heard, &s->cancel, &s->outcome, &s->err);
    return NULL;
}

static void begin_speaking(struct speaking *s, struct stage *stage, const char *text)
{
    *s = (struct speaking){ .stage = stage, .order = order_of(text) };
    cancel_init(&s->cancel);
    assert_int_equal(pthread_create(&s->thread, NULL, speak_in_thread, s), 0);
}

static void end_speaking(struct speaking *s)
{
    heard_release(&s->heard);
    cancel_release(&s->cancel);
}

static void test_sixteen_at_once_each_hear_their_own(void **state)
{
    enum { SPEAKERS = 16 };
    static const char *const texts[] = { "One.",
                                         "The second of them is a good deal longer than the first.",
                                         TWO_SENTENCES, "And this one? It is short." };
    struct speaking speaking[SPEAKERS];
    double alone[COUNT(texts)];
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct speech_order order = order_of(texts[i]);
        struct heard heard;

        alone[i] = speak_well(&stage, &order, &heard).seconds;
        heard_release(&heard);
    }
    for (size_t i = 0; i < SPEAKERS; i++)
        begin_speaking(&speaking[i], &stage, texts[i % COUNT(texts)]);
    for (size_t i = 0; i < SPEAKERS; i++) {
        pthread_join(speaking[i].thread, NULL);
        check_ok(speaking[i].ok, &speaking[i].err);
        if (fabs(speaking[i].outcome.seconds - alone[i % COUNT(texts)]) > 0.15)
            fail_msg("%zu: %.3f s instead of %.3f", i, speaking[i].outcome.seconds,
                     alone[i % COUNT(texts)]);
        end_speaking(&speaking[i]);
    }
    close_stage(&stage);
}

static void test_one_that_waits_is_cancelled(void **state)
{
    struct err err = { 0 };
    struct speaking speaking;
    struct stage stage;

    (void)state;
    open_stage(&stage, no_models());
    check_ok(turnstile_enter(stage.turnstile, false, NULL, &err), &err);
    begin_speaking(&speaking, &stage, TWO_SENTENCES);
    while (turnstile_waiting(stage.turnstile) == 0)
        sched_yield();
    cancel_request(&speaking.cancel);
    pthread_join(speaking.thread, NULL);
    assert_false(speaking.ok);
    assert_int_equal(speaking.err.kind, ERR_CANCELLED);
    assert_int_equal(speaking.heard.begins, 0);
    turnstile_leave(stage.turnstile);
    end_speaking(&speaking);
    close_stage(&stage);
}

static void *cancel_in_thread(void *cancel)
{
    cancel_request(cancel);
    return NULL;
}

static void test_one_under_way_is_cancelled(void **state)
{
    struct speech_order order = order_of(TWO_SENTENCES);
    struct speech_outcome outcome;
    struct heard heard = { 0 };
    struct err err = { 0 };
    struct cancel cancel;
    struct stage stage;
    pthread_t thread;

    (void)state;
    need_runtime();
    open_stage(&stage, fixture("kokoro-endless"));
    cancel_init(&cancel);
    order.engine = "kokoro";
    assert_int_equal(pthread_create(&thread, NULL, cancel_in_thread, &cancel), 0);
    assert_false(speak(&stage, &order, &heard, &cancel, &outcome, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    pthread_join(thread, NULL);
    heard_release(&heard);
    cancel_release(&cancel);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_format_is_whole_and_as_long_as_what_was_spoken),
        cmocka_unit_test(test_who_spoke_and_how_much_is_told),
        cmocka_unit_test(test_the_first_sentence_is_heard_before_the_last_is_spoken),
        cmocka_unit_test(test_speeds_beyond_the_engines_are_reached),
        cmocka_unit_test(test_words_are_the_engines_or_spread),
        cmocka_unit_test(test_a_language_chooses_the_voice_where_it_may),
        cmocka_unit_test(test_another_engine_speaks_a_language_that_the_usual_one_has_not),
        cmocka_unit_test(test_a_language_that_nobody_who_may_speak_has_is_refused),
        cmocka_unit_test(test_what_cannot_be_spoken_is_refused_before_anything_is_promised),
        cmocka_unit_test(test_a_listener_that_refuses_ends_it_with_its_own_error),
        cmocka_unit_test(test_sixteen_at_once_each_hear_their_own),
        cmocka_unit_test(test_one_that_waits_is_cancelled),
        cmocka_unit_test(test_one_under_way_is_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
