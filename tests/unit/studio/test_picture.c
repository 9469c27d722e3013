#include "../check.h"

#include <unistd.h>

#include "base/file.h"
#include "studio/picture.h"

#define PICTURES TEST_DATA "/pictures/"

static const struct sample {
    const char *file;
    enum picture_format format;
    int width, height;
} samples[] = {
    { "plain.png", PICTURE_PNG, 4, 2 },        { "baseline.jpg", PICTURE_JPEG, 4, 2 },
    { "progressive.jpg", PICTURE_JPEG, 4, 2 }, { "lossy.webp", PICTURE_WEBP, 4, 2 },
    { "lossless.webp", PICTURE_WEBP, 4, 2 },   { "extended.webp", PICTURE_WEBP, 4, 2 },
    { "animated.webp", PICTURE_WEBP, 5, 3 },
};

static struct buf load(const char *file)
{
    char *path = str_format("%s%s", PICTURES, file);
    struct buf bytes = BUF(PICTURE_BYTES_MAX);
    struct err err = { 0 };

    check_ok(file_read(path, &bytes, &err), &err);
    free(path);
    return bytes;
}

static bool parse(const struct buf *bytes, struct picture *out, struct err *err)
{
    *err = (struct err){ 0 };
    return picture_parse((const uint8_t *)bytes->data, bytes->len, out, err);
}

static void test_pictures_are_told_by_their_content(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        char *path = str_format("%s%s", PICTURES, samples[i].file);
        struct err err = { 0 };
        struct picture picture;
        struct buf bytes;

        check_ok(picture_load(path, &bytes, &picture, &err), &err);
        check_case(samples[i].file, picture.format == samples[i].format);
        check_case(samples[i].file, picture.width == samples[i].width);
        check_case(samples[i].file, picture.height == samples[i].height);
        buf_release(&bytes);
        free(path);
    }
}

static void test_a_picture_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf bytes = load(samples[i].file);
        struct picture picture;
        struct err err;

        while (bytes.len-- > 0) {
            check_case(samples[i].file, !parse(&bytes, &picture, &err));
            check_case(samples[i].file, bytes.len < 12 || err.kind == ERR_CORRUPT);
        }
        bytes.len = 0;
        buf_release(&bytes);
    }
}

/* Cameras and editors append things, and viewers ignore them. */
static void test_bytes_after_the_end_are_ignored(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf bytes = load(samples[i].file);
        struct picture picture;
        struct err err;

        bytes.max += 8;
        buf_append_str(&bytes, "trailer.");
        check_ok(parse(&bytes, &picture, &err), &err);
        check_case(samples[i].file, picture.width == samples[i].width);
        buf_release(&bytes);
    }
}

static void test_what_is_no_picture_is_refused_by_name(void **state)
{
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        { "", "empty" },
        { "GIF89a\x01\x01", "a GIF" },
        { "<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG" },
        { "<!DOCTYPE html><script>alert(1)</script>", "an SVG or another text" },
        { "\xef\xbb\xbf<?xml version='1.0'?><svg/>", "a text" },
        { "abcdftypavif", "an AVIF" },
        { "abcdftypheic", "a HEIC" },
        { "%PDF-1.7", "a PDF" },
        { "Once upon a time", "no PNG, JPEG or WebP" },
        { "\x89PNG", "no PNG, JPEG or WebP" },
        { "RIFF\x24\x01\x01\x01WAVEfmt ", "no PNG, JPEG or WebP" },
        { "\xff\xd8", "no PNG, JPEG or WebP" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct picture picture;
        struct err err = { 0 };

        check_case(cases[i].bytes, !picture_parse((const uint8_t *)cases[i].bytes,
                                                  strlen(cases[i].bytes), &picture, &err));
        check_case(cases[i].bytes, err.kind == ERR_UNSUPPORTED);
        check_case(cases[i].bytes, strstr(err.message, cases[i].expected) != NULL);
    }
}

