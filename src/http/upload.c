/*
 * Uploads on their way to disk: each file of a form, or a body that is no form,
 * becomes a file in the server's upload folder as its bytes arrive, so a request
 * needs little memory however large it is.
 *
 * Bytes are written by request threads, the connection paused, with plain write():
 * into the page cache as a rule, and where the disk is slow it holds up this one
 * client and no server thread. Nothing is synced: what is worth keeping is moved
 * and synced by whoever takes it; the rest is removed with the request.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/utf8.h"
#include "http/http_internal.h"
#include "http/multipart.h"
#include "http/parameter.h"

/* All plain fields of a form together; they are kept in memory. */
#define FIELDS_BYTES_MAX (1024 * 1024)

/* Only files with this ending are removed at start: the folder's setting may be wrong. */
#define EXTENSION ".upload"

struct file {
    struct upload upload;
    struct file *next;
};

struct field {
    const char *name, *value;
    struct field *next;
};

struct uploads {
    const char *folder; /* the server's */
    size_t parts_max;
    uint64_t bytes, bytes_max;   /* of the whole body */
    struct multipart *multipart; /* NULL: the body is one file */
    const char *media_type;      /* of a body that is one file; or NULL */

    /* What is coming in: a file when fd >= 0, else a field. */
    int fd;
    const char *field_name;
    struct buf value; /* of the field; its max shrinks to what is left for all */

    size_t part_count;
    struct file *files, **files_end; /* in order */
    struct field *fields, **fields_end;
    struct arena arena; /* names, paths, values */
};

/* ---- one file ---- */

static bool begin_file(struct uploads *uploads, const char *field, const char *filename,
                       const char *media_type, struct err *err)
{
    struct file *file = arena_alloc(&uploads->arena, sizeof *file);
    char id[ID_SIZE];

    id_make(id);
    char *path = arena_format(&uploads->arena, "%s/%s" EXTENSION, uploads->folder, id);
    uploads->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); /* less the umask */
    if (uploads->fd < 0)
        return err_system(err, "store the upload in", uploads->folder);
    file->upload = (struct upload){
        .field = arena_strdup(&uploads->arena, field),
        .filename = filename && *filename ? arena_strdup(&uploads->arena, filename) : NULL,
        .media_type = media_type ? arena_strdup(&uploads->arena, media_type) : NULL,
        .path = path,
    };
    *uploads->files_end = file;
    return true;
}

