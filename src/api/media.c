#include "api/media.h"

#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "base/id.h"
#include "base/path.h"
#include "http/request.h"
#include "http/response.h"

/* What a project's folder has; nothing else of the data folder is shown. */
static const char *const folders[] = { "images", "audio", "output" };

static const struct {
    const char *extension, *media_type;
} media_types[] = {
    { "wav", "audio/wav" }, { "mp3", "audio/mpeg" },    { "flac", "audio/flac" },
    { "ogg", "audio/ogg" }, { "m4a", "audio/mp4" },     { "m4b", "audio/mp4" },
    { "png", "image/png" }, { "jpg", "image/jpeg" },    { "webp", "image/webp" },
    { "mp4", "video/mp4" }, { "webm", "video/webm" },   { "srt", "application/x-subrip" },
    { "vtt", "text/vtt" },  { "m3u", "audio/mpegurl" },
};

static const char *media_type_of(const char *name)
{
    for (size_t i = 0; i < COUNT(media_types); i++)
        if (strcasecmp(path_extension(name), media_types[i].extension) == 0)
            return media_types[i].media_type;
    return "application/octet-stream";
}

static bool is_folder(const char *name)
{
    for (size_t i = 0; i < COUNT(folders); i++)
        if (strcmp(name, folders[i]) == 0)
            return true;
    return false;
}

/* A file's plain name: a "%2F" in the address is a slash by now. */
static bool is_file_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
}

static bool get_media(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *project = request_path_param(request, "project");
    const char *folder = request_path_param(request, "folder");
    const char *name = request_path_param(request, "name");

    if (!id_is_uuid(project) || !is_folder(folder) || !is_file_name(name))
        return err_set(err, ERR_NOT_FOUND, "Not found.");
    const char *path =
        arena_format(request_arena(request), "media/projects/%s/%s/%s", project, folder, name);

    return response_file(response, request, media_data_folder(api->media), path,
                         &(struct response_file){ .media_type = media_type_of(name) }, err);
}

const struct route media_routes[] = {
    { "GET", "/media/projects/{project}/{folder}/{name}", get_media, NULL, 0,
      .operation = "getMedia",
      .about = "A file of a project: folder is audio, images or output. With Range and ETag.",
      .statuses = "200 File, 206 File, 304, 404 Detail, 416 Detail" },
};
