#pragma once

/*
 * Projects as they were last rendered: the JSON of GET /api/projects/{id}/ with
 * the revision it shows, so that reading a project again costs one point read
 * and no rendering.
 *
 * Bounded by bytes and by count; the one not asked for longest goes first. An
 * entry of an older revision is replaced, and a project that was deleted simply
 * ages out. Any thread; the lock is a leaf.
 */

#include "http/response.h"

#define PROJECT_CACHE_BYTES ((size_t)16 << 20)
#define PROJECT_CACHE_COUNT 1024

struct project_cache;

struct project_cache *project_cache_create(size_t bytes_max);
void project_cache_destroy(struct project_cache *cache); /* accepts NULL */

/* The project at this revision, held for the caller to drop; or NULL. */
struct shared_bytes *project_cache_find(struct project_cache *cache, const char *id,
                                        int64_t revision);

/* Keeps a rendering (it is held). One over a quarter of the cache is not kept. */
void project_cache_put(struct project_cache *cache, const char *id, int64_t revision,
                       struct shared_bytes *bytes, size_t length);
