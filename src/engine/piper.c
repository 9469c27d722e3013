/*
 * Piper: one VITS model a voice, or a model with several speakers, in many
 * languages. An engine has one model open, and its voices are that model's
 * speakers: `en_US-lessac-medium`, or `en_GB-vctk-medium:p225`. Which of the
 * installed models is opened is the caller's choice (engine_open's model).
 *
 * The model takes begin, pad, (a symbol's ids, pad)…, end. The configuration's
 * vocabulary has the pads in it (piper_config.h), so a chunk's ids are used as
 * they are. Samples stay as the model gives them: Piper's own programs raise each
 * sentence to full scale, which makes the level jump between sentences.
 *
 * Word times come from the frames an id gets, the graph's one Ceil tensor. A
 * model that does not give it (piper1-gpl's patch_voice_with_alignment adds it)
 * is made to while it is loaded.
 */

#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "base/path.h"
#include "base/utf8.h"
#include "engine/durations.h"
#include "engine/engine_internal.h"
#include "engine/ort.h"
#include "engine/piper_config.h"
#include "text/espeak_ng.h"

/* The models have no limit of their own; memory grows with the length. Ids count with their pads:
 * about two a phoneme, so the target is a sentence of ten words. */
#define IDS_MAX 1200
#define IDS_TARGET 160
#define CHARACTERS_MAX 400
#define CHARACTERS_TARGET 80
#define MODEL_IDS_MAX 40000 /* from letters, each of which may stand for several ids */

#define INPUTS_MAX 4

/* Where PyTorch's export keeps the frames of each id: [1, 1, T] floats. A second Ceil in the graph
 * would make it doubtful which is meant. The bytes are ModelProto.graph.output with the name alone;
 * see ort.h on suffixes. */
#define HIDDEN_FRAMES "/Ceil_output_0"
#define SECOND_CEIL "/Ceil_1_output_0"
static const char hidden_frames_output[] = "\x3a\x12\x62\x10\x0a\x0e" HIDDEN_FRAMES;

struct piper {
    struct engine engine;

    /* set once */
    struct piper_config config;
    struct ort *ort;             /* owned */
    struct ort_session *session; /* owned */
    bool has_speakers;           /* the graph has an input for the speaker */
    const char *waveform;        /* outputs, borrowed from the session */
    const char *frames;          /* or NULL */
};

/* --- voices --- */

/* The installed libespeak-ng knows some voices only by its own name for them ("sit/cmn"), or has
 * the language but not the accent. */
static char *find_espeak_voice(const struct piper_config *config, struct err *err)
{
    const char *wanted = config->espeak_voice;
    const struct espeak_ng_voice *voices;
    size_t count;

    if (config->input == PIPER_TEXT)
        return xstrdup(wanted);
    if (!espeak_ng_voices(&voices, &count, err))
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strcmp(voices[i].language, wanted) == 0 || strcmp(voices[i].id, wanted) == 0)
            return xstrdup(voices[i].id);
    const char *near = espeak_ng_voice_for(wanted, err);
    if (near)
        return xstrdup(near);
    err_context(err, "This Piper voice needs eSpeak's voice \"%.40s\"", wanted);
    return NULL;
}

/* "piper/en_US-lessac-medium.onnx" -> "en_US-lessac-medium" */
static char *voice_key(const char *path)
{
    const char *base = path_base(path);
    const char *dot = strrchr(base, '.');

    return xstrndup(base, dot ? (size_t)(dot - base) : strlen(base));
}

/* "en_US-lessac-medium" -> "Lessac (medium)"; a key of another make stays. */
static char *display_name(const char *key)
{
    const char *name = strchr(key, '-');
    const char *quality = name ? strchr(name + 1, '-') : NULL;

    if (!quality || quality == name + 1)
        return xstrdup(key);
    char *out = str_format("%.*s (%s)", (int)(quality - name - 1), name + 1, quality + 1);
    if (*out >= 'a' && *out <= 'z')
        *out = (char)(*out - 'a' + 'A');
    return out;
}

static void add_voices(struct voice_list *list, const struct piper_config *config,
                       const char *espeak_voice, const char *path)
{
    char *key = voice_key(path), *fallback = NULL;

    for (size_t i = 0; i < config->speaker_count; i++) {
        const struct piper_speaker *speaker = &config->speakers[i];
        bool is_only = !*speaker->name;
        char *id = is_only ? xstrdup(key) : str_format("%s:%s", key, speaker->name);
        char *name = is_only ? display_name(key) : xstrdup(speaker->name);

        struct voice *voice = voice_list_add(list, id, name, config->language, "");
        if (voice) {
            voice->speaker = speaker->number;
            voice->espeak_voice = xstrdup(espeak_voice);
        }
        if (!fallback && speaker->number == config->default_speaker)
            fallback = xstrdup(id);
        free(name);
        free(id);
    }
    voice_list_finish(list, fallback ? fallback : key);
    free(fallback);
    free(key);
}

