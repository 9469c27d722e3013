#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "engine/prepared.h"
#include "engine/style_model.h"
#include "fixtures.h"
#include "models.h"
#include "nn/int8.h"

/* A models folder with a model and its voices. */
struct folder {
    char *models, *model; /* owned */
    struct engine_config config;
    struct installed_model installed;
};

static void link_into(const struct folder *f, const char *from, const char *name)
{
    char *to = path_join(f->models, name);

    assert_int_equal(symlink(from, to), 0);
    free(to);
}

/* from: a folder with model.onnx and voices. */
static void make_folder(struct folder *f, const char *from)
{
    char *model = path_join(from, "model.onnx"), *voices = path_join(from, "voices");
    struct err err;

    *f = (struct folder){ .models = temp_folder() };
    f->model = path_join(f->models, "model.onnx");
    link_into(f, model, "model.onnx");
    link_into(f, voices, "voices");
    f->config = (struct engine_config){ .models_dir = f->models, .threads = 2 };
    check_ok(installed_model_find(&f->config, FAMILY_KOKORO, f->model, &f->installed, &err), &err);
    free(voices);
    free(model);
}

static void remove_folder(struct folder *f)
{
    installed_model_release(&f->installed);
    free(f->model);
    temp_folder_remove(f->models);
}

static char *find(const struct folder *f)
{
    return prepared_find(f->models, f->model);
}

static bool has_leftovers(const struct folder *f)
{
    char *root = path_join(f->models, ".prepared");
    bool is_there = file_exists(root);

    free(root);
    return is_there;
}

