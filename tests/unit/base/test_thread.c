#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/thread.h"
#include "check.h"

static void test_a_wait_ends_at_its_deadline(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond;
    double began = clock_seconds();

    (void)state;
    cond_init(&cond);
    pthread_mutex_lock(&lock);
    while (cond_wait_until(&cond, &lock, began + 0.02))
        continue;
    assert_true(clock_seconds() >= began + 0.02);
    assert_false(cond_wait_until(&cond, &lock, began)); /* passed already */
    assert_false(cond_wait_until(&cond, &lock, -1));
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&cond);
}

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool is_rung;
};

static void *ring(void *arg)
{
    struct bell *bell = arg;

    pthread_mutex_lock(&bell->lock);
    bell->is_rung = true;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
    return NULL;
}

static void test_a_signal_ends_a_wait_without_or_before_a_deadline(void **state)
{
    const double deadlines[] = { INFINITY, clock_seconds() + 3600 };

    (void)state;
    for (size_t i = 0; i < COUNT(deadlines); i++) {
        struct bell bell = { .lock = PTHREAD_MUTEX_INITIALIZER };
        pthread_t thread;

        cond_init(&bell.rung);
        pthread_mutex_lock(&bell.lock);
        assert_int_equal(pthread_create(&thread, NULL, ring, &bell), 0);
        while (!bell.is_rung)
            assert_true(cond_wait_until(&bell.rung, &bell.lock, deadlines[i]));
        pthread_mutex_unlock(&bell.lock);
        pthread_join(thread, NULL);
        pthread_cond_destroy(&bell.rung);
    }
}

static void *own_priority(void *niceness)
{
    *(int *)niceness = getpriority(PRIO_PROCESS, 0);
    return NULL;
}

static void *note_blocked(void *arg)
{
    sigset_t blocked;
    int *count = arg;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    *count = sigismember(&blocked, SIGINT) + sigismember(&blocked, SIGTERM) +
             sigismember(&blocked, SIGUSR1);
    return NULL;
}

static void test_signals_are_blocked_in_a_started_thread_only(void **state)
{
    pthread_t thread;
    int there = -1, here = -1;

    (void)state;
    assert_int_equal(thread_start(&thread, note_blocked, &there), 0);
    pthread_join(thread, NULL);
    note_blocked(&here);
    assert_int_equal(there, 3);
    assert_int_equal(here, 0);
}

static void *lower_and_start_another(void *niceness)
{
    pthread_t thread;

    thread_lower_priority(3);
    thread_lower_priority(0);
    if (pthread_create(&thread, NULL, own_priority, niceness) == 0)
        pthread_join(thread, NULL);
    return NULL;
}

static void test_a_lowered_priority_is_the_threads_and_inherited(void **state)
{
    int before = getpriority(PRIO_PROCESS, 0), inherited = -100;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, lower_and_start_another, &inherited), 0);
    pthread_join(thread, NULL);
    assert_int_equal(inherited, before + 3 > 19 ? 19 : before + 3);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wait_ends_at_its_deadline),
        cmocka_unit_test(test_a_signal_ends_a_wait_without_or_before_a_deadline),
        cmocka_unit_test(test_signals_are_blocked_in_a_started_thread_only),
        cmocka_unit_test(test_a_lowered_priority_is_the_threads_and_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
