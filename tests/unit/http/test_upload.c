#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "folder.h"
#include "http/response.h"
#include "serving.h"

#define UPLOAD_MAX (8 * 1024 * 1024)
#define LARGE 5000000
#define FORM "multipart/form-data; boundary=Bound"
#define HEAD(parameters) "--Bound\r\nContent-Disposition: form-data; " parameters "\r\n"
#define END "\r\n--Bound--\r\n"

struct world {
    char *folder;
    char *uploads; /* the server's upload folder */
    char *taken;   /* where a handler moves a file to that is asked to take it */
    struct server *server;
};

static void write_upload(struct json_writer *w, const struct upload *upload)
{
    struct buf content = BUF(100);
    struct err err;

    json_write_object_begin(w, "file");
    json_write_text(w, "field", upload->field);
    json_write_text(w, "filename", upload->filename);
    json_write_text(w, "type", upload->media_type);
    json_write_int(w, "bytes", (int64_t)upload->bytes);
    if (upload->bytes <= 100 && file_read(upload->path, &content, &err))
        json_write_text(w, "content", content.data ? content.data : "");
    json_write_object_end(w);
    buf_release(&content);
}

/* Tells of the field "title" and the file "file", or of the first file when there is no such. */
static bool post_upload(struct request *request, struct response *response, struct err *err)
{
    const struct world *world = request_context(request);
    const struct upload *upload = request_upload(request, "file");
    struct json_writer *w = response_json(response);

    (void)err;
    if (!upload)
        upload = request_upload(request, NULL);
    json_write_object_begin(w, NULL);
    json_write_text(w, "title", request_form(request, "title"));
    if (upload)
        write_upload(w, upload);
    json_write_object_end(w);
    if (upload && request_query(request, "take"))
        assert_int_equal(rename(upload->path, world->taken), 0);
    return true;
}

static const struct route routes[] = {
    { .method = "POST",
      .path = "/u",
      .handle = post_upload,
      .flags = ROUTE_UPLOAD,
      .body_max = UPLOAD_MAX,
      .operation = "upload" },
};

static struct server *start(const struct world *world)
{
    return serving_start(routes, COUNT(routes),
                         (struct server_options){ .context = (void *)(uintptr_t)world,
                                                  .upload_folder = world->uploads,
                                                  .upload_fields_max = 20 });
}

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof *world);

    world->folder = temp_folder();
    world->uploads = path_join(world->folder, "uploads");
    world->taken = path_join(world->folder, "taken");
    world->server = start(world);
    *state = world;
    return 0;
}

/* Whatever a test did, nothing may stay in the upload folder. */
static int tear_down(void **state)
{
    struct world *world = *state;

    server_destroy(world->server);
    int left = count_entries(world->uploads);
    free(world->uploads);
    free(world->taken);
    temp_folder_remove(world->folder);
    free(world);
    return left;
}

static struct answer post(const struct world *world, const char *type, const char *body,
                          size_t length)
{
    struct buf request = BUF(2 * UPLOAD_MAX);

    buf_format(&request, "POST /u HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n", length);
    if (type)
        buf_format(&request, "Content-Type: %s\r\n", type);
    buf_append_str(&request, "\r\n");
    buf_append(&request, body, length);
    struct answer answer = ask_bytes(world->server, request.data, request.len);
    buf_release(&request);
    return answer;
}

/* In chunks of step bytes, without Content-Length. */
static struct answer post_chunked(const struct world *world, const char *type, const char *body,
                                  size_t length, size_t step)
{
    struct buf request = BUF(4 * UPLOAD_MAX);

    buf_format(&request,
               "POST /u HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
               "Content-Type: %s\r\n\r\n",
               type);
    for (size_t at = 0; at < length; at += step) {
        size_t n = length - at < step ? length - at : step;

        buf_format(&request, "%zx\r\n", n);
        buf_append(&request, body + at, n);
        buf_append_str(&request, "\r\n");
    }
    buf_append_str(&request, "0\r\n\r\n");
    struct answer answer = ask_bytes(world->server, request.data, request.len);
    buf_release(&request);
    return answer;
}

