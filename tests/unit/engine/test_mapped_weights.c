#include <inttypes.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/path.h"
#include "check.h"
#include "engine/mapped_weights.h"

#define LENGTH ((size_t)1 << 20)

struct mapping {
    char *folder, *path;
    const uint8_t *bytes;
    struct mapped_weights *weights;
};

static int set_up(void **state)
{
    struct mapping *m = xcalloc(1, sizeof *m);
    uint8_t *content = xmalloc(LENGTH);
    struct file_map map;
    struct err err;

    memset(content, 0x5A, LENGTH);
    m->folder = temp_folder();
    m->path = path_join(m->folder, "weights.bin");
    check_ok(file_write(m->path, content, LENGTH, &err), &err);
    check_ok(file_map(&map, m->path, &err), &err);
    m->bytes = map.bytes;
    m->weights = mapped_weights_find(m->path);
    free(content);
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct mapping *m = *state;

    mapped_weights_destroy(m->weights);
    munmap((void *)(uintptr_t)m->bytes, LENGTH);
    temp_folder_remove(m->folder);
    free(m->path);
    free(m);
    return 0;
}

/* kB of the mapping that are resident, from /proc/self/smaps. */
static long resident_kb(const struct mapping *m)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    uintptr_t start;
    bool is_ours = false;
    long kb = -1;

    while (kb < 0 && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%" SCNxPTR "-", &start) == 1 && strchr(line, '-'))
            is_ours = start == (uintptr_t)m->bytes;
        if (is_ours)
            sscanf(line, "Rss: %ld", &kb);
    }
    fclose(file);
    return kb;
}

static void touch(const struct mapping *m)
{
    for (size_t i = 0; i < LENGTH; i += 512)
        assert_int_equal(m->bytes[i], 0x5A);
}

static void test_the_generator_lets_go_once_a_pass_and_the_end_always(void **state)
{
    struct mapping *m = *state;

    assert_non_null(m->weights);
    touch(m);
    assert_int_equal(resident_kb(m), LENGTH / 1024);
    mapped_weights_generator_begins(m->weights); /* no pass has begun */
    assert_int_equal(resident_kb(m), LENGTH / 1024);
    mapped_weights_pass_begins(m->weights);
    mapped_weights_generator_begins(m->weights);
    assert_int_equal(resident_kb(m), 0);
    touch(m);
    mapped_weights_generator_begins(m->weights);
    assert_int_equal(resident_kb(m), LENGTH / 1024);
    mapped_weights_pass_ends(m->weights);
    assert_int_equal(resident_kb(m), 0);
    touch(m);
}

static void test_used_bytes_are_let_go_by_whole_pages_of_the_file_only(void **state)
{
    struct mapping *m = *state;
    char elsewhere[3 * 4096];

    memset(elsewhere, 0x11, sizeof elsewhere);
    touch(m);
    mapped_weights_used(m->weights, elsewhere, sizeof elsewhere);
    for (size_t i = 0; i < sizeof elsewhere; i++)
        assert_int_equal(elsewhere[i], 0x11);
    mapped_weights_used(m->weights, m->bytes + 100, 4096); /* no whole page */
    assert_int_equal(resident_kb(m), LENGTH / 1024);
    mapped_weights_used(m->weights, m->bytes, LENGTH / 2);
    assert_int_equal(resident_kb(m), LENGTH / 2048);
    touch(m);
}

static void test_a_file_that_is_not_mapped_is_not_found(void **state)
{
    struct mapping *m = *state;
    char *other = path_join(m->folder, "other.bin");
    struct err err;

    check_ok(file_write(other, "x", 1, &err), &err);
    assert_null(mapped_weights_find(other));
    assert_null(mapped_weights_find("/nonexistent/weights.bin"));
    mapped_weights_pass_begins(NULL);
    mapped_weights_generator_begins(NULL);
    mapped_weights_used(NULL, m->bytes, LENGTH);
    mapped_weights_pass_ends(NULL);
    mapped_weights_destroy(NULL);
    free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_generator_lets_go_once_a_pass_and_the_end_always),
        TEST(test_used_bytes_are_let_go_by_whole_pages_of_the_file_only),
        TEST(test_a_file_that_is_not_mapped_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
