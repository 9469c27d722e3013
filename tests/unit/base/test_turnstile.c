#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/turnstile.h"
#include "check.h"

/* A visitor enters, writes its name down, and leaves. */
struct visitor {
    pthread_t thread;
    struct turnstile *turnstile;
    struct visits *visits;
    struct cancel cancel;
    struct err err;
    char name;
    bool is_urgent, has_entered;
};

struct visits {
    pthread_mutex_t lock;
    char names[128];
    size_t count;
};

static void *visit(void *arg)
{
    struct visitor *v = arg;

    v->has_entered = turnstile_enter(v->turnstile, v->is_urgent, &v->cancel, &v->err);
    if (!v->has_entered)
        return NULL;
    pthread_mutex_lock(&v->visits->lock);
    v->visits->names[v->visits->count++] = v->name;
    pthread_mutex_unlock(&v->visits->lock);
    turnstile_leave(v->turnstile);
    return NULL;
}

/* Returns once the visitor waits in the queue, so that the order of arrival is known. */
static void start(struct visitor *v, struct turnstile *turnstile, struct visits *visits, char name,
                  size_t waiting)
{
    *v = (struct visitor){ .turnstile = turnstile, .visits = visits, .name = name };
    v->is_urgent = name >= 'A' && name <= 'Z';
    cancel_init(&v->cancel);
    assert_int_equal(pthread_create(&v->thread, NULL, visit, v), 0);
    while (turnstile_waiting(turnstile) < waiting)
        sched_yield();
}

static void end(struct visitor *v)
{
    pthread_join(v->thread, NULL);
    cancel_release(&v->cancel);
}

/* Capital letters are urgent. While the only place is taken they arrive in one order, and go in
 * another. */
static void check_order(const char *arrive, const char *go)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct visits visits = { .lock = PTHREAD_MUTEX_INITIALIZER };
    size_t count = strlen(arrive);
    struct visitor *visitors = xcalloc(count, sizeof *visitors);
    struct err err = { 0 };

    check_ok(turnstile_enter(turnstile, false, NULL, &err), &err);
    for (size_t i = 0; i < count; i++)
        start(&visitors[i], turnstile, &visits, arrive[i], i + 1);
    turnstile_leave(turnstile);
    for (size_t i = 0; i < count; i++)
        end(&visitors[i]);
    check_text(arrive, visits.names, go);
    free(visitors);
    turnstile_destroy(turnstile);
}

static void test_urgent_threads_go_first_and_each_rank_in_order_of_arrival(void **state)
{
    (void)state;
    check_order("abc", "abc");
    check_order("aAbBc", "ABabc");
}

static void test_after_a_run_of_urgent_threads_another_one_goes(void **state)
{
    (void)state;
    check_order("abABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH", "ABCDEFGHIJKLMNOPaQRSTUVWXYZABCDEFbGH");
}

static void test_a_cancelled_thread_leaves_the_queue_and_the_next_one_goes(void **state)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct visits visits = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct visitor visitors[4];
    struct err err = { 0 };

    (void)state;
    check_ok(turnstile_enter(turnstile, true, NULL, &err), &err);
    for (size_t i = 0; i < COUNT(visitors); i++)
        start(&visitors[i], turnstile, &visits, (char)('a' + i), i + 1);
    cancel_request(&visitors[1].cancel);
    cancel_request(&visitors[3].cancel);
    pthread_join(visitors[1].thread, NULL);
    pthread_join(visitors[3].thread, NULL);
    for (size_t i = 1; i < 4; i += 2) {
        assert_false(visitors[i].has_entered);
        assert_int_equal(visitors[i].err.kind, ERR_CANCELLED);
        cancel_release(&visitors[i].cancel);
    }
    assert_int_equal(turnstile_waiting(turnstile), 2);
    turnstile_leave(turnstile);
    end(&visitors[0]);
    end(&visitors[2]);
    assert_string_equal(visits.names, "ac");
    check_ok(turnstile_enter(turnstile, false, NULL, &err), &err); /* the place is free again */
    turnstile_leave(turnstile);
    turnstile_destroy(turnstile);
}

static void test_a_thread_cancelled_before_does_not_enter(void **state)
{
    struct turnstile *turnstile = turnstile_create(1);
    struct cancel cancel;
    struct err err = { 0 };

    (void)state;
    cancel_init(&cancel);
    cancel_request(&cancel);
    assert_false(turnstile_enter(turnstile, true, &cancel, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    check_ok(turnstile_enter(turnstile, true, NULL, &err), &err);
    turnstile_leave(turnstile);
    cancel_release(&cancel);
    turnstile_destroy(turnstile);
}

static void test_without_a_turnstile_everyone_passes(void **state)
{
    struct err err = { 0 };

    (void)state;
    for (int i = 0; i < 3; i++)
        check_ok(turnstile_enter(NULL, false, NULL, &err), &err);
    turnstile_leave(NULL);
}

#define PLACES 3
#define THREADS 8
#define ROUNDS 3000

struct crowd {
    struct turnstile *turnstile;
    struct cancel cancels[THREADS]; /* requested by the next thread half way */
    atomic_int next, inside, entered, cancelled;
    atomic_bool is_crowded;
};

static void *go_in_and_out(void *arg)
{
    struct crowd *crowd = arg;
    int number = atomic_fetch_add(&crowd->next, 1);
    struct cancel *mine = &crowd->cancels[number];

    for (int i = 0; i < ROUNDS; i++) {
        struct err err;

        if (i == ROUNDS / 2 && number % 2)
            cancel_request(&crowd->cancels[number - 1]);
        if (!turnstile_enter(crowd->turnstile, number % 3 == 0, mine, &err)) {
            atomic_fetch_add(&crowd->cancelled, 1);
            return NULL;
        }
        if (atomic_fetch_add(&crowd->inside, 1) >= PLACES)
            atomic_store(&crowd->is_crowded, true);
        atomic_fetch_add(&crowd->entered, 1);
        atomic_fetch_sub(&crowd->inside, 1);
        turnstile_leave(crowd->turnstile);
    }
    return NULL;
}

static void test_no_more_threads_than_places_are_ever_inside(void **state)
{
    struct crowd crowd = { .turnstile = turnstile_create(PLACES) };
    pthread_t threads[THREADS];
    struct err err = { 0 };

    (void)state;
    assert_int_equal(turnstile_places(crowd.turnstile), PLACES);
    for (int i = 0; i < THREADS; i++)
        cancel_init(&crowd.cancels[i]);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, go_in_and_out, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_false(crowd.is_crowded);
    assert_true(crowd.entered >= THREADS / 2 * ROUNDS);
    assert_true(crowd.cancelled <= THREADS / 2);
    for (int i = 0; i < PLACES; i++) /* none was lost */
        check_ok(turnstile_enter(crowd.turnstile, false, NULL, &err), &err);
    for (int i = 0; i < THREADS; i++)
        cancel_release(&crowd.cancels[i]);
    turnstile_destroy(crowd.turnstile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urgent_threads_go_first_and_each_rank_in_order_of_arrival),
        cmocka_unit_test(test_after_a_run_of_urgent_threads_another_one_goes),
        cmocka_unit_test(test_a_cancelled_thread_leaves_the_queue_and_the_next_one_goes),
        cmocka_unit_test(test_a_thread_cancelled_before_does_not_enter),
        cmocka_unit_test(test_without_a_turnstile_everyone_passes),
        cmocka_unit_test(test_no_more_threads_than_places_are_ever_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
