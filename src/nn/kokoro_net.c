/*
 * A pass: BERT and the text encoder read the ids; durations stretch what they gave
 * to frames; pitch and energy are predicted on these; the decoder and the
 * generator make the sound. The style's second half is the prosody's.
 *
 * The workspace of a pass goes back to the net when it is over, for the next, and
 * its pages to the system. When no pass is under way the weights' pages go too:
 * they stay in the page cache, from where the next pass maps them again. A long
 * pass lets them go after each part, since its own buffers need the room.
 */
#include "nn/kokoro_net.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "nn/albert.h"
#include "nn/decoder.h"
#include "nn/duration.h"
#include "nn/generator.h"
#include "nn/pitch.h"
#include "nn/source.h"
#include "nn/text_encoder.h"

#define RATE_HZ 24000
#define VOCABULARY 178
#define HALF_STYLE (KOKORO_STYLE / 2)
#define LONG_SECONDS 8 /* of speech */
#define WORKSPACE_LIMIT                                                                            \
    ((size_t)8 << 30) /* of address space: KOKORO_SECONDS_MAX take less than half */

/* In the order of the walk that packs them. */
struct layers {
    struct albert albert;
    struct text_encoder text_encoder;
    struct duration duration;
    struct pitch pitch;
    struct decoder decoder;
    struct source source;
    struct generator generator;
};

struct kokoro_net {
    /* set once */
    struct packed_file *file, *int8_file; /* int8_file NULL: all is computed with floats */
    struct layers layers;                 /* weights in the files */
    struct pool *pool;

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    struct workspace **idle; /* owned, as those in it */
    size_t idle_count;
    size_t passes; /* under way */
};

static void bind_layers(struct packing *packing, void *network)
{
    struct layers *layers = network;

    albert_bind(packing, &layers->albert);
    text_encoder_bind(packing, &layers->text_encoder);
    duration_bind(packing, &layers->duration);
    pitch_bind(packing, &layers->pitch);
    decoder_bind(packing, &layers->decoder);
    source_bind(packing, &layers->source);
    generator_bind(packing, &layers->generator);
}

/* Behind bind_layers. */
static void bind_layers_int8(struct packing *packing, void *network)
{
    struct layers *layers = network;

    decoder_bind_int8(packing, &layers->decoder);
    generator_bind_int8(packing, &layers->generator);
}

static bool open_files(struct kokoro_net *net, const char *model, const char *packed,
                       const char *packed_int8, struct err *err)
{
    net->file = packed_file_open(packed, model, bind_layers, &net->layers, err);
    if (!net->file || !packed_int8 || !int8_kernel())
        return net->file != NULL;
    net->int8_file = packed_file_open(packed_int8, model, bind_layers_int8, &net->layers, err);
    return net->int8_file != NULL;
}

struct kokoro_net *kokoro_net_open(const char *model, const char *packed, const char *packed_int8,
                                   int threads, struct err *err)
{
    struct kokoro_net *net = xcalloc(1, sizeof *net);

    pthread_mutex_init(&net->lock, NULL);
    if (open_files(net, model, packed, packed_int8, err))
        net->pool = pool_create(threads, err);
    if (net->pool)
        return net;
    kokoro_net_close(net);
    return NULL;
}

void kokoro_net_close(struct kokoro_net *net)
{
    if (!net)
        return;
    for (size_t i = 0; i < net->idle_count; i++)
        workspace_destroy(net->idle[i]);
    free(net->idle);
    pool_destroy(net->pool);
    packed_file_close(net->int8_file);
    packed_file_close(net->file);
    pthread_mutex_destroy(&net->lock);
    free(net);
}

/* --- workspaces --- */

static struct workspace *workspace_begin(struct kokoro_net *net, struct err *err)
{
    struct workspace *workspace = NULL;

