#pragma once

/* Errors as OpenAI writes them: the same object in an answer and in a stream's last event. */

#include "base/err.h"
#include "base/json_writer.h"

struct openai_error {
    const char *message, *type; /* type: "invalid_request_error", "server_error", … */
    const char *param, *code;   /* or NULL */
};

/* What a failure with this status is. Borrows err. */
struct openai_error openai_error_of(int status, const struct err *err);

/* {"error":{…}} with all four keys, always: clients read them without asking whether they are there. */
void openai_error_write(struct json_writer *w, const struct openai_error *error);
