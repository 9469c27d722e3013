#include "transcribe/moonshine.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "transcribe/repetition.h"
#include "transcribe/token_scores.h"

#define TOKEN_START 1
#define TOKEN_END 2

/* The encoder's convolutions want 895 samples; a shorter sound is padded with silence. */
#define SAMPLES_MIN (MOONSHINE_RATE_HZ / 10)

/* Speech has three to five tokens a second. More than this are noise taken for words; the least is
 * for short answers. */
#define TOKENS_PER_SECOND 6.5
#define TOKENS_LEAST 8
#define TOKENS_MOST 256

#define LAYERS_MAX 32
#define CACHE_MAX (4 * LAYERS_MAX) /* key and value of the decoder's and the encoder's side */
#define NAME_SIZE 48
#define DECODER_FILE "decoder_model_merged.onnx"
#define DECODER_MAX ((size_t)1 << 30) /* bytes */

enum { IDS, HIDDEN, USE_CACHE, FIXED_INPUTS };

static const char *const fixed_names[FIXED_INPUTS] = { "input_ids", "encoder_hidden_states",
                                                       "use_cache_branch" };

/* A layer's part of the cache, in the order of the names below. */
enum { DECODER_KEY, DECODER_VALUE, ENCODER_KEY, ENCODER_VALUE, LAYER_PARTS };

static const char *const part_names[LAYER_PARTS] = { "decoder.key", "decoder.value", "encoder.key",
                                                     "encoder.value" };

struct moonshine {
    struct ort *ort; /* borrowed */
    struct ort_session *encoder, *decoder;
    struct token_scores *scores;        /* the decoder's last step, or NULL: it does that itself */
    size_t layers, cache_count;         /* cache_count: LAYER_PARTS * layers */
    int64_t heads, head_size;           /* of the cache, [batch, heads, length, head_size] */
    char past[CACHE_MAX][NAME_SIZE];    /* the decoder's inputs, … */
    char present[CACHE_MAX][NAME_SIZE]; /* … and its outputs */

    const char *inputs[FIXED_INPUTS + CACHE_MAX];
    const char *outputs[1 + CACHE_MAX];       /* of the first step: logits and all of the cache */
    const char *later_outputs[1 + CACHE_MAX]; /* afterwards the encoder's side stays as it is */
    size_t later_places[CACHE_MAX];           /* in the cache, of these */
    size_t later_count;
};

/* ---- opening ---- */

static struct ort_session *open_session(struct ort *ort, const char *folder, const char *file,
                                        struct err *err)
{
    char *path = path_join(folder, file);
    struct ort_session *session =
        ort_session_open(ort, path, &(struct ort_session_options){ .threads = 1 }, err);

    free(path);
    return session;
}

/* Without its last step, where that can be taken out. */
static struct ort_session *open_decoder(struct moonshine *m, const char *folder, struct err *err)
{
    char *path = path_join(folder, DECODER_FILE);
    struct buf rest = BUF(DECODER_MAX);
    struct file_map map = { 0 };
    const struct ort_session_options options = { .threads = 1 };
    struct ort_session *session = NULL;

    if (file_map(&map, path, err)) {
        m->scores = token_scores_take(map.bytes, map.length, &rest);
        session = m->scores
                      ? ort_session_open_bytes(m->ort, rest.data, rest.len, path, &options, err)
                      : ort_session_open(m->ort, path, &options, err);
    }
    file_unmap(&map);
    buf_release(&rest);
    free(path);
    return session;
}

static void name_cache(struct moonshine *m)
{
    memcpy(m->inputs, fixed_names, sizeof fixed_names);
    m->outputs[0] = m->later_outputs[0] = m->scores ? TOKEN_SCORES_HIDDEN : "logits";
    for (size_t i = 0; i < m->cache_count; i++) {
        size_t layer = i / LAYER_PARTS, part = i % LAYER_PARTS;

        snprintf(m->past[i], NAME_SIZE, "past_key_values.%zu.%s", layer, part_names[part]);
        snprintf(m->present[i], NAME_SIZE, "present.%zu.%s", layer, part_names[part]);
        m->inputs[FIXED_INPUTS + i] = m->past[i];
        m->outputs[1 + i] = m->present[i];
        if (part == DECODER_KEY || part == DECODER_VALUE) {
            m->later_places[m->later_count] = i;
            m->later_outputs[1 + m->later_count++] = m->present[i];
        }
    }
}

static bool has_all(const struct tensor_info *infos, size_t info_count, const char *const *names,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!tensor_info_find(infos, info_count, names[i]))
            return false;
    return true;
}

