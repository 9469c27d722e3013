#include "pull_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <curl/curl.h>
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/sha256.h"

#define LIMIT (8u << 20)

extern char **environ;

/* Standard input and output of the server are pipes: the port comes out of one, the other ends it. */
static void start_server(struct fixture *fixture)
{
    char *argv[] = { "python3", TEST_FOLDER "/http_server.py", NULL };
    posix_spawn_file_actions_t actions;
    char line[16] = "";
    int in[2];
    int out[2];

    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    assert_int_equal(posix_spawnp(&fixture->server, argv[0], &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    FILE *output = fdopen(out[0], "r");
    assert_non_null(fgets(line, sizeof line, output));
    fclose(output);
    fixture->server_input = in[1];
    fixture->port = (int)strtol(line, NULL, 10);
    assert_true(fixture->port > 0);
}

int fixture_setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);

    *state = fixture;
    fixture->models = temp_folder();
    fixture->packages = temp_folder();
    fixture->event_pipe = -1;
    cancel_init(&fixture->cancel);
    setenv("FAKE_NPM_PACKAGES", fixture->packages, 1);
    signal(SIGPIPE, SIG_IGN);
    start_server(fixture);
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;

    close(fixture->server_input);
    waitpid(fixture->server, NULL, 0);
    cancel_release(&fixture->cancel);
    temp_folder_remove(fixture->models);
    temp_folder_remove(fixture->packages);
    free(fixture->events);
    free(fixture);
    return 0;
}

char *fixture_pattern(size_t size)
{
    char *bytes = xmalloc(size + 1);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return bytes;
}

char *fixture_sha256(size_t size)
{
    char *bytes = fixture_pattern(size);
    char *hex = xmalloc(SHA256_HEX);

    sha256_bytes(bytes, size, hex);
    free(bytes);
    return hex;
}

/* name: what came last, as fake_npm names it. */
static char *package_path(struct fixture *fixture, const char *package, const char *ending)
{
    return str_format("%s/%s%s", fixture->packages, package, ending);
}

static void note_integrity(struct fixture *fixture, const char *package)
{
    unsigned char digest[64];
    unsigned char base64[90];
    struct buf bytes = BUF(LIMIT);
    struct err err;
    char *tarball = package_path(fixture, package, ".tgz");
    char *note = package_path(fixture, package, ".integrity");

    check_ok(file_read(tarball, &bytes, &err), &err);
    EVP_Digest(bytes.data, bytes.len, digest, NULL, EVP_sha512(), NULL);
    EVP_EncodeBlock(base64, digest, sizeof digest);
    char *text = str_format("sha512-%s", (char *)base64);
    check_ok(file_write(note, text, strlen(text), &err), &err);
    free(text);
    free(note);
    free(tarball);
    buf_release(&bytes);
}

void fixture_package(struct fixture *fixture, const char *package, ...)
{
    struct archive *archive = archive_write_new();
    char *tarball = package_path(fixture, package, ".tgz");
    const char *member;
    va_list members;

    archive_write_add_filter_gzip(archive);
    archive_write_set_format_ustar(archive);
    assert_int_equal(archive_write_open_filename(archive, tarball), ARCHIVE_OK);
    va_start(members, package);
    while ((member = va_arg(members, const char *))) {
        size_t size = (size_t)va_arg(members, int);
        char *bytes = fixture_pattern(size);
        char *name = str_format("package/%s", member);
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)size);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, bytes, size), size);
        archive_entry_free(entry);
        free(name);
        free(bytes);
    }
    va_end(members);
    archive_write_free(archive);
    note_integrity(fixture, package);
    free(tarball);
}

void fixture_package_is_changed(struct fixture *fixture, const char *package)
{
    char *tarball = package_path(fixture, package, ".tgz");
    int fd = open(tarball, O_WRONLY | O_APPEND | O_CLOEXEC);

    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    free(tarball);
}

/* {"package@version": "sha512-…"} of all packages made, and of those that never will be. */
static json_t *integrities(struct fixture *fixture)
{
    static const char *const never[] = { "gone@1.0.0", "hangs@1.0.0" };
    json_t *packages = json_object();
    DIR *directory = opendir(fixture->packages);
    struct dirent *item;
    char nothing[89];

    memset(nothing, 'A', sizeof nothing - 1);
    nothing[sizeof nothing - 1] = '\0';
    for (size_t i = 0; i < COUNT(never); i++)
        json_object_set_new(packages, never[i], json_sprintf("sha512-%s", nothing));
    while ((item = readdir(directory))) {
        struct buf text = BUF(256);
        struct err err;

        if (strcmp(path_extension(item->d_name), "integrity") != 0)
            continue;
        char *path = path_join(fixture->packages, item->d_name);
        check_ok(file_read(path, &text, &err), &err);
        item->d_name[strlen(item->d_name) - strlen(".integrity")] = '\0';
        json_object_set_new(packages, item->d_name, json_string(text.data));
        buf_release(&text);
        free(path);
    }
    closedir(directory);
    return packages;
}

static json_t *npm_source(const char *text)
{
    const char *colon = strchr(text, ':');
    json_t *members = json_array();

    for (const char *member = colon + 1; *member;) {
        size_t length = strcspn(member, "+");

        json_array_append_new(members,
                              json_pack("[s#,s#]", text, (int)(colon - text), member, (int)length));
        member += length + (member[length] == '+');
    }
    return json_pack("{s:o}", "npm", members);
}

