#pragma once

/*
 * Errors as ElevenLabs writes them: {"detail": {…}}, where "status" is what
 * older clients read for "code"; and the list of what is wrong with a body.
 */

#include "base/err.h"
#include "base/json_writer.h"

struct elevenlabs_error {
    const char *message, *type, *code;
    const char *param; /* or NULL */
    const char *request_id;
};

/* What a failure with this status is. Borrows err. */
struct elevenlabs_error elevenlabs_error_of(int status, const struct err *err,
                                            const char *request_id);

void elevenlabs_error_write(struct json_writer *w, const struct elevenlabs_error *error);

/* Mistakes of one request, each with the place it was found in: "body" or "query", then the member,
 * with a dot between it and the one it lies in. */
#define ELEVENLABS_MISTAKES_MAX 16

struct elevenlabs_mistakes {
    size_t count;
    struct {
        const char *part, *member, *type; /* literals */
        char message[160];
    } items[ELEVENLABS_MISTAKES_MAX];
};

/* A further one; beyond ELEVENLABS_MISTAKES_MAX they are left out. type is "missing", "string_type",
 * "greater_than_equal", … */
void elevenlabs_mistakes_add(struct elevenlabs_mistakes *mistakes, const char *part,
                             const char *member, const char *type, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* {"detail": [{"loc": ["body", "voice_settings", "speed"], "msg": …, "type": …}]}, for status 422. */
void elevenlabs_mistakes_write(const struct elevenlabs_mistakes *mistakes, struct json_writer *w);
