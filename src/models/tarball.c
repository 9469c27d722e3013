#include "models/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/path.h"

#define INTEGRITY_PREFIX "sha512-"
#define SHA512_SIZE 64
#define SHA512_BASE64 (4 * ((SHA512_SIZE + 2) / 3) + 1)
#define READ_STEP (1 << 20)

bool tarball_verify(const char *path, const char *integrity, struct cancel *cancel, struct err *err)
{
    unsigned char digest[SHA512_SIZE];
    unsigned char base64[SHA512_BASE64];

    if (!digest_file(path, "SHA512", digest, sizeof digest, cancel, err))
        return false;
    EVP_EncodeBlock(base64, digest, SHA512_SIZE);
    if (strncmp(integrity, INTEGRITY_PREFIX, strlen(INTEGRITY_PREFIX)) != 0 ||
        strcmp(integrity + strlen(INTEGRITY_PREFIX), (char *)base64) != 0)
        return err_set(err, ERR_CORRUPT,
                       "%s has the integrity %s%.12s… instead of %.19s…: it is not the package "
                       "we know.",
                       path_base(path), INTEGRITY_PREFIX, (char *)base64, integrity);
    return true;
}

static bool broken(struct archive *archive, const char *path, struct err *err)
{
    const char *text = archive_error_string(archive);

    return err_set(err, ERR_CORRUPT, "%s cannot be read: %s.", path_base(path),
                   text ? text : "it is no tarball");
}

static bool read_data(struct archive *archive, const char *path,
                      const struct tarball_reader *reader, struct cancel *cancel, struct err *err)
{
    const void *bytes;
    size_t length;
    la_int64_t offset;
    int result;

    while ((result = archive_read_data_block(archive, &bytes, &length, &offset)) == ARCHIVE_OK)
        if (!cancel_check(cancel, err) || !reader->data(reader->context, bytes, length, err))
            return false;
    return result == ARCHIVE_EOF || broken(archive, path, err);
}

static bool read_entries(struct archive *archive, const char *path,
                         const struct tarball_reader *reader, struct cancel *cancel,
                         struct err *err)
{
    struct archive_entry *entry;
    int result;

    while ((result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK ||
           result == ARCHIVE_WARN) {
        const char *name = archive_entry_pathname(entry);
        const char *slash = name ? strchr(name, '/') : NULL;

        if (!cancel_check(cancel, err))
            return false;
        if (!slash || archive_entry_filetype(entry) != AE_IFREG)
            continue;
        if (reader->wants(reader->context, slash + 1, (uint64_t)archive_entry_size(entry)) &&
            !read_data(archive, path, reader, cancel, err))
            return false;
    }
    return result == ARCHIVE_EOF || broken(archive, path, err);
}

bool tarball_read(const char *path, const struct tarball_reader *reader, struct cancel *cancel,
                  struct err *err)
{
    struct archive *archive = archive_read_new();

    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    bool ok = archive_read_open_filename(archive, path, READ_STEP) == ARCHIVE_OK
                  ? read_entries(archive, path, reader, cancel, err)
                  : broken(archive, path, err);
    archive_read_free(archive);
    return ok;
}
