#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = xcalloc(1, sizeof *block + size);

    block->size = size;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    size_t rounded = (size + unit - 1) / unit * unit;
    struct arena_block *block = arena->newest;

    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
    void *out = block->bytes + block->used;
    block->used += rounded;
    return out;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *out = arena_alloc(arena, size);

    if (size)
        memcpy(out, bytes, size);
    return out;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *out = arena_alloc(arena, length + 1);

    if (length)
        memcpy(out, text, length);
    return out;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = str_format_v(format, args);
    va_end(args);
    char *out = arena_strdup(arena, text);
    free(text);
    return out;
}

void arena_release(struct arena *arena)
{
    while (arena->newest) {
        struct arena_block *older = arena->newest->older;

        free(arena->newest);
        arena->newest = older;
    }
}
