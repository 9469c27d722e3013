#include "engine/ort.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <onnxruntime_c_api.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

/* The functions used here have been in every version since 1.17. Asking for a fixed number keeps a
 * newer header from raising what the library must offer. */
#define API_NEWEST 21
#define API_OLDEST 17

#define LIBRARY "libonnxruntime.so.1"
#define PARENTS 4     /* build/src/cmd/parlando, build/src, build, the source folder */
#define NAMES_MAX 256 /* inputs or outputs of a model */

struct ort {
    const OrtApi *api;
    uint32_t api_version;
    OrtEnv *env;
    OrtMemoryInfo *memory; /* where the elements of inputs are: plain memory */
    char *version;         /* owned */
};

struct ort_session {
    struct ort *ort; /* borrowed */
    OrtSession *session;
    struct tensor_info *inputs, *outputs; /* owned, with their names */
    size_t input_count, output_count;
};

/* --- the library --- */

static void *open_near_executable(void)
{
    char exe[4096];
    ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    void *library = NULL;

    if (length <= 0)
        return NULL;
    exe[length] = '\0';
    char *folder = dirname(exe);
    for (int i = 0; i < PARENTS && !library; i++) {
        char *path = str_format("%s/deps/" LIBRARY, folder);

        if (file_is_regular(path))
            library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        free(path);
        folder = dirname(folder);
    }
    return library;
}

/* The library stays loaded until the process ends: it starts threads and registers exit handlers
 * that make closing it unsafe. Opening it again is a count. */
static void *open_library(const char *path, struct err *err)
{
    const char *from_environment = getenv("PARLANDO_ORT");
    void *library = NULL;

    if (!path && from_environment && *from_environment)
        path = from_environment;
    if (path) {
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!library)
            err_set(err, ERR_UNAVAILABLE, "ONNX Runtime's library cannot be opened: %s.",
                    dlerror());
        return library;
    }
    library = open_near_executable();
    if (!library)
        library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = dlopen("libonnxruntime.so", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        err_set(err, ERR_UNAVAILABLE,
                "ONNX Runtime (" LIBRARY ") is not installed, so neural voices are off. Run `make` "
                "in Parlando's source folder to fetch it, or set PARLANDO_ORT to its path.");
    return library;
}

bool ort_is_available(const char *path, struct err *err)
{
    return open_library(path, err) != NULL;
}

/* --- statuses and logging --- */

/* Takes the status. */
static bool check(const struct ort *ort, OrtStatus *status, enum err_kind kind, const char *doing,
                  const char *what, struct err *err)
{
    if (!status)
        return true;
    err_set(err, kind, "Cannot %s %s: ONNX Runtime says \"%s\".", doing, what,
            ort->api->GetErrorMessage(status));
    ort->api->ReleaseStatus(status);
    return false;
}

/* What ends a call comes back as its status, so the library's own lines are for debugging only. */
static void ORT_API_CALL log_line(void *state, OrtLoggingLevel severity, const char *category,
                                  const char *id, const char *location, const char *message)
{
    (void)state, (void)severity, (void)category, (void)id, (void)location;
    log_debug("ort", "%s", message);
}

struct ort *ort_open(const char *path, struct err *err)
{
    void *library = open_library(path, err);
    if (!library)
        return NULL;
    /* POSIX gives functions as object pointers; copying the bytes is its own advice. */
    const OrtApiBase *(*get_base)(void) = NULL;
    void *symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof get_base);
    if (!get_base) {
        err_set(err, ERR_UNAVAILABLE, "The file that should be ONNX Runtime's library is another.");
        return NULL;
    }

    struct ort *ort = xcalloc(1, sizeof *ort);
    ort->version = xstrdup(get_base()->GetVersionString());
    for (uint32_t version = API_NEWEST; version >= API_OLDEST && !ort->api; version--) {
        ort->api = get_base()->GetApi(version);
        ort->api_version = version;
    }
    if (!ort->api) {
        err_set(err, ERR_UNAVAILABLE, "ONNX Runtime %s is too old: 1.%d or newer is needed.",
                ort->version, API_OLDEST);
        ort_close(ort);
        return NULL;
    }
    if (!check(ort,
               ort->api->CreateEnvWithCustomLogger(log_line, NULL, ORT_LOGGING_LEVEL_WARNING,
                                                   "parlando", &ort->env),
               ERR_INTERNAL, "start", "ONNX Runtime", err) ||
        !check(ort,
               ort->api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &ort->memory),
               ERR_INTERNAL, "start", "ONNX Runtime", err)) {
        ort_close(ort);
        return NULL;
    }
    return ort;
}

