#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "folder.h"
#include "nn/packing.h"
#include "onnx_bytes.h"

#define HEADER 4096 /* bytes; floats follow */

/* A model in a folder of its own, and where its packed weights go. */
struct place {
    char *folder, *model, *packed;
};

/* weight [1, 2, 3] of /net/Gemm: first, first + 1, …; bias [5]: its fifths. */
static void write_model(const struct place *place, float first)
{
    static const uint64_t shape[] = { 1, 2, 3 }, length[] = { 5 };
    struct buf graph = BUF(BYTES_MAX);
    struct err err = { 0 };
    float weight[6], bias[5];

    for (int i = 0; i < 6; i++)
        weight[i] = first + (float)i;
    for (int i = 0; i < 5; i++)
        bias[i] = first + (float)i / 5;
    put_node(&graph, "/net/Gemm", (const char *const[]){ "x", "weight", "net.bias", NULL });
    put_floats(&graph, "weight", shape, 3, weight, 6);
    put_floats(&graph, "net.bias", length, 1, bias, 5);
    struct buf model = new_model(&graph);
    check_ok(file_write(place->model, model.data, model.len, &err), &err);
    buf_release(&model);
}

static int set_up(void **state)
{
    struct place *place = xcalloc(1, sizeof *place);

    place->folder = temp_folder();
    place->model = path_join(place->folder, "model.onnx");
    place->packed = path_join(place->folder, "packed/model.weights");
    write_model(place, 1);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    temp_folder_remove(place->folder);
    free(place->model);
    free(place->packed);
    free(place);
    return 0;
}

/* --- a network --- */

struct network {
    const float *weight, *bias, *same;
    size_t walks, packs;
};

static size_t packs; /* of the network under test, in this thread's order */

/* [2][3] turned into [3][2] and filled up to 20 floats. */
static void turn(const float *source, const size_t *dims, float *packed)
{
    packs++;
    for (size_t i = 0; i < dims[0]; i++)
        for (size_t k = 0; k < dims[1]; k++)
            packed[k * dims[0] + i] = source[i * dims[1] + k];
}

static void walk(struct packing *packing, void *state)
{
    static const size_t dims[] = { 2, 3 };
    struct network *network = state;

    network->weight = packing_next(packing, "/net/Gemm", 1, dims, 2, 20, turn);
    network->bias = packing_vector(packing, "/net/Gemm", 2, 5);
    network->same = packing_vector_named(packing, "net.bias", 5);
    network->walks++;
}

static void check_network(const struct network *network, float first)
{
    static const float turned[] = { 0, 3, 1, 4, 2, 5 };

    assert_non_null(network->weight);
    assert_int_equal((uintptr_t)network->weight % 64, 0);
    assert_int_equal((uintptr_t)network->bias % 64, 0);
    assert_int_equal((uintptr_t)network->same % 64, 0);
    for (size_t i = 0; i < 20; i++)
        assert_true(network->weight[i] == (i < 6 ? first + turned[i] : 0));
    for (size_t i = 0; i < 32; i++) {
        assert_true(network->bias[i] == (i < 5 ? first + (float)i / 5 : 0));
        assert_true(network->same[i] == network->bias[i]);
    }
}

/* Opens, compares and closes; whether the file was made for it. */
static bool opens(const struct place *place, float first)
{
    struct network network = { 0 };
    struct err err = { 0 };
    size_t before = packs;

    struct packed_file *file = packed_file_open(place->packed, place->model, walk, &network, &err);
    if (!file)
        fail_msg("%s", err.message);
    check_network(&network, first);
    packed_file_forget(file);
    check_network(&network, first);
    packed_file_close(file);
    return packs > before;
}

static enum err_kind refusal(const struct place *place, packing_walk *how, const char *message)
{
    struct network network = { 0 };
    struct err err = { 0 };

    assert_null(packed_file_open(place->packed, place->model, how, &network, &err));
    if (!strstr(err.message, message))
        fail_msg("%s: %s", message, err.message);
    return err.kind;
}

/* --- making and opening --- */

static void test_weights_are_packed_once_and_mapped_then(void **state)
{
    const struct place *place = *state;
    char *folder = path_join(place->folder, "packed");

    assert_true(opens(place, 1));
    assert_false(opens(place, 1));
    assert_false(opens(place, 1));
    assert_int_equal(count_entries(folder), 1); /* nothing temporary stays */
    free(folder);
    packed_file_close(NULL);
}

static void test_another_model_is_packed_anew(void **state)
{
    const struct place *place = *state;
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1e9, .tv_nsec = 7 } };

    opens(place, 1);
    write_model(place, 100);
    assert_true(opens(place, 100));
    assert_false(opens(place, 100));
    assert_int_equal(utimensat(AT_FDCWD, place->model, times, 0), 0);
    assert_true(opens(place, 100));

    /* The same size and time; only the content tells. */
    write_model(place, 200);
    assert_int_equal(utimensat(AT_FDCWD, place->model, times, 0), 0);
    assert_true(opens(place, 200));
    assert_false(opens(place, 200));
}

