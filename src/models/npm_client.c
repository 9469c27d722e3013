#include "models/npm_client.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/process.h"

#define COMPLAINT_LIMIT (64u << 10)
#define COMPLAINT_SHOWN 300
#define LOG_NAME "npm.log"

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

/* In the folder, so that no project's .npmrc applies. */
static bool run(char *const argv[], const char *folder, const char *log, int *exit_code,
                struct cancel *cancel, struct err *err)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct process npm = {
        .argv = argv, .folder = folder, .complaints_fd = fd, .end_signal = SIGTERM
    };

    if (fd < 0)
        return err_system(err, "write", log);
    bool ok = process_run(&npm, exit_code, cancel, err);
    close(fd);
    if (!ok && err->kind == ERR_NOT_FOUND)
        err_set(err, ERR_UNAVAILABLE,
                "there is no npm client \"%s\". Install it (`apt-get install npm`) or name one in "
                "PARLANDO_NPM.",
                argv[0]);
    return ok;
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
    int exit_code;

    *tarball = NULL;
    bool ok = run(argv, folder, log, &exit_code, cancel, err);
    if (ok && exit_code == 0)
        *tarball = find_tarball(folder);
    if (ok && !*tarball)
        ok = complain(package, log, err);
    unlink(log);
    free(log);
    free(resolved);
    return ok;
}
