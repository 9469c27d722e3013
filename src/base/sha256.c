#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGEST_SIZE 32
#define READ_STEP (1 << 20)

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

bool sha256_file(const char *path, char out[SHA256_HEX], struct cancel *cancel, struct err *err)
{
    unsigned char digest[DIGEST_SIZE];
    unsigned char *piece = NULL;
    bool ok = false;
    size_t n;

    EVP_MD_CTX *context = EVP_MD_CTX_new();
    FILE *file = fopen(path, "rbe");
    if (!file) {
        err_system(err, "open", path);
        goto out;
    }
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL)) {
        err_set(err, ERR_INTERNAL, "libcrypto offers no SHA-256.");
        goto out;
    }
    piece = xmalloc(READ_STEP);
    while ((n = fread(piece, 1, READ_STEP, file)) > 0) {
        EVP_DigestUpdate(context, piece, n);
        if (!cancel_check(cancel, err))
            goto out;
    }
    if (ferror(file)) {
        err_system(err, "read", path);
        goto out;
    }
    EVP_DigestFinal_ex(context, digest, NULL);
    to_hex(digest, out);
    ok = true;
out:
    free(piece);
    EVP_MD_CTX_free(context);
    if (file)
        fclose(file);
    return ok;
}
