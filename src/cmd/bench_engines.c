#include "cmd/bench_engines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/bench_parts.h"
#include "cmd/peak_memory.h"
#include "cmd/progress.h"
#include "engine/cores.h"

#define ENGINE "kokoro"
#define RUNTIMES 2 /* native, then onnx */

/* What is measured. A sentence is one pass of the model, so that it is the runtimes that are compared. The
 * short one is all that somebody who listens waits for before the first sound. */
enum figure { LOAD, SHORT, MIDDLE, LONG, FIGURES };

static const struct {
    const char *name; /* in JSON */
    const char *text; /* NULL: nothing is spoken */
} figures[FIGURES] = {
    [LOAD] = { "load_s", NULL },
    [SHORT] = { "short_s", "Hello, how are you today?" },
    [MIDDLE] = { "middle_s",
                 "When the river had fallen back between its banks, she carried the old radio down "
                 "to the ferry and set it on a bench." },
    [LONG] = { "long_s",
               "On the last morning of the wet season, when the river had fallen back between its "
               "banks and the first boats were out again, she carried the old radio down to the "
               "ferry and told the boatman, who never asked a question before breakfast, that her "
               "grandfather had built it himself, with a dial from a ship and a speaker from a "
               "cinema, and that for thirty years it had told him about the weather in other "
               "countries." },
};

struct runtime {
    const char *name;
    struct engine_config config;
    struct engine *engine; /* owned, or NULL */
    double *s[FIGURES];    /* [rounds]; owned */
    double peak_mb;
};

struct run {
    const struct config *config;
    const struct bench_engines_options *options;
    size_t rounds;
    int threads;
    double machine_load; /* mean of the minute before */
    struct runtime runtimes[RUNTIMES];
    double audio_s[FIGURES];
    char *model; /* owned */
    struct bench_parts parts;
    struct progress *progress;
    struct cancel *cancel;
    size_t steps_done;
};

/* --- measuring --- */

static void end_step(struct run *run)
{
    const size_t steps = RUNTIMES * (run->rounds * FIGURES + 2);

    progress_fraction(run->progress, (double)++run->steps_done / (double)steps);
}

static bool open_engine(struct run *run, struct runtime *runtime, struct err *err)
{
    runtime->engine = engine_open(&runtime->config, ENGINE, run->options->model, err);
    return runtime->engine != NULL;
}

static void close_engine(struct runtime *runtime)
{
    engine_close(runtime->engine);
    runtime->engine = NULL;
}

/* From the text to the samples. */
static bool speak(struct run *run, struct runtime *runtime, enum figure figure, double *out_s,
                  struct err *err)
{
    double begun_s = clock_seconds();
    const struct voice *voice = engine_voice(runtime->engine, run->options->voice, err);
    struct arena arena = ARENA;
    struct speech speech;
    struct chunk chunk;

    if (!voice)
        return false;
    bool ok = bench_plan(runtime->engine, voice, figures[figure].text, &arena, &chunk, err) &&
              engine_speak(runtime->engine, &(struct utterance){ &chunk, voice, 1 }, &speech,
                           run->cancel, err);
    arena_release(&arena);
    if (!ok)
        return false;
    *out_s = clock_seconds() - begun_s;
    run->audio_s[figure] = (double)speech.pcm.frames / speech.pcm.rate_hz;
    speech_release(&speech);
    end_step(run);
    return true;
}

/* Each alone, the smaller one first: where the system cannot begin to count anew, that is the count
 * of the other one still. */
static bool measure_memory(struct run *run, struct err *err)
{
    for (size_t i = 0; i < RUNTIMES; i++) {
        struct runtime *runtime = &run->runtimes[i];
        double ignored_s;

        peak_memory_restart();
        if (!open_engine(run, runtime, err) || !speak(run, runtime, LONG, &ignored_s, err))
            return false;
        runtime->peak_mb = peak_memory_mb();
        close_engine(runtime);
    }
    return true;
}

