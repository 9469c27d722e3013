#include "studio/media.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/path.h"
#include "store/assets.h"
#include "store/history.h"
#include "studio/media_internal.h"

/* Operations carried out before they are noted together. */
#define BATCH_MAX 100

struct media {
    /* set once */
    char *folder; /* the data folder; owned */
    int root;     /* the same, open */
    struct store *store;

    pthread_mutex_t lock; /* not a leaf: held over files and the store, see media.h */

    /* protected by lock */
    int64_t told; /* failures of operations up to this id have been logged */
};

/* --- names --- */

const char *media_data_folder(const struct media *media)
{
    return media->folder;
}

char *media_audio_path(struct arena *arena, const char *project_id, const char *segment_id)
{
    assert(id_is_uuid(project_id) && id_is_uuid(segment_id));
    return arena_format(arena, PROJECT_FOLDER "%s/audio/%s.wav", project_id, segment_id);
}

char *media_image_path(struct arena *arena, const char *project_id, const char *segment_id,
                       const char *extension)
{
    assert(id_is_uuid(project_id) && id_is_uuid(segment_id));
    return arena_format(arena, PROJECT_FOLDER "%s/images/%s.%s", project_id, segment_id, extension);
}

char *media_history_path(struct arena *arena, const char *entry_id, const char *extension)
{
    assert(id_is_uuid(entry_id));
    return arena_format(arena, HISTORY_FOLDER "%s.%s", entry_id, extension);
}

char *media_url(struct arena *arena, const char *path)
{
    return arena_format(arena, "/%s", path);
}

char *media_staged_path(struct arena *arena, const char *extension)
{
    char id[ID_SIZE];

    id_make(id);
    return arena_format(arena, MEDIA_STAGED "/%s.%s", id, extension);
}

char *media_full_path(const struct media *media, struct arena *arena, const char *path)
{
    return arena_format(arena, "%s/%s", media->folder, path);
}

int64_t media_free_bytes(const struct media *media)
{
    struct statvfs st;

    if (fstatvfs(media->root, &st) != 0)
        return -1;
    return (int64_t)st.f_bavail * (int64_t)st.f_frsize;
}

/* --- staging --- */

int media_stage(const struct media *media, const char *staged_path, struct err *err)
{
    return media_file_create(media->root, staged_path, err);
}

bool media_can_place(const struct media *media, const char *path, struct err *err)
{
    char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    int fd = media_folder_open(media->root, folder, err);
    bool ok = fd >= 0 && (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0 ||
                          err_system(err, "put anything into", folder));

    if (fd >= 0)
        close(fd);
    free(folder);
    return ok;
}

/* --- carrying out --- */

/* Does one lie at, in or around the other? Either may be NULL. */
static bool is_same_place(const char *a, const char *b)
{
    if (!a || !b)
        return false;
    while (*a && *a == *b)
        a++, b++;
    return (*a == '\0' || *a == '/') && (*b == '\0' || *b == '/');
}

static bool touch(const struct file_operation *a, const struct file_operation *b)
{
    return is_same_place(a->source, b->source) || is_same_place(a->source, b->target) ||
           is_same_place(a->target, b->source) || is_same_place(a->target, b->target);
}

static bool carry_out(const struct media *media, const struct file_operation *operation,
                      struct err *err)
{
    switch (operation->kind) {
    case FILE_OPERATION_RENAME:
        return media_file_move(media->root, operation->source, operation->target, err);
    case FILE_OPERATION_REMOVE:
        return media_file_remove(media->root, operation->target, err);
    case FILE_OPERATION_REMOVE_TREE:
        return media_tree_remove(media->root, operation->target, err);
    }
    return err_set(err, ERR_INTERNAL, "There is no file operation %d.", operation->kind);
}

static void tell(struct media *media, const struct file_operation *operation, const struct err *err)
{
    if (operation->id <= media->told)
        return;
    log_warning("media", "%s Parlando tries again later.", err->message);
    media->told = operation->id;
}

/* A list being carried out. */
struct settling {
    struct media *media;

    /* Carried out, but not noted yet. No two touch, so that all of them may be carried out again. */
    const struct file_operation *batch[BATCH_MAX];
    size_t batch_count;

    const struct file_operation **stuck; /* room for the whole list */
    size_t stuck_count;
    size_t done_count;
};

static bool is_among(const struct file_operation *const *operations, size_t count,
                     const struct file_operation *operation)
{
    for (size_t i = 0; i < count; i++)
        if (touch(operations[i], operation))
            return true;
    return false;
}

/* What is removed is off the disk before that is noted: a file that came back would be nobody's. */
static void sync_removals(const struct settling *settling)
{
    const char *synced = NULL;

    for (size_t i = 0; i < settling->batch_count; i++) {
        const struct file_operation *operation = settling->batch[i];
        const char *path = operation->target;
        size_t folder = (size_t)(strrchr(path, '/') - path);

        if (operation->kind != FILE_OPERATION_REMOVE ||
            (synced && strncmp(synced, path, folder + 1) == 0 && !strchr(synced + folder + 1, '/')))
            continue;
        media_folder_sync(settling->media->root, path);
        synced = path;
    }
}

/* Those that were done but not noted count as not done: what follows them at the same places must not
 * be undone when they are done again. */
