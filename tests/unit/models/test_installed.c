#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"
#include "models/installed.h"

struct fixture {
    char *folder, *outside;
    struct catalogue *catalogue;
};

/* "pack" with pack/x; "one" and "two" need it and have one/deep/a and pack/b. */
static const char format[] =
    "{\"models\":["
    "{\"id\":\"pack\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","
    "\"files\":[{\"path\":\"pack/x\",\"size\":3,\"sha256\":\"%s\",\"sources\":["
    "{\"https\":\"https://example.org/x\"}]}]},"
    "{\"id\":\"one\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","
    "\"needs\":[\"pack\"],\"files\":[{\"path\":\"one/deep/a\",\"size\":3,\"sha256\":null,"
    "\"sources\":[{\"https\":\"https://example.org/a\"}]}]},"
    "{\"id\":\"two\",\"engine\":\"e\",\"name\":\"n\",\"licence\":\"l\",\"languages\":\"en\","
    "\"needs\":[\"pack\"],\"files\":[{\"path\":\"pack/b\",\"size\":3,\"sha256\":null,"
    "\"sources\":[{\"https\":\"https://example.org/b\"}]}]}]}";

static void put(const char *folder, const char *name, const char *text)
{
    char *path = path_join(folder, name);
    char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    struct err err;

    check_ok(directory_create(parent, &err), &err);
    check_ok(file_write(path, text, strlen(text), &err), &err);
    free(parent);
    free(path);
}

static bool has(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    struct stat st;
    bool found = lstat(path, &st) == 0;

    free(path);
    return found;
}

static int setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    char sha256[SHA256_HEX];
    struct err err;

    *state = fixture;
    fixture->folder = temp_folder();
    fixture->outside = temp_folder();
    sha256_bytes("abc", 3, sha256);
    char *json = str_format(format, sha256);
    fixture->catalogue = catalogue_parse(json, strlen(json), "test", &err);
    check_ok(fixture->catalogue, &err);
    free(json);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    catalogue_close(fixture->catalogue);
    temp_folder_remove(fixture->folder);
    temp_folder_remove(fixture->outside);
    free(fixture);
    return 0;
}

static const struct model_entry *entry(struct fixture *fixture, const char *id)
{
    return catalogue_find(fixture->catalogue, id);
}

static void test_verify_tells_right_missing_short_and_changed_files_apart(void **state)
{
    static const struct {
        const char *text; /* NULL: no file */
        enum err_kind kind;
        const char *message;
    } cases[] = {
        { "abc", ERR_NONE, "" },
        { NULL, ERR_NOT_FOUND, "Cannot find" },
        { "ab", ERR_CORRUPT, "has 2 bytes instead of 3" },
        { "abd", ERR_CORRUPT, "has the SHA-256" },
    };
    struct fixture *fixture = *state;
    char *path = path_join(fixture->folder, "pack/x");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err;

        err_clear(&err);
        unlink(path);
        if (cases[i].text)
            put(fixture->folder, "pack/x", cases[i].text);
        bool ok = model_verify_file(&entry(fixture, "pack")->files[0], fixture->folder, NULL, &err);
        check_case(cases[i].message, ok == (cases[i].kind == ERR_NONE));
        check_case(cases[i].message, err.kind == cases[i].kind);
        check_case(err.message, strstr(err.message, cases[i].message));
    }
    free(path);
}

static void test_remove_takes_the_entrys_files_and_empty_folders_only(void **state)
{
    struct fixture *fixture = *state;
    uint64_t freed = 0;
    struct err err;

    put(fixture->folder, "one/deep/a", "abc");
    put(fixture->folder, "one/deep/a.part", "ab");
    put(fixture->folder, "one/mine.txt", "mine");
    put(fixture->folder, "pack/x", "abc");
    check_ok(model_remove(entry(fixture, "one"), fixture->folder, &freed, NULL, &err), &err);
    assert_int_equal(freed, 5);
    assert_false(has(fixture->folder, "one/deep"));
    assert_true(has(fixture->folder, "one/mine.txt"));
    assert_true(has(fixture->folder, "pack/x"));
    assert_false(has(fixture->folder, ".one.lock"));
    check_ok(model_remove(entry(fixture, "pack"), fixture->folder, &freed, NULL, &err), &err);
    assert_false(has(fixture->folder, "pack"));
    assert_true(file_is_directory(fixture->folder));
    check_ok(model_remove(entry(fixture, "pack"), fixture->folder, &freed, NULL, &err), &err);
    assert_int_equal(freed, 0);
}

static void test_remove_never_follows_a_link_out_of_the_folder(void **state)
{
    struct fixture *fixture = *state;
    char *link = path_join(fixture->folder, "pack");
    struct err err;

    put(fixture->outside, "x", "abc");
    assert_int_equal(symlink(fixture->outside, link), 0);
    assert_false(model_remove(entry(fixture, "pack"), fixture->folder, NULL, NULL, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_true(has(fixture->outside, "x"));
    assert_true(has(fixture->folder, "pack"));
    free(link);
}

static void test_a_file_that_is_a_link_loses_the_link_only(void **state)
{
    struct fixture *fixture = *state;
    char *link = path_join(fixture->folder, "pack/x");
    char *target = path_join(fixture->outside, "x");
    struct err err;

    put(fixture->outside, "x", "abc");
    put(fixture->folder, "pack/x", "abc");
    unlink(link);
    assert_int_equal(symlink(target, link), 0);
    check_ok(model_remove(entry(fixture, "pack"), fixture->folder, NULL, NULL, &err), &err);
    assert_true(has(fixture->outside, "x"));
    assert_false(has(fixture->folder, "pack"));
    free(target);
    free(link);
}

static void test_a_pack_is_needed_while_one_of_its_users_is_there(void **state)
{
    struct fixture *fixture = *state;
    const struct model_entry *pack = entry(fixture, "pack");

    put(fixture->folder, "pack/x", "abc");
    assert_null(model_needed_by(fixture->catalogue, pack, fixture->folder));
    put(fixture->folder, "pack/b", "abc");
    const struct model_entry *user = model_needed_by(fixture->catalogue, pack, fixture->folder);
    assert_non_null(user);
    assert_string_equal(user->id, "two");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_verify_tells_right_missing_short_and_changed_files_apart),
        TEST(test_remove_takes_the_entrys_files_and_empty_folders_only),
        TEST(test_remove_never_follows_a_link_out_of_the_folder),
        TEST(test_a_file_that_is_a_link_loses_the_link_only),
        TEST(test_a_pack_is_needed_while_one_of_its_users_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