/* One changed run of bytes in a good picture. */
static const struct change {
    const char *name, *file;
    size_t offset;
    const char *bytes;
    size_t length;
    enum err_kind kind; /* ERR_NONE: still good */
} changes[] = {
    { "a page behind a PNG signature", "plain.png", 8, "<html><script>", 14, ERR_CORRUPT },
    { "a PNG without its header first", "plain.png", 12, "iHDR", 4, ERR_CORRUPT },
    { "a PNG of no width", "plain.png", 16, "\0\0\0\0", 4, ERR_CORRUPT },
    { "a PNG that is too wide", "plain.png", 16, "\0\0\x40\x01", 4, ERR_TOO_LARGE },
    { "a PNG as wide as allowed", "plain.png", 16, "\0\0\x40\0", 4, ERR_NONE },
    { "a PNG of 2^32 - 1 rows", "plain.png", 20, "\xff\xff\xff\xff", 4, ERR_TOO_LARGE },
    { "a PNG of depth 3", "plain.png", 24, "\x03", 1, ERR_CORRUPT },
    { "a PNG of no depth", "plain.png", 24, "\0", 1, ERR_CORRUPT },
    { "a PNG of colour type 1", "plain.png", 25, "\x01", 1, ERR_CORRUPT },
    { "a PNG of colour type 255", "plain.png", 25, "\xff", 1, ERR_CORRUPT },
    { "a PNG with a palette of 16 bits", "plain.png", 24, "\x10\x03", 2, ERR_CORRUPT },
    { "a PNG with an unknown compression", "plain.png", 26, "\x01", 1, ERR_CORRUPT },
    { "a PNG without pixels", "plain.png", 58, "tEXt", 4, ERR_CORRUPT },
    { "a PNG with a part of 4 GB", "plain.png", 33, "\xff\xff\xff\xff", 4, ERR_CORRUPT },

    { "a JPEG without a marker", "baseline.jpg", 2, "\x41", 1, ERR_UNSUPPORTED },
    { "a JPEG with a part of no length", "baseline.jpg", 4, "\0\0", 2, ERR_CORRUPT },
    { "a JPEG with a part of length 1", "baseline.jpg", 4, "\0\1", 2, ERR_CORRUPT },
    { "a JPEG that ends at once", "baseline.jpg", 2, "\xff\xd9", 2, ERR_CORRUPT },
    { "a JPEG in a JPEG", "baseline.jpg", 20, "\xff\xd8", 2, ERR_CORRUPT },

    { "a WebP longer than its file", "lossy.webp", 4, "\x3d", 1, ERR_CORRUPT },
    { "a WebP of no length", "lossy.webp", 4, "\0", 1, ERR_CORRUPT },
    { "a WebP with a part longer than itself", "lossy.webp", 16, "\x31", 1, ERR_CORRUPT },
    { "a WebP of an unknown kind", "lossy.webp", 12, "VP9 ", 4, ERR_CORRUPT },
    { "a VP8 picture that is no key frame", "lossy.webp", 20, "\xd1", 1, ERR_CORRUPT },
    { "a VP8 picture without its start code", "lossy.webp", 23, "\0", 1, ERR_CORRUPT },
    { "a VP8 picture of no height", "lossy.webp", 28, "\0\0", 2, ERR_CORRUPT },
    { "a VP8 partition beyond its part", "lossy.webp", 22, "\xff", 1, ERR_CORRUPT },
    { "a lossless picture without its signature", "lossless.webp", 20, "\0", 1, ERR_CORRUPT },
    { "a lossless picture of version 1", "lossless.webp", 24, "\x30", 1, ERR_CORRUPT },
    { "a lossless picture 16384 wide", "lossless.webp", 21, "\xff\x7f", 2, ERR_NONE },
    { "a canvas larger than its picture", "extended.webp", 24, "\x04", 1, ERR_CORRUPT },
    { "an animation 16 million wide", "animated.webp", 24, "\xff\xff\xff", 3, ERR_TOO_LARGE },
};

