/*
 * Kokoro-82M, in any published export. The model takes [0, ids…, 0], the row of
 * the voice's style table for their number, and a speed.
 *
 * Half-precision exports can give NaN for whole utterances (0/0 in the iSTFT's
 * angle). Such a chunk is spoken again by an installed fp32 model with the same
 * vocabulary, opened when it is first needed; without one it is an error. NaN
 * never leaves this file.
 */

#include <pthread.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "engine/engine_internal.h"
#include "engine/kokoro_voices.h"
#include "engine/ort.h"
#include "engine/prepared.h"
#include "engine/style_model.h"
#include "nn/int8.h"
#include "text/vocab.h"

#define RATE_HZ 24000
#define PAD_ID 0
#define IDS_MAX 510         /* pl-BERT has 512 positions, two are the pads */
#define IDS_TARGET 100      /* below about 100 the prosody suffers; longer chunks cost memory */
#define V019_STYLE_ROWS 511 /* later versions have 510 */
#define SYMBOLS_END 0x10000 /* all vocabularies lie in the basic plane */

enum rescue_state { RESCUE_UNTRIED, RESCUE_OPENING, RESCUE_TRIED };

/* The fp32 model for chunks that came out as NaN. */
struct rescue {
    pthread_mutex_t lock; /* leaf */
    pthread_cond_t tried;

    /* protected by lock */
    enum rescue_state state;
    struct style_model *model; /* owned; NULL: there is none. Fixed once tried */
};

struct kokoro {
    struct engine engine;

    /* set once */
    const struct engine_config *config;
    struct style_model *model; /* owned */
    struct vocab *vocab;       /* owned */
    enum phoneme_scheme scheme;
    bool is_fp32;

    /* opened by the first model that needs it: who opens the engine, or the one thread that then opens
     * the rescue */
    struct ort *ort; /* owned; may be NULL */

    struct rescue rescue;
};

/* --- the vocabulary --- */

/* Exports that carry their config.json (kokoro-onnx's from v1.1 on) name every symbol in it. */
static struct vocab *vocab_from_config(const char *config, const char *path, struct err *err)
{
    json_t *root = json_parse(config, strlen(config), path, err);
    struct vocab *vocab = NULL;
    char *text = NULL;

    if (!root)
        return NULL;
    const json_t *table = json_object_get(root, "vocab");
    if (json_is_object(table))
        text = json_dumps(table, JSON_COMPACT);
    if (text)
        vocab = vocab_from_json(text, strlen(text), path, err);
    else
        err_set(err, ERR_CORRUPT, "The config.json inside %s has no \"vocab\".", path);
    free(text);
    json_decref(root);
    return vocab;
}

/* v0.19's graph has the same inputs as v1.0's. What tells them apart: sherpa-onnx's metadata say
 * version 1 for it, and its style tables, which come with the model, have 511 rows. */
static bool is_v019(const char *path, const struct onnx_file *file)
{
    const char *type = onnx_file_metadata(file, "model_type");
    const char *version = onnx_file_metadata(file, "version");
    struct voice_list own;

    if (type && version && strcmp(type, "kokoro") == 0)
        return strcmp(version, "1") == 0;
    voice_list_init(&own);
    kokoro_voices_add_own(&own, path, file);
    size_t rows = kokoro_voices_rows(&own);
    voice_list_release(&own);
    return rows == V019_STYLE_ROWS;
}

/* Is it v0.19? A model that carries its configuration is a later one. */
static bool is_old(const char *path, const struct onnx_file *file)
{
    return !onnx_file_metadata(file, "config.json") && is_v019(path, file);
}

static struct vocab *vocab_open(const char *path, const struct onnx_file *file, struct err *err)
{
    const char *config = onnx_file_metadata(file, "config.json");

    if (config)
        return vocab_from_config(config, path, err);
    return vocab_builtin(is_old(path, file) ? VOCAB_KOKORO_V019 : VOCAB_KOKORO_V1);
}

