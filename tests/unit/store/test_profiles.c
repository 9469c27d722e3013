#include "store/profiles.h"

#include "store/history.h"
#include "stored.h"

static const struct profile narrator = {
    .name = "Narrator",
    .backend = "kokoro",
    .model = "kokoro-82m",
    .voice = "af_bella",
    .speed = 1.25,
    .format = "mp3",
    .blend = "af_bella(2)+af_sky(1)",
    .effects = "[]",
};

static const char *add(struct stored *t, const char *name)
{
    struct profile profile = narrator;
    char id[ID_SIZE];

    profile.name = name;
    check_ok(store_profile_create(t->store, &profile, id, &t->err), &t->err);
    return arena_strdup(&t->arena, id);
}

static struct profile get(struct stored *t, const char *id)
{
    struct profile profile;

    check_ok(store_profile(t->store, &t->arena, id, &profile, &t->err), &t->err);
    return profile;
}

static int64_t revision(struct stored *t)
{
    int64_t revision = 0;

    check_ok(store_profiles_revision(t->store, &revision, &t->err), &t->err);
    return revision;
}

static void test_a_profile_is_kept_as_it_was_given(void **state)
{
    struct stored *t = *state;

    t->now = 5000;
    const char *id = add(t, "Narrator");
    stored_reopen(t);
    struct profile profile = get(t, id);
    assert_string_equal(profile.name, narrator.name);
    assert_string_equal(profile.backend, narrator.backend);
    assert_string_equal(profile.model, narrator.model);
    assert_string_equal(profile.voice, narrator.voice);
    assert_true(profile.speed == narrator.speed);
    assert_string_equal(profile.format, narrator.format);
    assert_string_equal(profile.blend, narrator.blend);
    assert_null(profile.reference_audio_id);
    assert_string_equal(profile.effects, "[]");
    assert_false(profile.is_default);
    assert_int_equal(profile.created_at, 5000);
    assert_int_equal(profile.updated_at, 5000);
}

static void test_a_name_belongs_to_one_profile_in_any_case(void **state)
{
    static const char *const same[] = { "Straße", "STRASSE", "straße" };
    struct stored *t = *state;
    struct profile profile = narrator;
    char id[ID_SIZE];

    const char *street = add(t, "Straße");
    const char *other = add(t, "Other");
    for (size_t i = 0; i < COUNT(same); i++) {
        const struct profile_change change = { .name = same[i] };

        profile.name = same[i];
        check_fails(store_profile_create(t->store, &profile, id, &t->err), &t->err, ERR_CONFLICT);
        check_text(same[i], t->err.param, "name");
        check_fails(store_profile_update(t->store, other, &change, &t->err), &t->err, ERR_CONFLICT);
        check_ok(store_profile_update(t->store, street, &change, &t->err), &t->err);
    }
    assert_string_equal(get(t, other).name, "Other");
}

static void test_a_change_leaves_what_it_does_not_name(void **state)
{
    struct stored *t = *state;
    const char *const nothing = NULL;
    const double speed = 2;
    const char *id = add(t, "Narrator");

    t->now = 7000;
    const struct profile_change change = { .speed = &speed, .model = &nothing };
    check_ok(store_profile_update(t->store, id, &change, &t->err), &t->err);
    struct profile profile = get(t, id);
    assert_true(profile.speed == 2);
    assert_null(profile.model);
    assert_string_equal(profile.blend, narrator.blend);
    assert_string_equal(profile.name, "Narrator");
    assert_int_equal(profile.created_at, 1000);
    assert_int_equal(profile.updated_at, 7000);
}

