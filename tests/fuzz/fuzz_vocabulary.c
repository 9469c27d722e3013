/* Any bytes as the module that holds Moonshine's vocabulary, and as a list of its tokens: what is read
 * must lie within bounds, whatever token is asked for. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "transcribe/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_tokens(const char *module, size_t length)
{
    struct err err;
    struct vocabulary *v = vocabulary_parse(module, length, "module", &err);
    size_t total = 0;

    if (!v)
        return;
    for (int64_t token = -2; token < (int64_t)vocabulary_count(v) + 2; token++) {
        size_t bytes;
        const char *text = vocabulary_bytes(v, token, &bytes);

        for (size_t i = 0; i < bytes; i++)
            total += (unsigned char)text[i] > 0;
    }
    if (total > length)
        abort();
    vocabulary_close(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char begin[] = "<unk>\n<s>\n</s>\n";
    struct buf lines = BUF(1 << 20);

    read_tokens((const char *)data, size);
    buf_append_str(&lines, begin);
    for (int byte = 0; byte < 256; byte++)
        buf_format(&lines, "<0x%02X>\n", byte);
    buf_append(&lines, data, size);
    if (!lines.failed) {
        char *module = xcalloc(lines.len / 3 * 4 + 8, 1);
        int length =
            EVP_EncodeBlock((unsigned char *)module, (unsigned char *)lines.data, (int)lines.len);

        read_tokens(module, (size_t)length);
        free(module);
    }
    buf_release(&lines);
    return 0;
}
