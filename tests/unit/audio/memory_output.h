#pragma once

/* An encoder's output in memory, with or without seeking, that can fail at its nth call. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audio/encode.h"

struct memory_output {
    uint8_t *bytes; /* owned */
    size_t length, capacity, at;
    int calls, fail_at; /* writes and seeks; fail_at 0: never */
};

static inline bool memory_output_fails(struct memory_output *m, struct err *err)
{
    m->calls++;
    if (m->fail_at == 0 || m->calls < m->fail_at)
        return false;
    err_set(err, ERR_DISK_FULL, "Cannot write call %d: no space.", m->calls);
    return true;
}

static inline bool memory_output_write(void *state, const uint8_t *bytes, size_t length,
                                       struct err *err)
{
    struct memory_output *m = state;

    if (memory_output_fails(m, err))
        return false;
    if (m->at + length > m->capacity) {
        m->capacity = 2 * (m->at + length);
        m->bytes = xrealloc(m->bytes, m->capacity, 1);
    }
    memcpy(m->bytes + m->at, bytes, length);
    m->at += length;
    if (m->at > m->length)
        m->length = m->at;
    return true;
}

static inline bool memory_output_seek(void *state, int64_t offset, struct err *err)
{
    struct memory_output *m = state;

    if (memory_output_fails(m, err))
        return false;
    if (offset < 0 || (size_t)offset > m->length)
        return err_set(err, ERR_INTERNAL, "Seeking to %lld of %zu.", (long long)offset, m->length);
    m->at = (size_t)offset;
    return true;
}

static inline void memory_output_release(struct memory_output *m)
{
    free(m->bytes);
    *m = (struct memory_output){ 0 };
}

/* Encodes all of pcm in pieces of 20 ms, as speech arrives. */
static inline bool memory_encode(struct memory_output *m, const struct encoder_options *options,
                                 bool can_seek, const struct pcm *pcm, struct err *err)
{
    const struct encoder_output output = { memory_output_write,
                                           can_seek ? memory_output_seek : NULL, m };
    struct encoder *encoder = encoder_create(options, &output, err);
    size_t piece = (size_t)pcm->rate_hz / 50;
    bool ok = encoder != NULL;

    for (size_t at = 0; ok && at < pcm->frames; at += piece)
        ok = encoder_write(encoder, pcm->samples + at * (size_t)pcm->channels,
                           piece < pcm->frames - at ? piece : pcm->frames - at, err);
    ok = ok && encoder_finish(encoder, err);
    encoder_destroy(encoder);
    return ok;
}
