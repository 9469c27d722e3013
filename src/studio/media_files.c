/*
 * Each path is walked a folder at a time from the data folder's descriptor with
 * O_NOFOLLOW, so that a link that somebody put there leads nowhere, not even
 * when it appears while we look. openat2's RESOLVE_NO_SYMLINKS would do the same
 * in one call, but not make the folders that are missing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "studio/media_internal.h"

#define DEPTH_MAX 16 /* of a tree that is removed; a project has two levels */
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A name in a folder. */
struct place {
    int folder; /* owned; -1: none */
    const char *name;
};

static void place_close(struct place *place)
{
    if (place->folder >= 0)
        close(place->folder);
    place->folder = -1;
}

/* Down only, and into folders of ours. */
static bool check_path(const char *path, struct err *err)
{
    bool is_good = strncmp(path, "media/", 6) == 0 || strncmp(path, "assets/", 7) == 0;

    for (const char *part = path; is_good && part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t length = strcspn(part, "/");

        is_good = length > 0 && strncmp(part, ".", length) != 0 && strncmp(part, "..", length) != 0;
    }
    return is_good || err_set(err, ERR_INVALID, "%s is no path of media.", path);
}

/* Like err_system, but a link or a file instead of a folder says so. */
static bool folder_failed(const char *path, struct err *err)
{
    if (errno == ENOTDIR || errno == ELOOP)
        return err_set(
            err, ERR_IO,
            "Cannot use %s: a part of that path is a link or a file where Parlando keeps "
            "a folder. Move it away.",
            path);
    return err_system(err, "open the folder of", path);
}

/* Was that because the folder is not there? Then neither is what should be in it. */
static bool is_gone(struct err *err)
{
    if (err->kind != ERR_NOT_FOUND)
        return false;
    err_clear(err);
    return true;
}

/* The folder's folder of that name, made and synced when it is missing and asked for. */
static int step_down(int folder, const char *name, bool is_made)
{
    if (is_made && mkdirat(folder, name, 0777) == 0)
        fsync(folder); /* a refusal is no failure, see file_sync_parent */
    return openat(folder, name, FOLDER_FLAGS);
}

static bool place_open(int root, const char *path, bool is_made, struct place *out, struct err *err)
{
    *out = (struct place){ .folder = -1 };
    if (!check_path(path, err))
        return false;
    char *parts = xstrdup(path);
    char *part = parts, *slash;
    int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);

    for (; folder >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
        *slash = '\0';
        int next = step_down(folder, part, is_made);
        int number = errno;

        close(folder);
        errno = number;
        folder = next;
    }
    *out = (struct place){ folder, path + (part - parts) };
    int number = errno;
    free(parts);
    errno = number;
    return folder >= 0 || folder_failed(path, err);
}

int media_folder_open(int root, const char *path, struct err *err)
{
    struct place place;

    if (!place_open(root, path, true, &place, err))
        return -1;
    int folder = step_down(place.folder, place.name, true);
    if (folder < 0)
        folder_failed(path, err);
    place_close(&place);
    return folder;
}

int media_file_create(int root, const char *path, struct err *err)
{
    struct place place;

    if (!place_open(root, path, true, &place, err))
        return -1;
    int fd = openat(place.folder, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    0666);
    if (fd < 0)
        err_system(err, "make", path);
    place_close(&place);
    return fd;
}

bool media_file_move(int root, const char *source, const char *target, struct err *err)
{
    struct place from = { .folder = -1 }, to = { .folder = -1 };
    struct stat st;
    bool ok = false;

    if (!place_open(root, source, false, &from, err))
        return is_gone(err);
    if (fstatat(from.folder, from.name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        ok = errno == ENOENT || err_system(err, "look at", source);
    } else if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_IO, "Cannot use %s: it is no file.", source);
    } else if (place_open(root, target, true, &to, err)) {
        ok = renameat(from.folder, from.name, to.folder, to.name) == 0 ||
             err_system(err, "put a file in the place of", target);
        fsync(to.folder);
    }
    place_close(&to);
    place_close(&from);
    return ok;
}

bool media_file_remove(int root, const char *path, struct err *err)
{
    struct place place;

    if (!place_open(root, path, false, &place, err))
        return is_gone(err);
    bool ok = unlinkat(place.folder, place.name, 0) == 0 || errno == ENOENT ||
              err_system(err, "remove", path);
    place_close(&place);
    return ok;
}

void media_folder_sync(int root, const char *path)
{
    struct place place;
    struct err ignored;

    if (place_open(root, path, false, &place, &ignored))
        fsync(place.folder);
    place_close(&place);
}

static bool remove_at(int folder, const char *name, int depth, struct err *err);

static bool remove_entries(DIR *dir, int depth, struct err *err)
{
    const struct dirent *entry;

    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !remove_at(dirfd(dir), entry->d_name, depth, err))
            return false;
    return true;
}

/* A file, a link or a tree. Messages name the entry; the caller knows where it is. */
static bool remove_at(int folder, const char *name, int depth, struct err *err)
{
    int fd = openat(folder, name, FOLDER_FLAGS);

    if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
        return unlinkat(folder, name, 0) == 0 || errno == ENOENT || err_system(err, "remove", name);
    if (fd < 0)
        return errno == ENOENT || err_system(err, "open", name);
    if (depth == DEPTH_MAX) {
        close(fd);
        return err_set(err, ERR_IO, "%s lies over %d folders deep.", name, DEPTH_MAX);
    }
    DIR *dir = fdopendir(fd);
    if (!dir) {
        err_system(err, "read", name);
        close(fd);
        return false;
    }
    bool ok = remove_entries(dir, depth + 1, err);
    closedir(dir);
    return ok && (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
                  err_system(err, "remove", name));
}

bool media_tree_remove(int root, const char *path, struct err *err)
{
    struct place place;

    if (!place_open(root, path, false, &place, err))
        return is_gone(err);
    bool ok = remove_at(place.folder, place.name, 0, err) || err_context(err, "Removing %s", path);
    fsync(place.folder);
    place_close(&place);
    return ok;
}
