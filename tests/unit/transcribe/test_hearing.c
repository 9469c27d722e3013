/* The way from a file to segments, with models that anyone can make: voice is what is loud, and whatever
 * is said is "Hello world." */
#include <math.h>
#include <unistd.h>

#include "../engine/fixtures.h"
#include "audio/wav.h"
#include "folder.h"
#include "transcribe/cutter.h"
#include "transcribe/transcript.h"
#include "vocabulary_module.h"

#define RATE 16000

/* ---- a models folder ---- */

static void link_model(const char *models, const char *name, const char *from)
{
    char *target = fixture(from), *path = path_join(models, name), *parent = xstrdup(path);
    struct err err = { 0 };

    *strrchr(parent, '/') = '\0';
    check_ok(directory_create(parent, &err), &err);
    assert_int_equal(symlink(target, path), 0);
    free(parent);
    free(path);
    free(target);
}

/* 32 000 tokens, of which the fixture's are words. */
static void write_vocabulary(const char *models)
{
    char *path = path_join(models, "moonshine/llama-tokenizer.js");
    struct buf lines = BUF(1 << 21);
    struct err err = { 0 };

    buf_append_str(&lines, "<unk>\n<s>\n</s>");
    for (int id = 3; id < 32000; id++)
        if (id < MODULE_FIRST)
            buf_format(&lines, "\n<0x%02X>", id - 3);
        else
            buf_format(&lines, "\n%s",
                       id == 15043   ? "▁Hello"
                       : id == 3186  ? "▁world"
                       : id == 29889 ? "."
                                     : "x");
    char *module = vocabulary_module(lines.data);
    check_ok(file_write(path, module, strlen(module), &err), &err);
    free(module);
    buf_release(&lines);
    free(path);
}

static struct transcriber *open_fixtures(const char *models, const char *voice_activity)
{
    need_runtime();
    link_model(models, "moonshine/encoder_model.onnx", "moonshine/encoder_model.onnx");
    link_model(models, "moonshine/decoder_model_merged.onnx",
               "moonshine/decoder_model_merged.onnx");
    link_model(models, "silero/silero_vad_v5.onnx", voice_activity);
    write_vocabulary(models);
    return transcriber_create(&(struct transcriber_options){ .models_dir = models, .threads = 2 });
}

/* ---- recordings ---- */

/* Seconds of a tone and of silence, in turn, up to a 0. */
static double write_tones(const char *path, const double *seconds)
{
    struct err err = { 0 };
    struct wav_writer w;
    double total = 0;

    check_ok(wav_begin(&w, path, WAV_S16, RATE, 1, &err), &err);
    for (size_t i = 0; seconds[i] > 0; i++) {
        struct pcm pcm = PCM(RATE, 1);

        check_ok(pcm_append_silence(&pcm, pcm_frames(seconds[i], RATE), &err), &err);
        for (size_t k = 0; i % 2 == 0 && k < pcm.frames; k++)
            pcm.samples[k] = 0.5f * sinf((float)k * 0.17f);
        check_ok(wav_write(&w, pcm.samples, pcm.frames, &err), &err);
        total += pcm_seconds(&pcm);
        pcm_release(&pcm);
    }
    check_ok(wav_commit(&w, &err), &err);
    wav_release(&w);
    return total;
}

static void hear_tones(struct transcriber *t, const struct folder *folder, const double *seconds,
                       struct transcript *out)
{
    const struct transcript_sink sink = transcript_sink(out);
    double total = write_tones(folder->file, seconds);
    struct err err = { 0 };

    *out = TRANSCRIPT;
    check_ok(transcriber_hear_file(t, folder->file, "tones", &(struct transcribe_options){ 0 },
                                   &sink, NULL, &out->outcome, &err),
             &err);
    assert_float_equal(out->outcome.seconds, total, 1e-6);
}

static void test_each_stretch_of_speech_is_a_segment(void **state)
{
    const struct folder *folder = *state;
    struct transcriber *t = open_fixtures(folder->path, "silero/silero_vad_v5.onnx");
    const double seconds[] = { 1.5, 3, 0.8, 0.5, 0.7, 2, 0 };
    /* What is less than a second apart is one. */
    const double starts[] = { 0, 4.5 }, ends[] = { 1.5, 6.5 };
    struct transcript transcript;

    hear_tones(t, folder, seconds, &transcript);
    assert_int_equal(transcript.count, COUNT(starts));
    for (size_t i = 0; i < COUNT(starts); i++) {
        const struct transcript_segment *s = &transcript.segments[i];

        assert_int_equal(s->id, i);
        check_text("text", s->text, "Hello world.");
        assert_int_equal(s->word_count, 2);
        assert_int_equal(s->token_count, 3);
        assert_float_equal(s->start_s, starts[i], 0.04);
        assert_float_equal(s->end_s, ends[i], 0.04);
        assert_true(s->words[0].end_s <= s->words[1].start_s + 1e-9);
        assert_float_equal(s->no_speech_prob, 0, 0.05);
        /* Each token scores 10 and all others 0. */
        assert_float_equal(s->avg_logprob, -log(1 + 32767 * exp(-10)), 1e-3);
    }
    transcript_release(&transcript);
    transcriber_destroy(t);
}

static void test_speech_without_a_rest_is_heard_piece_by_piece(void **state)
{
    const struct folder *folder = *state;
    struct transcriber *t = open_fixtures(folder->path, "silero/silero_vad_v5.onnx");
    const double seconds[] = { 190, 0 };
    struct transcript transcript;

    hear_tones(t, folder, seconds, &transcript);
    assert_true(transcript.count >= 8 && transcript.count <= 10);
    for (size_t i = 0; i < transcript.count; i++) {
        const struct transcript_segment *s = &transcript.segments[i];

        assert_int_equal(s->id, i);
        assert_true(s->end_s - s->start_s <= CUTTER_SECONDS_MAX);
        assert_float_equal(s->start_s, i > 0 ? transcript.segments[i - 1].end_s : 0, 0.04);
    }
    assert_float_equal(transcript.segments[transcript.count - 1].end_s, 190, 0.04);
    transcript_release(&transcript);
    transcriber_destroy(t);
}

static void test_another_voice_activity_model_is_refused(void **state)
{
    const struct folder *folder = *state;
    struct transcriber *t = open_fixtures(folder->path, "silero/silero_vad.onnx"); /* version 4 */
    struct err err = { 0 };

    assert_false(transcriber_load(t, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, "Silero VAD of version 5"));
    transcriber_destroy(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_stretch_of_speech_is_a_segment),
        TEST(test_speech_without_a_rest_is_heard_piece_by_piece),
        TEST(test_another_voice_activity_model_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
