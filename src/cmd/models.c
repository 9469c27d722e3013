#include "cmd/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/models_internal.h"

static const struct {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv, const struct models_context *context);
} actions[] = {
    { "list", "what there is, what is installed, licences and sizes", models_list },
    { "pull", "download models (without an id: the recommended ones)", models_pull },
    { "prepare", "make a copy of a Kokoro model that loads and speaks faster", models_prepare },
    { "verify", "compare the installed files with their checksums", models_verify },
    { "rm", "remove a model's files", models_rm },
    { "path", "print the models folder, or the files of a model", models_path },
};

static void print_help(FILE *out)
{
    fputs("Usage: parlando models ACTION [options] [ID…]\n\n"
          "Model files are kept in one folder for all programs (--models, PARLANDO_MODELS).\n\n"
          "Actions:\n",
          out);
    for (size_t i = 0; i < COUNT(actions); i++)
        fprintf(out, "  %-8s %s\n", actions[i].name, actions[i].summary);
    fputs("\n`parlando models ACTION --help` shows an action's options and examples.\n\n"
          "Examples:\n"
          "  parlando models list\n"
          "  parlando models pull kokoro\n"
          "  parlando models verify\n",
          out);
}

int models_fail(const struct err *err)
{
    return command_fail("models", err);
}

bool models_options(const struct usage *usage, int argc, char **argv,
                    const struct models_context *context, struct arguments *rest, int *code)
{
    struct command_context command = { .config = context->config, .cancel = context->cancel };

    return command_begin("models", usage, argc, argv, &command, rest, code);
}

const struct model_entry *models_find(const struct catalogue *catalogue, const char *id,
                                      struct err *err)
{
    const struct model_entry *entry = catalogue_find(catalogue, id);
    const struct model_entry *near = entry ? NULL : catalogue_nearest(catalogue, id);

    if (!entry)
        err_set(err, ERR_NOT_FOUND,
                "There is no model \"%.60s\".%s%s%s `parlando models list` shows all.", id,
                near ? " Do you mean " : "", near ? near->id : "", near ? "?" : "");
    return entry;
}

bool models_exist(const struct catalogue *catalogue, const struct arguments *ids, int *code)
{
    struct err err;

    for (int i = 0; i < ids->count; i++) {
        if (models_find(catalogue, ids->values[i], &err))
            continue;
        *code = models_fail(&err);
        return false;
    }
    return true;
}

static int run_action(size_t action, int argc, char **argv, struct command_context *context)
{
    struct err err;
    struct catalogue *catalogue = catalogue_open(&err);

    if (!catalogue)
        return models_fail(&err);
    const struct models_context models = { .catalogue = catalogue,
                                           .config = context->config,
                                           .cancel = context->cancel };
    int code = actions[action].run(argc, argv, &models);
    catalogue_close(catalogue);
    return code;
}

int cmd_models(int argc, char **argv, struct command_context *context)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return run_action(i, argc - 1, argv + 1, context);
    if (*name)
        fprintf(stderr, "parlando models: there is no action \"%.40s\".\n\n", name);
    print_help(stderr);
    return 2;
}