void ort_close(struct ort *ort)
{
    if (!ort)
        return;
    if (ort->memory)
        ort->api->ReleaseMemoryInfo(ort->memory);
    if (ort->env)
        ort->api->ReleaseEnv(ort->env);
    free(ort->version);
    free(ort);
}

const char *ort_version(const struct ort *ort)
{
    return ort->version;
}

/* --- sessions --- */

/* Every sentence has its own length, and the memory pattern would keep a plan of each. The arena
 * stays: without it each large tensor is mapped and faulted in anew. Spinning threads would burn a
 * core after each run. */
static OrtStatus *set_common(const OrtApi *api, int threads, OrtSessionOptions *set)
{
    OrtStatus *status = api->SetIntraOpNumThreads(set, threads);

    if (!status)
        status = api->SetInterOpNumThreads(set, 1);
    if (!status)
        status = api->SetSessionExecutionMode(set, ORT_SEQUENTIAL);
    if (!status)
        status = api->DisableMemPattern(set);
    if (!status)
        status = api->AddSessionConfigEntry(set, "session.intra_op.allow_spinning", "0");
    return status;
}

static bool set_options(struct ort_session *session, const struct ort_session_options *options,
                        OrtSessionOptions *set, struct err *err)
{
    const OrtApi *api = session->ort->api;
    OrtStatus *status = set_common(api, options->threads, set);

    if (!status)
        status = api->SetSessionGraphOptimizationLevel(set, ORT_ENABLE_ALL);
    return check(session->ort, status, ERR_INTERNAL, "set the options of", "an inference session",
                 err);
}

static void release_infos(struct tensor_info *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].name);
    free(list);
}

/* What is no tensor (a map, a sequence) is left as TENSOR_OTHER. */
static OrtStatus *describe_type(const OrtApi *api, OrtTypeInfo *type, struct tensor_info *out)
{
    const OrtTensorTypeAndShapeInfo *shape;
    enum ONNXTensorElementDataType element;
    size_t rank;

    OrtStatus *status = api->CastTypeInfoToTensorInfo(type, &shape);
    if (status || !shape)
        return status;
    status = api->GetTensorElementType(shape, &element);
    if (!status)
        status = api->GetDimensionsCount(shape, &rank);
    if (status)
        return status;
    out->type = tensor_type_from(element);
    out->rank = rank < TENSOR_RANK_MAX ? rank : TENSOR_RANK_MAX;
    return api->GetDimensions(shape, out->shape, out->rank);
}

static OrtStatus *describe_one(const struct ort_session *session, bool is_input, size_t index,
                               struct tensor_info *out)
{
    const OrtApi *api = session->ort->api;
    OrtAllocator *allocator;
    OrtTypeInfo *type = NULL;
    char *name = NULL;

    OrtStatus *status = api->GetAllocatorWithDefaultOptions(&allocator);
    if (status)
        return status;
    status = is_input ? api->SessionGetInputName(session->session, index, allocator, &name)
                      : api->SessionGetOutputName(session->session, index, allocator, &name);
    if (status)
        return status;
    out->name = xstrdup(name);
    allocator->Free(allocator, name);
    status = is_input ? api->SessionGetInputTypeInfo(session->session, index, &type)
                      : api->SessionGetOutputTypeInfo(session->session, index, &type);
    if (!status)
        status = describe_type(api, type, out);
    api->ReleaseTypeInfo(type);
    return status;
}

static bool describe(struct ort_session *session, bool is_input, const char *what, struct err *err)
{
    const OrtApi *api = session->ort->api;
    size_t count = 0;
    OrtStatus *status = is_input ? api->SessionGetInputCount(session->session, &count)
                                 : api->SessionGetOutputCount(session->session, &count);

    if (!status && count > NAMES_MAX)
        return err_set(err, ERR_TOO_LARGE, "%s has %zu %s; %d are handled.", what, count,
                       is_input ? "inputs" : "outputs", NAMES_MAX);
    struct tensor_info *list = xcalloc(count + 1, sizeof *list);
    for (size_t i = 0; i < count && !status; i++)
        status = describe_one(session, is_input, i, &list[i]);
    if (is_input) {
        session->inputs = list;
        session->input_count = count;
    } else {
        session->outputs = list;
        session->output_count = count;
    }
    return check(session->ort, status, ERR_CORRUPT, "read the inputs and outputs of", what, err);
}

