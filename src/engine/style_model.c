#include "engine/style_model.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/durations.h"
#include "nn/kokoro_net.h"

#define INPUTS 3

/* In onnx-community's exports of Kokoro this int64[1, T] tensor holds the frames of each token but is
 * no output. These bytes, behind the file's own, make it one (they are ModelProto.graph.output with
 * its name, element type and shape [1, n]; protobuf joins repeated fields). */
#define HIDDEN_FRAMES "/encoder/Cast_output_0"
static const char hidden_frames_output[] =
    "\x3a\x2b\x62\x29\x0a\x16" HIDDEN_FRAMES "\x12\x0f\x0a\x0d\x08\x07\x12\x09\x0a\x02\x08\x01\x0a"
    "\x03\x12\x01\x6e";

/* Which of a graph's inputs and outputs are which. Pointers into the lists given. */
struct roles {
    const struct tensor_info *ids, *style, *speed, *waveform, *frames;
};

/* One of the two computes. */
struct style_model {
    struct kokoro_net *net;      /* owned; or NULL */
    struct ort_session *session; /* owned; or NULL */
    struct roles roles;          /* into the session's lists */
};

static const struct tensor_info *find_any(const struct tensor_info *list, size_t count,
                                          const char *const *names)
{
    for (; *names; names++) {
        const struct tensor_info *info = tensor_info_find(list, count, *names);

        if (info)
            return info;
    }
    return NULL;
}

static bool is_floating(const struct tensor_info *info)
{
    return info->type == TENSOR_FLOAT || info->type == TENSOR_FLOAT16 ||
           info->type == TENSOR_DOUBLE;
}

static void find_outputs(const struct tensor_info *outputs, size_t count, struct roles *out)
{
    static const char *const frames_names[] = { "duration", "durations", "pred_dur", HIDDEN_FRAMES,
                                                NULL };

    out->frames = find_any(outputs, count, frames_names);
    for (size_t i = 0; i < count && !out->waveform; i++)
        if (is_floating(&outputs[i]) && &outputs[i] != out->frames)
            out->waveform = &outputs[i];
}

static bool find_roles(const struct tensor_info *inputs, size_t input_count,
                       const struct tensor_info *outputs, size_t output_count, const char *what,
                       struct roles *out, struct err *err)
{
    static const char *const ids_names[] = { "input_ids", "tokens", NULL };
    static const char *const style_names[] = { "style", "ref_s", NULL };

    *out = (struct roles){
        .ids = find_any(inputs, input_count, ids_names),
        .style = find_any(inputs, input_count, style_names),
        .speed = tensor_info_find(inputs, input_count, "speed"),
    };
    find_outputs(outputs, output_count, out);
    const struct {
        const char *name;
        const struct tensor_info *info;
    } needed[] = { { "an input of token ids", out->ids },
                   { "an input for the style", out->style },
                   { "an input for the speed", out->speed },
                   { "an output of samples", out->waveform } };
    for (size_t i = 0; i < COUNT(needed); i++)
        if (!needed[i].info)
            return err_set(err, ERR_UNSUPPORTED, "%s has not %s, so it is another kind of model.",
                           what, needed[i].name);
    if (input_count != INPUTS)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s takes %zu inputs; token ids, style and speed are "
                       "known.",
                       what, input_count);
    if ((out->ids->type != TENSOR_INT64 && out->ids->type != TENSOR_INT32) ||
        out->style->type != TENSOR_FLOAT ||
        (out->speed->type != TENSOR_FLOAT && out->speed->type != TENSOR_DOUBLE &&
         out->speed->type != TENSOR_INT32))
        return err_set(err, ERR_UNSUPPORTED,
                       "%s takes ids of %s, a style of %s and a speed of %s, which no known export "
                       "does.",
                       what, tensor_type_name(out->ids->type), tensor_type_name(out->style->type),
                       tensor_type_name(out->speed->type));
    return true;
}

bool style_model_fits(const struct tensor_info *inputs, size_t input_count,
                      const struct tensor_info *outputs, size_t output_count, const char *what,
                      struct err *err)
{
    struct roles roles;

    return find_roles(inputs, input_count, outputs, output_count, what, &roles, err);
}

/* Reads the file's own description first: a foreign model is refused before it is loaded. */
static bool look_at_file(const char *path, bool *needs_suffix, struct err *err)
{
    struct onnx_file *file = onnx_file_open(path, err);
    size_t input_count, output_count;
    struct roles roles;
    bool ok = false;

    if (!file)
        return false;
    const struct tensor_info *inputs = onnx_file_inputs(file, &input_count);
    const struct tensor_info *outputs = onnx_file_outputs(file, &output_count);
    if (find_roles(inputs, input_count, outputs, output_count, path, &roles, err)) {
        *needs_suffix = !roles.frames && onnx_file_has_tensor(file, HIDDEN_FRAMES);
        ok = true;
    }
    onnx_file_close(file);
    return ok;
}

static struct style_model *open_with(struct ort *ort, const char *path,
                                     struct ort_session_options *options, struct err *err)
{
    size_t input_count, output_count;
    bool needs_suffix;

