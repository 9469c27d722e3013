#include "cmd/models_internal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "studio/model_entries.h"

/* A size that is not known makes the sum a lower bound. */
static bool has_known_size(const struct model_entry *entry)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (!entry->files[i].size)
            return false;
    return true;
}

static bool has_checksums(const struct model_entry *entry)
{
    for (size_t i = 0; i < entry->file_count; i++)
        if (!entry->files[i].sha256)
            return false;
    return true;
}

static void print_entry(const struct models_context *context, const struct model_entry *entry)
{
    const char *models_dir = context->config->models;
    uint64_t prepared = model_entry_prepared_size(entry, context->config->models);
    char size[32] = "?";

    if (has_known_size(entry))
        snprintf(size, sizeof size, "%.1f MB", (double)entry->size / MODELS_MEGABYTE);
    printf("%c %-28s %-9s %9s  %-37s %s%s\n", entry->is_default ? '*' : ' ', entry->id,
           model_state_name(model_state(entry, models_dir)), size, entry->licence, entry->languages,
           has_checksums(entry) ? "" : "  (no checksum is published: checked by size only)");
    if (prepared > 0)
        printf("  %-28s %-9s %6.1f MB\n", "", "prepared", (double)prepared / MODELS_MEGABYTE);
}

static void print_table(const struct models_context *context)
{
    uint64_t installed = 0;

    printf("  %-28s %-9s %9s  %-37s %s\n", "ID", "STATE", "SIZE", "LICENCE", "LANGUAGES");
    for (size_t i = 0; i < catalogue_count(context->catalogue); i++) {
        const struct model_entry *entry = catalogue_at(context->catalogue, i);

        print_entry(context, entry);
        installed += model_entry_prepared_size(entry, context->config->models);
        if (model_state(entry, context->config->models) == MODEL_INSTALLED)
            installed += entry->size;
    }
    printf("\n* recommended: `parlando models pull` gets these.\n"
           "Models folder: %s (%.1f MB installed)\n",
           context->config->models, (double)installed / MODELS_MEGABYTE);
}

static json_t *source_json(const struct model_source *source)
{
    if (source->kind == SOURCE_HTTPS)
        return json_pack("{s:s}", "https", source->url);
    json_t *members = json_array();
    for (size_t i = 0; i < source->member_count; i++)
        json_array_append_new(members, json_pack("{s:s,s:s}", "package", source->members[i].package,
                                                 "member", source->members[i].member));
    return json_pack("{s:o}", "npm", members);
}

static json_t *file_json(const struct model_file *file, const char *models_dir)
{
    json_t *sources = json_array();
    json_t *json = json_pack("{s:s,s:o,s:s?,s:b,s:o}", "path", file->path, "size",
                             file->size ? json_integer((json_int_t)file->size) : json_null(),
                             "sha256", file->sha256, "present",
                             model_file_is_present(file, models_dir), "sources", sources);

    for (size_t i = 0; i < file->source_count; i++)
        json_array_append_new(sources, source_json(&file->sources[i]));
    return json;
}

static json_t *entry_json(const struct models_context *context, const struct model_entry *entry)
{
    const char *models_dir = context->config->models;
    json_t *needs = json_array();
    json_t *files = json_array();

    for (size_t i = 0; entry->needs[i]; i++)
        json_array_append_new(needs, json_string(entry->needs[i]));
    for (size_t i = 0; i < entry->file_count; i++)
        json_array_append_new(files, file_json(&entry->files[i], models_dir));
    return json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:o,s:I,s:o,s:o}", "id", entry->id, "engine", entry->engine,
        "name", entry->name, "licence", entry->licence, "languages", entry->languages, "default",
        entry->is_default, "state", model_state_name(model_state(entry, models_dir)), "size",
        has_known_size(entry) ? json_integer((json_int_t)entry->size) : json_null(),
        "prepared_size", (json_int_t)model_entry_prepared_size(entry, context->config->models),
        "needs", needs, "files", files);
}

static void print_json(const struct models_context *context)
{
    json_t *models = json_array();

    for (size_t i = 0; i < catalogue_count(context->catalogue); i++)
        json_array_append_new(models, entry_json(context, catalogue_at(context->catalogue, i)));
    json_t *root = json_pack("{s:s,s:o}", "folder", context->config->models, "models", models);
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}

int models_list(int argc, char **argv, const struct models_context *context)
{
    bool is_json = false;
    const struct option_row rows[] = {
        { "json", 0, OPTION_FLAG, &is_json, .help = "everything known, as JSON" },
    };
    const struct usage usage = {
        .synopsis = "parlando models list [--json]",
        .about = "Lists the models that can be pulled, and which of them are installed.",
        .examples = "  parlando models list\n"
                    "  parlando models list --json | jq '.models[] | select(.engine == \"piper\")'",
        .rows = rows,
        .row_count = COUNT(rows),
        .takes_no_arguments = true,
    };
    struct arguments rest;
    int code;

    if (!models_options(&usage, argc, argv, context, &rest, &code))
        return code;
    if (is_json)
        print_json(context);
    else
        print_table(context);
    return EXIT_SUCCESS;
}

int models_path(int argc, char **argv, const struct models_context *context)
{
    const struct usage usage = {
        .synopsis = "parlando models path [ID]",
        .about = "Prints the models folder, or where the files of a model are or would be.\n"
                 "The exit code is 4 when the model is not installed.",
        .examples = "  parlando models path\n"
                    "  parlando models path kokoro",
    };
    struct arguments rest;
    struct err err;
    int code;

    if (!models_options(&usage, argc, argv, context, &rest, &code))
        return code;
    if (rest.count == 0) {
        puts(context->config->models);
        return EXIT_SUCCESS;
    }
    const struct model_entry *entry = models_find(context->catalogue, rest.values[0], &err);
    if (!entry)
        return models_fail(&err);
    for (size_t i = 0; i < entry->file_count; i++) {
        char *path = path_join(context->config->models, entry->files[i].path);

        puts(path);
        free(path);
    }
    bool is_installed = model_state(entry, context->config->models) == MODEL_INSTALLED;
    return is_installed ? EXIT_SUCCESS : err_exit_code(ERR_UNAVAILABLE);
}
