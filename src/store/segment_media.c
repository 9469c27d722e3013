/* What is made of a segment: its audio and its picture, as rows and file operations. */

#include "store/segments.h"
#include "store/store_internal.h"

#define AUDIO_KIND "segment_audio"
#define IMAGE_KIND "segment_image"

static bool write_audio(struct change *change, const char *id, const struct new_audio *audio,
                        struct err *err)
{
    static const char UPDATE[] =
        "UPDATE segments SET audio_file = ?2, audio_duration = ?3, audio_engine = ?4,"
        " audio_voice = ?5, audio_text = nullif(?6, text_content), audio_error = NULL,"
        " updated_at = ?7 WHERE id = ?1";
    struct query q;

    query_begin(&q, change->db, UPDATE);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, audio->url);
    query_bind_number(&q, 3, audio->duration_s);
    query_bind_text(&q, 4, audio->engine);
    query_bind_text(&q, 5, audio->voice);
    query_bind_text(&q, 6, audio->text);
    query_bind_int(&q, 7, change->now);
    return query_run(&q, err);
}

bool segment_audio_set(struct change *change, struct arena *arena, const char *id,
                       const struct new_audio *audio, struct err *err)
{
    const struct new_asset asset = {
        .kind = AUDIO_KIND,
        .staged_path = audio->staged_path,
        .path = audio->path,
        .media_type = "audio/wav",
        .bytes = audio->bytes,
        .rate_hz = audio->rate_hz,
    };
    const char *doing = audio->even_locked ? NULL : "generating audio";
    const char *project_id;

    return segment_check_unlocked(change, arena, id, doing, &project_id, err) &&
           asset_put(change, project_id, id, &asset, err) && write_audio(change, id, audio, err) &&
           project_settle(change, project_id, err);
}

bool segment_audio_failed(struct change *change, const char *id, const char *error, struct err *err)
{
    static const char UPDATE[] =
        "UPDATE segments SET audio_error = ?2, updated_at = ?3 WHERE id = ?1";
    struct query q;

    query_begin(&q, change->db, UPDATE);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, error);
    query_bind_int(&q, 3, change->now);
    return query_run(&q, err);
}

static bool write_image(struct change *change, const char *id, const char *url, struct err *err)
{
    static const char UPDATE[] =
        "UPDATE segments SET image_file = ?2, updated_at = ?3 WHERE id = ?1";
    struct query q;

    query_begin(&q, change->db, UPDATE);
    query_bind_text(&q, 1, id);
    query_bind_text(&q, 2, url);
    query_bind_int(&q, 3, change->now);
    return query_run(&q, err);
}

static bool set_image(struct change *change, struct arena *arena, const char *id,
                      const struct new_image *image, struct err *err)
{
    const struct new_asset asset = {
        .kind = IMAGE_KIND,
        .staged_path = image->staged_path,
        .path = image->path,
        .media_type = image->media_type,
        .bytes = image->bytes,
    };
    const char *project_id;

    return segment_check_unlocked(change, arena, id, "changing its image", &project_id, err) &&
           asset_put(change, project_id, id, &asset, err) &&
           write_image(change, id, image->url, err) && project_settle(change, project_id, err);
}

bool store_segment_image_set(struct store *store, const char *segment_id,
                             const struct new_image *image, struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, set_image(&change, &arena, segment_id, image, err), err);
    arena_release(&arena);
    return ok;
}

static bool remove_image(struct change *change, struct arena *arena, const char *id,
                         struct err *err)
{
    const char *project_id;

    return segment_check_unlocked(change, arena, id, "removing its image", &project_id, err) &&
           assets_remove(change, id, IMAGE_KIND, err) && write_image(change, id, NULL, err) &&
           project_settle(change, project_id, err);
}

bool store_segment_image_remove(struct store *store, const char *segment_id, struct err *err)
{
    struct change change;
    struct arena arena = ARENA;

    if (!change_begin(&change, store, err))
        return false;
    bool ok = change_end(&change, remove_image(&change, &arena, segment_id, err), err);
    arena_release(&arena);
    return ok;
}
