#include "engine/prepared.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sha256.h"
#include "engine/fuse.h"
#include "engine/kokoro_voices.h"
#include "engine/ort.h"
#include "engine/style_model.h"
#include "models/lock.h"

#define FOLDER ".prepared"
#define MODEL "model.onnx"
#define WEIGHTS ORT_PREPARED_WEIGHTS
#define MANIFEST "manifest.json"
#define SIMPLE_MODEL "simple.onnx"
#define SIMPLE_WEIGHTS "simple.bin"

#define HASH_LENGTH 16 /* hex digits */
#define MANIFEST_MAX (1 << 16)
#define SNR_LEAST_DB 60

/* What is written on the way, as a multiple of the source: the simplified copy and the result, whose
 * convolution weights are up to seven times as large. */
#define ROOM_FACTOR 2.9

/* --- names --- */

static void hash_text(const char *text, char out[HASH_LENGTH + 1])
{
    char digest[SHA256_HEX];

    sha256_bytes(text, strlen(text), digest);
    memcpy(out, digest, HASH_LENGTH);
    out[HASH_LENGTH] = '\0';
}

/* The part of the folder's name that stands for the source. It may be gone already: then its folder
 * gives the real path. */
static void hash_source(const char *source, char out[HASH_LENGTH + 1])
{
    char *folder = xstrndup(source, (size_t)(path_base(source) - source));
    char *real = realpath(*folder ? folder : ".", NULL);
    char *path = path_join(real ? real : folder, path_base(source));

    hash_text(path, out);
    free(path);
    free(real);
    free(folder);
}

/* "<source>-<state>" of a model as it is now. NULL when it is not there. The caller's. */
static char *entry_name(const char *source, const char *runtime)
{
    char source_hash[HASH_LENGTH + 1], state_hash[HASH_LENGTH + 1];
    struct stat info;

    if (stat(source, &info) != 0)
        return NULL;
    char *state =
        str_format("%lld %lld.%09ld %s %d", (long long)info.st_size, (long long)info.st_mtim.tv_sec,
                   info.st_mtim.tv_nsec, runtime, FUSE_VERSION);
    hash_source(source, source_hash);
    hash_text(state, state_hash);
    free(state);
    return str_format("%s-%s", source_hash, state_hash);
}

static char *entry_path(const char *models_dir, const char *entry)
{
    return str_format("%s/" FOLDER "/%s", models_dir, entry);
}

/* --- looking --- */

