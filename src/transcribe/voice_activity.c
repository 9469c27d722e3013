#include "transcribe/voice_activity.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT 64 /* samples of the frame before, which the model wants to see again */
#define STATE_LAYERS 2
#define STATE_SIZE 128

enum { INPUT, STATE, RATE, INPUTS };

static const char *const input_names[INPUTS] = { "input", "state", "sr" };
static const char *const output_names[] = { "output", "stateN" };

struct voice_activity_model {
    struct ort *ort; /* borrowed */
    struct ort_session *session;
};

struct voice_activity {
    struct voice_activity_model *model;
    float input[CONTEXT + VOICE_FRAME];
    float zeros[STATE_LAYERS * STATE_SIZE]; /* what is remembered at first */
    int64_t rate_hz;
    struct ort_value *values[INPUTS]; /* input and rate look at the fields above */
};

static bool is_silero(const struct ort_session *session)
{
    size_t input_count, output_count;
    const struct tensor_info *inputs = ort_session_inputs(session, &input_count);
    const struct tensor_info *outputs = ort_session_outputs(session, &output_count);
    const struct tensor_info *state = tensor_info_find(inputs, input_count, "state");

    return tensor_info_find(inputs, input_count, "input") && state && state->rank == 3 &&
           tensor_info_find(inputs, input_count, "sr") &&
           tensor_info_find(outputs, output_count, "output") &&
           tensor_info_find(outputs, output_count, "stateN");
}

struct voice_activity_model *voice_activity_model_open(struct ort *ort, const char *path,
                                                       struct err *err)
{
    struct voice_activity_model *model = xcalloc(1, sizeof *model);

    model->ort = ort;
    model->session =
        ort_session_open(ort, path, &(struct ort_session_options){ .threads = 1 }, err);
    if (model->session && is_silero(model->session))
        return model;
    if (model->session)
        err_set(err, ERR_CORRUPT, "%s is no Silero VAD of version 5 or 6.", path);
    voice_activity_model_close(model);
    return NULL;
}

void voice_activity_model_close(struct voice_activity_model *model)
{
    if (!model)
        return;
    ort_session_close(model->session);
    free(model);
}

struct voice_activity *voice_activity_create(struct voice_activity_model *model, struct err *err)
{
    struct voice_activity *stream = xcalloc(1, sizeof *stream);
    const struct tensor_view views[INPUTS] = {
        [INPUT] = { "input", TENSOR_FLOAT, 2, { 1, CONTEXT + VOICE_FRAME }, stream->input },
        [STATE] = { "state", TENSOR_FLOAT, 3, { STATE_LAYERS, 1, STATE_SIZE }, stream->zeros },
        [RATE] = { "sr", TENSOR_INT64, 0, { 0 }, &stream->rate_hz },
    };

    stream->model = model;
    stream->rate_hz = VOICE_RATE_HZ;
    for (int i = 0; i < INPUTS; i++) {
        stream->values[i] = ort_value_create(model->ort, &views[i], err);
        if (!stream->values[i]) {
            voice_activity_destroy(stream);
            return NULL;
        }
    }
    return stream;
}

void voice_activity_destroy(struct voice_activity *stream)
{
    if (!stream)
        return;
    for (int i = 0; i < INPUTS; i++)
        ort_value_destroy(stream->values[i]);
    free(stream);
}

bool voice_activity_step(struct voice_activity *stream, const float *samples, float *probability,
                         struct cancel *cancel, struct err *err)
{
    struct ort_value *outputs[COUNT(output_names)];
    const float *output;
    size_t count;

    memcpy(stream->input, stream->input + VOICE_FRAME, CONTEXT * sizeof *stream->input);
    memcpy(stream->input + CONTEXT, samples, VOICE_FRAME * sizeof *stream->input);
    if (!ort_session_run_values(stream->model->session, input_names,
                                (const struct ort_value *const *)stream->values, INPUTS,
                                output_names, outputs, COUNT(output_names), cancel, err))
        return false;
    ort_value_destroy(stream->values[STATE]);
    stream->values[STATE] = outputs[1];
    bool ok = ort_value_floats(outputs[0], "output", &output, &count, err) &&
              (count == 1 || err_set(err, ERR_CORRUPT,
                                     "The voice activity model gives %zu numbers "
                                     "where one was expected.",
                                     count));
    if (ok)
        *probability = output[0];
    ort_value_destroy(outputs[0]);
    return ok;
}