/* Layers and sizes, by the decoder's inputs. */
static bool read_shape(struct moonshine *m, const char *folder, struct err *err)
{
    size_t input_count, output_count;
    const struct tensor_info *inputs = ort_session_inputs(m->decoder, &input_count);
    const struct tensor_info *outputs = ort_session_outputs(m->decoder, &output_count);
    const struct tensor_info *key =
        tensor_info_find(inputs, input_count, "past_key_values.0.decoder.key");

    m->layers = input_count > FIXED_INPUTS ? (input_count - FIXED_INPUTS) / LAYER_PARTS : 0;
    m->cache_count = LAYER_PARTS * m->layers;
    if (key && key->rank == 4 && key->shape[1] > 0 && key->shape[3] > 0 &&
        m->layers <= LAYERS_MAX) {
        m->heads = key->shape[1];
        m->head_size = key->shape[3];
        name_cache(m);
        if (input_count == FIXED_INPUTS + m->cache_count &&
            has_all(inputs, input_count, m->inputs, FIXED_INPUTS + m->cache_count) &&
            has_all(outputs, output_count, m->outputs, 1 + m->cache_count))
            return true;
    }
    return err_set(err, ERR_CORRUPT, "%s/" DECODER_FILE " is not Moonshine's merged decoder.",
                   folder);
}

struct moonshine *moonshine_open(struct ort *ort, const char *folder, struct err *err)
{
    struct moonshine *m = xcalloc(1, sizeof *m);

    m->ort = ort;
    m->encoder = open_session(ort, folder, "encoder_model.onnx", err);
    m->decoder = m->encoder ? open_decoder(m, folder, err) : NULL;
    if (m->decoder && read_shape(m, folder, err))
        return m;
    moonshine_close(m);
    return NULL;
}

void moonshine_close(struct moonshine *m)
{
    if (!m)
        return;
    ort_session_close(m->encoder);
    ort_session_close(m->decoder);
    token_scores_destroy(m->scores);
    free(m);
}

/* ---- hearing ---- */

/* One piece being heard. */
struct hearing {
    const struct moonshine *m;
    struct turn *turn;
    int64_t token; /* fed to the next step */
    bool use_cache;
    float *scores; /* of all tokens, where the model does not compute them; owned */
    struct ort_value *inputs[FIXED_INPUTS + CACHE_MAX]; /* owned; ids and use_cache look at these */
};

static void hearing_release(struct hearing *h)
{
    for (size_t i = 0; i < FIXED_INPUTS + h->m->cache_count; i++)
        ort_value_destroy(h->inputs[i]);
    free(h->scores);
}

static bool encode(struct hearing *h, const float *samples, size_t count, struct err *err)
{
    static const char *const input = "input_values", *const output = "last_hidden_state";
    const struct tensor_view view = { input, TENSOR_FLOAT, 2, { 1, (int64_t)count }, samples };

    if (!turn_take(h->turn, err))
        return false;
    struct ort_value *value = ort_value_create(h->m->ort, &view, err);
    bool ok = value &&
              ort_session_run_values(h->m->encoder, &input, (const struct ort_value *const *)&value,
                                     1, &output, &h->inputs[HIDDEN], 1, h->turn->cancel, err);
    ort_value_destroy(value);
    return ok;
}

/* The decoder's inputs at the first step: nothing is remembered yet. */
static bool begin_decoding(struct hearing *h, struct err *err)
{
    static const float nothing;
    const struct moonshine *m = h->m;
    const struct tensor_view ids = { "input_ids", TENSOR_INT64, 2, { 1, 1 }, &h->token };
    const struct tensor_view use = { "use_cache_branch", TENSOR_BOOL, 1, { 1 }, &h->use_cache };
    const struct tensor_view empty = {
        "past_key_values", TENSOR_FLOAT, 4, { 0, m->heads, 1, m->head_size }, &nothing
    };

    h->token = TOKEN_START;
    h->use_cache = false;
    if (m->scores)
        h->scores = xcalloc(token_scores_count(m->scores), sizeof *h->scores);
    h->inputs[IDS] = ort_value_create(m->ort, &ids, err);
    h->inputs[USE_CACHE] = h->inputs[IDS] ? ort_value_create(m->ort, &use, err) : NULL;
    bool ok = h->inputs[USE_CACHE];
    for (size_t i = 0; ok && i < m->cache_count; i++) {
        h->inputs[FIXED_INPUTS + i] = ort_value_create(m->ort, &empty, err);
        ok = h->inputs[FIXED_INPUTS + i];
    }
    return ok;
}

