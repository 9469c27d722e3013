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

static sigset_t watched_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1); /* our own: interrupt_end */
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