static const struct {
    const char *name, *type, *body, *expected;
} taken[] = {
    { "a field before the file", FORM,
      HEAD("name=\"title\"") "\r\nMy story\r\n" HEAD(
          "name=\"file\"; filename=\"a.txt\"") "Content-Type: text/plain\r\n\r\nOnce" END,
      "{\"title\":\"My story\",\"file\":{\"field\":\"file\",\"filename\":\"a.txt\","
      "\"type\":\"text/plain\",\"bytes\":4,\"content\":\"Once\"}}" },
    { "a field after the file", FORM,
      HEAD("name=\"file\"; filename=\"a.txt\"") "\r\nOnce\r\n" HEAD(
          "name=\"title\"") "\r\nMy story" END,
      "{\"title\":\"My story\",\"file\":{\"field\":\"file\",\"filename\":\"a.txt\","
      "\"type\":null,\"bytes\":4,\"content\":\"Once\"}}" },
    { "a name in another script", FORM,
      HEAD("name=\"file\"; filename=\"naïve 語.txt\"") "\r\nx" END,
      "{\"title\":null,\"file\":{\"field\":\"file\",\"filename\":\"naïve 語.txt\","
      "\"type\":null,\"bytes\":1,\"content\":\"x\"}}" },
    { "an encoded name", FORM,
      HEAD("name=\"file\"; filename*=UTF-8''na%C3%AFve%20%E8%AA%9E.txt") "\r\nx" END,
      "{\"title\":null,\"file\":{\"field\":\"file\",\"filename\":\"naïve 語.txt\","
      "\"type\":null,\"bytes\":1,\"content\":\"x\"}}" },
    { "the field among several", FORM,
      HEAD("name=\"b\"; filename=\"b\"") "\r\nB\r\n" HEAD(
          "name=\"file\"; filename=\"a\"") "\r\nA" END,
      "{\"title\":null,\"file\":{\"field\":\"file\",\"filename\":\"a\","
      "\"type\":null,\"bytes\":1,\"content\":\"A\"}}" },
    { "an empty file", FORM, HEAD("name=\"file\"; filename=\"a.txt\"") "\r\n" END,
      "{\"title\":null,\"file\":{\"field\":\"file\",\"filename\":\"a.txt\","
      "\"type\":null,\"bytes\":0,\"content\":\"\"}}" },
    { "no file chosen", FORM,
      HEAD("name=\"file\"; filename=\"\"") "Content-Type: application/octet-stream\r\n\r\n" END,
      "{\"title\":null}" },
    { "the same field twice", FORM,
      HEAD("name=\"title\"") "\r\n1\r\n" HEAD("name=title") "\r\n2" END, "{\"title\":\"1\"}" },
    { "an empty form", FORM, "--Bound--\r\n", "{\"title\":null}" },
    { "a raw body", "text/plain; charset=utf-8", "Once",
      "{\"title\":null,\"file\":{\"field\":\"\",\"filename\":null,"
      "\"type\":\"text/plain\",\"bytes\":4,\"content\":\"Once\"}}" },
    { "a raw body without a type", NULL, "Once",
      "{\"title\":null,\"file\":{\"field\":\"\",\"filename\":null,"
      "\"type\":null,\"bytes\":4,\"content\":\"Once\"}}" },
    { "nothing", NULL, "", "{\"title\":null}" },
};

static void test_files_and_fields_arrive_as_sent(void **state)
{
    const struct world *world = *state;

    for (size_t i = 0; i < COUNT(taken); i++) {
        struct answer answer = post(world, taken[i].type, taken[i].body, strlen(taken[i].body));

        check_text(taken[i].name, body_of(&answer), taken[i].expected);
        assert_int_equal(answer.status, 200);
        answer_release(&answer);
        if (!taken[i].type)
            continue;
        for (size_t step = 1; step < 100; step += 33) {
            answer = post_chunked(world, taken[i].type, taken[i].body, strlen(taken[i].body), step);
            check_text(taken[i].name, body_of(&answer), taken[i].expected);
            answer_release(&answer);
        }
    }
}

static const struct {
    const char *name, *type, *body;
    int status;
    const char *message; /* part of it */
} refused[] = {
    { "no boundary", "multipart/form-data", "x", 400, "boundary" },
    { "garbage", FORM, "\x01\xff garbage", 400, "not a form" },
    { "cut off", FORM, HEAD("name=\"file\"; filename=\"a\"") "\r\nOnce", 400, "cut off" },
    { "a field that is no UTF-8", FORM, HEAD("name=\"title\"") "\r\n\xff" END, 400, "UTF-8" },
    { "another multipart type", "multipart/mixed; boundary=Bound", "x", 415, "form-data" },
};

static void test_what_is_no_upload_is_refused(void **state)
{
    const struct world *world = *state;

    for (size_t i = 0; i < COUNT(refused); i++) {
        struct answer answer =
            post(world, refused[i].type, refused[i].body, strlen(refused[i].body));

        if (answer.status != refused[i].status || !strstr(body_of(&answer), refused[i].message))
            fail_msg("%s: %d %s", refused[i].name, answer.status, body_of(&answer));
        answer_release(&answer);
    }
}

/* before, count times of, after. Free it. */
static struct buf repeat(const char *before, const char *of, size_t count, const char *after)
{
    struct buf body = BUF(2 * UPLOAD_MAX);

    buf_append_str(&body, before);
    for (size_t i = 0; i < count; i++)
        buf_append_str(&body, of);
    buf_append_str(&body, after);
    return body;
}