    pthread_mutex_lock(&net->lock);
    if (net->idle_count > 0)
        workspace = net->idle[--net->idle_count];
    pthread_mutex_unlock(&net->lock);
    if (!workspace && !(workspace = workspace_create(WORKSPACE_LIMIT, err)))
        return NULL;
    pthread_mutex_lock(&net->lock);
    net->passes++;
    pthread_mutex_unlock(&net->lock);
    return workspace;
}

static void workspace_end(struct kokoro_net *net, struct workspace *workspace)
{
    workspace_release(workspace, 0);
    workspace_trim(workspace);
    pthread_mutex_lock(&net->lock);
    net->idle = xrealloc(net->idle, net->idle_count + 1, sizeof *net->idle);
    net->idle[net->idle_count++] = workspace;
    bool is_last = --net->passes == 0;
    pthread_mutex_unlock(&net->lock);
    if (is_last)
        packed_file_forget(net->file);
    if (is_last && net->int8_file)
        packed_file_forget(net->int8_file);
}

/* --- a pass --- */

struct pass {
    struct nn *nn;
    const struct layers *layers;
    struct packed_file *file;
    const int64_t *ids;
    size_t id_count;
    const float *voice, *prosody; /* halves of the style */
    float speed;

    double *part_s; /* [KOKORO_PARTS] */
    double since_s; /* when the part under way began */
};

/* A part is done, and the next begins. */
static void end_part(struct pass *pass, enum kokoro_part part)
{
    double now_s = clock_seconds();

    pass->part_s[part] = now_s - pass->since_s;
    pass->since_s = now_s;
}

/* What the text is, a row an id. */
struct reading {
    struct matrix text;     /* [ids][TEXT_FEATURES] */
    struct matrix features; /* [ids][DURATION_FEATURES] */
};

static bool read_ids(struct pass *pass, struct reading *out, int64_t *frames, struct err *err)
{
    const struct nn *nn = pass->nn;
    const struct layers *layers = pass->layers;

    out->text = workspace_matrix(nn->workspace, pass->id_count, TEXT_FEATURES);
    out->features = workspace_matrix(nn->workspace, pass->id_count, DURATION_FEATURES);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix bert = workspace_matrix(nn->workspace, pass->id_count, ALBERT_FEATURES);

    albert_run(nn, &layers->albert, pass->ids, pass->id_count, &bert);
    end_part(pass, KOKORO_BERT);
    if (!cancel_check(nn->cancel, err))
        return false;
    duration_run(nn, &layers->duration, &bert, pass->prosody, pass->speed, &out->features, frames);
    end_part(pass, KOKORO_DURATIONS);
    if (!cancel_check(nn->cancel, err))
        return false;
    text_encoder_run(nn, &layers->text_encoder, pass->ids, pass->id_count, &out->text);
    end_part(pass, KOKORO_TEXT);
    workspace_release(nn->workspace, mark);
    return cancel_check(nn->cancel, err);
}

static bool count_frames(const int64_t *frames, size_t id_count, size_t *out, struct err *err)
{
    const size_t most = (size_t)KOKORO_SECONDS_MAX * RATE_HZ / KOKORO_FRAME;

    *out = 0;
    for (size_t i = 0; i < id_count; i++)
        *out += (size_t)frames[i];
    return *out <= most ||
           err_set(err, ERR_TOO_LARGE,
                   "This piece of text would be %.0f seconds of speech, and at most "
                   "%d are spoken at once.",
                   (double)*out * KOKORO_FRAME / RATE_HZ, KOKORO_SECONDS_MAX);
}

/* The decoder's input to the generator, and the source's. */
struct excitation {
    struct matrix decoded, source;
};

