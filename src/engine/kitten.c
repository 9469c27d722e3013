/*
 * KittenTTS: small English StyleTTS2-like models with Kokoro's inputs. What
 * differs from Kokoro (KittenML/KittenTTS, kittentts/onnx_model.py):
 *
 *   ids     [0, ids…, 10, 0], of the model's own vocabulary; a space stands on
 *           both sides of every mark, as the training text had it
 *   style   the row for the number of characters of the text, not of ids
 *   speed   multiplied by a factor of the voice
 *
 * The reference cuts 5,000 samples off the end, which takes endings with it;
 * here engine.c trims by the durations the model gives.
 *
 * The graph draws random numbers, so two runs differ a little.
 */

#include <string.h>

#include "base/utf8.h"
#include "engine/engine_internal.h"
#include "engine/kitten_voices.h"
#include "engine/ort.h"
#include "engine/style_model.h"
#include "text/vocab.h"

#define RATE_HZ 24000
#define PAD_ID 0
#define END_ID 10     /* goes before the last pad */
#define POSITIONS 512 /* of the model's BERT */
#define IDS_MAX (POSITIONS - 3)
#define IDS_TARGET 200 /* as for Kokoro: a few sentences, well below 400 characters */
#define VOCAB_END 256  /* above the largest id, 177 */

/* The symbols of the vocabulary that Python's \w does not match: each is a word of its own. */
static const uint32_t marks[] = {
    ';',  ':',  ',',  '.',   '!',   '?',    0xA1,   0xBF,   0x2014, 0x2026, '"',
    0xAB, 0xBB, '\'', 0x2DE, 0x329, 0x2190, 0x2191, 0x2192, 0x2193, 0x2197, 0x2198,
};

struct kitten {
    struct engine engine;

    /* set once */
    struct ort *ort;           /* owned */
    struct style_model *model; /* owned */
    struct vocab *vocab;       /* owned */
    int32_t space_id;
    bool is_mark[VOCAB_END]; /* by id */
};

static bool kitten_list_voices(const struct engine_config *config,
                               const struct installed_model *model, struct voice_list *list,
                               struct err *err)
{
    (void)config;
    if (!kitten_voices_add(list, model, err))
        return false;
    voice_list_finish(list, KITTEN_DEFAULT_VOICE);
    return true;
}

static int32_t id_of(const struct vocab *vocab, uint32_t symbol)
{
    size_t count;
    const int32_t *ids = vocab_find(vocab, symbol, &count);

    return ids && count == 1 && ids[0] < VOCAB_END ? ids[0] : PAD_ID;
}

static void load_vocab(struct kitten *kitten)
{
    kitten->vocab = vocab_builtin(VOCAB_KITTEN);
    kitten->space_id = id_of(kitten->vocab, ' ');
    for (size_t i = 0; i < COUNT(marks); i++)
        kitten->is_mark[id_of(kitten->vocab, marks[i])] = true;
    kitten->is_mark[PAD_ID] = false; /* stood for marks the vocabulary has not */
}

static bool load(struct kitten *kitten, const struct engine_config *config,
                 const struct installed_model *model, struct err *err)
{
    kitten->ort = ort_open(config->onnxruntime, err);
    if (kitten->ort)
        kitten->model = style_model_open(kitten->ort, model->path, engine_run_threads(config), err);
    return kitten->model != NULL;
}

static struct engine *kitten_open(const struct engine_config *config,
                                  const struct installed_model *model, struct err *err)
{
    struct kitten *kitten = xcalloc(1, sizeof *kitten);

    engine_init(&kitten->engine, &engine_kitten, model->name);
    kitten->engine.rate_hz = RATE_HZ;
    load_vocab(kitten);
    if (load(kitten, config, model, err))
        return &kitten->engine;
    engine_close(&kitten->engine);
    return NULL;
}

static void kitten_close(struct engine *engine)
{
    struct kitten *kitten = (struct kitten *)engine;

    style_model_close(kitten->model);
    ort_close(kitten->ort);
    vocab_destroy(kitten->vocab);
    free(kitten);
}

