/* Lists in a form, as the clients there are write them: a field for each item, or all in one. */

#include <string.h>

#include "http/request.h"

struct list {
    struct arena *arena;
    const char **items;
    size_t count, room;
};

static void add(struct list *list, const char *text, size_t length)
{
    static const char blanks[] = " \t\r\n";

    while (length > 0 && strchr(blanks, text[length - 1]))
        length--;
    while (length > 0 && strchr(blanks, *text)) {
        text++;
        length--;
    }
    if (length == 0)
        return;
    if (list->count == list->room) {
        size_t room = 2 * list->room + 4;
        const char **items = arena_alloc(list->arena, room * sizeof *items);

        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = arena_strndup(list->arena, text, length);
}

/* False when the text is no JSON array of texts. */
static bool add_json(struct list *list, const char *text)
{
    struct err ignored;
    json_t *array = *text == '[' ? json_parse(text, strlen(text), "", &ignored) : NULL;
    bool is_list = json_is_array(array);
    json_t *item;
    size_t i;

    json_array_foreach(array, i, item) is_list = is_list && json_is_string(item);
    if (is_list)
        json_array_foreach(array, i, item)
            add(list, json_string_value(item), json_string_length(item));
    json_decref(array);
    return is_list;
}

/* As Python writes a list of words: ['word', 'segment']. */
static bool add_python(struct list *list, const char *text)
{
    char *json = arena_strdup(list->arena, text);

    for (char *p = json; *p; p++)
        if (*p == '\'')
            *p = '"';
    return add_json(list, json);
}

static void add_commas(struct list *list, const char *text)
{
    for (const char *p = text;; p++) {
        size_t length = strcspn(p, ",");

        add(list, p, length);
        p += length;
        if (*p == '\0')
            return;
    }
}

size_t request_form_list(const struct request *request, const char *field, struct arena *arena,
                         const char ***out)
{
    struct list list = { .arena = arena };
    const char **values;
    size_t count = request_form_values(request, field, arena, &values);

    for (size_t i = 0; i < count; i++) {
        const char *value = values[i] + strspn(values[i], " ");

        if (!add_json(&list, value) && !add_python(&list, value))
            add_commas(&list, value);
    }
    *out = list.items;
    return list.count;
}
