#pragma once

/* What the files of `parlando models` share. Each action reads its own options and returns the
 * exit code. */

#include "cmd/command.h"
#include "cmd/options.h"
#include "models/catalogue.h"

#define MODELS_MEGABYTE 1e6

struct models_context {
    const struct catalogue *catalogue;
    struct config *config;
    struct cancel *cancel;
};

int models_list(int argc, char **argv, const struct models_context *context);
int models_path(int argc, char **argv, const struct models_context *context);
int models_prepare(int argc, char **argv, const struct models_context *context);
int models_pull(int argc, char **argv, const struct models_context *context);
int models_rm(int argc, char **argv, const struct models_context *context);
int models_verify(int argc, char **argv, const struct models_context *context);

int models_fail(const struct err *err);

/* Prepares an entry's model if it is of a kind that can be; see engine/prepared.h. */
bool models_prepare_pulled(const struct models_context *context, const struct model_entry *entry,
                           bool is_quiet, struct err *err);

/* Parses the options; true to go on. Otherwise *code is the exit code: help was shown, or an error
 * was printed. */
bool models_options(const struct usage *usage, int argc, char **argv,
                    const struct models_context *context, struct arguments *rest, int *code);

/* The entry, or NULL with ERR_NOT_FOUND that names a near one. */
const struct model_entry *models_find(const struct catalogue *catalogue, const char *id,
                                      struct err *err);

/* False when one of the ids does not exist; *code is the exit code then. */
bool models_exist(const struct catalogue *catalogue, const struct arguments *ids, int *code);
