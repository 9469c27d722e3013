#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    const char *name;
    int exit_code;
} kinds[] = {
    [ERR_NONE] = { "none", 0 },
    [ERR_INVALID] = { "invalid", 2 },
    [ERR_DENIED] = { "denied", 2 },
    [ERR_NOT_FOUND] = { "not_found", 3 },
    [ERR_CONFLICT] = { "conflict", 2 },
    [ERR_TOO_LARGE] = { "too_large", 2 },
    [ERR_UNSUPPORTED] = { "unsupported", 2 },
    [ERR_UNAVAILABLE] = { "unavailable", 4 },
    [ERR_BUSY] = { "busy", 6 },
    [ERR_LIMIT] = { "limit", 6 },
    [ERR_CORRUPT] = { "corrupt", 5 },
    [ERR_IO] = { "io", 6 },
    [ERR_DISK_FULL] = { "disk_full", 6 },
    [ERR_NETWORK] = { "network", 7 },
    [ERR_CANCELLED] = { "cancelled", 130 },
    [ERR_INTERNAL] = { "internal", 1 },
};

static void PRINTF_LIKE(4, 0) set_message(struct err *err, enum err_kind kind, const char *param,
                                          const char *format, va_list args)
{
    err->kind = kind;
    snprintf(err->param, sizeof err->param, "%s", param);
    vsnprintf(err->message, sizeof err->message, format, args);
    utf8_drop_broken(err->message);
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_message(err, kind, "", format, args);
    va_end(args);
    return false;
}

bool err_set_param(struct err *err, enum err_kind kind, const char *param, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_message(err, kind, param, format, args);
    va_end(args);
    return false;
}

bool err_system(struct err *err, const char *action, const char *object)
{
    int number = errno;
    enum err_kind kind = ERR_IO;

    if (number == ENOSPC || number == EDQUOT)
        kind = ERR_DISK_FULL;
    else if (number == ENOENT)
        kind = ERR_NOT_FOUND;
    return err_set(err, kind, "Cannot %s %s: %s.", action, object, strerror(number));
}

bool err_context(struct err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *where = str_format_v(format, args);
    va_end(args);
    char *whole = str_format("%s: %s", where, err->message);
    snprintf(err->message, sizeof err->message, "%s", whole);
    utf8_drop_broken(err->message);
    free(whole);
    free(where);
    return false;
}

void err_clear(struct err *err)
{
    *err = (struct err){ .kind = ERR_NONE };
}

const char *err_kind_name(enum err_kind kind)
{
    return kinds[kind].name;
}

int err_exit_code(enum err_kind kind)
{
    return kinds[kind].exit_code;
}
