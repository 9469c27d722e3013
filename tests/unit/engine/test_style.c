#include <math.h>

#include "base/file.h"
#include "engine/style.h"
#include "fixtures.h"

/* What make_models.py puts into column 0 of voice v, row r. */
static double marked(int voice, size_t row)
{
    return 0.1 * (voice + 1) + (double)row / 4096;
}

static void check_table(const char *name, const struct style_table *table, size_t rows, int voice)
{
    check_case(name, table->rows == rows);
    check_case(name, fabs(table->values[0] - marked(voice, 0)) < 1e-6);
    check_case(name,
               fabs(table->values[(rows - 1) * STYLE_COLUMNS] - marked(voice, rows - 1)) < 1e-6);
    check_case(name, table->values[1] == 0);
}

static void test_every_form_gives_the_same_table(void **state)
{
    static const struct {
        const char *file;
        struct style_pick pick;
        size_t rows;
        int voice;
    } cases[] = {
        { "kokoro/voices/af_bella.bin", { 0 }, 510, 1 },
        { "kokoro-v1.0/voices-v1.0.bin", { .name = "am_adam" }, 510, 2 },
        { "kokoro-v0.19/voices.bin", { .name = "af" }, 511, 0 },
        { "kokoro-v0.19-json/voices.json", { .name = "af_bella" }, 511, 1 },
        { "kokoro-double/af_heart.kokorovoice", { 0 }, 510, 0 },
        { "kokoro-sherpa/voices.bin", { .rows = 510, .index = 3 }, 510, 3 },
        { "kitten/voices.npz", { .name = "expr-voice-3-m" }, 400, 2 },
        { "kitten-nano-0.1/voices.npz", { .name = "expr-voice-2-m" }, 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        char *path = fixture(cases[i].file);
        struct style_table *table = style_load(path, &cases[i].pick, &err);

        if (!table)
            fail_msg("%s: %s", cases[i].file, err.message);
        check_table(cases[i].file, table, cases[i].rows, cases[i].voice);
        style_table_destroy(table);
        free(path);
    }
}

static void test_names_are_listed_in_the_files_order(void **state)
{
    static const struct {
        const char *file;
        size_t count;
        const char *first;
        size_t rows;
    } cases[] = {
        { "kokoro-v1.0/voices-v1.0.bin", 4, "af_heart", 0 },
        { "kokoro-v0.19-json/voices.json", 2, "af", 0 },
        { "kitten/voices.npz", 8, "expr-voice-2-m", 0 },
        { "kokoro/voices/af_bella.bin", 0, NULL, 510 },
        { "kokoro-double/af_heart.kokorovoice", 0, NULL, 510 },
        { "kokoro-sherpa/voices.bin", 0, NULL, 4 * 510 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = { 0 };
        struct style_names names;
        char *path = fixture(cases[i].file);

        check_ok(style_list(path, &names, &err), &err);
        check_case(cases[i].file, names.count == cases[i].count && names.rows == cases[i].rows);
        if (names.count > 0)
            check_text(cases[i].file, names.items[0], cases[i].first);
        style_names_release(&names);
        free(path);
    }
}

static void test_rows_past_the_end_are_the_last_row(void **state)
{
    float values[2 * STYLE_COLUMNS] = { [STYLE_COLUMNS] = 1 };
    struct style_table table = { 2, values };

    (void)state;
    assert_ptr_equal(style_table_row(&table, 0), values);
    assert_ptr_equal(style_table_row(&table, 1), values + STYLE_COLUMNS);
    assert_ptr_equal(style_table_row(&table, 510), values + STYLE_COLUMNS);
}

/* --- files made here --- */

struct made {
    const char *name;
    const char *bytes;
    size_t length;
    struct style_pick pick;
    enum err_kind kind;
};

static void check_refused(const char *folder, const struct made *made)
{
    struct err err = { 0 };
    char *path = str_format("%s/voice", folder);

    check_ok(file_write(path, made->bytes, made->length, &err), &err);
    struct style_table *table = style_load(path, &made->pick, &err);
    check_case(made->name, !table);
    if (err.kind != made->kind)
        fail_msg("%s: %s, %s", made->name, err_kind_name(err.kind), err.message);
    check_case(made->name, strstr(err.message, path));
    free(path);
}

static void test_damaged_and_foreign_files_are_refused(void **state)
{
    static const char zeros[4 * 1024];
    static const struct made cases[] = {
        { "empty", "", 0, { 0 }, ERR_CORRUPT },
        { "short", zeros, 1000, { 0 }, ERR_CORRUPT },
        { "odd", zeros, 1026, { 0 }, ERR_CORRUPT },
        { "index past the end", zeros, 2048, { .rows = 1, .index = 2 }, ERR_NOT_FOUND },
        { "no whole voices", zeros, 3072, { .rows = 2 }, ERR_CORRUPT },
        { "too many rows", zeros, 2048, { .rows = STYLE_ROWS_MAX + 1 }, ERR_CORRUPT },
        { "KVO1 cut", "KVO1\2\0\0\0\0\1\0\0", 12, { 0 }, ERR_CORRUPT },
        { "KVO1 without sizes", "KVO1\2\0", 6, { 0 }, ERR_CORRUPT },
        { "KVO1 huge", "KVO1\xff\xff\xff\xff\0\1\0\0", 12, { 0 }, ERR_CORRUPT },
        { "JSON, no such voice", "{\"af\": [1]}", 11, { .name = "bf" }, ERR_NOT_FOUND },
        { "JSON, not named", "{\"af\": [1]}", 11, { 0 }, ERR_INVALID },
        { "JSON, too few numbers", "{\"af\": [1]}", 11, { .name = "af" }, ERR_CORRUPT },
        { "JSON, not numbers", "{\"af\": [[\"x\"]]}", 15, { .name = "af" }, ERR_CORRUPT },
        { "JSON, too deep", "{\"af\": [[[[[[1]]]]]]}", 21, { .name = "af" }, ERR_CORRUPT },
        { "JSON cut", "{\"af\": [1", 9, { .name = "af" }, ERR_INVALID },
        { "ZIP cut", "PK\3\4\0\0", 6, { .name = "af" }, ERR_CORRUPT },
    };
    char *folder = temp_folder();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_refused(folder, &cases[i]);
    temp_folder_remove(folder);
}

static void test_numbers_that_are_not_finite_are_refused(void **state)
{
    float values[STYLE_COLUMNS] = { [7] = NAN };
    struct made made = { "NaN", (const char *)values, sizeof values, { 0 }, ERR_CORRUPT };
    char *folder = temp_folder();

    (void)state;
    check_refused(folder, &made);
    values[7] = INFINITY;
    check_refused(folder, &made);
    temp_folder_remove(folder);
}

/* A float can begin with the byte of a brace. */
static void test_bare_floats_that_begin_like_json_are_floats(void **state)
{
    float values[STYLE_COLUMNS] = { 0 };
    struct err err = { 0 };
    char *folder = temp_folder();
    char *path = str_format("%s/voice", folder);

    (void)state;
    memcpy(values, "{\x80\x80\x3f", 4);
    check_ok(file_write(path, values, sizeof values, &err), &err);
    struct style_table *table = style_load(path, &(struct style_pick){ 0 }, &err);
    if (!table)
        fail_msg("%s", err.message);
    assert_memory_equal(table->values, values, sizeof values);
    style_table_destroy(table);
    free(path);
    temp_folder_remove(folder);
}

static void test_changed_archives_are_read_safely(void **state)
{
    struct err err = { 0 };
    struct file_map map;
    char *source = fixture("kitten-nano-0.1/voices.npz");
    char *folder = temp_folder();
    char *path = str_format("%s/voices.npz", folder);
    uint32_t random = 7;

    (void)state;
    check_ok(file_map(&map, source, &err), &err);
    uint8_t *bytes = malloc(map.length);
    for (int i = 0; i < 300; i++) {
        struct style_names names;

        memcpy(bytes, map.bytes, map.length);
        for (int j = 0; j < 8; j++) {
            random = random * 1664525 + 1013904223;
            bytes[4 + (random >> 8) % (map.length - 4)] = (uint8_t)(random >> 24);
        }
        check_ok(file_write(path, bytes, map.length, &err), &err);
        if (style_list(path, &names, &err)) {
            for (size_t j = 0; j < names.count; j++)
                style_table_destroy(
                    style_load(path, &(struct style_pick){ .name = names.items[j] }, &err));
            style_names_release(&names);
        }
    }
    free(bytes);
    file_unmap(&map);
    free(path);
    free(source);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_gives_the_same_table),
        cmocka_unit_test(test_names_are_listed_in_the_files_order),
        cmocka_unit_test(test_rows_past_the_end_are_the_last_row),
        cmocka_unit_test(test_damaged_and_foreign_files_are_refused),
        cmocka_unit_test(test_numbers_that_are_not_finite_are_refused),
        cmocka_unit_test(test_bare_floats_that_begin_like_json_are_floats),
        cmocka_unit_test(test_changed_archives_are_read_safely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
