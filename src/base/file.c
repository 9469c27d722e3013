#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* less the umask */
#define READ_STEP 65536

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

bool file_is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_read(const char *path, struct buf *out, struct err *err)
{
    bool from_stdin = strcmp(path, "-") == 0;
    const char *name = from_stdin ? "standard input" : path;
    char *piece = xmalloc(READ_STEP);
    bool ok = false;
    ssize_t n;

    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        err_system(err, "open", name);
        goto out;
    }
    while ((n = read(fd, piece, READ_STEP)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            err_system(err, "read", name);
            goto out;
        }
        buf_append(out, piece, (size_t)n);
        if (!buf_ok(out, name, err))
            goto out;
    }
    ok = true;
out:
    if (fd >= 0 && !from_stdin)
        close(fd);
    free(piece);
    return ok;
}

/* Opening a pipe or a terminal must neither wait nor take it over: what it is, is seen after. */
#define BENEATH_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define BENEATH_RESOLVE (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* A path that only goes down: not empty, not absolute, no "..". */
static bool goes_down(const char *relative)
{
    if (*relative == '\0' || *relative == '/')
        return false;
    for (const char *part = relative; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}

/* openat2 for kernels before 5.6 and sandboxes that refuse it: a folder at a time, no link followed.
 * Takes folder, which is closed. */
static int walk_beneath(int folder, const char *relative)
{
    char *path = xstrdup(relative);
    char *part = path, *slash;

    while (folder >= 0 && (slash = strchr(part, '/'))) {
        *slash = '\0';
        /* "a//b" has an empty part, which is the folder itself. */
        int next =
            openat(folder, *part ? part : ".", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(folder);
        folder = next;
        part = slash + 1;
    }
    int fd = folder < 0 ? -1 : openat(folder, *part ? part : ".", BENEATH_FLAGS);
    if (folder >= 0)
        close(folder);
    free(path);
    return fd;
}

static int open_resolved(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags, .resolve = resolve };

    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

static int open_beneath(const char *root, const char *relative)
{
    int folder = open(root, FOLDER_FLAGS);

    if (folder < 0)
        return -1;
    int fd = open_resolved(folder, relative, BENEATH_FLAGS, BENEATH_RESOLVE);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk_beneath(folder, relative);
    int number = errno;
    close(folder);
    errno = number;
    return fd;
}

int file_open_beneath(const char *root, const char *relative, struct err *err)
{
    struct stat st;
    int fd = -1;

    errno = ENOENT;
    if (goes_down(relative))
        fd = open_beneath(root, relative);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    /* These tell of the machine; everything else is a path that leads to no file below root. */
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == EACCES || errno == EIO))
        err_system(err, "open", relative);
    else
        err_set(err, ERR_NOT_FOUND, "There is no file %s.", relative);
    if (fd >= 0)
        close(fd);
    return -1;
}

