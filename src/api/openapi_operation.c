#include "api/openapi_operation.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/shape.h"

/* ---- what a status says, and content that is no JSON ---- */

static const struct {
    const char *name, *media_type;
} contents[] = {
    { "File", "*/*" },       { "Events", "text/event-stream" }, { "Lines", "application/x-ndjson" },
    { "Page", "text/html" }, { "Text", "text/plain" },
};

static const struct {
    const char *status, *about;
} descriptions[] = {
    { "200", "Done." },
    { "201", "Made." },
    { "202", "Started." },
    { "204", "Done; nothing to say." },
    { "206", "The ranges that were asked for." },
    { "304", "Not changed since." },
    { "400", "The request is wrong; nothing was done." },
    { "401", "The key is another." },
    { "404", "There is no such thing." },
    { "409", "Not in this state." },
    { "413", "Too large." },
    { "415", "Of a kind that is not taken." },
    { "416", "Outside of the file." },
    { "422", "The request is wrong; nothing was done." },
    { "503", "Not now: something that is needed is not there." },
};

static const char *describe(const char *status)
{
    for (size_t i = 0; i < COUNT(descriptions); i++)
        if (strcmp(descriptions[i].status, status) == 0)
            return descriptions[i].about;
    return "See the schema.";
}

static const char *media_type_of(const char *name)
{
    for (size_t i = 0; i < COUNT(contents); i++)
        if (strcmp(contents[i].name, name) == 0)
            return contents[i].media_type;
    return NULL;
}

/* ---- schemas ---- */

static void write_reference(struct json_writer *w, const char *key, const char *name)
{
    char *target = str_format("#/components/schemas/%s", name);

    json_write_object_begin(w, key);
    json_write_text(w, "$ref", target);
    json_write_object_end(w);
    free(target);
}

static void write_array_of(struct json_writer *w, const char *key, const char *name)
{
    json_write_object_begin(w, key);
    json_write_text(w, "type", "array");
    write_reference(w, "items", name);
    json_write_object_end(w);
}

static void write_link(struct json_writer *w, const char *key)
{
    json_write_object_begin(w, key);
    json_write_array_begin(w, "type");
    json_write_text(w, NULL, "string");
    json_write_text(w, NULL, "null");
    json_write_array_end(w);
    json_write_object_end(w);
}