/* What the step remembers goes into the next one. */
static void remember(struct hearing *h, struct ort_value **presents, size_t count, bool is_first)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = FIXED_INPUTS + (is_first ? i : h->m->later_places[i]);

        ort_value_destroy(h->inputs[place]);
        h->inputs[place] = presents[i];
    }
}

/* The likeliest token and the logarithm of its probability: log softmax. Terms of the sum that a
 * float does not feel are left out. */
static int64_t choose(const float *logits, size_t count, double *logprob)
{
    const float least = -20.0f;
    size_t best = 0;
    double sum = 0;

    for (size_t i = 1; i < count; i++)
        if (logits[i] > logits[best])
            best = i;
    for (size_t i = 0; i < count; i++) {
        float below = logits[i] - logits[best];

        if (below > least)
            sum += expf(below);
    }
    *logprob = -log(sum);
    return (int64_t)best;
}

/* The scores of all tokens, by what the decoder's step has given. */
static bool read_scores(struct hearing *h, const struct ort_value *output, const float **scores,
                        size_t *count, struct err *err)
{
    const struct token_scores *last_step = h->m->scores;

    if (!ort_value_floats(output, h->m->outputs[0], scores, count, err))
        return false;
    if (last_step && *count == token_scores_width(last_step)) {
        token_scores_compute(last_step, *scores, h->scores);
        *scores = h->scores;
        *count = token_scores_count(last_step);
        return true;
    }
    return (!last_step && *count > TOKEN_END) ||
           err_set(err, ERR_CORRUPT, "The speech model gives %zu numbers for a token.", *count);
}

static bool step(struct hearing *h, int64_t *token, double *logprob, struct err *err)
{
    const struct moonshine *m = h->m;
    bool is_first = !h->use_cache;
    size_t count = is_first ? m->cache_count : m->later_count;
    struct ort_value *outputs[1 + CACHE_MAX];
    const float *scores;
    size_t score_count;

    if (!turn_take(h->turn, err) ||
        !ort_session_run_values(m->decoder, m->inputs, (const struct ort_value *const *)h->inputs,
                                FIXED_INPUTS + m->cache_count,
                                is_first ? m->outputs : m->later_outputs, outputs, 1 + count,
                                h->turn->cancel, err))
        return false;
    remember(h, outputs + 1, count, is_first);
    h->use_cache = true;
    bool ok = read_scores(h, outputs[0], &scores, &score_count, err);
    if (ok)
        *token = choose(scores, score_count, logprob);
    ort_value_destroy(outputs[0]);
    return ok;
}

static size_t token_limit(size_t samples)
{
    size_t most = (size_t)ceil((double)samples / MOONSHINE_RATE_HZ * TOKENS_PER_SECOND);

    most = most < TOKENS_LEAST ? TOKENS_LEAST : most;
    return most < TOKENS_MOST ? most : TOKENS_MOST;
}

/* Greedy: at each step the likeliest token, until the end or the limit comes. */
static bool decode(struct hearing *h, size_t limit, struct moonshine_tokens *out, struct err *err)
{
    out->items = xcalloc(limit, sizeof *out->items);
    while (out->count < limit) {
        int64_t token;
        double logprob;

        if (!step(h, &token, &logprob, err))
            return false;
        out->logprob_sum += logprob;
        out->logprob_count++;
        if (token == TOKEN_END)
            break;
        out->items[out->count++] = (int32_t)token;
        h->token = token;
        size_t kept = repetition_cut(out->items, out->count);
        if (kept < out->count) {
            out->count = kept;
            break;
        }
    }
    return true;
}

bool moonshine_hear(const struct moonshine *m, const float *samples, size_t count,
                    struct turn *turn, struct moonshine_tokens *out, struct err *err)
{
    struct hearing h = { .m = m, .turn = turn };
    float padded[SAMPLES_MIN] = { 0 };

    assert((double)count <= MOONSHINE_SECONDS_MAX * MOONSHINE_RATE_HZ);
    *out = (struct moonshine_tokens){ 0 };
    if (count < SAMPLES_MIN) {
        memcpy(padded, samples, count * sizeof *samples);
        samples = padded;
        count = SAMPLES_MIN;
    }
    bool ok = encode(&h, samples, count, err) && begin_decoding(&h, err) &&
              decode(&h, token_limit(count), out, err);
    hearing_release(&h);
    if (!ok)
        moonshine_tokens_release(out);
    return ok;
}

void moonshine_tokens_release(struct moonshine_tokens *tokens)
{
    free(tokens->items);
    *tokens = (struct moonshine_tokens){ 0 };
}
