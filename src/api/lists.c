#include "api/lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* Pages are counted up to here, so that no product with their size overflows. */
#define PAGE_NUMBER_MAX 1000000000

bool list_parse_page(struct list *list, const char *page, const char *page_size, struct err *err)
{
    struct err ignored;
    int64_t size = LIST_PAGE_SIZE;

    list->is_paged = page || page_size;
    if (!list->is_paged)
        return true;
    list->number = 1;
    if (page && !number_parse_int(page, "page", 1, PAGE_NUMBER_MAX, &list->number, &ignored))
        return err_set_param(err, ERR_NOT_FOUND, "page", "Invalid page.");
    if (page_size && !number_parse_int(page_size, "page_size", 1, INT64_MAX, &size, &ignored))
        size = LIST_PAGE_SIZE;
    if (size > LIST_PAGE_SIZE_MAX)
        size = LIST_PAGE_SIZE_MAX;
    list->page = (struct page){ .offset = (list->number - 1) * size, .limit = size };
    return true;
}

bool list_check_page(const struct list *list, int64_t total, struct err *err)
{
    if (!list->is_paged || list->number == 1 || list->page.offset < total)
        return true;
    return err_set_param(err, ERR_NOT_FOUND, "page", "Invalid page.");
}

/* Percent-encoding of all but RFC 3986's unreserved characters. */
static void append_encoded(struct buf *out, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";

    for (const char *c = text; *c; c++) {
        if (strchr(unreserved, *c))
            buf_append_char(out, *c);
        else
            buf_format(out, "%%%02X", (unsigned char)*c);
    }
}

void list_keep(struct list *list, struct arena *arena, const char *name, const char *value)
{
    struct buf encoded = BUF(3 * strlen(value) + 1);

    append_encoded(&encoded, value);
    list->kept =
        arena_format(arena, "%s&%s=%s", list->kept, name, encoded.data ? encoded.data : "");
    buf_release(&encoded);
}

static const char *text_or_null(const char *text)
{
    return text && *text ? text : NULL;
}

bool list_begin(struct list *list, struct request *request, const char *filter, struct err *err)
{
    const char *const kept[] = { filter, "search", "ordering", "page_size" };
    struct arena *arena = request_arena(request);

    *list = (struct list){
        .search = text_or_null(request_query(request, "search")),
        .ordering = text_or_null(request_query(request, "ordering")),
        .address = arena_format(arena, "%s%s", request_origin(request), request_path(request)),
        .kept = "",
    };
    for (size_t i = 0; i < COUNT(kept); i++) {
        const char *value = kept[i] ? request_query(request, kept[i]) : NULL;

        if (value)
            list_keep(list, arena, kept[i], value);
    }
    return list_parse_page(list, request_query(request, "page"),
                           request_query(request, "page_size"), err);
}

static void write_link(const struct list *list, struct json_writer *w, const char *key,
                       int64_t number, bool is_there)
{
    if (!is_there) {
        json_write_null(w, key);
        return;
    }
    char *link = str_format("%s?page=%" PRId64 "%s", list->address, number, list->kept);

    json_write_text(w, key, link);
    free(link);
}

void list_write(const struct list *list, struct json_writer *w, const struct shape *shape,
                const struct list_items *items, int64_t total)
{
    if (!list->is_paged) {
        shape_write_items(w, NULL, shape, items);
        return;
    }
    json_write_object_begin(w, NULL);
    json_write_int(w, "count", total);
    write_link(list, w, "next", list->number + 1, list->page.offset + list->page.limit < total);
    write_link(list, w, "previous", list->number - 1, list->number > 1);
    shape_write_items(w, "results", shape, items);
    json_write_object_end(w);
}

bool list_answer(const struct list *list, struct response *response, const struct shape *shape,
                 const struct list_items *items, int64_t total, struct err *err)
{
    if (!list_check_page(list, total, err))
        return false;
    list_write(list, response_json(response), shape, items, total);
    return true;
}
