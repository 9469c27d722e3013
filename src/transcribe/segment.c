#include "transcribe/segment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <zlib.h>

#include "base/utf8.h"

#define FRAME_S ((double)VOICE_FRAME / VOICE_RATE_HZ)
#define TEXT_MAX ((size_t)1 << 20) /* bytes: some hundred tokens of a line each */
#define REPLACEMENT 0xFFFDu        /* for bytes that are no character */

/* ---- text ---- */

/* Control characters, a NUL among them, separate words as a space does. */
static bool is_space(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7F;
}

/* The tokens' bytes, as valid UTF-8. */
static void write_text(const struct vocabulary *vocabulary, const struct moonshine_tokens *tokens,
                       struct buf *out)
{
    struct buf bytes = BUF(TEXT_MAX);

    for (size_t i = 0; i < tokens->count; i++) {
        size_t length;
        const char *token = vocabulary_bytes(vocabulary, tokens->items[i], &length);

        buf_append(&bytes, token, length);
    }
    for (size_t at = 0; at < bytes.len;) {
        const char *rest = bytes.data + at;
        const uint8_t *wrong = u8_check((const uint8_t *)rest, bytes.len - at);
        size_t valid = wrong ? (size_t)((const char *)wrong - rest) : bytes.len - at;

        buf_append(out, rest, valid);
        if (wrong)
            buf_append_utf8(out, REPLACEMENT);
        at += valid + (wrong != NULL);
    }
    buf_release(&bytes);
}

/* Cuts the text into words. */
static void split(const char *text, size_t length, struct arena *arena,
                  struct transcript_segment *out)
{
    struct transcript_word *words = arena_alloc(arena, (length / 2 + 1) * sizeof *words);

    for (size_t at = 0; at < length;) {
        size_t start = at;

        while (at < length && !is_space(text[at]))
            at++;
        if (at > start)
            words[out->word_count++].text = arena_strndup(arena, text + start, at - start);
        else
            at++;
    }
    out->words = words;
}

static const char *join(const struct transcript_segment *segment, struct arena *arena)
{
    struct buf text = BUF(TEXT_MAX);

    for (size_t i = 0; i < segment->word_count; i++) {
        if (i > 0)
            buf_append_char(&text, ' ');
        buf_append_str(&text, segment->words[i].text);
    }
    char *joined = arena_strndup(arena, text.data, text.len);
    buf_release(&text);
    return joined;
}

/* ---- times ---- */

/* Where a point of the speech, in speech frames from its beginning, lies in the recording. Where a
 * rest is at that point, an end is before it and a beginning after. */
static double time_of(const struct piece *piece, double point, bool is_end)
{
    double passed = 0, last = 0;

    for (size_t i = 0; i < piece->frame_count; i++) {
        if (!piece->is_speech[i])
            continue;
        double left = point - passed;
        last = (double)(i + 1);
        if (left < 1 || (is_end && left <= 1)) {
            last = (double)i + left;
            break;
        }
        passed++;
    }
    return (double)piece->start / VOICE_RATE_HZ + last * FRAME_S;
}

static double weight_of(const struct transcript_word *word)
{
    return (double)utf8_chars(word->text, strlen(word->text)) + 1;
}

static void spread(struct transcript_word *words, size_t count, const struct piece *piece)
{
    double total = 0, before = 0;
    double speech = (double)piece->speech_frames;

    for (size_t i = 0; i < count; i++)
        total += weight_of(&words[i]);
    for (size_t i = 0; i < count; i++) {
        words[i].start_s = time_of(piece, before / total * speech, false);
        before += weight_of(&words[i]);
        words[i].end_s = time_of(piece, i + 1 < count ? before / total * speech : speech, true);
    }
}

/* ---- measures ---- */

static double compression_ratio(const char *text)
{
    uLong length = (uLong)strlen(text), size = compressBound(length);
    Bytef *deflated = xmalloc(size);
    int code = compress2(deflated, &size, (const Bytef *)text, length, Z_DEFAULT_COMPRESSION);

    free(deflated);
    assert(code == Z_OK); /* the buffer is as large as it may need */
    (void)code;
    return (double)length / (double)size;
}

bool segment_make(const struct vocabulary *vocabulary, const struct piece *piece,
                  const struct moonshine_tokens *tokens, struct arena *arena,
                  struct transcript_segment *out)
{
    struct buf text = BUF(TEXT_MAX);

    *out = (struct transcript_segment){ .tokens = tokens->items, .token_count = tokens->count };
    write_text(vocabulary, tokens, &text);
    split(text.data, text.len, arena, out);
    buf_release(&text);
    if (out->word_count == 0)
        return false;
    spread((struct transcript_word *)out->words, out->word_count, piece);
    out->text = join(out, arena);
    out->start_s = out->words[0].start_s;
    out->end_s = out->words[out->word_count - 1].end_s;
    out->avg_logprob = tokens->logprob_sum / (double)tokens->logprob_count;
    out->no_speech_prob = 1 - piece->voice;
    out->compression_ratio = compression_ratio(out->text);
    return true;
}
