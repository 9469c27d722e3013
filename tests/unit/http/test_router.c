#include "base/buf.h"
#include "check.h"
#include "http/router.h"

static const struct route routes[] = {
    { .method = "GET", .path = "/", .operation = "root" },
    { .method = "GET", .path = "/api/projects/", .operation = "list" },
    { .method = "POST", .path = "/api/projects/", .operation = "create" },
    { .method = "POST", .path = "/api/projects/import/", .operation = "import" },
    { .method = "GET", .path = "/api/projects/{id}/", .operation = "get" },
    { .method = "PATCH", .path = "/api/projects/{project}/", .operation = "patch" },
    { .method = "GET", .path = "/api/projects/{id}/segments/{segment}", .operation = "segment" },
    { .method = "GET", .path = "/api/projects/import/help", .operation = "help" },
};

static const struct route more_routes[] = {
    { .method = "GET", .path = "/media/{path...}", .operation = "media" },
    { .method = "GET", .path = "/media/list", .operation = "media list" },
    { .method = "HEAD", .path = "/own-head", .operation = "own head" },
    { .method = "GET", .path = "/own-head", .operation = "own get" },
    { .method = "GET", .path = "/{page}", .operation = "page" },
};

static const struct route_table tables[] = {
    { routes, COUNT(routes) },
    { more_routes, COUNT(more_routes) },
};

struct looked_up {
    const char *method, *path;
    const char *operation; /* NULL: none */
    const char *params;    /* "id=7 segment=a" */
    const char *allow;     /* NULL: the path is unknown; "": not looked at */
};

static const struct looked_up cases[] = {
    { "GET", "/", "root", "", "" },
    { "GET", "/api/projects/", "list", "", "" },
    { "GET", "/api/projects", "list", "", "GET, HEAD, POST, OPTIONS" },
    { "POST", "/api/projects", "create", "", "" },
    { "HEAD", "/api/projects/", "list", "", "" },
    { "HEAD", "/own-head", "own head", "", "" },
    { "DELETE", "/api/projects/", NULL, "", "GET, HEAD, POST, OPTIONS" },
    { "OPTIONS", "/api/projects/", NULL, "", "GET, HEAD, POST, OPTIONS" },
    { "HEAD", "/api/projects/import", NULL, "", "POST, OPTIONS" },
    { "GET", "/api/projects/7/", "get", "id=7", "GET, HEAD, PATCH, OPTIONS" },
    { "PATCH", "/api/projects/7", "patch", "project=7", "" },
    { "GET", "/api/projects/7/segments/a%20b", "segment", "id=7 segment=a b", "" },
    { "GET", "/api/projects/a%2Fb/", "get", "id=a/b", "" },
    { "GET", "/api/projects/%C3%A9", "get", "id=\xC3\xA9", "" },
    { "GET", "/api/%70rojects/", "list", "", "" },
    { "POST", "/api/projects/import", "import", "", "" },
    { "GET", "/api/projects/import/segments/1", "segment", "id=import segment=1", "" },
    { "GET", "/api/projects//", NULL, "", NULL },
    { "GET", "/api//projects/", NULL, "", NULL },
    { "GET", "//", NULL, "", NULL },
    { "GET", "/api", "page", "page=api", "" },
    { "GET", "/api/nothing", NULL, "", NULL },
    { "GET", "/api/projects/7/segments", NULL, "", NULL },
    { "GET", "/media/a", "media", "path=a", "" },
    { "GET", "/media/a/b%20c/d.wav", "media", "path=a/b c/d.wav", "" },
    { "GET", "/media/a/b/", "media", "path=a/b/", "" },
    { "GET", "/media/a//b", "media", "path=a//b", "" },
    { "GET", "/media/list", "media list", "", "" },
    { "GET", "/media/list/more", "media", "path=list/more", "" },
    { "GET", "/media//a", NULL, "", NULL },
    { "GET", "/media/", "page", "page=media", "" },
    { "GET", "/elsewhere", "page", "page=elsewhere", "" },
    { "GET", "/API/projects/", NULL, "", NULL },
};

static char *format_params(const struct route_match *match)
{
    struct buf out = BUF(1000);

    for (size_t i = 0; i < match->param_count; i++) {
        buf_append_str(&out, i ? " " : "");
        buf_append(&out, match->params[i].name, match->params[i].name_length);
        buf_format(&out, "=%s", match->params[i].value);
    }
    return buf_take(&out);
}

static void test_paths_find_their_routes_and_parameters(void **state)
{
    struct router *router = router_create(tables, COUNT(tables));

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct looked_up *c = &cases[i];
        char *name = str_format("%s %s", c->method, c->path);
        /* Of exactly the promised size, so that the sanitizer sees a byte too many. */
        char *scratch = xmalloc(strlen(c->path) + 1);
        struct route_match match;

        router_match(router, c->method, c->path, scratch, &match);
        char *params = format_params(&match);
        check_text(name, match.route ? match.route->operation : "none",
                   c->operation ? c->operation : "none");
        check_text(name, params, c->params);
        if (!c->allow || *c->allow)
            check_text(name, match.allow ? match.allow : "unknown",
                       c->allow ? c->allow : "unknown");
        free(params);
        free(scratch);
        free(name);
    }
    router_destroy(router);
}

static void test_a_path_of_very_many_segments_is_unknown(void **state)
{
    struct router *router = router_create(tables, COUNT(tables));
    struct buf path = BUF(10000);
    struct route_match match;

    (void)state;
    buf_append_str(&path, "/media");
    for (int i = 0; i < 2000; i++)
        buf_append_str(&path, "/a");
    char *scratch = xmalloc(path.len + 1);
    router_match(router, "GET", path.data, scratch, &match);
    assert_null(match.route);
    assert_null(match.allow);
    free(scratch);
    buf_release(&path);
    router_destroy(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_find_their_routes_and_parameters),
        cmocka_unit_test(test_a_path_of_very_many_segments_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
