#pragma once

/* Modules like llama-tokenizer.js, with a small vocabulary: the special tokens, all bytes, and then
 * what a test wants. */

#include <openssl/evp.h>

#include "base/buf.h"
#include "check.h"

#define MODULE_FIRST 259 /* id of the first token of the test's */

/* lines: the test's tokens, each with a line end but the last; padding tokens follow. */
static inline char *vocabulary_lines(const char *lines)
{
    struct buf out = BUF(1 << 20);

    buf_append_str(&out, "<unk>\n<s>\n</s>\n");
    for (int byte = 0; byte < 256; byte++)
        buf_format(&out, "<0x%02X>\n", byte);
    buf_append_str(&out, lines);
    for (int i = 0; i < 60; i++)
        buf_format(&out, "\nfiller%d", i);
    return buf_take(&out);
}

static inline char *vocabulary_module(const char *lines)
{
    size_t length = strlen(lines);
    char *encoded = xmalloc(length / 3 * 4 + 8);

    EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)lines, (int)length);
    char *module =
        str_format("// AAAA\nexport const merges = \"QUJD\";\nconst vocab = \"%s\";\n", encoded);
    free(encoded);
    return module;
}