int file_open_beneath_cached(const char *root, const char *relative)
{
    struct stat st;
    int fd = -1;

    if (!goes_down(relative))
        return -1;
    int folder = open_resolved(AT_FDCWD, root, FOLDER_FLAGS, RESOLVE_CACHED);
    if (folder < 0)
        return -1;
    fd = open_resolved(folder, relative, BENEATH_FLAGS, BENEATH_RESOLVE | RESOLVE_CACHED);
    close(folder);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool directory_create(const char *path, struct err *err)
{
    char *part = xstrdup(path);
    bool ok = false;

    for (char *slash = part + 1; *slash; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        mkdir(part, 0777); /* a failure shows in the last mkdir */
        *slash = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
        err_system(err, "create the folder", path);
    else if (!file_is_directory(path))
        err_set(err, ERR_IO, "Cannot create the folder %s: a file of that name is in the way.",
                path);
    else
        ok = true;
    free(part);
    return ok;
}

bool file_check_target(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return true;         /* new, or creating it says what is wrong */
    if (S_ISREG(st.st_mode)) /* the rename would not ask whether the file is protected */
        return access(path, W_OK) == 0 || err_system(err, "replace", path);
    return err_set(err, ERR_INVALID,
                   "%s is a %s, which is not replaced by a file. Give the name of a file.", path,
                   S_ISDIR(st.st_mode) ? "folder" : "device or a pipe");
}

/* A new file beside path, whose name nobody else has. mkstemp would make it private; this way it
 * has the mode any new file has, by the umask. */
static int create_beside(const char *path, char **name)
{
    uint32_t number;
    int fd = -1;

    *name = NULL;
    do {
        free(*name);
        *name = NULL;
        if (getentropy(&number, sizeof number) != 0)
            return -1;
        *name = str_format("%s.%08x.part", path, number);
        fd = open(*name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
    } while (fd < 0 && errno == EEXIST);
    return fd;
}

/* The file a symbolic link leads to, which is replaced instead of the link; a copy of path when it
 * is none. NULL when it leads nowhere. */
static char *follow_link(const char *path, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
        return xstrdup(path);
    char *target = realpath(path, NULL);
    if (!target)
        err_system(err, "follow the link", path);
    return target;
}

bool file_out_begin(struct file_out *out, const char *path, struct err *err)
{
    char *temp, *target;

    *out = (struct file_out){ 0 };
    if (!file_check_target(path, err) || !(target = follow_link(path, err)))
        return false;
    int fd = create_beside(target, &temp);
    if (fd < 0) {
        err_system(err, "create", path);
        free(temp);
        free(target);
        return false;
    }
    *out = (struct file_out){ .file = fdopen(fd, "w+b"), .path = target, .temp = temp };
    if (out->file)
        return true;
    err_system(err, "create", path);
    close(fd);
    file_out_release(out);
    return false;
}

void file_sync_parent(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

bool file_out_commit(struct file_out *out, struct err *err)
{
    bool synced = fflush(out->file) == 0 && !ferror(out->file) && fsync(fileno(out->file)) == 0;

    if (!synced)
        err_system(err, "write", out->path);
    bool closed = fclose(out->file) == 0;
    out->file = NULL;
    if (!synced)
        return false;
    if (!closed)
        return err_system(err, "write", out->path);
    if (rename(out->temp, out->path) != 0)
        return err_system(err, "replace", out->path);
    free(out->temp);
    out->temp = NULL;
    file_sync_parent(out->path);
    return true;
}

void file_out_release(struct file_out *out)
{
    if (out->file)
        fclose(out->file);
    if (out->temp)
        unlink(out->temp);
    free(out->temp);
    free(out->path);
    *out = (struct file_out){ 0 };
}

bool file_write(const char *path, const void *bytes, size_t length, struct err *err)
{
    struct file_out out;
    bool ok = false;

    if (!file_out_begin(&out, path, err))
        return false;
    if (fwrite(bytes, 1, length, out.file) != length)
        err_system(err, "write", path);
    else
        ok = file_out_commit(&out, err);
    file_out_release(&out);
    return ok;
}

bool file_map(struct file_map *map, const char *path, struct err *err)
{
    struct stat st;
    bool ok = false;

    *map = (struct file_map){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_system(err, "open", path);
    if (fstat(fd, &st) != 0) {
        err_system(err, "open", path);
    } else if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_INVALID, "%s is not a file.", path);
    } else if (st.st_size == 0) {
        ok = true;
    } else {
        void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (bytes == MAP_FAILED) {
            err_system(err, "map", path);
        } else {
            *map = (struct file_map){ .bytes = bytes, .length = (size_t)st.st_size };
            ok = true;
        }
    }
    close(fd);
    return ok;
}

void file_unmap(struct file_map *map)
{
    if (map->bytes)
        munmap((void *)(uintptr_t)map->bytes, map->length);
    *map = (struct file_map){ 0 };
}
