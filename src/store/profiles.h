#pragma once

/*
 * Profiles: what a user likes to speak with, under a name. See store.h for
 * threads, memory and errors.
 *
 * Values were checked by the caller, all but what needs the other rows: a name
 * that another profile has, in any case, is ERR_CONFLICT on "name".
 */

#include "base/id.h"
#include "store/store.h"

#define PROFILE_NAME_MAX 100 /* characters */

struct profile {
    const char *id, *name;
    const char *backend;            /* "auto" or an engine's name */
    const char *model;              /* or NULL */
    const char *voice;              /* an id or a blend */
    double speed;                   /* 0.25 to 4 */
    const char *format;             /* as audio_format_name */
    const char *blend;              /* spoken instead of voice; or NULL */
    const char *reference_audio_id; /* or NULL */
    const char *effects;            /* a JSON list */
    bool is_default;
    int64_t created_at, updated_at;
};

struct profile_list {
    struct profile *items; /* by name */
    int64_t count;
    const char *default_id; /* or NULL */
};

bool store_profiles(struct store *store, struct arena *arena, struct profile_list *out,
                    struct err *err);
bool store_profile(struct store *store, struct arena *arena, const char *id, struct profile *out,
                   struct err *err);

/* The one that speaks when nothing else is said. *found is false when there is none. */
bool store_profile_default(struct store *store, struct arena *arena, struct profile *out,
                           bool *found, struct err *err);

/* id, is_default and the moments are the store's own; *id becomes the new one. */
bool store_profile_create(struct store *store, const struct profile *profile, char id[ID_SIZE],
                          struct err *err);

/* NULL leaves a value; what may be NULL itself is given by its address. */
struct profile_change {
    const char *name, *backend, *voice, *format, *effects;
    const double *speed;
    const char *const *model, *const *blend, *const *reference_audio_id;
};

bool store_profile_update(struct store *store, const char *id, const struct profile_change *change,
                          struct err *err);

/* History keeps what was spoken with it. */
bool store_profile_delete(struct store *store, const char *id, struct err *err);

/* No other is the default then. */
bool store_profile_set_default(struct store *store, const char *id, bool is_default,
                               struct err *err);

/* Grows with every change of any profile. */
bool store_profiles_revision(struct store *store, int64_t *out, struct err *err);
