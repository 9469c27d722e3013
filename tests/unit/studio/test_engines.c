#include "../engine/fixtures.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "studio/engines.h"

/* The engines of a folder of the fixtures. */
struct shop {
    char *folder;
    struct engines *engines;
    struct err err;
};

static void open_shop(struct shop *shop, const char *folder, double idle_s, int niceness)
{
    *shop = (struct shop){ .folder = fixture(folder) };
    const struct engine_config config = { .models_dir = shop->folder, .threads = 3, .callers = 1 };

    shop->engines = engines_create(&config, idle_s, niceness);
}

static void close_shop(struct shop *shop)
{
    engines_destroy(shop->engines);
    free(shop->folder);
}

static struct engine *borrow(struct shop *shop, const char *name, const char *model)
{
    struct engine *engine = engines_borrow(shop->engines, name, model, &shop->err);

    if (!engine)
        fail_msg("%s: %s", name, shop->err.message);
    return engine;
}

static void test_different_words_for_one_engine_share_it(void **state)
{
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, "kokoro", 0, 0);
    char *model = path_join(shop.folder, "model.onnx");
    struct engine *engine = borrow(&shop, "auto", NULL);
    assert_string_equal(engine_name(engine), "kokoro");
    assert_ptr_equal(borrow(&shop, "kokoro", NULL), engine);
    assert_ptr_equal(borrow(&shop, "kokoro", model), engine);
    assert_ptr_equal(borrow(&shop, "auto", model), engine);
    assert_int_equal(engines_loaded_count(shop.engines), 1);
    struct engine *other = borrow(&shop, "espeak", NULL);
    assert_ptr_not_equal(other, engine);
    assert_int_equal(engines_loaded_count(shop.engines), 2);
    engines_return(shop.engines, other);
    for (int i = 0; i < 4; i++)
        engines_return(shop.engines, engine);
    free(model);
    close_shop(&shop);
}

struct customer {
    pthread_t thread;
    struct engines *engines;
    const char *name;
    struct engine *engine;
    struct err err;
};

static void *borrow_in_thread(void *arg)
{
    struct customer *c = arg;

    c->engine = engines_borrow(c->engines, c->name, NULL, &c->err);
    return NULL;
}

static void borrow_at_once(struct shop *shop, const char *name, struct customer *customers,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        customers[i] = (struct customer){ .engines = shop->engines, .name = name };
        assert_int_equal(
            pthread_create(&customers[i].thread, NULL, borrow_in_thread, &customers[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(customers[i].thread, NULL);
}

static void test_threads_that_want_an_engine_at_once_get_one(void **state)
{
    struct customer customers[8];
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, "kokoro", 1e-9, 0);
    borrow_at_once(&shop, "kokoro", customers, COUNT(customers));
    for (size_t i = 0; i < COUNT(customers); i++) {
        assert_non_null(customers[i].engine);
        assert_ptr_equal(customers[i].engine, customers[0].engine);
    }
    assert_int_equal(engines_loaded_count(shop.engines), 1);
    for (size_t i = 0; i < COUNT(customers); i++) {
        engines_close_idle(shop.engines);
        assert_int_equal(engines_loaded_count(shop.engines), 1); /* still borrowed */
        engines_return(shop.engines, customers[i].engine);
    }
    close_shop(&shop);
}

static void
test_an_engine_that_cannot_be_opened_says_so_to_everyone_and_is_tried_again(void **state)
{
    struct customer customers[4];
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, "kokoro-nan-beside-fp32", 0, 0);
    char *bad = path_join(shop.folder, "none.onnx");
    for (int i = 0; i < 2; i++) {
        borrow_at_once(&shop, "piper", customers, COUNT(customers));
        for (size_t k = 0; k < COUNT(customers); k++) {
            assert_null(customers[k].engine);
            assert_int_equal(customers[k].err.kind, ERR_UNAVAILABLE);
            assert_string_equal(customers[k].err.param, "engine");
        }
    }
    assert_null(engines_borrow(shop.engines, "auto", bad, &shop.err));
    assert_string_equal(shop.err.param, "model");
    assert_int_equal(engines_loaded_count(shop.engines), 0);
    free(bad);
    close_shop(&shop);

    open_shop(&shop, "kitten-bad-config", 0, 0); /* looks right, and fails while it is loaded */
    for (int i = 0; i < 2; i++) {
        borrow_at_once(&shop, "kitten", customers, COUNT(customers));
        for (size_t k = 0; k < COUNT(customers); k++) {
            assert_null(customers[k].engine);
            assert_string_equal(customers[k].err.param, "engine");
        }
    }
    assert_int_equal(engines_loaded_count(shop.engines), 0);
    close_shop(&shop);
}

static void test_an_idle_engine_is_closed_and_opened_again(void **state)
{
    static const struct {
        const char *name;
        double idle_s;
        size_t left;
    } cases[] = { { "at once", 1e-9, 0 }, { "in an hour", 3600, 1 }, { "never", 0, 1 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct shop shop;

        open_shop(&shop, "kokoro", cases[i].idle_s, 0);
        for (int round = 0; round < 2; round++) {
            struct engine *engine = borrow(&shop, "espeak", NULL);

            engines_close_idle(shop.engines);
            check_case(cases[i].name, engines_loaded_count(shop.engines) == 1);
            engines_return(shop.engines, engine);
            engines_close_idle(shop.engines);
            check_case(cases[i].name, engines_loaded_count(shop.engines) == cases[i].left);
        }
        close_shop(&shop);
    }
}

/* How many threads of this process there are besides those of this priority. */
static int count_other_priorities(int priority)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            count += getpriority(PRIO_PROCESS, (id_t)strtol(entry->d_name, NULL, 10)) != priority;
    closedir(dir);
    return count;
}

static void test_a_models_own_threads_have_the_lowered_priority(void **state)
{
    int mine = getpriority(PRIO_PROCESS, 0);
    struct shop shop;

    (void)state;
    need_runtime();
    if (mine >= 19)
        skip(); /* it cannot be lowered */
    assert_int_equal(count_other_priorities(mine), 0);
    open_shop(&shop, "kokoro", 0, 5);
    engines_return(shop.engines, borrow(&shop, "kokoro", NULL));
    assert_int_equal(getpriority(PRIO_PROCESS, 0), mine);
    assert_int_equal(count_other_priorities(mine), 2); /* of three that compute one is the caller */
    close_shop(&shop);
}

static void test_whether_an_engine_could_speak_is_told_without_loading_it(void **state)
{
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, "kokoro", 0, 0);
    check_ok(engines_can_speak(shop.engines, "auto", &shop.err), &shop.err);
    check_ok(engines_can_speak(shop.engines, "kokoro", &shop.err), &shop.err);
    assert_false(engines_can_speak(shop.engines, "piper", &shop.err));
    assert_int_equal(shop.err.kind, ERR_UNAVAILABLE);
    assert_int_equal(engines_loaded_count(shop.engines), 0);
    close_shop(&shop);
}

