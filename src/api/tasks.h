#pragma once

/*
 * Generating audio and watching it: starting a task for a segment or a project,
 * its status (polled or as events), cancelling, pausing, resuming, retrying.
 *
 * A task is a job of the queue. Its clients know four states and stop asking at
 * COMPLETED or FAILED, so a paused job is PROCESSING with "paused", a cancelled
 * one COMPLETED with "cancelled", and a task of one segment that failed is
 * FAILED, whatever the job thinks of itself.
 */

#include "api/api.h"
#include "api/shape.h"
#include "http/events.h"

extern const struct shape task_shape, task_summary_shape, task_progress_shape, task_segment_shape,
    task_error_shape;

extern const struct route task_routes[7];

enum task_status { TASK_PENDING, TASK_PROCESSING, TASK_COMPLETED, TASK_FAILED };

extern const char *const task_status_names[]; /* ends with NULL */

/* How clients see a job, and one that is in a state with nothing failed yet. */
enum task_status task_status_of(const struct job *job);
enum task_status task_status_of_state(enum job_state state);

/* What GET /api/tasks/ lists: structs of task_summary_shape, in the arena. */
bool task_list(const struct api *api, struct arena *arena, struct list_items *out, struct err *err);

/* What GET /api/tasks/{id}/events streams; its topics are task ids. api outlives the server. */
struct event_source task_event_source(struct api *api);
