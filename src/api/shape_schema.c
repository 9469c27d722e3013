/*
 * Shapes as JSON Schema 2020-12, the dialect of OpenAPI 3.1: what may be null is
 * a list of types, and a number's bounds are members of their own.
 */

#include "api/shape.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *type, *format; /* format NULL: none */
} schema_types[] = {
    [FIELD_TEXT] = { "string", NULL },          [FIELD_UUID] = { "string", "uuid" },
    [FIELD_CHOICE] = { "string", NULL },        [FIELD_INTEGER] = { "integer", "int64" },
    [FIELD_NUMBER] = { "number", "double" },    [FIELD_BOOLEAN] = { "boolean", NULL },
    [FIELD_MOMENT] = { "string", "date-time" }, [FIELD_OBJECT] = { "object", NULL },
    [FIELD_LIST] = { "array", NULL },           [FIELD_UUID_LIST] = { "array", NULL },
    [FIELD_JSON_LIST] = { "array", NULL },      [FIELD_NUMBER_LIST] = { "array", NULL },
    [FIELD_ANY_LIST] = { "array", NULL },       [FIELD_TEXT_LIST] = { "array", NULL },
};

static void write_reference(struct json_writer *w, const char *key, const struct shape *shape)
{
    char target[96];

    snprintf(target, sizeof target, "#/components/schemas/%s", shape->name);
    json_write_object_begin(w, key);
    json_write_text(w, "$ref", target);
    json_write_object_end(w);
}

static void write_type(struct json_writer *w, const struct field *f)
{
    const char *type = schema_types[f->kind].type;

    if (f->flags & FIELD_NULLABLE) {
        json_write_array_begin(w, "type");
        json_write_text(w, NULL, type);
        json_write_text(w, NULL, "null");
        json_write_array_end(w);
    } else {
        json_write_text(w, "type", type);
    }
    if (schema_types[f->kind].format)
        json_write_text(w, "format", schema_types[f->kind].format);
}

static void write_limits(struct json_writer *w, const struct shape *shape, const struct field *f)
{
    bool is_text = f->kind == FIELD_TEXT;

    if (is_text && shape->use != SHAPE_ANSWER && !(f->flags & FIELD_BLANK))
        json_write_int(w, "minLength", 1);
    if (f->chars_max || (is_text && f->bytes_max))
        json_write_int(w, "maxLength", (int64_t)(f->chars_max ? f->chars_max : f->bytes_max));
    if (f->items_max)
        json_write_int(w, "maxItems", (int64_t)f->items_max);
    if (f->least < f->most) {
        json_write_number(w, "minimum", f->least);
        json_write_number(w, "maximum", f->most);
    }
}

static void write_choices(struct json_writer *w, const struct field *f)
{
    json_write_array_begin(w, "enum");
    for (const char *const *choice = f->choices; *choice; choice++)
        json_write_text(w, NULL, *choice);
    if (f->flags & FIELD_NULLABLE)
        json_write_null(w, NULL);
    json_write_array_end(w);
}

static bool is_list(const struct field *f)
{
    return strcmp(schema_types[f->kind].type, "array") == 0;
}

static void write_items(struct json_writer *w, const struct field *f)
{
    enum field_kind kind = f->kind == FIELD_NUMBER_LIST ? FIELD_NUMBER
                           : f->kind == FIELD_TEXT_LIST ? FIELD_TEXT
                                                        : FIELD_UUID;

    if (f->shape) {
        write_reference(w, "items", f->shape);
        return;
    }
    json_write_object_begin(w, "items");
    if (f->kind != FIELD_ANY_LIST) {
        json_write_text(w, "type", schema_types[kind].type);
        if (schema_types[kind].format)
            json_write_text(w, "format", schema_types[kind].format);
    }
    json_write_object_end(w);
}

/* An object is its own schema's name, or null. */
static void write_object_type(struct json_writer *w, const struct field *f)
{
    json_write_array_begin(w, "anyOf");
    write_reference(w, NULL, f->shape);
    if (f->flags & FIELD_NULLABLE) {
        json_write_object_begin(w, NULL);
        json_write_text(w, "type", "null");
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_property(struct json_writer *w, const struct shape *shape, const struct field *f)
{
    json_write_object_begin(w, f->name);
    if (f->kind == FIELD_OBJECT)
        write_object_type(w, f);
    else
        write_type(w, f);
    write_limits(w, shape, f);
    if (f->choices)
        write_choices(w, f);
    if (is_list(f))
        write_items(w, f);
    if (f->about)
        json_write_text(w, "description", f->about);
    json_write_object_end(w);
}

static bool is_required(const struct shape *shape, const struct field *f)
{
    switch (shape->use) {
    case SHAPE_ANSWER:
        return true;
    case SHAPE_BODY:
        return f->flags & FIELD_REQUIRED;
    case SHAPE_PATCH:
        return false;
    }
    return false;
}

void shape_schema(struct json_writer *w, const struct shape *shape)
{
    json_write_object_begin(w, shape->name);
    json_write_text(w, "type", "object");
    json_write_text(w, "description", shape->about);
    json_write_object_begin(w, "properties");
    for (size_t i = 0; i < shape->count; i++)
        write_property(w, shape, &shape->fields[i]);
    json_write_object_end(w);
    json_write_array_begin(w, "required");
    for (size_t i = 0; i < shape->count; i++)
        if (is_required(shape, &shape->fields[i]))
            json_write_text(w, NULL, shape->fields[i].name);
    json_write_array_end(w);
    json_write_object_end(w);
}
