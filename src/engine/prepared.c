#include "engine/prepared.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sha256.h"
#include "engine/cores.h"
#include "engine/kokoro_voices.h"
#include "engine/ort.h"
#include "engine/style_model.h"
#include "models/lock.h"
#include "nn/packing.h"

#define FOLDER ".prepared"
#define WEIGHTS "weights.packed"
#define TURBO "turbo.packed"

#define HASH_LENGTH 16 /* hex digits */

/* Of the same sentence by both. Kokoro's source adds up phases in single precision, where the last bit
 * of a pitch decides how a sum of hundreds of turns is rounded: ONNX Runtime at two levels of
 * optimisation differs from itself by 18 to 42 dB, and sounds the same. A kernel that computes something
 * else is nowhere near. */
#define SNR_LEAST_DB 15

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
static char *entry_name(const char *source)
{
    char source_hash[HASH_LENGTH + 1], state_hash[HASH_LENGTH + 1];
    struct stat info;

    if (stat(source, &info) != 0)
        return NULL;
    char *state = str_format("%lld %lld.%09ld %d", (long long)info.st_size,
                             (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, PACKING_VERSION);
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

static char *weights_path(const char *folder)
{
    return path_join(folder, WEIGHTS);
}

char *prepared_find(const char *models_dir, const char *source)
{
    char *entry = entry_name(source);
    char *folder = entry ? entry_path(models_dir, entry) : NULL;
    char *found = folder ? weights_path(folder) : NULL;

    if (found && !file_is_regular(found)) {
        free(found);
        found = NULL;
    }
    free(folder);
    free(entry);
    return found;
}

char *prepared_turbo(const char *weights)
{
    return str_format("%.*s" TURBO, (int)(path_base(weights) - weights), weights);
}

bool prepared_exists(const char *models_dir, const char *source)
{
    char *found = prepared_find(models_dir, source);

    free(found);
    return found != NULL;
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

/* Of all files: a killed preparation leaves one under a name of its own, and former versions kept
 * others. */
static bool add_sizes(const char *folder, uint64_t *sum, struct err *err)
{
    DIR *dir = opendir(folder);
    const struct dirent *at;

    (void)err;
    while (dir && (at = readdir(dir))) {
        char *path = path_join(folder, at->d_name);

        *sum += file_size(path);
        free(path);
    }
    if (dir)
        closedir(dir);
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
                       "Our own engine speaks at another pace than ONNX Runtime with this model.");
    double snr = snr_db(expected->samples, actual->samples, actual->frames);
    log_info("engine", "our own engine differs from ONNX Runtime by %.1f dB", -snr);
    return snr >= SNR_LEAST_DB || /* NaN is not */
           err_set(err, ERR_UNSUPPORTED,
                   "Our own engine differs from ONNX Runtime with this model: %.1f dB where "
                   "%d are wanted.",
                   snr, SNR_LEAST_DB);
}

/* --- making --- */

struct making {
    const struct engine_config *config;
    const char *source;
    struct ort *ort;
    char *folder; /* where it is made; owned */
    float style[STYLE_COLUMNS];
    struct cancel *cancel;
};

static bool speak_native(const struct making *making, struct style_speech *out, struct err *err)
{
    char *weights = weights_path(making->folder);
    struct style_model *model =
        style_model_open_native(making->source, weights, NULL, cores_count(), err);

    bool ok = model && cancel_check(making->cancel, err) &&
              speak_check(model, making->style, out, making->cancel, err);
    style_model_close(model);
    free(weights);
    return ok;
}

static bool speak_reference(const struct making *making, struct style_speech *out, struct err *err)
{
    struct style_model *model = style_model_open(making->ort, making->source, cores_count(), err);
    bool ok = model && speak_check(model, making->style, out, making->cancel, err);

    style_model_close(model);
    return ok;
}

/* Packs the weights, and speaks with them and without. */
static bool make_weights(struct making *making, struct err *err)
{
    struct style_speech expected = { 0 }, actual = { 0 };

    bool ok = load_style(making->config->models_dir, making->source, making->style, err) &&
              speak_native(making, &actual, err) && speak_reference(making, &expected, err) &&
              compare(&expected, &actual, err);
    style_speech_release(&expected);
    style_speech_release(&actual);
    return ok;
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
    } else if (make_weights(making, err) &&
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
    char *present = prepared_find(making->config->models_dir, making->source);

    bool ok = present || (directory_create(root, err) && make_in(making, root, entry, err));
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
    entry = entry_name(model->path);
    if (!entry) {
        err_system(err, "look at", model->path);
    } else if (lock_source(&lock, config->models_dir, model->path, cancel, err)) {
        ok = make_entry(&making, entry, err);
        entry_lock_end(&lock);
    }
    free(making.folder);
    free(entry);
    ort_close(making.ort);
    return ok;
}