static bool measure_loads(struct run *run, struct err *err)
{
    for (size_t round = 0; round < run->rounds; round++)
        for (size_t i = 0; i < RUNTIMES; i++) {
            struct runtime *runtime = &run->runtimes[i];
            double begun_s = clock_seconds();

            if (!cancel_check(run->cancel, err) || !open_engine(run, runtime, err))
                return false;
            runtime->s[LOAD][round] = clock_seconds() - begun_s;
            close_engine(runtime);
            end_step(run);
        }
    return true;
}

/* Who begins changes from round to round. */
static bool measure_sentences(struct run *run, struct err *err)
{
    double ignored_s;

    for (size_t i = 0; i < RUNTIMES; i++) /* the first call grows a runtime's buffers */
        if (!open_engine(run, &run->runtimes[i], err) ||
            !speak(run, &run->runtimes[i], SHORT, &ignored_s, err))
            return false;
    for (size_t round = 0; round < run->rounds; round++)
        for (enum figure figure = SHORT; figure < FIGURES; figure++)
            for (size_t i = 0; i < RUNTIMES; i++) {
                struct runtime *runtime = &run->runtimes[(round + i) % RUNTIMES];

                if (!speak(run, runtime, figure, &runtime->s[figure][round], err))
                    return false;
            }
    return true;
}

static bool measure_parts(struct run *run, struct err *err)
{
    struct runtime *native = &run->runtimes[0];
    const struct bench_sentence sentence = {
        .engine = native->engine,
        .config = &native->config,
        .model = run->options->model,
        .voice = run->options->voice,
        .text = figures[MIDDLE].text,
    };

    return bench_parts_measure(&sentence, run->rounds, run->threads, &run->parts, run->cancel, err);
}

static bool measure(struct run *run, struct err *err)
{
    bool ok = measure_memory(run, err) && measure_loads(run, err) && measure_sentences(run, err);

    if (!ok)
        return false;
    run->model = xstrdup(engine_model(run->runtimes[0].engine));
    return measure_parts(run, err);
}

static void run_init(struct run *run, const struct config *config,
                     const struct bench_engines_options *options, struct cancel *cancel)
{
    static const char *const names[RUNTIMES] = { "native", "onnx" };

    *run = (struct run){
        .config = config,
        .options = options,
        .rounds = (size_t)options->rounds,
        .threads = config->threads > 0 ? (int)config->threads : cores_count(),
        .progress = progress_create("speaking", options->is_quiet),
        .cancel = cancel,
    };
    if (getloadavg(&run->machine_load, 1) != 1)
        run->machine_load = 0;
    for (size_t i = 0; i < RUNTIMES; i++) {
        run->runtimes[i].name = names[i];
        run->runtimes[i].config = config_engine(config, 0);
        run->runtimes[i].config.runtime = names[i];
        for (enum figure figure = 0; figure < FIGURES; figure++)
            run->runtimes[i].s[figure] = xcalloc(run->rounds, sizeof(double));
    }
}

static void run_release(struct run *run)
{
    bench_parts_release(&run->parts);
    for (size_t i = 0; i < RUNTIMES; i++) {
        close_engine(&run->runtimes[i]);
        for (enum figure figure = 0; figure < FIGURES; figure++)
            free(run->runtimes[i].s[figure]);
    }
    free(run->model);
}

/* --- what is shown --- */

static struct spread figure_ratio(const struct run *run, enum figure figure)
{
    return spread_ratio(run->runtimes[1].s[figure], run->runtimes[0].s[figure], run->rounds);
}

