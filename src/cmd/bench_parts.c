#include "cmd/bench_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model_files.h"
#include "engine/prepared.h"
#include "engine/voices.h"
#include "nn/kokoro_net.h"
#include "nn/peak.h"

#define RATE_HZ 24000.0

/* What the net is asked for. */
struct pass {
    int64_t *ids; /* with the pads; owned */
    size_t id_count;
    float style[STYLE_COLUMNS];
};

bool bench_plan(const struct engine *engine, const struct voice *voice, const char *text,
                struct arena *arena, struct chunk *out, struct err *err)
{
    struct text_options options = { 0 };

    engine_text_options(engine, voice, &options);
    options.target_tokens = 0; /* a long sentence is not cut */
    struct planner *planner = planner_create(text, strlen(text), &options, err);
    bool ok = planner && planner_next(planner, arena, out, err);
    planner_destroy(planner);
    return ok;
}

static bool read_text(const struct bench_sentence *sentence, struct pass *out, struct err *err)
{
    const struct voice *voice = engine_voice(sentence->engine, sentence->voice, err);
    struct arena arena = ARENA;
    struct chunk chunk;

    if (!voice)
        return false;
    bool ok = bench_plan(sentence->engine, voice, sentence->text, &arena, &chunk, err);
    if (ok) {
        out->id_count = chunk.id_count + 2;
        out->ids = xcalloc(out->id_count, sizeof *out->ids);
        for (size_t i = 0; i < chunk.id_count; i++)
            out->ids[i + 1] = chunk.ids[i];
        voice_style(voice, chunk.id_count, out->style);
    }
    arena_release(&arena);
    return ok;
}

/* Nets of one thread and of all, on the same packed weights. */
static bool open_nets(const struct bench_sentence *sentence, const struct bench_parts *parts,
                      struct kokoro_net **nets, struct err *err)
{
    struct installed_model model = { 0 };

    if (!installed_model_find(sentence->config, FAMILY_KOKORO, sentence->model, &model, err))
        return false;
    char *packed = prepared_find(sentence->config->models_dir, model.path);
    bool ok = packed || err_set(err, ERR_UNAVAILABLE,
                                "%s is not prepared for Parlando's own engine. `parlando models "
                                "prepare` does it.",
                                model.path);
    for (size_t i = 0; ok && i < parts->pool_count; i++) {
        nets[i] = kokoro_net_open(model.path, packed, NULL, parts->pools[i].threads, err);
        ok = nets[i] != NULL;
    }
    free(packed);
    installed_model_release(&model);
    return ok;
}

static bool measure_peak(struct bench_pool *out, struct err *err)
{
    struct pool *pool = pool_create(out->threads, err);

    if (!pool)
        return false;
    double peak = nn_peak(nn_kernel_best(), pool);
    if (peak > out->peak)
        out->peak = peak;
    pool_destroy(pool);
    return true;
}

static bool run_pass(struct kokoro_net *net, const struct pass *pass, struct bench_parts *parts,
                     size_t pool, size_t round, struct cancel *cancel, struct err *err)
{
    struct kokoro_speech speech;

    if (!kokoro_net_run(net, pass->ids, pass->id_count, pass->style, 1, &speech, cancel, err))
        return false;
    for (enum kokoro_part part = 0; part < KOKORO_PARTS; part++) {
        parts->pools[pool].s[part][round] = speech.part_s[part];
        parts->products[part] =
            kokoro_part_products(part, pass->id_count, speech.count / KOKORO_FRAME);
    }
    parts->audio_s = (double)speech.count / RATE_HZ;
    kokoro_speech_release(&speech);
    return true;
}

static bool run_rounds(struct kokoro_net *const *nets, const struct pass *pass,
                       struct bench_parts *parts, struct cancel *cancel, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < parts->pool_count;
         i++) /* warms up; the first round writes over it */
        ok = run_pass(nets[i], pass, parts, i, 0, cancel, err);
    for (size_t round = 0; round < parts->rounds; round++)
        for (size_t i = 0; ok && i < parts->pool_count; i++)
            ok = run_pass(nets[i], pass, parts, i, round, cancel, err) &&
                 measure_peak(&parts->pools[i], err);
    return ok;
}

bool bench_parts_measure(const struct bench_sentence *sentence, size_t rounds, int threads,
                         struct bench_parts *out, struct cancel *cancel, struct err *err)
{
    struct kokoro_net *nets[BENCH_POOLS] = { 0 };
    struct pass pass = { 0 };

