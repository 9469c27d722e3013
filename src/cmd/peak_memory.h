#pragma once

/* The most memory this process has had resident, in MB; 0 where the system does not tell. */
double peak_memory_mb(void);

/* Counts from what is resident now. Where the system does not let us, the most of all time stays. */
void peak_memory_restart(void);
