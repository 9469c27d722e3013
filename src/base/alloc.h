#pragma once

/*
 * Small allocations, which abort the process when memory is gone: recovering
 * from a failed 40-byte request is untested code. Anything whose size a user
 * chooses goes through struct buf or a checked try_alloc() instead.
 *
 * Every pointer returned belongs to the caller, who passes it to free().
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size); /* zeroed; the product is checked */
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);

/* What they do when memory is gone: says so and aborts. */
_Noreturn void out_of_memory(void);

/* count * size zeroed bytes, or NULL when the product overflows or memory is gone. */
void *try_alloc(size_t count, size_t size) MUST_CHECK;

/* printf into a fresh string. */
char *str_format(const char *format, ...) PRINTF_LIKE(1, 2);
char *str_format_v(const char *format, va_list args) PRINTF_LIKE(1, 0);

/* Makes room for one more item in a growing array of items, doubling as it goes:
 *     ARRAY_GROW(list->items, list->count, list->capacity);
 *     list->items[list->count++] = item;
 */
#define ARRAY_GROW(items, count, capacity)                                                         \
    do {                                                                                           \
        if ((count) == (capacity)) {                                                               \
            (capacity) = (capacity) ? 2 * (capacity) : 8;                                          \
            (items) = xrealloc((items), (capacity), sizeof *(items));                              \
        }                                                                                          \
    } while (0)