static bool decode(struct pass *pass, const struct reading *reading, const int64_t *frames,
                   size_t frame_count, struct excitation *out, struct err *err)
{
    const struct nn *nn = pass->nn;
    const struct layers *layers = pass->layers;
    struct matrix text = workspace_matrix(nn->workspace, frame_count, TEXT_FEATURES);
    float *f0 = workspace_floats(nn->workspace, 2 * frame_count);
    float *energy = workspace_floats(nn->workspace, 2 * frame_count);
    size_t mark = workspace_mark(nn->workspace);
    struct matrix features = workspace_matrix(nn->workspace, frame_count, DURATION_FEATURES);

    duration_stretch(&reading->text, frames, &text);
    duration_stretch(&reading->features, frames, &features);
    pitch_run(nn, &layers->pitch, &features, pass->prosody, f0, energy);
    end_part(pass, KOKORO_PITCH);
    workspace_release(nn->workspace, mark);
    if (!cancel_check(nn->cancel, err))
        return false;
    nn_forget(nn);
    out->source = workspace_matrix(nn->workspace, 120 * frame_count + 1, SOURCE_COLUMNS);
    source_run(nn, &layers->source, f0, 2 * frame_count, &out->source);
    end_part(pass, KOKORO_SOURCE);
    out->decoded = decoder_run(nn, &layers->decoder, &text, f0, energy, pass->voice);
    end_part(pass, KOKORO_DECODER);
    nn_forget(nn);
    return cancel_check(nn->cancel, err);
}

static bool speak(struct pass *pass, struct kokoro_speech *out, struct err *err)
{
    struct reading reading;
    struct excitation excitation;
    size_t frame_count;

    if (!read_ids(pass, &reading, out->frames, err) ||
        !count_frames(out->frames, pass->id_count, &frame_count, err))
        return false;
    if (frame_count * KOKORO_FRAME > (size_t)LONG_SECONDS * RATE_HZ)
        pass->nn->forgets = pass->file;
    nn_forget(pass->nn);
    if (!decode(pass, &reading, out->frames, frame_count, &excitation, err))
        return false;
    out->count = frame_count * KOKORO_FRAME;
    out->samples = xcalloc(out->count, sizeof *out->samples);
    bool ok = generator_run(pass->nn, &pass->layers->generator, &excitation.decoded,
                            &excitation.source, pass->voice, out->samples, err);
    end_part(pass, KOKORO_GENERATOR);
    return ok;
}

static bool check_ids(const int64_t *ids, size_t count, struct err *err)
{
    if (count < 3 || count > KOKORO_IDS_MAX)
        return err_set(err, ERR_INVALID, "Kokoro reads 1 to %d tokens at once, not %zu.",
                       KOKORO_IDS_MAX - 2, count < 2 ? 0 : count - 2);
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || ids[i] >= VOCABULARY)
            return err_set(err, ERR_INVALID, "Kokoro has no token %lld: they end at %d.",
                           (long long)ids[i], VOCABULARY - 1);
    return true;
}

bool kokoro_net_run(struct kokoro_net *net, const int64_t *ids, size_t id_count, const float *style,
                    float speed, struct kokoro_speech *out, struct cancel *cancel, struct err *err)
{
    *out = (struct kokoro_speech){ 0 };
    if (!check_ids(ids, id_count, err))
        return false;
    struct workspace *workspace = workspace_begin(net, err);
    if (!workspace)
        return false;
    struct nn nn = {
        .kernel = nn_kernel_best(),
        .pool = net->pool,
        .workspace = workspace,
        .cancel = cancel,
        .int8 = net->int8_file ? int8_kernel() : NULL,
    };
    struct pass pass = {
        .nn = &nn,
        .layers = &net->layers,
        .file = net->file,
        .ids = ids,
        .id_count = id_count,
        .voice = style,
        .prosody = style + HALF_STYLE,
        .speed = speed,
        .part_s = out->part_s,
        .since_s = clock_seconds(),
    };

    out->frames = xcalloc(id_count, sizeof *out->frames);
    bool ok = speak(&pass, out, err);
    if (!ok)
        kokoro_speech_release(out);
    workspace_end(net, workspace);
    return ok;
}

void kokoro_speech_release(struct kokoro_speech *speech)
{
    free(speech->samples);
    free(speech->frames);
    *speech = (struct kokoro_speech){ 0 };
}
