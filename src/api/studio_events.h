#pragma once

/*
 * GET /api/events/: one stream that tells a page of everything that changes. Its
 * state has the tasks, the models on their way and, of the projects changed last
 * and of everything else, revisions, so that a page sees what of all it shows is
 * outdated, whoever changed it.
 *
 * A state is rendered once a change, however many streams there are: the first
 * that asks renders it, the others take what it made.
 */

#include "api/shape.h"
#include "http/route.h"

struct api;
struct studio_events;

extern const struct shape studio_state_shape, project_revision_shape;

extern const struct route studio_event_routes[1];

/* api is borrowed, and filled before the server listens. */
struct studio_events *studio_events_create(const struct api *api);
void studio_events_destroy(struct studio_events *studio); /* accepts NULL; the server is gone */

/* Something that the state shows has changed. Any thread; returns at once. */
void studio_events_changed(struct studio_events *studio);

/* Did a request that was answered like this change anything? */
bool studio_events_is_change(const struct route *route, const char *method, int status);
