#pragma once

/*
 * Narrating what is in the store: the rules of starting, and the unit of work of
 * one segment. A segment is spoken into a staged file, stored with its project in
 * one transaction, and put into its place; at any moment a listener finds the old
 * recording or the new one, whole.
 *
 * Lanes take turns at a turnstile (turnstile.h) chunk by chunk, and live speech
 * goes first at the next: no more chunks are computed at once than it has places.
 *
 * Voice, speed and engine are those of the settings when the job was started; the
 * text is the segment's when the unit runs. Any thread may call anything here but
 * create, destroy and attach.
 */

#include "base/turnstile.h"
#include "jobs/jobs.h"
#include "store/segments.h"
#include "studio/engines.h"
#include "studio/media.h"

#define NARRATOR_UNIT "segment" /* the kind of its units; their subject is a segment's id */

struct narrator;

struct narrator_options {
    struct store *store;
    struct media *media;
    struct engines *engines;
    struct turnstile *turnstile; /* NULL: none */
    const char *engine;          /* the configured one: "auto" or a name */
    const char *lexicon;         /* a file, or NULL */
};

/* options are copied, what they point to is borrowed. */
struct narrator *narrator_create(const struct narrator_options *options);
void narrator_destroy(struct narrator *narrator); /* accepts NULL; no unit may be running */

/* The row for jobs_create. */
struct unit_kind narrator_unit_kind(struct narrator *narrator);

/* Where narrator_start_... start their jobs: to be called before anyone calls these. Units need no
 * jobs, and may run before. */
void narrator_attach(struct narrator *narrator, struct jobs *jobs);

/* The engine that narrates now, "auto" or a name: the settings', or the configured one where these
 * leave it open. */
bool narrator_engine(struct narrator *narrator, struct arena *arena, const char **name,
                     struct err *err);

struct narrator_task {
    const char *id;
    enum job_state state; /* of a job that was there already, else JOB_QUEUED */

    /* The segments of the project (or the one), and what became of each. */
    int64_t total_segments, segments_to_process, skipped_locked, skipped_ready, skipped_empty,
        skipped_running;
};

/* ERR_INVALID without text, ERR_CONFLICT when locked, ERR_UNAVAILABLE when the engine asked for is
 * not there; the messages are SPEC 4's. A second call while one runs gives the same task. */
bool narrator_start_segment(struct narrator *narrator, struct arena *arena, const char *segment_id,
                            struct narrator_task *out, struct err *err);

/* In the order of the segments; left out are those without text, those under way, those with fresh
 * audio unless is_forced, and locked ones with skip_locked (without it they are
 * spoken anew, and stay locked). out->id is NULL when there is nothing to do. */
bool narrator_start_project(struct narrator *narrator, struct arena *arena, const char *project_id,
                            bool skip_locked, bool is_forced, struct narrator_task *out,
                            struct err *err);
