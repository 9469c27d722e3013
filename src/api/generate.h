#pragma once

/* Starting to speak: one segment, or all of a project. What is started is a task (tasks.h). */

#include "api/shape.h"
#include "http/route.h"

extern const struct shape segment_task_shape, project_task_shape, nothing_to_do_shape,
    generate_all_body_shape;

extern const struct route generate_routes[2];

struct arena;
struct narrator_task;

/* "Bulk audio generation started (2 segments skipped: locked)". */
const char *generate_all_message(struct arena *arena, const struct narrator_task *task);
