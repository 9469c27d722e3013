#include "check.h"

#include "base/file.h"
#include "base/path.h"
#include "models/catalogue.h"

#define HEX64 "0000000000000000000000000000000000000000000000000000000000000000"
#define BASE64                                                                                     \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

static struct catalogue *parse(const char *json, struct err *err)
{
    return catalogue_parse(json, strlen(json), "test", err);
}

static bool is_lower_hex(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static void check_file(const struct model_entry *entry, const struct model_file *file)
{
    check_case(file->path, file->path[0] != '/' && !strstr(file->path, ".."));
    check_case(file->path, file->sha256 && is_lower_hex(file->sha256));
    check_case(file->path, file->size > 0 || strcmp(entry->id, "kokoro-v0_19") == 0);
    for (size_t i = 0; i < file->source_count; i++)
        if (file->sources[i].kind == SOURCE_HTTPS)
            check_case(file->path, strncmp(file->sources[i].url, "https://", 8) == 0);
}

static void test_the_built_in_catalogue_is_whole_and_pins_every_file(void **state)
{
    struct err err;
    struct catalogue *catalogue = catalogue_open(&err);

    (void)state;
    check_ok(catalogue, &err);
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const struct model_entry *entry = catalogue_at(catalogue, i);

        check_case(entry->id, catalogue_find(catalogue, entry->id) == entry);
        for (size_t n = 0; entry->needs[n]; n++)
            check_case(entry->id, catalogue_find(catalogue, entry->needs[n]));
        for (size_t f = 0; f < entry->file_count; f++)
            check_file(entry, &entry->files[f]);
    }
    const struct model_entry *kokoro = catalogue_find(catalogue, "kokoro");
    assert_non_null(kokoro);
    assert_true(kokoro->is_default);
    assert_string_equal(kokoro->needs[0], "kokoro-voices");
    assert_int_equal(kokoro->files[0].sources[0].member_count, 19);
    assert_int_equal(catalogue_find(catalogue, "kokoro-voices")->file_count, 54);
    catalogue_close(catalogue);
}

static void test_joined_parts_are_listed_in_numeric_order(void **state)
{
    struct err err;
    struct catalogue *catalogue = catalogue_open(&err);

    (void)state;
    check_ok(catalogue, &err);
    const struct model_source *source = &catalogue_find(catalogue, "kokoro")->files[0].sources[0];
    for (size_t i = 0; i < source->member_count; i++) {
        char *expected = str_format("kokoro-fp32.part%zu.bin", i);

        check_text("member", source->members[i].member, expected);
        free(expected);
    }
    catalogue_close(catalogue);
}

#define ENTRY(id, needs, files)                                                                    \
    "{\"id\":\"" id "\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","   \
    "\"needs\":[" needs "],\"files\":[" files "]}"
#define FILE_OF(path, size, sha256, source)                                                        \
    "{\"path\":\"" path "\",\"size\":" size ",\"sha256\":" sha256 ",\"sources\":[" source "]}"
#define URL "{\"https\":\"https://example.org/a\"}"
#define GOOD FILE_OF("a/b", "1", "null", URL)
#define CATALOGUE(entries) "{\"packages\":{\"p@1\":\"sha512-" BASE64 "\"},\"models\":[" entries "]}"

static void test_a_catalogue_that_is_wrong_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *json, *reason;
    } cases[] = {
        { "{", "line 1" },
        { "{}", "no list of models" },
        { CATALOGUE("{\"id\":\"a\"}"), "no text for engine" },
        { CATALOGUE(ENTRY("a/b", "", GOOD)), "this is no id" },
        { CATALOGUE(ENTRY("..", "", GOOD)), "this is no id" },
        { CATALOGUE(ENTRY("a", "", "")), "it has no files" },
        { CATALOGUE(ENTRY("a", "", GOOD) "," ENTRY("a", "", FILE_OF("c", "1", "null", URL))),
          "the id is there twice" },
        { CATALOGUE(ENTRY("a", "", GOOD) "," ENTRY("b", "", GOOD)), "two files have the path" },
        { CATALOGUE(ENTRY("a", "\"b\"", GOOD)), "it needs what does not exist: b" },
        { CATALOGUE(ENTRY("a", "\"a\"", GOOD)), "it needs what does not exist: a" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("../x", "1", "null", URL))),
          "leaves the models folder" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x/../y", "1", "null", URL))), "leaves the models" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("/x", "1", "null", URL))), "leaves the models folder" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x/", "1", "null", URL))), "leaves the models folder" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x//y", "1", "null", URL))),
          "leaves the models folder" },
        { CATALOGUE(ENTRY("a", "", FILE_OF(".x", "1", "null", URL))), "is hidden" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "0", "null", URL))), "neither a size nor null" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "-1", "null", URL))), "neither a size nor null" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "\"ABC\"", URL))), "this is no SHA-256" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "null", ""))), "there is no source" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "null", "{}"))), "neither https nor npm" },
        { CATALOGUE(
              ENTRY("a", "", FILE_OF("x", "1", "null", "{\"https\":\"http://example.org/a\"}"))),
          "this is no https address" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "null", "{\"https\":\"file:///etc/x\"}"))),
          "this is no https address" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "null", "{\"npm\":[[\"q@1\",\"m\"]]}"))),
          "there is no integrity for q@1" },
        { CATALOGUE(ENTRY("a", "", FILE_OF("x", "1", "null", "{\"npm\":[[\"p@1\"]]}"))),
          "a member is not" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;

        err_clear(&err);
        check_case(cases[i].reason, !parse(cases[i].json, &err));
        if (!strstr(err.message, cases[i].reason))
            fail_msg("%s: %s", cases[i].reason, err.message);
    }
}

