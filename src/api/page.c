#include "api/page.h"

#include <string.h>

#include "api/api.h"
#include "http/coding.h"
#include "http/request.h"
#include "http/response.h"

#define INDEX "index.html"
#define ICON "favicon.svg"
#define LICENSES "licenses.txt" /* web/licenses.ts */

/* The page runs no script and loads no file but its own, sends forms nowhere and stands in no frame.
 * Pictures and sounds that were just chosen or made have addresses of their own (blob:). */
#define CONTENT_POLICY                                                                             \
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "                     \
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; base-uri 'none'; "     \
    "form-action 'self'; frame-ancestors 'none'"

/* It hears the microphone when its user says so, and asks for nothing else. */
#define PERMISSIONS_POLICY "camera=(), geolocation=(), microphone=(self)"

#define CACHE_FOR_GOOD "public, max-age=31536000, immutable"
#define CACHE_AND_ASK "no-cache"

static const struct page_file *find_file(const struct page_files *page, const char *path)
{
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->files[i].path, path) == 0)
            return &page->files[i];
    return NULL;
}

static void answer_file(const struct page_file *file, struct request *request,
                        struct response *response)
{
    bool is_gzipped =
        file->gzip.bytes && coding_is_accepted(request_header(request, "Accept-Encoding"), "gzip");
    const struct page_bytes *sent = is_gzipped ? &file->gzip : &file->plain;

    response_constant(response, file->media_type, sent->bytes, sent->length);
    response_etag(response, sent->etag);
    if (is_gzipped)
        response_coding(response, "gzip");
    if (file->gzip.bytes)
        response_header(response, "Vary", "Accept-Encoding");
    response_header(response, "Cache-Control", file->is_immutable ? CACHE_FOR_GOOD : CACHE_AND_ASK);
    response_header(response, "Content-Security-Policy", CONTENT_POLICY);
    response_header(response, "Permissions-Policy", PERMISSIONS_POLICY);
    response_header(response, "Referrer-Policy", "no-referrer");
}

/* False when the page has no such file. */
static bool answer_path(const char *path, struct request *request, struct response *response)
{
    const struct api *api = request_context(request);
    const struct page_file *file = find_file(api->page, path);

    if (file)
        answer_file(file, request, response);
    return file;
}

static bool get_index_quick(struct request *request, struct response *response)
{
    return answer_path(INDEX, request, response);
}

static bool get_icon_quick(struct request *request, struct response *response)
{
    return answer_path(ICON, request, response);
}

static bool get_licenses_quick(struct request *request, struct response *response)
{
    return answer_path(LICENSES, request, response);
}

static bool get_asset_quick(struct request *request, struct response *response)
{
    const char *name = request_path_param(request, "name");

    return answer_path(arena_format(request_arena(request), "assets/%s", name), request, response);
}

/* What the quick handlers did not find. */
static bool refuse(struct request *request, struct response *response, struct err *err)
{
    (void)request, (void)response;
    return err_set(err, ERR_NOT_FOUND, "The page has no such file.");
}

#define PAGE_ROW(address, name, sentence)                                                          \
    {                                                                                              \
        "GET", address, refuse, get_index_quick, ROUTE_PUBLIC,                                     \
            .operation = name, .about = sentence, .statuses = "200 Page, 304"                      \
    }

const struct route page_routes[] = {
    PAGE_ROW("/", "getPage", "The web page."),
    PAGE_ROW("/narrate/", "getNarratePage", "The page, with all projects."),
    PAGE_ROW("/narrate/{project}/", "getNarrateProjectPage", "The page, with this project."),
    PAGE_ROW("/speak/", "getSpeakPage", "The page, to speak a text."),
    PAGE_ROW("/transcribe/", "getTranscribePage", "The page, to transcribe recordings."),
    PAGE_ROW("/history/", "getHistoryPage", "The page, with what was spoken and heard."),
    PAGE_ROW("/models/", "getModelsPage", "The page, with all models."),
    { "GET", "/assets/{name}", refuse, get_asset_quick, ROUTE_PUBLIC | ROUTE_UNLOGGED,
      .operation = "getPageAsset", .about = "A file of the page, named after its content.",
      .statuses = "200 File, 304, 404 Detail" },
    { "GET", "/favicon.svg", refuse, get_icon_quick, ROUTE_PUBLIC | ROUTE_UNLOGGED,
      .operation = "getPageIcon", .about = "The page's icon.",
      .statuses = "200 File, 304, 404 Detail" },
    { "GET", "/licenses.txt", refuse, get_licenses_quick, ROUTE_PUBLIC | ROUTE_UNLOGGED,
      .operation = "getPageLicenses", .about = "The licences of the code of others in the page.",
      .statuses = "200 File, 304, 404 Detail" },
};
