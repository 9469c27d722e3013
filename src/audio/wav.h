#pragma once

/*
 * RIFF WAVE files. Written through a temporary file that is renamed when whole,
 * so that a reader never sees half of one; read with every size checked against
 * the file's. How floats become integers and back: audio/sample.h. Little-endian
 * machines only, as all of ours are.
 *
 * What streaming programs could not know when they wrote the header (sizes of 0,
 * 0xFFFFFFFF or 0x7FFFF000) is taken from the file's length; a size that promises
 * more than is there means that the file is cut off.
 */

#include <stdint.h>

#include "audio/pcm.h"
#include "base/file.h"

enum wav_sample { WAV_S16, WAV_S24, WAV_F32 };

/* Data bytes one file may hold: the 32-bit size field less the headers. */
#define WAV_DATA_LIMIT (UINT32_MAX - 4096u)

struct wav_writer {
    struct file_out out;
    enum wav_sample sample;
    int channels, rate_hz;
    uint64_t data_bytes;
};

/* A file being written; commit makes it appear, release without commit removes it. After a failure
 * only release follows. WAV_F32 keeps what is beyond ±1. */
bool wav_begin(struct wav_writer *w, const char *path, enum wav_sample sample, int rate_hz,
               int channels, struct err *err) MUST_CHECK;
bool wav_write(struct wav_writer *w, const float *samples, size_t frames,
               struct err *err) MUST_CHECK; /* ERR_TOO_LARGE over WAV_DATA_LIMIT */
bool wav_commit(struct wav_writer *w, struct err *err) MUST_CHECK;
void wav_release(struct wav_writer *w); /* safe after commit, on a zeroed struct and twice */

/* The 44 bytes that begin a WAV_S16 stream of unknown length (sizes 0xFFFFFFFF) or of known
 * length (data_bytes). One or two channels. */
#define WAV_HEADER_SIZE 44
void wav_header(uint8_t out[WAV_HEADER_SIZE], int rate_hz, int channels, uint32_t data_bytes);

struct wav_info {
    enum wav_sample sample;
    int channels, rate_hz;
    uint64_t frames;
};

/* Looks at the header only. ERR_CORRUPT for what is not a WAV or is cut off; ERR_UNSUPPORTED for
 * sample kinds other than ours, which audio/decode.h can read. */
bool wav_info(const char *path, struct wav_info *out, struct err *err) MUST_CHECK;

/* All of it. max_frames bounds what is taken into memory (ERR_TOO_LARGE). On failure *out is empty;
 * else pcm_release it. */
bool wav_read(const char *path, uint64_t max_frames, struct pcm *out, struct err *err) MUST_CHECK;

/* A file being read from its first frame to its last, a block at a time. One thread at a time. */
struct wav_reader;

/* Reads the header. Takes fd, also on failure; name stands in messages and is borrowed until
 * wav_close. NULL on failure: wav_info's errors. */
struct wav_reader *wav_open_descriptor(int fd, const char *name, struct err *err);
void wav_close(struct wav_reader *reader); /* accepts NULL */
const struct wav_info *wav_reader_info(const struct wav_reader *reader);

/* The next frames, as many as there are up to frames_max; *frames is 0 at the end. ERR_CORRUPT when
 * the file has become shorter since it was opened. */
bool wav_read_frames(struct wav_reader *reader, float *samples, size_t frames_max, size_t *frames,
                     struct err *err) MUST_CHECK;
