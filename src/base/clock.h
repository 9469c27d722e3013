#pragma once

/* Durations come from here: seconds on a clock that never jumps. */

double clock_seconds(void);
