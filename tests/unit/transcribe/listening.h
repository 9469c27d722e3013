#pragma once

/* A transcriber on the real models, and recordings made of Debian's clips, by name and kind. */

#include "audio/decode.h"
#include "audio/encode.h"
#include "audio/resample.h"
#include "audio/wav.h"
#include "folder.h"
#include "models.h"
#include "transcribe/transcript.h"

#define LIBRIVOX CLIPS "librivox/sense_and_sensibility_01_austen_64kb-"

/* Or the test is skipped. */
static inline struct transcriber *open_transcriber(struct turnstile *turnstile, double idle_s)
{
    struct transcriber *t = transcriber_create(&(struct transcriber_options){
        .models_dir = models_folder(), .threads = 2, .turnstile = turnstile, .idle_s = idle_s });
    struct err err = { 0 };

    if (!transcriber_can_hear(t, &err)) {
        transcriber_destroy(t);
        print_message("skipped: %s\n", err.message);
        skip();
    }
    return t;
}

static inline bool hear_into(struct transcriber *t, const char *path, struct transcript *out,
                             struct cancel *cancel, struct err *err)
{
    const struct transcribe_options options = { 0 };
    const struct transcript_sink sink = transcript_sink(out);

    *out = TRANSCRIPT;
    return transcriber_hear_file(t, path, "the recording", &options, &sink, cancel, &out->outcome,
                                 err);
}

static inline struct pcm clip_pcm(const char *path)
{
    const struct decode_options options = { .rate_hz = 16000, .channels = 1, .max_seconds = 60 };
    struct err err = { 0 };
    struct pcm pcm;

    need_clip(path);
    check_ok(decode_file(path, &options, &pcm, &err), &err);
    return pcm;
}

static inline void write_wav(const char *path, const struct pcm *pcm)
{
    struct err err = { 0 };
    struct wav_writer w;

    check_ok(wav_begin(&w, path, WAV_S16, pcm->rate_hz, pcm->channels, &err), &err);
    check_ok(wav_write(&w, pcm->samples, pcm->frames, &err), &err);
    check_ok(wav_commit(&w, &err), &err);
    wav_release(&w);
}
