#include "engine/npy.h"

#include <ctype.h>
#include <string.h>

#define HEADER_LIMIT 4096 /* real ones have 118 bytes */

/* What follows 'key': in the dictionary, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);

    if (!at)
        return NULL;
    at += strlen(key);
    while (*at == ' ' || *at == ':')
        at++;
    return at;
}

/* "(510, 1, 256)" */
static bool read_shape(const char *at, struct npy *out)
{
    out->count = 1;
    out->last = 1;
    if (*at++ != '(')
        return false;
    for (;;) {
        while (*at == ' ' || *at == ',')
            at++;
        if (*at == ')')
            return true;
        if (!isdigit((unsigned char)*at))
            return false;
        out->last = 0;
        while (isdigit((unsigned char)*at))
            if (__builtin_mul_overflow(out->last, 10, &out->last) ||
                __builtin_add_overflow(out->last, (size_t)(*at++ - '0'), &out->last))
                return false;
        if (__builtin_mul_overflow(out->count, out->last, &out->count))
            return false;
    }
}

/* The dictionary as a string, and where the elements begin. */
static char *take_header(const uint8_t *bytes, size_t length, size_t *elements_at)
{
    size_t prefix, header_length;

    if (length < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return NULL;
    if (bytes[6] == 1) {
        prefix = 10;
        header_length = bytes[8] | (size_t)bytes[9] << 8;
    } else {
        prefix = 12;
        header_length =
            bytes[8] | (size_t)bytes[9] << 8 | (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    if (header_length > HEADER_LIMIT || header_length > length - prefix)
        return NULL;
    *elements_at = prefix + header_length;
    return xstrndup((const char *)bytes + prefix, header_length);
}

bool npy_read(const uint8_t *bytes, size_t length, const char *what, struct npy *out,
              struct err *err)
{
    size_t elements_at = 0, size;
    bool ok = false;

    *out = (struct npy){ 0 };
    char *header = take_header(bytes, length, &elements_at);
    const char *type = header ? value_of(header, "'descr'") : NULL;
    const char *fortran = header ? value_of(header, "'fortran_order'") : NULL;
    const char *shape = header ? value_of(header, "'shape'") : NULL;

    if (!type || !fortran || !shape || !read_shape(shape, out) ||
        __builtin_mul_overflow(out->count, sizeof(float), &size))
        err_set(err, ERR_CORRUPT, "%s is no whole NumPy array.", what);
    else if (strncmp(type, "'<f4'", 5) != 0 || strncmp(fortran, "False", 5) != 0)
        err_set(err, ERR_UNSUPPORTED, "%s is not an array of plain 32-bit floats.", what);
    else if (size != length - elements_at)
        err_set(err, ERR_CORRUPT, "%s has another length than its shape says.", what);
    else
        ok = true;
    out->elements = bytes + elements_at;
    free(header);
    return ok;
}
