#include "models/installed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "models/fetch_npm.h"
#include "models/lock.h"
#include "models/part.h"

/* What a file of an entry may be called: finished, and on its way from either kind of source. */
static const char *const suffixes[] = { "", ".part", ".npm.part" };

bool model_verify_file(const struct model_file *file, const char *models_dir, struct cancel *cancel,
                       struct err *err)
{
    char *path = path_join(models_dir, file->path);
    bool ok = model_file_check(file, path, cancel, err);

    free(path);
    return ok;
}

uint64_t model_bytes_on_disk(const struct model_entry *entry, const char *models_dir)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < entry->file_count; i++) {
        for (size_t k = 0; k < COUNT(suffixes); k++) {
            char *path = str_format("%s/%s%s", models_dir, entry->files[i].path, suffixes[k]);
            struct stat st;

            if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
                bytes += (uint64_t)st.st_size;
            free(path);
        }
    }
    return bytes;
}

const struct model_entry *model_needed_by(const struct catalogue *catalogue,
                                          const struct model_entry *entry, const char *models_dir)
{
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const struct model_entry *other = catalogue_at(catalogue, i);

        for (size_t n = 0; other->needs[n]; n++)
            if (strcmp(other->needs[n], entry->id) == 0 &&
                model_state(other, models_dir) != MODEL_ABSENT)
                return other;
    }
    return NULL;
}

/* The folder that holds path, reached from root without following a link; -1 with errno. *name is
 * the rest of path. */
static int open_parent(int root, const char *path, const char **name)
{
    int fd = fcntl(root, F_DUPFD_CLOEXEC, 0);

    for (const char *slash; fd >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        char *part = xstrndup(path, (size_t)(slash - path));
        int next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int number = errno;

        free(part);
        close(fd);
        errno = number;
        fd = next;
    }
    *name = path;
    return fd;
}

static bool remove_below(int root, const char *path, uint64_t *freed, struct err *err)
{
    const char *name;
    struct stat st;
    bool ok = true;

    int folder = open_parent(root, path, &name);
    if (folder < 0 && errno == ENOENT)
        return true;
    if (folder < 0 && (errno == ELOOP || errno == ENOTDIR))
        return err_set(err, ERR_CONFLICT,
                       "The folder of %s is a link or a file, which is not followed: remove it "
                       "yourself.",
                       path);
    if (folder < 0)
        return err_system(err, "open the folder of", path);
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (unlinkat(folder, name, 0) != 0)
            ok = err_system(err, "remove", path);
        else
            *freed += S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    }
    close(folder);
    return ok;
}

static bool remove_file(int root, const char *path, uint64_t *freed, struct err *err)
{
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        char *name = str_format("%s%s", path, suffixes[i]);
        bool ok = remove_below(root, name, freed, err);

        free(name);
        if (!ok)
            return false;
    }
    return true;
}

/* The folders above path, from the inside out, as long as they are empty. */
static void remove_empty_folders(int root, const char *path)
{
    char *folder = xstrdup(path);
    bool is_empty = true;

    for (char *slash; is_empty && (slash = strrchr(folder, '/'));) {
        const char *name;

        *slash = '\0';
        int parent = open_parent(root, folder, &name);
        is_empty = parent >= 0 && unlinkat(parent, name, AT_REMOVEDIR) == 0;
        if (parent >= 0)
            close(parent);
    }
    free(folder);
}

static bool remove_locked(const struct model_entry *entry, int root, uint64_t *freed,
                          struct err *err)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (!remove_file(root, entry->files[i].path, freed, err))
            return false;
    for (size_t i = 0; i < entry->file_count; i++)
        remove_empty_folders(root, entry->files[i].path);
    return true;
}

void model_remove_empty_folders(const struct model_entry *entry, const char *models_dir)
{
    int root = open(models_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (root < 0)
        return;
    for (size_t i = 0; i < entry->file_count; i++)
        remove_empty_folders(root, entry->files[i].path);
    close(root);
}

bool model_remove(const struct model_entry *entry, const char *models_dir, uint64_t *freed,
                  struct cancel *cancel, struct err *err)
{
    struct entry_lock lock;
    uint64_t bytes = 0;
    bool ok = false;

    int root = open(models_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_system(err, "open the models folder", models_dir);
    if (entry_lock_begin(&lock, models_dir, entry->id, NULL, NULL, cancel, err)) {
        char *work_dir = str_format("%s/.%s.npm", models_dir, entry->id);

        fetch_npm_clean(work_dir);
        free(work_dir);
        ok = remove_locked(entry, root, &bytes, err);
    }
    entry_lock_end(&lock);
    close(root);
    if (freed)
        *freed = bytes;
    return ok;
}
