#include "models/fetch_https.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_S 20L
#define STALL_BYTES_PER_S 100L
#define REDIRECTS_MAX 8L
#define HTTP_OK 200
#define HTTP_PARTIAL 206
#define HTTP_RANGE_REFUSED 416

struct download {
    CURL *curl;
    struct part *part;
    const struct transfer *transfer;
    struct err *err; /* set by a callback that stopped the transfer */
    bool is_checked; /* the answer's headers fit */
};

/* "bytes 100-199/200": where the body starts and how long the whole is. */
static bool parse_content_range(const char *text, uint64_t *start, uint64_t *total)
{
    return sscanf(text, "bytes %" SCNu64 "-%*u/%" SCNu64, start, total) == 2;
}

/* The body that comes is the rest of our part, or the whole file, or not our file. */
static bool check_answer(struct download *download)
{
    struct part *part = download->part;
    struct curl_header *range;
    uint64_t start = 0;
    uint64_t total = 0;
    curl_off_t length = -1;
    long status = 0;

    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(download->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (status == HTTP_PARTIAL) {
        if (curl_easy_header(download->curl, "Content-Range", 0, CURLH_HEADER, -1, &range) !=
                CURLHE_OK ||
            !parse_content_range(range->value, &start, &total) || start != part->size)
            return err_set(download->err, ERR_NETWORK, "the server sent another part than asked.");
    } else if (status == HTTP_OK) {
        if (part->size > 0 && !part_restart(part, download->err))
            return false;
        total = length > 0 ? (uint64_t)length : 0;
    } else {
        return err_set(download->err, ERR_NETWORK, "the server answered %ld.", status);
    }
    if (part->file->size && total && total != part->file->size)
        return err_set(download->err, ERR_CORRUPT,
                       "the server has %" PRIu64 " bytes there instead of %" PRIu64 ".", total,
                       part->file->size);
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct download *download = context;

    if (!download->is_checked && !check_answer(download))
        return 0;
    download->is_checked = true;
    return part_append(download->part, bytes, size * count, download->err) ? size * count : 0;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct download *download = context;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    if (download->is_checked && download->transfer->bytes)
        download->transfer->bytes(download->transfer->context, download->part->size,
                                  download->part->file->size);
    return cancel_is_requested(download->transfer->cancel) ? 1 : 0;
}

static void set_options(struct download *download, const char *url)
{
    bool is_loopback = strncmp(url, "http:", strlen("http:")) == 0; /* the catalogue checked it */
    const char *protocols = is_loopback ? "http" : "https";
    CURL *curl = download->curl;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
    if (is_loopback)
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "parlando/" PARLANDO_VERSION);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, download->transfer->stall_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, download);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, download);
}

static bool explain(struct download *download, CURLcode code, const char *detail)
{
    struct err *err = download->err;
    long status = 0;

    if (code == CURLE_OK || err->kind != ERR_NONE)
        return err->kind == ERR_NONE;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return err_set(err, ERR_CANCELLED, "Cancelled.");
    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return err_set(err, status == 404 ? ERR_NOT_FOUND : ERR_NETWORK, "the server answered %ld.",
                       status);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ERR_NETWORK, "the connection stands still (%s).",
                       *detail ? detail : curl_easy_strerror(code));
    return err_set(err, ERR_NETWORK, "%s.", *detail ? detail : curl_easy_strerror(code));
}

static bool perform(struct download *download)
{
    char detail[CURL_ERROR_SIZE] = "";
    char range[32] = "";
    long status = 0;

    if (download->part->size > 0) {
        snprintf(range, sizeof range, "%" PRIu64 "-", download->part->size);
        curl_easy_setopt(download->curl, CURLOPT_RANGE, range);
    } else {
        curl_easy_setopt(download->curl, CURLOPT_RANGE, NULL);
    }
    curl_easy_setopt(download->curl, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(download->curl);
    curl_easy_setopt(download->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
    /* The part is as long as the server's file, or longer: begin again. */
    if (code == CURLE_HTTP_RETURNED_ERROR && status == HTTP_RANGE_REFUSED && *range)
        return part_restart(download->part, download->err) && perform(download);
    return explain(download, code, detail);
}

bool fetch_https(const char *url, struct part *part, const struct transfer *transfer,
                 struct err *err)
{
    struct err own = { .kind = ERR_NONE };
    struct download download = {
        .curl = curl_easy_init(), .part = part, .transfer = transfer, .err = &own
    };

    if (!download.curl)
        return err_set(err, ERR_INTERNAL, "libcurl cannot start.");
    if (part->file->size == 0 || part->size < part->file->size) {
        set_options(&download, url);
        perform(&download);
    }
    curl_easy_cleanup(download.curl);
    if (own.kind == ERR_NONE)
        return true;
    *err = own;
    return false;
}
