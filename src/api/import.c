/*
 * Importing a story, or a look at what that would make: whatever a person has, as a form's file or as the body
 * itself. A form's file is judged by its content and name; a body by its content
 * type. What is wrong with the story is told with its line or entry.
 */

#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/body.h"
#include "api/projects.h"
#include "api/story_preview.h"
#include "base/file.h"
#include "base/id.h"
#include "base/utf8.h"
#include "studio/document.h"
#include "studio/epub_zip.h"
#include "studio/story.h"

#define ACCEPTED "JSON, plain text, Markdown and EPUB"
#define BODY_NAME "request body" /* what messages call a body without a name */

/* ---- documentation: studio/document.h reads it ---- */

static const struct field story_segment_fields[] = {
    { "text_content", FIELD_TEXT, FIELD_REQUIRED, .bytes_max = DOCUMENT_SEGMENT_LIMIT },
    { "image_prompt", FIELD_TEXT, FIELD_NULLABLE | FIELD_BLANK,
      .bytes_max = DOCUMENT_PROMPT_LIMIT },
    { "chapter", FIELD_TEXT, FIELD_NULLABLE | FIELD_BLANK,
      .about = "Title of the chapter it belongs to." },
};

const struct shape story_segment_shape =
    SHAPE("StorySegment", "A part of a story to be imported.", SHAPE_BODY, story_segment_fields,
          struct document_segment);

static const struct field story_fields[] = {
    { "title", FIELD_TEXT, FIELD_NULLABLE, .about = "\"Untitled\" without one." },
    { "author", FIELD_TEXT, FIELD_NULLABLE, .about = "Empty without one." },
    { "segments", FIELD_LIST, FIELD_REQUIRED, .shape = &story_segment_shape,
      .items_max = DOCUMENT_SEGMENTS_MAX },
};

const struct shape story_shape =
    SHAPE("Story", "A story to be imported.", SHAPE_BODY, story_fields, struct document);

/* ---- what it is ---- */

/* Content types of bodies. Those that say nothing leave it to the content: curl calls every body a
 * form. */
static const struct {
    const char *media_type;
    enum document_format format;
} body_types[] = {
    { "application/json", DOCUMENT_JSON },
    { "text/plain", DOCUMENT_AUTO },
    { "text/markdown", DOCUMENT_MARKDOWN },
    { "text/x-markdown", DOCUMENT_MARKDOWN },
    { "application/epub+zip", DOCUMENT_EPUB },
    { "application/octet-stream", DOCUMENT_AUTO },
    { "application/x-www-form-urlencoded", DOCUMENT_AUTO },
};

/* Formats people try that are not read, by their first bytes. */
static const struct {
    const char *magic, *name;
} refused_types[] = {
    { "%PDF-", "a PDF" },
    { "{\\rtf", "an RTF document" },
    { "\xD0\xCF\x11\xE0", "an old Office document" },
};

static bool refuse_type(struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "This is %s. Accepted are " ACCEPTED ".", what);
}

static bool begins_with(const struct file_map *file, const char *magic)
{
    size_t length = strlen(magic);

    return file->length >= length && memcmp(file->bytes, magic, length) == 0;
}

/* Office's and LibreOffice's documents are ZIP files, as EPUBs are. */
static bool check_zip(const struct file_map *file, struct err *err)
{
    struct zip zip = { .bytes = (const char *)file->bytes, .length = file->length };
    struct zip_part parts[] = {
        { .name = "META-INF/container.xml" },
        { .name = "[Content_Types].xml" },
        { .name = "content.xml" },
    };
    struct err ignored = { 0 };
    bool ok = true;

    /* What is broken, or no book either, the reader of EPUBs names. */
    bool is_document = zip_read(&zip, parts, COUNT(parts), &ignored) && !parts[0].is_found;
    if (is_document && parts[1].is_found)
        ok = refuse_type(err, "an Office document (DOCX)");
    else if (is_document && parts[2].is_found)
        ok = refuse_type(err, "an OpenDocument file (ODT)");
    for (size_t i = 0; i < COUNT(parts); i++)
        zip_part_release(&parts[i]);
    return ok;
}

static bool check_content(const struct upload *upload, const struct file_map *file, struct err *err)
{
    if (file->length == 0 && upload->filename)
        return err_set(err, ERR_INVALID, "%.200s is empty.", upload->filename);
    if (file->length == 0)
        return err_set(err, ERR_INVALID,
                       "There is no story in the request. Accepted are " ACCEPTED
                       ", as the body or as a form's file.");
    for (size_t i = 0; i < COUNT(refused_types); i++)
        if (begins_with(file, refused_types[i].magic))
            return refuse_type(err, refused_types[i].name);
    return !begins_with(file, "PK\x03\x04") || check_zip(file, err);
}

/* What comes beside the story. */
struct wish {
    enum document_format format;
    const char *title; /* or NULL */
};

static const char *form_or_query(struct request *request, const char *name)
{
    const char *value = request_form(request, name);

    return value ? value : request_query(request, name);
}

