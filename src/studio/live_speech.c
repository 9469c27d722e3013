/*
 * From the speaker's samples to a listener: limited, brought to a tempo that the
 * engine does not have, encoded a slice at a time. What the encoder gives for a
 * slice is handed on at once, so that the first of a long sentence is under way
 * while its rest is encoded. The bytes of a header wait for the first of sound.
 */
#include "studio/live_speech.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/encode.h"
#include "audio/limit.h"
#include "audio/tempo.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "studio/language_voice.h"
#include "studio/speech.h"

#define SLICES_PER_S 4
#define SLICE_BYTES_MAX ((size_t)16 << 20) /* of what a slice can become; far from ever reached */

struct live_speech {
    struct live_speech_options options; /* set once */
};

struct live_speech *live_speech_create(const struct live_speech_options *options)
{
    struct live_speech *live = xcalloc(1, sizeof *live);

    live->options = *options;
    return live;
}

void live_speech_destroy(struct live_speech *live)
{
    free(live);
}

const struct live_speech_options *live_speech_options(const struct live_speech *live)
{
    return &live->options;
}

/* --- what is delivered --- */

struct delivery {
    const struct speech_listener *listener;
    struct spoken_by by;
    struct speech_outcome *outcome;
    double began_s;
    int rate_hz;     /* of the speaker's samples */
    double ratio;    /* of the tempo; 1: there is none */
    uint64_t frames; /* that went into the encoder */

    struct tempo *tempo;     /* NULL: none; owned */
    struct encoder *encoder; /* owned */
    struct pcm slice;        /* on its way into the encoder */
    struct buf bytes;        /* out of the encoder, not handed on */
    size_t header_length;    /* of these, at the beginning */
    bool has_begun;
};

static bool keep_bytes(void *state, const uint8_t *bytes, size_t length, struct err *err)
{
    struct delivery *delivery = state;

    buf_append(&delivery->bytes, bytes, length);
    return buf_ok(&delivery->bytes, "encoded audio", err);
}

static bool begin(struct delivery *delivery, struct err *err)
{
    delivery->has_begun = true;
    delivery->outcome->first_audio_s = clock_seconds() - delivery->began_s;
    return delivery->listener->begin(delivery->listener->state, &delivery->by, err);
}

/* Hands on what there is, if any of it is sound. */
static bool hand_on(struct delivery *delivery, struct err *err)
{
    struct buf *bytes = &delivery->bytes;

    if (!delivery->has_begun && bytes->len <= delivery->header_length)
        return true;
    if (!delivery->has_begun && !begin(delivery, err))
        return false;
    bool ok = bytes->len == 0 ||
              delivery->listener->audio(delivery->listener->state, bytes->data, bytes->len, err);
    buf_clear(bytes);
    return ok;
}

static bool encode_slice(struct delivery *delivery, struct err *err)
{
    struct pcm *slice = &delivery->slice;
    bool ok = encoder_write(delivery->encoder, slice->samples, slice->frames, err) &&
              hand_on(delivery, err);

    delivery->frames += slice->frames;
    slice->frames = 0;
    return ok;
}

/* Into the slice, at the tempo asked for. */
static bool bring_to_tempo(struct delivery *delivery, const float *samples, size_t frames,
                           struct err *err)
{
    return delivery->tempo ? tempo_write(delivery->tempo, samples, frames, &delivery->slice, err)
                           : pcm_append(&delivery->slice, samples, frames, err);
}

static bool deliver_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    struct delivery *delivery = state;
    size_t most = (size_t)delivery->rate_hz / SLICES_PER_S;

    for (size_t n; frames > 0; samples += n, frames -= n) {
        n = frames < most ? frames : most;
        if (!bring_to_tempo(delivery, samples, n, err))
            return false;
        limit_peaks(delivery->slice.samples, delivery->slice.frames);
        if (!encode_slice(delivery, err))
            return false;
    }
    return true;
}

static void deliver_word(void *state, const struct spoken_word *word)
{
    const struct delivery *delivery = state;
    double frames_per_s = delivery->rate_hz * delivery->ratio;
    const struct timed_word timed = {
        .input_start = word->input_start,
        .input_end = word->input_end,
        .start_s = (double)word->start_frame / frames_per_s,
        .end_s = (double)word->end_frame / frames_per_s,
    };

    delivery->listener->word(delivery->listener->state, &timed);
}

static bool deliver_end(struct delivery *delivery, struct err *err)
{
    if (delivery->tempo &&
        !(tempo_finish(delivery->tempo, &delivery->slice, err) && encode_slice(delivery, err)))
        return false;
    return encoder_finish(delivery->encoder, err) &&
           (delivery->has_begun || begin(delivery, err)) && hand_on(delivery, err);
}

/* --- one order --- */

static double engine_speed(double speed)
{
    return fmin(fmax(speed, ENGINE_SPEED_MIN), ENGINE_SPEED_MAX);
}

static bool open_delivery(struct delivery *delivery, struct speaker *speaker,
                          const struct speech_order *order, struct err *err)
{
    struct engine *engine = speaker_engine(speaker);
    const struct encoder_output output = { keep_bytes, NULL, delivery };
    const struct encoder_options options = {
        .format = order->format,
        .rate_hz = engine_rate_hz(engine),
        .channels = 1,
        .output_rate_hz = order->rate_hz,
        .bitrate_kbps = order->bitrate_kbps,
    };

    delivery->rate_hz = options.rate_hz;
    delivery->ratio = order->speed / engine_speed(order->speed);
    delivery->slice = PCM(delivery->rate_hz, 1);
    delivery->bytes = BUF(SLICE_BYTES_MAX);
    delivery->encoder = encoder_create(&options, &output, err);
    if (!delivery->encoder)
        return false;
    delivery->header_length = delivery->bytes.len;
    if (delivery->ratio != 1.0 &&
        !(delivery->tempo = tempo_create(delivery->rate_hz, delivery->ratio, err)))
        return false;
    delivery->by = (struct spoken_by){
        .engine = engine_name(engine),
        .model = engine_model(engine),
        .voice = speaker_voice(speaker)->id,
        .format = order->format,
        .rate_hz = encoder_rate_hz(delivery->encoder),
    };
    return true;
}

