#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "engine/fuse.h"
#include "engine/prepared.h"
#include "engine/style_model.h"
#include "fixtures.h"

/* A models folder with a copy of a made model that has Kokoro's patterns. */
struct folder {
    char *models, *model, *voices; /* owned */
    struct engine_config config;
    struct installed_model installed;
    struct ort *ort;
};

static void copy_file(const char *from, const char *to)
{
    struct buf bytes = BUF(1 << 24);
    struct err err;

    check_ok(file_read(from, &bytes, &err), &err);
    check_ok(file_write(to, bytes.data, bytes.len, &err), &err);
    buf_release(&bytes);
}

static void make_folder(struct folder *f, const char *name)
{
    struct err err;

    need_runtime();
    *f = (struct folder){ .models = temp_folder() };
    char *from = fixture(name), *source = path_join(from, "model.onnx");
    char *voice = path_join(from, "voices/af_heart.bin");
    f->model = path_join(f->models, "model.onnx");
    f->voices = path_join(f->models, "voices");
    copy_file(source, f->model);
    check_ok(directory_create(f->voices, &err), &err);
    char *to = path_join(f->voices, "af_heart.bin");
    copy_file(voice, to);
    f->config = (struct engine_config){ .models_dir = f->models, .threads = 1 };
    check_ok(installed_model_find(&f->config, FAMILY_KOKORO, f->model, &f->installed, &err), &err);
    f->ort = ort_open(NULL, &err);
    assert_non_null(f->ort);
    free(to);
    free(voice);
    free(source);
    free(from);
}

static void remove_folder(struct folder *f)
{
    ort_close(f->ort);
    installed_model_release(&f->installed);
    free(f->voices);
    free(f->model);
    temp_folder_remove(f->models);
}

static char *find(const struct folder *f)
{
    return prepared_find(f->models, f->model, ort_version(f->ort));
}

static void make(const struct folder *f)
{
    struct err err = { 0 };

    check_ok(prepared_make(&f->config, &f->installed, NULL, &err), &err);
}

static bool has_leftovers(const struct folder *f)
{
    char *root = path_join(f->models, ".prepared");
    bool is_there = file_exists(root);

    free(root);
    return is_there;
}

static void speak(struct style_model *model, struct style_speech *out)
{
    static const int64_t ids[] = { 0, 5, 16, 50, 7, 50, 12, 0 };
    float style[STYLE_COLUMNS] = { 0.25f };
    struct style_request request = { ids, COUNT(ids), style, 1.0 };
    struct err err = { 0 };

    for (size_t i = 1; i < 128; i++)
        style[i] = 0.1f * cosf((float)i);
    check_ok(style_model_run(model, &request, out, NULL, &err), &err);
}

static void check_same(const struct style_speech *a, const struct style_speech *b)
{
    double signal = 0, noise = 0;

    assert_int_equal(a->frames, b->frames);
    assert_non_null(a->id_start);
    assert_memory_equal(a->id_start, b->id_start, 9 * sizeof *a->id_start);
    for (size_t i = 0; i < a->frames; i++) {
        signal += pow((double)a->samples[i], 2);
        noise += pow((double)a->samples[i] - (double)b->samples[i], 2);
    }
    assert_true(signal > 0);
    if (noise > 0)
        assert_true(10 * log10(signal / noise) > 90);
}

static void test_a_prepared_model_sounds_like_its_source(void **state)
{
    struct style_speech expected, actual;
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro-generator");
    assert_null(find(&f));
    make(&f);
    char *path = find(&f);
    assert_non_null(path);
    struct style_model *source = style_model_open(f.ort, f.model, 1, &err);
    speak(source, &expected);
    style_model_close(source);
    for (int threads = 1; threads <= 2; threads++) {
        struct style_model *prepared = style_model_open_prepared(f.ort, path, threads, &err);

        assert_non_null(prepared);
        speak(prepared, &actual);
        check_same(&expected, &actual);
        style_speech_release(&actual);
        style_model_close(prepared);
    }
    style_speech_release(&expected);
    free(path);
    remove_folder(&f);
}

static void test_each_pattern_is_rewritten(void **state)
{
    struct fuse_counts counts;
    struct file_map model, weights;
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro-generator");
    char *simple = path_join(f.models, "simple"), *simple_weights = path_join(f.models, "weights");
    struct style_model *opened = style_model_simplify(f.ort, f.model, simple, "weights", &err);
    assert_non_null(opened);
    style_model_close(opened);
    check_ok(file_map(&model, simple, &err), &err);
    check_ok(file_map(&weights, simple_weights, &err), &err);
    struct onnx_graph *graph =
        onnx_graph_read(model.bytes, model.length, weights.bytes, weights.length, simple, &err);
    assert_non_null(graph);
    fuse_graph(graph, &counts);
    assert_int_equal(counts.convolutions, 6);
    assert_int_equal(counts.residuals, 3);
    assert_int_equal(counts.norms, 1);
    for (size_t i = 0; i < onnx_graph_node_count(graph); i++) {
        const char *op = onnx_graph_node(graph, i)->op_type;

        assert_string_not_equal(op, "Pow");
        assert_string_not_equal(op, "Sqrt");
        assert_string_not_equal(op, "LeakyRelu");
    }
    onnx_graph_close(graph);
    file_unmap(&weights);
    file_unmap(&model);
    free(simple_weights);
    free(simple);
    remove_folder(&f);
}

