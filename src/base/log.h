#pragma once

/*
 * The log: lines `[time] [level] [module] message` to standard error, or to a
 * file as well. Any thread may log; a line is written whole. Only cmd sets the
 * sink up, once, before other threads start.
 *
 * What a thread logs while it works for a request or a task ends in its id:
 *
 *     struct log_context context;
 *     log_context_begin(&context, request_id);
 *     … log_warning("api", "the disk is nearly full"); …
 *     log_context_end(&context);
 *
 * writes `[time] [WARNING] [api] the disk is nearly full [req_5f0c…]`. Contexts
 * nest; each is its thread's own.
 */

#include <stdbool.h>

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

const char *log_level_name(enum log_level level);
bool log_level_parse(const char *name, enum log_level *out);

/* Lines above the level are dropped. file may be NULL; it is appended to. */
bool log_open(enum log_level level, const char *file, struct err *err);
void log_close(void);

/* One id in force on this thread: memory of the caller's, between begin and end in one function. */
struct log_context {
    const char *id; /* borrowed until end */
    const struct log_context *outer;
};

void log_context_begin(struct log_context *context, const char *id);
void log_context_end(const struct log_context *context);

/* Would a line of this level be written? For lines that cost something to put together. */
bool log_has(enum log_level level);

void log_write(enum log_level level, const char *module, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_error(module, ...) log_write(LOG_ERROR, module, __VA_ARGS__)
#define log_warning(module, ...) log_write(LOG_WARNING, module, __VA_ARGS__)
#define log_info(module, ...) log_write(LOG_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) log_write(LOG_DEBUG, module, __VA_ARGS__)
