#include "../engine/fixtures.h"
#include "../models/pull_fixture.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/thread.h"
#include "studio/model_shelf.h"

#define WAIT_S 20.0

/* A shelf over a models folder and a catalogue of the tests' own, and what it tells. */
struct shop {
    struct fixture *web;
    char *catalogue; /* path */
    struct engines *engines;
    struct transcriber *transcriber;
    struct model_shelf *shelf;
    struct arena arena;
    struct err err;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t changes; /* protected by lock */
};

/* Bytes of each file that the catalogue gets from the server. */
#define SIZE 200000

/* model_shelf.json, with the server's port and the checksum of what it sends. */
static void write_catalogue(struct shop *shop)
{
    struct buf from = BUF(1 << 20), to = BUF(1 << 20);
    char *sha256 = fixture_sha256(SIZE);
    const char *p;

    check_ok(file_read(TEST_CATALOGUE, &from, &shop->err), &shop->err);
    for (p = from.data; *p;) {
        if (strncmp(p, "PORT", 4) == 0) {
            buf_format(&to, "%d", shop->web->port);
            p += strlen("PORT");
        } else if (strncmp(p, "SHA256", 6) == 0) {
            buf_append_str(&to, sha256);
            p += strlen("SHA256");
        } else {
            buf_append_char(&to, *p++);
        }
    }
    check_ok(file_write(shop->catalogue, to.data, to.len, &shop->err), &shop->err);
    buf_release(&to);
    buf_release(&from);
    free(sha256);
}

static void note_change(void *state)
{
    struct shop *shop = state;

    pthread_mutex_lock(&shop->lock);
    shop->changes++;
    pthread_cond_broadcast(&shop->changed);
    pthread_mutex_unlock(&shop->lock);
}

/* No model of the shop is one that is prepared. */
static bool prepare_nothing(void *state, const struct installed_model *model, struct cancel *cancel,
                            struct err *err)
{
    (void)state, (void)model, (void)cancel;
    return err_set(err, ERR_INTERNAL, "Nothing is prepared here.");
}

static int open_shop(void **state)
{
    struct shop *shop = xcalloc(1, sizeof *shop);
    void *web;

    fixture_setup(&web);
    shop->web = web;
    shop->catalogue = path_join(shop->web->packages, "catalogue.json");
    write_catalogue(shop);
    setenv("PARLANDO_CATALOGUE", shop->catalogue, 1);
    pthread_mutex_init(&shop->lock, NULL);
    cond_init(&shop->changed);
    const struct engine_config config = { .models_dir = shop->web->models,
                                          .threads = 1,
                                          .callers = 1 };
    shop->engines = engines_create(&config, 0, 0);
    shop->transcriber = transcriber_create(&(struct transcriber_options){
        .models_dir = shop->web->models,
        .threads = 1,
    });
    shop->shelf = model_shelf_create(
        &(struct model_shelf_options){
            .engine = &config,
            .engines = shop->engines,
            .transcriber = shop->transcriber,
            .prepare = prepare_nothing,
            .changed = note_change,
            .changed_state = shop,
        },
        &shop->err);
    check_ok(shop->shelf, &shop->err);
    *state = shop;
    return 0;
}

static int close_shop(void **state)
{
    struct shop *shop = *state;
    void *web = shop->web;

    model_shelf_destroy(shop->shelf);
    transcriber_destroy(shop->transcriber);
    engines_destroy(shop->engines);
    unsetenv("PARLANDO_CATALOGUE");
    fixture_teardown(&web);
    arena_release(&shop->arena);
    pthread_cond_destroy(&shop->changed);
    pthread_mutex_destroy(&shop->lock);
    free(shop->catalogue);
    free(shop);
    return 0;
}

static struct shelf_model get(struct shop *shop, const char *id)
{
    struct shelf_model model;

    check_ok(model_shelf_get(shop->shelf, &shop->arena, id, &model, &shop->err), &shop->err);
    return model;
}

