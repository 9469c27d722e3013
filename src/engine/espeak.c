/*
 * eSpeak NG's own voices: no model, little more than a millisecond a sentence,
 * and always there where its data is. It reads text itself, so chunks come
 * without phonemes, and it tells when each word begins.
 *
 * libespeak-ng serves one caller at a time: several threads may speak, one
 * after the other (text/espeak_ng.h). It keeps the phase of its wave from call
 * to call, so the same text again differs by a few samples.
 */

#include <math.h>
#include <string.h>

#include "engine/engine_internal.h"
#include "text/espeak_ng.h"

#define DEFAULT_VOICE "en-us"
#define CHARACTERS_MAX 2000
#define CHARACTERS_TARGET 300
#define PITCH_NORMAL 50
#define RANGE_NORMAL 50
#define VOLUME_NORMAL 100
#define FULL_SCALE 32768.0f

/* A voice's id is its language, which people know ("en-us", "de"), or where two voices share one,
 * the library's own name for it ("sit/yue"). */
static bool espeak_list_voices(const struct engine_config *config,
                               const struct installed_model *model, struct voice_list *list,
                               struct err *err)
{
    const struct espeak_ng_voice *voices;
    size_t count;

    (void)config, (void)model;
    if (!espeak_ng_voices(&voices, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct espeak_ng_voice *from = &voices[i];
        struct voice *voice =
            voice_list_add(list, from->language, from->name, from->language, from->gender);

        if (!voice)
            voice = voice_list_add(list, from->id, from->name, from->language, from->gender);
        if (voice)
            voice->espeak_voice = xstrdup(from->id);
    }
    voice_list_finish(list, DEFAULT_VOICE);
    return list->count > 0 ||
           err_set(err, ERR_UNAVAILABLE,
                   "libespeak-ng has no voices. Install the package espeak-ng-data again.");
}

static struct engine *espeak_open(const struct engine_config *config,
                                  const struct installed_model *model, struct err *err)
{
    struct engine *engine = xcalloc(1, sizeof *engine);

    (void)config, (void)model, (void)err;
    engine_init(engine, &engine_espeak, "");
    engine->rate_hz = ESPEAK_NG_RATE_HZ;
    return engine;
}

static void espeak_close(struct engine *engine)
{
    free(engine);
}

static void espeak_text_options(const struct engine *engine, const struct voice *voice,
                                struct text_options *out)
{
    (void)engine;
    out->language = voice->info.language;
    out->espeak_voice = voice->espeak_voice;
    out->scheme = PHONEMES_NONE;
    out->vocab = NULL;
    out->max_tokens = CHARACTERS_MAX;
    out->target_tokens = CHARACTERS_TARGET;
}

/* --- speaking --- */

/* What arrives piece by piece, on the speaking caller's stack. */
struct hearing {
    const struct chunk *chunk;
    struct raw_speech *out;
    struct err *err;
    bool has_failed; /* err says why */
    size_t word;     /* of the chunk, that sounds; word_count before the first */
};

/* The chunk's word at this byte of its text, or word_count when there is none. */
static size_t word_at(const struct chunk *chunk, size_t byte)
{
    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];

        if (byte >= word->id_start && byte < (size_t)word->id_start + word->id_count)
            return i;
    }
    return chunk->word_count;
}

/* A word of the chunk may be told as several (the parts of a number), or with others as one. */
static void begin_word(struct hearing *hearing, const struct espeak_ng_word *word)
{
    size_t i = word_at(hearing->chunk, word->start);
    struct spoken_word *words = hearing->out->words;

    if (i == hearing->chunk->word_count || i == hearing->word)
        return;
    if (hearing->word < hearing->chunk->word_count)
        words[hearing->word].end_frame = word->frame;
    words[i].start_frame = words[i].end_frame = word->frame;
    hearing->word = i;
}

static bool hear(void *data, const int16_t *samples, size_t count,
                 const struct espeak_ng_word *words, size_t word_count)
{
    struct hearing *hearing = data;
    struct pcm *pcm = &hearing->out->pcm;

    for (size_t i = 0; i < word_count; i++)
        begin_word(hearing, &words[i]);
    if (!pcm_reserve(pcm, count, hearing->err)) {
        hearing->has_failed = true;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        pcm->samples[pcm->frames + i] = (float)samples[i] / FULL_SCALE;
    pcm->frames += count;
    return true;
}

static void begin_words(const struct chunk *chunk, struct raw_speech *out)
{
    out->words = xcalloc(chunk->word_count + 1, sizeof *out->words);
    out->word_count = chunk->word_count;
    for (size_t i = 0; i < chunk->word_count; i++)
        out->words[i] = (struct spoken_word){ .input_start = chunk->words[i].input_start,
                                              .input_end = chunk->words[i].input_end };
}

/* The last word lasts to the end; one that was not told sounds with the one before it. */
static void end_words(const struct hearing *hearing)
{
    struct raw_speech *out = hearing->out;

    if (hearing->word < out->word_count)
        out->words[hearing->word].end_frame = out->pcm.frames;
    for (size_t i = 1; i < out->word_count; i++)
        if (out->words[i].end_frame == 0)
            out->words[i].start_frame = out->words[i].end_frame = out->words[i - 1].end_frame;
}

static bool espeak_speak(struct engine *engine, const struct utterance *utterance,
                         struct raw_speech *out, struct cancel *cancel, struct err *err)
{
    struct hearing hearing = { utterance->chunk, out, err, false, utterance->chunk->word_count };
    long rate_wpm = lround(ESPEAK_NG_WPM_NORMAL * utterance->speed);
    struct espeak_ng_request request = {
        .text = utterance->chunk->text,
        .voice = utterance->voice->espeak_voice,
        .rate_wpm = (int)(rate_wpm < ESPEAK_NG_WPM_MIN   ? ESPEAK_NG_WPM_MIN
                          : rate_wpm > ESPEAK_NG_WPM_MAX ? ESPEAK_NG_WPM_MAX
                                                         : rate_wpm),
        .pitch = PITCH_NORMAL,
        .range = RANGE_NORMAL,
        .volume = VOLUME_NORMAL,
    };
    struct err why = { 0 };

    out->pcm = PCM(engine->rate_hz, 1);
    begin_words(utterance->chunk, out);
    if (espeak_ng_speak(&request, hear, &hearing, cancel, &why)) {
        end_words(&hearing);
        return true;
    }
    if (!hearing.has_failed)
        *err = why;
    return false;
}

const struct engine_type engine_espeak = {
    .name = ENGINE_ESPEAK,
    .family = FAMILY_NONE,
    .list_voices = espeak_list_voices,
    .open = espeak_open,
    .close = espeak_close,
    .text_options = espeak_text_options,
    .speak = espeak_speak,
};
