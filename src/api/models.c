#include "api/models.h"

#include <stddef.h>

#include "api/api.h"
#include "api/body.h"

#define AT(type, member) .offset = offsetof(struct type, member)

/* ---- shapes ---- */

static const char *const pull_states[] = { "waiting", "downloading", "preparing", "done",
                                           "failed",  "cancelled",   NULL };
static const char *const kinds[] = { "speech", "transcription", "voice_activity", "voices", NULL };
static const char *const states[] = { "absent", "partial", "installed", NULL };

static const struct field pull_fields[] = {
    { "model", FIELD_TEXT, AT(pull_report, model) },
    { "state", FIELD_CHOICE, AT(pull_report, state), .choices = pull_states },
    { "step", FIELD_TEXT, FIELD_NULLABLE, AT(pull_report, step),
      .about = "What is being done: an address, a package, …" },
    { "bytes_done", FIELD_INTEGER, AT(pull_report, bytes_done) },
    { "bytes_total", FIELD_INTEGER, AT(pull_report, bytes_total),
      .about = "What it needs is counted in; 0: not known (yet)." },
    { "error", FIELD_TEXT, FIELD_NULLABLE, AT(pull_report, error),
      .about = "Of a failed one: what went wrong, and what to do about it." },
};

const struct shape model_pull_shape =
    SHAPE("Pull", "A model on its way. What has ended is told for a minute.", SHAPE_ANSWER,
          pull_fields, struct pull_report);

struct tensor_row {
    const char *name, *type;
    struct number_items shape;
    const char *file;
};

static const struct field tensor_fields[] = {
    { "name", FIELD_TEXT, AT(tensor_row, name) },
    { "type", FIELD_TEXT, AT(tensor_row, type), .about = "\"int64\", \"float\", …" },
    { "shape", FIELD_NUMBER_LIST, AT(tensor_row, shape), .about = "-1: any length." },
    { "file", FIELD_TEXT, AT(tensor_row, file), .about = "Of the model's files." },
};

const struct shape model_tensor_shape =
    SHAPE("ModelTensor", "What goes into a model, or comes out.", SHAPE_ANSWER, tensor_fields,
          struct tensor_row);

struct model_view {
    struct shelf_model model;
    struct text_items languages, needs, needed_by, removes;
    struct list_items inputs, outputs; /* items NULL: not known */
};

static const struct field model_fields[] = {
    { "id", FIELD_TEXT, AT(model_view, model.id),
      .about = "Of the catalogue; \"espeak\"; a path for a file of your own in the folder." },
    { "engine", FIELD_TEXT, AT(model_view, model.engine), .about = "What runs it." },
    { "name", FIELD_TEXT, AT(model_view, model.name), .about = "For people." },
    { "kind", FIELD_CHOICE, AT(model_view, model.kind), .choices = kinds },
    { "licence", FIELD_TEXT, AT(model_view, model.licence),
      .about = "Empty for a file of your own." },
    { "languages", FIELD_TEXT_LIST, AT(model_view, languages) },
    { "size", FIELD_INTEGER, AT(model_view, model.size),
      .about = "Bytes of its files once they are there; 0: not known." },
    { "bytes_on_disk", FIELD_INTEGER, AT(model_view, model.bytes_on_disk),
      .about = "Now, unfinished downloads and a prepared copy counted in." },
    { "state", FIELD_CHOICE, AT(model_view, model.state), .choices = states },
    { "is_default", FIELD_BOOLEAN, AT(model_view, model.is_default), .about = "Recommended." },
    { "is_prepared", FIELD_BOOLEAN, AT(model_view, model.is_prepared),
      .about = "There is a copy of it that loads and speaks faster." },
    { "is_loaded", FIELD_BOOLEAN, AT(model_view, model.is_loaded) },
    { "is_ours", FIELD_BOOLEAN, AT(model_view, model.is_ours),
      .about = "It can be pulled, verified and removed." },
    { "installed_at", FIELD_MOMENT, FIELD_NULLABLE, AT(model_view, model.installed_at_ms) },
    { "needs", FIELD_TEXT_LIST, AT(model_view, needs), .about = "Pulled with it." },
    { "needed_by", FIELD_TEXT_LIST, AT(model_view, needed_by),
      .about = "Those that are there, whole or in part." },
    { "removes", FIELD_TEXT_LIST, AT(model_view, removes),
      .about =
          "What goes with it when it is removed now: nothing else needs it. That frees its own "
          "bytes_on_disk and theirs." },
    { "inputs", FIELD_LIST, FIELD_NULLABLE, AT(model_view, inputs), .shape = &model_tensor_shape,
      .about = "Told of a single model, once its files are there." },
    { "outputs", FIELD_LIST, FIELD_NULLABLE, AT(model_view, outputs),
      .shape = &model_tensor_shape },
    { "pull", FIELD_OBJECT, FIELD_NULLABLE, AT(model_view, model.pull), .shape = &model_pull_shape,
      .about = "Under way, or ended in the last minute." },
};

