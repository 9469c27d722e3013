#include "models/part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"

#define FOLDER_TRIES 3

static bool make_parent(const char *path, struct err *err)
{
    char *copy = xstrdup(path);
    bool ok = directory_create(dirname(copy), err);

    free(copy);
    return ok;
}

/* The file in its folder, which is made. Another pull that failed may take the folder away while it
 * is empty: it is made again then. */
static int open_in_folder(const char *path, int flags, struct err *err)
{
    for (int i = 0; i < FOLDER_TRIES; i++) {
        if (!make_parent(path, err))
            return -1;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
        if (fd >= 0)
            return fd;
        if (errno != ENOENT)
            break;
    }
    err_system(err, "create", path);
    return -1;
}

bool part_open(struct part *part, const struct model_file *file, const char *models_dir,
               const char *suffix, bool resume, struct err *err)
{
    struct stat st;

    *part = (struct part){ .file = file, .path = path_join(models_dir, file->path), .fd = -1 };
    part->temp = str_format("%s%s", part->path, suffix);
    part->fd = open_in_folder(part->temp, resume ? 0 : O_TRUNC, err);
    if (part->fd < 0)
        goto failed;
    if (fstat(part->fd, &st) != 0) {
        err_system(err, "look at", part->temp);
        goto failed;
    }
    part->size = (uint64_t)st.st_size;
    if (file->size && part->size > file->size && !part_restart(part, err))
        goto failed;
    return true;
failed:
    part_close(part);
    return false;
}

bool part_write(struct part *part, uint64_t offset, const void *bytes, size_t length,
                struct err *err)
{
    const uint64_t limit = part->file->size ? part->file->size : INT64_MAX;
    const char *next = bytes;

    if (offset > limit || length > limit - offset)
        return err_set(err, ERR_CORRUPT,
                       "it is longer than the %" PRIu64 " bytes that %s should have.", limit,
                       part->file->path);
    while (length > 0) {
        ssize_t n = pwrite(part->fd, next, length, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_system(err, "write", part->temp);
        next += n;
        length -= (size_t)n;
        offset += (uint64_t)n;
    }
    if (offset > part->size)
        part->size = offset;
    return true;
}

bool part_append(struct part *part, const void *bytes, size_t length, struct err *err)
{
    return part_write(part, part->size, bytes, length, err);
}

bool part_restart(struct part *part, struct err *err)
{
    if (ftruncate(part->fd, 0) != 0)
        return err_system(err, "write", part->temp);
    part->size = 0;
    return true;
}

bool model_file_check(const struct model_file *file, const char *path, struct cancel *cancel,
                      struct err *err)
{
    char sha256[SHA256_HEX];
    struct stat st;

    if (stat(path, &st) != 0)
        return err_system(err, "find", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_CORRUPT, "%s is not a file.", path);
    if (file->size && (uint64_t)st.st_size != file->size)
        return err_set(err, ERR_CORRUPT, "%s has %jd bytes instead of %" PRIu64 ".", file->path,
                       (intmax_t)st.st_size, file->size);
    if (!file->sha256)
        return true;
    if (!sha256_file(path, sha256, cancel, err))
        return false;
    if (strcmp(sha256, file->sha256) != 0)
        return err_set(err, ERR_CORRUPT, "%s has the SHA-256 %.12s… instead of %.12s….", file->path,
                       sha256, file->sha256);
    return true;
}

bool part_commit(struct part *part, struct cancel *cancel, struct err *err)
{
    if (!model_file_check(part->file, part->temp, cancel, err)) {
        if (err->kind == ERR_CORRUPT)
            part_discard(part);
        return false;
    }
    if (fsync(part->fd) != 0)
        return err_system(err, "write", part->temp);
    if (rename(part->temp, part->path) != 0)
        return err_system(err, "replace", part->path);
    file_sync_parent(part->path);
    free(part->temp);
    part->temp = NULL;
    return true;
}

void part_close(struct part *part)
{
    if (part->fd >= 0)
        close(part->fd);
    if (part->temp && part->fd >= 0 && part->size == 0)
        unlink(part->temp);
    free(part->temp);
    free(part->path);
    *part = (struct part){ .fd = -1 };
}

void part_discard(struct part *part)
{
    if (part->temp)
        unlink(part->temp);
    part_close(part);
}