static void note_batch(struct settling *settling)
{
    struct media *media = settling->media;
    int64_t ids[BATCH_MAX];
    struct err err = { 0 };

    if (settling->batch_count == 0)
        return;
    for (size_t i = 0; i < settling->batch_count; i++)
        ids[i] = settling->batch[i]->id;
    sync_removals(settling);
    if (store_file_operations_done(media->store, ids, settling->batch_count, &err)) {
        settling->done_count += settling->batch_count;
    } else {
        tell(media, settling->batch[settling->batch_count - 1], &err);
        memcpy(&settling->stuck[settling->stuck_count], settling->batch,
               settling->batch_count * sizeof settling->batch[0]);
        settling->stuck_count += settling->batch_count;
    }
    settling->batch_count = 0;
}

/* One that comes after a stuck one at its place is stuck too. */
static void settle_one(struct settling *settling, const struct file_operation *operation)
{
    struct err err = { 0 };

    if (settling->batch_count == BATCH_MAX ||
        is_among(settling->batch, settling->batch_count, operation))
        note_batch(settling);
    bool is_stuck = is_among(settling->stuck, settling->stuck_count, operation);
    if (!is_stuck && !carry_out(settling->media, operation, &err)) {
        tell(settling->media, operation, &err);
        is_stuck = true;
    }
    if (is_stuck)
        settling->stuck[settling->stuck_count++] = operation;
    else
        settling->batch[settling->batch_count++] = operation;
}

/* How many were done. */
static size_t settle_list(struct media *media, const struct file_operation_list *list,
                          struct arena *arena)
{
    struct settling settling = {
        .media = media,
        .stuck = arena_alloc(arena, list->count * sizeof(void *)),
    };

    for (size_t i = 0; i < list->count; i++)
        settle_one(&settling, &list->items[i]);
    note_batch(&settling);
    return settling.done_count;
}

/* True when there may be more to do: the list was full, and has become shorter. */
static bool settle_next(struct media *media)
{
    struct arena arena = ARENA;
    struct file_operation_list list = { 0 };
    struct err err = { 0 };
    bool has_more = false;

    if (store_file_operations(media->store, &arena, &list, &err))
        has_more = settle_list(media, &list, &arena) > 0 && list.count == STORE_FILE_OPERATIONS_MAX;
    else
        log_warning("media", "%s Files are put in their places later.", err.message);
    arena_release(&arena);
    return has_more;
}

void media_settle(struct media *media)
{
    pthread_mutex_lock(&media->lock);
    while (settle_next(media))
        ;
    pthread_mutex_unlock(&media->lock);
}

/* --- staged files that nobody wants --- */

static bool is_named(const struct file_operation_list *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].source && strcmp(list->items[i].source, path) == 0)
            return true;
    return false;
}

/* A commit that failed may have happened all the same (its error came after it was written), so the
 * store is asked. */
static bool is_wanted(struct media *media, const char *staged_path)
{
    struct arena arena = ARENA;
    struct file_operation_list list = { 0 };
    struct err err = { 0 };
    bool wanted = !store_file_operations(media->store, &arena, &list, &err) ||
                  list.count == STORE_FILE_OPERATIONS_MAX || is_named(&list, staged_path);

    arena_release(&arena);
    return wanted;
}

void media_discard(struct media *media, const char *staged_path)
{
    struct err err = { 0 };

    pthread_mutex_lock(&media->lock);
    if (!is_wanted(media, staged_path) && !media_file_remove(media->root, staged_path, &err))
        log_warning("media", "%s The next start removes it.", err.message);
    pthread_mutex_unlock(&media->lock);
}

/* --- opening --- */

/* Removes what no operation that is left names. Should there be more of those than one list holds,
 * the disk refuses everything, and this waits for a better start. */
static bool sweep_staged(struct media *media, DIR *staged, struct err *err)
{
    struct arena arena = ARENA;
    struct file_operation_list list = { 0 };
    const struct dirent *entry;
    bool ok = store_file_operations(media->store, &arena, &list, err);

    while (ok && list.count < STORE_FILE_OPERATIONS_MAX && (entry = readdir(staged))) {
        const char *path = arena_format(&arena, MEDIA_STAGED "/%s", entry->d_name);
        struct err why = { 0 };

        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !is_named(&list, path) && !media_tree_remove(media->root, path, &why))
            log_warning("media", "%s", why.message);
    }
    arena_release(&arena);
    return ok;
}

static bool open_folders(struct media *media, struct err *err)
{
    if (!directory_create(media->folder, err))
        return false;
    media->root = open(media->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (media->root < 0)
        return err_system(err, "open the folder", media->folder);
    int projects = media_folder_open(media->root, MEDIA_PROJECTS, err);
    int staged = projects < 0 ? -1 : media_folder_open(media->root, MEDIA_STAGED, err);
    DIR *dir = staged < 0 ? NULL : fdopendir(staged);

    if (projects >= 0)
        close(projects);
    if (!dir) {
        if (staged >= 0) {
            err_system(err, "read", MEDIA_STAGED);
            close(staged);
        }
        return err_context(err, "The data folder %s", media->folder);
    }
    media_settle(media);
    bool ok = sweep_staged(media, dir, err);
    closedir(dir);
    return ok;
}

struct media *media_open(const char *data_folder, struct store *store, struct err *err)
{
    struct media *media = xcalloc(1, sizeof *media);

    media->folder = xstrdup(data_folder);
    media->root = -1;
    media->store = store;
    pthread_mutex_init(&media->lock, NULL);
    if (open_folders(media, err))
        return media;
    media_close(media);
    return NULL;
}

void media_close(struct media *media)
{
    if (!media)
        return;
    if (media->root >= 0)
        close(media->root);
    pthread_mutex_destroy(&media->lock);
    free(media->folder);
    free(media);
}
