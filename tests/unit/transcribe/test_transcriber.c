#include "transcribe/transcriber.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "../audio/memory_output.h"
#include "base/clock.h"
#include "listening.h"

/* ---- the models ---- */

/* Loaded once for all tests but those that load them themselves: that costs more than hearing does. */
static struct transcriber *loaded;

static int close_loaded(void **state)
{
    (void)state;
    transcriber_destroy(loaded);
    return 0;
}

/* Or the test is skipped. */
static struct transcriber *loaded_transcriber(void)
{
    if (!loaded)
        loaded = open_transcriber(NULL, 3600);
    return loaded;
}

/* ---- words ---- */

/* Lower-case words, as both references and transcripts have them: at most max, each cut to 31 bytes. */
static size_t words_of(const char *text, char words[][32], size_t max)
{
    size_t count = 0, length = 0;

    for (;; text++) {
        if (isalnum((unsigned char)*text) || *text == '\'') {
            if (length < 31)
                words[count][length++] = (char)tolower((unsigned char)*text);
            continue;
        }
        if (length > 0) {
            words[count++][length] = '\0';
            length = 0;
        }
        if (!*text || count == max)
            return count;
    }
}

/* Levenshtein's distance, in words. */
static size_t word_errors(const char *expected, const char *got)
{
    static char e[256][32], g[256][32];
    size_t row[257], en = words_of(expected, e, 256), gn = words_of(got, g, 256);

    for (size_t k = 0; k <= gn; k++)
        row[k] = k;
    for (size_t i = 1; i <= en; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t k = 1; k <= gn; k++) {
            size_t above = row[k], best = diagonal + (strcmp(e[i - 1], g[k - 1]) != 0);

            best = above + 1 < best ? above + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            diagonal = above;
            row[k] = best;
        }
    }
    return row[gn];
}

static char *text_of(const struct transcript *t)
{
    struct buf text = BUF(1 << 20);

    transcript_format_text(t, &text);
    return buf_take(&text);
}

/* What is heard in a file that can be read; the caller's. */
static char *hear_text(struct transcriber *t, const char *path)
{
    struct transcript transcript;
    struct err err = { 0 };

    check_ok(hear_into(t, path, &transcript, NULL, &err), &err);
    char *text = text_of(&transcript);
    transcript_release(&transcript);
    return text;
}

/* ---- what is said ---- */

static const struct {
    const char *path, *text;
} clips[] = {
    { LIBRIVOX "0870.wav",
      "and mr john dashwood had then leisure to consider how much there might be "
      "prudently in his power to do for them" },
    { LIBRIVOX "0880.wav", "he was not an ill disposed young man" },
    { LIBRIVOX "0890.wav",
      "unless to be rather cold hearted and rather selfish is to be ill disposed" },
    { LIBRIVOX "0920.wav", "had he married a more amiable woman he might have been made still more "
                           "respectable than he was" },
    { LIBRIVOX "0930.wav", "he might even have been made amiable himself" },
    { CLIPS "cards/001.wav", "ten of clubs" },
    { CLIPS "cards/002.wav", "four queen of clubs" },
    { CLIPS "cards/003.wav", "seven of clubs" },
    { CLIPS "cards/004.wav", "five five" },
    { CLIPS "cards/005.wav", "eight of spades four of clubs seven of hearts" },
};

static void test_real_speech_is_written_down(void **state)
{
    (void)state;
    struct transcriber *t = loaded_transcriber();
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT(clips); i++) {
        need_clip(clips[i].path);
        char *text = hear_text(t, clips[i].path);

        wrong += word_errors(clips[i].text, text);
        free(text);
    }
    assert_true(wrong <= 4); /* of 92: under 5 % */
}

