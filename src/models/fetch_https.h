#pragma once

/*
 * Downloads over HTTPS with libcurl (7.85 or newer, whose global set-up is safe
 * in threads): resumed where an earlier try ended, redirects followed, nothing
 * but https spoken (http only to and from 127.0.0.1, for tests), no endless
 * waits. The proxy variables that curl knows are honoured.
 */

#include "models/part.h"
#include "models/transfer.h"

/* Fills the part from the url; what came before a failure stays in it. ERR_NETWORK, ERR_NOT_FOUND,
 * ERR_CORRUPT (the server has another file there), ERR_DISK_FULL, ERR_IO or ERR_CANCELLED. */
bool fetch_https(const char *url, struct part *part, const struct transfer *transfer,
                 struct err *err) MUST_CHECK;
