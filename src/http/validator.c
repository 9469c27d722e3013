#include "http/validator.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

/* strftime and strptime know the English names because the program never leaves the locale "C". */
#define DATE_FORMAT "%a, %d %b %Y %H:%M:%S GMT"

void http_date_format(time_t moment, char out[HTTP_DATE_SIZE])
{
    struct tm tm;

    if (!gmtime_r(&moment, &tm) || strftime(out, HTTP_DATE_SIZE, DATE_FORMAT, &tm) == 0)
        out[0] = '\0'; /* a year of more than four digits */
}

bool http_date_parse(const char *text, time_t *out)
{
    static const char *const formats[] = {
        DATE_FORMAT,                 /* IMF-fixdate */
        "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
        "%a %b %e %H:%M:%S %Y",      /* asctime */
    };

    for (size_t i = 0; i < COUNT(formats); i++) {
        struct tm tm = { 0 };
        const char *end = strptime(text, formats[i], &tm);

        if (end && *end == '\0') {
            *out = timegm(&tm);
            return true;
        }
    }
    return false;
}

void etag_of_file(const struct stat *st, char out[ETAG_OF_FILE_SIZE])
{
    snprintf(out, ETAG_OF_FILE_SIZE, "%jx-%jx%09lx-%jx", (uintmax_t)st->st_size,
             (uintmax_t)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec,
             (uintmax_t)st->st_ino);
}

static bool is_weak(const char *tag)
{
    return strncmp(tag, "W/", 2) == 0;
}

static bool tags_equal(const char *tag, size_t length, const char *other,
                       enum etag_comparison comparison)
{
    if (comparison == ETAG_STRONG && (is_weak(tag) || is_weak(other)))
        return false;
    if (is_weak(tag)) {
        tag += 2;
        length -= 2;
    }
    if (is_weak(other))
        other += 2;
    return strlen(other) == length && memcmp(tag, other, length) == 0;
}

/* The length of the tag at the start of text; 0 when there is none. */
static size_t tag_length(const char *text)
{
    size_t open = is_weak(text) ? 2 : 0;

    if (text[open] != '"')
        return 0;
    const char *close = strchr(text + open + 1, '"');
    return close ? (size_t)(close - text) + 1 : 0;
}

bool etag_in_list(const char *list, const char *tag, enum etag_comparison comparison)
{
    list += strspn(list, " \t,");
    if (*list == '*')
        return true;
    while (*list) {
        size_t length = tag_length(list);

        if (length == 0) /* not a list of tags: who wrote it has none of ours */
            return false;
        if (tags_equal(list, length, tag, comparison))
            return true;
        list += length;
        list += strspn(list, " \t,");
    }
    return false;
}

/* Modified after the moment of a header? A header that is no date says nothing (13.1.3, 13.1.4). */
static bool modified_since(const struct conditions *c, const char *header, bool otherwise)
{
    time_t moment;

    return http_date_parse(header, &moment) ? c->modified > moment : otherwise;
}

/* In the order of section 13.2.2. */
int conditions_status(const struct conditions *c)
{
    if (c->if_match) {
        if (!etag_in_list(c->if_match, c->etag ? c->etag : "", ETAG_STRONG))
            return 412;
    } else if (c->if_unmodified_since && modified_since(c, c->if_unmodified_since, false)) {
        return 412;
    }
    if (c->if_none_match)
        return etag_in_list(c->if_none_match, c->etag ? c->etag : "", ETAG_WEAK) ? 304 : 0;
    if (c->if_modified_since && !modified_since(c, c->if_modified_since, true))
        return 304;
    return 0;
}

bool conditions_allow_range(const struct conditions *c)
{
    time_t moment;

    if (!c->if_range)
        return true;
    if (tag_length(c->if_range) > 0)
        return c->etag && tags_equal(c->if_range, strlen(c->if_range), c->etag, ETAG_STRONG);
    /* A date counts when it is exactly ours, and so old that the file cannot have changed twice
     * within its second (13.1.5 with 8.8.2.2). */
    return http_date_parse(c->if_range, &moment) && moment == c->modified && c->now > moment + 1;
}
