#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define DIGEST_SIZE 32

static void to_hex(const unsigned char digest[DIGEST_SIZE], char out[SHA256_HEX])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void sha256_bytes(const void *bytes, size_t length, char out[SHA256_HEX])
{
    unsigned char digest[DIGEST_SIZE];

    if (!EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL))
        abort(); /* libcrypto without SHA-256 is a broken installation */
    to_hex(digest, out);
}

void sha256_keyed(const char *key, const char *text, char out[SHA256_HEX])
{
    unsigned char digest[DIGEST_SIZE];

    if (!HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, strlen(text),
              digest, NULL))
        abort(); /* likewise */
    to_hex(digest, out);
}

bool sha256_file(const char *path, char out[SHA256_HEX], struct cancel *cancel, struct err *err)
{
    unsigned char digest[DIGEST_SIZE];

    if (!digest_file(path, "SHA256", digest, sizeof digest, cancel, err))
        return false;
    to_hex(digest, out);
    return true;
}