static void test_limits_are_named(void **state)
{
    static const struct {
        const char *name, *before, *of;
        size_t count;
        const char *after;
        int status;
        const char *message;
    } cases[] = {
        { "parts", "", HEAD("name=a") "\r\nx\r\n", 21, "--Bound--\r\n", 413, "20 parts" },
        { "fields", HEAD("name=a") "\r\n", "0123456789abcdef", 65537, END, 413, "1048576 bytes" },
        { "a name", "--Bound\r\nContent-Disposition: form-data; name=\"", "x", 257,
          "\"\r\n\r\nx" END, 400, "256 bytes" },
        { "a file name", "--Bound\r\nContent-Disposition: form-data; name=a; filename=\"", "x",
          1025, "\"\r\n\r\nx" END, 400, "1024 bytes" },
        { "headers", "--Bound\r\nX: ", "x", 9000, "\r\n\r\nx" END, 400, "8192 bytes" },
        { "the whole", HEAD("name=a; filename=b") "\r\n", "0123456789abcdef", UPLOAD_MAX / 16, END,
          413, "" },
    };
    const struct world *world = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf body = repeat(cases[i].before, cases[i].of, cases[i].count, cases[i].after);
        struct answer answer = post_chunked(world, FORM, body.data, body.len, 60000);

        if (answer.status != cases[i].status || !strstr(body_of(&answer), cases[i].message))
            fail_msg("%s: %d %s", cases[i].name, answer.status, body_of(&answer));
        answer_release(&answer);
        buf_release(&body);
    }
}

static void test_a_large_file_arrives_byte_for_byte(void **state)
{
    const struct world *world = *state;
    const char *head = HEAD("name=\"file\"; filename=\"a\"") "\r\n";
    struct buf body = repeat(head, "", 0, ""), got = BUF(2 * LARGE);
    struct err err;

    for (uint32_t x = 1, i = 0; i < LARGE; i++, x = x * 1664525u + 1013904223u)
        buf_append_char(&body, (char)(x >> 24));
    buf_append_str(&body, END);
    struct buf request = BUF(2 * LARGE);
    buf_format(&request,
               "POST /u?take=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n"
               "Content-Type: " FORM "\r\n\r\n",
               body.len);
    buf_append(&request, body.data, body.len);
    struct answer answer = ask_bytes(world->server, request.data, request.len);
    assert_int_equal(answer.status, 200);
    check_ok(file_read(world->taken, &got, &err), &err); /* taken: it outlives its request */
    assert_int_equal(got.len, LARGE);
    assert_memory_equal(got.data, body.data + strlen(head), LARGE);
    answer_release(&answer);
    buf_release(&request);
    buf_release(&body);
    buf_release(&got);
}

static void test_a_client_that_leaves_half_way_leaves_nothing(void **state)
{
    struct world *world = *state;
    int fd = dial(world->server);
    char *piece = xcalloc(1, 1000000);

    say(fd, "POST /u HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
            "Content-Type: " FORM "\r\n\r\n" HEAD("name=\"file\"; filename=\"a\"") "\r\n");
    say_bytes(fd, piece, 1000000);
    close(fd);
    free(piece);
    server_destroy(world->server); /* waits for what runs */
    world->server = NULL;
    assert_int_equal(count_entries(world->uploads), 0);
}

static void test_leftovers_are_removed_at_the_start_and_nothing_else(void **state)
{
    struct world *world = *state;
    char *old = path_join(world->uploads, "old.upload"), *other = path_join(world->uploads, "mine");
    struct err err;

    server_destroy(world->server);
    check_ok(file_write(old, "x", 1, &err), &err);
    check_ok(file_write(other, "x", 1, &err), &err);
    world->server = start(world);
    assert_false(file_exists(old));
    assert_true(file_exists(other));
    unlink(other);
    free(old);
    free(other);
}

/* In a process of its own: the upload folder is a file system of 64 kB. 77: that cannot be made. */
static int upload_to_a_full_disk(struct world *world)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", world->uploads, "tmpfs", 0, "size=64k") != 0)
        return 77;
    struct server *server = start(world);
    struct buf body =
        repeat(HEAD("name=\"file\"; filename=\"a\"") "\r\n", "0123456789abcdef", 10000, END);
    const struct world here = { .server = server };
    struct answer answer = post(&here, FORM, body.data, body.len);
    bool named = answer.status == 507 && strstr(body_of(&answer), world->uploads) &&
                 strstr(body_of(&answer), "No space left");

    if (!named)
        dprintf(STDERR_FILENO, "%d %s\n", answer.status, body_of(&answer));
    answer_release(&answer);
    buf_release(&body);
    server_destroy(server);
    return named && count_entries(world->uploads) == 0 ? 0 : 1;
}

static void test_a_full_disk_is_named(void **state)
{
    struct world *world = *state;
    int status;

    server_destroy(world->server); /* no threads while forking */
    world->server = NULL;
    pid_t child = fork();
    if (child == 0)
        _exit(upload_to_a_full_disk(world));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip(); /* not allowed to mount */
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files_and_fields_arrive_as_sent),
        TEST(test_what_is_no_upload_is_refused),
        TEST(test_limits_are_named),
        TEST(test_a_large_file_arrives_byte_for_byte),
        TEST(test_a_client_that_leaves_half_way_leaves_nothing),
        TEST(test_leftovers_are_removed_at_the_start_and_nothing_else),
        TEST(test_a_full_disk_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
