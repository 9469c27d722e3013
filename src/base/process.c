#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void set_files(const struct process *process, posix_spawn_file_actions_t *actions)
{
    if (process->folder)
        posix_spawn_file_actions_addchdir_np(actions, process->folder);
    posix_spawn_file_actions_adddup2(actions, process->complaints_fd, STDERR_FILENO);
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, reset;

    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &reset);
}

static bool start(const struct process *process, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    set_files(process, &actions);
    set_attributes(&attributes);
    int code = posix_spawnp(pid, process->argv[0], &actions, &attributes, process->argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = code;
    return code == 0 || err_system(err, "run", process->argv[0]);
}

struct group {
    pid_t pid;
    int end_signal;
};

static void end_group(void *what)
{
    const struct group *group = what;

    kill(-group->pid, group->end_signal);
}

/* Waits without reaping first, so that the waker never signals a number that is someone else's. */
static int wait_for(struct group *group, struct cancel *cancel)
{
    struct cancel_waker waker = { .wake = end_group, .what = group };
    siginfo_t info;
    int status = -1;

    cancel_waker_begin(cancel, &waker);
    while (waitid(P_PID, (id_t)group->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        continue;
    cancel_waker_end(cancel, &waker);
    while (waitpid(group->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

bool process_run(const struct process *process, int *exit_code, struct cancel *cancel,
                 struct err *err)
{
    struct group group = { .end_signal = process->end_signal };

    if (!cancel_check(cancel, err) || !start(process, &group.pid, err))
        return false;
    int status = wait_for(&group, cancel);

    *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return cancel_check(cancel, err);
}
