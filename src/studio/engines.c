/*
 * A list of entries, each an engine on its way to being open or open. What
 * "auto" or no model mean is settled first, so that different words for one
 * engine find one entry. Opening and closing happen outside the lock: an entry
 * is in the list while it is opened, for others to wait on, and out of it before
 * it is closed.
 */
#include "studio/engines.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

struct entry {
    struct engine_choice choice; /* set once */

    /* protected by lock */
    struct engine *engine; /* NULL while it is being opened; owned */
    struct err err;        /* why it could not be opened; out of the list then */
    size_t borrowers;      /* those who wait for it as well */
    double idle_since;     /* clock_seconds, without borrowers */
    struct entry *next;
};

struct engines {
    /* set once */
    struct engine_config config;
    struct engine_listings *listings; /* owned */
    double idle_s;
    int niceness;

    pthread_mutex_t lock;   /* leaf */
    pthread_cond_t changed; /* when an entry is open or could not be */

    /* protected by lock */
    struct entry *entries; /* owned */
    uint64_t change_count;
    char *told; /* the name that engines_is_news was asked last; owned, or NULL */
};

/* --- the list --- */

static struct entry **find_link(struct engines *engines, const struct entry *entry)
{
    struct entry **link = &engines->entries;

    while (*link != entry)
        link = &(*link)->next;
    return link;
}

static struct entry *find_entry(struct engines *engines, const char *name, const char *model)
{
    for (struct entry *e = engines->entries; e; e = e->next)
        if (strcmp(e->choice.name, name) == 0 && strcmp(e->choice.model, model) == 0)
            return e;
    return NULL;
}

/* Takes the choice's model. */
static struct entry *add_entry(struct engines *engines, struct engine_choice *choice)
{
    struct entry *entry = xcalloc(1, sizeof *entry);

    entry->choice = *choice;
    choice->model = NULL;
    entry->next = engines->entries;
    engines->entries = entry;
    return entry;
}

static void entry_destroy(struct entry *entry)
{
    engine_close(entry->engine);
    free(entry->choice.model);
    free(entry);
}

/* --- opening --- */

struct opening {
    const struct engines *engines;
    const struct entry *entry;
    struct engine *engine;
    struct err err;
};

static void *open_in_thread(void *arg)
{
    struct opening *o = arg;
    const struct engine_choice *choice = &o->entry->choice;

    thread_lower_priority(o->engines->niceness);
    o->engine = engine_open(&o->engines->config, choice->name,
                            choice->model[0] ? choice->model : NULL, &o->err);
    return NULL;
}

/* Opens the entry that was just added, and tells those who wait for it. */
static void open_entry(struct engines *engines, struct entry *entry)
{
    struct opening opening = { .engines = engines, .entry = entry };
    pthread_t thread;

    if (thread_start(&thread, open_in_thread, &opening) == 0)
        pthread_join(thread, NULL);
    else
        err_set(&opening.err, ERR_INTERNAL, "Cannot start a thread to open an engine in.");
    pthread_mutex_lock(&engines->lock);
    entry->engine = opening.engine;
    engines->change_count++;
    if (!entry->engine) {
        entry->err = opening.err;
        *find_link(engines, entry) = entry->next;
    }
    pthread_cond_broadcast(&engines->changed);
    pthread_mutex_unlock(&engines->lock);
}

/* --- what could speak --- */

bool engines_list_voices(struct engines *engines, const char *name, struct arena *arena,
                         struct engine_voices *out, struct err *err)
{
    return engine_listings_voices(engines->listings, name, NULL, arena, out, err);
}

bool engines_list_model_voices(struct engines *engines, const char *name, const char *model,
                               struct arena *arena, struct engine_voices *out, struct err *err)
{
    return engine_listings_voices(engines->listings, name, model, arena, out, err);
}

void engines_list_models(struct engines *engines, struct arena *arena, struct speech_models *out)
{
    engine_listings_models(engines->listings, arena, out);
}

bool engines_is_news(struct engines *engines, const char *name)
{
    pthread_mutex_lock(&engines->lock);
    bool is_news = !engines->told || strcmp(engines->told, name) != 0;
    if (is_news) {
        free(engines->told);
        engines->told = xstrdup(name);
    }
    pthread_mutex_unlock(&engines->lock);
    return is_news;
}

/* --- borrowing --- */

struct engines *engines_create(const struct engine_config *config, double idle_s, int niceness)
{
    struct engines *engines = xcalloc(1, sizeof *engines);

    engines->config = *config;
    engines->listings = engine_listings_create(&engines->config);
    engines->idle_s = idle_s;
    engines->niceness = niceness;
    pthread_mutex_init(&engines->lock, NULL);
    pthread_cond_init(&engines->changed, NULL);
    return engines;
}

void engines_destroy(struct engines *engines)
{
    if (!engines)
        return;
    for (struct entry *entry = engines->entries, *next; entry; entry = next) {
        next = entry->next;
        entry_destroy(entry);
    }
    engine_listings_destroy(engines->listings);
    free(engines->told);
    pthread_cond_destroy(&engines->changed);
    pthread_mutex_destroy(&engines->lock);
    free(engines);
}

