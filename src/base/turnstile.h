#pragma once

/*
 * Who may compute now: places for a few threads at a time, given to urgent ones
 * first and within a rank in order of arrival. A thread holds a place for one
 * short step (one chunk of speech), so whoever is urgent waits for the rest of
 * one step at most.
 *
 * Urgent threads are not allowed to starve the others: after
 * TURNSTILE_URGENT_RUN urgent ones in a row while others wait, one of these goes.
 *
 * Any thread may call enter and leave.
 */

#include "base/cancel.h"

#define TURNSTILE_URGENT_RUN 16

struct turnstile;

struct turnstile *turnstile_create(int places);      /* 1 or more */
void turnstile_destroy(struct turnstile *turnstile); /* accepts NULL; nobody may be inside */
int turnstile_places(const struct turnstile *turnstile);
size_t turnstile_waiting(struct turnstile *turnstile); /* threads, now */

/* Waits for a place. False with ERR_CANCELLED, and then without one. A NULL turnstile lets everyone
 * pass at once. */
bool turnstile_enter(struct turnstile *turnstile, bool is_urgent, struct cancel *cancel,
                     struct err *err) MUST_CHECK;
void turnstile_leave(struct turnstile *turnstile);
