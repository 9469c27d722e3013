#pragma once

/*
 * What is counted, and GET /metrics, which shows it in Prometheus' text format
 * (version 0.0.4) together with what other parts know: connections, queue, audio,
 * process.
 *
 * Counters are atomics in a table made at the start: one series for each route
 * (HEAD apart) and one for paths that are no route. Counting waits for nobody.
 */

#include "http/server.h"
#include "jobs/jobs.h"

struct metrics;

/* The tables are borrowed. */
struct metrics *metrics_create(const struct route_table *tables, size_t count);
void metrics_destroy(struct metrics *metrics); /* accepts NULL */

struct server_watch metrics_watch(struct metrics *metrics);

/* The same kind of unit, whose audio is counted as units end. inner is borrowed. */
struct unit_kind metrics_counted_kind(struct metrics *metrics, const struct unit_kind *inner);

/* Speech for somebody who listens: how many are under way, how they ended, and what they heard. */
enum speech_end { SPEECH_DONE, SPEECH_FAILED, SPEECH_CANCELLED };
void metrics_speech_began(struct metrics *metrics);
void metrics_speech_ended(struct metrics *metrics, enum speech_end end, double seconds);

/* Appends what metrics counts by itself, without asking other parts. */
void metrics_write(const struct metrics *metrics, struct buf *out);

extern const struct route metrics_routes[1];
