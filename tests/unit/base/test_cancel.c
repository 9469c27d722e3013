#include <pthread.h>

#include "base/cancel.h"
#include "check.h"

static void count_up(void *what)
{
    atomic_fetch_add((atomic_int *)what, 1);
}

static void test_a_request_wakes_each_waker_once(void **state)
{
    atomic_int woken = 0;
    struct cancel cancel;
    struct cancel_waker a = { count_up, &woken, NULL }, b = a;

    (void)state;
    cancel_init(&cancel);
    cancel_waker_begin(&cancel, &a);
    cancel_waker_begin(&cancel, &b);
    cancel_request(&cancel);
    cancel_request(&cancel);
    assert_int_equal(woken, 2);
    cancel_waker_end(&cancel, &a);
    cancel_waker_end(&cancel, &b);
    cancel_release(&cancel);
}

static void test_a_waker_that_comes_late_is_called_at_once(void **state)
{
    atomic_int woken = 0;
    struct cancel cancel;
    struct cancel_waker waker = { count_up, &woken, NULL };

    (void)state;
    cancel_init(&cancel);
    cancel_request(&cancel);
    cancel_waker_begin(&cancel, &waker);
    assert_int_equal(woken, 1);
    cancel_waker_end(&cancel, &waker);
    cancel_release(&cancel);
}

static void test_a_waker_that_has_ended_is_left_alone(void **state)
{
    atomic_int woken = 0;
    struct cancel cancel;
    struct cancel_waker waker = { count_up, &woken, NULL };

    (void)state;
    cancel_init(&cancel);
    cancel_waker_begin(&cancel, &waker);
    cancel_waker_end(&cancel, &waker);
    cancel_request(&cancel);
    assert_int_equal(woken, 0);
    cancel_release(&cancel);
}

static void test_check_gives_the_cancelled_error_and_null_never_cancels(void **state)
{
    struct cancel cancel;
    struct err err;

    (void)state;
    cancel_init(&cancel);
    assert_true(cancel_check(&cancel, &err));
    assert_true(cancel_check(NULL, &err));
    cancel_request(&cancel);
    assert_false(cancel_check(&cancel, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    cancel_release(&cancel);
}

struct race {
    struct cancel cancel;
    atomic_int woken;
};

static void *register_often(void *arg)
{
    struct race *race = arg;

    for (int i = 0; i < 20000; i++) {
        struct cancel_waker waker = { count_up, &race->woken, NULL };

        cancel_waker_begin(&race->cancel, &waker);
        cancel_waker_end(&race->cancel, &waker);
    }
    return NULL;
}

static void test_threads_register_while_another_requests(void **state)
{
    struct race race = { .woken = 0 };
    pthread_t threads[2];

    (void)state;
    cancel_init(&race.cancel);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, register_often, &race), 0);
    cancel_request(&race.cancel);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_null(race.cancel.wakers);
    assert_true(cancel_is_requested(&race.cancel));
    cancel_release(&race.cancel);
}

static void *request_it(void *cancel)
{
    cancel_request(cancel);
    return NULL;
}

static void test_waiting_ends_with_the_request(void **state)
{
    struct cancel cancel;
    pthread_t thread;

    (void)state;
    cancel_init(&cancel);
    assert_false(cancel_wait(&cancel, 0.001));
    assert_int_equal(pthread_create(&thread, NULL, request_it, &cancel), 0);
    assert_true(cancel_wait(&cancel, 3600));
    assert_true(cancel_wait(&cancel, 3600)); /* one that came before */
    pthread_join(thread, NULL);
    assert_null(cancel.wakers);
    cancel_release(&cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_wakes_each_waker_once),
        cmocka_unit_test(test_a_waker_that_comes_late_is_called_at_once),
        cmocka_unit_test(test_a_waker_that_has_ended_is_left_alone),
        cmocka_unit_test(test_check_gives_the_cancelled_error_and_null_never_cancels),
        cmocka_unit_test(test_threads_register_while_another_requests),
        cmocka_unit_test(test_waiting_ends_with_the_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
