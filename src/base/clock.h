#pragma once

/* Durations come from clock_seconds: it never jumps. Moments are milliseconds since 1970, UTC. */

#include <stddef.h>
#include <stdint.h>

double clock_seconds(void);
int64_t clock_now_ms(void);

#define CLOCK_TEXT_SIZE 25

/* "2026-11-21T13:04:05.678Z" (RFC 3339). */
void clock_format(int64_t moment_ms, char out[CLOCK_TEXT_SIZE]);

/* A source of moments, so that a test can set them. now_ms may be called by any thread. */
struct clock {
    int64_t (*now_ms)(void *state);
    void *state;
};

extern const struct clock clock_system;
