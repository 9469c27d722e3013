#include "api/media.h"

#include <string.h>

#include "api/api.h"
#include "base/id.h"
#include "http/request.h"
#include "http/response.h"

/* What a project's folder has; nothing else of the data folder is shown. */
static const char *const folders[] = { "images", "audio", "output" };

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

/* The file's path relative to the data folder; NULL for what is none of ours. */
static const char *path_of(struct request *request)
{
    const char *project = request_path_param(request, "project");
    const char *folder = request_path_param(request, "folder");
    const char *name = request_path_param(request, "name");

    if (!id_is_uuid(project) || !is_folder(folder) || !is_file_name(name))
        return NULL;
    return arena_format(request_arena(request), "media/projects/%s/%s/%s", project, folder, name);
}

static bool get_media(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *path = path_of(request);

    if (!path)
        return err_set(err, ERR_NOT_FOUND, "Not found.");
    return response_file(response, request, media_data_folder(api->media), path, err);
}

static bool get_media_quick(struct request *request, struct response *response)
{
    const struct api *api = request_context(request);
    const char *path = path_of(request);

    return path && response_file_cached(response, request, media_data_folder(api->media), path);
}

const struct route media_routes[] = {
    { "GET", "/media/projects/{project}/{folder}/{name}", get_media, get_media_quick, 0,
      .operation = "getMedia",
      .about = "A file of a project: folder is audio, images or output. With Range and ETag.",
      .statuses = "200 File, 206 File, 304, 404 Detail, 416" },
};
