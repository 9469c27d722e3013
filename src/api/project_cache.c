#include "api/project_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

#define BUCKETS 1024

struct entry {
    char id[ID_SIZE];
    int64_t revision;
    struct shared_bytes *bytes; /* held */
    size_t length;
    struct entry *next;          /* in its bucket */
    struct entry *newer, *older; /* in the order of use */
};

struct project_cache {
    size_t bytes_max; /* set once */
    pthread_mutex_t lock;

    /* protected by lock */
    size_t bytes, count;
    struct entry *buckets[BUCKETS]; /* entries are owned */
    struct entry *newest, *oldest;
};

struct project_cache *project_cache_create(size_t bytes_max)
{
    struct project_cache *cache = xcalloc(1, sizeof *cache);

    cache->bytes_max = bytes_max;
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

/* FNV-1a; ids are our own, so nobody chooses collisions. */
static struct entry **bucket_of(struct project_cache *cache, const char *id)
{
    uint32_t hash = 2166136261u;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 16777619u;
    return &cache->buckets[hash % BUCKETS];
}

static struct entry *find_entry(struct project_cache *cache, const char *id)
{
    struct entry *entry = *bucket_of(cache, id);

    while (entry && strcmp(entry->id, id) != 0)
        entry = entry->next;
    return entry;
}

static void leave_order(struct project_cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void become_newest(struct project_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void remove_entry(struct project_cache *cache, struct entry *entry)
{
    struct entry **at = bucket_of(cache, entry->id);

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    leave_order(cache, entry);
    cache->bytes -= entry->length;
    cache->count--;
    shared_bytes_drop(entry->bytes);
    free(entry);
}

void project_cache_destroy(struct project_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest)
        remove_entry(cache, cache->oldest);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

struct shared_bytes *project_cache_find(struct project_cache *cache, const char *id,
                                        int64_t revision)
{
    struct shared_bytes *bytes = NULL;

    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find_entry(cache, id);
    if (entry && entry->revision == revision) {
        leave_order(cache, entry);
        become_newest(cache, entry);
        bytes = shared_bytes_hold(entry->bytes);
    }
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

static void add_entry(struct project_cache *cache, const char *id, int64_t revision,
                      struct shared_bytes *bytes, size_t length)
{
    struct entry *entry = xcalloc(1, sizeof *entry);
    struct entry **bucket = bucket_of(cache, id);

    snprintf(entry->id, sizeof entry->id, "%s", id);
    entry->revision = revision;
    entry->bytes = shared_bytes_hold(bytes);
    entry->length = length;
    entry->next = *bucket;
    *bucket = entry;
    become_newest(cache, entry);
    cache->bytes += length;
    cache->count++;
}

void project_cache_put(struct project_cache *cache, const char *id, int64_t revision,
                       struct shared_bytes *bytes, size_t length)
{
    if (length > cache->bytes_max / 4 || strlen(id) >= ID_SIZE)
        return;
    pthread_mutex_lock(&cache->lock);
    struct entry *old = find_entry(cache, id);
    bool is_newer = !old || old->revision < revision;

    if (old && is_newer)
        remove_entry(cache, old);
    if (is_newer)
        add_entry(cache, id, revision, bytes, length);
    while (cache->bytes > cache->bytes_max || cache->count > PROJECT_CACHE_COUNT)
        remove_entry(cache, cache->oldest);
    pthread_mutex_unlock(&cache->lock);
}
