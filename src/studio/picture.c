/*
 * Headers of pictures, by their specifications:
 *
 *   PNG   W3C "Portable Network Graphics (PNG) Specification (Third Edition)", 5 and 11.2.1
 *   JPEG  ITU-T T.81, annex B (markers, frame header B.2.2, scan header B.2.3)
 *   WebP  RFC 9649 (container and lossless header), RFC 6386 9.1 (VP8 key frame)
 *
 * A decoder would say more about a picture, but it is a browser's decoder that
 * matters, and each of ours would be one more parser of strangers' bytes.
 */
#include "studio/picture.h"

#include <string.h>

#include "base/file.h"

static const struct {
    const char *name, *extension, *media_type;
} formats[] = {
    [PICTURE_PNG] = { "PNG", "png", "image/png" },
    [PICTURE_JPEG] = { "JPEG", "jpg", "image/jpeg" },
    [PICTURE_WEBP] = { "WebP", "webp", "image/webp" },
};

const char *picture_extension(enum picture_format format)
{
    return formats[format].extension;
}

const char *picture_media_type(enum picture_format format)
{
    return formats[format].media_type;
}

/* --- bytes --- */

struct cursor {
    const uint8_t *at, *end;
};

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* The next count bytes; NULL when there are fewer. */
static const uint8_t *take(struct cursor *c, size_t count)
{
    const uint8_t *bytes = c->at;

    if (count > left(c))
        return NULL;
    c->at += count;
    return bytes;
}

static uint32_t big16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t big32(const uint8_t *p)
{
    return big16(p) << 16 | big16(p + 2);
}

static uint32_t little16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t little24(const uint8_t *p)
{
    return little16(p) | (uint32_t)p[2] << 16;
}

static uint32_t little32(const uint8_t *p)
{
    return little24(p) | (uint32_t)p[3] << 24;
}

static bool cut_off(const char *format, struct err *err)
{
    return err_set(err, ERR_CORRUPT,
                   "The picture is cut off: it begins as a %s and does not end as one. Save or "
                   "send it again.",
                   format);
}

static bool damaged(const char *format, const char *what, struct err *err)
{
    return err_set(err, ERR_CORRUPT, "The picture is a damaged %s: %s. Save it again.", format,
                   what);
}

static bool set_size(struct picture *out, uint32_t width, uint32_t height, struct err *err)
{
    if (width == 0 || height == 0)
        return damaged(formats[out->format].name, "it has no width or no height", err);
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX)
        return err_set(err, ERR_TOO_LARGE,
                       "The picture is %u x %u pixels; %d on a side are allowed. Scale it down.",
                       width, height, PICTURE_SIDE_MAX);
    out->width = (int)width;
    out->height = (int)height;
    return true;
}

/* --- PNG --- */

#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define PNG_CHUNK_MAX 0x7fffffffu /* 5.3: lengths have 31 bits */

/* 11.2.1: the bit depths a colour type may have, all of them powers of two, added up. */
static const uint8_t png_depths[] = {
    [0] = 1 | 2 | 4 | 8 | 16, [2] = 8 | 16, [3] = 1 | 2 | 4 | 8, [4] = 8 | 16, [6] = 8 | 16
};

static bool is_png_header(const uint8_t *header)
{
    uint8_t depth = header[8], colour = header[9];
    bool is_one_depth = depth != 0 && (depth & (depth - 1)) == 0;

    return colour < sizeof png_depths && is_one_depth && (png_depths[colour] & depth) &&
           header[10] == 0 && header[11] == 0 && header[12] <= 1;
}

static bool is_chunk_name(const uint8_t *name)
{
    for (int i = 0; i < 4; i++)
        if (!((name[i] | 0x20) >= 'a' && (name[i] | 0x20) <= 'z'))
            return false;
    return true;
}

static bool read_png(struct cursor *c, struct picture *out, struct err *err)
{
    bool has_data = false;

    take(c, strlen(PNG_SIGNATURE));
    for (bool is_first = true;; is_first = false) {
        const uint8_t *head = take(c, 8);

        if (!head)
            return cut_off("PNG", err);
        uint32_t length = big32(head);
        const uint8_t *name = head + 4;

        if (length > PNG_CHUNK_MAX || !is_chunk_name(name))
            return damaged("PNG", "a part of it is none", err);
        const uint8_t *body = take(c, (size_t)length + 4); /* and a checksum */
        if (!body)
            return cut_off("PNG", err);
        if (is_first != (memcmp(name, "IHDR", 4) == 0))
            return damaged("PNG", "its header is not at its beginning", err);
        if (is_first && (length != 13 || !is_png_header(body)))
            return damaged("PNG", "its header makes no sense", err);
        if (is_first && !set_size(out, big32(body), big32(body + 4), err))
            return false;
        has_data |= length > 0 && memcmp(name, "IDAT", 4) == 0;
        if (memcmp(name, "IEND", 4) == 0)
            return has_data || damaged("PNG", "there is no picture in it", err);
    }
}

/* --- JPEG --- */

