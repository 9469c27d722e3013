#include "api/openai_error.h"

#include <string.h>

static const char *type_of(int status)
{
    if (status == 429)
        return "rate_limit_exceeded";
    return status >= 500 ? "server_error" : "invalid_request_error";
}

static const char *code_of(int status, const struct err *err)
{
    switch (status) {
    case 401:
        return "invalid_api_key";
    case 404:
        return strcmp(err->param, "model") == 0 ? "model_not_found" : NULL;
    case 429:
        return "rate_limit_exceeded";
    case 503: /* one without a parameter is about the server: it is stopping, say */
        return err->kind == ERR_UNAVAILABLE && *err->param ? "model_not_installed" : NULL;
    default:
        return NULL;
    }
}

struct openai_error openai_error_of(int status, const struct err *err)
{
    return (struct openai_error){
        .message = err->message,
        .type = type_of(status),
        .param = *err->param ? err->param : NULL,
        .code = code_of(status, err),
    };
}

void openai_error_write(struct json_writer *w, const struct openai_error *error)
{
    json_write_object_begin(w, NULL);
    json_write_object_begin(w, "error");
    json_write_text(w, "message", error->message);
    json_write_text(w, "type", error->type);
    json_write_text(w, "param", error->param);
    json_write_text(w, "code", error->code);
    json_write_object_end(w);
    json_write_object_end(w);
}