static void test_a_model_without_the_patterns_is_left_alone(void **state)
{
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro");
    assert_false(prepared_make(&f.config, &f.installed, NULL, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_false(has_leftovers(&f));
    remove_folder(&f);
}

static void test_a_changed_source_makes_its_copy_stale(void **state)
{
    const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
    struct folder f;

    (void)state;
    make_folder(&f, "kokoro-generator");
    make(&f);
    char *old = find(&f);
    assert_non_null(old);
    assert_int_equal(utimensat(AT_FDCWD, f.model, times, 0), 0);
    assert_null(find(&f));
    assert_null(prepared_find(f.models, f.model, "0.0.1"));
    make(&f);
    char *new = find(&f);
    assert_non_null(new);
    assert_false(file_exists(old)); /* the stale one went */
    free(new);
    free(old);
    remove_folder(&f);
}

static void test_a_damaged_copy_is_not_used_and_made_again(void **state)
{
    static const char *const names[] = { "model.onnx", "weights.bin", "manifest.json" };
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro-generator");
    for (size_t i = 0; i < COUNT(names); i++) {
        make(&f);
        char *path = find(&f);
        check_case(names[i], path != NULL);
        char *entry = xstrndup(path, (size_t)(path_base(path) - path));
        char *damaged = str_format("%s%s", entry, names[i]);
        check_ok(file_write(damaged, "short", 5, &err), &err);
        check_case(names[i], find(&f) == NULL);
        free(damaged);
        free(entry);
        free(path);
    }
    make(&f);
    char *path = find(&f);
    assert_non_null(path);
    free(path);
    remove_folder(&f);
}

static void test_removing_leaves_nothing(void **state)
{
    struct folder f;
    struct err err;
    uint64_t freed = 0;

    (void)state;
    make_folder(&f, "kokoro-generator");
    make(&f);
    uint64_t size = prepared_size(f.models, f.model);
    assert_true(size > 0);
    assert_int_equal(unlink(f.model), 0); /* it may be gone already */
    check_ok(prepared_remove(f.models, f.model, &freed, &err), &err);
    assert_int_equal(freed, size);
    assert_false(has_leftovers(&f));
    remove_folder(&f);
}

/* "<models>/.prepared/.<entry>-killed" with a file, as beside a copy that is there. */
static char *leave_unfinished(const struct folder *f, const char *copy)
{
    struct err err;
    char *folder = xstrndup(copy, (size_t)(path_base(copy) - copy - 1));
    char *unfinished = str_format("%s/.prepared/.%s-killed", f->models, path_base(folder));
    char *file = path_join(unfinished, "simple.bin");

    check_ok(directory_create(unfinished, &err), &err);
    check_ok(file_write(file, "half", 4, &err), &err);
    free(file);
    free(folder);
    return unfinished;
}

static void test_what_a_killed_preparation_leaves_goes_and_the_copy_stays(void **state)
{
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro-generator");
    make(&f);
    char *copy = find(&f);
    assert_non_null(copy);
    char *unfinished = leave_unfinished(&f, copy);
    check_ok(prepared_remove_unfinished(f.models, f.model, &err), &err);
    assert_false(file_is_directory(unfinished));
    char *found = find(&f);
    assert_non_null(found);
    free(found);
    free(unfinished);
    free(copy);
    remove_folder(&f);
}

static void test_two_processes_prepare_one_copy(void **state)
{
    struct folder f;
    pid_t children[2];

    (void)state;
    make_folder(&f, "kokoro-generator");
    for (size_t i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            execl("/proc/self/exe", "test", "--prepare", f.models, f.model, (char *)NULL);
            _exit(127);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    char *path = find(&f);
    assert_non_null(path);
    free(path);
    remove_folder(&f);
}

static void test_a_folder_that_cannot_be_written_is_an_error(void **state)
{
    struct folder f;
    struct err err;

    (void)state;
    make_folder(&f, "kokoro-generator");
    char *root = path_join(f.models, ".prepared");
    check_ok(file_write(root, "a file is in the way", 20, &err), &err);
    assert_false(prepared_make(&f.config, &f.installed, NULL, &err));
    assert_int_equal(err.kind, ERR_IO);
    free(root);
    remove_folder(&f);
}

static int prepare(const char *models, const char *model)
{
    const struct engine_config config = { .models_dir = models, .threads = 1 };
    struct installed_model installed;
    struct err err;

    if (!installed_model_find(&config, FAMILY_KOKORO, model, &installed, &err))
        return 2;
    bool ok = prepared_make(&config, &installed, NULL, &err);
    installed_model_release(&installed);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_prepared_model_sounds_like_its_source),
        cmocka_unit_test(test_each_pattern_is_rewritten),
        cmocka_unit_test(test_a_model_without_the_patterns_is_left_alone),
        cmocka_unit_test(test_a_changed_source_makes_its_copy_stale),
        cmocka_unit_test(test_a_damaged_copy_is_not_used_and_made_again),
        cmocka_unit_test(test_removing_leaves_nothing),
        cmocka_unit_test(test_what_a_killed_preparation_leaves_goes_and_the_copy_stays),
        cmocka_unit_test(test_two_processes_prepare_one_copy),
        cmocka_unit_test(test_a_folder_that_cannot_be_written_is_an_error),
    };

    if (argc == 4 && strcmp(argv[1], "--prepare") == 0)
        return prepare(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
