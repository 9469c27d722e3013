#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "http/response.h"
#include "serving.h"

#define CONTENT "0123456789abcdefghijklmnopqrstuvwxyz"
#define HUGE_BYTES 5000000000 /* over 32 bits; the file is sparse */
#define LONG_BYTES 30000000   /* more than sockets buffer */

struct world {
    char *folder; /* root/ is served, secret.txt is beside it */
    char *root;
    struct server *server;
};

static bool get_file(struct request *request, struct response *response, struct err *err)
{
    const struct world *world = request_context(request);

    return response_file(response, request, world->root, request_path_param(request, "path"), err);
}

static const struct route routes[] = {
    { .method = "GET", .path = "/f/{path...}", .handle = get_file, .operation = "getFile" },
};

static void put(const char *folder, const char *name, const void *bytes, size_t length)
{
    char *path = path_join(folder, name);
    struct err err;

    check_ok(file_write(path, bytes, length, &err), &err);
    free(path);
}

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);
    struct err err;

    world->folder = temp_folder();
    world->root = path_join(world->folder, "root");
    check_ok(directory_create(world->root, &err), &err);
    put(world->root, "a.wav", CONTENT, strlen(CONTENT));
    put(world->root, "empty.txt", "", 0);
    put(world->root, "odd.bin", "x", 1);
    put(world->folder, "secret.txt", "secret", 6);
    char *link = path_join(world->root, "link");
    assert_int_equal(symlink("../secret.txt", link), 0);
    free(link);
    world->server =
        serving_start(routes, COUNT(routes), (struct server_options){ .context = world });
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    server_destroy(world->server);
    free(world->root);
    temp_folder_remove(world->folder);
    free(world);
    return 0;
}

static void test_a_file_comes_whole_with_what_is_known_of_it(void **state)
{
    const struct world *world = *state;
    struct answer answer = ask(world->server, "GET /f/a.wav", "");

    assert_int_equal(answer.status, 200);
    assert_string_equal(body_of(&answer), CONTENT);
    check_header(&answer, "Content-Type", "audio/wav");
    check_header(&answer, "Content-Length", "36");
    check_header(&answer, "Accept-Ranges", "bytes");
    check_header(&answer, "Cache-Control", "private, no-cache");
    check_header(&answer, "Content-Disposition", NULL);
    assert_non_null(strstr(answer.head.data, "\r\nETag: \""));
    assert_non_null(strstr(answer.head.data, " GMT\r\n"));
    answer_release(&answer);
}

static void test_head_says_the_same_without_content(void **state)
{
    const struct world *world = *state;
    struct answer answer = ask(world->server, "HEAD /f/a.wav", "Range: bytes=0-1\r\n");

    assert_int_equal(answer.status, 200); /* Range is for GET */
    check_header(&answer, "Content-Length", "36");
    check_header(&answer, "Content-Type", "audio/wav");
    answer_release(&answer);
}

static const struct {
    const char *line;
    const char *headers;
    int status;
    const char *content_range, *body; /* NULL: none, or not looked at */
} answers[] = {
    { "GET /f/a.wav", "Range: bytes=0-3\r\n", 206, "bytes 0-3/36", "0123" },
    { "GET /f/a.wav", "Range: bytes=30-\r\n", 206, "bytes 30-35/36", "uvwxyz" },
    { "GET /f/a.wav", "Range: bytes=-2\r\n", 206, "bytes 34-35/36", "yz" },
    { "GET /f/a.wav", "Range: bytes=0-\r\n", 206, "bytes 0-35/36", CONTENT },
    { "GET /f/a.wav", "Range: bytes=0-1,3-4\r\n", 206, "bytes 0-4/36", "01234" },
    { "GET /f/a.wav", "Range: bytes=36-\r\n", 416, "bytes */36", NULL },
    { "GET /f/a.wav", "Range: bytes=x\r\n", 200, NULL, CONTENT },
    { "GET /f/a.wav", "Range: bytes=0-3\r\nIf-Range: \"other\"\r\n", 200, NULL, CONTENT },
    { "GET /f/a.wav", "If-None-Match: \"other\"\r\n", 200, NULL, CONTENT },
    { "GET /f/a.wav", "If-None-Match: *\r\n", 304, NULL, NULL },
    { "HEAD /f/a.wav", "If-None-Match: *\r\n", 304, NULL, NULL },
    { "GET /f/a.wav", "If-Match: \"other\"\r\n", 412, NULL, NULL },
    { "GET /f/a.wav", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200, NULL, CONTENT },
    { "GET /f/a.wav", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 412, NULL, NULL },
    { "GET /f/empty.txt", "", 200, NULL, "" },
    { "GET /f/empty.txt", "Range: bytes=0-\r\n", 200, NULL, "" },
    { "GET /f/none.wav", "", 404, NULL, "{\"detail\":\"There is no file none.wav.\"}" },
    { "GET /f/link", "", 404, NULL, NULL },
    { "GET /f/../secret.txt", "", 404, NULL, NULL },
    { "GET /f/%2e%2e/secret.txt", "", 404, NULL, NULL },
    { "GET /f/..%2fsecret.txt", "", 404, NULL, NULL },
    { "GET /f//etc/passwd", "", 404, NULL, NULL },
    { "GET /f/%2fetc%2fpasswd", "", 404, NULL, NULL },
};

