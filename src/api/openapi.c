#include "api/openapi.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/openapi_operation.h"
#include "api/shape.h"
#include "base/json.h"
#include "schemas.h"

/* ---- what is no shape ---- */

/* schemas.json: errors, and bodies that shapes are too simple for. It is ours, and read once. */
static void write_other_schemas(struct json_writer *w)
{
    struct err err = { 0 };
    json_t *schemas =
        json_parse(embedded_schemas_json, embedded_schemas_json_size, "schemas.json", &err);
    const char *name;
    json_t *schema;

    assert(schemas);
    json_object_foreach(schemas, name, schema)
    {
        char *json = json_dumps(schema, JSON_COMPACT);

        json_write_raw(w, name, json, strlen(json));
        free(json);
    }
    json_decref(schemas);
}

/* ---- paths ---- */

/* "/media/{path...}" as OpenAPI writes it: "/media/{path}". The caller's. */
static char *path_template(const char *path)
{
    const char *dots = strstr(path, "...}");

    return dots ? str_format("%.*s%s", (int)(dots - path), path, dots + 3) : xstrdup(path);
}

/* All rows in the order of their tables. */
struct route_cursor {
    const struct route_table *tables;
    size_t count, table, row;
};

static const struct route *next_route(struct route_cursor *cursor)
{
    while (cursor->table < cursor->count) {
        const struct route_table *table = &cursor->tables[cursor->table];

        if (cursor->row < table->count)
            return &table->routes[cursor->row++];
        cursor->table++;
        cursor->row = 0;
    }
    return NULL;
}

static bool is_first_of_path(const struct route_table *tables, size_t count,
                             const struct route *route)
{
    struct route_cursor cursor = { tables, count, 0, 0 };
    const struct route *first;

    while ((first = next_route(&cursor)))
        if (strcmp(first->path, route->path) == 0)
            return first == route;
    return false;
}

static void write_path(struct json_writer *w, const struct route_table *tables, size_t count,
                       const char *path)
{
    struct route_cursor cursor = { tables, count, 0, 0 };
    const struct route *route;
    char *template = path_template(path);

    json_write_object_begin(w, template);
    while ((route = next_route(&cursor)))
        if (strcmp(route->path, path) == 0)
            openapi_write_operation(w, route);
    json_write_object_end(w);
    free(template);
}

/* ---- the document ---- */

static void write_info(struct json_writer *w)
{
    json_write_object_begin(w, "info");
    json_write_text(w, "title", "Parlando");
    json_write_text(w, "version", PARLANDO_VERSION);
    json_write_text(w, "description",
                    "A local-first voice studio. Trailing slashes are optional. A list is an "
                    "array, or one page of it when the query has page or page_size. HEAD answers "
                    "where GET does.");
    json_write_object_begin(w, "license");
    json_write_text(w, "name", "GPL-3.0-or-later");
    json_write_text(w, "identifier", "GPL-3.0-or-later");
    json_write_object_end(w);
    json_write_object_end(w);
}

/* A key is asked for only when the server has one. */
static void write_security(struct json_writer *w)
{
    json_write_array_begin(w, "security");
    json_write_object_begin(w, NULL);
    json_write_object_end(w);
    json_write_object_begin(w, NULL);
    json_write_array_begin(w, "apiKey");
    json_write_array_end(w);
    json_write_object_end(w);
    json_write_array_end(w);
}

static void write_components(struct json_writer *w)
{
    json_write_object_begin(w, "components");
    json_write_object_begin(w, "securitySchemes");
    json_write_object_begin(w, "apiKey");
    json_write_text(w, "type", "http");
    json_write_text(w, "scheme", "bearer");
    json_write_object_end(w);
    json_write_object_end(w);
    json_write_object_begin(w, "schemas");
    for (size_t i = 0; i < api_shape_count; i++)
        shape_schema(w, api_shapes[i]);
    write_other_schemas(w);
    json_write_object_end(w);
    json_write_object_end(w);
}

void openapi_write(struct buf *out, const struct route_table *tables, size_t count)
{
    struct json_writer w = JSON_WRITER(out);
    struct route_cursor cursor = { tables, count, 0, 0 };
    const struct route *route;

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "openapi", "3.1.0");
    write_info(&w);
    json_write_array_begin(&w, "servers");
    json_write_object_begin(&w, NULL);
    json_write_text(&w, "url", "/");
    json_write_object_end(&w);
    json_write_array_end(&w);
    write_security(&w);
    json_write_object_begin(&w, "paths");
    while ((route = next_route(&cursor)))
        if (is_first_of_path(tables, count, route))
            write_path(&w, tables, count, route->path);
    json_write_object_end(&w);
    write_components(&w);
    json_write_object_end(&w);
}

struct shared_bytes *openapi_create(const struct route_table *tables, size_t count)
{
    struct buf json = BUF(OPENAPI_MAX);

    openapi_write(&json, tables, count);
    struct shared_bytes *bytes = shared_bytes_create(json.data, json.len);
    buf_release(&json);
    return bytes;
}

static bool get_openapi_quick(struct request *request, struct response *response)
{
    const struct api *api = request_context(request);

    response_shared(response, "application/json", api->openapi);
    return true;
}

static bool get_openapi(struct request *request, struct response *response, struct err *err)
{
    (void)err;
    return get_openapi_quick(request, response);
}

const struct route openapi_routes[] = {
    { "GET", "/openapi.json", get_openapi, get_openapi_quick, ROUTE_PUBLIC,
      .operation = "getOpenApi", .about = "This document.", .statuses = "200 File" },
};
