#include "audio/tempo.h"

#include <assert.h>
#include <sonic.h>
#include <stdlib.h>

#include "audio/sample.h"

#define PIECE_FRAMES 4096 /* given to the library at a time, which counts in int */

struct tempo {
    sonicStream stream; /* owned */
};

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "There is not enough memory to change the tempo.");
}

struct tempo *tempo_create(int rate_hz, double ratio, struct err *err)
{
    assert(ratio >= TEMPO_MIN && ratio <= TEMPO_MAX);
    sonicStream stream = sonicCreateStream(rate_hz, 1);
    if (!stream) {
        no_memory(err);
        return NULL;
    }
    sonicSetSpeed(stream, (float)ratio);
    struct tempo *tempo = xcalloc(1, sizeof *tempo);
    tempo->stream = stream;
    return tempo;
}

void tempo_destroy(struct tempo *tempo)
{
    if (!tempo)
        return;
    sonicDestroyStream(tempo->stream);
    free(tempo);
}

static bool read_all(struct tempo *tempo, struct pcm *out, struct err *err)
{
    int ready = sonicSamplesAvailable(tempo->stream);

    if (ready == 0)
        return true;
    if (!pcm_reserve(out, (size_t)ready, err))
        return false;
    int got = sonicReadFloatFromStream(tempo->stream, out->samples + out->frames, ready);
    out->frames += (size_t)got;
    return true;
}

bool tempo_write(struct tempo *tempo, const float *samples, size_t frames, struct pcm *out,
                 struct err *err)
{
    float piece[PIECE_FRAMES];

    while (frames > 0) {
        size_t n = frames < PIECE_FRAMES ? frames : PIECE_FRAMES;

        for (size_t i = 0; i < n; i++)
            piece[i] = sample_clip(samples[i]);
        if (!sonicWriteFloatToStream(tempo->stream, piece, (int)n))
            return no_memory(err);
        if (!read_all(tempo, out, err))
            return false;
        samples += n;
        frames -= n;
    }
    return true;
}

bool tempo_finish(struct tempo *tempo, struct pcm *out, struct err *err)
{
    if (!sonicFlushStream(tempo->stream))
        return no_memory(err);
    return read_all(tempo, out, err);
}
