#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "folder.h"

static void assert_content(const char *path, const char *expected)
{
    struct buf buf = BUF(1000);
    struct err err;

    check_ok(file_read(path, &buf, &err), &err);
    assert_int_equal(buf.len, strlen(expected));
    assert_memory_equal(buf.data ? buf.data : "", expected, buf.len);
    buf_release(&buf);
}

static void test_a_committed_file_is_whole_and_leaves_nothing_else(void **state)
{
    struct folder *folder = *state;
    struct err err;

    check_ok(file_write(folder->file, "one", 3, &err), &err);
    check_ok(file_write(folder->file, "second", 6, &err), &err);
    assert_content(folder->file, "second");
    assert_int_equal(count_entries(folder->path), 1);
}

static void test_an_abandoned_file_never_appears_and_keeps_the_old_one(void **state)
{
    struct folder *folder = *state;
    struct file_out out;
    struct err err;

    check_ok(file_write(folder->file, "old", 3, &err), &err);
    check_ok(file_out_begin(&out, folder->file, &err), &err);
    fputs("half", out.file);
    assert_content(folder->file, "old");
    file_out_release(&out);
    file_out_release(&out);
    assert_content(folder->file, "old");
    assert_int_equal(count_entries(folder->path), 1);
}

static void test_a_new_file_has_the_usual_mode(void **state)
{
    struct folder *folder = *state;
    struct err err;
    struct stat st;
    mode_t mask = umask(022);

    check_ok(file_write(folder->file, "x", 1, &err), &err);
    umask(mask);
    assert_int_equal(stat(folder->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void test_a_folder_or_a_device_is_not_replaced_by_a_file(void **state)
{
    struct folder *folder = *state;
    const char *const paths[] = { folder->path, "/dev/null" };
    struct err err;

    for (size_t i = 0; i < COUNT(paths); i++) {
        check_case(paths[i], !file_write(paths[i], "x", 1, &err));
        check_case(paths[i], err.kind == ERR_INVALID && strstr(err.message, paths[i]));
        check_case(paths[i], !file_is_regular(paths[i]));
    }
}

static void test_a_link_is_written_through_and_one_to_nowhere_is_refused(void **state)
{
    struct folder *folder = *state;
    char *link = path_join(folder->path, "link.wav");
    struct err err;
    struct stat st;

    check_ok(file_write(folder->file, "old", 3, &err), &err);
    assert_int_equal(symlink("take.wav", link), 0);
    check_ok(file_write(link, "new", 3, &err), &err);
    assert_content(folder->file, "new");
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(unlink(folder->file), 0);
    assert_false(file_write(link, "new", 3, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, link));
    assert_int_equal(count_entries(folder->path), 1);
    free(link);
}

/* Root may write anything, so it is somebody else who tries. */
static int write_protected_file(const char *path)
{
    const uid_t nobody = 65534;
    struct err err;

    if (geteuid() == 0 && setuid(nobody) != 0)
        return 2;
    return file_write(path, "new", 3, &err) || err.kind != ERR_IO ? 1 : 0;
}

static void test_a_protected_file_is_not_replaced(void **state)
{
    struct folder *folder = *state;
    struct err err;
    int status;

    check_ok(file_write(folder->file, "old", 3, &err), &err);
    assert_int_equal(chmod(folder->file, 0444), 0);
    assert_int_equal(chmod(folder->path, 0777), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(write_protected_file(folder->file));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_content(folder->file, "old");
}

/* A file size limit fails the write as a full disk does, without needing one. */
static int write_past_the_limit(const char *path)
{
    struct rlimit limit = { 4096, 4096 };
    char bytes[8192] = { 0 };
    struct err err;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    return file_write(path, bytes, sizeof bytes, &err) ? 1 : 0;
}

static void test_a_failed_write_is_an_error_and_leaves_nothing(void **state)
{
    struct folder *folder = *state;
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(write_past_the_limit(folder->file));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(count_entries(folder->path), 0);
}

static void test_missing_folders_and_files_are_named(void **state)
{
    struct folder *folder = *state;
    char *path = path_join(folder->path, "no/where.wav");
    struct buf buf = BUF(10);
    struct file_map map;
    struct err err;

    assert_false(file_write(path, "x", 1, &err));
    assert_non_null(strstr(err.message, path));
    assert_false(file_read(path, &buf, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(file_map(&map, path, &err));
    assert_false(file_map(&map, folder->path, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    free(path);
}

static void test_reading_stops_at_the_limit(void **state)
{
    struct folder *folder = *state;
    struct buf buf = BUF(3);
    struct err err;

    check_ok(file_write(folder->file, "four", 4, &err), &err);
    assert_false(file_read(folder->file, &buf, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    buf_release(&buf);
}

static void test_folders_are_made_with_their_parents(void **state)
{
    struct folder *folder = *state;
    char *deep = path_join(folder->path, "a/b/c");
    char *blocked = path_join(folder->file, "d");
    struct err err;

    check_ok(directory_create(deep, &err), &err);
    check_ok(directory_create(deep, &err), &err);
    assert_true(file_is_directory(deep));
    check_ok(file_write(folder->file, "x", 1, &err), &err);
    assert_false(directory_create(blocked, &err));
    assert_false(directory_create(folder->file, &err));
    assert_non_null(strstr(err.message, "in the way"));
    free(deep);
    free(blocked);
}

static void test_a_mapped_file_has_its_bytes_and_an_empty_one_none(void **state)
{
    struct folder *folder = *state;
    struct file_map map;
    struct err err;

    check_ok(file_write(folder->file, "abc", 3, &err), &err);
    check_ok(file_map(&map, folder->file, &err), &err);
    assert_int_equal(map.length, 3);
    assert_memory_equal(map.bytes, "abc", 3);
    file_unmap(&map);
    check_ok(file_write(folder->file, "", 0, &err), &err);
    check_ok(file_map(&map, folder->file, &err), &err);
    assert_int_equal(map.length, 0);
    file_unmap(&map);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

/* A root with a file, a file in a folder, links of every kind and a pipe; secret.txt is beside it. */
static char *make_root(const struct folder *folder)
{
    char *root = path_join(folder->path, "root");
    struct err err;

    assert_int_equal(chdir(folder->path), 0);
    check_ok(directory_create("root/deep/er", &err), &err);
    check_ok(file_write("secret.txt", "secret", 6, &err), &err);
    check_ok(file_write("root/a.txt", "a", 1, &err), &err);
    check_ok(file_write("root/deep/er/..b.txt", "b", 1, &err), &err);
    assert_int_equal(symlink("../secret.txt", "root/out"), 0);
    assert_int_equal(symlink("a.txt", "root/in"), 0);
    assert_int_equal(symlink("..", "root/up"), 0);
    assert_int_equal(symlink("deep", "root/side"), 0);
    assert_int_equal(symlink("root", "alias"), 0);
    assert_int_equal(mkfifo("root/pipe", 0600), 0);
    return root;
}

static const struct {
    const char *relative;
    bool is_found;
} beneath[] = {
    { "a.txt", true },
    { "./a.txt", true },
    { "deep/er/..b.txt", true },
    { "deep//er/..b.txt", true },
    { "", false },
    { ".", false },
    { "/", false },
    { "..", false },
    { "../secret.txt", false },
    { "deep/../../secret.txt", false },
    { "deep/../a.txt", false },
    { "deep/er/..", false },
    { "/etc/passwd", false },
    { "out", false },
    { "in", false },
    { "up/secret.txt", false },
    { "side/er/..b.txt", false },
    { "pipe", false },
    { "deep", false },
    { "a.txt/", false },
    { "a.txt/b", false },
    { "none", false },
    { "none/a.txt", false },
};

/* The first row that is not as it should be, or NULL. */
static const char *check_beneath(const char *root)
{
    for (size_t i = 0; i < COUNT(beneath); i++) {
        struct err err = { 0 };
        int fd = file_open_beneath(root, beneath[i].relative, &err);

        if ((fd >= 0) != beneath[i].is_found || (fd < 0 && err.kind != ERR_NOT_FOUND))
            return beneath[i].relative;
        if (fd >= 0)
            close(fd);
    }
    return NULL;
}

static void test_nothing_leads_out_of_a_root(void **state)
{
    char *root = make_root(*state);
    const char *bad = check_beneath(root);

    if (bad)
        fail_msg("file_open_beneath: \"%s\"", bad);
    assert_null(check_beneath("alias")); /* the root itself may be a link */
    free(root);
}

/* The rows are read just before, so that their paths are in memory. Old kernels cannot tell. */
static void test_the_cached_way_below_a_root_is_as_narrow(void **state)
{
    char *root = make_root(*state);
    size_t found = 0, readable = 0;

    assert_null(check_beneath(root));
    for (size_t i = 0; i < COUNT(beneath); i++) {
        int fd = file_open_beneath_cached(root, beneath[i].relative);

        check_case(beneath[i].relative, fd < 0 || beneath[i].is_found);
        found += fd >= 0;
        readable += beneath[i].is_found;
        if (fd >= 0)
            close(fd);
    }
    free(root);
    if (found == 0)
        skip();
    assert_int_equal(found, readable);
}

/* Makes openat2 unknown to this process, as it is to kernels before 5.6. */
static bool forbid_openat2(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = COUNT(code), .filter = code };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void test_nothing_leads_out_where_the_kernel_cannot_help(void **state)
{
    char *root = make_root(*state);
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (!forbid_openat2())
            _exit(77);
        const char *bad = check_beneath(root);
        if (bad)
            dprintf(STDERR_FILENO, "file_open_beneath: \"%s\"\n", bad);
        _exit(bad != NULL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    free(root);
    if (WEXITSTATUS(status) == 77)
        skip(); /* no seccomp here */
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_committed_file_is_whole_and_leaves_nothing_else),
        TEST(test_an_abandoned_file_never_appears_and_keeps_the_old_one),
        TEST(test_a_new_file_has_the_usual_mode),
        TEST(test_a_folder_or_a_device_is_not_replaced_by_a_file),
        TEST(test_a_link_is_written_through_and_one_to_nowhere_is_refused),
        TEST(test_a_protected_file_is_not_replaced),
        TEST(test_a_failed_write_is_an_error_and_leaves_nothing),
        TEST(test_missing_folders_and_files_are_named),
        TEST(test_reading_stops_at_the_limit),
        TEST(test_folders_are_made_with_their_parents),
        TEST(test_nothing_leads_out_of_a_root),
        TEST(test_the_cached_way_below_a_root_is_as_narrow),
        TEST(test_nothing_leads_out_where_the_kernel_cannot_help),
        TEST(test_a_mapped_file_has_its_bytes_and_an_empty_one_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
