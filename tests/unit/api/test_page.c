#include "api/api.h"
#include "api/page.h"
#include "http/serving.h"

/* Bytes that stand for gzip's: who decides does not look at them. */
#define BYTES(tag, text)                                                                           \
    {                                                                                              \
        tag, (const unsigned char *)text, sizeof text - 1                                          \
    }

static const struct page_file files[] = {
    { .path = "assets/font-AAAAAAAA.woff2",
      .media_type = "font/woff2",
      .is_immutable = true,
      .plain = BYTES("font", "a font") },
    { .path = "assets/index-BBBBBBBB.js",
      .media_type = "text/javascript",
      .is_immutable = true,
      .plain = BYTES("script", "a long script"),
      .gzip = BYTES("script-gz", "short") },
    { .path = "index.html",
      .media_type = "text/html",
      .plain = BYTES("page", "<p>the page</p>"),
      .gzip = BYTES("page-gz", "<p>") },
    { .path = "licenses.txt",
      .media_type = "text/plain; charset=utf-8",
      .plain = BYTES("licenses", "MIT") },
};

static struct server *serve_page(const struct page_files *page)
{
    static struct api api;

    api = (struct api){ .page = page };
    return serving_start(page_routes, COUNT(page_routes),
                         (struct server_options){ .context = &api, .api_key = "s3cret" });
}

static struct server *serve_files(void)
{
    static const struct page_files page = { files, COUNT(files) };

    return serve_page(&page);
}

static const struct {
    const char *name, *line, *headers;
    int status;
    const char *etag, *coding, *body;
} cases[] = {
    { "the page", "GET /", "", 200, "\"page\"", NULL, "<p>the page</p>" },
    { "its second address", "GET /narrate", "", 200, "\"page\"", NULL, "<p>the page</p>" },
    { "with a slash", "GET /narrate/", "", 200, "\"page\"", NULL, "<p>the page</p>" },
    { "a deep link", "GET /narrate/8c1f?segment=2", "", 200, "\"page\"", NULL, "<p>the page</p>" },
    { "gzipped", "GET /", "Accept-Encoding: br, gzip\r\n", 200, "\"page-gz\"", "gzip", "<p>" },
    { "gzip refused", "GET /", "Accept-Encoding: gzip;q=0, *\r\n", 200, "\"page\"", NULL,
      "<p>the page</p>" },
    { "a script", "GET /assets/index-BBBBBBBB.js", "Accept-Encoding: gzip\r\n", 200,
      "\"script-gz\"", "gzip", "short" },
    { "what gzip does not make smaller", "GET /assets/font-AAAAAAAA.woff2",
      "Accept-Encoding: gzip\r\n", 200, "\"font\"", NULL, "a font" },
    { "the licences", "GET /licenses.txt", "", 200, "\"licenses\"", NULL, "MIT" },
    { "HEAD", "HEAD /", "Accept-Encoding: gzip\r\n", 200, "\"page-gz\"", "gzip", "" },
    { "the client has it", "GET /", "If-None-Match: \"page\"\r\n", 304, "\"page\"", NULL, "" },
    { "the client has it gzipped", "GET /",
      "If-None-Match: W/\"page-gz\"\r\nAccept-Encoding: gzip\r\n", 304, "\"page-gz\"", NULL, "" },
    { "the client has the other coding", "GET /", "If-None-Match: \"page-gz\"\r\n", 200, "\"page\"",
      NULL, "<p>the page</p>" },
    { "no such asset", "GET /assets/index-CCCCCCCC.js", "", 404, NULL, NULL, NULL },
    { "a file outside of assets", "GET /assets/..%2Findex.html", "", 404, NULL, NULL, NULL },
    { "an icon that is not there", "GET /favicon.svg", "", 404, NULL, NULL, NULL },
};

static void test_addresses_answer_their_files(void **state)
{
    struct server *server = serve_files();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct answer answer = ask(server, cases[i].line, cases[i].headers);

        if (answer.status != cases[i].status)
            fail_msg("%s: %d instead of %d", cases[i].name, answer.status, cases[i].status);
        check_header(&answer, "ETag", cases[i].etag);
        check_header(&answer, "Content-Encoding", cases[i].coding);
        if (cases[i].body)
            check_text(cases[i].name, body_of(&answer), cases[i].body);
        answer_release(&answer);
    }
    server_destroy(server);
}

static void test_a_missing_file_is_an_error_in_the_usual_face(void **state)
{
    struct server *server = serve_files();
    struct answer answer = ask(server, "GET /assets/gone.js", "");

    (void)state;
    check_header(&answer, "Content-Type", "application/json");
    check_text("body", body_of(&answer), "{\"detail\":\"The page has no such file.\"}");
    answer_release(&answer);
    server_destroy(server);
}

static void test_what_is_named_after_its_content_is_kept_and_the_rest_asked_for(void **state)
{
    struct server *server = serve_files();
    struct answer asset = ask(server, "GET /assets/index-BBBBBBBB.js", "");
    struct answer font = ask(server, "GET /assets/font-AAAAAAAA.woff2", "");
    struct answer page = ask(server, "GET /", "If-None-Match: \"page\"\r\n");

    (void)state;
    check_header(&asset, "Cache-Control", "public, max-age=31536000, immutable");
    check_header(&asset, "Content-Type", "text/javascript");
    check_header(&asset, "Vary", "Accept-Encoding");
    check_header(&font, "Vary", NULL);
    check_header(&page, "Cache-Control", "no-cache");
    check_header(&page, "Vary", "Accept-Encoding");
    answer_release(&asset);
    answer_release(&font);
    answer_release(&page);
    server_destroy(server);
}

static void test_the_page_runs_nothing_but_its_own(void **state)
{
    struct server *server = serve_files();
    struct answer answer = ask(server, "GET /", "");
    char *policy = answer_header(&answer, "Content-Security-Policy");

    (void)state;
    assert_non_null(policy);
    assert_non_null(strstr(policy, "default-src 'self';"));
    assert_non_null(strstr(policy, "frame-ancestors 'none'"));
    assert_null(strstr(policy, "script-src"));
    check_header(&answer, "X-Content-Type-Options", "nosniff");
    check_header(&answer, "Referrer-Policy", "no-referrer");
    free(policy);
    answer_release(&answer);
    server_destroy(server);
}

/* Whatever it was built from: web/dist, or nothing. */
static void test_the_page_built_in_has_an_index_whose_files_are_there(void **state)
{
    struct server *server = serve_page(&page_built);
    struct answer page = ask(server, "GET /", "");

    (void)state;
    assert_int_equal(page.status, 200);
    check_header(&page, "Content-Type", "text/html; charset=utf-8");
    assert_non_null(strstr(body_of(&page), "Parlando"));
    for (const char *at = body_of(&page); (at = strstr(at, "\"/assets/")); at++) {
        char *line = str_format("GET %.*s", (int)strcspn(at + 1, "\""), at + 1);
        struct answer asset = ask(server, line, "");

        if (asset.status != 200)
            fail_msg("%s: %d", line, asset.status);
        check_header(&asset, "Cache-Control", "public, max-age=31536000, immutable");
        answer_release(&asset);
        free(line);
    }
    answer_release(&page);
    server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_answer_their_files),
        cmocka_unit_test(test_a_missing_file_is_an_error_in_the_usual_face),
        cmocka_unit_test(test_what_is_named_after_its_content_is_kept_and_the_rest_asked_for),
        cmocka_unit_test(test_the_page_runs_nothing_but_its_own),
        cmocka_unit_test(test_the_page_built_in_has_an_index_whose_files_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
