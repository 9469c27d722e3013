#include "api/api.h"
#include "api/body.h"
#include "api/segments.h"
#include "api/uuid.h"
#include "studio/picture.h"
#include "studio/story.h"

#define FORM_FIELD "image"

/* The picture of a form, or a raw body. */
static const struct upload *find_picture(struct request *request)
{
    const struct upload *upload = request_upload(request, FORM_FIELD);

    if (!upload)
        upload = request_upload(request, "file");
    return upload ? upload : request_upload(request, "");
}

/* What is wrong with the file is the sender's to correct; the disk's troubles are not. */
static bool is_senders_fault(const struct err *err)
{
    return err->kind == ERR_INVALID || err->kind == ERR_UNSUPPORTED || err->kind == ERR_CORRUPT ||
           err->kind == ERR_TOO_LARGE;
}

static bool upload_image(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);
    const struct upload *upload = find_picture(request);
    struct segment segment;

    if (!store_segment_get(api->store, request_arena(request), id, &segment, err))
        return false;
    if (!upload)
        return body_refuse_field(response, request, FORM_FIELD, "No file was submitted.");
    if (upload->bytes == 0)
        return body_refuse_field(response, request, FORM_FIELD, "The submitted file is empty.");
    if (!story_set_image(api->store, api->media, id, upload->path, err))
        return is_senders_fault(err) &&
               body_refuse_field(response, request, FORM_FIELD, err->message);
    return segment_answer(request, response, id, err);
}

static bool remove_image(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_uuid(request);

    if (!story_remove_image(api->store, api->media, id, err))
        return false;
    return segment_answer(request, response, id, err);
}

const struct route segment_image_routes[] = {
    { "POST", "/api/segments/{id}/upload-image/", upload_image, NULL, ROUTE_UPLOAD,
      .operation = "uploadSegmentImage",
      .about = "Gives the segment a picture: a PNG, JPEG or WebP of at most 20 MB, as the form's "
               "file \"image\" or as the body itself.",
      .statuses = "200 Segment, 400 FieldErrors, 404 Detail, 409 Detail, 413 Detail" },
    { "DELETE", "/api/segments/{id}/remove-image/", remove_image, NULL, 0,
      .operation = "removeSegmentImage", .about = "Removes the segment's picture, if it has one.",
      .statuses = "200 Segment, 404 Detail, 409 Detail" },
};
