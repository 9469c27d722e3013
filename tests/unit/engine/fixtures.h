#pragma once

/* The models made by tests/fixtures/make_models.py. Without them, or without ONNX Runtime where a
 * graph is run, a test is skipped. */

#include "../check.h"
#include "engine/ort.h"

/* Path below the fixtures; the caller's. */
static inline char *fixture(const char *name)
{
    const char *folder = getenv("PARLANDO_FIXTURES");

    if (!folder)
        skip();
    return str_format("%s/%s", folder, name);
}

static inline void need_runtime(void)
{
    struct err why = { 0 };

    if (!getenv("PARLANDO_FIXTURES") || !ort_is_available(NULL, &why))
        skip();
}
