#include "api/project_cache.h"

#include <pthread.h>

#include "check.h"
#include "http/http_internal.h"

/* A rendering of this many bytes, which the cache alone holds afterwards. */
static void put(struct project_cache *cache, const char *id, int64_t revision, size_t length)
{
    char *text = xcalloc(1, length);
    struct shared_bytes *bytes = shared_bytes_create(text, length);

    project_cache_put(cache, id, revision, bytes, length);
    shared_bytes_drop(bytes);
    free(text);
}

static bool has(struct project_cache *cache, const char *id, int64_t revision)
{
    struct shared_bytes *bytes = project_cache_find(cache, id, revision);

    shared_bytes_drop(bytes);
    return bytes != NULL;
}

static void test_only_the_same_revision_is_found(void **state)
{
    struct project_cache *cache = project_cache_create(1000);

    (void)state;
    assert_false(has(cache, "a", 1));
    put(cache, "a", 1, 10);
    assert_true(has(cache, "a", 1));
    assert_false(has(cache, "a", 2));
    assert_false(has(cache, "b", 1));
    put(cache, "a", 2, 10);
    assert_true(has(cache, "a", 2));
    assert_false(has(cache, "a", 1));
    project_cache_destroy(cache);
}

static void test_an_older_rendering_replaces_no_newer_one(void **state)
{
    struct project_cache *cache = project_cache_create(1000);

    (void)state;
    put(cache, "a", 2, 10);
    put(cache, "a", 1, 10);
    assert_true(has(cache, "a", 2));
    project_cache_destroy(cache);
}

static void test_the_least_used_goes_when_bytes_are_full(void **state)
{
    struct project_cache *cache = project_cache_create(1000);

    (void)state;
    put(cache, "a", 1, 250);
    put(cache, "b", 1, 250);
    put(cache, "c", 1, 250);
    put(cache, "d", 1, 250);
    assert_true(has(cache, "a", 1));
    put(cache, "e", 1, 250);
    assert_true(has(cache, "a", 1));
    assert_false(has(cache, "b", 1));
    assert_true(has(cache, "c", 1) && has(cache, "d", 1) && has(cache, "e", 1));
    put(cache, "f", 1, 251);
    assert_false(has(cache, "f", 1));
    project_cache_destroy(cache);
}

static void test_the_count_is_bounded(void **state)
{
    struct project_cache *cache = project_cache_create(PROJECT_CACHE_BYTES);
    size_t found = 0;
    char id[16];

    (void)state;
    for (int i = 0; i < PROJECT_CACHE_COUNT + 100; i++) {
        snprintf(id, sizeof id, "%d", i);
        put(cache, id, 1, 1);
    }
    for (int i = 0; i < PROJECT_CACHE_COUNT + 100; i++) {
        snprintf(id, sizeof id, "%d", i);
        found += has(cache, id, 1);
    }
    assert_int_equal(found, PROJECT_CACHE_COUNT);
    project_cache_destroy(cache);
}

static void test_what_was_found_outlives_its_entry(void **state)
{
    struct project_cache *cache = project_cache_create(1000);

    (void)state;
    put(cache, "a", 1, 10);
    struct shared_bytes *bytes = project_cache_find(cache, "a", 1);

    put(cache, "a", 2, 10); /* in its place */
    project_cache_destroy(cache);
    assert_memory_equal(bytes->bytes, (char[10]){ 0 }, 10);
    assert_int_equal(atomic_load(&bytes->references), 1);
    shared_bytes_drop(bytes);
}

static void *use(void *state)
{
    struct project_cache *cache = state;
    char id[16];

    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "%d", i % 7);
        if (!has(cache, id, i / 100))
            put(cache, id, i / 100, 200);
    }
    return NULL;
}

static void test_threads_share_it(void **state)
{
    struct project_cache *cache = project_cache_create(1000);
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, cache), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    project_cache_destroy(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_same_revision_is_found),
        cmocka_unit_test(test_an_older_rendering_replaces_no_newer_one),
        cmocka_unit_test(test_the_least_used_goes_when_bytes_are_full),
        cmocka_unit_test(test_the_count_is_bounded),
        cmocka_unit_test(test_what_was_found_outlives_its_entry),
        cmocka_unit_test(test_threads_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
