#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "jobs/jobs_internal.h"

#define RETRY_FIRST_MS 1000
#define RETRY_FACTOR 4
#define JITTER 0.25 /* of the delay, either way: units that failed together come back apart */

bool outcome_may_pass(const struct err *err)
{
    return err->kind == ERR_IO || err->kind == ERR_DISK_FULL || err->kind == ERR_UNAVAILABLE ||
           err->kind == ERR_BUSY;
}

/* The error names something that all units of the job have in common. */
static bool concerns_job(const struct unit_kind *kind, const struct err *err)
{
    for (const char *const *param = kind ? kind->job_params : NULL; param && *param; param++)
        if (strcmp(err->param, *param) == 0)
            return true;
    return !kind;
}

static int64_t retry_delay_ms(int64_t attempt)
{
    double delay_ms = RETRY_FIRST_MS;
    uint16_t random = UINT16_MAX / 2;

    for (int64_t i = 1; i < attempt && i < JOB_ATTEMPTS_MAX; i++)
        delay_ms *= RETRY_FACTOR;
    /* Without random numbers, which the kernel gives at once but for its first seconds, the middle
     * does. */
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = UINT16_MAX / 2;
    return (int64_t)(delay_ms * (1 - JITTER + 2 * JITTER * random / UINT16_MAX));
}

static void decide_failure(const struct unit_kind *kind, const struct unit *unit,
                           const struct err *err, int64_t now_ms, struct unit_end *end,
                           bool *fails_job)
{
    bool is_last = unit->attempt >= JOB_ATTEMPTS_MAX;

    *fails_job = concerns_job(kind, err);
    end->error = err->message;
    if (!*fails_job && outcome_may_pass(err) && !is_last) {
        end->state = UNIT_QUEUED;
        end->not_before = now_ms + retry_delay_ms(unit->attempt);
        return;
    }
    end->state = UNIT_FAILED;
    *fails_job = *fails_job || err->kind == ERR_DISK_FULL;
}

void outcome_decide(const struct unit_kind *kind, const struct unit *unit, enum stop_reason stop,
                    bool ok, const struct err *err, int64_t now_ms, struct unit_end *end,
                    bool *fails_job)
{
    bool is_cancelled = !ok && err->kind == ERR_CANCELLED;

    *fails_job = false;
    if (ok && stop != STOP_SUBJECT)
        return; /* it was done before it could be stopped */
    if (stop >= STOP_SUBJECT || (is_cancelled && stop == STOP_NONE)) {
        end->state = UNIT_CANCELLED;
    } else if (is_cancelled) {
        end->state = UNIT_QUEUED;
        end->is_attempt_free = true;
    } else {
        decide_failure(kind, unit, err, now_ms, end, fails_job);
    }
}
