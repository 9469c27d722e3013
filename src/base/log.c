#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

static const char *const level_names[] = {
    [LOG_ERROR] = "ERROR",
    [LOG_WARNING] = "WARNING",
    [LOG_INFO] = "INFO",
    [LOG_DEBUG] = "DEBUG",
};

/* The log sink and, beside it, whom each thread works for: the mutable objects of the program at
 * file scope (with cmd/interrupt.c's signal thread). */
static struct {
    pthread_mutex_t lock; /* leaf */
    atomic_int level;     /* enum log_level */

    /* protected by lock */
    FILE *file; /* NULL: standard error only */
} sink = { .lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_WARNING };

static _Thread_local const struct log_context *innermost;

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

bool log_level_parse(const char *name, enum log_level *out)
{
    for (size_t i = 0; i < COUNT(level_names); i++) {
        if (strcasecmp(name, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_open(enum log_level level, const char *path, struct err *err)
{
    FILE *file = NULL;

    if (path && !(file = fopen(path, "ae")))
        return err_system(err, "open the log file", path);
    atomic_store(&sink.level, (int)level);
    pthread_mutex_lock(&sink.lock);
    sink.file = file;
    pthread_mutex_unlock(&sink.lock);
    return true;
}

void log_close(void)
{
    pthread_mutex_lock(&sink.lock);
    if (sink.file)
        fclose(sink.file);
    sink.file = NULL;
    pthread_mutex_unlock(&sink.lock);
}

void log_context_begin(struct log_context *context, const char *id)
{
    *context = (struct log_context){ .id = id, .outer = innermost };
    innermost = context;
}

void log_context_end(const struct log_context *context)
{
    innermost = context->outer;
}

bool log_has(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&sink.level, memory_order_relaxed);
}

/* A line is one line: what somebody put into a name must not look like another. */
static void keep_on_one_line(char *message)
{
    for (char *p = message; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    struct timespec now;
    struct tm utc;
    char stamp[32];
    va_list args;

    if (!log_has(level))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    va_start(args, format);
    char *message = str_format_v(format, args);
    va_end(args);
    char *whole = innermost ? str_format("%s [%s]", message, innermost->id) : xstrdup(message);
    keep_on_one_line(whole);
    char *line = str_format("[%s.%03ldZ] [%s] [%s] %s\n", stamp, now.tv_nsec / 1000000,
                            level_names[level], module, whole);

    pthread_mutex_lock(&sink.lock);
    fputs(line, stderr);
    if (sink.file) {
        fputs(line, sink.file);
        fflush(sink.file);
    }
    pthread_mutex_unlock(&sink.lock);
    free(line);
    free(whole);
    free(message);
}
