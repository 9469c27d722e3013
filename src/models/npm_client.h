#pragma once

/* The npm client as a downloader: `npm pack`, which runs no scripts and installs nothing. */

#include "base/cancel.h"

/* Has npm put the tarball of package@version into the folder, which must be empty, and gives its
 * path (the caller's). npm is the program, looked for in PATH. Blocks until npm ends; cancelling
 * ends it. ERR_UNAVAILABLE: there is no npm; ERR_NETWORK: npm failed, with its words. */
bool npm_pack(const char *npm, const char *package, const char *folder, char **tarball,
              struct cancel *cancel, struct err *err) MUST_CHECK;