/* v0.19 was trained on eSpeak's own IPA, later versions on misaki's shorthand of it. */
static bool choose_scheme(struct kokoro *kokoro, bool old, struct err *err)
{
    static const enum phoneme_scheme v019[] = { PHONEMES_IPA };
    static const enum phoneme_scheme v1[] = { PHONEMES_ESPEAK, PHONEMES_MISAKI, PHONEMES_IPA };

    return engine_scheme(kokoro->config, old ? v019 : v1, old ? COUNT(v019) : COUNT(v1),
                         &kokoro->scheme, err);
}

static bool same_vocab(const struct vocab *a, const struct vocab *b)
{
    for (uint32_t symbol = 1; symbol < SYMBOLS_END; symbol++) {
        size_t a_count = 0, b_count = 0;
        const int32_t *a_ids = vocab_find(a, symbol, &a_count);
        const int32_t *b_ids = vocab_find(b, symbol, &b_count);

        if (!a_ids != !b_ids)
            return false;
        if (a_ids && (a_count != b_count || memcmp(a_ids, b_ids, a_count * sizeof *a_ids) != 0))
            return false;
    }
    return true;
}

/* --- voices --- */

static bool kokoro_list_voices(const struct engine_config *config,
                               const struct installed_model *model, struct voice_list *list,
                               struct err *err)
{
    struct onnx_file *file = onnx_file_open(model->path, err);

    if (!file)
        return false;
    kokoro_voices_add_own(list, model->path, file);
    if (!is_old(model->path, file))
        kokoro_voices_add_shared(list, config->models_dir);
    voice_list_finish(list, KOKORO_DEFAULT_VOICE);
    onnx_file_close(file);
    return list->count > 0 ||
           err_set(err, ERR_UNAVAILABLE,
                   "There are no voices for the Kokoro model %s. `parlando models pull "
                   "kokoro-voices` gets them.",
                   model->path);
}

/* --- opening --- */

/* What is wrong with turbo's weights, such as a folder nobody may write to, costs its speed only. */
static struct style_model *open_turbo(const struct engine_config *config, const char *path,
                                      const char *packed)
{
    char *packed_int8 = prepared_turbo(packed);
    struct err why = { 0 };

    if (!int8_kernel())
        log_warning("engine", "turbo is off: this processor has no AVX-512 VNNI");
    struct style_model *model =
        style_model_open_native(path, packed, packed_int8, engine_threads(config), &why);
    if (!model)
        log_warning("engine", "turbo is off: %s", why.message);
    free(packed_int8);
    return model;
}

/* Our own engine needs no library; what is not prepared for it says so when it is opened. */
static bool kokoro_check_runtime(const struct engine_config *config,
                                 const struct installed_model *model, struct err *err)
{
    enum engine_runtime runtime = engine_runtime(config);

    return runtime == ENGINE_RUNTIME_NATIVE ||
           (runtime == ENGINE_RUNTIME_AUTO && prepared_exists(config->models_dir, model->path)) ||
           ort_is_available(config->onnxruntime, err);
}

static struct style_model *open_native(const struct kokoro *kokoro, const char *path,
                                       struct err *err)
{
    const struct engine_config *config = kokoro->config;
    char *packed = prepared_find(config->models_dir, path);
    struct style_model *model = NULL;

    if (packed && config->is_turbo)
        model = open_turbo(config, path, packed);
    if (packed && !model)
        model = style_model_open_native(path, packed, NULL, engine_threads(config), err);
    if (!packed)
        err_set(err, ERR_UNAVAILABLE,
                "%s is not prepared for Parlando's own engine. `parlando models prepare` does it.",
                path);
    free(packed);
    return model;
}

