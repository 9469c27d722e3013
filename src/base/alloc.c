#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void out_of_memory(void)
{
    fputs("parlando: out of memory\n", stderr);
    abort();
}

static void *or_die(void *pointer)
{
    if (!pointer)
        out_of_memory();
    return pointer;
}

void *xmalloc(size_t size)
{
    return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return or_die(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    return or_die(realloc(old, bytes ? bytes : 1));
}

char *xstrdup(const char *text)
{
    return or_die(strdup(text));
}

char *xstrndup(const char *text, size_t length)
{
    return or_die(strndup(text, length));
}

void *try_alloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

char *str_format_v(const char *format, va_list args)
{
    char *text;

    if (vasprintf(&text, format, args) < 0)
        out_of_memory();
    return text;
}

char *str_format(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = str_format_v(format, args);
    va_end(args);
    return text;
}
