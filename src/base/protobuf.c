#include "base/protobuf.h"

#include <string.h>

bool protobuf_varint(struct protobuf *packed, uint64_t *out)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && packed->at < packed->end; shift += 7) {
        uint8_t byte = *packed->at++;

        value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) {
            *out = value;
            return true;
        }
    }
    return false;
}

static bool take(struct protobuf *message, uint64_t length, struct protobuf *part)
{
    if (length > protobuf_length(*message))
        return false;
    part->at = message->at;
    message->at += length;
    part->end = message->at;
    return true;
}

static bool read_value(struct protobuf *message, struct protobuf_field *field)
{
    uint64_t length;

    switch (field->type) {
    case PROTOBUF_VARINT:
        return protobuf_varint(message, &field->value);
    case PROTOBUF_FIXED64:
        return take(message, 8, &field->part);
    case PROTOBUF_BYTES:
        return protobuf_varint(message, &length) && take(message, length, &field->part);
    case PROTOBUF_FIXED32:
        return take(message, 4, &field->part);
    }
    return false; /* a group, or what no version has */
}

bool protobuf_next(struct protobuf *message, struct protobuf_field *field, bool *broken)
{
    uint64_t tag;

    *field = (struct protobuf_field){ 0 };
    if (message->at == message->end)
        return false;
    if (protobuf_varint(message, &tag) && tag >> 3 > 0 && tag >> 3 <= UINT32_MAX) {
        field->number = (uint32_t)(tag >> 3);
        field->type = (enum protobuf_type)(tag & 7);
        if (read_value(message, field))
            return true;
    }
    *broken = true;
    return false;
}

bool protobuf_is_text(struct protobuf part, const char *text)
{
    size_t length = strlen(text);

    return protobuf_length(part) == length && (length == 0 || memcmp(part.at, text, length) == 0);
}
