#include "engine/mapped_weights.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

struct range {
    uintptr_t start, end;
};

struct mapped_weights {
    /* set once */
    struct range *ranges; /* owned */
    size_t count, capacity;

    atomic_bool is_upstream; /* a pass has begun whose generator has not */
};

/* Adds the mapping of a line of /proc/self/maps if it is a private one of this file:
 *     7f00-7f20 r--p 00001000 fe:00 5308565    /models/weights.bin (proc(5)) */
static void add_line(struct mapped_weights *weights, const char *line, uint64_t inode)
{
    uint64_t found;
    uintptr_t start, end;
    char privacy;

    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*3c%c %*x %*x:%*x %" SCNu64, &start, &end,
               &privacy, &found) != 4 ||
        found != inode || privacy != 'p')
        return;
    ARRAY_GROW(weights->ranges, weights->count, weights->capacity);
    weights->ranges[weights->count++] = (struct range){ start, end };
}

struct mapped_weights *mapped_weights_find(const char *path)
{
    struct stat st;
    char *line = NULL;
    size_t size = 0;

    FILE *maps = stat(path, &st) == 0 ? fopen("/proc/self/maps", "re") : NULL;
    if (!maps)
        return NULL;
    struct mapped_weights *weights = xcalloc(1, sizeof *weights);
    while (getline(&line, &size, maps) > 0)
        add_line(weights, line, st.st_ino);
    free(line);
    fclose(maps);
    if (weights->count > 0)
        return weights;
    mapped_weights_destroy(weights);
    return NULL;
}

void mapped_weights_destroy(struct mapped_weights *weights)
{
    if (!weights)
        return;
    free(weights->ranges);
    free(weights);
}

/* A failure leaves the pages where they are. */
static void let_go_of(uintptr_t start, uintptr_t end)
{
    if (start < end)
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
}

static void let_go(const struct mapped_weights *weights)
{
    for (size_t i = 0; i < weights->count; i++)
        let_go_of(weights->ranges[i].start, weights->ranges[i].end);
}

void mapped_weights_pass_begins(struct mapped_weights *weights)
{
    if (weights)
        atomic_store(&weights->is_upstream, true);
}

void mapped_weights_generator_begins(struct mapped_weights *weights)
{
    if (weights && atomic_exchange(&weights->is_upstream, false))
        let_go(weights);
}

/* Only pages that are its own, and only of the mapped file: bytes may be a copy in memory. */
void mapped_weights_used(struct mapped_weights *weights, const void *bytes, size_t length)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)bytes + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)bytes + length) / page * page;

    for (size_t i = 0; weights && i < weights->count; i++)
        if (start >= weights->ranges[i].start && end <= weights->ranges[i].end)
            let_go_of(start, end);
}

void mapped_weights_pass_ends(struct mapped_weights *weights)
{
    if (weights)
        let_go(weights);
}