    *out = (struct bench_parts){
        .rounds = rounds,
        .kernel = nn_kernel_best()->name,
        .pools = { { .threads = 1 }, { .threads = threads } },
        .pool_count = threads > 1 ? 2 : 1,
    };
    for (size_t i = 0; i < out->pool_count; i++)
        for (enum kokoro_part part = 0; part < KOKORO_PARTS; part++)
            out->pools[i].s[part] = xcalloc(rounds, sizeof(double));
    bool ok = read_text(sentence, &pass, err) && open_nets(sentence, out, nets, err) &&
              run_rounds(nets, &pass, out, cancel, err);
    for (size_t i = 0; i < out->pool_count; i++)
        kokoro_net_close(nets[i]);
    free(pass.ids);
    return ok;
}

void bench_parts_release(struct bench_parts *parts)
{
    for (size_t i = 0; i < BENCH_POOLS; i++)
        for (enum kokoro_part part = 0; part < KOKORO_PARTS; part++)
            free(parts->pools[i].s[part]);
    *parts = (struct bench_parts){ 0 };
}

/* --- what is shown --- */

static double part_s(const struct bench_parts *parts, size_t pool, enum kokoro_part part)
{
    return spread_of(parts->pools[pool].s[part], parts->rounds).median;
}

static void print_row(const struct bench_parts *parts, const char *name, double products,
                      const double *s)
{
    printf("%-12s%9.2f", name, products / 1e9);
    for (size_t i = 0; i < parts->pool_count; i++)
        printf("%10.1f ms %4.0f %%", 1e3 * s[i], 100 * products / s[i] / parts->pools[i].peak);
    if (parts->pool_count > 1)
        printf("%9.2f", s[0] / s[1]);
    putchar('\n');
}

void bench_parts_print(const struct bench_parts *parts)
{
    double all_products = 0, all_s[BENCH_POOLS] = { 0 };

    printf(
        "\nThe parts of native, for %.1f s of speech (medians), and their share of the fp32 peak.\n"
        "Counted are the multiplications with an addition of the model as it is defined;\n"
        "convolutions by Fourier transforms need fewer, which can lift a share above 100 %%.\n\n",
        parts->audio_s);
    printf("%-12s%9s", "part", "10^9");
    for (size_t i = 0; i < parts->pool_count; i++)
        printf("%11d thread%s", parts->pools[i].threads, parts->pools[i].threads > 1 ? "s" : " ");
    puts(parts->pool_count > 1 ? "  scaling" : "");
    for (enum kokoro_part part = 0; part < KOKORO_PARTS; part++) {
        double s[BENCH_POOLS] = { 0 };

        for (size_t i = 0; i < parts->pool_count; i++) {
            s[i] = part_s(parts, i, part);
            all_s[i] += s[i];
        }
        all_products += parts->products[part];
        print_row(parts, kokoro_part_name(part), parts->products[part], s);
    }
    print_row(parts, "all", all_products, all_s);
    printf("fp32 peak (%s)", parts->kernel);
    for (size_t i = 0; i < parts->pool_count; i++)
        printf("%s%.0f GFLOP/s", i == 0 ? ": " : ", ", 2 * parts->pools[i].peak / 1e9);
    putchar('\n');
}

static void write_pool(const struct bench_parts *parts, size_t pool, struct json_writer *w)
{
    const struct bench_pool *of = &parts->pools[pool];

    json_write_object_begin(w, NULL);
    json_write_int(w, "threads", of->threads);
    json_write_number(w, "peak_gflops", 2 * of->peak / 1e9);
    json_write_object_begin(w, "parts");
    for (enum kokoro_part part = 0; part < KOKORO_PARTS; part++) {
        double s = part_s(parts, pool, part);

        json_write_object_begin(w, kokoro_part_name(part));
        json_write_number(w, "products", parts->products[part]);
        json_write_number(w, "work_s", s);
        json_write_number(w, "peak_share", parts->products[part] / s / of->peak);
        json_write_object_end(w);
    }
    json_write_object_end(w);
    json_write_object_end(w);
}

void bench_parts_write(const struct bench_parts *parts, struct json_writer *w)
{
    json_write_text(w, "kernel", parts->kernel);
    json_write_number(w, "audio_s", parts->audio_s);
    json_write_array_begin(w, "threads");
    for (size_t i = 0; i < parts->pool_count; i++)
        write_pool(parts, i, w);
    json_write_array_end(w);
}
