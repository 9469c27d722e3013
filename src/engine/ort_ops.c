/*
 * The operators are tables of functions that ONNX Runtime calls; they compute
 * with kernel.h. A run's work is divided into lanes, one a thread of the session,
 * which take units until none is left, so that each lane has scratch of its own
 * however many units there are.
 */
#include "engine/ort_ops_internal.h"

#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/conv.h"

#define RANK 3
#define ROWS_PER_TURN 8               /* channels a lane takes at a time */
#define SCRATCH_MAX ((size_t)1 << 26) /* floats a lane */

struct ort_ops {
    const OrtApi *api;
    const struct kernel *kernel;
    int threads;
    OrtCustomOpDomain *domain;      /* owned */
    OrtMemoryInfo *memory;          /* owned */
    struct mapped_weights *weights; /* borrowed; NULL: not told of any */
    struct op {
        OrtCustomOp table; /* first: what the library passes back */
        struct ort_ops *ops;
    } adain, adain_conv;
};

/* What a node of the graph says. */
struct op_kernel {
    const struct ort_ops *ops;
    float epsilon, slope;
    int64_t taps, dilation;
};

/* A signal or a part of it among a node's inputs. */
struct operand {
    const float *data;
    size_t rank;
    int64_t shape[RANK];
    size_t count;
};

/* --- reading a node's inputs --- */

static OrtStatus *fail(const OrtApi *api, const char *what)
{
    return api->CreateStatus(ORT_INVALID_ARGUMENT, what);
}

static OrtStatus *read_shape(const OrtApi *api, const OrtValue *value, struct operand *out)
{
    OrtTensorTypeAndShapeInfo *info;
    OrtStatus *status = api->GetTensorTypeAndShape(value, &info);

    if (status)
        return status;
    status = api->GetDimensionsCount(info, &out->rank);
    if (!status && out->rank > RANK)
        status = fail(api, "an operand has too many dimensions");
    if (!status)
        status = api->GetDimensions(info, out->shape, out->rank);
    if (!status)
        status = api->GetTensorShapeElementCount(info, &out->count);
    api->ReleaseTensorTypeAndShapeInfo(info);
    return status;
}

static OrtStatus *read_operand(const OrtApi *api, OrtKernelContext *context, size_t index,
                               struct operand *out)
{
    const OrtValue *value = NULL;
    void *data = NULL;
    OrtStatus *status = api->KernelContext_GetInput(context, index, &value);

    *out = (struct operand){ 0 };
    if (!status && !value)
        status = fail(api, "an operand is missing");
    if (!status)
        status = read_shape(api, value, out);
    if (!status) /* it is an input: only read, though the function gives it writable */
        status = api->GetTensorMutableData((OrtValue *)(uintptr_t)value, &data);
    out->data = data;
    return status;
}

static bool is_signal(const struct operand *operand)
{
    return operand->rank == 3 && operand->shape[0] == 1 && operand->shape[1] > 0 &&
           operand->shape[2] > 0;
}

static bool is_row(const struct operand *operand, const struct operand *signal)
{
    return operand->rank == 3 && operand->shape[0] == 1 && operand->shape[2] == 1 &&
           operand->shape[1] == signal->shape[1];
}

/* --- the norm of each channel --- */

struct norm_run {
    const struct op_kernel *kernel;
    struct operand x, scale, shift, frequency, reciprocal; /* the last two NULL without Snake */
    struct activation *activations;                        /* [channels], or NULL: write out */
    float *out;
    atomic_size_t next; /* channel */
};

static void set_activation(const struct norm_run *run, size_t channel,
                           const struct row_moments *moments, struct activation *out)
{
    float scale = run->scale.data[channel] / sqrtf(moments->variance + run->kernel->epsilon);

    *out = (struct activation){ .scale = scale,
                                .shift = run->shift.data[channel] - moments->mean * scale,
                                .slope = run->kernel->slope };
    if (run->frequency.data) {
        out->is_snake = true;
        out->frequency = run->frequency.data[channel];
        out->reciprocal = run->reciprocal.data[channel];
        out->most = fabsf(out->frequency) *
                    (moments->most * fabsf(scale) + fabsf(run->shift.data[channel]));
    }
}

