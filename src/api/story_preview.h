#pragma once

/* What an import of a story would make, shown without making it: POST /api/projects/preview/. */

#include "api/shape.h"
#include "studio/document.h"

#define STORY_PREVIEW_SEGMENTS 200
#define STORY_PREVIEW_CHARS 2000 /* of a text that is shown */

extern const struct shape story_preview_shape, segment_preview_shape;

/* What has to be copied goes into the arena. */
void story_preview_write(struct json_writer *writer, struct arena *arena,
                         const struct document *document);