const struct shape model_shape = SHAPE("Model", "A model of this machine, or one it could have.",
                                       SHAPE_ANSWER, model_fields, struct model_view);

struct model_list_view {
    struct list_items items;
    int64_t total, bytes_installed, bytes_free;
    const char *folder;
};

static const struct field model_list_fields[] = {
    { "items", FIELD_LIST, AT(model_list_view, items), .shape = &model_shape },
    { "total", FIELD_INTEGER, AT(model_list_view, total) },
    { "models_folder", FIELD_TEXT, AT(model_list_view, folder) },
    { "bytes_installed", FIELD_INTEGER, AT(model_list_view, bytes_installed) },
    { "bytes_free", FIELD_INTEGER, AT(model_list_view, bytes_free), .about = "On that disk." },
};

const struct shape model_list_shape =
    SHAPE("ModelList", "All models.", SHAPE_ANSWER, model_list_fields, struct model_list_view);

struct model_check_view {
    const char *id;
    bool is_whole;
    struct text_items problems;
};

static const struct field model_check_fields[] = {
    { "id", FIELD_TEXT, AT(model_check_view, id) },
    { "is_whole", FIELD_BOOLEAN, AT(model_check_view, is_whole) },
    { "problems", FIELD_TEXT_LIST, AT(model_check_view, problems),
      .about = "A sentence for each file that is missing or wrong." },
};

const struct shape model_check_shape =
    SHAPE("ModelCheck", "A model's files compared with their checksums.", SHAPE_ANSWER,
          model_check_fields, struct model_check_view);

struct loaded_models_view {
    struct list_items models;
};

static const struct field loaded_models_fields[] = {
    { "models", FIELD_LIST, AT(loaded_models_view, models), .shape = &model_shape },
};

const struct shape loaded_models_shape =
    SHAPE("LoadedModels", "The models that are in memory.", SHAPE_ANSWER, loaded_models_fields,
          struct loaded_models_view);

struct model_name_body {
    const char *model;
};

static const struct field model_name_fields[] = {
    { "model", FIELD_TEXT, FIELD_REQUIRED, AT(model_name_body, model), .chars_max = 200,
      .about = "Its id." },
};

const struct shape model_name_body_shape =
    SHAPE("ModelName", "A model to pull.", SHAPE_BODY, model_name_fields, struct model_name_body);

/* ---- views ---- */

static struct text_items text_items(const struct model_names *names)
{
    return (struct text_items){ names->items, names->count };
}

static struct model_view view_of(const struct shelf_model *model)
{
    return (struct model_view){
        .model = *model,
        .languages = text_items(&model->languages),
        .needs = text_items(&model->needs),
        .needed_by = text_items(&model->needed_by),
        .removes = text_items(&model->removes),
    };
}

/* Without items where nothing is known. */
static struct list_items tensor_items(struct arena *arena, const struct model_tensors *tensors)
{
    struct tensor_row *items = NULL;

    if (tensors->items)
        items = arena_alloc(arena, (tensors->count + 1) * sizeof *items);
    for (size_t i = 0; i < tensors->count; i++) {
        const struct model_tensor *t = &tensors->items[i];

        items[i] = (struct tensor_row){ t->name, t->type, { t->shape, t->rank }, t->file };
    }
    return (struct list_items){ items, tensors->count };
}

/* ---- handlers ---- */

static bool list_models(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct shelf_models models;

    (void)err;
    model_shelf_list(api->shelf, request_arena(request), &models);
    struct model_view *items = arena_alloc(request_arena(request), models.count * sizeof *items);
    for (size_t i = 0; i < models.count; i++)
        items[i] = view_of(&models.items[i]);
    const struct model_list_view answer = {
        .items = { items, models.count },
        .total = (int64_t)models.count,
        .bytes_installed = models.bytes_installed,
        .bytes_free = models.bytes_free,
        .folder = models.folder,
    };
    shape_write(response_json(response), NULL, &model_list_shape, &answer);
    return true;
}

/* The model as it is now. */
static bool answer_model(struct request *request, struct response *response, const char *id,
                         struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct model_tensors inputs, outputs;
    struct shelf_model model;

    if (!model_shelf_get(api->shelf, arena, id, &model, err))
        return false;
    struct model_view view = view_of(&model);

    model_shelf_tensors(api->shelf, arena, &model, &inputs, &outputs);
    view.inputs = tensor_items(arena, &inputs);
    view.outputs = tensor_items(arena, &outputs);
    shape_write(response_json(response), NULL, &model_shape, &view);
    return true;
}

static bool get_model(struct request *request, struct response *response, struct err *err)
{
    return answer_model(request, response, request_path_param(request, "id"), err);
}

static bool begin_pull(struct request *request, struct response *response, const char *id,
                       struct err *err)
{
    const struct api *api = request_context(request);
    struct pull_report pull;

    if (!model_shelf_pull(api->shelf, request_arena(request), id, &pull, err))
        return false;
    response_status(response, 202);
    shape_write(response_json(response), NULL, &model_pull_shape, &pull);
    return true;
}

