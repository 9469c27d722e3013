#include "api/uuid.h"

#include <string.h>

#include "base/id.h"

const char *uuid_parse(struct arena *arena, const char *text)
{
    if (strlen(text) != ID_SIZE - 1)
        return NULL;
    if (id_is_uuid(text))
        return text;
    char *id = arena_strdup(arena, text);

    for (char *c = id; *c; c++)
        if (*c >= 'A' && *c <= 'F')
            *c = (char)(*c - 'A' + 'a');
    return id_is_uuid(id) ? id : NULL;
}

const char *request_uuid(struct request *request)
{
    const char *text = request_path_param(request, "id");
    const char *id = uuid_parse(request_arena(request), text);

    return id ? id : text;
}
