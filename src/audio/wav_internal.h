#pragma once

/* The layout of a RIFF WAVE file, for its writer (wav.c) and its reader (wav_read.c). */

/* wFormatTag, from Microsoft's mmreg.h. */
enum wav_tag { WAV_TAG_PCM = 1, WAV_TAG_FLOAT = 3, WAV_TAG_EXTENSIBLE = 0xfffe };

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define WAV_SIZE_UNKNOWN UINT32_MAX

#define WAV_FMT_SIZE 16            /* of the fmt chunk of plain PCM */
#define WAV_FMT_EXTENSIBLE_SIZE 40 /* WAVEFORMATEXTENSIBLE */

/* The last 14 bytes of the GUIDs KSDATAFORMAT_SUBTYPE_PCM, _IEEE_FLOAT and all others that stand
 * for a tag; the tag is the first two. */
#define WAV_GUID_TAIL "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
#define WAV_GUID_TAIL_SIZE 14

/* ERR_CORRUPT when the data chunk promises more than is there, by the reader's rules; anything else,
 * also what is no WAV, is fine. Moves in the file; name stands in the message. */
bool wav_check_length(FILE *file, uint64_t size, const char *name, struct err *err) MUST_CHECK;