/* From bytes, or from the file called what when they are NULL. */
static struct ort_session *open_session(struct ort *ort, const void *bytes, size_t length,
                                        const char *what, const struct ort_session_options *options,
                                        struct err *err)
{
    struct ort_session *session = xcalloc(1, sizeof *session);
    const OrtApi *api = ort->api;
    OrtSessionOptions *set = NULL;
    bool ok = false;

    session->ort = ort;
    if (!check(ort, api->CreateSessionOptions(&set), ERR_INTERNAL, "load", what, err) ||
        !set_options(session, options, set, err))
        goto out;
    if (!check(ort,
               bytes ? api->CreateSessionFromArray(ort->env, bytes, length, set, &session->session)
                     : api->CreateSession(ort->env, what, set, &session->session),
               ERR_CORRUPT, "load", what, err))
        goto out;
    ok = describe(session, true, what, err) && describe(session, false, what, err);
out:
    if (set)
        api->ReleaseSessionOptions(set);
    if (!ok) {
        ort_session_close(session);
        session = NULL;
    }
    return session;
}

struct ort_session *ort_session_open_bytes(struct ort *ort, const void *bytes, size_t length,
                                           const char *what,
                                           const struct ort_session_options *options,
                                           struct err *err)
{
    return open_session(ort, bytes, length, what, options, err);
}

/* The file's bytes with the suffix behind them, without a copy of the file: it is mapped, privately,
 * over the beginning of a reserved range, and the suffix is written behind its end. */
struct suffixed {
    uint8_t *bytes;
    size_t length;   /* of file and suffix */
    size_t reserved; /* whole pages */
};

