#pragma once

/*
 * `parlando bench --engines`: the two that can compute Kokoro, our own engine and
 * ONNX Runtime, in turn in one process, so that whatever else the machine does
 * meets both; and where the time of our own goes.
 */

#include "cmd/command.h"

#define BENCH_ROUNDS_MAX 50

struct bench_engines_options {
    const char *voice, *model; /* or NULL */
    int64_t rounds;            /* 1 to BENCH_ROUNDS_MAX */
    bool json, is_quiet;
};

/* Measures and prints. */
bool bench_engines(const struct config *config, const struct bench_engines_options *options,
                   struct cancel *cancel, struct err *err) MUST_CHECK;
