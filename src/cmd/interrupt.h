#pragma once

/*
 * Ctrl-C, SIGTERM and SIGHUP become a cancel request, so that work ends in
 * order: temporary files go, finished pieces stay. A second signal ends the
 * process at once. SIGPIPE is ignored; writes report it. A signal that was ignored
 * when the program started (nohup) stays so.
 *
 * begin must be called before any other thread is started.
 */

#include "base/cancel.h"

bool interrupt_begin(struct cancel *cancel, struct err *err) MUST_CHECK;
void interrupt_end(void);