/* One page of a list: what lists.h answers when the query asks for a page. */
static void write_page_of(struct json_writer *w, const char *key, const char *name)
{
    static const char *const members[] = { "count", "next", "previous", "results" };

    json_write_object_begin(w, key);
    json_write_text(w, "type", "object");
    json_write_object_begin(w, "properties");
    json_write_object_begin(w, "count");
    json_write_text(w, "type", "integer");
    json_write_object_end(w);
    write_link(w, "next");
    write_link(w, "previous");
    write_array_of(w, "results", name);
    json_write_object_end(w);
    json_write_array_begin(w, "required");
    for (size_t i = 0; i < COUNT(members); i++)
        json_write_text(w, NULL, members[i]);
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_any_of(struct json_writer *w, const char *key, const char *const *names,
                         size_t count)
{
    json_write_object_begin(w, key);
    json_write_array_begin(w, "anyOf");
    for (size_t i = 0; i < count; i++)
        write_reference(w, NULL, names[i]);
    json_write_array_end(w);
    json_write_object_end(w);
}

static bool is_paged(const struct route *route)
{
    for (const struct route_query *q = route->query; q && q->name; q++)
        if (strcmp(q->name, "page") == 0)
            return true;
    return false;
}

static void write_list_schema(struct json_writer *w, const struct route *route, const char *name)
{
    if (!is_paged(route)) {
        write_array_of(w, "schema", name);
        return;
    }
    json_write_object_begin(w, "schema");
    json_write_array_begin(w, "anyOf");
    write_array_of(w, NULL, name);
    write_page_of(w, NULL, name);
    json_write_array_end(w);
    json_write_object_end(w);
}

/* A body that cannot be read at all has no fields to name. */
static void write_schema(struct json_writer *w, const struct route *route, const char *name)
{
    /* A body whose fields are wrong, or that is no JSON: told as the path's other errors are. */
    const char *const wrong_body[] = { "FieldErrors",
                                       strstr(route->statuses, " Error") ? "Error" : "Detail" };
    size_t length = strlen(name);

    if (length > 2 && strcmp(name + length - 2, "[]") == 0) {
        char *item = xstrndup(name, length - 2);

        write_list_schema(w, route, item);
        free(item);
    } else if (strcmp(name, "FieldErrors") == 0) {
        write_any_of(w, "schema", wrong_body, COUNT(wrong_body));
    } else {
        write_reference(w, "schema", name);
    }
}

/* ---- answers ---- */

static void write_response(struct json_writer *w, const struct route *route, const char *status,
                           const char *name)
{
    const char *media_type = media_type_of(name);

    json_write_object_begin(w, status);
    json_write_text(w, "description", describe(status));
    if (*name) {
        json_write_object_begin(w, "content");
        json_write_object_begin(w, media_type ? media_type : "application/json");
        if (!media_type)
            write_schema(w, route, name);
        json_write_object_end(w);
        json_write_object_end(w);
    }
    json_write_object_end(w);
}

/* Whose errors a path has: the schema, or NULL for ours. As faces.c has them. */
static const char *error_schema_of(const char *path)
{
    static const struct {
        const char *prefix, *schema;
    } faces[] = {
        { "/v1/text-to-speech/", "ElevenLabsError" },
        { "/v1/user", "ElevenLabsError" },
        { "/v1/voices/", "ElevenLabsError" },
        { "/v2/", "ElevenLabsError" },
        { "/v1/", "OpenAiError" },
    };

    for (size_t i = 0; i < COUNT(faces); i++)
        if (strncmp(path, faces[i].prefix, strlen(faces[i].prefix)) == 0)
            return faces[i].schema;
    return NULL;
}

/* What the layers below a handler answer: no key, another method, too large, too busy. */
static void write_default_response(struct json_writer *w, const struct route *route)
{
    static const char *const ours[] = { "Detail", "FieldErrors", "Error" };
    const char *theirs = error_schema_of(route->path);

    json_write_object_begin(w, "default");
    json_write_text(w, "description", "Any other error.");
    json_write_object_begin(w, "content");
    json_write_object_begin(w, "application/json");
    if (theirs)
        write_reference(w, "schema", theirs);
    else
        write_any_of(w, "schema", ours, COUNT(ours));
    json_write_object_end(w);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* "200 Task, 404 Error" */
static void write_responses(struct json_writer *w, const struct route *route)
{
    char *statuses = xstrdup(route->statuses);
    char *rest = NULL;

    json_write_object_begin(w, "responses");
    for (char *pair = strtok_r(statuses, ",", &rest); pair; pair = strtok_r(NULL, ",", &rest)) {
        pair += strspn(pair, " ");
        char *name = pair + strcspn(pair, " ");

        if (*name)
            *name++ = '\0';
        write_response(w, route, pair, name);
    }
    write_default_response(w, route);
    json_write_object_end(w);
    free(statuses);
}

/* ---- what is asked ---- */

static void write_parameter(struct json_writer *w, const char *place, const char *name,
                            const char *type, const char *about)
{
    json_write_object_begin(w, NULL);
    json_write_text(w, "name", name);
    json_write_text(w, "in", place);
    json_write_bool(w, "required", strcmp(place, "path") == 0);
    if (about)
        json_write_text(w, "description", about);
    json_write_object_begin(w, "schema");
    json_write_text(w, "type", type);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* The name in the braces that open at *at, which goes behind them; "..." belongs to the pattern. The
 * caller's; NULL when there are no more. */
static char *next_path_name(const char **at)
{
    const char *open = strchr(*at, '{');

    if (!open)
        return NULL;
    *at = strchr(open, '}') + 1;
    return xstrndup(open + 1, strcspn(open + 1, ".}"));
}

static void write_parameters(struct json_writer *w, const struct route *route)
{
    const char *at = route->path;
    char *name;

    json_write_array_begin(w, "parameters");
    while ((name = next_path_name(&at))) {
        write_parameter(w, "path", name, "string", NULL);
        free(name);
    }
    for (const struct route_query *q = route->query; q && q->name; q++)
        write_parameter(w, "query", q->name, q->type, q->about);
    json_write_array_end(w);
}

static bool must_have_body(const char *takes)
{
    for (size_t i = 0; i < api_shape_count; i++) {
        const struct shape *shape = api_shapes[i];

        if (strcmp(shape->name, takes) != 0)
            continue;
        for (size_t f = 0; f < shape->count; f++)
            if (shape->use == SHAPE_BODY && shape->fields[f].flags & FIELD_REQUIRED)
                return true;
        return shape->use == SHAPE_PATCH;
    }
    return false;
}

static void write_json_content(struct json_writer *w, const char *takes)
{
    json_write_object_begin(w, "application/json");
    write_reference(w, "schema", takes);
    json_write_object_end(w);
}

static void write_file_schema(struct json_writer *w)
{
    json_write_object_begin(w, "schema");
    json_write_text(w, "type", "object");
    json_write_object_begin(w, "properties");
    json_write_object_begin(w, "file");
    json_write_text(w, "type", "string");
    json_write_text(w, "contentMediaType", "application/octet-stream");
    json_write_object_end(w);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* A file as a form's part, or as the body itself. form: the schema of its fields, or NULL. */
static void write_upload_content(struct json_writer *w, const char *form)
{
    json_write_object_begin(w, "multipart/form-data");
    if (form)
        write_reference(w, "schema", form);
    else
        write_file_schema(w);
    json_write_object_end(w);
    json_write_object_begin(w, "*/*");
    json_write_object_end(w);
}

static void write_body(struct json_writer *w, const struct route *route)
{
    bool is_upload = route->flags & ROUTE_UPLOAD;

    if (!route->takes && !is_upload)
        return;
    json_write_object_begin(w, "requestBody");
    json_write_bool(w, "required", is_upload || must_have_body(route->takes));
    json_write_object_begin(w, "content");
    if (route->takes)
        write_json_content(w, route->takes);
    if (is_upload)
        write_upload_content(w, route->form);
    json_write_object_end(w);
    json_write_object_end(w);
}

/* ---- the whole ---- */

/* "projects" for "/api/projects/{id}/", "server" for what is none of the API's. */
static void write_tag(struct json_writer *w, const char *path)
{
    const char *name = strncmp(path, "/api/", 5) == 0 ? path + 5 : NULL;

    json_write_array_begin(w, "tags");
    if (name)
        json_write_text_n(w, NULL, name, strcspn(name, "/"));
    else
        json_write_text(w, NULL, "server");
    json_write_array_end(w);
}

void openapi_write_operation(struct json_writer *w, const struct route *route)
{
    char method[16] = "";

    for (size_t i = 0; route->method[i] && i + 1 < sizeof method; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    json_write_object_begin(w, method);
    json_write_text(w, "operationId", route->operation);
    json_write_text(w, "summary", route->about);
    write_tag(w, route->path);
    if (route->flags & ROUTE_PUBLIC) {
        json_write_array_begin(w, "security");
        json_write_array_end(w);
    }
    write_parameters(w, route);
    write_body(w, route);
    write_responses(w, route);
    json_write_object_end(w);
}
