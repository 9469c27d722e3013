#include "studio/story.h"

#include <stdlib.h>

#include "base/file.h"
#include "store/assets.h"
#include "studio/picture.h"

bool story_import(struct store *store, const struct document *document, char *id, struct err *err)
{
    struct new_segment *segments = try_alloc(document->segment_count, sizeof *segments);

    if (!segments)
        return err_set(err, ERR_INTERNAL, "There is no memory for a story of %zu segments.",
                       document->segment_count);
    for (size_t i = 0; i < document->segment_count; i++) {
        const struct document_segment *from = &document->segments[i];

        segments[i] = (struct new_segment){
            .text = from->text,
            .length = from->length,
            .image_prompt = from->image_prompt,
            .chapter =
                from->chapter == DOCUMENT_NO_CHAPTER ? NULL : document->chapters[from->chapter],
        };
    }
    bool ok = store_project_create(store, document->title, document->author, segments,
                                   document->segment_count, id, err);
    free(segments);
    return ok;
}

/* Writes the picture to its staged name and stores it. A refusal removes the staged file. */
static bool keep_image(struct store *store, struct media *media, struct arena *arena,
                       const struct segment *segment, const struct buf *bytes,
                       const struct picture *picture, struct err *err)
{
    const char *extension = picture_extension(picture->format);
    const char *staged = media_staged_path(arena, extension);
    const char *path = media_image_path(arena, segment->project_id, segment->id, extension);
    const struct new_image image = { .staged_path = staged,
                                     .path = path,
                                     .url = media_url(arena, path),
                                     .media_type = picture_media_type(picture->format),
                                     .bytes = (int64_t)bytes->len };

    if (!file_write(media_full_path(media, arena, staged), bytes->data, bytes->len, err))
        return false;
    if (store_segment_image_set(store, segment->id, &image, err))
        return true;
    media_discard(media, staged);
    return false;
}

bool story_set_image(struct store *store, struct media *media, const char *segment_id,
                     const char *file, struct err *err)
{
    struct arena arena = ARENA;
    struct buf bytes = { 0 };
    struct picture picture;
    struct segment segment;

    bool ok = store_segment_get(store, &arena, segment_id, &segment, err) &&
              picture_load(file, &bytes, &picture, err) &&
              keep_image(store, media, &arena, &segment, &bytes, &picture, err);
    buf_release(&bytes);
    arena_release(&arena);
    if (ok)
        media_settle(media);
    return ok;
}

bool story_remove_image(struct store *store, struct media *media, const char *segment_id,
                        struct err *err)
{
    if (!store_segment_image_remove(store, segment_id, err))
        return false;
    media_settle(media);
    return true;
}