static void test_a_right_catalogue_is_read(void **state)
{
    struct err err;
    struct catalogue *catalogue =
        parse(CATALOGUE(ENTRY("a", "\"b\"", GOOD) "," ENTRY(
                  "b", "",
                  FILE_OF("c", "2", "\"" HEX64 "\"",
                          "{\"npm\":[[\"p@1\",\"m\"],[\"p@1\",\"n\"]]}," URL))),
              &err);

    (void)state;
    check_ok(catalogue, &err);
    const struct model_file *file = &catalogue_find(catalogue, "b")->files[0];
    assert_string_equal(file->sha256, HEX64);
    assert_int_equal(file->size, 2);
    assert_int_equal(file->source_count, 2);
    assert_int_equal(file->sources[0].kind, SOURCE_NPM);
    assert_string_equal(file->sources[0].members[1].member, "n");
    assert_string_equal(file->sources[0].members[1].integrity, "sha512-" BASE64);
    assert_string_equal(file->sources[1].url, "https://example.org/a");
    catalogue_close(catalogue);
}

static void test_a_catalogue_of_ones_own_takes_the_place_of_ours(void **state)
{
    const char *json = CATALOGUE(ENTRY("mine", "", GOOD));
    char *folder = temp_folder();
    char *path = path_join(folder, "catalogue.json");
    struct err err;

    (void)state;
    setenv("PARLANDO_CATALOGUE", path, 1);
    assert_null(catalogue_open(&err)); /* there is no such file */
    assert_non_null(strstr(err.message, path));
    check_ok(file_write(path, json, strlen(json), &err), &err);
    struct catalogue *catalogue = catalogue_open(&err);
    check_ok(catalogue, &err);
    assert_int_equal(catalogue_count(catalogue), 1);
    assert_string_equal(catalogue_at(catalogue, 0)->id, "mine");
    catalogue_close(catalogue);
    check_ok(file_write(path, "{}", 2, &err), &err);
    assert_null(catalogue_open(&err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, path));
    unsetenv("PARLANDO_CATALOGUE");
    free(path);
    temp_folder_remove(folder);
}

static void test_a_mistyped_id_finds_its_neighbour(void **state)
{
    static const struct {
        const char *typed, *near;
    } cases[] = {
        { "korkoro", "kokoro" },
        { "kokoro-v019", "kokoro-v0_19" },
        { "lessac", "piper-en_US-lessac-medium" },
        { "kitten-nano-08", "kitten-nano-0.8" },
        { "whisper", NULL },
        { "", NULL },
    };
    struct err err;
    struct catalogue *catalogue = catalogue_open(&err);

    (void)state;
    check_ok(catalogue, &err);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct model_entry *near = catalogue_nearest(catalogue, cases[i].typed);

        check_text(cases[i].typed, near ? near->id : "none",
                   cases[i].near ? cases[i].near : "none");
    }
    catalogue_close(catalogue);
}

static void test_the_state_follows_the_files(void **state)
{
    struct err err;
    struct catalogue *catalogue =
        parse(CATALOGUE(ENTRY("a", "", GOOD "," FILE_OF("c", "3", "null", URL))), &err);
    char *folder = temp_folder();
    char *sub = path_join(folder, "a");
    char *first = path_join(folder, "a/b");
    char *second = path_join(folder, "c");

    (void)state;
    check_ok(catalogue, &err);
    const struct model_entry *entry = catalogue_at(catalogue, 0);
    assert_int_equal(model_state(entry, folder), MODEL_ABSENT);
    check_ok(directory_create(sub, &err) && file_write(first, "x", 1, &err), &err);
    assert_int_equal(model_state(entry, folder), MODEL_PARTIAL);
    check_ok(file_write(second, "xx", 2, &err), &err);
    assert_int_equal(model_state(entry, folder), MODEL_PARTIAL);
    check_ok(file_write(second, "xxx", 3, &err), &err);
    assert_int_equal(model_state(entry, folder), MODEL_INSTALLED);
    free(second);
    free(first);
    free(sub);
    temp_folder_remove(folder);
    catalogue_close(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_built_in_catalogue_is_whole_and_pins_every_file),
        cmocka_unit_test(test_joined_parts_are_listed_in_numeric_order),
        cmocka_unit_test(test_a_catalogue_that_is_wrong_is_refused_with_the_reason),
        cmocka_unit_test(test_a_right_catalogue_is_read),
        cmocka_unit_test(test_a_catalogue_of_ones_own_takes_the_place_of_ours),
        cmocka_unit_test(test_a_mistyped_id_finds_its_neighbour),
        cmocka_unit_test(test_the_state_follows_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
