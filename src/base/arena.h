#pragma once

/*
 * Memory that is freed all at once: one arena a request, a unit or a text.
 * arena_alloc never fails (it aborts when memory is gone), so bound what a user
 * can make large before it comes here. One thread at a time.
 */

#include <stdarg.h>
#include <stddef.h>

#include "base/alloc.h"

struct arena {
    struct arena_block *newest; /* owned */
};

#define ARENA ((struct arena){ 0 })

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
void arena_release(struct arena *arena);