static void norm_rows(void *context, size_t lane)
{
    struct norm_run *run = context;

    (void)atomic_load(&run->next);
    const struct kernel *kernel = run->kernel->ops->kernel;
    size_t channels = (size_t)run->x.shape[1], frames = (size_t)run->x.shape[2], first;

    (void)lane;
    while ((first = atomic_fetch_add(&run->next, ROWS_PER_TURN)) < channels) {
        size_t end = first + ROWS_PER_TURN < channels ? first + ROWS_PER_TURN : channels;

        for (size_t i = first; i < end; i++) {
            const float *row = run->x.data + i * frames;
            struct activation activation;
            struct row_moments moments;

            kernel->moments(row, frames, &moments);
            set_activation(run, i, &moments, &activation);
            if (run->activations)
                run->activations[i] = activation;
            else
                kernel->activate(&activation, row, run->out + i * frames, frames);
        }
    }
}

/* next is the run's counter of units. It also carries the order between this thread and the
 * library's, whose own hand-over a sanitizer cannot see: each lane reads it first and adds to it
 * last. */
static OrtStatus *in_lanes(const struct ort_ops *ops, OrtKernelContext *context,
                           void (*work)(void *run, size_t lane), void *run, atomic_size_t *next)
{
    OrtStatus *status = NULL;

    atomic_store(next, 0);
    if (ops->threads > 1)
        status = ops->api->KernelContext_ParallelFor(context, work, (size_t)ops->threads, 0, run);
    else
        work(run, 0);
    (void)atomic_load(next);
    return status;
}

static OrtStatus *read_norm(const OrtApi *api, OrtKernelContext *context, struct norm_run *run)
{
    OrtStatus *status = read_operand(api, context, 0, &run->x);

    if (!status)
        status = read_operand(api, context, 1, &run->scale);
    if (!status)
        status = read_operand(api, context, 2, &run->shift);
    if (!status &&
        (!is_signal(&run->x) || !is_row(&run->scale, &run->x) || !is_row(&run->shift, &run->x)))
        status = fail(api, "AdaIn's operands do not fit each other");
    return status;
}

static OrtStatus *make_output(const OrtApi *api, OrtKernelContext *context, int64_t channels,
                              int64_t frames, float **out)
{
    OrtValue *value = NULL;
    void *data = NULL;
    OrtStatus *status =
        api->KernelContext_GetOutput(context, 0, (int64_t[]){ 1, channels, frames }, RANK, &value);

    if (!status)
        status = api->GetTensorMutableData(value, &data);
    *out = data;
    return status;
}

static OrtStatus *ORT_API_CALL compute_adain(void *op_kernel, OrtKernelContext *context)
{
    const struct op_kernel *kernel = op_kernel;
    const OrtApi *api = kernel->ops->api;
    struct norm_run run = { .kernel = kernel };
    OrtStatus *status = read_norm(api, context, &run);

    if (!status)
        status = make_output(api, context, run.x.shape[1], run.x.shape[2], &run.out);
    if (!status)
        status = in_lanes(kernel->ops, context, norm_rows, &run, &run.next);
    return status;
}

/* --- with a convolution --- */

struct conv_run {
    struct convolution conv;
    const struct kernel *kernel;
    float *scratch;
    size_t scratch_each; /* floats a lane, a multiple of KERNEL_ALIGN bytes */
    size_t units;
    atomic_size_t next; /* unit */
};

static void conv_units(void *context, size_t lane)
{
    struct conv_run *run = context;

    (void)atomic_load(&run->next);
    float *scratch = run->scratch + lane * run->scratch_each;
    const size_t units = run->units;
    size_t unit;

    while ((unit = atomic_fetch_add(&run->next, 1)) < units)
        run->kernel->convolve(&run->conv, unit, scratch);
}

/* Everything but the activations and the output. */
static OrtStatus *read_conv(const struct op_kernel *kernel, OrtKernelContext *context,
                            struct norm_run *norm, struct convolution *out)
{
    const OrtApi *api = kernel->ops->api;
    struct operand weights, bias, residual = { 0 };
    size_t count = 0;
    OrtStatus *status = read_norm(api, context, norm);

    if (!status)
        status = read_operand(api, context, 3, &norm->frequency);
    if (!status)
        status = read_operand(api, context, 4, &norm->reciprocal);
    if (!status)
        status = read_operand(api, context, 5, &weights);
    if (!status)
        status = read_operand(api, context, 6, &bias);
    if (!status)
        status = api->KernelContext_GetInputCount(context, &count);
    if (!status && count > 7)
        status = read_operand(api, context, 7, &residual);
    if (status)
        return status;
    *out = (struct convolution){ .inputs = (size_t)norm->x.shape[1],
                                 .outputs = bias.count,
                                 .taps = (size_t)kernel->taps,
                                 .dilation = (size_t)kernel->dilation,
                                 .weights = weights.data,
                                 .bias = bias.data,
                                 .in = norm->x.data,
                                 .residual = residual.data,
                                 .frames = (size_t)norm->x.shape[2],
                                 .threads = (size_t)kernel->ops->threads };
    if (!is_row(&norm->frequency, &norm->x) || !is_row(&norm->reciprocal, &norm->x) ||
        bias.rank != 1 || bias.count == 0 || bias.count % KERNEL_BLOCK != 0 ||
        weights.count != conv_packed_count(out->outputs, out->inputs, out->taps) ||
        (residual.data && (!is_signal(&residual) || residual.shape[1] != (int64_t)out->outputs ||
                           residual.shape[2] != (int64_t)out->frames)) ||
        conv_scratch_count(out) > SCRATCH_MAX)
        return fail(api, "AdaInConv's operands do not fit each other");
    return NULL;
}