static void test_one_profile_at_most_is_the_default(void **state)
{
    struct stored *t = *state;
    const char *a = add(t, "A"), *b = add(t, "B");
    struct profile profile;
    bool found;

    check_ok(store_profile_default(t->store, &t->arena, &profile, &found, &t->err), &t->err);
    assert_false(found);
    check_ok(store_profile_set_default(t->store, a, true, &t->err), &t->err);
    check_ok(store_profile_set_default(t->store, b, true, &t->err), &t->err);
    check_ok(store_profile_set_default(t->store, a, false, &t->err), &t->err);
    check_fails(store_profile_set_default(t->store, "nobody", true, &t->err), &t->err,
                ERR_NOT_FOUND);
    check_ok(store_profile_default(t->store, &t->arena, &profile, &found, &t->err), &t->err);
    assert_true(found);
    assert_string_equal(profile.id, b);
    check_ok(store_profile_delete(t->store, b, &t->err), &t->err);
    check_ok(store_profile_default(t->store, &t->arena, &profile, &found, &t->err), &t->err);
    assert_false(found);
}

static void test_profiles_are_listed_by_name_in_any_case(void **state)
{
    struct stored *t = *state;
    struct profile_list list;

    add(t, "beta");
    add(t, "Gamma");
    const char *alpha = add(t, "ALPHA");
    check_ok(store_profile_set_default(t->store, alpha, true, &t->err), &t->err);
    check_ok(store_profiles(t->store, &t->arena, &list, &t->err), &t->err);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0].name, "ALPHA");
    assert_string_equal(list.items[1].name, "beta");
    assert_string_equal(list.items[2].name, "Gamma");
    assert_string_equal(list.default_id, alpha);
}

static void test_each_change_grows_the_revision_and_a_failure_does_not(void **state)
{
    struct stored *t = *state;
    const struct profile_change change = { .voice = "am_adam" };
    int64_t last = revision(t);
    const char *id = add(t, "A");

    assert_true(revision(t) > last);
    last = revision(t);
    check_ok(store_profile_update(t->store, id, &change, &t->err), &t->err);
    assert_true(revision(t) > last);
    last = revision(t);
    check_ok(store_profile_set_default(t->store, id, true, &t->err), &t->err);
    assert_true(revision(t) > last);
    last = revision(t);
    check_fails(store_profile_update(t->store, "nobody", &change, &t->err), &t->err, ERR_NOT_FOUND);
    check_fails(store_profile_delete(t->store, "nobody", &t->err), &t->err, ERR_NOT_FOUND);
    assert_int_equal(revision(t), last);
    check_ok(store_profile_delete(t->store, id, &t->err), &t->err);
    assert_true(revision(t) > last);
    check_fails(store_profile(t->store, &t->arena, id, &(struct profile){ 0 }, &t->err), &t->err,
                ERR_NOT_FOUND);
}

static const char *profile_of_the_entry(struct stored *t)
{
    struct history_entry entry;

    check_ok(store_history_get(t->store, &t->arena, "entry", &entry, &t->err), &t->err);
    return entry.profile_id;
}

static void test_the_history_outlives_the_profile_it_was_spoken_with(void **state)
{
    struct stored *t = *state;
    const struct history_limits limits = { 0 };
    const char *id = add(t, "A");
    const struct history_entry entry = {
        .id = "entry", .type = HISTORY_TTS, .profile_id = id, .full_text = "Text"
    };

    check_ok(store_history_add(t->store, &entry, NULL, &limits, &t->err), &t->err);
    assert_string_equal(profile_of_the_entry(t), id);
    check_ok(store_profile_delete(t->store, id, &t->err), &t->err);
    assert_null(profile_of_the_entry(t));

    /* One that went while its speech was streamed, too. */
    check_ok(store_history_delete(t->store, "entry", &t->err), &t->err);
    check_ok(store_history_add(t->store, &entry, NULL, &limits, &t->err), &t->err);
    assert_null(profile_of_the_entry(t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_a_profile_is_kept_as_it_was_given),
        stored_test(test_a_name_belongs_to_one_profile_in_any_case),
        stored_test(test_a_change_leaves_what_it_does_not_name),
        stored_test(test_one_profile_at_most_is_the_default),
        stored_test(test_profiles_are_listed_by_name_in_any_case),
        stored_test(test_each_change_grows_the_revision_and_a_failure_does_not),
        stored_test(test_the_history_outlives_the_profile_it_was_spoken_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