/* --- damage --- */

static void flip_bit(const char *path, off_t offset)
{
    uint8_t byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_int_equal(pread(fd, &byte, 1, offset), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
}

static void test_a_damaged_header_is_made_anew(void **state)
{
    const struct place *place = *state;

    opens(place, 1);
    for (off_t at = 0; at < 120; at++) {
        flip_bit(place->packed, at);
        if (!opens(place, 1))
            fail_msg("byte %d of the header was not looked at", (int)at);
    }
    assert_false(opens(place, 1));
}

static void test_a_file_cut_short_or_grown_is_made_anew(void **state)
{
    static const off_t lengths[] = { 0,          1,      8,          119,          120,
                                     HEADER - 1, HEADER, HEADER + 4, HEADER + 384, 1 << 20 };
    const struct place *place = *state;
    struct stat info;

    opens(place, 1);
    assert_int_equal(stat(place->packed, &info), 0);
    assert_int_equal(info.st_size, HEADER + (32 + 32 + 32) * sizeof(float));
    for (size_t i = 0; i < COUNT(lengths); i++) {
        if (lengths[i] == info.st_size)
            continue;
        assert_int_equal(truncate(place->packed, lengths[i]), 0);
        assert_true(opens(place, 1));
    }
    assert_int_equal(truncate(place->packed, info.st_size - 1), 0);
    assert_true(opens(place, 1));
    assert_int_equal(truncate(place->packed, info.st_size + 1), 0);
    assert_true(opens(place, 1));
    assert_false(opens(place, 1));
}

static void test_another_kind_of_file_is_replaced(void **state)
{
    const struct place *place = *state;
    struct err err = { 0 };
    char *text = xcalloc(1, 8192);

    opens(place, 1);
    memset(text, 'x', 8192);
    check_ok(file_write(place->packed, text, 8192, &err), &err);
    assert_true(opens(place, 1));
    free(text);
}

/* --- other walks --- */

static void walk_less(struct packing *packing, void *state)
{
    struct network *network = state;
    static const size_t dims[] = { 2, 3 };

    network->weight = packing_next(packing, "/net/Gemm", 1, dims, 2, 20, turn);
}

static void walk_more(struct packing *packing, void *state)
{
    walk(packing, state);
    packing_vector(packing, "/net/Gemm", 2, 5);
}

/* As many floats as walk. */
static void walk_in_another_order(struct packing *packing, void *state)
{
    struct network *network = state;
    static const size_t dims[] = { 2, 3 };

    network->same = packing_vector_named(packing, "net.bias", 5);
    network->weight = packing_next(packing, "/net/Gemm", 1, dims, 2, 20, turn);
    network->bias = packing_vector(packing, "/net/Gemm", 2, 5);
}

static void test_another_walk_makes_its_own_file(void **state)
{
    static packing_walk *const walks[] = { walk_less, walk_more, walk_in_another_order };
    const struct place *place = *state;

    for (size_t i = 0; i < COUNT(walks); i++) {
        struct network network = { 0 };
        struct err err = { 0 };

        opens(place, 1);
        size_t before = packs;
        struct packed_file *file =
            packed_file_open(place->packed, place->model, walks[i], &network, &err);
        assert_non_null(file);
        assert_true(packs > before);
        assert_true(network.weight[1] == 4);
        packed_file_close(file);
        assert_true(opens(place, 1));
    }
}

/* Asks for one more each time. */
static void walk_that_changes(struct packing *packing, void *state)
{
    struct network *network = state;

    network->walks++;
    for (size_t i = 0; i < network->walks; i++)
        packing_vector(packing, "/net/Gemm", 2, 5);
}

static void test_a_walk_that_is_not_the_same_twice_fails(void **state)
{
    const struct place *place = *state;

    assert_int_equal(refusal(place, walk_that_changes, "other weights"), ERR_INTERNAL);
    assert_false(file_exists(place->packed));
}

/* --- other architectures --- */

static void walk_other_shape(struct packing *packing, void *state)
{
    static const size_t dims[] = { 3, 2 };

    (void)state;
    packing_next(packing, "/net/Gemm", 1, dims, 2, 6, turn);
    packing_vector(packing, "absent", 2, 5); /* not reached: the first error stays */
}

static void walk_other_rank(struct packing *packing, void *state)
{
    static const size_t dims[] = { 1, 1, 2, 3 };

    (void)state;
    packing_next(packing, "/net/Gemm", 1, dims, 4, 6, turn);
}

static void walk_front_that_is_not_one(struct packing *packing, void *state)
{
    static const size_t dims[] = { 3 };

    (void)state;
    packing_next(packing, "/net/Gemm", 1, dims, 1, 6, turn);
}

static void walk_other_length(struct packing *packing, void *state)
{
    (void)state;
    packing_vector_named(packing, "net.bias", 6);
}

static void walk_absent(struct packing *packing, void *state)
{
    (void)state;
    packing_vector(packing, "/net/Conv", 1, 5);
}

static void test_another_architecture_is_unsupported_and_writes_nothing(void **state)
{
    const struct place *place = *state;
    static const struct {
        packing_walk *walk;
        const char *message;
    } cases[] = {
        { walk_other_shape, "/net/Gemm has weights of the shape [1, 2, 3] instead of [3, 2]" },
        { walk_other_rank, "[1, 2, 3] instead of [1, 1, 2, 3]" },
        { walk_front_that_is_not_one, "[1, 2, 3] instead of [3]" },
        { walk_other_length, "net.bias has weights of the shape [5] instead of [6]" },
        { walk_absent, "/net/Conv" },
    };
    size_t before = packs;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(refusal(place, cases[i].walk, cases[i].message), ERR_UNSUPPORTED);
    assert_int_equal(packs, before);
    assert_false(file_exists(place->packed));
    assert_int_equal(count_entries(place->folder), 1);
}

static void test_what_is_no_model_is_corrupt(void **state)
{
    const struct place *place = *state;
    struct err err = { 0 };

    opens(place, 1);
    check_ok(file_write(place->model, "<html>", 6, &err), &err);
    assert_int_equal(refusal(place, walk, place->model), ERR_CORRUPT);
    remove(place->model);
    assert_int_equal(refusal(place, walk, place->model), ERR_NOT_FOUND);
}

/* --- places that refuse --- */

static void test_a_place_that_cannot_be_written_is_an_error(void **state)
{
    struct place *place = *state;
    char *packed = place->packed;

    place->packed = path_join(place->model, "below/a.file");
    assert_int_equal(refusal(place, walk, place->model), ERR_IO);
    free(place->packed);
    place->packed = packed;

    assert_int_equal(mkdir(place->packed, 0700), -1);
    opens(place, 1);
    remove(place->packed);
    assert_int_equal(mkdir(place->packed, 0700), 0); /* a folder of that name */
    assert_int_equal(refusal(place, walk, place->packed), ERR_IO);
}

static void test_a_folder_without_permission_is_an_error(void **state)
{
    const struct place *place = *state;
    char *folder = path_join(place->folder, "packed");

    if (geteuid() == 0) { /* may write everywhere */
        free(folder);
        skip();
    }
    assert_int_equal(mkdir(folder, 0500), 0);
    assert_int_equal(refusal(place, walk, place->packed), ERR_IO);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_true(opens(place, 1));
    free(folder);
}

static void test_a_write_that_fails_leaves_nothing(void **state)
{
    static const rlim_t limits[] = { 0, 100, HEADER, HEADER + 100 };
    const struct place *place = *state;
    char *folder = path_join(place->folder, "packed");
    struct rlimit before, limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN); /* the write fails instead */
    for (size_t i = 0; i < COUNT(limits); i++) {
        limit = (struct rlimit){ limits[i], before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        enum err_kind kind = refusal(place, walk, place->packed);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(kind, ERR_IO);
        assert_int_equal(count_entries(folder), 0);
    }
    assert_true(opens(place, 1));
    free(folder);
}

/* --- races --- */

static void test_processes_may_race(void **state)
{
    const struct place *place = *state;
    char *folder = path_join(place->folder, "packed");
    pid_t children[6];

    for (size_t i = 0; i < COUNT(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            for (int k = 0; k < 8; k++) {
                struct network network = { 0 };
                struct err err = { 0 };
                struct packed_file *file =
                    packed_file_open(place->packed, place->model, walk, &network, &err);

                if (!file || network.weight[1] != 4 || network.same[4] != 1.8F)
                    _exit(1);
                packed_file_close(file);
                unlink(place->packed); /* the others go on with what they mapped */
            }
            _exit(0);
        }
    }
    for (size_t i = 0; i < COUNT(children); i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_true(opens(place, 1));
    assert_int_equal(count_entries(folder), 1);
    free(folder);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_weights_are_packed_once_and_mapped_then),
        CASE(test_another_model_is_packed_anew),
        CASE(test_a_damaged_header_is_made_anew),
        CASE(test_a_file_cut_short_or_grown_is_made_anew),
        CASE(test_another_kind_of_file_is_replaced),
        CASE(test_another_walk_makes_its_own_file),
        CASE(test_a_walk_that_is_not_the_same_twice_fails),
        CASE(test_another_architecture_is_unsupported_and_writes_nothing),
        CASE(test_what_is_no_model_is_corrupt),
        CASE(test_a_place_that_cannot_be_written_is_an_error),
        CASE(test_a_folder_without_permission_is_an_error),
        CASE(test_a_write_that_fails_leaves_nothing),
        CASE(test_processes_may_race),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