static bool format_of_body(const char *media_type, struct wish *wish, struct err *err)
{
    if (!media_type)
        return true;
    for (size_t i = 0; i < COUNT(body_types); i++)
        if (strcasecmp(media_type, body_types[i].media_type) == 0) {
            wish->format = body_types[i].format;
            return true;
        }
    return err_set(err, ERR_UNSUPPORTED,
                   "A story cannot be sent as %.100s. Accepted are " ACCEPTED
                   ", as the body or as a form's file.",
                   media_type);
}

/* False when the upload cannot be a story; errors are the fields'. */
static bool read_wish(struct request *request, const struct upload *upload, struct wish *wish,
                      struct field_errors *errors, struct err *err)
{
    const char *format = form_or_query(request, "format");
    const char *title = form_or_query(request, "title");

    if (format && *format && !document_format_parse(format, &wish->format))
        field_errors_add_choice(errors, "format", format);
    if (title && utf8_chars(title, strlen(title)) > PROJECT_TITLE_MAX)
        field_errors_add(errors, "title", "Ensure this field has no more than %d characters.",
                         PROJECT_TITLE_MAX);
    else if (title && title[strspn(title, " \t\r\n")])
        wish->title = title;
    bool is_raw = upload->field[0] == '\0';

    return (format && *format) || !is_raw || format_of_body(upload->media_type, wish, err);
}

/* A story that cannot be read is the sender's mistake, however it is broken. */
static bool parse(const struct upload *upload, const struct file_map *file, const struct wish *wish,
                  struct document *document, struct err *err)
{
    const char *name = upload->filename ? upload->filename : BODY_NAME;

    if (!document_parse((const char *)file->bytes, file->length, name, wish->format, document,
                        err)) {
        if (err->kind == ERR_CORRUPT || err->kind == ERR_UNSUPPORTED)
            err->kind = ERR_INVALID;
        return false;
    }
    if (wish->title)
        document->title = arena_strdup(&document->arena, wish->title);
    else if (strcmp(document->title, BODY_NAME) == 0)
        document->title = "Untitled";
    return true;
}

static bool load_upload(const struct upload *upload, const struct wish *wish,
                        struct document *document, struct err *err)
{
    struct file_map file = { 0 };
    bool ok = file_map(&file, upload->path, err) && check_content(upload, &file, err) &&
              parse(upload, &file, wish, document, err);

    file_unmap(&file);
    return ok;
}

/* What is done with the story of a request. */
typedef bool story_use(struct request *request, struct response *response,
                       const struct document *document, struct err *err);

static bool with_story(struct request *request, struct response *response, story_use *use,
                       struct err *err)
{
    const struct upload *upload = request_upload(request, NULL);
    struct field_errors errors = { .arena = request_arena(request) };
    struct wish wish = { .format = DOCUMENT_AUTO };
    struct document document = { 0 };

    if (!upload)
        return body_refuse_field(response, request, "file", "No file was submitted.");
    if (!read_wish(request, upload, &wish, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    bool ok = load_upload(upload, &wish, &document, err) && use(request, response, &document, err);
    document_release(&document);
    return ok;
}

static bool make_project(struct request *request, struct response *response,
                         const struct document *document, struct err *err)
{
    const struct api *api = request_context(request);
    char id[ID_SIZE];

    if (!story_import(api->store, document, id, err))
        return false;
    response_status(response, 201);
    return project_answer(request, response, id, err);
}

static bool import_project(struct request *request, struct response *response, struct err *err)
{
    return with_story(request, response, make_project, err);
}

static bool show_story(struct request *request, struct response *response,
                       const struct document *document, struct err *err)
{
    (void)err;
    story_preview_write(response_json(response), request_arena(request), document);
    return true;
}

static bool preview_project(struct request *request, struct response *response, struct err *err)
{
    return with_story(request, response, show_story, err);
}

static const struct route_query import_query[] = {
    { "title", "string", "The project's title instead of the story's own; a form's field too." },
    { "format", "string", "text, markdown, json or epub, where it is not to be guessed." },
    { NULL, NULL, NULL },
};

const struct route import_routes[] = {
    { "POST", "/api/projects/import/", import_project, NULL, ROUTE_UPLOAD,
      .operation = "importProject",
      .about =
          "Makes a project of a story: JSON {title, segments: [{text_content, image_prompt}]}, "
          "plain text, Markdown or EPUB, as the body or as a form's file.",
      .takes = "Story", .statuses = "201 ProjectDetail, 400 FieldErrors, 413 Detail, 415 Detail",
      .query = import_query },
    { "POST", "/api/projects/preview/", preview_project, NULL, ROUTE_UPLOAD | ROUTE_READS,
      .operation = "previewProject",
      .about = "Shows what an import of the same request would make, and makes nothing.",
      .takes = "Story", .statuses = "200 StoryPreview, 400 FieldErrors, 413 Detail, 415 Detail",
      .query = import_query },
};