static void add_source(struct fixture *fixture, json_t *sources, const char *source)
{
    if (!source)
        return;
    if (strncmp(source, "npm:", 4) == 0)
        json_array_append_new(sources, npm_source(source + 4));
    else
        json_array_append_new(
            sources, json_pack("{s:o}", "https",
                               json_sprintf("http://127.0.0.1:%d%s", fixture->port, source)));
}

static struct catalogue *parse(struct fixture *fixture, json_t *models)
{
    struct err err;
    json_t *root = json_pack("{s:o,s:o}", "packages", integrities(fixture), "models", models);
    char *text = json_dumps(root, 0);
    struct catalogue *catalogue = catalogue_parse(text, strlen(text), "test", &err);

    check_ok(catalogue, &err);
    free(text);
    json_decref(root);
    return catalogue;
}

struct catalogue *fixture_catalogue(struct fixture *fixture, size_t size, const char *sha256,
                                    const char *first_source, const char *second_source)
{
    json_t *sources = json_array();

    add_source(fixture, sources, first_source);
    add_source(fixture, sources, second_source);
    json_t *file = json_pack("{s:s,s:o,s:s?,s:o}", "path", "model/a.bin", "size",
                             size ? json_integer((json_int_t)size) : json_null(), "sha256", sha256,
                             "sources", sources);
    return parse(fixture, json_pack("[{s:s,s:s,s:s,s:s,s:s,s:[o]}]", "id", "model", "engine", "e",
                                    "name", "n", "licence", "l", "languages", "en", "files", file));
}

struct catalogue *fixture_catalogue_of(struct fixture *fixture, const char *models_format)
{
    struct buf text = BUF(LIMIT);
    struct err err;

    for (const char *p = models_format; *p; p++) {
        if (p[0] == '%' && p[1] == 'd')
            buf_format(&text, "%d", fixture->port), p++;
        else
            buf_append_char(&text, *p);
    }
    json_t *models = json_parse(text.data, text.len, "test", &err);
    check_ok(models, &err);
    buf_release(&text);
    return parse(fixture, models);
}

static void on_event(void *context, const struct pull_event *event)
{
    static const char *const names[] = { "waiting", "present", "step", "bytes", "failed", "done" };
    struct fixture *fixture = context;
    char *before = fixture->events;

    if ((event->kind == PULL_BYTES && fixture->cancels_on_bytes && event->done > 0) ||
        (event->kind == PULL_WAITING && fixture->cancels_on_waiting))
        cancel_request(&fixture->cancel);
    if (fixture->event_pipe >= 0)
        assert_int_equal(write(fixture->event_pipe, names[event->kind], 1), 1);
    if (event->kind == PULL_BYTES)
        return;
    fixture->events = str_format("%s%s %s %s\n", before ? before : "", names[event->kind],
                                 event->entry->id, event->text);
    free(before);
}

bool fixture_pull(struct fixture *fixture, const struct catalogue *catalogue, struct err *err)
{
    const struct pull_progress progress = { .context = fixture, .event = on_event };
    const struct pull pull = { .catalogue = catalogue,
                               .models_dir = fixture->models,
                               .progress = &progress,
                               .cancel = &fixture->cancel,
                               .npm = TEST_FOLDER "/fake_npm",
                               .stall_s = fixture->stall_s };

    free(fixture->events);
    fixture->events = NULL;
    err_clear(err);
    return model_pull(&pull, catalogue_find(catalogue, "model"), err);
}

static size_t append_body(char *bytes, size_t size, size_t count, void *body)
{
    buf_append(body, bytes, size * count);
    return size * count;
}

char *fixture_get(struct fixture *fixture, const char *path)
{
    struct buf body = BUF(LIMIT);
    CURL *curl = curl_easy_init();
    char *url = str_format("http://127.0.0.1:%d%s", fixture->port, path);

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
    free(url);
    return buf_take(&body);
}

char *fixture_file(struct fixture *fixture, const char *name)
{
    return path_join(fixture->models, name);
}

static void list(const char *root, const char *below, struct buf *out)
{
    char *folder = path_join(root, below);
    struct dirent **items;
    int count = scandir(folder, &items, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char *name = *below ? path_join(below, items[i]->d_name) : xstrdup(items[i]->d_name);
        char *path = path_join(root, name);
        struct stat st;

        if (strcmp(items[i]->d_name, ".") == 0 || strcmp(items[i]->d_name, "..") == 0)
            ;
        else if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            list(root, name, out);
        else
            buf_format(out, "%s %jd\n", name, (intmax_t)st.st_size);
        free(path);
        free(name);
        free(items[i]);
    }
    if (count >= 0)
        free(items);
    free(folder);
}

char *fixture_tree(struct fixture *fixture)
{
    struct buf out = BUF(LIMIT);

    list(fixture->models, "", &out);
    return buf_take(&out);
}

void fixture_check_tree(struct fixture *fixture, const char *expected)
{
    char *tree = fixture_tree(fixture);

    check_text("files in the models folder", tree, expected);
    free(tree);
}

void fixture_check_content(struct fixture *fixture, const char *name, size_t size)
{
    struct buf bytes = BUF(LIMIT);
    struct err err;
    char *path = fixture_file(fixture, name);
    char *expected = fixture_pattern(size);

    check_ok(file_read(path, &bytes, &err), &err);
    check_case(name, bytes.len == size && memcmp(bytes.data, expected, size) == 0);
    free(expected);
    free(path);
    buf_release(&bytes);
}