static struct pull_report begin(struct shop *shop, const char *id)
{
    struct pull_report pull;

    check_ok(model_shelf_pull(shop->shelf, &shop->arena, id, &pull, &shop->err), &shop->err);
    return pull;
}

static bool is_in_state(struct shop *shop, const char *id, enum pull_state state)
{
    const struct pull_report *pull = get(shop, id).pull;

    return pull && pull->state == state;
}

static bool has_bytes(struct shop *shop, const char *id, enum pull_state state)
{
    return is_in_state(shop, id, state) && get(shop, id).pull->bytes_done > 0;
}

/* Until holds is true of the model's pull. */
static struct pull_report wait_until(struct shop *shop, const char *id, enum pull_state state,
                                     bool (*holds)(struct shop *, const char *, enum pull_state))
{
    double deadline_s = clock_seconds() + WAIT_S;

    pthread_mutex_lock(&shop->lock);
    while (!holds(shop, id, state))
        if (!cond_wait_until(&shop->changed, &shop->lock, deadline_s))
            fail_msg("the pull of %s never came to state %d", id, state);
    pthread_mutex_unlock(&shop->lock);
    return *get(shop, id).pull;
}

static struct pull_report wait_for(struct shop *shop, const char *id, enum pull_state state)
{
    return wait_until(shop, id, state, is_in_state);
}

static void copy_file(struct shop *shop, const char *from, const char *to)
{
    struct buf bytes = BUF(64 << 20);
    char *source = fixture(from);
    char *target = path_join(shop->web->models, to);
    char *folder = xstrndup(target, (size_t)(path_base(target) - target));

    check_ok(file_read(source, &bytes, &shop->err), &shop->err);
    check_ok(directory_create(folder, &shop->err), &shop->err);
    check_ok(file_write(target, bytes.data, bytes.len, &shop->err), &shop->err);
    free(folder);
    free(target);
    free(source);
    buf_release(&bytes);
}

static void install_kit(struct shop *shop)
{
    need_runtime();
    copy_file(shop, "kitten/model.onnx", "kit/model.onnx");
    copy_file(shop, "kitten/voices.npz", "kit/voices.npz");
    copy_file(shop, "kitten/config.json", "kit-extras/config.json");
}

/* ---- what there is ---- */

static void test_the_list_has_the_catalogue_and_espeak(void **state)
{
    struct shop *shop = *state;
    struct shelf_models models;

    model_shelf_list(shop->shelf, &shop->arena, &models);
    assert_int_equal(models.count, 9);
    assert_string_equal(models.items[0].id, "alpha");
    assert_int_equal(models.items[0].state, MODEL_ABSENT);
    assert_int_equal(models.items[0].size, SIZE);
    assert_int_equal(models.items[0].languages.count, 2);
    assert_string_equal(models.items[0].languages.items[1], "de");
    assert_string_equal(models.items[0].needs.items[0], "letters");
    assert_true(models.items[0].is_default);
    assert_string_equal(models.items[8].id, "espeak");
    assert_int_equal(models.items[8].state, MODEL_INSTALLED);
    assert_true(models.items[8].is_loaded);
    assert_false(models.items[8].is_ours);
    assert_int_equal(models.bytes_installed, 0);
    assert_true(models.bytes_free > 0);
}

static void test_an_unknown_model_names_one_that_is_near(void **state)
{
    struct shop *shop = *state;
    struct shelf_model model;

    assert_false(model_shelf_get(shop->shelf, &shop->arena, "alpa", &model, &shop->err));
    assert_int_equal(shop->err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(shop->err.message, "alpha"));
}

