#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "http/departures.h"

#define PATIENCE_S 20

struct watched {
    int ours, theirs; /* the two ends of a connection */
    struct cancel cancel;
    struct departure departure;
};

static int set_up(void **state)
{
    struct err err;

    *state = departures_create(&err);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    departures_destroy(*state);
    return 0;
}

static void begin(struct departures *departures, struct watched *watched)
{
    int ends[2];

    *watched = (struct watched){ 0 };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    watched->ours = ends[0];
    watched->theirs = ends[1];
    cancel_init(&watched->cancel);
    departures_watch(departures, &watched->departure, watched->ours, &watched->cancel);
}

static void end(struct watched *watched)
{
    close(watched->ours);
    if (watched->theirs >= 0)
        close(watched->theirs);
    cancel_release(&watched->cancel);
}

static void leave(struct watched *watched)
{
    close(watched->theirs);
    watched->theirs = -1;
}

static void test_only_who_leaves_is_cancelled(void **state)
{
    struct watched stays, leaves, halves;

    begin(*state, &stays);
    begin(*state, &leaves);
    begin(*state, &halves);
    assert_int_equal(write(stays.theirs, "more", 4), 4);
    assert_int_equal(write(leaves.theirs, "more", 4), 4); /* unread bytes hide nothing */
    leave(&leaves);
    shutdown(halves.theirs, SHUT_WR);
    assert_true(cancel_wait(&leaves.cancel, PATIENCE_S));
    assert_true(cancel_wait(&halves.cancel, PATIENCE_S));
    assert_false(cancel_is_requested(&stays.cancel));
    assert_true(departures_unwatch(*state, &leaves.departure));
    assert_true(departures_unwatch(*state, &halves.departure));
    assert_false(departures_unwatch(*state, &stays.departure));
    assert_false(departures_unwatch(*state, &stays.departure));
    end(&stays);
    end(&leaves);
    end(&halves);
}

static void test_who_left_before_the_watch_began_is_noticed(void **state)
{
    struct watched watched;

    begin(*state, &watched);
    assert_false(departures_unwatch(*state, &watched.departure));
    leave(&watched);
    assert_false(cancel_is_requested(&watched.cancel)); /* nobody watches */
    departures_watch(*state, &watched.departure, watched.ours, &watched.cancel);
    assert_true(cancel_wait(&watched.cancel, PATIENCE_S));
    departures_unwatch(*state, &watched.departure);
    end(&watched);
}

static void test_what_others_saw_end_is_cancelled_once(void **state)
{
    struct watched watched;

    begin(*state, &watched);
    departures_report(*state, &watched.departure);
    assert_true(cancel_is_requested(&watched.cancel));
    assert_true(departures_unwatch(*state, &watched.departure));
    departures_report(*state, &watched.departure);
    end(&watched);
}

static void test_closing_cancels_what_is_watched_and_what_will_be(void **state)
{
    struct watched before, after;

    begin(*state, &before);
    departures_close(*state);
    begin(*state, &after);
    assert_true(cancel_is_requested(&before.cancel));
    assert_true(cancel_is_requested(&after.cancel));
    assert_false(departures_unwatch(*state, &before.departure));
    assert_false(departures_unwatch(*state, &after.departure));
    end(&before);
    end(&after);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_who_leaves_is_cancelled),
        TEST(test_who_left_before_the_watch_began_is_noticed),
        TEST(test_what_others_saw_end_is_cancelled_once),
        TEST(test_closing_cancels_what_is_watched_and_what_will_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