static size_t count_voices(struct shop *shop, const char *name)
{
    struct arena arena = ARENA;
    struct engine_voices voices;

    check_ok(engines_list_voices(shop->engines, name, &arena, &voices, &shop->err), &shop->err);
    assert_string_equal(voices.engine, "kokoro");
    assert_string_equal(voices.default_voice, "af_bella");
    assert_true(voices.can_blend);
    size_t count = voices.count;
    arena_release(&arena);
    return count;
}

/* A link in the shop's folder to a file of the fixture. */
static void link_file(const struct shop *shop, const char *fixture_file, const char *name)
{
    char *target = fixture(fixture_file), *link = path_join(shop->folder, name);

    assert_int_equal(symlink(target, link), 0);
    free(link);
    free(target);
}

static void unlink_file(const struct shop *shop, const char *name)
{
    char *path = path_join(shop->folder, name);

    assert_int_equal(unlink(path), 0);
    free(path);
}

static void test_voices_are_listed_as_the_models_folder_has_them(void **state)
{
    struct shop shop = { 0 };

    (void)state;
    need_runtime();
    shop.folder = temp_folder();
    char *voices = path_join(shop.folder, "voices");
    assert_int_equal(mkdir(voices, 0777), 0);
    free(voices);
    const struct engine_config config = { .models_dir = shop.folder };
    shop.engines = engines_create(&config, 0, 0);
    link_file(&shop, "kokoro/model.onnx", "model.onnx");
    link_file(&shop, "kokoro/voices/af_bella.bin", "voices/af_bella.bin");
    for (int i = 0; i < 3; i++)
        assert_int_equal(count_voices(&shop, "auto"), 1);
    link_file(&shop, "kokoro/voices/am_adam.bin", "voices/am_adam.bin");
    assert_int_equal(count_voices(&shop, "auto"), 2);
    assert_int_equal(count_voices(&shop, "kokoro"), 2);
    unlink_file(&shop, "voices/am_adam.bin");
    assert_int_equal(count_voices(&shop, "auto"), 1);
    assert_int_equal(engines_loaded_count(shop.engines), 0);

    unlink_file(&shop, "model.onnx");
    struct arena arena = ARENA;
    struct engine_voices none;
    assert_false(engines_list_voices(shop.engines, "kokoro", &arena, &none, &shop.err));
    assert_int_equal(shop.err.kind, ERR_UNAVAILABLE);
    check_ok(engines_list_voices(shop.engines, "auto", &arena, &none, &shop.err), &shop.err);
    assert_string_equal(none.engine, "espeak");
    arena_release(&arena);
    engines_destroy(shop.engines);
    temp_folder_remove(shop.folder);
}

struct reader {
    pthread_t thread;
    struct shop *shop;
    size_t count;
};

static void *count_often(void *arg)
{
    struct reader *reader = arg;

    for (int i = 0; i < 20; i++) {
        struct arena arena = ARENA;
        struct engine_voices voices;
        struct err err;

        if (engines_list_voices(reader->shop->engines, i % 2 ? "auto" : "kokoro", &arena, &voices,
                                &err))
            reader->count += voices.count;
        arena_release(&arena);
    }
    return NULL;
}

static void test_threads_list_voices_at_once(void **state)
{
    struct reader readers[4];
    struct shop shop;

    (void)state;
    need_runtime();
    open_shop(&shop, "kokoro", 0, 0);
    for (size_t i = 0; i < COUNT(readers); i++) {
        readers[i] = (struct reader){ .shop = &shop };
        assert_int_equal(pthread_create(&readers[i].thread, NULL, count_often, &readers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(readers); i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].count, 20 * 4);
    }
    close_shop(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_models_own_threads_have_the_lowered_priority),
        cmocka_unit_test(test_different_words_for_one_engine_share_it),
        cmocka_unit_test(test_threads_that_want_an_engine_at_once_get_one),
        cmocka_unit_test(
            test_an_engine_that_cannot_be_opened_says_so_to_everyone_and_is_tried_again),
        cmocka_unit_test(test_an_idle_engine_is_closed_and_opened_again),
        cmocka_unit_test(test_whether_an_engine_could_speak_is_told_without_loading_it),
        cmocka_unit_test(test_voices_are_listed_as_the_models_folder_has_them),
        cmocka_unit_test(test_threads_list_voices_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
