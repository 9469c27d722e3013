/*
 * Bodies, checked by their shape. The sentences are those of Django REST
 * Framework's serializer fields, which its clients know.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>

#include "api/shape.h"
#include "api/uuid.h"
#include "base/utf8.h"

#define SHOWN_MAX 100 /* bytes of a wrong value in a message */
#define AT(type, object, field) (*(type *)((char *)(object) + (field)->offset))

void field_errors_add(struct field_errors *errors, const char *field, const char *format, ...)
{
    va_list args;

    if (errors->count == FIELD_ERRORS_MAX)
        return;
    va_start(args, format);
    char *message = str_format_v(format, args);
    va_end(args);
    errors->items[errors->count].field = field;
    errors->items[errors->count].message = arena_strdup(errors->arena, message);
    errors->count++;
    free(message);
}

void field_errors_add_choice(struct field_errors *errors, const char *field, const char *text)
{
    field_errors_add(errors, field, "\"%s\" is not a valid choice.",
                     strlen(text) <= SHOWN_MAX ? text : "…");
}

static bool is_first_of_field(const struct field_errors *errors, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(errors->items[i].field, errors->items[index].field) == 0)
            return false;
    return true;
}

void field_errors_write(const struct field_errors *errors, struct json_writer *w)
{
    json_write_object_begin(w, NULL);
    for (size_t i = 0; i < errors->count; i++) {
        const char *field = errors->items[i].field;

        if (!is_first_of_field(errors, i))
            continue;
        json_write_array_begin(w, field);
        for (size_t k = i; k < errors->count; k++)
            if (strcmp(errors->items[k].field, field) == 0)
                json_write_text(w, NULL, errors->items[k].message);
        json_write_array_end(w);
    }
    json_write_object_end(w);
}

/* White space as Unicode has it, at both ends, as Python's strip does. */
static void narrow(const char **text, size_t *length)
{
    size_t start = 0, end = *length, at;

    while (at = start, start < end && uc_is_property_white_space(utf8_next(*text, end, &at)))
        start = at;
    while (at = end, end > start && uc_is_property_white_space(utf8_previous(*text, &at)))
        end = at;
    *text += start;
    *length = end - start;
}

static bool check_text_length(const struct field *f, const char *text, size_t length,
                              struct field_errors *errors)
{
    if (f->bytes_max && length > f->bytes_max) {
        field_errors_add(errors, f->name, "Ensure this field has no more than %zu bytes.",
                         f->bytes_max);
        return false;
    }
    if (f->chars_max && length > f->chars_max && utf8_chars(text, length) > f->chars_max) {
        field_errors_add(errors, f->name, "Ensure this field has no more than %zu characters.",
                         f->chars_max);
        return false;
    }
    return true;
}

static bool read_text(const struct field *f, const json_t *value, void *object,
                      struct field_errors *errors)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (!text) {
        field_errors_add(errors, f->name, "Not a valid string.");
        return false;
    }
    const char *inner = text;
    size_t inner_length = length;

    narrow(&inner, &inner_length);
    if (inner_length == 0 && !(f->flags & FIELD_BLANK)) {
        field_errors_add(errors, f->name, "This field may not be blank.");
        return false;
    }
    bool is_whole = f->flags & FIELD_VERBATIM || inner_length == length;

    if (!is_whole) {
        text = arena_strndup(errors->arena, inner, inner_length);
        length = inner_length;
    }
    if (!check_text_length(f, text, length, errors))
        return false;
    AT(const char *, object, f) = text;
    return true;
}

static const char *as_uuid(const json_t *value, struct arena *arena)
{
    const char *text = json_string_value(value);

    return text ? uuid_parse(arena, text) : NULL;
}

static bool read_uuid(const struct field *f, const json_t *value, void *object,
                      struct field_errors *errors)
{
    const char *id = as_uuid(value, errors->arena);

    if (!id) {
        field_errors_add(errors, f->name, "Must be a valid UUID.");
        return false;
    }
    AT(const char *, object, f) = id;
    return true;
}

static bool read_choice(const struct field *f, const json_t *value, void *object,
                        struct field_errors *errors)
{
    const char *text = json_string_value(value);

    for (int i = 0; text && f->choices[i]; i++)
        if (strcmp(text, f->choices[i]) == 0) {
            AT(int, object, f) = i;
            return true;
        }
    field_errors_add_choice(errors, f->name, text ? text : "…");
    return false;
}

static bool check_bounds(const struct field *f, double value, struct field_errors *errors)
{
    if (f->least >= f->most)
        return true;
    if (value < f->least)
        field_errors_add(errors, f->name, "Ensure this value is greater than or equal to %.15g.",
                         f->least);
    else if (value > f->most)
        field_errors_add(errors, f->name, "Ensure this value is less than or equal to %.15g.",
                         f->most);
    else
        return true;
    return false;
}

