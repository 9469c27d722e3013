/* Any bytes as a WAV file: what is read must agree with what its header was said to hold. */

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audio/wav.h"

#define FRAMES_MAX 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_file(const char *path)
{
    struct wav_info info;
    struct pcm pcm;
    struct err err;
    bool has_info = wav_info(path, &info, &err);

    if (!wav_read(path, FRAMES_MAX, &pcm, &err)) {
        if (has_info && info.frames <= FRAMES_MAX)
            abort();
        return;
    }
    if (!has_info || pcm.frames != info.frames || pcm.rate_hz != info.rate_hz ||
        !pcm_check_layout(pcm.rate_hz, pcm.channels, &err))
        abort();
    for (size_t i = 0; i < pcm.frames * (size_t)pcm.channels; i++)
        if (pcm.samples[i] - pcm.samples[i] != 0.0f) /* NaN or infinite */
            abort();
    pcm_release(&pcm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("wav", MFD_CLOEXEC);

    if (fd < 0)
        return 0;
    char *path = str_format("/proc/self/fd/%d", fd);
    if (write(fd, data, size) == (ssize_t)size)
        read_file(path);
    free(path);
    close(fd);
    return 0;
}
