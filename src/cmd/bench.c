#include "cmd/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/bench_engines.h"
#include "cmd/peak_memory.h"
#include "cmd/progress.h"
#include "embedded.h"
#include "studio/speech.h"
#include "text/origin.h"

#define SENTENCE "Hello, how are you today?"

struct bench_options {
    const char *file, *voice, *model;
    bool json, is_quiet;
    bool engines;
    int64_t rounds;
};

struct measurement {
    double load_s;
    struct speech_report sentence, text;
    double peak_mb;
    char *model; /* owned, like voice */
    char *voice;
    const char *engine;
    const char *runtime; /* as configured: auto, native or onnx */
};

static bool drop_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    (void)state, (void)samples, (void)frames, (void)err;
    return true;
}

static void show_progress(void *state, double fraction)
{
    progress_fraction(state, fraction);
}

static bool measure(const struct config *config, const struct bench_options *options,
                    const struct buf *text, struct cancel *cancel, struct measurement *out,
                    struct err *err)
{
    const struct speaker_options speaker_options = {
        .engine_config = config_engine(config, 0),
        .engine = config->engine,
        .model = options->model,
        .voice = options->voice,
        .lexicon = config->lexicon,
        .speed = 1.0,
    };
    double started_s = clock_seconds();
    struct speaker *speaker = speaker_create(&speaker_options, err);

    if (!speaker)
        return false;
    out->load_s = clock_seconds() - started_s;
    out->engine = engine_name(speaker_engine(speaker));
    out->runtime = config->runtime;
    out->model = xstrdup(engine_model(speaker_engine(speaker)));
    out->voice = xstrdup(speaker_voice(speaker)->id);

    struct progress *progress = progress_create("speaking", options->is_quiet);
    const struct speech_sink sink = {
        .audio = drop_audio, .progress = show_progress, .state = progress, .is_live = true
    };
    const struct speech_sink warm_up = { .audio = drop_audio, .is_live = true };
    /* The first call grows the runtime's buffers; the second is what a user of a server meets. */
    bool ok =
        speaker_speak(speaker, SENTENCE, strlen(SENTENCE), &warm_up, cancel, &out->sentence, err) &&
        speaker_speak(speaker, SENTENCE, strlen(SENTENCE), &warm_up, cancel, &out->sentence, err) &&
        speaker_speak(speaker, text->data, text->len, &sink, cancel, &out->text, err);
    progress_destroy(progress);
    out->peak_mb = peak_memory_mb();
    speaker_destroy(speaker);
    return ok;
}

static void print_table(const struct measurement *m)
{
    printf("engine                        %s %s, voice %s\n", m->engine, m->model, m->voice);
    printf("load                          %.2f s\n", m->load_s);
    printf("one sentence, first audio     %.2f s  (%.2f s of speech)\n", m->sentence.first_audio_s,
           m->sentence.seconds);
    printf("long text, first audio        %.2f s\n", m->text.first_audio_s);
    printf("long text, real-time factor   %.3f    (%.1f s of speech in %.1f s)\n",
           m->text.work_s / m->text.seconds, m->text.seconds, m->text.work_s);
    printf("long text, throughput         %.2f x real time\n", m->text.seconds / m->text.work_s);
    printf("peak memory                   %.0f MB\n", m->peak_mb);
}

static void print_json(const struct measurement *m)
{
    json_t *root = json_pack(
        "{sssssssssfsfsfsfsfsf}", "engine", m->engine, "runtime", m->runtime, "model", m->model,
        "voice", m->voice, "load_s", m->load_s, "sentence_first_audio_s", m->sentence.first_audio_s,
        "text_first_audio_s", m->text.first_audio_s, "text_audio_s", m->text.seconds, "text_work_s",
        m->text.work_s, "peak_memory_mb", m->peak_mb);

    json_dumpf(root, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(root);
}

static bool read_text(const char *file, struct buf *text, struct err *err)
{
    if (file)
        return file_read(file, text, err);
    buf_append(text, embedded_bench_txt, embedded_bench_txt_size);
    return buf_ok(text, "text", err);
}

static bool measure_one(const struct bench_options *options, struct command_context *context,
                        struct err *err)
{
    struct measurement measurement = { 0 };
    struct buf text = BUF(TEXT_LIMIT);

    bool ok = read_text(options->file, &text, err) &&
              measure(context->config, options, &text, context->cancel, &measurement, err);
    if (ok && options->json)
        print_json(&measurement);
    else if (ok)
        print_table(&measurement);
    buf_release(&text);
    free(measurement.model);
    free(measurement.voice);
    return ok;
}

static bool measure_engines(const struct bench_options *options, struct command_context *context,
                            struct err *err)
{
    const struct bench_engines_options engines = {
        .voice = options->voice,
        .model = options->model,
        .rounds = options->rounds,
        .json = options->json,
        .is_quiet = options->is_quiet,
    };

    if (options->file)
        return err_set(err, ERR_INVALID,
                       "--engines speaks sentences of its own: leave --file away.");
    return bench_engines(context->config, &engines, context->cancel, err);
}

int cmd_bench(int argc, char **argv, struct command_context *context)
{
    struct bench_options options = { .rounds = 5 };
    const struct option_row rows[] = {
        { "file", 0, OPTION_TEXT, &options.file, 0, 0, "FILE",
          "the long text (else a built-in one)" },
        { "voice", 'v', OPTION_TEXT, &options.voice, 0, 0, "ID", "the voice" },
        { "model", 0, OPTION_TEXT, &options.model, 0, 0, "ID", "a model's id, or an .onnx file" },
        { "engines", 0, OPTION_FLAG, &options.engines, 0, 0, NULL,
          "both runtimes of Kokoro, in turn" },
        { "rounds", 0, OPTION_INTEGER, &options.rounds, 1, BENCH_ROUNDS_MAX, "N",
          "with --engines: how often each (else 5)" },
        { "json", 'j', OPTION_FLAG, &options.json, 0, 0, NULL, "one JSON object" },
        { "quiet", 'q', OPTION_FLAG, &options.is_quiet, 0, 0, NULL, "no progress" },
    };
    const struct usage usage = {
        .synopsis = "parlando bench [options]",
        .about =
            "Measures an engine on this machine: load time, time to the first audio, speed and\n"
            "memory, for one sentence and for a text of a thousand words. With --engines,\n"
            "Parlando's own Kokoro engine and ONNX Runtime side by side, and where the time\n"
            "of our own goes.",
        .examples = "  parlando bench\n"
                    "  parlando bench --engine espeak\n"
                    "  parlando bench --engines --threads 2\n"
                    "  parlando bench --model kokoro-q8 --threads 1 --json",
        .rows = rows,
        .row_count = COUNT(rows),
        .takes_no_arguments = true,
    };
    struct arguments arguments;
    struct err err;
    int exit_code;

    if (!command_begin("bench", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    err_clear(&err);
    bool ok = options.engines ? measure_engines(&options, context, &err)
                              : measure_one(&options, context, &err);
    return ok ? 0 : command_fail("bench", &err);
}