static void test_ranges_conditions_and_paths_have_their_status(void **state)
{
    const struct world *world = *state;

    for (size_t i = 0; i < COUNT(answers); i++) {
        char *name = str_format("%s %s", answers[i].line, answers[i].headers);
        struct answer answer = ask(world->server, answers[i].line, answers[i].headers);

        if (answer.status != answers[i].status)
            fail_msg("%s: %d", name, answer.status);
        if (answers[i].body)
            check_text(name, body_of(&answer), answers[i].body);
        check_header(&answer, "Content-Range", answers[i].content_range);
        check_case(name, !strstr(body_of(&answer), "secret\n"));
        answer_release(&answer);
        free(name);
    }
}

static void test_several_ranges_come_as_parts(void **state)
{
    const struct world *world = *state;
    char *content = xcalloc(1, 1000);
    struct buf expected = BUF(10000);

    for (int i = 0; i < 1000; i++)
        content[i] = (char)('a' + i % 26);
    put(world->root, "long.txt", content, 1000);
    struct answer answer = ask(world->server, "GET /f/long.txt", "Range: bytes=900-904,0-2,-1\r\n");
    assert_int_equal(answer.status, 206);
    char *type = answer_header(&answer, "Content-Type");
    const char *boundary = strstr(type, "boundary=");
    assert_non_null(boundary);
    boundary += strlen("boundary=");
    buf_format(&expected,
               "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Range: bytes 900-904/1000\r\n\r\n%.5s"
               "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Range: bytes 0-2/1000\r\n\r\nabc"
               "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Range: bytes 999-999/1000\r\n\r\n%.1s"
               "\r\n--%s--\r\n",
               boundary, content + 900, boundary, boundary, content + 999, boundary);
    check_text("parts", body_of(&answer), expected.data);
    assert_true(answer.is_whole);
    free(type);
    free(content);
    buf_release(&expected);
    answer_release(&answer);
}

static void test_the_tag_it_came_with_is_what_it_is_asked_by(void **state)
{
    const struct world *world = *state;
    struct answer first = ask(world->server, "GET /f/a.wav", "");
    char *etag = answer_header(&first, "ETag"), *date = answer_header(&first, "Last-Modified");
    char *has = str_format("If-None-Match: W/%s\r\n", etag);
    char *same = str_format("If-Range: %s\r\nRange: bytes=1-1\r\n", etag);
    char *since = str_format("If-Modified-Since: %s\r\n", date);
    struct answer answer = ask(world->server, "GET /f/a.wav", has);

    assert_int_equal(answer.status, 304);
    check_header(&answer, "Content-Length", "36"); /* of what it spares (RFC 9110, 8.6) */
    check_header(&answer, "ETag", etag);
    check_header(&answer, "Last-Modified", date);
    answer_release(&answer);
    answer = ask(world->server, "GET /f/a.wav", same);
    assert_int_equal(answer.status, 206);
    answer_release(&answer);
    answer = ask(world->server, "GET /f/a.wav", since);
    assert_int_equal(answer.status, 304);
    answer_release(&answer);

    put(world->root, "a.wav", "0123456789abcdefghijklmnopqrstuvwxyZ", 36); /* as large, and new */
    answer = ask(world->server, "GET /f/a.wav", has);
    assert_int_equal(answer.status, 200);
    answer_release(&answer);
    answer = ask(world->server, "GET /f/a.wav", same);
    assert_int_equal(answer.status, 200);
    answer_release(&answer);
    answer_release(&first);
    free(etag);
    free(date);
    free(has);
    free(same);
    free(since);
}

static void test_a_file_whose_name_tells_no_kind_is_bytes(void **state)
{
    const struct world *world = *state;
    struct answer answer = ask(world->server, "GET /f/odd.bin", "");

    assert_int_equal(answer.status, 200);
    check_header(&answer, "Content-Type", "application/octet-stream");
    check_header(&answer, "Content-Disposition", NULL);
    answer_release(&answer);
}

