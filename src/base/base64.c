#include "base/base64.h"

#include <openssl/evp.h>

#define PIECE 3072 /* bytes; divisible by 3 */

void base64_append(struct buf *out, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    unsigned char text[4 * PIECE / 3 + 1];

    while (length > 0) {
        size_t piece = length < PIECE ? length : PIECE;

        buf_append(out, text, (size_t)EVP_EncodeBlock(text, at, (int)piece));
        at += piece;
        length -= piece;
    }
}