static void test_damaged_pictures_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct buf bytes = load(changes[i].file);
        struct picture picture;
        struct err err;

        assert_true(changes[i].offset + changes[i].length <= bytes.len);
        memcpy(bytes.data + changes[i].offset, changes[i].bytes, changes[i].length);
        bool ok = parse(&bytes, &picture, &err);
        if (ok != (changes[i].kind == ERR_NONE) || (!ok && err.kind != changes[i].kind))
            fail_msg("%s: %s \"%s\"", changes[i].name, err_kind_name(err.kind), err.message);
        buf_release(&bytes);
    }
}

/* Where the frame header of a JPEG is. */
static size_t frame_header(const struct buf *bytes)
{
    const char *at = memmem(bytes->data, bytes->len, "\xff\xc0\x00\x11", 4);

    assert_non_null(at);
    return (size_t)(at - bytes->data);
}

static void test_kinds_of_jpeg_that_browsers_do_not_show_are_refused(void **state)
{
    static const struct {
        const char *name;
        size_t offset; /* from the frame header's marker */
        char byte;
        enum err_kind kind;
    } cases[] = {
        { "lossless", 1, '\xc3', ERR_UNSUPPORTED },
        { "arithmetic", 1, '\xc9', ERR_UNSUPPORTED },
        { "12 bits", 4, 12, ERR_UNSUPPORTED },
        { "the height comes later", 6, 0, ERR_CORRUPT },
        { "components beyond the header", 9, 4, ERR_CORRUPT },
        { "extended sequential", 1, '\xc1', ERR_NONE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = load("baseline.jpg");
        struct picture picture;
        struct err err;

        bytes.data[frame_header(&bytes) + cases[i].offset] = cases[i].byte;
        check_case(cases[i].name, parse(&bytes, &picture, &err) == (cases[i].kind == ERR_NONE));
        check_case(cases[i].name, err.kind == cases[i].kind);
        buf_release(&bytes);
    }
    struct buf bytes = load("arithmetic.jpg");
    struct picture picture;
    struct err err;

    assert_false(parse(&bytes, &picture, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    buf_release(&bytes);
}

/* T.81 B.1.1.2: any marker may be preceded by 0xFF bytes. */
static void test_fill_bytes_before_a_jpeg_marker_are_skipped(void **state)
{
    struct buf bytes = load("baseline.jpg"), filled = BUF(PICTURE_BYTES_MAX);
    size_t at = frame_header(&bytes);
    struct picture picture;
    struct err err;

    (void)state;
    buf_append(&filled, bytes.data, at);
    buf_append_str(&filled, "\xff\xff\xff");
    buf_append(&filled, bytes.data + at, bytes.len - at);
    check_ok(parse(&filled, &picture, &err), &err);
    assert_int_equal(picture.width, 4);
    buf_release(&filled);
    buf_release(&bytes);
}

static void test_a_file_over_the_limit_is_refused(void **state)
{
    char *folder = temp_folder();
    char *path = str_format("%s/large.png", folder);
    FILE *file = fopen(path, "wb");
    struct picture picture;
    struct buf bytes;
    struct err err = { 0 };

    (void)state;
    assert_non_null(file);
    fclose(file);
    assert_int_equal(truncate(path, PICTURE_BYTES_MAX + 1), 0);
    assert_false(picture_load(path, &bytes, &picture, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_non_null(strstr(err.message, "20 MB"));
    buf_release(&bytes);
    assert_false(picture_load(folder, &bytes, &picture, &err));
    buf_release(&bytes);
    free(path);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_are_told_by_their_content),
        cmocka_unit_test(test_a_picture_cut_short_anywhere_is_refused),
        cmocka_unit_test(test_bytes_after_the_end_are_ignored),
        cmocka_unit_test(test_what_is_no_picture_is_refused_by_name),
        cmocka_unit_test(test_damaged_pictures_are_refused),
        cmocka_unit_test(test_kinds_of_jpeg_that_browsers_do_not_show_are_refused),
        cmocka_unit_test(test_fill_bytes_before_a_jpeg_marker_are_skipped),
        cmocka_unit_test(test_a_file_over_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
