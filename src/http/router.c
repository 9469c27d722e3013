#include "http/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/target.h"

#define SEGMENTS_MAX 64
#define ALLOW_MAX 128

/* Text that is not terminated. */
struct slice {
    const char *text;
    size_t length;
};

/* A row of the tables at its place in the tree. */
struct entry {
    const struct route *route;
    struct slice names[ROUTE_PARAMS_MAX]; /* of the parameters, from left to right */
    size_t name_count;
};

struct node {
    struct slice segment;   /* the literal this node stands for */
    struct node **literals; /* owned */
    size_t literal_count, literal_capacity;
    struct node *parameter; /* "{id}"; NULL: none */
    struct node *rest;      /* "{path...}"; NULL: none */
    struct entry *entries;  /* the methods of this path */
    size_t entry_count, entry_capacity;
    char *allow; /* NULL where no path ends */
};

struct router {
    struct node root;
};

/* ---- building ---- */

static struct node *literal_child(const struct node *node, const char *text, size_t length)
{
    for (size_t i = 0; i < node->literal_count; i++) {
        struct node *child = node->literals[i];

        if (child->segment.length == length && memcmp(child->segment.text, text, length) == 0)
            return child;
    }
    return NULL;
}

static struct node *add_literal(struct node *node, struct slice segment)
{
    struct node *child = literal_child(node, segment.text, segment.length);

    if (child)
        return child;
    child = xcalloc(1, sizeof *child);
    child->segment = segment;
    ARRAY_GROW(node->literals, node->literal_count, node->literal_capacity);
    return node->literals[node->literal_count++] = child;
}

/* The child for a "{name}" or "{name...}", whose name goes into entry. */
static struct node *add_parameter(struct node *node, struct slice segment, struct entry *entry)
{
    struct slice name = { segment.text + 1, segment.length - 2 };
    bool is_rest = name.length > 3 && memcmp(name.text + name.length - 3, "...", 3) == 0;
    struct node **child = is_rest ? &node->rest : &node->parameter;

    if (is_rest)
        name.length -= 3;
    assert(!is_rest || segment.text[segment.length] == '\0');
    assert(name.length > 0 && entry->name_count < ROUTE_PARAMS_MAX);
    entry->names[entry->name_count++] = name;
    if (!*child)
        *child = xcalloc(1, sizeof **child);
    return *child;
}

static void add_route(struct router *router, const struct route *route)
{
    struct node *node = &router->root;
    struct entry entry = { .route = route };

    assert(route->path[0] == '/');
    for (const char *p = route->path + 1; *p;) {
        struct slice segment = { p, strcspn(p, "/") };

        assert(segment.length > 0);
        if (segment.text[0] == '{') {
            assert(segment.text[segment.length - 1] == '}');
            node = add_parameter(node, segment, &entry);
        } else {
            node = add_literal(node, segment);
        }
        p += segment.length + (p[segment.length] == '/');
    }
    for (size_t i = 0; i < node->entry_count; i++)
        assert(strcmp(node->entries[i].route->method, route->method) != 0);
    ARRAY_GROW(node->entries, node->entry_count, node->entry_capacity);
    node->entries[node->entry_count++] = entry;
}

static char *format_allow(const struct node *node)
{
    struct buf out = BUF(ALLOW_MAX);

    for (size_t i = 0; i < node->entry_count; i++) {
        const char *method = node->entries[i].route->method;

        buf_format(&out, "%s%s, ", method, strcmp(method, "GET") == 0 ? ", HEAD" : "");
    }
    buf_append_str(&out, "OPTIONS");
    return buf_take(&out);
}

static void finish(struct node *node)
{
    for (size_t i = 0; i < node->literal_count; i++)
        finish(node->literals[i]);
    if (node->parameter)
        finish(node->parameter);
    if (node->rest)
        finish(node->rest);
    if (node->entry_count > 0)
        node->allow = format_allow(node);
}

struct router *router_create(const struct route_table *tables, size_t table_count)
{
    struct router *router = xcalloc(1, sizeof *router);

