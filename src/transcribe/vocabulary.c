#include "transcribe/vocabulary.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

#define ENCODED_BEGIN "PHVuaz4KPHM+Cjwvcz4K" /* <unk>, <s> and </s>, the special tokens */
#define TOKENS_MIN 300                       /* the special ones, all bytes and some more */
#define TOKENS_MAX 65536
#define FIRST_BYTE 3 /* the tokens <0x00> to <0xFF> follow the special ones */
#define BYTE_COUNT 256
#define WORD_MARK "\xe2\x96\x81" /* U+2581 begins a word */

struct vocabulary {
    char *bytes;     /* of all tokens, owned */
    uint32_t *start; /* of each in bytes, and the end; owned */
    size_t count;
};

/* --- the module --- */

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

/* The run of base64 digits that holds the tokens: there is another, of the merges. */
static size_t find_encoded(const char *module, size_t length, const char **out)
{
    const char *begin = memmem(module, length, ENCODED_BEGIN, strlen(ENCODED_BEGIN));
    const char *end = begin;

    while (end && end < module + length && is_base64(*end))
        end++;
    *out = begin;
    return (size_t)(end - begin);
}

static bool corrupt(struct err *err, const char *what, const char *why)
{
    return err_set(err, ERR_CORRUPT,
                   "%s is not the token table of llama-tokenizer-js: %s. Fetch it again with "
                   "`parlando models pull moonshine-tiny`.",
                   what, why);
}

/* The lines within the module, NUL-terminated; NULL on failure. */
static char *decode_lines(const char *module, size_t length, const char *what, struct err *err)
{
    const char *encoded = NULL;
    size_t n = length <= VOCABULARY_FILE_MAX ? find_encoded(module, length, &encoded) : 0;

    if (n == 0 || n % 4 != 0) {
        corrupt(err, what, "its tokens are not in it");
        return NULL;
    }
    char *lines = xmalloc(n / 4 * 3 + 1);
    int decoded = EVP_DecodeBlock((unsigned char *)lines, (const unsigned char *)encoded, (int)n);
    if (decoded < 0) {
        free(lines);
        corrupt(err, what, "its base64 text is broken");
        return NULL;
    }
    size_t padding = (encoded[n - 1] == '=') + (encoded[n - 2] == '=');
    lines[(size_t)decoded - padding] = '\0';
    if (!utf8_check(lines, (size_t)decoded - padding, what, err)) {
        free(lines);
        return NULL;
    }
    return lines;
}

/* --- tokens --- */

/* "<0x0A>" is its byte. */
static int byte_of(const char *token, size_t length)
{
    char digits[3];

    if (length != 6 || memcmp(token, "<0x", 3) != 0 || token[5] != '>')
        return -1;
    memcpy(digits, token + 3, 2);
    digits[2] = '\0';
    char *end;
    long value = strtol(digits, &end, 16);
    return *end || digits[0] == ' ' || digits[0] == '-' || digits[0] == '+' ? -1 : (int)value;
}

/* The token's bytes in place of its line, never longer; returns how many. */
static size_t write_token(char *out, const char *line, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length;) {
        if (length - i >= strlen(WORD_MARK) &&
            memcmp(line + i, WORD_MARK, strlen(WORD_MARK)) == 0) {
            out[n++] = ' ';
            i += strlen(WORD_MARK);
        } else {
            out[n++] = line[i++];
        }
    }
    return n;
}

static bool is_byte_token_right(size_t index, int byte)
{
    bool should_be = index >= FIRST_BYTE && index < FIRST_BYTE + BYTE_COUNT;

    return !should_be || byte == (int)(index - FIRST_BYTE);
}

/* Turns the lines into tokens, in place. */
static bool read_tokens(struct vocabulary *v, const char *what, struct err *err)
{
    const char *line = v->bytes;
    size_t written = 0, capacity = 0;

    for (bool is_last = false; !is_last;) {
        size_t length = strcspn(line, "\n");
        int byte = byte_of(line, length);

        is_last = line[length] == '\0';
        if (is_last && length == 0)
            break; /* a line end behind the last token */
        if (v->count == TOKENS_MAX || !is_byte_token_right(v->count, byte))
            return corrupt(err, what, "its tokens are not Llama's");
        ARRAY_GROW(v->start, v->count, capacity);
        v->start[v->count] = (uint32_t)written;
        if (byte >= 0)
            v->bytes[written++] = (char)byte;
        else if (v->count >= FIRST_BYTE)
            written += write_token(v->bytes + written, line, length);
        v->count++;
        line += length + 1;
    }
    if (v->count < TOKENS_MIN)
        return corrupt(err, what, "it holds too few tokens");
    v->start = xrealloc(v->start, v->count + 1, sizeof *v->start);
    v->start[v->count] = (uint32_t)written;
    return true;
}

struct vocabulary *vocabulary_parse(const char *module, size_t length, const char *what,
                                    struct err *err)
{
    char *lines = decode_lines(module, length, what, err);

    if (!lines)
        return NULL;
    struct vocabulary *v = xcalloc(1, sizeof *v);
    v->bytes = lines;
    if (read_tokens(v, what, err))
        return v;
    vocabulary_close(v);
    return NULL;
}

struct vocabulary *vocabulary_open(const char *path, struct err *err)
{
    struct buf module = BUF(VOCABULARY_FILE_MAX);
    struct vocabulary *v = NULL;

    if (file_read(path, &module, err))
        v = vocabulary_parse(module.data ? module.data : "", module.len, path, err);
    buf_release(&module);
    return v;
}

void vocabulary_close(struct vocabulary *v)
{
    if (!v)
        return;
    free(v->bytes);
    free(v->start);
    free(v);
}

size_t vocabulary_count(const struct vocabulary *v)
{
    return v->count;
}

const char *vocabulary_bytes(const struct vocabulary *v, int64_t token, size_t *length)
{
    if (token < FIRST_BYTE || token >= (int64_t)v->count) {
        *length = 0;
        return "";
    }
    *length = v->start[token + 1] - v->start[token];
    return v->bytes + v->start[token];
}
