#pragma once

/* How many threads compute fastest: more than one a physical core, or than a container's share of
 * the machine, makes inference several times slower. */

/* Physical cores this process may use, at least 1. */
int cores_count(void);