static bool write_file(struct uploads *uploads, const char *bytes, size_t length, struct err *err)
{
    (*uploads->files_end)->upload.bytes += length;
    while (length > 0) {
        ssize_t n = write(uploads->fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_system(err, "store the upload in", uploads->folder);
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

static bool end_file(struct uploads *uploads, struct err *err)
{
    struct file *file = *uploads->files_end;
    int failed = close(uploads->fd); /* some file systems tell only now that the disk is full */

    uploads->fd = -1;
    if (failed != 0)
        return err_system(err, "store the upload in", uploads->folder);
    if (file->upload.bytes == 0 && !file->upload.filename) { /* a form without its file chosen */
        unlink(file->upload.path);
        *uploads->files_end = NULL;
        return true;
    }
    uploads->files_end = &file->next;
    return true;
}

/* ---- what multipart.c tells of ---- */

static bool on_begin(void *state, const struct multipart_part *part, struct err *err)
{
    struct uploads *uploads = state;

    if (++uploads->part_count > uploads->parts_max)
        return err_set(err, ERR_TOO_LARGE, "The form has more than %zu parts.", uploads->parts_max);
    if (part->filename)
        return begin_file(uploads, part->name, part->filename, part->media_type, err);
    uploads->field_name = arena_strdup(&uploads->arena, part->name);
    return true;
}

static bool on_data(void *state, const void *bytes, size_t length, struct err *err)
{
    struct uploads *uploads = state;

    if (uploads->fd >= 0)
        return write_file(uploads, bytes, length, err);
    buf_append(&uploads->value, bytes, length);
    if (uploads->value.failed)
        return err_set_param(err, ERR_TOO_LARGE, uploads->field_name,
                             "The form's fields are larger than %d bytes in all.",
                             FIELDS_BYTES_MAX);
    return true;
}

static bool end_field(struct uploads *uploads, struct err *err)
{
    struct field *field = arena_alloc(&uploads->arena, sizeof *field);
    struct buf *value = &uploads->value;

    if (value->len > 0 && !utf8_check(value->data, value->len, uploads->field_name, err))
        return false;
    field->name = uploads->field_name;
    field->value = arena_strndup(&uploads->arena, value->data ? value->data : "", value->len);
    *uploads->fields_end = field;
    uploads->fields_end = &field->next;
    value->max -= value->len < value->max ? value->len : value->max - 1; /* never 0 */
    buf_clear(value);
    return true;
}

static bool on_end(void *state, struct err *err)
{
    struct uploads *uploads = state;

    return uploads->fd >= 0 ? end_file(uploads, err) : end_field(uploads, err);
}

/* ---- a request's uploads ---- */

bool upload_begin(struct request *request, const char *content_type, struct err *err)
{
    const struct server_options *options = server_options(request->server);
    struct uploads *uploads = xcalloc(1, sizeof *uploads);
    const struct multipart_sink sink = { on_begin, on_data, on_end, uploads };

    uploads->folder = options->upload_folder;
    uploads->parts_max = options->upload_fields_max;
    uploads->bytes_max = request->body_max;
    uploads->fd = -1;
    uploads->value.max = FIELDS_BYTES_MAX;
    uploads->files_end = &uploads->files;
    uploads->fields_end = &uploads->fields;
    request->uploads = uploads;

    if (header_value_is(content_type, "multipart/form-data")) {
        uploads->multipart = multipart_create(content_type, &sink, err);
        return uploads->multipart != NULL;
    }
    if (content_type && strncasecmp(content_type, "multipart/", 10) == 0)
        return err_set(err, ERR_UNSUPPORTED,
                       "Send files as multipart/form-data, or one file as the whole body.");
    if (content_type && strcspn(content_type, "; \t") > 0)
        uploads->media_type =
            arena_strndup(&uploads->arena, content_type, strcspn(content_type, "; \t"));
    return true;
}

bool upload_take(struct request *request, const void *bytes, size_t length, struct err *err)
{
    struct uploads *uploads = request->uploads;

    if (length > uploads->bytes_max - uploads->bytes)
        return err_set(err, ERR_TOO_LARGE, "The upload is larger than %ju bytes.",
                       (uintmax_t)uploads->bytes_max);
    uploads->bytes += length;
    if (uploads->multipart)
        return multipart_push(uploads->multipart, bytes, length, err);
    if (uploads->fd < 0 && !begin_file(uploads, "", NULL, uploads->media_type, err))
        return false;
    return write_file(uploads, bytes, length, err);
}

bool upload_end(struct request *request, struct err *err)
{
    struct uploads *uploads = request->uploads;

    if (uploads->multipart)
        return multipart_finish(uploads->multipart, err);
    return uploads->fd < 0 || end_file(uploads, err);
}

void upload_release(struct uploads *uploads)
{
    if (!uploads)
        return;
    if (uploads->fd >= 0)
        close(uploads->fd);
    for (const struct file *file = uploads->files; file; file = file->next)
        if (unlink(file->upload.path) != 0 && errno != ENOENT) /* ENOENT: it was taken */
            log_warning("http", "Cannot remove the upload %s: %s.", file->upload.path,
                        strerror(errno));
    multipart_destroy(uploads->multipart);
    buf_release(&uploads->value);
    arena_release(&uploads->arena);
    free(uploads);
}

/* ---- what handlers ask for ---- */

const struct upload *request_upload(const struct request *request, const char *field)
{
    if (!request->uploads)
        return NULL;
    for (const struct file *file = request->uploads->files; file; file = file->next)
        if (!field || strcmp(file->upload.field, field) == 0)
            return &file->upload;
    return NULL;
}

const char *request_form(const struct request *request, const char *field)
{
    if (!request->uploads)
        return NULL;
    for (const struct field *f = request->uploads->fields; f; f = f->next)
        if (strcmp(f->name, field) == 0)
            return f->value;
    return NULL;
}

/* "field", or as PHP and the official clients call a list, "field[]". */
static bool is_called(const char *name, const char *field)
{
    size_t length = strlen(field);

    return strncmp(name, field, length) == 0 &&
           (name[length] == '\0' || strcmp(name + length, "[]") == 0);
}

size_t request_form_values(const struct request *request, const char *field, struct arena *arena,
                           const char ***out)
{
    const struct field *fields = request->uploads ? request->uploads->fields : NULL;
    size_t count = 0, n = 0;

    for (const struct field *f = fields; f; f = f->next)
        count += is_called(f->name, field);
    *out = arena_alloc(arena, (count + 1) * sizeof **out);
    for (const struct field *f = fields; f; f = f->next)
        if (is_called(f->name, field))
            (*out)[n++] = f->value;
    return n;
}

/* ---- the folder ---- */

bool upload_folder_prepare(const char *folder, struct err *err)
{
    const struct dirent *entry;

    if (!directory_create(folder, err))
        return false;
    DIR *dir = opendir(folder);
    if (!dir)
        return err_system(err, "open the folder", folder);
    while ((entry = readdir(dir))) {
        size_t length = strlen(entry->d_name), ending = strlen(EXTENSION);

        if (length > ending && strcmp(entry->d_name + length - ending, EXTENSION) == 0 &&
            unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            log_warning("http", "Cannot remove the old upload %s/%s: %s.", folder, entry->d_name,
                        strerror(errno));
    }
    closedir(dir);
    return true;
}
