#include "cmd/models_prepare_apart.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "engine/prepared.h"

#define PROGRAM "/proc/self/exe" /* also where the file was replaced meanwhile */
#define COMPLAINT_MAX 600

/* What the process wrote, which is one message. */
static bool complain(int complaints_fd, struct err *err)
{
    static const char prefix[] = "parlando models: ";
    char text[COMPLAINT_MAX];
    ssize_t length = pread(complaints_fd, text, sizeof text - 1, 0);

    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    const char *message = text + (strncmp(text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0);
    return err_set(err, ERR_INTERNAL, "%s", *message ? message : "It ended without a word.");
}

static bool prepare(char *const argv[], struct cancel *cancel, struct err *err)
{
    struct process process = { .argv = argv, .end_signal = SIGKILL };
    int exit_code;

    process.complaints_fd = memfd_create("complaints", MFD_CLOEXEC);
    if (process.complaints_fd < 0)
        return err_system(err, "make room for", "what a process complains of");
    bool ok = process_run(&process, &exit_code, cancel, err) &&
              (exit_code == 0 || complain(process.complaints_fd, err));
    close(process.complaints_fd);
    return ok;
}

bool models_prepare_apart(const struct config *config, const struct installed_model *model,
                          struct cancel *cancel, struct err *err)
{
    char *onnxruntime =
        config->onnxruntime ? str_format("--onnxruntime=%s", config->onnxruntime) : NULL;
    char *models = str_format("--models=%s", config->models);
    char *argv[] = { PROGRAM, "models",    "prepare",   "--quiet", "--log-level=error",
                     models,  model->path, onnxruntime, NULL };
    struct err why = { 0 };

    bool ok = prepare(argv, cancel, err);
    if (!ok && !prepared_remove_unfinished(config->models, model->path, &why))
        log_warning("models", "%s", why.message);
    free(models);
    free(onnxruntime);
    return ok;
}