static uint64_t file_size(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

/* Does the folder hold what its manifest says? The weights are compared by size only: reading them
 * takes longer than loading the model. */
static bool is_whole(const char *folder, struct err *err)
{
    char *manifest_path = path_join(folder, MANIFEST), *model = path_join(folder, MODEL);
    char *weights = path_join(folder, WEIGHTS);
    struct buf text = BUF(MANIFEST_MAX);
    char digest[SHA256_HEX];
    json_t *manifest = NULL;
    bool ok = false;

    if (!file_read(manifest_path, &text, err) || !sha256_file(model, digest, NULL, err))
        goto out;
    manifest = json_parse(text.data ? text.data : "", text.len, manifest_path, err);
    if (!manifest)
        goto out;
    const char *expected = json_string_value(json_object_get(manifest, "model_sha256"));
    json_int_t size = json_integer_value(json_object_get(manifest, "weights_size"));
    ok = (expected && strcmp(expected, digest) == 0 && size > 0 &&
          file_size(weights) == (uint64_t)size) ||
         err_set(err, ERR_CORRUPT, "%s is not as it was written.", folder);
out:
    json_decref(manifest);
    buf_release(&text);
    free(weights);
    free(model);
    free(manifest_path);
    return ok;
}

static bool is_turned_off(void)
{
    const char *value = getenv("PARLANDO_PREPARED");

    return value && strcmp(value, "0") == 0;
}

char *prepared_find(const char *models_dir, const char *source, const char *runtime)
{
    char *entry = is_turned_off() ? NULL : entry_name(source, runtime);
    char *folder = entry ? entry_path(models_dir, entry) : NULL;
    char *found = NULL;
    struct err why = { 0 };

    if (folder && file_is_directory(folder)) {
        if (is_whole(folder, &why))
            found = path_join(folder, MODEL);
        else
            log_warning("engine",
                        "a prepared model is not used: %s `parlando models prepare` "
                        "makes it again.",
                        why.message);
    }
    free(folder);
    free(entry);
    return found;
}

bool prepared_is_for(const struct installed_model *model)
{
    return model->family == FAMILY_KOKORO && model->is_fp32;
}

/* --- removing --- */

/* Removes a folder of files; freed is added to. */
static bool remove_folder(const char *folder, uint64_t *freed, struct err *err)
{
    DIR *dir = opendir(folder);
    const struct dirent *at;
    bool ok = true;

    if (!dir)
        return errno == ENOENT || err_system(err, "open", folder);
    while ((at = readdir(dir))) {
        char *path = path_join(folder, at->d_name);
        uint64_t size = file_size(path);

        if (strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0) {
            if (unlink(path) == 0)
                *freed += size;
            else
                ok = err_system(err, "remove", path);
        }
        free(path);
    }
    closedir(dir);
    return ok && (rmdir(folder) == 0 || err_system(err, "remove", folder));
}

/* Calls visit for each folder of a source: its copies, and what killed preparations left. */
static bool each_folder(const char *models_dir, const char *source, const char *but,
                        bool (*visit)(const char *folder, uint64_t *sum, struct err *err),
                        uint64_t *sum, struct err *err)
{
    char *root = path_join(models_dir, FOLDER);
    char hash[HASH_LENGTH + 1];
    DIR *dir = opendir(root);
    const struct dirent *at;
    bool ok = true;

    hash_source(source, hash);
    while (dir && (at = readdir(dir))) {
        const char *name = at->d_name + (at->d_name[0] == '.');
        char *folder = path_join(root, at->d_name);

        if (strncmp(name, hash, HASH_LENGTH) == 0 && (!but || strcmp(at->d_name, but) != 0))
            ok = visit(folder, sum, err) && ok;
        free(folder);
    }
    if (dir)
        closedir(dir);
    free(root);
    return ok;
}

static bool add_sizes(const char *folder, uint64_t *sum, struct err *err)
{
    static const char *const names[] = { MODEL, WEIGHTS, MANIFEST };

    (void)err;
    for (size_t i = 0; i < COUNT(names); i++) {
        char *path = path_join(folder, names[i]);

        *sum += file_size(path);
        free(path);
    }
    return true;
}

uint64_t prepared_size(const char *models_dir, const char *source)
{
    struct err why = { 0 };
    uint64_t sum = 0;

    return each_folder(models_dir, source, NULL, add_sizes, &sum, &why) ? sum : 0;
}

static bool lock_source(struct entry_lock *lock, const char *models_dir, const char *source,
                        struct cancel *cancel, struct err *err)
{
    char hash[HASH_LENGTH + 1];

    hash_source(source, hash);
    char *id = str_format("prepared-%s", hash);
    bool ok = entry_lock_begin(lock, models_dir, id, NULL, NULL, cancel, err);
    free(id);
    return ok;
}

bool prepared_remove(const char *models_dir, const char *source, uint64_t *freed, struct err *err)
{
    struct entry_lock lock;
    uint64_t sum = 0;

    if (prepared_size(models_dir, source) == 0)
        return true;
    if (!lock_source(&lock, models_dir, source, NULL, err))
        return false;
    bool ok = each_folder(models_dir, source, NULL, remove_folder, &sum, err);
    entry_lock_end(&lock);
    char *root = path_join(models_dir, FOLDER);
    rmdir(root); /* when it is empty */
    free(root);
    if (freed)
        *freed += sum;
    return ok;
}

static bool remove_unfinished(const char *folder, uint64_t *freed, struct err *err)
{
    return path_base(folder)[0] != '.' || remove_folder(folder, freed, err);
}

bool prepared_remove_unfinished(const char *models_dir, const char *source, struct err *err)
{
    struct entry_lock lock;
    uint64_t freed = 0;

    if (!lock_source(&lock, models_dir, source, NULL, err))
        return false;
    bool ok = each_folder(models_dir, source, NULL, remove_unfinished, &freed, err);
    entry_lock_end(&lock);
    return ok;
}

/* --- comparing --- */

/* "Hello, how are you today?" as Kokoro's ids. */
static const int64_t check_ids[] = { 0,   50,  83, 54, 156, 31, 3,  16, 50, 156, 39, 16, 69,
                                     158, 123, 16, 52, 63,  16, 62, 83, 46, 156, 24, 6,  0 };

/* The style of a real voice: with one that no voice has, the pitch is chaotic and the least bit of
 * rounding changes the sound. */
static bool load_style(const char *models_dir, const char *source, float out[STYLE_COLUMNS],
                       struct err *err)
{
    struct onnx_file *file = onnx_file_open(source, err);
    struct voice_list voices;

    if (!file)
        return false;
    voice_list_init(&voices);
    kokoro_voices_add_own(&voices, source, file);
    kokoro_voices_add_shared(&voices, models_dir);
    voice_list_finish(&voices, KOKORO_DEFAULT_VOICE);
    onnx_file_close(file);
    bool ok = voices.count > 0 ||
              err_set(err, ERR_UNAVAILABLE,
                      "Preparing %s takes a voice to try it with, and there is none. `parlando "
                      "models pull kokoro-voices` gets some.",
                      source);
    const struct voice *voice = ok ? voice_list_find(&voices, "kokoro", NULL, err) : NULL;
    if (voice)
        voice_style(voice, COUNT(check_ids) - 2, out);
    voice_list_release(&voices);
    return voice != NULL;
}

static bool speak_check(struct style_model *model, const float *style, struct style_speech *out,
                        struct cancel *cancel, struct err *err)
{
    const struct style_request request = { check_ids, COUNT(check_ids), style, 1.0 };

    return style_model_run(model, &request, out, cancel, err);
}

static double snr_db(const float *expected, const float *actual, size_t count)
{
    double signal = 0, noise = 0;

    for (size_t i = 0; i < count; i++) {
        double d = (double)actual[i] - (double)expected[i];

        signal += (double)expected[i] * (double)expected[i];
        noise += d * d;
    }
    return noise > 0 ? 10 * log10(signal / noise) : INFINITY;
}

static bool same_starts(const struct style_speech *a, const struct style_speech *b)
{
    if (!a->id_start || !b->id_start)
        return !a->id_start && !b->id_start;
    return memcmp(a->id_start, b->id_start, (COUNT(check_ids) + 1) * sizeof *a->id_start) == 0;
}

static bool compare(const struct style_speech *expected, const struct style_speech *actual,
                    struct err *err)
{
    if (actual->frames != expected->frames || !same_starts(expected, actual))
        return err_set(err, ERR_UNSUPPORTED,
                       "The prepared model speaks at another pace than its source.");
    double snr = snr_db(expected->samples, actual->samples, actual->frames);
    log_info("engine", "the prepared model differs from its source by %.1f dB", -snr);
    return snr >= SNR_LEAST_DB || /* NaN is not */
           err_set(err, ERR_UNSUPPORTED,
                   "The prepared model differs from its source: %.1f dB where %d are wanted.", snr,
                   SNR_LEAST_DB);
}

/* --- making --- */

struct making {
    const struct engine_config *config;
    const char *source;
    struct ort *ort;
    char *folder; /* where it is made; owned */
    float style[STYLE_COLUMNS];
    struct style_speech expected;
    struct cancel *cancel;
};

/* Writes the source with its constants folded, and lets that speak, as the prepared model will be
 * run: no prepacked weights, whose products are rounded otherwise. */
static bool simplify(struct making *making, struct err *err)
{
    char *path = path_join(making->folder, SIMPLE_MODEL);
    struct style_model *model =
        style_model_simplify(making->ort, making->source, path, SIMPLE_WEIGHTS, err);
    bool ok = model && load_style(making->config->models_dir, making->source, making->style, err);

    style_model_close(model);
    model = ok ? style_model_open_prepared(making->ort, path, 1, err) : NULL;
    ok = model && speak_check(model, making->style, &making->expected, making->cancel, err);
    style_model_close(model);
    free(path);
    return ok;
}

static bool check_result(const struct making *making, const char *path, struct err *err)
{
    struct style_model *model = style_model_open_prepared(making->ort, path, 1, err);
    struct style_speech actual = { 0 };

    bool ok = model && speak_check(model, making->style, &actual, making->cancel, err) &&
              compare(&making->expected, &actual, err);
    style_speech_release(&actual);
    style_model_close(model);
    return ok;
}

static bool fuse_and_save(const struct making *making, struct onnx_graph *graph, struct err *err)
{
    char *model = path_join(making->folder, MODEL), *weights = path_join(making->folder, WEIGHTS);
    struct fuse_counts counts;

    fuse_graph(graph, &counts);
    log_info("engine", "rewrote %zu convolutions (%zu with a sum) and %zu norms of %s",
             counts.convolutions, counts.residuals, counts.norms, making->source);
    bool ok = counts.convolutions > 0 ||
              err_set(err, ERR_UNSUPPORTED,
                      "%s has none of the patterns that are rewritten, so it is used as it is.",
                      making->source);
    ok = ok && onnx_graph_save_weights(graph, weights, err) && onnx_graph_save(graph, model, err) &&
         check_result(making, model, err);
    free(weights);
    free(model);
    return ok;
}

static bool rewrite(const struct making *making, struct err *err)
{
    char *simple = path_join(making->folder, SIMPLE_MODEL);
    char *simple_weights = path_join(making->folder, SIMPLE_WEIGHTS);
    struct file_map graph_map = { 0 }, weights_map = { 0 };
    struct onnx_graph *graph = NULL;

    if (file_map(&graph_map, simple, err) && file_map(&weights_map, simple_weights, err))
        graph = onnx_graph_read(graph_map.bytes, graph_map.length, weights_map.bytes,
                                weights_map.length, making->source, err);
    bool ok = graph && fuse_and_save(making, graph, err);
    onnx_graph_close(graph);
    file_unmap(&weights_map);
    file_unmap(&graph_map);
    unlink(simple);
    unlink(simple_weights);
    free(simple_weights);
    free(simple);
    return ok;
}

static bool write_manifest(const struct making *making, struct err *err)
{
    char *model = path_join(making->folder, MODEL), *weights = path_join(making->folder, WEIGHTS);
    char *path = path_join(making->folder, MANIFEST), *text = NULL;
    char digest[SHA256_HEX];
    bool ok = false;

    if (sha256_file(model, digest, NULL, err)) {
        json_t *manifest =
            json_pack("{s:s,s:s,s:I,s:s,s:i}", "source", making->source, "model_sha256", digest,
                      "weights_size", (json_int_t)file_size(weights), "runtime",
                      ort_version(making->ort), "version", FUSE_VERSION);
        text = manifest ? json_dumps(manifest, JSON_INDENT(2)) : NULL;
        json_decref(manifest);
        ok = text ? file_write(path, text, strlen(text), err)
                  : err_set(err, ERR_INVALID, "The name of %s is not UTF-8.", making->source);
    }
    free(text);
    free(path);
    free(weights);
    free(model);
    return ok;
}

static bool has_room(const char *root, const char *source, struct err *err)
{
    double needed = (double)file_size(source) * ROOM_FACTOR;
    struct statvfs info;

    if (statvfs(root, &info) != 0)
        return err_system(err, "look at", root);
    double free_bytes = (double)info.f_bavail * (double)info.f_frsize;
    return free_bytes >= needed ||
           err_set(err, ERR_DISK_FULL,
                   "Preparing %s needs %.0f MB of disk space for a while; %s has %.0f MB left.",
                   source, needed / 1e6, root, free_bytes / 1e6);
}

static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static bool make_in(struct making *making, const char *root, const char *entry, struct err *err)
{
    char *final = entry_path(making->config->models_dir, entry);
    uint64_t freed = 0;
    bool ok = false;

    making->folder = str_format("%s/.%s-XXXXXX", root, entry);
    if (!mkdtemp(making->folder)) {
        err_system(err, "make a folder in", root);
    } else if (simplify(making, err) && rewrite(making, err) && write_manifest(making, err) &&
               each_folder(making->config->models_dir, making->source, path_base(making->folder),
                           remove_folder, &freed, err)) {
        ok = (chmod(making->folder, 0755) == 0 && rename(making->folder, final) == 0) ||
             err_system(err, "rename", making->folder);
        sync_folder(root);
    }
    if (!ok) {
        struct err ignored = { 0 };

        if (!remove_folder(making->folder, &freed, &ignored))
            log_debug("engine", "%s", ignored.message);
    }
    free(final);
    return ok;
}

/* Under the lock. */
static bool make_entry(struct making *making, const char *entry, struct err *err)
{
    char *root = path_join(making->config->models_dir, FOLDER);
    char *present = entry_path(making->config->models_dir, entry);
    struct err why = { 0 };

    bool ok = is_whole(present, &why);
    if (!ok)
        ok = directory_create(root, err) && has_room(root, making->source, err) &&
             make_in(making, root, entry, err);
    if (!ok)
        rmdir(root); /* when it is empty */
    free(present);
    free(root);
    return ok;
}

bool prepared_make(const struct engine_config *config, const struct installed_model *model,
                   struct cancel *cancel, struct err *err)
{
    struct making making = { .config = config, .source = model->path, .cancel = cancel };
    struct entry_lock lock;
    char *entry = NULL;
    bool ok = false;

    if (!prepared_is_for(model))
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is used as it is: only Kokoro models of 32-bit floats are prepared.",
                       model->name);
    making.ort = ort_open(config->onnxruntime, err);
    if (!making.ort)
        return false;
    entry = entry_name(model->path, ort_version(making.ort));
    if (!entry) {
        err_system(err, "look at", model->path);
    } else if (lock_source(&lock, config->models_dir, model->path, cancel, err)) {
        ok = make_entry(&making, entry, err);
        entry_lock_end(&lock);
    }
    style_speech_release(&making.expected);
    free(making.folder);
    free(entry);
    ort_close(making.ort);
    return ok;
}
