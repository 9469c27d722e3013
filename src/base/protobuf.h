#pragma once

/*
 * The wire format of Protocol Buffers, field by field, over bytes in memory
 * (https://protobuf.dev/programming-guides/encoding/), for messages too big to
 * unpack. Every length is checked against what is left. Groups, which nobody
 * has written for long, are refused.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message, a string or packed numbers, or what is left of it. Borrowed. */
struct protobuf {
    const uint8_t *at, *end; /* both NULL: nothing */
};

enum protobuf_type {
    PROTOBUF_VARINT = 0,
    PROTOBUF_FIXED64 = 1,
    PROTOBUF_BYTES = 2,
    PROTOBUF_FIXED32 = 5
};

struct protobuf_field {
    uint32_t number;
    enum protobuf_type type;
    uint64_t value;       /* a varint's; 0 for the others */
    struct protobuf part; /* the bytes of the others; empty for a varint */
};

/* The next field of message, which moves on; false at its end, and at broken bytes, where *broken is
 * set. */
bool protobuf_next(struct protobuf *message, struct protobuf_field *field, bool *broken);

/* The next of packed varints; false at broken bytes and at the end. */
bool protobuf_varint(struct protobuf *packed, uint64_t *out);

static inline size_t protobuf_length(struct protobuf part)
{
    return (size_t)(part.end - part.at);
}

bool protobuf_is_text(struct protobuf part, const char *text);