static bool read_integer(const struct field *f, const json_t *value, void *object,
                         struct field_errors *errors)
{
    if (!json_is_integer(value)) {
        field_errors_add(errors, f->name, "A valid integer is required.");
        return false;
    }
    if (!check_bounds(f, (double)json_integer_value(value), errors))
        return false;
    AT(int64_t, object, f) = json_integer_value(value);
    return true;
}

static bool read_number(const struct field *f, const json_t *value, void *object,
                        struct field_errors *errors)
{
    if (!json_is_number(value)) {
        field_errors_add(errors, f->name, "A valid number is required.");
        return false;
    }
    if (!check_bounds(f, json_number_value(value), errors))
        return false;
    AT(double, object, f) = json_number_value(value);
    return true;
}

static bool read_boolean(const struct field *f, const json_t *value, void *object,
                         struct field_errors *errors)
{
    if (!json_is_boolean(value)) {
        field_errors_add(errors, f->name, "Must be a valid boolean.");
        return false;
    }
    AT(bool, object, f) = json_is_true(value);
    return true;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "boolean";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

static bool read_uuid_list(const struct field *f, const json_t *value, void *object,
                           struct field_errors *errors)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value)) {
        field_errors_add(errors, f->name, "Expected a list of items but got type \"%s\".",
                         type_name(value));
        return false;
    }
    if (f->items_max && count > f->items_max) {
        field_errors_add(errors, f->name, "Ensure this field has no more than %zu elements.",
                         f->items_max);
        return false;
    }
    const char **ids = arena_alloc(errors->arena, (count + 1) * sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        ids[i] = as_uuid(json_array_get(value, i), errors->arena);
        if (!ids[i]) {
            field_errors_add(errors, f->name, "Item %zu: Must be a valid UUID.", i + 1);
            return false;
        }
    }
    AT(struct text_items, object, f) = (struct text_items){ ids, count };
    return true;
}

static bool read_any_list(const struct field *f, const json_t *value, void *object,
                          struct field_errors *errors)
{
    if (!json_is_array(value)) {
        field_errors_add(errors, f->name, "Expected a list of items but got type \"%s\".",
                         type_name(value));
        return false;
    }
    char *text = json_dumps(value, JSON_COMPACT);

    AT(const char *, object, f) = arena_strdup(errors->arena, text);
    free(text);
    return true;
}

static bool read_value(const struct field *f, const json_t *value, void *object,
                       struct field_errors *errors)
{
    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(f, value, object, errors);
    case FIELD_UUID:
        return read_uuid(f, value, object, errors);
    case FIELD_CHOICE:
        return read_choice(f, value, object, errors);
    case FIELD_INTEGER:
        return read_integer(f, value, object, errors);
    case FIELD_NUMBER:
        return read_number(f, value, object, errors);
    case FIELD_BOOLEAN:
        return read_boolean(f, value, object, errors);
    case FIELD_UUID_LIST:
        return read_uuid_list(f, value, object, errors);
    case FIELD_ANY_LIST:
        return read_any_list(f, value, object, errors);
    case FIELD_MOMENT:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_JSON_LIST:
    case FIELD_TEXT_LIST:
    case FIELD_NUMBER_LIST:
        break;
    }
    assert(!"a kind that stands in answers only");
    return false;
}

static bool read_field(const struct shape *shape, const struct field *f, const json_t *value,
                       void *object, struct field_errors *errors)
{
    if (!value) {
        if (f->flags & FIELD_REQUIRED && shape->use == SHAPE_BODY)
            field_errors_add(errors, f->name, "This field is required.");
        return false;
    }
    if (json_is_null(value)) {
        if (f->flags & FIELD_NULLABLE)
            return true;
        field_errors_add(errors, f->name, "This field may not be null.");
        return false;
    }
    return read_value(f, value, object, errors);
}

uint64_t shape_read(const struct shape *shape, const json_t *body, void *object,
                    struct field_errors *errors)
{
    uint64_t given = 0;

    assert(shape->use != SHAPE_ANSWER && shape->count <= 64);
    if (!json_is_object(body)) {
        field_errors_add(errors, NON_FIELD, "Invalid data. Expected an object, but got %s.",
                         type_name(body));
        return 0;
    }
    for (size_t i = 0; i < shape->count; i++) {
        const struct field *f = &shape->fields[i];

        if (read_field(shape, f, json_object_get(body, f->name), object, errors))
            given |= UINT64_C(1) << i;
    }
    return given;
}