/* Activations and the lanes' scratch from the session's own memory, which keeps what one run
 * returns for the next. */
static OrtStatus *run_conv(const struct op_kernel *kernel, OrtKernelContext *context,
                           struct norm_run *norm, struct conv_run *run)
{
    const struct ort_ops *ops = kernel->ops;
    const size_t floats = KERNEL_ALIGN / sizeof(float);
    OrtAllocator *allocator = NULL;
    OrtStatus *status = ops->api->KernelContext_GetAllocator(context, ops->memory, &allocator);

    if (status)
        return status;
    run->scratch_each = (conv_scratch_count(&run->conv) + floats - 1) / floats * floats;
    size_t length = run->scratch_each * (size_t)ops->threads * sizeof(float) + KERNEL_ALIGN;
    void *memory = allocator->Alloc(allocator, length);
    norm->activations = xcalloc(run->conv.inputs, sizeof *norm->activations);
    if (memory) {
        uintptr_t start = ((uintptr_t)memory + KERNEL_ALIGN - 1) & ~(uintptr_t)(KERNEL_ALIGN - 1);

        run->scratch = (float *)start;
        run->conv.activations = norm->activations;
        run->units = conv_unit_count(&run->conv);
        status = in_lanes(ops, context, norm_rows, norm, &norm->next);
        if (!status)
            status = in_lanes(ops, context, conv_units, run, &run->next);
        allocator->Free(allocator, memory);
    } else {
        status = fail(ops->api, "there is no memory for AdaInConv");
    }
    free(norm->activations);
    ops->api->ReleaseAllocator(allocator);
    return status;
}

static OrtStatus *ORT_API_CALL compute_adain_conv(void *op_kernel, OrtKernelContext *context)
{
    const struct op_kernel *kernel = op_kernel;
    struct norm_run norm = { .kernel = kernel };
    struct conv_run run = { .kernel = kernel->ops->kernel };

    mapped_weights_generator_begins(kernel->ops->weights);
    OrtStatus *status = read_conv(kernel, context, &norm, &run.conv);

    if (!status)
        status = make_output(kernel->ops->api, context, (int64_t)run.conv.outputs, norm.x.shape[2],
                             &run.conv.out);
    if (!status)
        status = run_conv(kernel, context, &norm, &run);
    if (!status)
        mapped_weights_used(kernel->ops->weights, run.conv.weights,
                            conv_packed_count(run.conv.outputs, run.conv.inputs, run.conv.taps) *
                                sizeof(float));
    return status;
}

/* --- the tables --- */

static OrtStatus *read_attributes(const struct ort_ops *ops, const OrtKernelInfo *info,
                                  bool is_conv, struct op_kernel *out)
{
    const OrtApi *api = ops->api;
    OrtStatus *status = api->KernelInfoGetAttribute_float(info, "epsilon", &out->epsilon);

    if (!status && !is_conv)
        status = api->KernelInfoGetAttribute_float(info, "slope", &out->slope);
    if (!status && is_conv)
        status = api->KernelInfoGetAttribute_int64(info, "taps", &out->taps);
    if (!status && is_conv)
        status = api->KernelInfoGetAttribute_int64(info, "dilation", &out->dilation);
    if (!status && (!(out->epsilon > 0) ||
                    (is_conv && (out->taps < 1 || out->taps % 2 == 0 || out->taps > CONV_TAPS_MAX ||
                                 out->dilation < 1 || out->dilation > 64))))
        status = fail(api, "an attribute of a Parlando operator is out of bounds");
    return status;
}

static OrtStatus *ORT_API_CALL create_kernel(const OrtCustomOp *table, const OrtApi *api,
                                             const OrtKernelInfo *info, void **kernel)
{
    const struct op *op = (const struct op *)table;
    struct op_kernel *made = xcalloc(1, sizeof *made);
    OrtStatus *status = read_attributes(op->ops, info, op == &op->ops->adain_conv, made);

    (void)api;
    made->ops = op->ops;
    if (status)
        free(made);
    else
        *kernel = made;
    return status;
}

