/* Speaking one chunk: what all kinds of engines share around a pass of the model. */

#include <math.h>
#include <string.h>

#include "audio/silence.h"
#include "engine/engine_internal.h"

#define MARGIN_S 0.150 /* kept after the last id, if it sounds */

void speech_release(struct speech *speech)
{
    pcm_release(&speech->pcm);
    free(speech->words);
    *speech = (struct speech){ 0 };
}

static void raw_release(struct raw_speech *raw)
{
    pcm_release(&raw->pcm);
    free(raw->id_start);
    free(raw->words);
    *raw = (struct raw_speech){ 0 };
}

/* The front end keeps these limits; a caller that does not would get the model's own, unreadable
 * error, or noise. */
static bool check_utterance(const struct engine *engine, const struct utterance *utterance,
                            struct err *err)
{
    const struct chunk *chunk = utterance->chunk;
    struct text_options options = { 0 };

    engine_text_options(engine, utterance->voice, &options);
    if (chunk->is_silent || (chunk->id_count == 0 && options.scheme != PHONEMES_NONE))
        return err_set(err, ERR_INVALID, "There is nothing to speak in this part of the text.");
    if (options.scheme != PHONEMES_NONE && chunk->id_count > options.max_tokens)
        return err_set(err, ERR_INVALID,
                       "A part of the text has %zu sounds; the engine %s takes %zu at a time.",
                       chunk->id_count, engine_name(engine), options.max_tokens);
    if (!(utterance->speed >= ENGINE_SPEED_MIN && utterance->speed <= ENGINE_SPEED_MAX))
        return err_set_param(err, ERR_INVALID, "speed", "The speed must be from %g to %g, not %g.",
                             ENGINE_SPEED_MIN, ENGINE_SPEED_MAX, utterance->speed);
    return true;
}

static bool check_samples(const struct engine *engine, const struct pcm *pcm, struct err *err)
{
    if (pcm->frames == 0)
        return err_set(err, ERR_CORRUPT, "The engine %s gave no sound for a part of the text.",
                       engine_name(engine));
    for (size_t i = 0; i < pcm->frames; i++)
        if (!isfinite(pcm->samples[i]))
            return err_set(err, ERR_CORRUPT,
                           "The engine %s gave no usable sound for a part of the text (its numbers "
                           "overflowed).",
                           engine_name(engine));
    return true;
}

/* A word lasts from its first id to behind its last. The one id of the space between two words is
 * halved between them, as hexgrad's timestamps do; marks and pauses belong to no word. */
static void words_from_ids(const struct chunk *chunk, struct raw_speech *raw)
{
    raw->words = xcalloc(chunk->word_count + 1, sizeof *raw->words);
    raw->word_count = chunk->word_count;
    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];
        struct spoken_word *out = &raw->words[i];
        size_t id_end = word->id_start + word->id_count;

        *out = (struct spoken_word){ word->input_start, word->input_end,
                                     raw->id_start[word->id_start], raw->id_start[id_end] };
        if (i == 0)
            continue;
        const struct chunk_word *before = &chunk->words[i - 1];
        if (before->id_start + before->id_count + 1 == word->id_start) {
            size_t middle = (out[-1].end_frame + out->start_frame) / 2;

            out[-1].end_frame = out->start_frame = middle;
        }
    }
}

/* Words within the kept part, counted from its start. */
static void move_words(struct raw_speech *raw, size_t start, size_t end)
{
    for (size_t i = 0; i < raw->word_count; i++) {
        struct spoken_word *word = &raw->words[i];
        size_t *ends[] = { &word->start_frame, &word->end_frame };

        for (size_t j = 0; j < COUNT(ends); j++) {
            size_t frame = *ends[j] < start ? start : *ends[j];

            *ends[j] = (frame > end ? end : frame) - start;
        }
    }
}

/* Where speech may be: to a little behind the last id. What a model makes after that, for its pads,
 * is silence or a burst of noise. In front there is no such limit: Kokoro begins its first sound
 * before that id's time, by 50 ms at speed 1 and by 450 ms at 0.5 (measured on v1.0). */
static struct frame_range range_of_ids(const struct chunk *chunk, const struct raw_speech *raw)
{
    size_t margin = pcm_frames(MARGIN_S, raw->pcm.rate_hz), frames = raw->pcm.frames;

    if (!raw->id_start)
        return (struct frame_range){ 0, frames };
    size_t end = raw->id_start[chunk->id_count];
    return (struct frame_range){ 0, frames - end > margin ? end + margin : frames };
}

/* From the first word to the last id of the last: never trimmed. That id itself may be half a
 * second long with most of it silent, so its end is where the sound ends. */
static struct frame_range range_of_words(const struct chunk *chunk, const struct raw_speech *raw)
{
    if (!raw->id_start || chunk->word_count == 0)
        return (struct frame_range){ 0, 0 };
    const struct chunk_word *first = &chunk->words[0], *last = &chunk->words[chunk->word_count - 1];
    size_t last_id = last->id_start + last->id_count - (last->id_count > 0);

    return (struct frame_range){ raw->id_start[first->id_start], raw->id_start[last_id] };
}

/* The part of the samples worth keeping. Where no speech is found at all, all of it is. */
static struct frame_range find_speech(const struct chunk *chunk, const struct raw_speech *raw)
{
    struct frame_range ids = range_of_ids(chunk, raw), words = range_of_words(chunk, raw);
    struct frame_range found =
        silence_find_speech(raw->pcm.samples, ids.end, raw->pcm.rate_hz, words);

    return found.start < found.end ? found : ids;
}

/* Moves the part that is kept into *out. */
static void take_speech(struct raw_speech *raw, struct frame_range keep, struct speech *out)
{
    move_words(raw, keep.start, keep.end);
    silence_trim(&raw->pcm, keep);
    *out = (struct speech){ .pcm = raw->pcm };
    raw->pcm = (struct pcm){ 0 };
    if (raw->word_count > 0) {
        out->words = raw->words;
        out->word_count = raw->word_count;
        raw->words = NULL;
    }
}

bool engine_speak(struct engine *engine, const struct utterance *utterance, struct speech *out,
                  struct cancel *cancel, struct err *err)
{
    struct raw_speech raw = { 0 };
    bool ok = false;

    *out = (struct speech){ 0 };
    if (!cancel_check(cancel, err) || !check_utterance(engine, utterance, err) ||
        !engine->type->speak(engine, utterance, &raw, cancel, err) ||
        !check_samples(engine, &raw.pcm, err))
        goto out;
    if (raw.id_start && !raw.words)
        words_from_ids(utterance->chunk, &raw);
    take_speech(&raw, find_speech(utterance->chunk, &raw), out);
    ok = true;
out:
    raw_release(&raw);
    return ok;
}