static bool pull_model(struct request *request, struct response *response, struct err *err)
{
    return begin_pull(request, response, request_path_param(request, "id"), err);
}

static bool pull_named(struct request *request, struct response *response, struct err *err)
{
    struct field_errors errors = { .arena = request_arena(request) };
    struct model_name_body body = { 0 };

    if (!body_read(request, &model_name_body_shape, &body, NULL, &errors, err))
        return false;
    if (errors.count > 0)
        return body_refuse(response, &errors);
    return begin_pull(request, response, body.model, err);
}

static bool cancel_pull(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);

    response_status(response, 204);
    return model_shelf_cancel_pull(api->shelf, request_arena(request),
                                   request_path_param(request, "id"), err);
}

static bool load_model(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_path_param(request, "id");

    return model_shelf_load(api->shelf, request_arena(request), id, err) &&
           answer_model(request, response, id, err);
}

static bool unload_model(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    const char *id = request_path_param(request, "id");

    return model_shelf_unload(api->shelf, request_arena(request), id, err) &&
           answer_model(request, response, id, err);
}

static bool verify_model(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct model_names problems;
    struct model_check_view answer = { .id = request_path_param(request, "id") };

    if (!model_shelf_verify(api->shelf, request_arena(request), answer.id, request_cancel(request),
                            &problems, err))
        return false;
    answer.is_whole = problems.count == 0;
    answer.problems = text_items(&problems);
    shape_write(response_json(response), NULL, &model_check_shape, &answer);
    return true;
}

static bool remove_model(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);

    response_status(response, 204);
    return model_shelf_remove(api->shelf, request_arena(request), request_path_param(request, "id"),
                              request_cancel(request), err);
}

static bool list_loaded(struct request *request, struct response *response, struct err *err)
{
    const struct api *api = request_context(request);
    struct shelf_models models;
    size_t count = 0;

    (void)err;
    model_shelf_list(api->shelf, request_arena(request), &models);
    struct model_view *items = arena_alloc(request_arena(request), models.count * sizeof *items);
    for (size_t i = 0; i < models.count; i++)
        if (models.items[i].is_loaded)
            items[count++] = view_of(&models.items[i]);
    const struct loaded_models_view answer = { { items, count } };
    shape_write(response_json(response), NULL, &loaded_models_shape, &answer);
    return true;
}

const struct route model_routes[] = {
    { "GET", "/api/models/", list_models, NULL, 0, .operation = "listModels",
      .about = "All models: the catalogue's, files of your own in the models folder, and eSpeak.",
      .statuses = "200 ModelList" },
    { "GET", "/api/models/{id}/", get_model, NULL, 0, .operation = "getModel",
      .about = "One model, with what goes into it and comes out, read from its files.",
      .statuses = "200 Model, 404 Detail" },
    { "DELETE", "/api/models/{id}/", remove_model, NULL, ROUTE_LONG, .operation = "removeModel",
      .about = "Removes a model's files, and what only it needed.",
      .statuses = "204, 404 Detail, 409 Detail" },
    { "POST", "/api/models/{id}/pull/", pull_model, NULL, ROUTE_JSON, .operation = "pullModel",
      .about = "Downloads a model and what it needs, one model after the other; answers at once. "
               "What was downloaded before it was interrupted is used.",
      .statuses = "202 Pull, 404 Detail, 409 Detail" },
    { "DELETE", "/api/models/{id}/pull/", cancel_pull, NULL, 0, .operation = "cancelPull",
      .about = "Ends a pull; what was downloaded stays for the next.",
      .statuses = "204, 404 Detail, 409 Detail" },
    { "POST", "/api/models/{id}/load/", load_model, NULL, ROUTE_JSON | ROUTE_LONG,
      .operation = "loadModel", .about = "Loads a model before it is needed.",
      .statuses = "200 Model, 404 Detail, 409 Detail, 503 Detail" },
    { "POST", "/api/models/{id}/unload/", unload_model, NULL, ROUTE_JSON,
      .operation = "unloadModel",
      .about = "Takes a model out of memory; it is loaded again when it is needed.",
      .statuses = "200 Model, 404 Detail, 409 Detail" },
    { "POST", "/api/models/{id}/verify/", verify_model, NULL, ROUTE_JSON | ROUTE_LONG | ROUTE_READS,
      .operation = "verifyModel",
      .about = "Reads a model's files and compares them with their checksums.",
      .statuses = "200 ModelCheck, 404 Detail, 409 Detail" },
    { "GET", "/api/ps", list_loaded, NULL, 0, .operation = "listLoadedModels",
      .about = "The models that are in memory.", .statuses = "200 LoadedModels" },
    { "POST", "/api/pull", pull_named, NULL, ROUTE_JSON, .operation = "pullNamedModel",
      .about = "As pullModel, with the model in the body.", .takes = "ModelName",
      .statuses = "202 Pull, 400 FieldErrors, 404 Detail, 409 Detail" },
};
