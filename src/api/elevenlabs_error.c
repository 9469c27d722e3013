#include "api/elevenlabs_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* ElevenLabs has several names for a status, by what the request was about; these are those that
 * its clients know. */
static const struct {
    int status;
    const char *type, *code;
} kinds[] = {
    { 400, "validation_error", "invalid_parameters" },
    { 401, "authentication_error", "invalid_api_key" },
    { 403, "authorization_error", "forbidden" },
    { 404, "not_found", "not_found" },
    { 405, "validation_error", "method_not_allowed" },
    { 409, "conflict", "conflict" },
    { 413, "validation_error", "request_too_large" },
    { 415, "validation_error", "unsupported_media_type" },
    { 429, "rate_limit_error", "too_many_concurrent_requests" },
    { 503, "service_unavailable", "system_busy" },
};

struct elevenlabs_error elevenlabs_error_of(int status, const struct err *err,
                                            const char *request_id)
{
    struct elevenlabs_error error = {
        .message = err->message,
        .type = status >= 500 ? "internal_error" : "validation_error",
        .code = status >= 500 ? "internal_error" : "invalid_parameters",
        .param = *err->param ? err->param : NULL,
        .request_id = request_id,
    };

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].status != status)
            continue;
        error.type = kinds[i].type;
        error.code = kinds[i].code;
    }
    if (status == 404 && strcmp(err->param, "voice_id") == 0)
        error.code = "voice_not_found";
    if (status == 503 && err->kind == ERR_UNAVAILABLE) /* a model is missing: waiting is no help */
        error.code = "model_not_available";
    return error;
}

void elevenlabs_error_write(struct json_writer *w, const struct elevenlabs_error *error)
{
    json_write_object_begin(w, NULL);
    json_write_object_begin(w, "detail");
    json_write_text(w, "type", error->type);
    json_write_text(w, "code", error->code);
    json_write_text(w, "message", error->message);
    json_write_text(w, "status", error->code);
    json_write_text(w, "request_id", error->request_id);
    json_write_text(w, "param", error->param);
    json_write_object_end(w);
    json_write_object_end(w);
}

void elevenlabs_mistakes_add(struct elevenlabs_mistakes *mistakes, const char *part,
                             const char *member, const char *type, const char *format, ...)
{
    if (mistakes->count == ELEVENLABS_MISTAKES_MAX)
        return;
    size_t i = mistakes->count++;
    va_list args;

    mistakes->items[i].part = part;
    mistakes->items[i].member = member;
    mistakes->items[i].type = type;
    va_start(args, format);
    vsnprintf(mistakes->items[i].message, sizeof mistakes->items[i].message, format, args);
    va_end(args);
    utf8_drop_broken(mistakes->items[i].message);
}

/* "voice_settings.speed" becomes "voice_settings", "speed". */
static void write_place(struct json_writer *w, const char *part, const char *member)
{
    json_write_array_begin(w, "loc");
    json_write_text(w, NULL, part);
    while (*member) {
        size_t length = strcspn(member, ".");

        json_write_text_n(w, NULL, member, length);
        member += length + (member[length] == '.');
    }
    json_write_array_end(w);
}

void elevenlabs_mistakes_write(const struct elevenlabs_mistakes *mistakes, struct json_writer *w)
{
    json_write_object_begin(w, NULL);
    json_write_array_begin(w, "detail");
    for (size_t i = 0; i < mistakes->count; i++) {
        json_write_object_begin(w, NULL);
        write_place(w, mistakes->items[i].part, mistakes->items[i].member);
        json_write_text(w, "msg", mistakes->items[i].message);
        json_write_text(w, "type", mistakes->items[i].type);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}