    for (size_t i = 0; i < table_count; i++)
        for (size_t k = 0; k < tables[i].count; k++)
            add_route(router, &tables[i].routes[k]);
    finish(&router->root);
    return router;
}

static void release(struct node *node)
{
    for (size_t i = 0; i < node->literal_count; i++) {
        release(node->literals[i]);
        free(node->literals[i]);
    }
    if (node->parameter)
        release(node->parameter);
    if (node->rest)
        release(node->rest);
    free(node->parameter);
    free(node->rest);
    free(node->literals);
    free(node->entries);
    free(node->allow);
}

void router_destroy(struct router *router)
{
    if (!router)
        return;
    release(&router->root);
    free(router);
}

/* ---- matching ---- */

/* A path in segments: decoded, each terminated, one behind the other. */
struct segments {
    struct slice items[SEGMENTS_MAX];
    size_t count;
    bool has_slash; /* at the end */
};

/* False when there are more than any route has. */
static bool split(const char *path, char *scratch, struct segments *out)
{
    char *to = scratch;

    out->count = 0;
    out->has_slash = false;
    for (const char *p = path; *p == '/';) {
        size_t raw = strcspn(++p, "/"), length = 0;

        if (*p == '\0') {
            out->has_slash = true;
            break;
        }
        if (out->count == SEGMENTS_MAX || !percent_decode(p, raw, PERCENT_PLAIN, to, &length))
            return false;
        out->items[out->count++] = (struct slice){ to, length };
        to += length + 1;
        p += raw;
    }
    return true;
}

/* What is left of the path as one text: the terminators between its segments become slashes again.
 * Nobody else needs these segments: a rest is the last parameter. */
static const char *join_rest(const struct segments *segments, size_t first)
{
    char *start = (char *)segments->items[first].text;

    for (size_t i = first; i + 1 < segments->count; i++)
        start[segments->items[i].text - start + (ptrdiff_t)segments->items[i].length] = '/';
    if (segments->has_slash) {
        const struct slice *last = &segments->items[segments->count - 1];
        char *end = start + (last->text - start) + last->length;

        end[0] = '/';
        end[1] = '\0';
    }
    return start;
}

/* Walks the tree from segment at on; values gets what stands for the parameters. */
static const struct node *walk(const struct node *node, const struct segments *segments, size_t at,
                               const char **values, size_t count)
{
    const struct node *found = NULL;

    if (at == segments->count)
        return node->entry_count > 0 ? node : NULL;

    const struct slice *segment = &segments->items[at];
    const struct node *literal = literal_child(node, segment->text, segment->length);

    if (segment->length == 0)
        return NULL;
    if (literal && (found = walk(literal, segments, at + 1, values, count)))
        return found;
    if (node->parameter) {
        values[count] = segment->text;
        if ((found = walk(node->parameter, segments, at + 1, values, count + 1)))
            return found;
    }
    if (node->rest)
        values[count] = join_rest(segments, at);
    return node->rest;
}

static const struct entry *find_method(const struct node *node, const char *method)
{
    for (size_t i = 0; i < node->entry_count; i++)
        if (strcmp(node->entries[i].route->method, method) == 0)
            return &node->entries[i];
    return strcmp(method, "HEAD") == 0 ? find_method(node, "GET") : NULL;
}

void router_match(const struct router *router, const char *method, const char *path, char *scratch,
                  struct route_match *out)
{
    const char *values[ROUTE_PARAMS_MAX];
    struct segments segments;
    const struct node *node;
    const struct entry *entry;

    out->route = NULL;
    out->allow = NULL;
    out->param_count = 0;
    if (!split(path, scratch, &segments) || !(node = walk(&router->root, &segments, 0, values, 0)))
        return;
    out->allow = node->allow;
    if (!(entry = find_method(node, method)))
        return;
    out->route = entry->route;
    out->param_count = entry->name_count;
    for (size_t i = 0; i < entry->name_count; i++)
        out->params[i] =
            (struct route_param){ entry->names[i].text, entry->names[i].length, values[i] };
}
