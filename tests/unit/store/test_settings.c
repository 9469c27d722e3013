#include "store/settings.h"

#include "stored.h"

static struct settings get(struct stored *t)
{
    struct settings settings;

    check_ok(store_settings_get(t->store, &t->arena, &settings, &t->err), &t->err);
    return settings;
}

static void test_settings_begin_with_the_defaults(void **state)
{
    struct stored *t = *state;
    struct settings settings = get(t);

    assert_string_equal(settings.default_voice_id, "af_bella");
    assert_true(settings.tts_speed == 1.0);
    assert_string_equal(settings.engine, "auto");
    assert_int_equal(settings.updated_at, 1000); /* by the store's clock */
}

static void test_a_change_of_settings_leaves_the_others_and_stays(void **state)
{
    struct stored *t = *state;
    const double speed = 1.25;

    t->now = 5000;
    check_ok(
        store_settings_update(t->store, &(struct settings_change){ .tts_speed = &speed }, &t->err),
        &t->err);
    check_ok(store_settings_update(
                 t->store, &(struct settings_change){ .default_voice_id = "af_sky(2)+am_adam(1)" },
                 &t->err),
             &t->err);
    stored_reopen(t);
    struct settings settings = get(t);
    assert_string_equal(settings.default_voice_id, "af_sky(2)+am_adam(1)");
    assert_true(settings.tts_speed == 1.25);
    assert_string_equal(settings.engine, "auto");
    assert_int_equal(settings.updated_at, 5000);
    check_ok(
        store_settings_update(t->store, &(struct settings_change){ .engine = "espeak" }, &t->err),
        &t->err);
    assert_string_equal(get(t).engine, "espeak");
}

static void test_a_speed_that_was_not_checked_is_refused(void **state)
{
    struct stored *t = *state;
    const double speed = 9;

    check_fails(
        store_settings_update(t->store, &(struct settings_change){ .tts_speed = &speed }, &t->err),
        &t->err, ERR_INTERNAL);
    assert_true(get(t).tts_speed == 1.0);
}

static void test_a_mark_stays_once_set(void **state)
{
    struct stored *t = *state;

    assert_false(store_mark_has(t->store, "sample"));
    check_ok(store_mark_set(t->store, "sample", &t->err), &t->err);
    check_ok(store_mark_set(t->store, "sample", &t->err), &t->err);
    stored_reopen(t);
    assert_true(store_mark_has(t->store, "sample"));
    assert_false(store_mark_has(t->store, "other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_settings_begin_with_the_defaults),
        stored_test(test_a_change_of_settings_leaves_the_others_and_stays),
        stored_test(test_a_speed_that_was_not_checked_is_refused),
        stored_test(test_a_mark_stays_once_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