static struct style_model *open_session(struct kokoro *kokoro, const char *path, struct err *err)
{
    if (!kokoro->ort)
        kokoro->ort = ort_open(kokoro->config->onnxruntime, err);
    return kokoro->ort
               ? style_model_open(kokoro->ort, path, engine_run_threads(kokoro->config), err)
               : NULL;
}

/* Our own engine where the model is prepared for it, else ONNX Runtime. */
static struct style_model *open_model(struct kokoro *kokoro, const char *path, struct err *err)
{
    enum engine_runtime runtime = engine_runtime(kokoro->config);
    struct style_model *model = NULL;
    struct err why = { 0 };

    if (runtime == ENGINE_RUNTIME_NATIVE)
        return open_native(kokoro, path, err);
    if (runtime == ENGINE_RUNTIME_AUTO)
        model = open_native(kokoro, path, &why);
    if (!model && why.kind != ERR_NONE && why.kind != ERR_UNAVAILABLE)
        log_warning("engine", "ONNX Runtime computes %s: %s", path, why.message);
    return model ? model : open_session(kokoro, path, err);
}

static bool load(struct kokoro *kokoro, const struct installed_model *model, struct err *err)
{
    struct onnx_file *file = onnx_file_open(model->path, err);

    if (!file)
        return false;
    kokoro->vocab = vocab_open(model->path, file, err);
    bool ok = kokoro->vocab && choose_scheme(kokoro, is_old(model->path, file), err);
    onnx_file_close(file);
    if (ok)
        kokoro->model = open_model(kokoro, model->path, err);
    return kokoro->model != NULL;
}

static struct engine *kokoro_open(const struct engine_config *config,
                                  const struct installed_model *model, struct err *err)
{
    struct kokoro *kokoro = xcalloc(1, sizeof *kokoro);

    engine_init(&kokoro->engine, &engine_kokoro, model->name);
    kokoro->engine.rate_hz = RATE_HZ;
    kokoro->config = config;
    kokoro->is_fp32 = model->is_fp32;
    pthread_mutex_init(&kokoro->rescue.lock, NULL);
    pthread_cond_init(&kokoro->rescue.tried, NULL);
    if (load(kokoro, model, err))
        return &kokoro->engine;
    engine_close(&kokoro->engine);
    return NULL;
}

static void kokoro_close(struct engine *engine)
{
    struct kokoro *kokoro = (struct kokoro *)engine;

    style_model_close(kokoro->rescue.model);
    pthread_cond_destroy(&kokoro->rescue.tried);
    pthread_mutex_destroy(&kokoro->rescue.lock);
    style_model_close(kokoro->model);
    ort_close(kokoro->ort);
    vocab_destroy(kokoro->vocab);
    free(kokoro);
}

static void kokoro_text_options(const struct engine *engine, const struct voice *voice,
                                struct text_options *out)
{
    const struct kokoro *kokoro = (const struct kokoro *)engine;

    out->language = voice->info.language;
    out->espeak_voice = voice->espeak_voice;
    out->scheme = kokoro->scheme;
    out->vocab = kokoro->vocab;
    out->max_tokens = IDS_MAX;
    out->target_tokens = IDS_TARGET;
}

/* --- the rescue --- */

static bool fits_vocab(const struct kokoro *kokoro, const char *path)
{
    struct err why = { 0 };
    struct onnx_file *file = onnx_file_open(path, &why);

    if (!file)
        return false;
    struct vocab *vocab = vocab_open(path, file, &why);
    bool fits = vocab && same_vocab(vocab, kokoro->vocab);
    vocab_destroy(vocab);
    onnx_file_close(file);
    return fits;
}

static struct style_model *open_rescue(struct kokoro *kokoro)
{
    struct installed_models list;
    struct style_model *model = NULL;
    struct err why = { 0 };

