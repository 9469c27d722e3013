#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "nn/workspace.h"

#define LIMIT ((size_t)1 << 24)

static struct workspace *new_workspace(void)
{
    struct err err = { 0 };
    struct workspace *workspace = workspace_create(LIMIT, &err);

    if (!workspace)
        fail_msg("%s", err.message);
    return workspace;
}

static void test_buffers_are_aligned_and_apart(void **state)
{
    static const size_t counts[] = { 1, 15, 16, 17, 0, 1000, 3 };
    struct workspace *workspace = new_workspace();
    float *buffers[COUNT(counts)];

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        buffers[i] = workspace_floats(workspace, counts[i]);
        assert_int_equal((uintptr_t)buffers[i] % 64, 0);
        for (size_t k = 0; k < counts[i]; k++)
            buffers[i][k] = (float)i;
    }
    for (size_t i = 0; i < COUNT(counts); i++)
        for (size_t k = 0; k < counts[i]; k++)
            assert_true(buffers[i][k] == (float)i);
    workspace_destroy(workspace);
}

static void test_a_matrix_has_room_for_whole_strides(void **state)
{
    struct workspace *workspace = new_workspace();
    struct matrix matrix = workspace_matrix(workspace, 3, 33);

    (void)state;
    assert_int_equal(matrix.rows, 3);
    assert_int_equal(matrix.columns, 33);
    assert_int_equal(matrix.stride, 64);
    memset(matrix.data, 0, 3 * 64 * sizeof *matrix.data);
    for (size_t row = 0; row < 3; row++)
        assert_int_equal((uintptr_t)matrix_row(&matrix, row) % 64, 0);
    float *next = workspace_floats(workspace, 1);
    assert_true(next >= matrix.data + (size_t)3 * 64);
    workspace_destroy(workspace);
}

static void test_what_is_released_is_given_out_again(void **state)
{
    struct workspace *workspace = new_workspace();

    (void)state;
    float *kept = workspace_floats(workspace, 100);
    kept[99] = 7;
    size_t mark = workspace_mark(workspace);
    float *first = workspace_floats(workspace, 1000);
    size_t peak = workspace_peak(workspace);
    assert_true(peak >= 1100 * sizeof(float));
    workspace_release(workspace, mark);
    assert_int_equal(workspace_mark(workspace), mark);
    assert_ptr_equal(workspace_floats(workspace, 10), first);
    assert_int_equal(workspace_peak(workspace), peak);
    assert_true(kept[99] == 7);
    workspace_destroy(workspace);
}

static long resident_pages(void)
{
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return resident;
}

static void test_trimming_gives_pages_back(void **state)
{
    struct workspace *workspace = new_workspace();
    size_t count = LIMIT / sizeof(float) / 2;
    long pages = (long)(LIMIT / 2) / sysconf(_SC_PAGESIZE);

    (void)state;
    memset(workspace_floats(workspace, count), 1, count * sizeof(float));
    long full = resident_pages();
    workspace_release(workspace, 0);
    workspace_trim(workspace);
    assert_true(full - resident_pages() > pages / 2);
    float *again = workspace_floats(workspace, count);
    assert_true(again[count - 1] == 0); /* pages of their own, new ones */
    workspace_destroy(workspace);
}

/* Runs in a process of its own, which is to abort with a message on its standard error. */
static void check_ends(const char *name, size_t rows, size_t columns)
{
    char text[256] = "";
    int ends[2], status = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = { 0, 0 };
        struct workspace *workspace = new_workspace();

        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL); /* cmocka's handler would go on */
        dup2(ends[1], STDERR_FILENO);
        workspace_matrix(workspace, rows, columns);
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    check_case(name, WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    check_case(name, length > 0 && strstr(text, "out of memory"));
}

static void test_beyond_the_limit_the_program_ends(void **state)
{
    struct workspace *workspace = new_workspace();

    (void)state;
    check_ends("a row too many", LIMIT / 128 + 1, 32);
    check_ends("more than a size_t of bytes", SIZE_MAX / 32, 32);
    check_ends("more than a size_t of floats", SIZE_MAX / 2, 32);
    check_ends("a stride that overflows", 1, SIZE_MAX);
    size_t mark = workspace_mark(workspace);
    workspace_matrix(workspace, LIMIT / 128 - 1, 32); /* next to them, what fits */
    assert_true(workspace_mark(workspace) - mark >= LIMIT - 256);
    workspace_destroy(workspace);
}

static void test_a_region_beyond_the_address_space_is_an_error(void **state)
{
    struct err err = { 0 };

    (void)state;
    assert_null(workspace_create((size_t)1 << 60, &err));
    assert_int_equal(err.kind, ERR_INTERNAL);
    workspace_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffers_are_aligned_and_apart),
        cmocka_unit_test(test_a_matrix_has_room_for_whole_strides),
        cmocka_unit_test(test_what_is_released_is_given_out_again),
        cmocka_unit_test(test_trimming_gives_pages_back),
        cmocka_unit_test(test_beyond_the_limit_the_program_ends),
        cmocka_unit_test(test_a_region_beyond_the_address_space_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
