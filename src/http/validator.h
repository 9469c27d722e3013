#pragma once

/*
 * Validators and the conditions on them (RFC 9110, sections 8.8 and 13): has the
 * client what it asks for, or part of it? Pure functions; a NULL header is an
 * absent one.
 *
 * Tags are quoted strings here, as they stand in ETag: "\"a1\"" or "W/\"a1\"".
 */

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#define HTTP_DATE_SIZE 30

/* "Sun, 06 Nov 1994 08:49:37 GMT". */
void http_date_format(time_t moment, char out[HTTP_DATE_SIZE]);

/* Reads all three forms that section 5.6.7 asks for. */
bool http_date_parse(const char *text, time_t *out);

#define ETAG_OF_FILE_SIZE 72

/* Of what a file holds now, by size, time and inode; not quoted, so that more may be added. */
void etag_of_file(const struct stat *st, char out[ETAG_OF_FILE_SIZE]);

enum etag_comparison {
    ETAG_WEAK,   /* the same meaning: W/ is not looked at */
    ETAG_STRONG, /* the same bytes: a weak tag equals nothing */
};

/* Is tag in a list as If-None-Match and If-Match have it? "*" is every tag. */
bool etag_in_list(const char *list, const char *tag, enum etag_comparison comparison);

/* What a representation is and what the request said of it. */
struct conditions {
    const char *etag; /* strong; or NULL */
    time_t modified;  /* Last-Modified, whole seconds */
    time_t now;
    const char *if_match, *if_unmodified_since, *if_none_match, *if_modified_since, *if_range;
};

/* The status that answers a GET or HEAD before its content is looked at: 304, 412, or 0 to go on. */
int conditions_status(const struct conditions *conditions);

/* Does a Range count? False: the client has parts of another version and gets the whole. */
bool conditions_allow_range(const struct conditions *conditions);
