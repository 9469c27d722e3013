#include "studio/epub_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define READ_STEP 65536

int zip_part_compare(const void *left, const void *right)
{
    return strcmp(((const struct zip_part *)left)->name, ((const struct zip_part *)right)->name);
}

void zip_part_release(struct zip_part *part)
{
    buf_release(&part->bytes);
}

static bool corrupt(struct archive *archive, const char *where, struct err *err)
{
    const char *why = archive_error_string(archive);

    return err_set(err, ERR_CORRUPT, "%s cannot be unpacked: %s.", where,
                   why ? why : "it is damaged");
}

static bool unpack(struct zip *zip, struct archive *archive, struct zip_part *part, struct err *err)
{
    char *piece = xmalloc(READ_STEP);
    la_ssize_t n = 0;
    bool ok = true;

    part->bytes = BUF(ZIP_PART_LIMIT);
    part->is_found = true;
    while (ok && (n = archive_read_data(archive, piece, READ_STEP)) > 0) {
        zip->unpacked += (size_t)n;
        buf_append(&part->bytes, piece, (size_t)n);
        if (zip->unpacked > ZIP_UNPACKED_LIMIT)
            ok = err_set(err, ERR_TOO_LARGE, "The book unpacks to more than %u MiB of text.",
                         ZIP_UNPACKED_LIMIT >> 20);
        else
            ok = buf_ok(&part->bytes, part->name, err);
    }
    if (ok && n < 0)
        ok = corrupt(archive, part->name, err);
    free(piece);
    return ok;
}

static bool take_entry(struct zip *zip, struct archive *archive, struct archive_entry *entry,
                       struct zip_part *parts, size_t count, struct err *err)
{
    const char *name = archive_entry_pathname_utf8(entry);
    const struct zip_part key = { .name = name ? name : archive_entry_pathname(entry) };

    if (!key.name)
        return true;
    struct zip_part *part = bsearch(&key, parts, count, sizeof *parts, zip_part_compare);
    if (!part || part->is_found)
        return true;
    if (archive_entry_is_data_encrypted(entry))
        return err_set(err, ERR_UNSUPPORTED, "%s is locked with a password.", key.name);
    return unpack(zip, archive, part, err);
}

bool zip_read(struct zip *zip, struct zip_part *parts, size_t count, struct err *err)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    size_t seen = 0;
    int code = ARCHIVE_OK;
    bool ok = true;

    if (!archive)
        return err_set(err, ERR_INTERNAL, "Cannot unpack the book: out of memory.");
    archive_read_support_format_zip_seekable(archive);
    if (archive_read_open_memory(archive, zip->bytes, zip->length) != ARCHIVE_OK)
        ok = corrupt(archive, "The book", err);
    while (ok && (code = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        if (++seen > ZIP_ENTRIES_MAX)
            ok = err_set(err, ERR_TOO_LARGE, "The book has more than %d files.", ZIP_ENTRIES_MAX);
        else
            ok = take_entry(zip, archive, entry, parts, count, err);
    }
    if (ok && code != ARCHIVE_EOF)
        ok = corrupt(archive, "The book", err);
    archive_read_free(archive);
    return ok;
}
