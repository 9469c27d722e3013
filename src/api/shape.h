#pragma once

/*
 * What a resource looks like: one table of fields from which its answers are
 * written, its bodies read and checked, and its schema in /openapi.json made.
 *
 * A shape stands for a C struct. An answer has all of its fields; a body may
 * have more members than we know, which are ignored. Reading is strict about
 * types (the text "1" is no number) and collects every mistake, as Django REST
 * Framework does: {"title":["This field is required."]}.
 *
 * Shapes are constant; nothing here keeps state. Any thread.
 */

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/json_writer.h"

/* What stands at the field's offset. */
enum field_kind {
    FIELD_TEXT,        /* const char * */
    FIELD_UUID,        /* const char *, in lower case */
    FIELD_CHOICE,      /* an enum: the index in choices */
    FIELD_INTEGER,     /* int64_t */
    FIELD_NUMBER,      /* double */
    FIELD_BOOLEAN,     /* bool */
    FIELD_MOMENT,      /* int64_t, milliseconds, UTC; RFC 3339 as text; answers only */
    FIELD_OBJECT,      /* const void *, to the struct of another shape; answers only */
    FIELD_LIST,        /* struct list_items of another shape; answers only */
    FIELD_UUID_LIST,   /* struct text_items; bodies only */
    FIELD_JSON_LIST,   /* struct text_items, each JSON of another shape; answers only */
    FIELD_NUMBER_LIST, /* struct number_items; answers only */
    FIELD_TEXT_LIST,   /* struct text_items, plain texts; answers only */
    FIELD_ANY_LIST,    /* const char *: the JSON of a list, whatever is in it */
};

enum field_flag {
    FIELD_REQUIRED = 1u << 0, /* in a whole body */
    FIELD_NULLABLE = 1u << 1, /* answers: a NULL pointer, of a list too, and a 0 are null; bodies:
                                 null leaves the struct's own value */
    FIELD_BLANK = 1u << 2,    /* bodies: "" is a value */
    FIELD_VERBATIM = 1u << 3, /* bodies: white space at the ends is kept */
};

struct list_items {
    const void *items; /* structs of the shape */
    size_t count;
};

struct text_items {
    const char **items;
    size_t count;
};

struct number_items {
    const double *items;
    size_t count;
};

struct shape;

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    size_t chars_max, bytes_max, items_max; /* of a text, a list; 0: no limit of its own */
    double least, most;                     /* of numbers; both 0: any */
    const char *const *choices;             /* ends with NULL */
    const struct shape *shape;              /* of an object, or of each item of a list */
    const char *about;                      /* a sentence for the documentation; or NULL */
};

enum shape_use {
    SHAPE_ANSWER, /* every field is there */
    SHAPE_BODY,   /* required fields must be there */
    SHAPE_PATCH,  /* none must be there */
};

struct shape {
    const char *name; /* "Segment", as route tables call it; "Segment[]" there is a list of them */
    const char *about;
    enum shape_use use;
    const struct field *fields; /* at most 64 */
    size_t count;
    size_t size; /* of the struct */
};

/* Everything there is in /openapi.json. */
extern const struct shape *const api_shapes[];
extern const size_t api_shape_count;

void shape_write(struct json_writer *writer, const char *key, const struct shape *shape,
                 const void *object);
void shape_write_items(struct json_writer *writer, const char *key, const struct shape *shape,
                       const struct list_items *list);

/* One member of the open object: the shape's name and its JSON schema (OpenAPI 3.1). */
void shape_schema(struct json_writer *writer, const struct shape *shape);

/* A shape of the first fields of a table, or of all. */
#define SHAPE_FIRST(count, name, about, use, fields, type)                                         \
    {                                                                                              \
        name, about, use, fields, count, sizeof(type)                                              \
    }
#define SHAPE(name, about, use, fields, type)                                                      \
    SHAPE_FIRST(COUNT(fields), name, about, use, fields, type)

/* Mistakes in a body, by field, in the order they were found. */
#define FIELD_ERRORS_MAX 64

struct field_errors {
    struct arena *arena;
    size_t count;
    struct {
        const char *field, *message;
    } items[FIELD_ERRORS_MAX];
};

#define NON_FIELD "non_field_errors" /* for what belongs to no single field */

/* A further one; after FIELD_ERRORS_MAX they are left out. field is borrowed. */
void field_errors_add(struct field_errors *errors, const char *field, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* That a text is none of the choices; a long one is not repeated. */
void field_errors_add_choice(struct field_errors *errors, const char *field, const char *text);
void field_errors_write(const struct field_errors *errors, struct json_writer *writer);

/* Reads a body into a struct; fields that are absent keep the values the struct has. The texts live
 * as long as body and the errors' arena. Bit i of the result: fields[i] was there and good. Look at
 * errors->count. */
uint64_t shape_read(const struct shape *shape, const json_t *body, void *object,
                    struct field_errors *errors);
