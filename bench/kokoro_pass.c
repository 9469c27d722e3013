/*
 * Kokoro's passes alone, for bench/parity.mjs: kokoro_pass MODELS MODEL, which is prepared. Reads passes from standard input,
 * each a count of ids and of values of F0 (two 32-bit numbers), the speed, the style's 256 floats, the ids
 * (64 bits) and the values (floats), and answers each with the frames of each id (64 bits), a count of
 * samples (32 bits) and the samples. All little-endian. No values: the pitch is predicted; else it is
 * computed all the same and then replaced, two values a frame.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/prepared.h"
#include "nn/kokoro_net.h"
#include "nn/pitch.h"

#define THREADS 2
#define F0_MAX (2 * KOKORO_SECONDS_MAX * 24000 / KOKORO_FRAME)

/* The linker puts this in the place of pitch_run, which is then called by the other name: no engine needs
 * a way to be told the pitch. */
void __wrap_pitch_run(const struct nn *nn, const struct pitch *pitch, const struct matrix *features,
                      const float *style, float *f0, float *energy);
void __real_pitch_run(const struct nn *nn, const struct pitch *pitch, const struct matrix *features,
                      const float *style, float *f0, float *energy);

/* Of the pass under way; there is one at a time. */
static struct {
    uint32_t count; /* 0: none */
    float values[F0_MAX];
} given_f0;

void __wrap_pitch_run(const struct nn *nn, const struct pitch *pitch, const struct matrix *features,
                      const float *style, float *f0, float *energy)
{
    __real_pitch_run(nn, pitch, features, style, f0, energy);
    for (size_t i = 0; i < 2 * features->rows && i < given_f0.count; i++)
        f0[i] = given_f0.values[i];
}

struct pass {
    uint32_t id_count;
    float speed, style[KOKORO_STYLE];
    int64_t ids[KOKORO_IDS_MAX];
};

static bool read_all(void *out, size_t size, size_t count)
{
    return fread(out, size, count, stdin) == count;
}

/* False at the end of the input, or with err. */
static bool read_pass(struct pass *out, struct err *err)
{
    if (!read_all(&out->id_count, sizeof out->id_count, 1))
        return false;
    if (!read_all(&given_f0.count, sizeof given_f0.count, 1) || out->id_count > KOKORO_IDS_MAX ||
        given_f0.count > F0_MAX || !read_all(&out->speed, sizeof out->speed, 1) ||
        !read_all(out->style, sizeof *out->style, KOKORO_STYLE) ||
        !read_all(out->ids, sizeof *out->ids, out->id_count) ||
        !read_all(given_f0.values, sizeof *given_f0.values, given_f0.count))
        return err_set(err, ERR_INVALID, "That is no pass of %d ids and %d values at most.",
                       KOKORO_IDS_MAX, F0_MAX);
    return true;
}

static bool answer(const struct kokoro_speech *speech, size_t id_count, struct err *err)
{
    uint32_t count = (uint32_t)speech->count;

    if (fwrite(speech->frames, sizeof *speech->frames, id_count, stdout) == id_count &&
        fwrite(&count, sizeof count, 1, stdout) == 1 &&
        fwrite(speech->samples, sizeof *speech->samples, count, stdout) == count &&
        fflush(stdout) == 0)
        return true;
    return err_system(err, "write", "standard output");
}

static bool run_next(struct kokoro_net *net, struct pass *pass, struct err *err)
{
    struct kokoro_speech speech;

    if (!read_pass(pass, err) || !kokoro_net_run(net, pass->ids, pass->id_count, pass->style,
                                                 pass->speed, &speech, NULL, err))
        return false;
    bool ok = answer(&speech, pass->id_count, err);
    kokoro_speech_release(&speech);
    return ok;
}

static struct kokoro_net *open_net(const char *models, const char *model, struct err *err)
{
    char *packed = prepared_find(models, model);
    struct kokoro_net *net = NULL;

    if (packed)
        net = kokoro_net_open(model, packed, NULL, THREADS, err);
    else
        err_set(err, ERR_UNAVAILABLE, "%s is not prepared: parlando models prepare", model);
    free(packed);
    return net;
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    struct kokoro_net *net = NULL;
    struct pass *pass = xcalloc(1, sizeof *pass);

    if (argc != 3)
        err_set(&err, ERR_INVALID, "kokoro_pass MODELS MODEL");
    else if ((net = open_net(argv[1], argv[2], &err)))
        while (run_next(net, pass, &err))
            continue;
    kokoro_net_close(net);
    free(pass);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "kokoro_pass: %s\n", err.message);
    return err_exit_code(err.kind);
}
