#pragma once

/*
 * The Range header for bytes (RFC 9110, section 14): which pieces of a file were
 * asked for. Pure functions.
 */

#include <stddef.h>
#include <stdint.h>

#define RANGES_MAX 16

struct range {
    uint64_t first, last; /* bytes, both included; first <= last < size */
};

struct ranges {
    size_t count;
    struct range items[RANGES_MAX]; /* in the order asked for; none overlaps or is near another */
};

enum range_answer {
    RANGE_WHOLE,         /* 200: nothing was asked for, or nothing we have to understand */
    RANGE_PARTIAL,       /* 206: out has one range or more */
    RANGE_UNSATISFIABLE, /* 416: all of it lies behind the end */
};

/* header may be NULL. A header with another unit, bad syntax or more than RANGES_MAX ranges is ignored,
 * as the RFC allows for what a broken or hostile client sends. */
enum range_answer range_parse(const char *header, uint64_t size, struct ranges *out);