    if (!look_at_file(path, &needs_suffix, err))
        return NULL;
    if (needs_suffix) {
        options->suffix = hidden_frames_output;
        options->suffix_length = sizeof hidden_frames_output - 1;
    }
    struct style_model *model = xcalloc(1, sizeof *model);
    model->session = ort_session_open(ort, path, options, err);
    if (model->session) {
        const struct tensor_info *inputs = ort_session_inputs(model->session, &input_count);
        const struct tensor_info *outputs = ort_session_outputs(model->session, &output_count);

        if (find_roles(inputs, input_count, outputs, output_count, path, &model->roles, err))
            return model;
    }
    style_model_close(model);
    return NULL;
}

struct style_model *style_model_open(struct ort *ort, const char *path, int threads,
                                     struct err *err)
{
    struct ort_session_options options = { .threads = threads };

    return open_with(ort, path, &options, err);
}

struct style_model *style_model_open_native(const char *path, const char *packed,
                                            const char *packed_int8, int threads, struct err *err)
{
    struct kokoro_net *net = kokoro_net_open(path, packed, packed_int8, threads, err);

    if (!net)
        return NULL;
    struct style_model *model = xcalloc(1, sizeof *model);
    model->net = net;
    return model;
}

void style_model_close(struct style_model *model)
{
    if (!model)
        return;
    kokoro_net_close(model->net);
    ort_session_close(model->session);
    free(model);
}

/* --- a run --- */

/* The speed in each element type. */
struct speed_value {
    float as_float;
    double as_double;
    int32_t as_int32;
};

static bool set_speed(const struct tensor_info *info, double speed, struct speed_value *value,
                      struct tensor_view *out, struct err *err)
{
    *value = (struct speed_value){ (float)speed, speed, (int32_t)lround(speed) };
    *out = (struct tensor_view){ .name = info->name, .type = info->type, .shape = { 1 } };
    out->rank = info->rank < 1 ? 0 : 1;
    if (info->type == TENSOR_INT32) {
        if ((double)value->as_int32 != speed || value->as_int32 < 1)
            return err_set_param(err, ERR_UNSUPPORTED, "speed",
                                 "This model takes only whole speeds (1 or 2), not %g. Use another "
                                 "export of it for this speed.",
                                 speed);
        out->data = &value->as_int32;
    } else {
        out->data = info->type == TENSOR_DOUBLE ? (const void *)&value->as_double
                                                : (const void *)&value->as_float;
    }
    return true;
}

static int32_t *narrowed(const struct style_request *request)
{
    int32_t *ids = xcalloc(request->id_count + 1, sizeof *ids);

    for (size_t i = 0; i < request->id_count; i++)
        ids[i] = (int32_t)request->ids[i];
    return ids;
}

static bool run_native(struct kokoro_net *net, const struct style_request *request,
                       struct style_speech *out, struct cancel *cancel, struct err *err)
{
    struct kokoro_speech speech;

    if (!kokoro_net_run(net, request->ids, request->id_count, request->style, (float)request->speed,
                        &speech, cancel, err))
        return false;
    *out = (struct style_speech){ .samples = speech.samples, .frames = speech.count };
    speech.samples = NULL;
    out->id_start = xcalloc(request->id_count + 1, sizeof *out->id_start);
    for (size_t i = 0; i < request->id_count; i++)
        out->id_start[i + 1] = out->id_start[i] + (size_t)speech.frames[i] * KOKORO_FRAME;
    kokoro_speech_release(&speech);
    return true;
}

static bool run_session(struct style_model *model, const struct style_request *request,
                        struct style_speech *out, struct cancel *cancel, struct err *err)
{
    const struct roles *roles = &model->roles;
    const char *names[2] = { roles->waveform->name, roles->frames ? roles->frames->name : NULL };
    size_t output_count = roles->frames ? 2 : 1;
    struct tensor results[2] = { 0 };
    struct speed_value speed;
    int32_t *narrow = NULL;

    struct tensor_view inputs[INPUTS] = {
        { roles->ids->name, roles->ids->type, 2, { 1, (int64_t)request->id_count }, request->ids },
        { roles->style->name, TENSOR_FLOAT, 2, { 1, STYLE_COLUMNS }, request->style },
    };
    if (!set_speed(roles->speed, request->speed, &speed, &inputs[2], err))
        return false;
    if (roles->ids->type == TENSOR_INT32)
        inputs[0].data = narrow = narrowed(request);
    bool ok =
        ort_session_run(model->session, inputs, INPUTS, names, results, output_count, cancel, err);
    free(narrow);
    if (!ok)
        return false;
    *out = (struct style_speech){ .samples = results[0].data, .frames = results[0].count };
    results[0].data = NULL;
    if (roles->frames) {
        out->id_start = durations_starts(&results[1], request->id_count, out->frames);
        if (!out->id_start)
            log_debug("engine", "the model's durations do not fit its samples: no word times");
    }
    tensor_release(&results[1]);
    return true;
}

bool style_model_run(struct style_model *model, const struct style_request *request,
                     struct style_speech *out, struct cancel *cancel, struct err *err)
{
    *out = (struct style_speech){ 0 };
    return model->net ? run_native(model->net, request, out, cancel, err)
                      : run_session(model, request, out, cancel, err);
}

void style_speech_release(struct style_speech *speech)
{
    free(speech->samples);
    free(speech->id_start);
    *speech = (struct style_speech){ 0 };
}

bool style_speech_is_finite(const struct style_speech *speech)
{
    for (size_t i = 0; i < speech->frames; i++)
        if (!isfinite(speech->samples[i]))
            return false;
    return true;
}