static bool map_suffixed(struct suffixed *out, const char *path, const void *suffix,
                         size_t suffix_length, struct err *err)
{
    FILE *file = fopen(path, "rbe");
    bool ok = false;

    *out = (struct suffixed){ 0 };
    if (!file)
        return err_system(err, "open", path);
    off_t size = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : -1;
    if (size <= 0) {
        err_set(err, ERR_CORRUPT, "%s is empty or cannot be read.", path);
        goto out;
    }
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    out->length = (size_t)size + suffix_length;
    out->reserved = (out->length + page - 1) / page * page;
    out->bytes =
        mmap(NULL, out->reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (out->bytes == MAP_FAILED) {
        out->bytes = NULL;
        err_system(err, "map", path);
        goto out;
    }
    if (mmap(out->bytes, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
             fileno(file), 0) == MAP_FAILED) {
        err_system(err, "map", path);
        goto out;
    }
    if (suffix_length > 0)
        memcpy(out->bytes + size, suffix, suffix_length);
    ok = true;
out:
    if (!ok && out->bytes)
        munmap(out->bytes, out->reserved);
    fclose(file);
    return ok;
}

struct ort_session *ort_session_open(struct ort *ort, const char *path,
                                     const struct ort_session_options *options, struct err *err)
{
    struct suffixed model;

    if (!map_suffixed(&model, path, options->suffix, options->suffix_length, err))
        return NULL;
    struct ort_session *session =
        ort_session_open_bytes(ort, model.bytes, model.length, path, options, err);
    munmap(model.bytes, model.reserved);
    return session;
}

void ort_session_close(struct ort_session *session)
{
    if (!session)
        return;
    if (session->session)
        session->ort->api->ReleaseSession(session->session);
    release_infos(session->inputs, session->input_count);
    release_infos(session->outputs, session->output_count);
    free(session);
}

const struct tensor_info *ort_session_inputs(const struct ort_session *session, size_t *count)
{
    *count = session->input_count;
    return session->inputs;
}

const struct tensor_info *ort_session_outputs(const struct ort_session *session, size_t *count)
{
    *count = session->output_count;
    return session->outputs;
}

/* --- runs --- */

/* IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
static float float_from_half(uint16_t half)
{
    int exponent = half >> 10 & 31;
    float fraction = (float)(half & 1023);
    float value;

    if (exponent == 31)
        value = fraction > 0 ? NAN : INFINITY;
    else if (exponent == 0)
        value = ldexpf(fraction, -24);
    else
        value = ldexpf(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -value : value;
}

/* Copies the elements, which the library owns, into out->data, which there is room in. */
static void copy_elements(struct tensor *out, enum tensor_type type, const void *elements)
{
    float *floats = out->data;

    if (type == TENSOR_FLOAT16)
        for (size_t i = 0; i < out->count; i++)
            floats[i] = float_from_half(((const uint16_t *)elements)[i]);
    else if (type == TENSOR_DOUBLE)
        for (size_t i = 0; i < out->count; i++)
            floats[i] = (float)((const double *)elements)[i];
    else
        memcpy(out->data, elements, out->count * tensor_type_size(type));
}

static bool read_output(const struct ort *ort, OrtValue *value, const char *name,
                        struct tensor *out, struct err *err)
{
    const OrtApi *api = ort->api;
    OrtTensorTypeAndShapeInfo *info = NULL;
    enum ONNXTensorElementDataType element;
    void *elements = NULL;
    bool ok = false;

    OrtStatus *status = api->GetTensorTypeAndShape(value, &info);
    if (!status)
        status = api->GetTensorElementType(info, &element);
    if (!status)
        status = api->GetDimensionsCount(info, &out->rank);
    if (!status)
        status = api->GetTensorShapeElementCount(info, &out->count);
    if (!status)
        status = api->GetTensorMutableData(value, &elements);
    if (!check(ort, status, ERR_CORRUPT, "read the model's output", name, err))
        goto out;

    enum tensor_type type = tensor_type_from(element);
    if (type == TENSOR_OTHER || out->rank > TENSOR_RANK_MAX) {
        err_set(err, ERR_UNSUPPORTED, "The model's output %s is of a kind that is not handled.",
                name);
        goto out;
    }
    if (!check(ort, api->GetDimensions(info, out->shape, out->rank), ERR_CORRUPT,
               "read the model's output", name, err))
        goto out;
    out->type = type == TENSOR_FLOAT16 || type == TENSOR_DOUBLE ? TENSOR_FLOAT : type;
    if (out->count > 0) {
        out->data = try_alloc(out->count, tensor_type_size(out->type));
        if (!out->data) {
            err_set(err, ERR_INTERNAL, "There is no memory for the model's output %s.", name);
            goto out;
        }
        copy_elements(out, type, elements);
    }
    ok = true;
out:
    if (info)
        api->ReleaseTensorTypeAndShapeInfo(info);
    return ok;
}

static bool wrap_input(const struct ort *ort, const struct tensor_view *input, OrtValue **out,
                       struct err *err)
{
    size_t count = 1;

    for (size_t i = 0; i < input->rank; i++)
        count *= (size_t)input->shape[i];
    /* The library takes a mutable pointer but only reads inputs. */
    return check(ort,
                 ort->api->CreateTensorWithDataAsOrtValue(
                     ort->memory, (void *)(uintptr_t)input->data,
                     count * tensor_type_size(input->type), input->shape, input->rank,
                     (enum ONNXTensorElementDataType)input->type, out),
                 ERR_INTERNAL, "make the model's input", input->name, err);
}

struct running {
    const OrtApi *api;
    OrtRunOptions *options;
};

static void terminate(void *what)
{
    struct running *running = what;
    OrtStatus *status = running->api->RunOptionsSetTerminate(running->options);

    if (status)
        running->api->ReleaseStatus(status);
}

/* The run itself, which another thread may end. */
static bool run_cancellable(struct ort_session *session, const char *const *input_names,
                            const OrtValue *const *inputs, size_t input_count,
                            const char *const *names, OrtValue **values, size_t output_count,
                            struct cancel *cancel, struct err *err)
{
    const OrtApi *api = session->ort->api;
    struct running running = { .api = api };
    struct cancel_waker waker = { .wake = terminate, .what = &running };

    if (!check(session->ort, api->CreateRunOptions(&running.options), ERR_INTERNAL, "run",
               "the model", err))
        return false;
    OrtStatus *status;

    cancel_waker_begin(cancel, &waker);
    status = api->Run(session->session, running.options, input_names, inputs, input_count, names,
                      output_count, values);
    cancel_waker_end(cancel, &waker);
    api->ReleaseRunOptions(running.options);
    if (status && cancel_is_requested(cancel)) {
        api->ReleaseStatus(status);
        return cancel_check(cancel, err);
    }
    return check(session->ort, status, ERR_INTERNAL, "run", "the model", err);
}

bool ort_session_run(struct ort_session *session, const struct tensor_view *inputs,
                     size_t input_count, const char *const *names, struct tensor *outputs,
                     size_t output_count, struct cancel *cancel, struct err *err)
{
    const OrtApi *api = session->ort->api;
    OrtValue **in = xcalloc(input_count + 1, sizeof *in);
    OrtValue **out = xcalloc(output_count + 1, sizeof *out);
    const char **in_names = xcalloc(input_count + 1, sizeof *in_names);
    bool ok = false;

    memset(outputs, 0, output_count * sizeof *outputs);
    if (!cancel_check(cancel, err))
        goto out;
    for (size_t i = 0; i < input_count; i++) {
        in_names[i] = inputs[i].name;
        if (!wrap_input(session->ort, &inputs[i], &in[i], err))
            goto out;
    }
    if (!run_cancellable(session, in_names, (const OrtValue *const *)in, input_count, names, out,
                         output_count, cancel, err))
        goto out;
    for (size_t i = 0; i < output_count; i++)
        if (!read_output(session->ort, out[i], names[i], &outputs[i], err))
            goto out;
    ok = true;
out:
    for (size_t i = 0; i < input_count; i++)
        if (in[i])
            api->ReleaseValue(in[i]);
    for (size_t i = 0; i < output_count; i++) {
        if (out[i])
            api->ReleaseValue(out[i]);
        if (!ok)
            tensor_release(&outputs[i]);
    }
    free(in_names);
    free(out);
    free(in);
    return ok;
}

/* --- values --- */

struct ort_value {
    const struct ort *ort; /* borrowed */
    OrtValue *value;       /* owned */
};

static struct ort_value *hold(const struct ort *ort, OrtValue *value)
{
    struct ort_value *held = xmalloc(sizeof *held);

    *held = (struct ort_value){ ort, value };
    return held;
}

struct ort_value *ort_value_create(struct ort *ort, const struct tensor_view *view, struct err *err)
{
    OrtValue *value = NULL;

    return wrap_input(ort, view, &value, err) ? hold(ort, value) : NULL;
}

void ort_value_destroy(struct ort_value *value)
{
    if (!value)
        return;
    value->ort->api->ReleaseValue(value->value);
    free(value);
}

bool ort_value_floats(const struct ort_value *value, const char *what, const float **out,
                      size_t *count, struct err *err)
{
    const OrtApi *api = value->ort->api;
    OrtTensorTypeAndShapeInfo *info = NULL;
    enum ONNXTensorElementDataType element = 0;
    void *elements = NULL;

    OrtStatus *status = api->GetTensorTypeAndShape(value->value, &info);
    if (!status)
        status = api->GetTensorElementType(info, &element);
    if (!status)
        status = api->GetTensorShapeElementCount(info, count);
    if (!status)
        status = api->GetTensorMutableData(value->value, &elements);
    if (info)
        api->ReleaseTensorTypeAndShapeInfo(info);
    *out = elements;
    return check(value->ort, status, ERR_CORRUPT, "read the model's output", what, err) &&
           (tensor_type_from(element) == TENSOR_FLOAT ||
            err_set(err, ERR_CORRUPT, "The model's output %s is of another type than float.",
                    what));
}

bool ort_session_run_values(struct ort_session *session, const char *const *input_names,
                            const struct ort_value *const *inputs, size_t input_count,
                            const char *const *output_names, struct ort_value **outputs,
                            size_t output_count, struct cancel *cancel, struct err *err)
{
    const OrtValue *in[NAMES_MAX];
    OrtValue *out[NAMES_MAX] = { NULL };

    assert(input_count <= NAMES_MAX && output_count <= NAMES_MAX);
    memset(outputs, 0, output_count * sizeof *outputs);
    for (size_t i = 0; i < input_count; i++)
        in[i] = inputs[i]->value;
    bool ok =
        cancel_check(cancel, err) && run_cancellable(session, input_names, in, input_count,
                                                     output_names, out, output_count, cancel, err);
    for (size_t i = 0; i < output_count; i++) {
        if (ok)
            outputs[i] = hold(session->ort, out[i]);
        else if (out[i])
            session->ort->api->ReleaseValue(out[i]);
    }
    return ok;
}
