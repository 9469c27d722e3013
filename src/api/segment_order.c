#include "api/segment_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define NAMED_MAX 5 /* ids a message */

/* Ids of one kind of mistake: how many there are, and the first of them. */
struct named {
    size_t count;
    const char *ids[NAMED_MAX];
};

static void add(struct named *named, const char *id)
{
    if (named->count < NAMED_MAX)
        named->ids[named->count] = id;
    named->count++;
}

static void report(const struct named *named, const char *what, struct field_errors *errors)
{
    struct buf list = BUF(4096);

    if (named->count == 0)
        return;
    for (size_t i = 0; i < named->count && i < NAMED_MAX; i++)
        buf_format(&list, "%s%s", i > 0 ? ", " : "", named->ids[i]);
    if (named->count > NAMED_MAX)
        buf_format(&list, " and %zu more", named->count - NAMED_MAX);
    field_errors_add(errors, "order", "%s: %s.", what, list.data);
    buf_release(&list);
}

static int compare_ids(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Two sorted lists, walked side by side. */
static void compare_lists(const char **order, size_t order_count, const char **own,
                          size_t own_count, struct named *twice, struct named *foreign,
                          struct named *missing)
{
    size_t i = 0, k = 0;

    while (i < order_count || k < own_count) {
        int way = i == order_count ? 1 : k == own_count ? -1 : strcmp(order[i], own[k]);
        const char *id = order[i];

        if (way > 0) {
            add(missing, own[k++]);
            continue;
        }
        if (way < 0)
            add(foreign, id);
        else
            k++;
        if (++i < order_count && strcmp(order[i], id) == 0)
            add(twice, id);
        while (i < order_count && strcmp(order[i], id) == 0)
            i++;
    }
}

void segment_order_explain(const struct text_items *order, const struct segment_list *segments,
                           struct field_errors *errors)
{
    size_t count = (size_t)segments->count;
    const char **own = arena_alloc(errors->arena, (count + 1) * sizeof *own);
    const char **given = arena_alloc(errors->arena, (order->count + 1) * sizeof *given);
    struct named twice = { 0 }, foreign = { 0 }, missing = { 0 };

    for (size_t i = 0; i < count; i++)
        own[i] = segments->items[i].id;
    for (size_t i = 0; i < order->count; i++)
        given[i] = order->items[i];
    qsort(own, count, sizeof *own, compare_ids);
    qsort(given, order->count, sizeof *given, compare_ids);
    compare_lists(given, order->count, own, count, &twice, &foreign, &missing);
    report(&twice, "Named twice", errors);
    report(&foreign, "Not of this project", errors);
    report(&missing, "Missing", errors);
}