enum jpeg_marker { /* T.81, table B.1; the second byte, after 0xFF */
                   JPEG_STUFFING = 0x00,
                   JPEG_TEM = 0x01,
                   JPEG_SOF0 = 0xC0, /* baseline */
                   JPEG_SOF2 = 0xC2, /* progressive; SOF1 between them is extended sequential */
                   JPEG_DHT = 0xC4,
                   JPEG_JPG = 0xC8,
                   JPEG_DAC = 0xCC,
                   JPEG_SOF15 = 0xCF,
                   JPEG_RST0 = 0xD0,
                   JPEG_RST7 = 0xD7,
                   JPEG_SOI = 0xD8,
                   JPEG_EOI = 0xD9,
                   JPEG_SOS = 0xDA,
                   JPEG_FILL = 0xFF,
};

static bool is_frame_header(int marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT &&
           marker != JPEG_JPG && marker != JPEG_DAC;
}

/* A marker may stand behind any number of fill bytes. -1 when what follows is none or nothing. */
static int take_marker(struct cursor *c)
{
    const uint8_t *byte = take(c, 1);

    if (!byte || *byte != JPEG_FILL)
        return -1;
    while ((byte = take(c, 1)) && *byte == JPEG_FILL)
        ;
    return byte ? *byte : -1;
}

/* Stops before the marker that ends the coded data: not a stuffed 0xFF, not a restart. */
static void skip_coded_data(struct cursor *c)
{
    while (left(c) >= 2) {
        const uint8_t *mark = memchr(c->at, JPEG_FILL, left(c) - 1);

        if (!mark) {
            c->at = c->end;
            return;
        }
        c->at = mark;
        if (mark[1] != JPEG_STUFFING && !(mark[1] >= JPEG_RST0 && mark[1] <= JPEG_RST7))
            return;
        c->at += 2;
    }
}

/* Browsers show what libjpeg shows: Huffman coding, 8 bits, 1, 3 or 4 components. */
static bool read_frame_header(const uint8_t *body, size_t length, int marker, struct picture *out,
                              struct err *err)
{
    if (out->width != 0)
        return damaged("JPEG", "it has two frames", err);
    if (length < 6 || length != 6 + 3 * (size_t)body[5])
        return damaged("JPEG", "its header makes no sense", err);
    int components = body[5];

    if (marker > JPEG_SOF2 || body[0] != 8 ||
        !(components == 1 || components == 3 || components == 4))
        return err_set(err, ERR_UNSUPPORTED,
                       "The picture is a kind of JPEG that browsers do not show (lossless, "
                       "arithmetic or of more than 8 bits). Save it as a usual one.");
    return set_size(out, big16(body + 3), big16(body + 1), err);
}

static bool read_jpeg(struct cursor *c, struct picture *out, struct err *err)
{
    bool has_scan = false;

    take(c, 2); /* SOI */
    for (;;) {
        int marker = take_marker(c);

        if (marker < 0 && left(c) == 0)
            return cut_off("JPEG", err);
        if (marker == JPEG_EOI)
            return has_scan || damaged("JPEG", "there is no picture in it", err);
        if (marker <= JPEG_TEM || (marker >= JPEG_RST0 && marker <= JPEG_SOI))
            return damaged("JPEG", "a part of it is none", err);

        const uint8_t *size = take(c, 2);
        size_t length = size ? big16(size) : 0;
        const uint8_t *body = length >= 2 ? take(c, length - 2) : NULL;

        if (size && length < 2)
            return damaged("JPEG", "a part of it is none", err);
        if (!body)
            return cut_off("JPEG", err);
        if (is_frame_header(marker) && !read_frame_header(body, length - 2, marker, out, err))
            return false;
        if (marker != JPEG_SOS)
            continue;
        if (out->width == 0)
            return damaged("JPEG", "its size is missing", err);
        has_scan = true;
        skip_coded_data(c);
    }
}

/* --- WebP --- */

#define VP8_START_CODE "\x9d\x01\x2a"
#define VP8L_SIGNATURE 0x2f

struct size {
    uint32_t width, height;
};

/* RFC 6386, 9.1: three bytes of tag (bit 0: no key frame; the upper 19: the first partition's
 * length), the start code, 14 bits each of width and height, with two of scaling above. */
static bool read_vp8(const uint8_t *body, size_t length, struct size *out)
{
    if (length < 10 || (body[0] & 1) || memcmp(body + 3, VP8_START_CODE, 3) != 0 ||
        little24(body) >> 5 > length - 10)
        return false;
    *out = (struct size){ little16(body + 6) & 0x3fff, little16(body + 8) & 0x3fff };
    return true;
}

/* RFC 9649, 3.4: a signature, 14 bits each of width and height less one, an alpha bit, 3 bits of
 * version, which is 0. */
