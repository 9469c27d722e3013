#pragma once

/*
 * The HTTP API: one file a resource, each a table of routes. A handler parses,
 * calls one function of the studio or the store, and writes the answer. What a
 * resource looks like is a table of fields (shape.h) that reads bodies, writes
 * answers and documents itself in /openapi.json.
 */

#include "api/speech_wish.h"
#include "http/events.h"
#include "http/route.h"
#include "http/server.h"
#include "jobs/jobs.h"
#include "store/store.h"
#include "studio/history.h"
#include "studio/live_speech.h"
#include "studio/media.h"
#include "studio/model_shelf.h"
#include "studio/narrator.h"

/* What handlers work with: request_context(). Everything is borrowed and thread-safe. */
struct api {
    struct store *store;
    struct media *media;
    struct jobs *jobs;
    struct engines *engines;
    struct narrator *narrator;
    struct live_speech *live;
    struct speech_settings speech;
    struct transcriber *transcriber;
    struct model_shelf *shelf;
    struct history *history;
    struct project_cache *projects; /* rendered projects, see project_cache.h */
    struct metrics *metrics;
    const struct page_files *page; /* what / and its files are */
    struct studio_events *studio;
    struct server *server; /* set before it listens */
    struct event_source task_events;
    struct shared_bytes *openapi; /* rendered once */
};

/* What looks at answers: counts them, and tells event streams of what changed. */
struct server_watch api_watch(struct api *api);

/* A job has changed, or (NULL) any may have: tells who watches it, or everything. Any thread; returns
 * at once. */
void api_job_changed(struct api *api, const char *job_id);

/* Something that every page shows has changed, by no request. Any thread; returns at once. */
void api_studio_changed(struct api *api);

/* All tables and faces, for the server. */
extern const struct route_table api_tables[];
extern const size_t api_table_count;
extern const struct face api_faces[];
extern const size_t api_face_count;
