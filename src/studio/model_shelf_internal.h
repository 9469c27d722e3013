#pragma once

/* What the files of the shelf share: model_shelf_list.c says what there is, model_shelf.c does something
 * with it. */

#include <pthread.h>

#include "studio/model_shelf.h"

struct model_shelf {
    /* set once */
    struct model_shelf_options options;
    struct engine_config engine;
    struct catalogue *catalogue; /* owned */
    struct model_pulls *pulls;   /* owned */

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    int64_t revision;
    uint64_t engine_changes; /* as they were when the revision was told last */
    bool was_hearing;
};

const struct model_entry *shelf_find_entry(const struct model_shelf *shelf, const char *id);
const char *shelf_folder(const struct model_shelf *shelf);
enum model_kind shelf_kind_of(const struct model_entry *entry);

/* Is it run by the transcriber? */
bool shelf_is_hearing_engine(const char *engine);

/* A file that somebody put into the models folder, by its path there. */
bool shelf_get_file(struct model_shelf *shelf, struct arena *arena, const char *id,
                    struct speech_model *out);

/* ERR_NOT_FOUND, with the name of an entry that is near. Returns false. */
bool shelf_not_found(const struct model_shelf *shelf, const char *id, struct err *err);

/* Adds a name unless it is there; the first time, room for most of them is made. */
void shelf_add_name(struct arena *arena, struct model_names *names, size_t most, const char *name);
