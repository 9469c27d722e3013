/* Any bytes as an upload to decode: FFmpeg's demuxers and decoders behind our limits. */

#include <stdint.h>
#include <stdlib.h>

#include "audio/decode.h"

#define SECONDS_MAX 10.0

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct decode_options options = { .rate_hz = 16000,
                                            .channels = 1,
                                            .max_seconds = SECONDS_MAX };
    struct pcm pcm;
    struct err err = { 0 };

    if (!decode_memory(data, size, "input", &options, &pcm, &err)) {
        if (err.kind == ERR_NONE || pcm.samples)
            abort();
        return 0;
    }
    if (pcm.frames > SECONDS_MAX * 16000)
        abort();
    for (size_t i = 0; i < pcm.frames; i++)
        if (pcm.samples[i] - pcm.samples[i] != 0.0f) /* NaN or infinite */
            abort();
    pcm_release(&pcm);
    return 0;
}