static void test_offsets_over_four_gigabytes_are_exact(void **state)
{
    const struct world *world = *state;
    char *path = path_join(world->root, "huge.wav");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (ftruncate(fd, HUGE_BYTES) != 0)
        skip(); /* the disk has no files that large */
    assert_int_equal(pwrite(fd, "end", 3, HUGE_BYTES - 3), 3);
    close(fd);
    struct answer answer = ask(world->server, "GET /f/huge.wav", "Range: bytes=4999999996-\r\n");
    assert_int_equal(answer.status, 206);
    check_header(&answer, "Content-Range", "bytes 4999999996-4999999999/5000000000");
    assert_int_equal(answer.body.len, 4);
    assert_memory_equal(answer.body.data, "\0end", 4);
    answer_release(&answer);
    answer = ask(world->server, "GET /f/huge.wav", "Range: bytes=0-0,4999999997-4999999998\r\n");
    assert_int_equal(answer.status, 206);
    assert_non_null(memmem(answer.body.data, answer.body.len, "/5000000000\r\n\r\nen\r\n", 19));
    answer_release(&answer);
    free(path);
}

/* Asks for the long file, and reads only the head of the answer. */
static int begin_long(const struct world *world, const char *headers, struct answer *answer)
{
    char *content = xmalloc(LONG_BYTES), *request;

    memset(content, 'L', LONG_BYTES);
    put(world->root, "long.wav", content, LONG_BYTES);
    free(content);
    int fd = dial(world->server);
    request = str_format("GET /f/long.wav HTTP/1.1\r\nHost: localhost\r\n%s\r\n", headers);
    say(fd, request);
    free(request);
    *answer = hear_head(fd);
    return fd;
}

static void test_a_file_replaced_while_it_is_sent_comes_as_it_was(void **state)
{
    const struct world *world = *state;
    struct answer answer;
    int fd = begin_long(world, "", &answer);

    put(world->root, "long.wav", "new", 3);
    hear_body(fd, &answer);
    assert_true(answer.is_whole);
    assert_int_equal(answer.body.len, LONG_BYTES);
    for (size_t i = 0; i < LONG_BYTES; i++)
        if (answer.body.data[i] != 'L')
            fail_msg("byte %zu is %d", i, answer.body.data[i]);
    answer_release(&answer);
    close(fd);
}

static void test_a_file_cut_while_it_is_sent_cuts_the_answer(void **state)
{
    static const char *const headers[] = { "", "Range: bytes=0-10000000,15000000-\r\n" };
    struct world *world = *state;

    server_destroy(world->server);
    world->server = serving_start(
        routes, COUNT(routes),
        (struct server_options){ .context = world,
                                 .idle_timeout_s = 1 }); /* how sendfile's side gives up */
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct answer answer;
        int fd = begin_long(world, headers[i], &answer);
        char *path = path_join(world->root, "long.wav");

        assert_int_equal(truncate(path, 10), 0);
        hear_body(fd, &answer);
        assert_false(answer.is_whole);
        answer_release(&answer);
        close(fd);
        free(path);
    }
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_a_client_that_leaves_leaves_nothing_open(void **state)
{
    static const char *const headers[] = { "", "Range: bytes=0-10000000,15000000-\r\n" };
    struct world *world = *state;

    server_destroy(world->server);
    int before = count_descriptors();
    world->server =
        serving_start(routes, COUNT(routes), (struct server_options){ .context = world });
    for (size_t i = 0; i < 2 * COUNT(headers); i++) {
        struct answer answer;
        int fd = begin_long(world, headers[i % 2], &answer);

        answer_release(&answer);
        close(fd);
    }
    server_destroy(world->server);
    world->server = NULL;
    assert_int_equal(count_descriptors(), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* More at once than the server keeps pieces in memory for: the last are sent from the file. */
static void test_many_pieces_at_once_are_all_right(void **state)
{
    enum { CLIENTS = 40, PIECE = 1 << 20 };
    const struct world *world = *state;
    char *bytes = xmalloc(PIECE + 2);
    int fds[CLIENTS];

    for (int i = 0; i < PIECE + 2; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    put(world->root, "long.wav", bytes, PIECE + 2);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(world->server);
        assert_true(say(fds[i], "GET /f/long.wav HTTP/1.1\r\nHost: localhost\r\n"
                                "Range: bytes=1-1048576\r\n\r\n"));
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct answer answer = hear_head(fds[i]);

        assert_int_equal(answer.status, 206);
        hear_body(fds[i], &answer);
        assert_int_equal(answer.body.len, PIECE);
        assert_memory_equal(answer.body.data, bytes + 1, PIECE);
        answer_release(&answer);
        close(fds[i]);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_comes_whole_with_what_is_known_of_it),
        TEST(test_head_says_the_same_without_content),
        TEST(test_ranges_conditions_and_paths_have_their_status),
        TEST(test_several_ranges_come_as_parts),
        TEST(test_the_tag_it_came_with_is_what_it_is_asked_by),
        TEST(test_a_file_whose_name_tells_no_kind_is_bytes),
        TEST(test_offsets_over_four_gigabytes_are_exact),
        TEST(test_a_file_replaced_while_it_is_sent_comes_as_it_was),
        TEST(test_a_file_cut_while_it_is_sent_cuts_the_answer),
        TEST(test_a_client_that_leaves_leaves_nothing_open),
        TEST(test_many_pieces_at_once_are_all_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
