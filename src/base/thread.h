#pragma once

/* What POSIX threads leave to be said on top: starting without signals, waiting by the monotonic
 * clock, and priority. */

#include <pthread.h>
#include <stdbool.h>

/* As pthread_create, with all signals blocked in the new thread: they are the main program's. 0, or the
 * error's number. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* A condition for cond_wait_until. */
void cond_init(pthread_cond_t *cond);

/* As pthread_cond_wait, but not beyond deadline_s of clock_seconds (INFINITY: no limit). False when
 * that has passed. */
bool cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, double deadline_s);

/* Adds to the calling thread's niceness (Linux: a thread has its own), which the threads it starts
 * inherit. 0 or less changes nothing. */
void thread_lower_priority(int niceness);