static void test_segments_and_words_have_their_times(void **state)
{
    (void)state;
    struct transcriber *t = loaded_transcriber();
    struct pcm pcm = clip_pcm(LIBRIVOX "0870.wav"), other = clip_pcm(LIBRIVOX "0930.wav");
    struct folder *folder = *state;
    struct err err = { 0 };
    struct transcript transcript;
    double first_s = pcm_seconds(&pcm), other_s = pcm_seconds(&other);

    check_ok(pcm_append_silence(&pcm, 10 * 16000, &err), &err);
    check_ok(pcm_append(&pcm, other.samples, other.frames, &err), &err);
    write_wav(folder->file, &pcm);
    check_ok(hear_into(t, folder->file, &transcript, NULL, &err), &err);
    assert_float_equal(transcript.outcome.seconds, first_s + 10 + other_s, 0.001);
    check_text("model", transcript.outcome.model, "moonshine-tiny");
    assert_false(transcript.outcome.words_are_measured);
    assert_int_equal(transcript.count, 2);
    assert_true(transcript.segments[0].end_s <= first_s + 0.1);
    assert_true(transcript.segments[1].start_s >= first_s + 9.9);
    assert_true(transcript.segments[1].end_s <= transcript.outcome.seconds + 0.05);
    for (size_t i = 0; i < 2; i++) {
        const struct transcript_segment *s = &transcript.segments[i];

        assert_int_equal(s->id, i);
        assert_true(s->word_count >= 7 && s->token_count >= s->word_count);
        assert_true(s->words[0].start_s >= s->start_s);
        assert_true(s->words[s->word_count - 1].end_s <= s->end_s + 1e-9);
        assert_true(s->avg_logprob < 0 && s->avg_logprob > -1);
        assert_true(s->no_speech_prob >= 0 && s->no_speech_prob < 0.3);
        assert_true(s->compression_ratio > 0.5 && s->compression_ratio < 2.4);
    }
    transcript_release(&transcript);
    pcm_release(&pcm);
    pcm_release(&other);
}

/* ---- kinds of files ---- */

static void write_encoded(const char *path, const struct pcm *pcm, enum audio_format format)
{
    const struct encoder_options options = {
        .format = format, .rate_hz = pcm->rate_hz, .channels = pcm->channels, .bitrate_kbps = 0
    };
    struct memory_output m = { 0 };
    const struct encoder_output output = { memory_output_write, memory_output_seek, &m };
    struct err err = { 0 };
    struct encoder *encoder = encoder_create(&options, &output, &err);

    check_ok(encoder != NULL, &err);
    check_ok(encoder_write(encoder, pcm->samples, pcm->frames, &err), &err);
    check_ok(encoder_finish(encoder, &err), &err);
    encoder_destroy(encoder);
    check_ok(file_write(path, m.bytes, m.length, &err), &err);
    free(m.bytes);
}

static void test_any_kind_of_file_is_heard_alike(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name;
        enum audio_format format;
        int rate_hz, channels;
    } kinds[] = {
        { "mp3", AUDIO_MP3, 44100, 2 },           { "opus", AUDIO_OPUS, 48000, 1 },
        { "m4a", AUDIO_M4B, 44100, 1 },           { "aac", AUDIO_AAC, 16000, 1 },
        { "flac, 22 kHz", AUDIO_FLAC, 22050, 1 }, { "WAV, 8 kHz in stereo", AUDIO_WAV, 8000, 2 },
    };
    struct transcriber *t = loaded_transcriber();
    struct pcm pcm = clip_pcm(clips[0].path);

    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct pcm other;
        struct err err = { 0 };

        check_ok(resample(&pcm, kinds[i].rate_hz, kinds[i].channels, &other, &err), &err);
        write_encoded(folder->file, &other, kinds[i].format);
        char *text = hear_text(t, folder->file);
        if (word_errors(clips[0].text, text) > 3)
            fail_msg("%s: %s", kinds[i].name, text);
        free(text);
        pcm_release(&other);
    }
    pcm_release(&pcm);
}

static struct pcm make_noise(double seconds, float loudness)
{
    struct pcm pcm = PCM(16000, 1);
    struct err err = { 0 };
    unsigned seed = 3;

    check_ok(pcm_append_silence(&pcm, pcm_frames(seconds, 16000), &err), &err);
    for (size_t i = 0; i < pcm.frames; i++) {
        seed = seed * 1664525u + 1013904223u;
        pcm.samples[i] = loudness * ((float)(seed >> 8) / 8388608.0f - 1);
    }
    return pcm;
}