static bool piper_list_voices(const struct engine_config *config,
                              const struct installed_model *model, struct voice_list *list,
                              struct err *err)
{
    struct piper_config piper;

    (void)config;
    if (!piper_config_load(&piper, model->path, err))
        return false;
    char *espeak_voice = find_espeak_voice(&piper, err);
    if (espeak_voice)
        add_voices(list, &piper, espeak_voice, model->path);
    bool ok =
        espeak_voice &&
        (list->count > 0 ||
         err_set(err, ERR_CORRUPT, "The voices of %s have no names that are text.", model->path));
    free(espeak_voice);
    piper_config_release(&piper);
    return ok;
}

/* --- the graph --- */

static bool check_inputs(struct piper *piper, const char *path, struct err *err)
{
    static const struct {
        const char *name;
        enum tensor_type type;
    } known[] = { { "input", TENSOR_INT64 },
                  { "input_lengths", TENSOR_INT64 },
                  { "scales", TENSOR_FLOAT },
                  { "sid", TENSOR_INT64 } };
    size_t count, found = 0;
    const struct tensor_info *inputs = ort_session_inputs(piper->session, &count);

    for (size_t i = 0; i < COUNT(known); i++) {
        const struct tensor_info *info = tensor_info_find(inputs, count, known[i].name);
        bool is_sid = i == COUNT(known) - 1;

        if (!info && is_sid)
            continue;
        if (!info || info->type != known[i].type)
            return err_set(err, ERR_UNSUPPORTED,
                           "%s has no input \"%s\" of %s, so it is another kind of model than "
                           "Piper's.",
                           path, known[i].name, tensor_type_name(known[i].type));
        piper->has_speakers = is_sid;
        found++;
    }
    return found == count || err_set(err, ERR_UNSUPPORTED,
                                     "%s takes %zu inputs, of which %zu are known: it is another "
                                     "kind of model than Piper's.",
                                     path, count, found);
}

static bool check_outputs(struct piper *piper, const char *path, struct err *err)
{
    size_t count;
    const struct tensor_info *outputs = ort_session_outputs(piper->session, &count);

    if (count == 0 || outputs[0].type != TENSOR_FLOAT)
        return err_set(err, ERR_UNSUPPORTED, "%s gives no samples, so it is no Piper voice.", path);
    piper->waveform = outputs[0].name;
    if (count > 1)
        piper->frames = outputs[1].name;
    return true;
}

static bool needs_suffix(const char *path, bool *out, struct err *err)
{
    struct onnx_file *file = onnx_file_open(path, err);
    size_t count;

    if (!file)
        return false;
    onnx_file_outputs(file, &count);
    *out = count == 1 && onnx_file_has_tensor(file, HIDDEN_FRAMES) &&
           !onnx_file_has_tensor(file, SECOND_CEIL);
    onnx_file_close(file);
    return true;
}

static bool load_model(struct piper *piper, const struct engine_config *config, const char *path,
                       struct err *err)
{
    struct ort_session_options options = { .threads = engine_run_threads(config) };
    bool has_hidden_frames;

    if (!needs_suffix(path, &has_hidden_frames, err))
        return false;
    if (has_hidden_frames) {
        options.suffix = hidden_frames_output;
        options.suffix_length = sizeof hidden_frames_output - 1;
    }
    piper->ort = ort_open(config->onnxruntime, err);
    if (!piper->ort)
        return false;
    piper->session = ort_session_open(piper->ort, path, &options, err);
    return piper->session && check_inputs(piper, path, err) && check_outputs(piper, path, err);
}

/* --- opening --- */

static bool load(struct piper *piper, const struct engine_config *config,
                 const struct installed_model *model, struct err *err)
{
    if (!piper_config_load(&piper->config, model->path, err))
        return false;
    piper->engine.rate_hz = piper->config.rate_hz;
    return load_model(piper, config, model->path, err);
}

static struct engine *piper_open(const struct engine_config *config,
                                 const struct installed_model *model, struct err *err)
{
    struct piper *piper = xcalloc(1, sizeof *piper);

    engine_init(&piper->engine, &engine_piper, model->name);
    if (load(piper, config, model, err))
        return &piper->engine;
    engine_close(&piper->engine);
    return NULL;
}

static void piper_close(struct engine *engine)
{
    struct piper *piper = (struct piper *)engine;

    ort_session_close(piper->session);
    ort_close(piper->ort);
    piper_config_release(&piper->config);
    free(piper);
}

static void piper_text_options(const struct engine *engine, const struct voice *voice,
                               struct text_options *out)
{
    const struct piper *piper = (const struct piper *)engine;
    bool is_text = piper->config.input == PIPER_TEXT;

    out->language = voice->info.language;
    out->espeak_voice = voice->espeak_voice;
    out->scheme = is_text ? PHONEMES_NONE : PHONEMES_PIPER;
    out->vocab = is_text ? NULL : piper->config.vocab;
    out->max_tokens = is_text ? CHARACTERS_MAX : IDS_MAX;
    out->target_tokens = is_text ? CHARACTERS_TARGET : IDS_TARGET;
}

