#pragma once

/*
 * Stories as the store has them: importing, pictures, deleting. The rules that
 * HTTP and the shell share. See store.h for threads and errors; all of this may
 * wait for the disk.
 */

#include "store/projects.h"
#include "store/segments.h"
#include "studio/document.h"
#include "studio/media.h"

/* Makes a project of a document; id (ID_SIZE) gets its id. */
bool story_import(struct store *store, const struct document *document, char *id, struct err *err);

/* Gives a segment the picture in a file (which is moved or copied). ERR_INVALID/ERR_UNSUPPORTED for
 * what is no picture, ERR_CONFLICT for a locked segment. */
bool story_set_image(struct store *store, struct media *media, const char *segment_id,
                     const char *file, struct err *err);
bool story_remove_image(struct store *store, struct media *media, const char *segment_id,
                        struct err *err);