    installed_models_list(kokoro->config->models_dir, FAMILY_KOKORO, &list);
    for (size_t i = 0; i < list.count && list.items[i].is_fp32 && !model; i++) {
        if (!fits_vocab(kokoro, list.items[i].path))
            continue;
        model = open_model(kokoro, list.items[i].path, &why);
        if (!model)
            log_warning("engine", "%s", why.message);
        else
            log_warning("engine", "%s gave no finite samples; %s speaks such chunks from now on",
                        kokoro->engine.model, list.items[i].name);
    }
    installed_models_release(&list);
    return model;
}

/* The rescue model, opened by the first thread that needs it while others wait. NULL: none. */
static struct style_model *rescue_get(struct kokoro *kokoro)
{
    struct rescue *rescue = &kokoro->rescue;

    pthread_mutex_lock(&rescue->lock);
    while (rescue->state == RESCUE_OPENING)
        pthread_cond_wait(&rescue->tried, &rescue->lock);
    if (rescue->state == RESCUE_UNTRIED) {
        rescue->state = RESCUE_OPENING;
        pthread_mutex_unlock(&rescue->lock);
        struct style_model *model = open_rescue(kokoro);
        pthread_mutex_lock(&rescue->lock);
        rescue->model = model;
        rescue->state = RESCUE_TRIED;
        pthread_cond_broadcast(&rescue->tried);
    }
    struct style_model *model = rescue->model;
    pthread_mutex_unlock(&rescue->lock);
    return model;
}

/* --- speaking --- */

static bool not_finite(const struct kokoro *kokoro, struct err *err)
{
    return err_set(err, ERR_CORRUPT,
                   "The model %s gave no usable sound for a part of the text (its numbers "
                   "overflowed)%s",
                   kokoro->engine.model,
                   kokoro->is_fp32 ? "."
                                   : ". Shorter kinds of models do; with the fp32 one installed "
                                     "(`parlando models pull kokoro`) it takes over there.");
}

static bool run(struct kokoro *kokoro, const struct style_request *request,
                struct style_speech *out, struct cancel *cancel, struct err *err)
{
    if (!style_model_run(kokoro->model, request, out, cancel, err))
        return false;
    if (style_speech_is_finite(out))
        return true;
    style_speech_release(out);
    struct style_model *rescue = kokoro->is_fp32 ? NULL : rescue_get(kokoro);
    if (!rescue)
        return not_finite(kokoro, err);
    if (!style_model_run(rescue, request, out, cancel, err))
        return false;
    if (style_speech_is_finite(out))
        return true;
    style_speech_release(out);
    return not_finite(kokoro, err);
}

static bool kokoro_speak(struct engine *engine, const struct utterance *utterance,
                         struct raw_speech *out, struct cancel *cancel, struct err *err)
{
    const struct chunk *chunk = utterance->chunk;
    int64_t ids[IDS_MAX + 2] = { PAD_ID };
    float style[STYLE_COLUMNS];
    struct style_speech speech;

    for (size_t i = 0; i < chunk->id_count; i++)
        ids[i + 1] = chunk->ids[i];
    ids[chunk->id_count + 1] = PAD_ID;
    voice_style(utterance->voice, chunk->id_count, style);
    struct style_request request = { ids, chunk->id_count + 2, style, utterance->speed };
    if (!run((struct kokoro *)engine, &request, &speech, cancel, err))
        return false;

    out->pcm = PCM(RATE_HZ, 1);
    out->pcm.samples = speech.samples;
    out->pcm.frames = out->pcm.capacity = speech.frames;
    out->id_start = speech.id_start;
    if (out->id_start) /* without the pad in front */
        memmove(out->id_start, out->id_start + 1, (chunk->id_count + 1) * sizeof *out->id_start);
    return true;
}

const struct engine_type engine_kokoro = {
    .name = "kokoro",
    .family = FAMILY_KOKORO,
    .list_voices = kokoro_list_voices,
    .check_runtime = kokoro_check_runtime,
    .open = kokoro_open,
    .close = kokoro_close,
    .text_options = kokoro_text_options,
    .speak = kokoro_speak,
};
