#include "nn/workspace.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* AddressSanitizer learns what is in use, and a gap between buffers shows who writes beyond his. */
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif

#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define GAP 128
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define GAP 0
#endif

#define ALIGNMENT 64 /* bytes: a cache line, and the widest vector */

struct workspace {
    char *bytes; /* mapped; a page is there once it was written */
    size_t limit;
    size_t used, peak;
};

struct workspace *workspace_create(size_t limit, struct err *err)
{
    void *bytes = mmap(NULL, limit, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (bytes == MAP_FAILED) {
        err_set(err, ERR_INTERNAL, "The system gives no %zu MB of address space to compute in.",
                limit >> 20);
        return NULL;
    }
    struct workspace *workspace = xcalloc(1, sizeof *workspace);
    *workspace = (struct workspace){ .bytes = bytes, .limit = limit };
    ASAN_POISON_MEMORY_REGION(bytes, limit);
    return workspace;
}

void workspace_destroy(struct workspace *workspace)
{
    if (!workspace)
        return;
    ASAN_UNPOISON_MEMORY_REGION(workspace->bytes, workspace->limit);
    munmap(workspace->bytes, workspace->limit);
    free(workspace);
}

float *workspace_floats(struct workspace *workspace, size_t count)
{
    char *start = workspace->bytes + workspace->used;
    size_t left = workspace->limit - workspace->used;
    size_t bytes, rounded;

    if (__builtin_mul_overflow(count, sizeof(float), &bytes) ||
        __builtin_add_overflow(bytes, ALIGNMENT - 1 + GAP, &rounded))
        out_of_memory(); /* as xmalloc: a pass that outgrows its bounds is our bug */
    rounded &= ~(size_t)(ALIGNMENT - 1);
    if (rounded > left)
        out_of_memory();
    ASAN_UNPOISON_MEMORY_REGION(start, bytes);
    workspace->used += rounded;
    if (workspace->used > workspace->peak)
        workspace->peak = workspace->used;
    return (float *)(void *)start;
}

struct matrix workspace_matrix(struct workspace *workspace, size_t rows, size_t columns)
{
    size_t stride = matrix_stride(columns), count;

    if (stride < columns || __builtin_mul_overflow(rows, stride, &count))
        out_of_memory();
    return (struct matrix){
        .data = workspace_floats(workspace, count),
        .rows = rows,
        .columns = columns,
        .stride = stride,
    };
}

size_t workspace_mark(const struct workspace *workspace)
{
    return workspace->used;
}

void workspace_release(struct workspace *workspace, size_t mark)
{
    assert(mark <= workspace->used);
    ASAN_POISON_MEMORY_REGION(workspace->bytes + mark, workspace->used - mark);
    workspace->used = mark;
}

size_t workspace_peak(const struct workspace *workspace)
{
    return workspace->peak;
}

void workspace_trim(struct workspace *workspace)
{
    assert(workspace->used == 0);
    /* What was never written has no pages; advising it costs nothing. */
    madvise(workspace->bytes, workspace->limit, MADV_DONTNEED);
}
