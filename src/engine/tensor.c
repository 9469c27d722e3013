#include "engine/tensor.h"

#include <math.h>
#include <string.h>

static const struct {
    enum tensor_type type;
    const char *name;
    size_t size;
} types[] = {
    { TENSOR_OTHER, "another type", 0 }, { TENSOR_FLOAT, "float", 4 },
    { TENSOR_INT32, "int32", 4 },        { TENSOR_INT64, "int64", 8 },
    { TENSOR_BOOL, "bool", 1 },          { TENSOR_FLOAT16, "float16", 2 },
    { TENSOR_DOUBLE, "double", 8 },
};

const char *tensor_type_name(enum tensor_type type)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].type == type)
            return types[i].name;
    return types[0].name;
}

size_t tensor_type_size(enum tensor_type type)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].type == type)
            return types[i].size;
    return 0;
}

enum tensor_type tensor_type_from(int64_t number)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if ((int64_t)types[i].type == number)
            return types[i].type;
    return TENSOR_OTHER;
}

const struct tensor_info *tensor_info_find(const struct tensor_info *list, size_t count,
                                           const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

void tensor_release(struct tensor *tensor)
{
    free(tensor->data);
    *tensor = (struct tensor){ 0 };
}

static double element(const struct tensor *tensor, size_t i)
{
    switch (tensor->type) {
    case TENSOR_FLOAT:
        return (double)((const float *)tensor->data)[i];
    case TENSOR_INT32:
        return ((const int32_t *)tensor->data)[i];
    case TENSOR_INT64:
        return (double)((const int64_t *)tensor->data)[i];
    case TENSOR_OTHER:
    case TENSOR_BOOL:
    case TENSOR_FLOAT16:
    case TENSOR_DOUBLE:
        break;
    }
    return NAN;
}

bool tensor_to_int64(const struct tensor *tensor, const char *what, int64_t least, int64_t most,
                     int64_t *out, struct err *err)
{
    for (size_t i = 0; i < tensor->count; i++) {
        double value = element(tensor, i);

        if (!isfinite(value) || value < (double)least || value > (double)most)
            return err_set(err, ERR_CORRUPT, "The model's %s is no list of usable whole numbers.",
                           what);
        out[i] = llround(value);
    }
    return true;
}
