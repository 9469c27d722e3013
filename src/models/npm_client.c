#include "models/npm_client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"

#define COMPLAINT_LIMIT (64u << 10)
#define COMPLAINT_SHOWN 300
#define LOG_NAME "npm.log"

extern char **environ;

/* npm in a group of its own, so that what it starts ends with it; with default signals, because we
 * block ours; in the folder, so that no project's .npmrc applies. */
static bool start(char *const argv[], const char *folder, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t reset;

    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, LOG_NAME,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &reset);
    int code = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (code == 0)
        return true;
    if (code == ENOENT)
        return err_set(err, ERR_UNAVAILABLE,
                       "there is no npm client \"%s\". Install it (`apt-get install npm`) or name "
                       "one in PARLANDO_NPM.",
                       argv[0]);
    errno = code;
    return err_system(err, "run", argv[0]);
}

static void end_group(void *pid)
{
    kill(-*(pid_t *)pid, SIGTERM);
}

/* Waits without reaping first, so that the waker never signals a number that is someone else's. */
static int wait_for(pid_t pid, struct cancel *cancel)
{
    struct cancel_waker waker = { .wake = end_group, .what = &pid };
    siginfo_t info;
    int status = -1;

    cancel_waker_begin(cancel, &waker);
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        continue;
    cancel_waker_end(cancel, &waker);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* What npm said, on one line and without its prefix. */
static bool complain(const char *package, const char *log, struct err *err)
{
    static const char prefix[] = "npm error ";
    struct buf said = BUF(COMPLAINT_LIMIT);
    struct buf line = BUF(COMPLAINT_LIMIT);
    struct err ignored;
    char *rest = NULL;

    if (file_read(log, &said, &ignored) && said.data)
        for (char *text = strtok_r(said.data, "\r\n", &rest); text;
             text = strtok_r(NULL, "\r\n", &rest)) {
            bool is_prefixed = strncmp(text, prefix, strlen(prefix)) == 0;

            buf_format(&line, "%s%s", line.len ? " " : "",
                       is_prefixed ? text + strlen(prefix) : text);
        }
    err_set(err, ERR_NETWORK, "npm cannot get %s: %.*s", package, COMPLAINT_SHOWN,
            line.len ? line.data : "it said nothing more.");
    buf_release(&line);
    buf_release(&said);
    return false;
}

static char *find_tarball(const char *folder)
{
    DIR *directory = opendir(folder);
    char *found = NULL;
    struct dirent *item;

    while (directory && !found && (item = readdir(directory)))
        if (strcmp(path_extension(item->d_name), "tgz") == 0)
            found = path_join(folder, item->d_name);
    if (directory)
        closedir(directory);
    return found;
}

bool npm_pack(const char *npm, const char *package, const char *folder, char **tarball,
              struct cancel *cancel, struct err *err)
{
    char *log = path_join(folder, LOG_NAME);
    /* A path is meant from here, not from the folder that npm runs in. */
    char *resolved = strchr(npm, '/') ? realpath(npm, NULL) : NULL;
    char *argv[] = { resolved ? resolved : (char *)(uintptr_t)npm,
                     "pack",
                     (char *)(uintptr_t)package,
                     "--pack-destination",
                     ".",
                     "--cache", /* the user's own would keep a copy of every tarball */
                     "cache",
                     "--ignore-scripts",
                     "--loglevel=error",
                     "--no-update-notifier",
                     NULL };
    bool ok = false;
    pid_t pid;

    *tarball = NULL;
    if (!cancel_check(cancel, err) || !start(argv, folder, &pid, err))
        goto out;
    int status = wait_for(pid, cancel);
    if (!cancel_check(cancel, err))
        goto out;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        *tarball = find_tarball(folder);
    ok = *tarball != NULL || complain(package, log, err);
out:
    unlink(log);
    free(log);
    free(resolved);
    return ok;
}
