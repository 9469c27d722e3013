#pragma once

/*
 * An error as data for the caller: what kind, which parameter, and a message
 * for the user that says what failed, on what, and what to do about it.
 *
 * What can fail returns bool (true: done) or a pointer (NULL: failed) and takes
 * a struct err last. The place that knows the cause writes the message:
 *
 *     return err_set(err, ERR_NOT_FOUND, "There is no voice called %s.", name);
 *
 * Callers may put where it happened in front (err_context), never replace it.
 */

#include <stdbool.h>

#include "base/alloc.h"

enum err_kind {
    ERR_NONE,
    ERR_INVALID,     /* the request or the input is wrong */
    ERR_DENIED,      /* a key is missing or wrong */
    ERR_NOT_FOUND,   /* a named thing is not there */
    ERR_CONFLICT,    /* not in this state */
    ERR_TOO_LARGE,   /* over a named limit */
    ERR_UNSUPPORTED, /* a format or feature we do not have */
    ERR_UNAVAILABLE, /* a model, library or service is missing */
    ERR_BUSY,        /* not now: the same may succeed in a moment */
    ERR_LIMIT,       /* as many as may be at a time are; one that ends makes room */
    ERR_CORRUPT,     /* a file is not what it should be */
    ERR_IO,          /* the disk or a stream refused */
    ERR_DISK_FULL,
    ERR_NETWORK,
    ERR_CANCELLED,
    ERR_INTERNAL, /* a bug or an exhausted machine */
};

struct err {
    enum err_kind kind;
    char param[48];    /* the parameter or field at fault, or "" */
    char message[768]; /* one or more full sentences, UTF-8 */
};

/* Stores the error and returns false, so that a failure is one line. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same, naming the parameter at fault. */
bool err_set_param(struct err *err, enum err_kind kind, const char *param, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* For a failed system call: "Cannot <action> <object>: <errno's text>." ENOSPC and EDQUOT become
 * ERR_DISK_FULL, ENOENT ERR_NOT_FOUND, the rest ERR_IO. Reads errno. */
bool err_system(struct err *err, const char *action, const char *object);

/* Puts "<where>: " in front of the message. Returns false. */
bool err_context(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

void err_clear(struct err *err);

/* "invalid", "not_found", … as logs and JSON show it. */
const char *err_kind_name(enum err_kind kind);

/* The program's exit code: 0 for ERR_NONE; the README lists them all. */
int err_exit_code(enum err_kind kind);