static bool read_vp8l(const uint8_t *body, size_t length, struct size *out)
{
    if (length < 5 || body[0] != VP8L_SIGNATURE || body[4] >> 5 != 0)
        return false;
    uint32_t bits = little32(body + 1);

    *out = (struct size){ (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1 };
    return true;
}

struct riff_chunk {
    const uint8_t *name, *body;
    size_t length;
};

static bool take_chunk(struct cursor *c, struct riff_chunk *out)
{
    const uint8_t *head = take(c, 8);

    if (!head)
        return false;
    *out = (struct riff_chunk){ .name = head, .length = little32(head + 4) };
    out->body = take(c, out->length);
    if (out->length & 1)
        take(c, 1); /* padding, which some writers forget at the end */
    return out->body != NULL;
}

static bool is_chunk(const struct riff_chunk *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}

/* The extended form: a canvas, then parts until the picture, which is as large as the canvas, or the
 * first frame of an animation, which may be smaller. */
static bool read_extended(struct cursor *c, const struct riff_chunk *header, struct size *out)
{
    struct riff_chunk chunk;
    struct size inner;

    if (header->length < 10)
        return false;
    *out = (struct size){ little24(header->body + 4) + 1, little24(header->body + 7) + 1 };
    while (take_chunk(c, &chunk)) {
        if (is_chunk(&chunk, "ANMF"))
            return true;
        if ((is_chunk(&chunk, "VP8 ") && read_vp8(chunk.body, chunk.length, &inner)) ||
            (is_chunk(&chunk, "VP8L") && read_vp8l(chunk.body, chunk.length, &inner)))
            return inner.width == out->width && inner.height == out->height;
    }
    return false;
}

static bool read_webp(struct cursor *c, struct picture *out, struct err *err)
{
    const uint8_t *head = take(c, 12);
    uint32_t length = little32(head + 4); /* what follows it, the name "WEBP" included */
    struct riff_chunk chunk;
    struct size size = { 0 };
    bool ok = false;

    if (length < 4 || length - 4 > left(c))
        return cut_off("WebP", err);
    c->end = c->at + (length - 4);
    if (!take_chunk(c, &chunk))
        return cut_off("WebP", err);
    if (is_chunk(&chunk, "VP8 "))
        ok = read_vp8(chunk.body, chunk.length, &size);
    else if (is_chunk(&chunk, "VP8L"))
        ok = read_vp8l(chunk.body, chunk.length, &size);
    else if (is_chunk(&chunk, "VP8X"))
        ok = read_extended(c, &chunk, &size);
    if (!ok)
        return damaged("WebP", "its header makes no sense", err);
    return set_size(out, size.width, size.height, err);
}

/* --- telling them apart --- */

static bool has_at(const uint8_t *bytes, size_t length, size_t offset, const char *magic)
{
    size_t size = strlen(magic);

    return length >= offset + size && memcmp(bytes + offset, magic, size) == 0;
}

/* What people try instead, so that the message can name it. */
static const struct {
    size_t offset;
    const char *magic, *name;
} others[] = {
    { 0, "GIF8", "a GIF" },
    { 0, "BM", "a BMP" },
    { 4, "ftypavif", "an AVIF" },
    { 4, "ftyphei", "a HEIC" },
    { 4, "ftypmif1", "a HEIC" },
    { 0, "II*", "a TIFF" },
    { 0, "\xff\x0a", "a JPEG XL" },
    { 0, "%PDF", "a PDF" },
    { 0, "<", "an SVG or another text" },
    { 0, "\xef\xbb\xbf<", "a text" },
};

static bool another_format(const uint8_t *bytes, size_t length, struct err *err)
{
    for (size_t i = 0; i < COUNT(others); i++)
        if (has_at(bytes, length, others[i].offset, others[i].magic))
            return err_set(err, ERR_UNSUPPORTED,
                           "The file is %s. Pictures are PNG, JPEG or WebP files.", others[i].name);
    return err_set(err, ERR_UNSUPPORTED, "The file is %s.",
                   length == 0 ? "empty" : "no PNG, JPEG or WebP picture");
}

static bool too_large(struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "The picture is over %u MB. Scale it down.",
                   PICTURE_BYTES_MAX >> 20);
}

bool picture_parse(const uint8_t *bytes, size_t length, struct picture *out, struct err *err)
{
    if (length > PICTURE_BYTES_MAX)
        return too_large(err);
    if (length == 0)
        return another_format(bytes, length, err);
    struct cursor cursor = { bytes, bytes + length };

    *out = (struct picture){ .format = PICTURE_PNG };
    if (has_at(bytes, length, 0, PNG_SIGNATURE))
        return read_png(&cursor, out, err);
    out->format = PICTURE_JPEG;
    if (has_at(bytes, length, 0, "\xff\xd8\xff"))
        return read_jpeg(&cursor, out, err);
    out->format = PICTURE_WEBP;
    if (has_at(bytes, length, 0, "RIFF") && has_at(bytes, length, 8, "WEBP"))
        return read_webp(&cursor, out, err);
    return another_format(bytes, length, err);
}

bool picture_load(const char *path, struct buf *bytes, struct picture *out, struct err *err)
{
    *bytes = BUF(PICTURE_BYTES_MAX);
    if (!file_read(path, bytes, err))
        return err->kind == ERR_TOO_LARGE ? too_large(err) : false;
    return picture_parse((const uint8_t *)bytes->data, bytes->len, out, err);
}
