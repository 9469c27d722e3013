#pragma once

/* A data folder with a real store and media in it, for the tests of what works on both. */

#include "../check.h"

#include <dirent.h>

#include "base/file.h"
#include "store/assets.h"
#include "store/projects.h"
#include "store/segments.h"
#include "studio/media.h"

struct library {
    char *folder;
    struct store *store;
    struct media *media;
    struct arena arena; /* for what a test reads */
};

static inline void library_open(struct library *library)
{
    char *path = str_format("%s/" STORE_FILE, library->folder);
    struct err err = { 0 };

    library->store = store_open(path, &clock_system, &err);
    free(path);
    if (!library->store)
        fail_msg("%s", err.message);
    library->media = media_open(library->folder, library->store, &err);
    if (!library->media)
        fail_msg("%s", err.message);
}

static inline void library_close(struct library *library)
{
    media_close(library->media);
    store_close(library->store);
    library->media = NULL;
    library->store = NULL;
}

static inline void library_init(struct library *library)
{
    *library = (struct library){ .folder = temp_folder() };
    library_open(library);
}

static inline void library_release(struct library *library)
{
    library_close(library);
    arena_release(&library->arena);
    temp_folder_remove(library->folder);
}

static inline char *library_path(const struct library *library, const char *path)
{
    return str_format("%s/%s", library->folder, path + (*path == '/'));
}

/* path is relative, or a URL path. */
static inline bool library_has(const struct library *library, const char *path)
{
    char *full = library_path(library, path);
    bool has = file_is_regular(full);

    free(full);
    return has;
}

static inline int library_staged_count(const struct library *library)
{
    char *full = library_path(library, "media/staged");
    DIR *dir = opendir(full);
    int count = 0;

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    free(full);
    return count - 2; /* . and .. */
}

static inline size_t library_operation_count(struct library *library)
{
    struct file_operation_list list;
    struct err err = { 0 };

    check_ok(store_file_operations(library->store, &library->arena, &list, &err), &err);
    return list.count;
}

/* A project with one segment a text, NULL ends them. id gets its id. */
static inline struct segment_list library_story(struct library *library, const char *const *texts,
                                                char *id)
{
    struct new_segment segments[16];
    struct segment_list list;
    struct err err = { 0 };
    size_t count = 0;

    for (; texts[count]; count++)
        segments[count] =
            (struct new_segment){ .text = texts[count], .length = strlen(texts[count]) };
    check_ok(store_project_create(library->store, "A story", NULL, segments, count, id, &err),
             &err);
    check_ok(store_segments(library->store, &library->arena, id, NULL, &list, &err), &err);
    assert_int_equal(list.count, count);
    return list;
}

static inline struct segment library_segment(struct library *library, const char *id)
{
    struct segment segment;
    struct err err = { 0 };

    check_ok(store_segment_get(library->store, &library->arena, id, &segment, &err), &err);
    return segment;
}

static inline void library_lock(struct library *library, const char *id, bool is_locked)
{
    const struct segment_change change = { .is_locked = &is_locked };
    struct err err = { 0 };

    check_ok(store_segment_update(library->store, id, &change, &err), &err);
}

static inline void library_edit(struct library *library, const char *id, const char *text)
{
    const struct segment_change change = { .text_content = text };
    struct err err = { 0 };

    check_ok(store_segment_update(library->store, id, &change, &err), &err);
}