static void test_a_file_of_ones_own_is_listed_loaded_and_left_alone(void **state)
{
    struct shop *shop = *state;
    struct pull_report pull;

    need_runtime();
    copy_file(shop, "kokoro-v0.19/kokoro-v0_19.onnx", "mine/kokoro-v0_19.onnx");
    copy_file(shop, "kokoro-v0.19/voices.bin", "mine/voices.bin");
    struct shelf_model model = get(shop, "mine/kokoro-v0_19.onnx");
    assert_string_equal(model.engine, "kokoro");
    assert_int_equal(model.state, MODEL_INSTALLED);
    assert_false(model.is_ours);
    assert_string_equal(model.languages.items[0], "en-us");
    check_ok(model_shelf_load(shop->shelf, &shop->arena, model.id, &shop->err), &shop->err);
    assert_true(get(shop, model.id).is_loaded);
    check_ok(model_shelf_unload(shop->shelf, &shop->arena, model.id, &shop->err), &shop->err);
    assert_false(get(shop, model.id).is_loaded);
    assert_false(model_shelf_remove(shop->shelf, &shop->arena, model.id, NULL, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
    assert_false(model_shelf_pull(shop->shelf, &shop->arena, model.id, &pull, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
    assert_int_equal(get(shop, model.id).state, MODEL_INSTALLED);
}

static void test_tensors_are_read_without_loading(void **state)
{
    struct shop *shop = *state;
    struct model_tensors inputs, outputs;

    install_kit(shop);
    struct shelf_model model = get(shop, "kit");
    model_shelf_tensors(shop->shelf, &shop->arena, &model, &inputs, &outputs);
    assert_int_equal(inputs.count, 3);
    assert_string_equal(inputs.items[0].name, "input_ids");
    assert_string_equal(inputs.items[0].type, "int64");
    assert_int_equal(inputs.items[0].rank, 2);
    assert_true(inputs.items[0].shape[1] == -1);
    assert_string_equal(inputs.items[0].file, "kit/model.onnx");
    assert_true(outputs.count > 0);
    assert_false(get(shop, "kit").is_loaded);
    model = get(shop, "alpha");
    model_shelf_tensors(shop->shelf, &shop->arena, &model, &inputs, &outputs);
    assert_null(inputs.items);
}

/* ---- pulling ---- */

static void test_a_pull_brings_what_is_needed_and_counts_it(void **state)
{
    struct shop *shop = *state;
    int64_t revision = model_shelf_revision(shop->shelf);

    assert_int_equal(begin(shop, "alpha").state, PULL_QUEUED);
    struct pull_report pull = wait_for(shop, "alpha", PULL_ENDED);
    assert_int_equal(pull.bytes_total, 2 * SIZE);
    assert_int_equal(pull.bytes_done, 2 * SIZE);
    assert_null(pull.error);
    assert_int_equal(get(shop, "alpha").state, MODEL_INSTALLED);
    assert_int_equal(get(shop, "letters").state, MODEL_INSTALLED);
    assert_string_equal(get(shop, "letters").needed_by.items[0], "alpha");
    assert_true(get(shop, "alpha").installed_at_ms > 0);
    assert_true(model_shelf_revision(shop->shelf) > revision);
    fixture_check_content(shop->web, "alpha/a.bin", SIZE);
}

static void test_pulls_run_one_at_a_time(void **state)
{
    struct shop *shop = *state;

    begin(shop, "held");
    wait_for(shop, "held", PULL_DOWNLOADING);
    begin(shop, "alpha");
    assert_int_equal(begin(shop, "held").state, PULL_DOWNLOADING); /* the same */
    assert_true(is_in_state(shop, "alpha", PULL_QUEUED));
    free(fixture_get(shop->web, "/release"));
    wait_for(shop, "held", PULL_ENDED);
    wait_for(shop, "alpha", PULL_ENDED);
    char *log = fixture_get(shop->web, "/log");
    check_text("requests", log, "/held/200000 \n/whole/200000 \n/ok/200000 \n");
    free(log);
}

static void test_a_pull_that_waits_is_cancelled_at_once(void **state)
{
    struct shop *shop = *state;

    begin(shop, "held");
    wait_for(shop, "held", PULL_DOWNLOADING);
    begin(shop, "alpha");
    check_ok(model_shelf_cancel_pull(shop->shelf, &shop->arena, "alpha", &shop->err), &shop->err);
    assert_true(is_in_state(shop, "alpha", PULL_CANCELLED));
    assert_false(model_shelf_cancel_pull(shop->shelf, &shop->arena, "alpha", &shop->err));
    assert_int_equal(shop->err.kind, ERR_NOT_FOUND);
    free(fixture_get(shop->web, "/release"));
    wait_for(shop, "held", PULL_ENDED);
    assert_int_equal(get(shop, "alpha").state, MODEL_ABSENT);
    begin(shop, "alpha");
    wait_for(shop, "alpha", PULL_ENDED);
}

static void test_a_pull_in_the_middle_is_cancelled_and_its_bytes_stay(void **state)
{
    struct shop *shop = *state;

    begin(shop, "stalled");
    struct pull_report pull = wait_until(shop, "stalled", PULL_DOWNLOADING, has_bytes);
    assert_int_equal(pull.bytes_total, SIZE);
    check_ok(model_shelf_cancel_pull(shop->shelf, &shop->arena, "stalled", &shop->err), &shop->err);
    wait_for(shop, "stalled", PULL_CANCELLED);
    struct shelf_model model = get(shop, "stalled");
    assert_int_equal(model.state, MODEL_PARTIAL);
    assert_true(model.bytes_on_disk > 0);
    check_ok(model_shelf_remove(shop->shelf, &shop->arena, "stalled", NULL, &shop->err),
             &shop->err);
    assert_int_equal(get(shop, "stalled").state, MODEL_ABSENT);
}

static void test_a_pull_that_is_being_cancelled_begins_again_when_asked_to(void **state)
{
    struct shop *shop = *state;

    begin(shop, "held");
    wait_for(shop, "held", PULL_DOWNLOADING);
    check_ok(model_shelf_cancel_pull(shop->shelf, &shop->arena, "held", &shop->err), &shop->err);
    begin(shop, "held");
    free(fixture_get(shop->web, "/release"));
    wait_for(shop, "held", PULL_ENDED);
}

static void test_what_failed_says_why_and_goes_on_where_it_ended(void **state)
{
    struct shop *shop = *state;

    begin(shop, "half");
    struct pull_report pull = wait_for(shop, "half", PULL_FAILED);
    assert_non_null(strstr(pull.error, "half/a.bin"));
    assert_int_equal(get(shop, "half").state, MODEL_PARTIAL);
    begin(shop, "half");
    wait_for(shop, "half", PULL_ENDED);
    char *log = fixture_get(shop->web, "/log");
    check_text("requests", log, "/half/200000 \n/half/200000 bytes=100000-\n");
    free(log);
}

static void test_the_end_of_the_server_ends_pulls(void **state)
{
    struct shop *shop = *state;
    struct pull_report pull;

    begin(shop, "held");
    wait_for(shop, "held", PULL_DOWNLOADING);
    begin(shop, "alpha");
    model_shelf_stop(shop->shelf);
    assert_true(is_in_state(shop, "held", PULL_CANCELLED));
    assert_int_equal(get(shop, "alpha").state, MODEL_ABSENT);
    assert_false(model_shelf_pull(shop->shelf, &shop->arena, "half", &pull, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CANCELLED);
}

static void *pull_and_cancel(void *arg)
{
    struct shop *shop = arg;
    static const char *const ids[] = { "alpha", "letters", "half", "held" };
    struct arena arena = ARENA;

    for (size_t i = 0; i < 40; i++) {
        const char *id = ids[i % COUNT(ids)];
        struct pull_report pull;
        struct shelf_models models;
        struct err err = { 0 };

        if (!model_shelf_pull(shop->shelf, &arena, id, &pull, &err))
            return "a pull was refused";
        model_shelf_list(shop->shelf, &arena, &models);
        if (!model_shelf_cancel_pull(shop->shelf, &arena, id, &err) && err.kind != ERR_NOT_FOUND)
            return "a cancel was refused";
        arena_release(&arena);
    }
    return NULL;
}

static void test_threads_pull_and_cancel_at_once(void **state)
{
    struct shop *shop = *state;
    pthread_t threads[3];

    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(thread_start(&threads[i], pull_and_cancel, shop), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *failure;

        pthread_join(threads[i], &failure);
        if (failure)
            fail_msg("%s", (const char *)failure);
    }
    begin(shop, "alpha");
    wait_for(shop, "alpha", PULL_ENDED);
}

/* ---- loading and removing ---- */

static void test_a_model_is_loaded_and_unloaded(void **state)
{
    struct shop *shop = *state;

    install_kit(shop);
    assert_false(get(shop, "kit").is_loaded);
    int64_t revision = model_shelf_revision(shop->shelf);
    check_ok(model_shelf_load(shop->shelf, &shop->arena, "kit", &shop->err), &shop->err);
    assert_true(get(shop, "kit").is_loaded);
    assert_true(model_shelf_revision(shop->shelf) > revision);
    revision = model_shelf_revision(shop->shelf);
    assert_int_equal(model_shelf_revision(shop->shelf), revision);
    check_ok(model_shelf_unload(shop->shelf, &shop->arena, "kit", &shop->err), &shop->err);
    assert_false(get(shop, "kit").is_loaded);
    assert_true(model_shelf_revision(shop->shelf) > revision);
    check_ok(model_shelf_unload(shop->shelf, &shop->arena, "kit", &shop->err), &shop->err);
}

static void test_what_is_no_model_or_not_there_is_not_loaded(void **state)
{
    static const struct {
        const char *id;
        enum err_kind kind;
    } cases[] = { { "kit-extras", ERR_CONFLICT },
                  { "kit", ERR_UNAVAILABLE },
                  { "no-such", ERR_NOT_FOUND } };
    struct shop *shop = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(cases[i].id,
                   !model_shelf_load(shop->shelf, &shop->arena, cases[i].id, &shop->err));
        check_case(cases[i].id, shop->err.kind == cases[i].kind);
    }
    check_ok(model_shelf_load(shop->shelf, &shop->arena, "espeak", &shop->err), &shop->err);
    assert_false(model_shelf_unload(shop->shelf, &shop->arena, "espeak", &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
}

static void test_a_model_at_work_is_neither_unloaded_nor_removed(void **state)
{
    struct shop *shop = *state;
    struct speech_models models;

    install_kit(shop);
    struct engine *engine = engines_borrow(shop->engines, "kitten", "kit", &shop->err);
    check_ok(engine, &shop->err);
    assert_false(model_shelf_unload(shop->shelf, &shop->arena, "kit", &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
    assert_false(model_shelf_remove(shop->shelf, &shop->arena, "kit", NULL, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
    engines_return(shop->engines, engine);
    check_ok(model_shelf_remove(shop->shelf, &shop->arena, "kit", NULL, &shop->err), &shop->err);
    assert_int_equal(get(shop, "kit").state, MODEL_ABSENT);
    assert_int_equal(get(shop, "kit-extras").state, MODEL_ABSENT); /* only kit needed it */
    assert_int_equal(engines_loaded_count(shop->engines), 0);
    engines_list_models(shop->engines, &shop->arena, &models);
    assert_int_equal(models.count, 0);
    assert_false(model_shelf_remove(shop->shelf, &shop->arena, "kit", NULL, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
}

static void test_what_another_model_needs_stays(void **state)
{
    struct shop *shop = *state;

    begin(shop, "alpha");
    wait_for(shop, "alpha", PULL_ENDED);
    assert_false(model_shelf_remove(shop->shelf, &shop->arena, "letters", NULL, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
    assert_non_null(strstr(shop->err.message, "alpha"));
    assert_int_equal(get(shop, "letters").state, MODEL_INSTALLED);
}

static void test_a_model_names_what_goes_with_it_and_that_goes(void **state)
{
    struct shop *shop = *state;

    assert_int_equal(get(shop, "alpha").removes.count, 0);
    begin(shop, "alpha");
    wait_for(shop, "alpha", PULL_ENDED);
    assert_int_equal(get(shop, "alpha").removes.count, 1);
    assert_string_equal(get(shop, "alpha").removes.items[0], "letters");
    begin(shop, "beta");
    wait_for(shop, "beta", PULL_ENDED);
    assert_int_equal(get(shop, "alpha").removes.count, 0);
    check_ok(model_shelf_remove(shop->shelf, &shop->arena, "alpha", NULL, &shop->err), &shop->err);
    assert_int_equal(get(shop, "letters").state, MODEL_INSTALLED);
    assert_int_equal(get(shop, "beta").removes.count, 1);
    check_ok(model_shelf_remove(shop->shelf, &shop->arena, "beta", NULL, &shop->err), &shop->err);
    assert_int_equal(get(shop, "letters").state, MODEL_ABSENT);
}

static void test_what_is_being_pulled_is_not_removed(void **state)
{
    struct shop *shop = *state;

    begin(shop, "stalled");
    wait_until(shop, "stalled", PULL_DOWNLOADING, has_bytes);
    assert_false(model_shelf_remove(shop->shelf, &shop->arena, "stalled", NULL, &shop->err));
    assert_int_equal(shop->err.kind, ERR_CONFLICT);
}

static void test_verifying_names_each_wrong_file(void **state)
{
    struct shop *shop = *state;
    struct model_names problems;

    begin(shop, "alpha");
    wait_for(shop, "alpha", PULL_ENDED);
    check_ok(model_shelf_verify(shop->shelf, &shop->arena, "alpha", NULL, &problems, &shop->err),
             &shop->err);
    assert_int_equal(problems.count, 0);
    char *path = path_join(shop->web->models, "alpha/a.bin");
    char *zeros = xcalloc(1, SIZE);
    check_ok(file_write(path, zeros, SIZE, &shop->err), &shop->err);
    free(zeros);
    free(path);
    check_ok(model_shelf_verify(shop->shelf, &shop->arena, "alpha", NULL, &problems, &shop->err),
             &shop->err);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.items[0], "alpha/a.bin"));
}

#define IN_A_SHOP(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SHOP(test_the_list_has_the_catalogue_and_espeak),
        IN_A_SHOP(test_an_unknown_model_names_one_that_is_near),
        IN_A_SHOP(test_a_file_of_ones_own_is_listed_loaded_and_left_alone),
        IN_A_SHOP(test_tensors_are_read_without_loading),
        IN_A_SHOP(test_a_pull_brings_what_is_needed_and_counts_it),
        IN_A_SHOP(test_pulls_run_one_at_a_time),
        IN_A_SHOP(test_a_pull_that_waits_is_cancelled_at_once),
        IN_A_SHOP(test_a_pull_in_the_middle_is_cancelled_and_its_bytes_stay),
        IN_A_SHOP(test_a_pull_that_is_being_cancelled_begins_again_when_asked_to),
        IN_A_SHOP(test_what_failed_says_why_and_goes_on_where_it_ended),
        IN_A_SHOP(test_the_end_of_the_server_ends_pulls),
        IN_A_SHOP(test_threads_pull_and_cancel_at_once),
        IN_A_SHOP(test_a_model_is_loaded_and_unloaded),
        IN_A_SHOP(test_what_is_no_model_or_not_there_is_not_loaded),
        IN_A_SHOP(test_a_model_at_work_is_neither_unloaded_nor_removed),
        IN_A_SHOP(test_what_another_model_needs_stays),
        IN_A_SHOP(test_a_model_names_what_goes_with_it_and_that_goes),
        IN_A_SHOP(test_what_is_being_pulled_is_not_removed),
        IN_A_SHOP(test_verifying_names_each_wrong_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
