#pragma once

/*
 * Lists as Django REST Framework answers them: all items as a plain array, or
 * one page {"count", "next", "previous", "results"} when the query has `page` or
 * `page_size`. A page size that makes no sense is the default one and a large
 * one is cut, as there; a page that does not exist is a 404.
 *
 *     if (!list_begin(&list, request, err)) return false;
 *     … store_projects(…, &list.page, …, &projects, …) …
 *     return list_answer(&list, response, &project_shape, &items, projects.total, err);
 */

#include "api/shape.h"
#include "http/request.h"
#include "http/response.h"
#include "store/store.h"

#define LIST_PAGE_SIZE 50
#define LIST_PAGE_SIZE_MAX 1000

struct list {
    struct page page; /* what to ask the store for */
    bool is_paged;
    int64_t number; /* of the page, from 1 */

    const char *search, *ordering; /* or NULL; "" is NULL too */

    /* Address of the list without its query, and the members of the query that another page's
     * address keeps, encoded, each with a '&' in front. */
    const char *address, *kept;
};

/* Reads page, page_size, search and ordering; links keep those and the parameter that filters (its
 * name, or NULL). ERR_NOT_FOUND for a page that is no number. */
bool list_begin(struct list *list, struct request *request, const char *filter, struct err *err);

/* ERR_NOT_FOUND for a page behind the last one. */
bool list_answer(const struct list *list, struct response *response, const struct shape *shape,
                 const struct list_items *items, int64_t total, struct err *err);

/* What list_begin and list_answer do with text and a writer. */
bool list_parse_page(struct list *list, const char *page, const char *page_size, struct err *err);
bool list_check_page(const struct list *list, int64_t total, struct err *err);
void list_keep(struct list *list, struct arena *arena, const char *name, const char *value);
void list_write(const struct list *list, struct json_writer *writer, const struct shape *shape,
                const struct list_items *items, int64_t total);

/* What every list's table of struct route_query has. */
#define LIST_QUERY_PAGE                                                                            \
    {                                                                                              \
        "page", "integer", "The page, from 1; with it the answer is that page only."               \
    }
#define LIST_QUERY_PAGE_SIZE                                                                       \
    {                                                                                              \
        "page_size", "integer", "Items a page, to 1000; 50 when only the page is given."           \
    }