/* --- ids --- */

struct id_list {
    int64_t *items; /* owned */
    size_t count, capacity;
};

static void add_ids(struct id_list *list, const int32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ARRAY_GROW(list->items, list->count, list->capacity);
        list->items[list->count++] = ids[i];
    }
}

/* For voices trained on letters: those of the decomposed text, small where the vocabulary has no
 * capitals. */
static bool add_letters(struct id_list *list, const struct vocab *vocab, const char *text,
                        struct err *err)
{
    size_t length, at = 0, id_count;
    char *letters =
        (char *)u8_normalize(UNINORM_NFD, (const uint8_t *)text, strlen(text), NULL, &length);

    if (!letters)
        return err_set(err, ERR_INTERNAL, "A part of the text cannot be decomposed.");
    while (at < length && list->count < MODEL_IDS_MAX) {
        uint32_t letter = utf8_next(letters, length, &at);
        const int32_t *ids = vocab_find(vocab, letter, &id_count);

        if (!ids)
            ids = vocab_find(vocab, uc_tolower(letter), &id_count);
        add_ids(list, ids, id_count);
    }
    free(letters);
    return list->count < MODEL_IDS_MAX ||
           err_set(err, ERR_TOO_LARGE, "A part of the text is too long to be spoken at once.");
}

/* All of the model's ids; *content is where the chunk's begin. */
static bool make_ids(const struct piper_config *config, const struct chunk *chunk,
                     struct id_list *out, size_t *content, struct err *err)
{
    add_ids(out, config->begin.ids, config->begin.count);
    add_ids(out, config->pad.ids, config->pad.count);
    *content = out->count;
    if (config->input == PIPER_ESPEAK)
        add_ids(out, chunk->ids, chunk->id_count);
    else if (!add_letters(out, config->vocab, chunk->text, err))
        return false;
    if (out->count == *content)
        return err_set(err, ERR_INVALID,
                       "This voice has no sound for any letter of \"%.60s\", so there is nothing "
                       "to speak.",
                       chunk->text);
    add_ids(out, config->end.ids, config->end.count);
    return true;
}

/* --- speaking --- */

static bool run(const struct piper *piper, const struct id_list *ids,
                const struct utterance *utterance, struct tensor results[2], struct cancel *cancel,
                struct err *err)
{
    const struct piper_config *config = &piper->config;
    const char *names[2] = { piper->waveform, piper->frames };
    int64_t length = (int64_t)ids->count, speaker = utterance->voice->speaker;
    float scales[] = { (float)config->noise_scale, (float)(config->length_scale / utterance->speed),
                       (float)config->noise_w };
    struct tensor_view inputs[INPUTS_MAX] = {
        { "input", TENSOR_INT64, 2, { 1, length }, ids->items },
        { "input_lengths", TENSOR_INT64, 1, { 1 }, &length },
        { "scales", TENSOR_FLOAT, 1, { COUNT(scales) }, scales },
        { "sid", TENSOR_INT64, 1, { 1 }, &speaker },
    };

    return ort_session_run(piper->session, inputs, piper->has_speakers ? 4 : 3, names, results,
                           piper->frames ? 2 : 1, cancel, err);
}

/* Where each of the chunk's ids starts. Letters have no ids in the chunk, so no times either. */
static size_t *content_starts(const struct piper *piper, const struct tensor results[2],
                              const struct id_list *ids, size_t content, const struct chunk *chunk)
{
    if (!piper->frames || chunk->id_count == 0)
        return NULL;
    size_t *starts = durations_starts(&results[1], ids->count, results[0].count);
    if (starts)
        memmove(starts, starts + content, (chunk->id_count + 1) * sizeof *starts);
    return starts;
}

static bool piper_speak(struct engine *engine, const struct utterance *utterance,
                        struct raw_speech *out, struct cancel *cancel, struct err *err)
{
    const struct piper *piper = (const struct piper *)engine;
    const struct chunk *chunk = utterance->chunk;
    struct tensor results[2] = { 0 };
    struct id_list ids = { 0 };
    size_t content;

    bool ok = make_ids(&piper->config, chunk, &ids, &content, err) &&
              run(piper, &ids, utterance, results, cancel, err);
    if (ok) {
        out->id_start = content_starts(piper, results, &ids, content, chunk);
        out->pcm = PCM(engine->rate_hz, 1);
        out->pcm.samples = results[0].data;
        out->pcm.frames = out->pcm.capacity = results[0].count;
        tensor_release(&results[1]);
    }
    free(ids.items);
    return ok;
}

const struct engine_type engine_piper = {
    .name = "piper",
    .family = FAMILY_PIPER,
    .list_voices = piper_list_voices,
    .open = piper_open,
    .close = piper_close,
    .text_options = piper_text_options,
    .speak = piper_speak,
};
