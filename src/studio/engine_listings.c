#include "studio/engine_listings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model_files.h"

/* Voices as they were found. */
struct listing {
    struct arena arena; /* owns the rest */
    const char *name;   /* as asked for: "auto" or an engine's */
    const char *model;  /* as asked for; "": none */
    uint64_t stamp;     /* of the models folder, taken before it was looked at */
    struct engine_voices voices;
    struct listing *next;
};

struct engine_listings {
    const struct engine_config *config; /* set once */

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    struct listing *voices;    /* owned; one for each name and model */
    struct arena models_arena; /* owns the models */
    struct speech_models models;
    uint64_t models_stamp;
    bool has_models;
};

struct engine_listings *engine_listings_create(const struct engine_config *config)
{
    struct engine_listings *listings = xcalloc(1, sizeof *listings);

    listings->config = config;
    pthread_mutex_init(&listings->lock, NULL);
    return listings;
}

static void destroy_all(struct listing *listing)
{
    for (struct listing *next; listing; listing = next) {
        next = listing->next;
        arena_release(&listing->arena);
        free(listing);
    }
}

void engine_listings_destroy(struct engine_listings *listings)
{
    if (!listings)
        return;
    destroy_all(listings->voices);
    arena_release(&listings->models_arena);
    pthread_mutex_destroy(&listings->lock);
    free(listings);
}

/* --- voices --- */

static struct engine_voices copy_voices(struct arena *arena, const struct engine_voices *from)
{
    struct voice_info *items = arena_alloc(arena, from->count * sizeof *items);

    for (size_t i = 0; i < from->count; i++)
        items[i] = voice_info_copy(arena, &from->items[i]);
    return (struct engine_voices){
        .engine = from->engine,
        .model = arena_strdup(arena, from->model),
        .items = items,
        .count = from->count,
        .default_voice = arena_strdup(arena, from->default_voice),
        .can_blend = from->can_blend,
    };
}

static const struct listing *find_voices(const struct engine_listings *listings, const char *name,
                                         const char *model, uint64_t stamp)
{
    const struct listing *at = listings->voices;

    while (at &&
           (at->stamp != stamp || strcmp(at->name, name) != 0 || strcmp(at->model, model) != 0))
        at = at->next;
    return at;
}

static bool recall_voices(struct engine_listings *listings, const char *name, const char *model,
                          uint64_t stamp, struct arena *arena, struct engine_voices *out)
{
    pthread_mutex_lock(&listings->lock);
    const struct listing *known = find_voices(listings, name, model, stamp);
    if (known)
        *out = copy_voices(arena, &known->voices);
    pthread_mutex_unlock(&listings->lock);
    return known;
}

/* Takes out of the list what was found in a folder that is another one now. */
static struct listing *take_outdated(struct engine_listings *listings, uint64_t stamp)
{
    struct listing *outdated = NULL;

    for (struct listing **link = &listings->voices; *link;) {
        struct listing *at = *link;

        if (at->stamp == stamp) {
            link = &at->next;
            continue;
        }
        *link = at->next;
        at->next = outdated;
        outdated = at;
    }
    return outdated;
}

/* Takes the listing; where another thread was first, that one's stays. */
static void keep_voices(struct engine_listings *listings, struct listing *listing)
{
    pthread_mutex_lock(&listings->lock);
    struct listing *outdated = take_outdated(listings, listing->stamp);
    if (find_voices(listings, listing->name, listing->model, listing->stamp)) {
        listing->next = outdated;
        outdated = listing;
    } else {
        listing->next = listings->voices;
        listings->voices = listing;
    }
    pthread_mutex_unlock(&listings->lock);
    destroy_all(outdated);
}

bool engine_listings_voices(struct engine_listings *listings, const char *name, const char *model,
                            struct arena *arena, struct engine_voices *out, struct err *err)
{
    uint64_t stamp = engine_models_stamp(listings->config);

    model = model ? model : "";
    if (recall_voices(listings, name, model, stamp, arena, out))
        return true;
    struct listing *listing = xcalloc(1, sizeof *listing);

    if (!engine_list_voices(listings->config, name, model, &listing->arena, &listing->voices,
                            err)) {
        destroy_all(listing);
        return false;
    }
    listing->name = arena_strdup(&listing->arena, name);
    listing->model = arena_strdup(&listing->arena, model);
    listing->stamp = stamp;
    *out = copy_voices(arena, &listing->voices);
    /* What has no model may have been chosen for want of a library, which the stamp does not see. */
    if (listing->voices.model[0])
        keep_voices(listings, listing);
    else
        destroy_all(listing);
    return true;
}

/* --- models --- */

static struct speech_models copy_models(struct arena *arena, const struct speech_models *from)
{
    struct speech_model *items = arena_alloc(arena, (from->count + 1) * sizeof *items);

    for (size_t i = 0; i < from->count; i++)
        items[i] = (struct speech_model){ .engine = from->items[i].engine,
                                          .id = arena_strdup(arena, from->items[i].id),
                                          .name = arena_strdup(arena, from->items[i].name),
                                          .path = arena_strdup(arena, from->items[i].path) };
    return (struct speech_models){ items, from->count };
}

static bool recall_models(struct engine_listings *listings, uint64_t stamp, struct arena *arena,
                          struct speech_models *out)
{
    pthread_mutex_lock(&listings->lock);
    bool is_known = listings->has_models && listings->models_stamp == stamp;
    if (is_known)
        *out = copy_models(arena, &listings->models);
    pthread_mutex_unlock(&listings->lock);
    return is_known;
}

static void keep_models(struct engine_listings *listings, uint64_t stamp,
                        const struct speech_models *models)
{
    pthread_mutex_lock(&listings->lock);
    arena_release(&listings->models_arena);
    listings->models = copy_models(&listings->models_arena, models);
    listings->models_stamp = stamp;
    listings->has_models = true;
    pthread_mutex_unlock(&listings->lock);
}

/* Below the models folder, where a path begins with that. */
static const char *public_id(const struct engine_config *config, const char *name)
{
    size_t length = strlen(config->models_dir);
    bool is_below = strncmp(name, config->models_dir, length) == 0 && name[length] == '/';

    return is_below ? name + length + 1 : name;
}

static struct speech_models look_for_models(const struct engine_config *config, struct arena *arena)
{
    struct installed_models found;

    installed_models_list(config->models_dir, FAMILY_NONE, &found);
    struct speech_model *items = arena_alloc(arena, (found.count + 1) * sizeof *items);
    for (size_t i = 0; i < found.count; i++) {
        const struct installed_model *model = &found.items[i];

        items[i] = (struct speech_model){ .engine = model_family_name(model->family),
                                          .id = arena_strdup(arena, public_id(config, model->name)),
                                          .name = arena_strdup(arena, model->name),
                                          .path = arena_strdup(arena, model->path) };
    }
    const struct speech_models models = { items, found.count };
    installed_models_release(&found);
    return models;
}

void engine_listings_models(struct engine_listings *listings, struct arena *arena,
                            struct speech_models *out)
{
    uint64_t stamp = engine_models_stamp(listings->config);

    if (recall_models(listings, stamp, arena, out))
        return;
    *out = look_for_models(listings->config, arena);
    keep_models(listings, stamp, out);
}