/* Waits for an entry that is being opened. NULL when that failed: the last to know destroys it. */
static struct engine *wait_for_engine(struct engines *engines, struct entry *entry, struct err *err)
{
    bool is_last = false;

    pthread_mutex_lock(&engines->lock);
    while (!entry->engine && entry->err.kind == ERR_NONE)
        pthread_cond_wait(&engines->changed, &engines->lock);
    struct engine *engine = entry->engine;
    if (!engine) {
        *err = entry->err;
        is_last = --entry->borrowers == 0;
    }
    pthread_mutex_unlock(&engines->lock);
    if (is_last)
        entry_destroy(entry);
    return engine;
}

static struct engine *borrow(struct engines *engines, struct engine_choice *choice, struct err *err)
{
    pthread_mutex_lock(&engines->lock);
    struct entry *entry = find_entry(engines, choice->name, choice->model);
    bool is_new = !entry;
    if (is_new)
        entry = add_entry(engines, choice);
    entry->borrowers++;
    pthread_mutex_unlock(&engines->lock);
    if (is_new)
        open_entry(engines, entry);
    return wait_for_engine(engines, entry, err);
}

struct engine *engines_borrow(struct engines *engines, const char *name, const char *model,
                              struct err *err)
{
    struct engine_choice choice = { 0 };
    struct engine *engine = NULL;

    if (engine_choose(&engines->config, name, model, &choice, err))
        engine = borrow(engines, &choice, err);
    if (!engine && !err->param[0])
        snprintf(err->param, sizeof err->param, "engine");
    free(choice.model);
    return engine;
}

void engines_return(struct engines *engines, struct engine *engine)
{
    pthread_mutex_lock(&engines->lock);
    for (struct entry *entry = engines->entries; entry; entry = entry->next)
        if (entry->engine == engine && --entry->borrowers == 0)
            entry->idle_since = clock_seconds();
    pthread_mutex_unlock(&engines->lock);
}

bool engines_can_speak(struct engines *engines, const char *name, struct err *err)
{
    return engine_is_available(&engines->config, name, err);
}

bool engines_check_voice(struct engines *engines, const char *name, const char *model,
                         const char *voice, struct err *err)
{
    return engine_check_voice(&engines->config, name, model, voice, err);
}

size_t engines_loaded_count(struct engines *engines)
{
    size_t count = 0;

    pthread_mutex_lock(&engines->lock);
    for (struct entry *entry = engines->entries; entry; entry = entry->next)
        count += entry->engine != NULL;
    pthread_mutex_unlock(&engines->lock);
    return count;
}

bool engines_is_loaded(struct engines *engines, const char *name, const char *model)
{
    pthread_mutex_lock(&engines->lock);
    const struct entry *entry = find_entry(engines, name, model);
    bool is_loaded = entry && entry->engine;
    pthread_mutex_unlock(&engines->lock);
    return is_loaded;
}

uint64_t engines_change_count(struct engines *engines)
{
    pthread_mutex_lock(&engines->lock);
    uint64_t count = engines->change_count;
    pthread_mutex_unlock(&engines->lock);
    return count;
}

/* --- closing --- */

bool engines_unload(struct engines *engines, const char *name, const char *model, struct err *err)
{
    pthread_mutex_lock(&engines->lock);
    struct entry *entry = find_entry(engines, name, model);
    bool is_borrowed = entry && entry->borrowers > 0;
    if (entry && !is_borrowed) {
        *find_link(engines, entry) = entry->next;
        engines->change_count++;
    }
    pthread_mutex_unlock(&engines->lock);
    if (is_borrowed)
        return err_set(err, ERR_CONFLICT, "%s is speaking. Try again when it has ended.",
                       *model ? model : name);
    if (entry) {
        log_info("engine", "%s%s%s is closed", name, *model ? " " : "", model);
        entry_destroy(entry);
    }
    return true;
}

/* Takes the idle entries out of the list, as a list of their own. */
static struct entry *take_idle(struct engines *engines)
{
    double now = clock_seconds();
    struct entry *idle = NULL;

    pthread_mutex_lock(&engines->lock);
    for (struct entry **link = &engines->entries; *link;) {
        struct entry *entry = *link;

        if (entry->borrowers > 0 || now - entry->idle_since < engines->idle_s) {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        entry->next = idle;
        idle = entry;
        engines->change_count++;
    }
    pthread_mutex_unlock(&engines->lock);
    return idle;
}

void engines_close_idle(struct engines *engines)
{
    if (engines->idle_s <= 0)
        return;
    for (struct entry *entry = take_idle(engines), *next; entry; entry = next) {
        next = entry->next;
        log_info("engine", "%s%s%s is closed: idle for %.0f s", entry->choice.name,
                 entry->choice.model[0] ? " " : "", entry->choice.model,
                 clock_seconds() - entry->idle_since);
        entry_destroy(entry);
    }
}