static void test_a_model_of_another_architecture_is_left_alone(void **state)
{
    struct folder f;
    struct err err;

    (void)state;
    need_runtime();
    char *from = fixture("kokoro");
    make_folder(&f, from);
    assert_false(prepared_make(&f.config, &f.installed, NULL, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_false(has_leftovers(&f));
    remove_folder(&f);
    free(from);
}

static void test_a_folder_that_cannot_be_written_is_an_error(void **state)
{
    struct folder f;
    struct err err;

    (void)state;
    need_runtime();
    char *from = fixture("kokoro");
    make_folder(&f, from);
    char *root = path_join(f.models, ".prepared");
    check_ok(file_write(root, "a file is in the way", 20, &err), &err);
    assert_false(prepared_make(&f.config, &f.installed, NULL, &err));
    assert_int_equal(err.kind, ERR_IO);
    free(root);
    remove_folder(&f);
    free(from);
}

/* --- with Kokoro itself, where it is installed --- */

/* "<models>/.prepared/.<entry>-killed" with a file, as beside what is prepared. */
static char *leave_unfinished(const struct folder *f, const char *prepared)
{
    struct err err;
    char *folder = xstrndup(prepared, (size_t)(path_base(prepared) - prepared - 1));
    char *unfinished = str_format("%s/.prepared/.%s-killed", f->models, path_base(folder));
    char *file = path_join(unfinished, "weights.packed.0badcafe.part");

    check_ok(directory_create(unfinished, &err), &err);
    check_ok(file_write(file, "half", 4, &err), &err);
    free(file);
    free(folder);
    return unfinished;
}

/* "Hello, how…" in a voice, since with the style of none the pitch is chaotic. */
static void speak(const struct folder *f, struct style_model *model, struct style_speech *out)
{
    static const int64_t ids[] = { 0, 50, 83, 54, 156, 31, 3, 16, 50, 156, 39, 16, 0 };
    char *path = path_join(f->models, "voices/af_bella.bin");
    struct buf table = BUF(1 << 20);
    struct err err = { 0 };

    check_ok(file_read(path, &table, &err), &err);
    const float *rows = (const float *)(const void *)table.data;
    struct style_request request = { ids, COUNT(ids), rows + 11 * STYLE_COLUMNS, 1.0 };
    check_ok(style_model_run(model, &request, out, NULL, &err), &err);
    buf_release(&table);
    free(path);
}

static void check_speaks(const struct folder *f, const char *packed)
{
    struct err err = { 0 };
    struct style_speech one, two;
    struct style_model *model = style_model_open_native(f->model, packed, NULL, 1, &err);

    check_ok(model, &err);
    speak(f, model, &one);
    style_model_close(model);
    model = style_model_open_native(f->model, packed, NULL, 3, &err);
    check_ok(model, &err);
    speak(f, model, &two);
    style_model_close(model);
    assert_true(one.frames > 0 && style_speech_is_finite(&one));
    assert_int_equal(one.frames, two.frames); /* however many threads there are */
    for (size_t i = 0; i < one.frames; i++)
        assert_true(fabsf(one.samples[i] - two.samples[i]) < 1e-4f);
    style_speech_release(&one);
    style_speech_release(&two);
}

/* Turbo keeps the pace, and where the processor computes in 8 bits its error far below the speech. */
static void check_turbo(const struct folder *f, const char *packed)
{
    struct err err = { 0 };
    struct style_speech exact, turbo;
    double signal = 0, noise = 0;
    char *packed_int8 = prepared_turbo(packed);
    struct style_model *models[] = { style_model_open_native(f->model, packed, NULL, 2, &err),
                                     style_model_open_native(f->model, packed, packed_int8, 2,
                                                             &err) };

    check_ok(models[0] && models[1], &err);
    speak(f, models[0], &exact);
    speak(f, models[1], &turbo);
    assert_int_equal(exact.frames, turbo.frames);
    for (size_t i = 0; i < exact.frames; i++) {
        double error = (double)turbo.samples[i] - (double)exact.samples[i];

        signal += (double)exact.samples[i] * (double)exact.samples[i];
        noise += error * error;
    }
    assert_true(noise < signal / 100);
    assert_true((noise > 0) == (int8_kernel() != NULL));
    assert_true(file_is_regular(packed_int8) == (int8_kernel() != NULL));
    style_speech_release(&exact);
    style_speech_release(&turbo);
    style_model_close(models[0]);
    style_model_close(models[1]);
    free(packed_int8);
}

static void check_needs_no_library(struct engine_config config)
{
    struct err err = { 0 };

    config.onnxruntime = "/no/such/library.so";
    check_ok(engine_is_available(&config, "kokoro", &err), &err);
    struct engine *engine = engine_open(&config, "kokoro", NULL, &err);
    check_ok(engine, &err);
    engine_close(engine);
}

static void test_a_preparation_is_found_used_and_removed(void **state)
{
    struct folder f;
    struct err err = { 0 };
    uint64_t freed = 0;

    (void)state;
    need_runtime();
    char *from = need_model("kokoro/model.onnx");
    *strrchr(from, '/') = '\0';
    make_folder(&f, from);
    assert_null(find(&f));
    /* It compares itself with ONNX Runtime. */
    check_ok(prepared_make(&f.config, &f.installed, NULL, &err), &err);
    char *packed = find(&f);
    assert_non_null(packed);
    check_speaks(&f, packed);
    check_turbo(&f, packed);
    check_needs_no_library(f.config);

    uint64_t size = prepared_size(f.models, f.model);
    char *unfinished = leave_unfinished(&f, packed);
    assert_int_equal(prepared_size(f.models, f.model), size + 4);
    check_ok(prepared_remove_unfinished(f.models, f.model, &err), &err);
    assert_false(file_is_directory(unfinished));
    assert_true(file_is_regular(packed));

    assert_int_equal(unlink(f.model), 0);
    check_ok(file_write(f.model, "another model", 13, &err), &err);
    assert_null(find(&f)); /* it was made of something else */
    assert_false(prepared_exists(f.models, f.model));
    assert_int_equal(unlink(f.model), 0);
    assert_int_equal(prepared_size(f.models, f.model), size);
    assert_true(size > 0);
    check_ok(prepared_remove(f.models, f.model, &freed, &err), &err);
    assert_int_equal(freed, size);
    assert_false(has_leftovers(&f));
    free(unfinished);
    free(packed);
    remove_folder(&f);
    free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_model_of_another_architecture_is_left_alone),
        cmocka_unit_test(test_a_folder_that_cannot_be_written_is_an_error),
        cmocka_unit_test(test_a_preparation_is_found_used_and_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