static void ORT_API_CALL destroy_kernel(void *kernel)
{
    free(kernel);
}

static const char *ORT_API_CALL name_adain(const OrtCustomOp *op)
{
    (void)op;
    return ORT_OPS_ADAIN;
}

static const char *ORT_API_CALL name_adain_conv(const OrtCustomOp *op)
{
    (void)op;
    return ORT_OPS_ADAIN_CONV;
}

static const char *ORT_API_CALL provider(const OrtCustomOp *op)
{
    (void)op;
    return NULL; /* the CPU */
}

static ONNXTensorElementDataType ORT_API_CALL floats(const OrtCustomOp *op, size_t index)
{
    (void)op, (void)index;
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
}

static size_t ORT_API_CALL count_one(const OrtCustomOp *op)
{
    (void)op;
    return 1;
}

static size_t ORT_API_CALL count_three(const OrtCustomOp *op)
{
    (void)op;
    return 3;
}

static size_t ORT_API_CALL count_eight(const OrtCustomOp *op)
{
    (void)op;
    return 8;
}

static OrtCustomOpInputOutputCharacteristic ORT_API_CALL required(const OrtCustomOp *op,
                                                                  size_t index)
{
    (void)op, (void)index;
    return INPUT_OUTPUT_REQUIRED;
}

static OrtCustomOpInputOutputCharacteristic ORT_API_CALL residual_optional(const OrtCustomOp *op,
                                                                           size_t index)
{
    (void)op;
    return index == 7 ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

static OrtMemType ORT_API_CALL memory_type(const OrtCustomOp *op, size_t index)
{
    (void)op, (void)index;
    return OrtMemTypeDefault;
}

static int ORT_API_CALL first_version(const OrtCustomOp *op)
{
    (void)op;
    return ORT_OPS_VERSION;
}

static int ORT_API_CALL last_version(const OrtCustomOp *op)
{
    (void)op;
    return INT_MAX;
}

/* The library reads no further into the table than this version had fields. */
static OrtCustomOp common_table(uint32_t version)
{
    return (OrtCustomOp){ .version = version,
                          .GetExecutionProviderType = provider,
                          .GetInputType = floats,
                          .GetOutputType = floats,
                          .GetOutputTypeCount = count_one,
                          .KernelDestroy = destroy_kernel,
                          .GetInputCharacteristic = required,
                          .GetOutputCharacteristic = required,
                          .GetInputMemoryType = memory_type,
                          .CreateKernelV2 = create_kernel,
                          .GetStartVersion = first_version,
                          .GetEndVersion = last_version };
}

struct ort_ops *ort_ops_create(const OrtApi *api, uint32_t version, int threads,
                               OrtSessionOptions *options, OrtStatus **status)
{
    struct ort_ops *ops = xcalloc(1, sizeof *ops);

    ops->api = api;
    ops->kernel = kernel_best();
    ops->threads = threads > 1 ? threads : 1;
    ops->adain = (struct op){ common_table(version), ops };
    ops->adain.table.GetName = name_adain;
    ops->adain.table.GetInputTypeCount = count_three;
    ops->adain.table.KernelComputeV2 = compute_adain;
    ops->adain_conv = (struct op){ common_table(version), ops };
    ops->adain_conv.table.GetName = name_adain_conv;
    ops->adain_conv.table.GetInputTypeCount = count_eight;
    ops->adain_conv.table.GetInputCharacteristic = residual_optional;
    ops->adain_conv.table.KernelComputeV2 = compute_adain_conv;

    *status = api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &ops->memory);
    if (!*status)
        *status = api->CreateCustomOpDomain(ORT_OPS_DOMAIN, &ops->domain);
    if (!*status)
        *status = api->CustomOpDomain_Add(ops->domain, &ops->adain.table);
    if (!*status)
        *status = api->CustomOpDomain_Add(ops->domain, &ops->adain_conv.table);
    if (!*status)
        *status = api->AddCustomOpDomain(options, ops->domain);
    return ops;
}

void ort_ops_use_weights(struct ort_ops *ops, struct mapped_weights *weights)
{
    ops->weights = weights;
}

void ort_ops_destroy(struct ort_ops *ops)
{
    if (!ops)
        return;
    if (ops->domain)
        ops->api->ReleaseCustomOpDomain(ops->domain);
    if (ops->memory)
        ops->api->ReleaseMemoryInfo(ops->memory);
    free(ops);
}