static void kitten_text_options(const struct engine *engine, const struct voice *voice,
                                struct text_options *out)
{
    const struct kitten *kitten = (const struct kitten *)engine;

    out->language = voice->info.language;
    out->espeak_voice = voice->espeak_voice;
    out->scheme = PHONEMES_IPA;
    out->vocab = kitten->vocab;
    out->max_tokens = IDS_MAX;
    out->target_tokens = IDS_TARGET;
}

/* --- ids --- */

/* The model's ids for a chunk's. */
struct spaced {
    int64_t ids[POSITIONS];
    size_t count;
    size_t start[IDS_MAX + 1]; /* where each of the chunk's ids begins, and the end of the last */
};

static bool is_mark(const struct kitten *kitten, int32_t id)
{
    return id >= 0 && id < VOCAB_END && kitten->is_mark[id];
}

/* Words and marks joined by one space each (the reference joins what \w+|[^\w\s] finds). A space
 * put in counts with the mark beside it. When there are too many marks for the model's positions,
 * the last ones get none. */
static void space_out(const struct kitten *kitten, const struct chunk *chunk, struct spaced *out)
{
    size_t room = IDS_MAX - chunk->id_count;
    bool was_space = false, was_mark = false;

    out->count = 0;
    out->ids[out->count++] = PAD_ID;
    for (size_t i = 0; i < chunk->id_count; i++) {
        int32_t id = chunk->ids[i];
        bool mark = is_mark(kitten, id), is_first = out->count == 1;

        out->start[i] = out->count;
        if (id == kitten->space_id) {
            was_space = true;
            continue;
        }
        if (!is_first && (was_space || ((mark || was_mark) && room > 0))) {
            room -= was_space ? 0 : 1;
            out->ids[out->count++] = kitten->space_id;
            if (was_space || !mark)
                out->start[i] = out->count;
        }
        out->ids[out->count++] = id;
        was_space = false;
        was_mark = mark;
    }
    out->start[chunk->id_count] = out->count;
    out->ids[out->count++] = END_ID;
    out->ids[out->count++] = PAD_ID;
}

/* --- speaking --- */

static size_t *content_starts(const struct style_speech *speech, const struct spaced *spaced,
                              size_t id_count)
{
    if (!speech->id_start)
        return NULL;
    size_t *starts = xcalloc(id_count + 1, sizeof *starts);
    for (size_t i = 0; i <= id_count; i++)
        starts[i] = speech->id_start[spaced->start[i]];
    return starts;
}

static bool kitten_speak(struct engine *engine, const struct utterance *utterance,
                         struct raw_speech *out, struct cancel *cancel, struct err *err)
{
    const struct kitten *kitten = (const struct kitten *)engine;
    const struct chunk *chunk = utterance->chunk;
    const struct voice *voice = utterance->voice;
    float style[STYLE_COLUMNS];
    struct spaced spaced;
    struct style_speech speech;

    space_out(kitten, chunk, &spaced);
    voice_style(voice, utf8_chars(chunk->text, strlen(chunk->text)), style);
    struct style_request request = { spaced.ids, spaced.count, style,
                                     utterance->speed * voice->speed_factor };
    if (!style_model_run(kitten->model, &request, &speech, cancel, err))
        return false;
    out->id_start = content_starts(&speech, &spaced, chunk->id_count);
    out->pcm = PCM(RATE_HZ, 1);
    out->pcm.samples = speech.samples;
    out->pcm.frames = out->pcm.capacity = speech.frames;
    speech.samples = NULL;
    style_speech_release(&speech);
    return true;
}

const struct engine_type engine_kitten = {
    .name = "kitten",
    .family = FAMILY_KITTEN,
    .list_voices = kitten_list_voices,
    .open = kitten_open,
    .close = kitten_close,
    .text_options = kitten_text_options,
    .speak = kitten_speak,
};
