#pragma once

/*
 * Stories as the store has them: importing, and the pictures of segments. The
 * rules that HTTP and the shell share. See store.h for threads and errors; all
 * of this may wait for the disk.
 */

#include "store/projects.h"
#include "store/segments.h"
#include "studio/document.h"
#include "studio/media.h"

/* Makes a project of a document; id (ID_SIZE) gets its id. */
bool story_import(struct store *store, const struct document *document, char *id, struct err *err);

/* Gives a segment the picture in a file, which is copied: what was checked is what is kept.
 * ERR_UNSUPPORTED, ERR_CORRUPT and ERR_TOO_LARGE as picture.h, ERR_NOT_FOUND without the segment,
 * ERR_CONFLICT for a locked one. */
bool story_set_image(struct store *store, struct media *media, const char *segment_id,
                     const char *file, struct err *err);
bool story_remove_image(struct store *store, struct media *media, const char *segment_id,
                        struct err *err);