static void test_what_is_no_speech_has_no_words(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name;
        double seconds;
        float loudness;
    } sounds[] = {
        { "silence", 40, 0 },
        { "noise", 40, 0.05f },
        { "loud noise", 10, 0.9f },
        { "ten milliseconds", 0.01, 0.3f },
        { "one sample", 1.0 / 16000, 0.3f },
    };
    struct transcriber *t = loaded_transcriber();

    for (size_t i = 0; i < COUNT(sounds); i++) {
        struct pcm pcm = make_noise(sounds[i].seconds, sounds[i].loudness);
        struct transcript transcript;
        struct err err = { 0 };

        write_wav(folder->file, &pcm);
        check_ok(hear_into(t, folder->file, &transcript, NULL, &err), &err);
        check_case(sounds[i].name, transcript.count == 0);
        check_case(sounds[i].name,
                   fabs(transcript.outcome.seconds - pcm_seconds(&pcm)) < 1.0 / 16000);
        transcript_release(&transcript);
        pcm_release(&pcm);
    }
}

static void test_what_is_no_recording_is_refused(void **state)
{
    struct folder *folder = *state;
    struct transcriber *t = loaded_transcriber();
    struct pcm pcm = clip_pcm(clips[0].path);
    struct buf whole = BUF(1 << 24);
    struct transcript transcript;
    struct err err = { 0 };

    assert_false(hear_into(t, folder->file, &transcript, NULL, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "the recording"));

    check_ok(file_write(folder->file, "", 0, &err), &err);
    assert_false(hear_into(t, folder->file, &transcript, NULL, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);

    check_ok(file_write(folder->file, "It is a text, and not a recording of it.", 40, &err), &err);
    assert_false(hear_into(t, folder->file, &transcript, NULL, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "the recording"));

    write_encoded(folder->file, &pcm, AUDIO_MP3);
    check_ok(file_read(folder->file, &whole, &err), &err);
    check_ok(file_write(folder->file, whole.data, whole.len / 3, &err), &err);
    assert_false(hear_into(t, folder->file, &transcript, NULL, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, "cut off"));
    transcript_release(&transcript);
    buf_release(&whole);
    pcm_release(&pcm);
}

static void test_limits_and_languages_are_checked(void **state)
{
    (void)state;
    struct transcriber *t = loaded_transcriber();
    struct transcript transcript = TRANSCRIPT;
    const struct transcript_sink sink = transcript_sink(&transcript);
    struct transcript_outcome outcome;
    struct err err = { 0 };

    need_clip(clips[1].path);
    assert_false(transcriber_hear_file(t, clips[1].path, "clip",
                                       &(struct transcribe_options){ .max_seconds = 1 }, &sink,
                                       NULL, &outcome, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_false(transcriber_hear_file(t, clips[1].path, "clip",
                                       &(struct transcribe_options){ .language = "fr" }, &sink,
                                       NULL, &outcome, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    check_text("parameter", err.param, "language");
    static const char *const known[] = { "en", "en-GB", "English", "" };
    for (size_t i = 0; i < COUNT(known); i++)
        check_ok(transcriber_hear_file(t, clips[1].path, "clip",
                                       &(struct transcribe_options){ .language = known[i] }, &sink,
                                       NULL, &outcome, &err),
                 &err);
    assert_int_equal(transcript.count, COUNT(known));
    transcript_release(&transcript);
}

/* ---- stopping ---- */

/* Ten minutes of speech that no test waits for. */
static void write_long(const char *path)
{
    struct pcm pcm = clip_pcm(clips[0].path), all = PCM(16000, 1);
    struct err err = { 0 };

    while (pcm_seconds(&all) < 600) {
        check_ok(pcm_append(&all, pcm.samples, pcm.frames, &err), &err);
        check_ok(pcm_append_silence(&all, 24000, &err), &err);
    }
    write_wav(path, &all);
    pcm_release(&pcm);
    pcm_release(&all);
}

struct stopping {
    struct cancel cancel;
    struct transcriber *transcriber;
    double at_s; /* the request */
    int segments;
};

static bool request(void *state, const struct transcript_segment *segment, struct err *err)
{
    struct stopping *s = state;

    (void)segment, (void)err;
    s->segments++;
    s->at_s = clock_seconds();
    cancel_request(&s->cancel);
    return true;
}

static void test_a_cancelled_hearing_ends_at_once(void **state)
{
    struct folder *folder = *state;
    struct stopping s = { .transcriber = loaded_transcriber() };
    const struct transcript_sink sink = { request, NULL, &s };
    struct transcript_outcome outcome;
    struct err err = { 0 };

    write_long(folder->file);
    cancel_init(&s.cancel);
    assert_false(transcriber_hear_file(s.transcriber, folder->file, "talk",
                                       &(struct transcribe_options){ 0 }, &sink, &s.cancel,
                                       &outcome, &err));
    double waited_s = clock_seconds() - s.at_s;
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_int_equal(s.segments, 1);
    assert_true(waited_s < 1); /* a tenth of it where the machine has nothing else to do */
    err_clear(&err);
    assert_false(transcriber_hear_file(s.transcriber, folder->file, "talk",
                                       &(struct transcribe_options){ 0 }, &sink, &s.cancel,
                                       &outcome, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_int_equal(s.segments, 1);
    cancel_release(&s.cancel);
}

static bool refuse(void *state, const struct transcript_segment *segment, struct err *err)
{
    struct stopping *s = state;

    (void)segment;
    s->segments++;
    assert_false(transcriber_unload(s->transcriber, err)); /* in use */
    assert_int_equal(err->kind, ERR_CONFLICT);
    return err_set(err, ERR_DISK_FULL, "There is no room for this.");
}

static void test_a_sink_that_has_enough_ends_it(void **state)
{
    struct folder *folder = *state;
    struct stopping s = { .transcriber = loaded_transcriber() };
    const struct transcript_sink sink = { refuse, NULL, &s };
    struct transcript_outcome outcome;
    struct err err = { 0 };

    write_long(folder->file);
    assert_false(transcriber_hear_file(s.transcriber, folder->file, "talk",
                                       &(struct transcribe_options){ 0 }, &sink, NULL, &outcome,
                                       &err));
    assert_int_equal(err.kind, ERR_DISK_FULL);
    assert_int_equal(s.segments, 1);
}

/* ---- together ---- */

struct listener {
    pthread_t thread;
    struct transcriber *transcriber;
    size_t clip;
    bool is_ok;
    char *text;
    double progress;
    bool progress_fell;
};

static void watch(void *state, double fraction)
{
    struct listener *l = state;

    l->progress_fell |= fraction < l->progress || fraction > 1;
    l->progress = fraction;
}

static bool keep(void *state, const struct transcript_segment *segment, struct err *err)
{
    struct listener *l = state;

    (void)err;
    l->text = xstrdup(segment->text);
    return true;
}

static void *listen(void *arg)
{
    struct listener *l = arg;
    const struct transcript_sink sink = { keep, watch, l };
    struct transcript_outcome outcome;
    struct err err = { 0 };

    l->is_ok =
        transcriber_hear_file(l->transcriber, clips[l->clip].path, "clip",
                              &(struct transcribe_options){ 0 }, &sink, NULL, &outcome, &err);
    return NULL;
}

static void test_many_hear_at_once_each_their_own(void **state)
{
    (void)state;
    struct listener listeners[5];

    loaded_transcriber(); /* or the test is skipped here */
    need_clip(clips[0].path);
    struct turnstile *turnstile = turnstile_create(1);
    struct transcriber *t = open_transcriber(turnstile, 0);

    assert_false(transcriber_is_loaded(t));
    for (size_t i = 0; i < COUNT(listeners); i++) {
        listeners[i] = (struct listener){ .transcriber = t, .clip = i };
        assert_int_equal(pthread_create(&listeners[i].thread, NULL, listen, &listeners[i]), 0);
    }
    for (size_t i = 0; i < COUNT(listeners); i++) {
        struct listener *l = &listeners[i];

        pthread_join(l->thread, NULL);
        assert_true(l->is_ok && l->text);
        assert_true(word_errors(clips[i].text, l->text) <= 2);
        assert_false(l->progress_fell);
        assert_true(l->progress > 0.9);
        free(l->text);
    }
    assert_true(transcriber_is_loaded(t));
    assert_int_equal(turnstile_waiting(turnstile), 0);
    transcriber_destroy(t);
    turnstile_destroy(turnstile);
}

static void test_models_come_and_go(void **state)
{
    (void)state;
    struct transcriber *t = open_transcriber(NULL, 1e-9), *busy = loaded_transcriber();
    struct err err = { 0 };

    check_ok(transcriber_unload(t, &err), &err); /* nothing is loaded: nothing to do */
    check_ok(transcriber_load(t, &err), &err);
    check_ok(transcriber_load(t, &err), &err);
    assert_true(transcriber_is_loaded(t));
    check_ok(transcriber_unload(t, &err), &err);
    assert_false(transcriber_is_loaded(t));
    check_ok(transcriber_load(t, &err), &err);
    transcriber_close_idle(t);
    assert_false(transcriber_is_loaded(t));
    check_ok(transcriber_load(busy, &err), &err);
    transcriber_close_idle(busy); /* it has not been idle for an hour */
    assert_true(transcriber_is_loaded(busy));
    transcriber_destroy(t);
}

/* ---- models that are not there, or broken ---- */

static void test_missing_models_are_named_with_how_to_get_them(void **state)
{
    struct folder *folder = *state;
    struct transcriber *t =
        transcriber_create(&(struct transcriber_options){ .models_dir = folder->path });
    struct transcript transcript;
    struct err err = { 0 };

    assert_false(transcriber_can_hear(t, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "parlando models pull moonshine-tiny"));
    err_clear(&err);
    assert_false(hear_into(t, folder->file, &transcript, NULL, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_false(transcriber_load(t, &err));
    assert_false(transcriber_is_loaded(t));
    transcriber_destroy(t);
}

static void write_model(const char *folder, const char *name)
{
    char *path = path_join(folder, name), *parent = xstrdup(path);
    struct err err = { 0 };

    *strrchr(parent, '/') = '\0';
    check_ok(directory_create(parent, &err), &err);
    check_ok(file_write(path, "nonsense", 8, &err), &err);
    free(parent);
    free(path);
}

static void test_broken_models_are_an_error_each_time(void **state)
{
    struct folder *folder = *state;
    struct transcriber *t =
        transcriber_create(&(struct transcriber_options){ .models_dir = folder->path });
    struct err err = { 0 };

    write_model(folder->path, "moonshine/encoder_model.onnx");
    write_model(folder->path, "moonshine/decoder_model_merged.onnx");
    write_model(folder->path, "moonshine/llama-tokenizer.js");
    write_model(folder->path, "silero/silero_vad_v5.onnx");
    if (!transcriber_can_hear(t, &err)) {
        transcriber_destroy(t);
        skip_for_want_of("ONNX Runtime");
    }
    for (int i = 0; i < 2; i++) {
        assert_false(transcriber_load(t, &err));
        assert_int_equal(err.kind, ERR_CORRUPT);
    }
    transcriber_destroy(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_real_speech_is_written_down),
        TEST(test_segments_and_words_have_their_times),
        TEST(test_any_kind_of_file_is_heard_alike),
        TEST(test_what_is_no_speech_has_no_words),
        TEST(test_what_is_no_recording_is_refused),
        TEST(test_limits_and_languages_are_checked),
        TEST(test_a_cancelled_hearing_ends_at_once),
        TEST(test_a_sink_that_has_enough_ends_it),
        TEST(test_many_hear_at_once_each_their_own),
        TEST(test_models_come_and_go),
        TEST(test_missing_models_are_named_with_how_to_get_them),
        TEST(test_broken_models_are_an_error_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, close_loaded);
}
