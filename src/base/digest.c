#include "base/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_STEP (1 << 20)

static bool update(EVP_MD_CTX *context, FILE *file, const char *path, struct cancel *cancel,
                   struct err *err)
{
    unsigned char *piece = xmalloc(READ_STEP);
    bool ok = true;
    size_t n;

    while (ok && (n = fread(piece, 1, READ_STEP, file)) > 0)
        ok = cancel_check(cancel, err) &&
             (EVP_DigestUpdate(context, piece, n) ||
              err_set(err, ERR_INTERNAL, "libcrypto cannot take the digest of %s.", path));
    if (ok && ferror(file))
        ok = err_system(err, "read", path);
    free(piece);
    return ok;
}

bool digest_file(const char *path, const char *algorithm, unsigned char *out, size_t length,
                 struct cancel *cancel, struct err *err)
{
    const EVP_MD *digest = EVP_get_digestbyname(algorithm);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    FILE *file = fopen(path, "rbe");
    bool ok = false;

    assert(!digest || (size_t)EVP_MD_get_size(digest) == length);
    if (!file)
        err_system(err, "open", path);
    else if (!digest || !context || !EVP_DigestInit_ex(context, digest, NULL))
        err_set(err, ERR_INTERNAL, "libcrypto offers no %s.", algorithm);
    else if (update(context, file, path, cancel, err))
        ok = EVP_DigestFinal_ex(context, out, NULL) ||
             err_set(err, ERR_INTERNAL, "libcrypto cannot take the digest of %s.", path);
    if (file)
        fclose(file);
    EVP_MD_CTX_free(context);
    return ok;
}