static void close_delivery(struct delivery *delivery)
{
    encoder_destroy(delivery->encoder);
    tempo_destroy(delivery->tempo);
    pcm_release(&delivery->slice);
    buf_release(&delivery->bytes);
}

static void tell_outcome(const struct delivery *delivery, const struct speech_report *report)
{
    struct speech_outcome *outcome = delivery->outcome;

    outcome->seconds = (double)delivery->frames / delivery->rate_hz;
    outcome->work_s = clock_seconds() - delivery->began_s;
    outcome->words_are_measured = report->words_are_measured;
    outcome->input_tokens = (int64_t)report->tokens;
    outcome->output_tokens = (int64_t)ceil(outcome->seconds * LIVE_TOKENS_PER_S);
    log_info("speech", "%.1f s of speech by %s, %s, in %.1f s, the first after %.2f s",
             outcome->seconds, delivery->by.engine, delivery->by.voice, outcome->work_s,
             outcome->first_audio_s);
}

static bool speak(struct delivery *delivery, struct speaker *speaker,
                  const struct speech_order *order, struct cancel *cancel, struct err *err)
{
    const struct speech_sink sink = {
        .audio = deliver_audio,
        .word = delivery->listener->word ? deliver_word : NULL,
        .state = delivery,
        .estimates_words = true,
        .is_live = true,
    };
    struct speech_report report;

    if (!open_delivery(delivery, speaker, order, err))
        return false;
    if (!speaker_speak(speaker, order->text, order->length, &sink, cancel, &report, err)) {
        if (err->kind == ERR_INVALID && !delivery->has_begun) /* pauses too are in the text */
            snprintf(err->param, sizeof err->param, "text");
        return false;
    }
    if (!deliver_end(delivery, err))
        return false;
    tell_outcome(delivery, &report);
    return true;
}

static bool is_said(const char *text)
{
    return text && *text;
}

/* Who speaks the order in its language. espeak's voices are languages; those of the others have one,
 * and a named one is not put aside. */
static bool choose_speaker(const struct live_speech *live, const struct speech_order *order,
                           struct arena *arena, struct speaker_name *out, struct err *err)
{
    struct engines *engines = live->options.engines;
    bool is_named = is_said(order->voice);
    struct engine_voices voices;
    struct err why;

    *out = (struct speaker_name){ order->engine, order->model, order->voice };
    if (!is_said(order->language) ||
        !engines_list_model_voices(engines, order->engine, order->model, arena, &voices, &why))
        return true; /* an engine that is not there says so when it is borrowed */
    if (is_named && strcmp(voices.engine, ENGINE_ESPEAK) != 0) {
        log_debug("speech", "%s speaks its own language, not \"%s\"", order->voice,
                  order->language);
        return true;
    }
    const char *voice = language_voice(&voices, order->language, order->voice);
    if (voice)
        out->voice = voice;
    return voice || is_named ||
           (!order->keeps_engine && language_speaker(engines, arena, order->language, out)) ||
           language_refuse(engines, arena, order->language, order->keeps_engine ? &voices : NULL,
                           err);
}

static bool speak_with(const struct live_speech *live, struct engine *engine, const char *voice,
                       const struct speech_order *order, struct delivery *delivery,
                       struct cancel *cancel, struct err *err)
{
    struct speaker *speaker = speaker_create(
        &(struct speaker_options){
            .shared = engine,
            .turnstile = live->options.turnstile,
            .is_urgent = true,
            .niceness = live->options.niceness,
            .voice = voice,
            .speed = engine_speed(order->speed),
            .lexicon = live->options.lexicon,
        },
        err);
    bool ok = speaker && speak(delivery, speaker, order, cancel, err);

    close_delivery(delivery);
    speaker_destroy(speaker);
    return ok;
}

static bool speak_as_chosen(const struct live_speech *live, const struct speech_order *order,
                            struct arena *arena, struct delivery *delivery, struct cancel *cancel,
                            struct err *err)
{
    struct engines *engines = live->options.engines;
    struct speaker_name chosen;

    if (!choose_speaker(live, order, arena, &chosen, err))
        return false;
    struct engine *engine = engines_borrow(engines, chosen.engine, chosen.model, err);
    if (!engine)
        return false;
    bool ok = speak_with(live, engine, chosen.voice, order, delivery, cancel, err);
    engines_return(engines, engine);
    return ok;
}

bool live_speech_speak(struct live_speech *live, const struct speech_order *order,
                       const struct speech_listener *listener, struct cancel *cancel,
                       struct speech_outcome *outcome, struct err *err)
{
    struct delivery delivery = { .listener = listener,
                                 .outcome = outcome,
                                 .began_s = clock_seconds() };

    *outcome = (struct speech_outcome){ 0 };
    if (!(order->speed >= LIVE_SPEED_MIN && order->speed <= LIVE_SPEED_MAX))
        return err_set_param(err, ERR_INVALID, "speed", "The speed must be from %g to %g, not %g.",
                             LIVE_SPEED_MIN, LIVE_SPEED_MAX, order->speed);
    struct arena arena = { 0 };
    bool ok = speak_as_chosen(live, order, &arena, &delivery, cancel, err);
    arena_release(&arena);
    return ok;
}
