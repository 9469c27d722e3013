#include "studio/audition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/peak.h"
#include "audio/sample.h"
#include "audio/wav.h"
#include "base/log.h"
#include "base/utf8.h"
#include "studio/speech.h"

#define PACK_SAMPLES 4096

/* --- what is said when nothing is asked for --- */

static const struct {
    const char *language; /* the first part of a tag */
    const char *sentence;
} openings[] = {
    { "en", "Once upon a time, a voice began to tell a story." },
    { "cmn", "很久很久以前，有一个声音开始讲述一个故事。" },
    { "de", "Es war einmal eine Stimme, die begann, eine Geschichte zu erzählen." },
    { "es", "Érase una vez una voz que empezó a contar una historia." },
    { "fr", "Il était une fois une voix qui se mit à raconter une histoire." },
    { "hi", "एक समय की बात है, एक आवाज़ ने कहानी सुनाना शुरू किया।" },
    { "it", "C'era una volta una voce che cominciò a raccontare una storia." },
    { "ja", "むかしむかし、ひとつのこえが、おはなしをはじめました。" },
    { "pt", "Era uma vez uma voz que começou a contar uma história." },
};

static const char *opening_in(const char *language)
{
    size_t length = strcspn(language, "-");

    for (size_t i = 0; i < COUNT(openings); i++)
        if (strlen(openings[i].language) == length &&
            strncmp(openings[i].language, language, length) == 0)
            return openings[i].sentence;
    return openings[0].sentence;
}

/* --- one --- */

static bool too_long(struct err *err)
{
    return err_set_param(err, ERR_INVALID, "text",
                         "This would be spoken for more than %d seconds. Try a voice with less.",
                         AUDITION_SECONDS_MAX);
}

static bool take_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    struct pcm *pcm = state;

    if (pcm->frames + frames > pcm_frames(AUDITION_SECONDS_MAX, pcm->rate_hz))
        return too_long(err);
    return pcm_append(pcm, samples, frames, err);
}

/* As recordings are: normalised as a whole, 16 bits. */
static bool encode(struct pcm *pcm, struct buf *wav, struct err *err)
{
    float gain = peak_gain(peak_find(pcm->samples, pcm->frames), (float)SPEECH_PEAK);
    uint8_t header[WAV_HEADER_SIZE], packed[2 * PACK_SAMPLES];

    *wav = BUF(sizeof header + 2 * pcm->frames);
    wav_header(header, pcm->rate_hz, 1, (uint32_t)(2 * pcm->frames));
    buf_append(wav, header, sizeof header);
    for (size_t at = 0; at < pcm->frames;) {
        size_t left = pcm->frames - at, n = left < PACK_SAMPLES ? left : PACK_SAMPLES;

        for (size_t i = 0; i < n; i++)
            pcm->samples[at + i] *= gain;
        sample_pack_s16(packed, pcm->samples + at, n);
        buf_append(wav, packed, 2 * n);
        at += n;
    }
    return buf_ok(wav, "audition", err);
}

static bool speak(struct speaker *speaker, const char *text, struct cancel *cancel, struct buf *wav,
                  struct err *err)
{
    struct pcm pcm = PCM(engine_rate_hz(speaker_engine(speaker)), 1);
    const struct speech_sink sink = { .audio = take_audio, .state = &pcm };
    const struct voice_info *voice = speaker_voice(speaker);
    struct speech_report report;

    if (!text)
        text = opening_in(voice->language);
    bool ok = speaker_speak(speaker, text, strlen(text), &sink, cancel, &report, err) &&
              encode(&pcm, wav, err);
    if (ok)
        log_info("audition", "%.1f s of speech by %s, %s, in %.1f s", report.seconds,
                 engine_name(speaker_engine(speaker)), voice->id, report.work_s);
    else if (err->kind == ERR_INVALID) /* a pause or phonemes too are in the text */
        snprintf(err->param, sizeof err->param, "text");
    pcm_release(&pcm);
    return ok;
}

static bool speak_with(const struct live_speech_options *options, struct engine *engine,
                       const struct audition *audition, struct cancel *cancel, struct buf *wav,
                       struct err *err)
{
    struct speaker *speaker = speaker_create(
        &(struct speaker_options){
            .shared = engine,
            .turnstile = options->turnstile,
            .is_urgent = true,
            .niceness = options->niceness,
            .voice = audition->voice,
            .speed = audition->speed,
            .lexicon = options->lexicon,
        },
        err);
    bool ok = speaker && speak(speaker, audition->text, cancel, wav, err);

    speaker_destroy(speaker);
    return ok;
}

static bool check_text(const char *text, struct err *err)
{
    return !text || utf8_chars(text, strlen(text)) <= AUDITION_CHARS_MAX ||
           err_set_param(err, ERR_INVALID, "text", "A voice is tried with at most %d characters.",
                         AUDITION_CHARS_MAX);
}

bool audition_speak(const struct live_speech *live, const struct audition *audition,
                    struct cancel *cancel, struct buf *wav, struct err *err)
{
    const struct live_speech_options *options = live_speech_options(live);

    *wav = (struct buf){ 0 };
    if (!check_text(audition->text, err))
        return false;
    struct engine *engine = engines_borrow(options->engines, audition->engine, NULL, err);
    if (!engine)
        return false;
    bool ok = speak_with(options, engine, audition, cancel, wav, err);
    engines_return(options->engines, engine);
    return ok;
}
