#include "api/shape.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

#define AT(type, object, field) (*(const type *)((const char *)(object) + (field)->offset))

static void write_moment(struct json_writer *w, const char *key, int64_t moment)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(moment, text);
    json_write_text(w, key, text);
}

static void write_json_items(struct json_writer *w, const char *key, const struct text_items *list)
{
    json_write_array_begin(w, key);
    for (size_t i = 0; i < list->count; i++)
        json_write_raw(w, NULL, list->items[i], strlen(list->items[i]));
    json_write_array_end(w);
}

static void write_texts(struct json_writer *w, const char *key, const struct text_items *list)
{
    json_write_array_begin(w, key);
    for (size_t i = 0; i < list->count; i++)
        json_write_text(w, NULL, list->items[i]);
    json_write_array_end(w);
}

static void write_numbers(struct json_writer *w, const char *key, const struct number_items *list)
{
    json_write_array_begin(w, key);
    for (size_t i = 0; i < list->count; i++)
        json_write_number(w, NULL, list->items[i]);
    json_write_array_end(w);
}

static bool is_null(const struct field *field, const void *object)
{
    if (!(field->flags & FIELD_NULLABLE))
        return false;
    switch (field->kind) {
    case FIELD_INTEGER:
    case FIELD_MOMENT:
        return AT(int64_t, object, field) == 0;
    case FIELD_NUMBER:
        return AT(double, object, field) == 0;
    case FIELD_TEXT:
    case FIELD_UUID:
    case FIELD_OBJECT:
    case FIELD_ANY_LIST:
        return !AT(void *, object, field);
    case FIELD_LIST:
        return !AT(struct list_items, object, field).items;
    case FIELD_CHOICE:
    case FIELD_BOOLEAN:
    case FIELD_UUID_LIST:
    case FIELD_TEXT_LIST:
    case FIELD_JSON_LIST:
    case FIELD_NUMBER_LIST:
        return false;
    }
    return false;
}

static void write_field(struct json_writer *w, const struct field *f, const void *object)
{
    if (is_null(f, object)) {
        json_write_null(w, f->name);
        return;
    }
    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_UUID:
        json_write_text(w, f->name, AT(char *, object, f));
        break;
    case FIELD_CHOICE:
        json_write_text(w, f->name, f->choices[AT(int, object, f)]);
        break;
    case FIELD_INTEGER:
        json_write_int(w, f->name, AT(int64_t, object, f));
        break;
    case FIELD_NUMBER:
        json_write_number(w, f->name, AT(double, object, f));
        break;
    case FIELD_BOOLEAN:
        json_write_bool(w, f->name, AT(bool, object, f));
        break;
    case FIELD_MOMENT:
        write_moment(w, f->name, AT(int64_t, object, f));
        break;
    case FIELD_OBJECT:
        shape_write(w, f->name, f->shape, AT(void *, object, f));
        break;
    case FIELD_LIST:
        shape_write_items(w, f->name, f->shape, &AT(struct list_items, object, f));
        break;
    case FIELD_UUID_LIST:
        assert(!"a kind that stands in bodies only");
        break;
    case FIELD_JSON_LIST:
        write_json_items(w, f->name, &AT(struct text_items, object, f));
        break;
    case FIELD_NUMBER_LIST:
        write_numbers(w, f->name, &AT(struct number_items, object, f));
        break;
    case FIELD_TEXT_LIST:
        write_texts(w, f->name, &AT(struct text_items, object, f));
        break;
    case FIELD_ANY_LIST:
        json_write_raw(w, f->name, AT(char *, object, f), strlen(AT(char *, object, f)));
        break;
    }
}

void shape_write(struct json_writer *w, const char *key, const struct shape *shape,
                 const void *object)
{
    json_write_object_begin(w, key);
    for (size_t i = 0; i < shape->count; i++)
        write_field(w, &shape->fields[i], object);
    json_write_object_end(w);
}

void shape_write_items(struct json_writer *w, const char *key, const struct shape *shape,
                       const struct list_items *list)
{
    const char *item = list->items;

    json_write_array_begin(w, key);
    for (size_t i = 0; i < list->count; i++)
        shape_write(w, NULL, shape, item + i * shape->size);
    json_write_array_end(w);
}
