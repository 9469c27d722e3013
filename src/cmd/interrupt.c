#include "cmd/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

/* The signal thread and what it wakes: set once before it starts. */
static struct {
    pthread_t thread;
    struct cancel *cancel;
} interrupt;

static bool is_ignored(int signal_number)
{
    struct sigaction action;

    return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* What whoever started us has us ignore (nohup the hangup, a script's & Ctrl-C) stays ignored: a
 * blocked signal would reach sigwait all the same. */
static sigset_t watched_signals(void)
{
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1); /* our own: interrupt_end */
    for (size_t i = 0; i < COUNT(ends); i++)
        if (!is_ignored(ends[i]))
            sigaddset(&set, ends[i]);
    return set;
}

static void *watch(void *unused)
{
    sigset_t set = watched_signals();
    int signal_number;

    (void)unused;
    for (bool is_first = true;; is_first = false) {
        if (sigwait(&set, &signal_number) != 0 || signal_number == SIGUSR1)
            return NULL;
        if (!is_first)
            _exit(EXIT_INTERRUPTED);
        cancel_request(interrupt.cancel);
    }
}

bool interrupt_begin(struct cancel *cancel, struct err *err)
{
    sigset_t set = watched_signals();

    signal(SIGPIPE, SIG_IGN);
    interrupt.cancel = cancel;
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (pthread_create(&interrupt.thread, NULL, watch, NULL) != 0)
        return err_set(err, ERR_INTERNAL, "Cannot start the signal thread.");
    return true;
}

void interrupt_end(void)
{
    pthread_kill(interrupt.thread, SIGUSR1);
    pthread_join(interrupt.thread, NULL);
}