static void print_figure(const struct run *run, enum figure figure)
{
    char name[40];

    if (figure == LOAD)
        snprintf(name, sizeof name, "load");
    else
        snprintf(name, sizeof name, "%.1f s of speech", run->audio_s[figure]);
    printf("%-31s", name);
    for (size_t i = 0; i < RUNTIMES; i++) {
        struct spread s = spread_of(run->runtimes[i].s[figure], run->rounds);

        printf("%8.3f s (%.3f-%.3f)", s.median, s.least, s.most);
    }
    struct spread ratio = figure_ratio(run, figure);
    printf("%8.2f (%.2f-%.2f)\n", ratio.median, ratio.least, ratio.most);
}

static void print_tables(const struct run *run)
{
    printf("%s %s, %d thread%s; load average before: %.2f\n"
           "Medians of %zu rounds in turn (least-most); ratios of medians (of a round).\n"
           "A listener waits for the whole of the shortest sentence before the first sound.\n\n"
           "%-31s%23s%25s%22s\n",
           ENGINE, run->model, run->threads, run->threads > 1 ? "s" : "", run->machine_load,
           run->rounds, "", run->runtimes[0].name, run->runtimes[1].name, "onnx / native");
    for (enum figure figure = 0; figure < FIGURES; figure++)
        print_figure(run, figure);
    printf("peak memory, %.1f s of speech%9.0f MB%22.0f MB%21.2f\n", run->audio_s[LONG],
           run->runtimes[0].peak_mb, run->runtimes[1].peak_mb,
           run->runtimes[1].peak_mb / run->runtimes[0].peak_mb);
    bench_parts_print(&run->parts);
}

static void write_spread(struct json_writer *w, const char *key, struct spread spread)
{
    json_write_object_begin(w, key);
    json_write_number(w, "median", spread.median);
    json_write_number(w, "least", spread.least);
    json_write_number(w, "most", spread.most);
    json_write_object_end(w);
}

static void write_runtime(const struct run *run, const struct runtime *runtime,
                          struct json_writer *w)
{
    json_write_object_begin(w, runtime->name);
    for (enum figure figure = 0; figure < FIGURES; figure++)
        write_spread(w, figures[figure].name, spread_of(runtime->s[figure], run->rounds));
    json_write_number(w, "peak_memory_mb", runtime->peak_mb);
    json_write_object_end(w);
}

static void write_json(const struct run *run, struct json_writer *w)
{
    json_write_object_begin(w, NULL);
    json_write_text(w, "engine", ENGINE);
    json_write_text(w, "model", run->model);
    json_write_int(w, "threads", run->threads);
    json_write_int(w, "rounds", (int64_t)run->rounds);
    json_write_number(w, "load_average", run->machine_load);
    json_write_object_begin(w, "audio_s");
    for (enum figure figure = SHORT; figure < FIGURES; figure++)
        json_write_number(w, figures[figure].name, run->audio_s[figure]);
    json_write_object_end(w);
    for (size_t i = 0; i < RUNTIMES; i++)
        write_runtime(run, &run->runtimes[i], w);
    json_write_object_begin(w, "onnx_to_native");
    for (enum figure figure = 0; figure < FIGURES; figure++)
        write_spread(w, figures[figure].name, figure_ratio(run, figure));
    json_write_object_end(w);
    json_write_object_begin(w, "parts");
    bench_parts_write(&run->parts, w);
    json_write_object_end(w);
    json_write_object_end(w);
}

static bool print_json(const struct run *run, struct err *err)
{
    struct buf json = BUF(1 << 20);
    struct json_writer w = JSON_WRITER(&json);

    write_json(run, &w);
    bool ok = buf_ok(&json, "result", err);
    if (ok)
        puts(json.data);
    buf_release(&json);
    return ok;
}

bool bench_engines(const struct config *config, const struct bench_engines_options *options,
                   struct cancel *cancel, struct err *err)
{
    struct run run;

    run_init(&run, config, options, cancel);
    bool ok = measure(&run, err);
    progress_destroy(run.progress);
    if (ok && options->json)
        ok = print_json(&run, err);
    else if (ok)
        print_tables(&run);
    run_release(&run);
    return ok;
}
