#include "base/buf.h"
#include "check.h"
#include "http/range.h"

/* Of a file of 1000 bytes. expected: "200", "416" or the ranges. */
static const struct {
    const char *header, *expected;
} cases[] = {
    { NULL, "200" },
    { "bytes=0-0", "0-0" },
    { "bytes=0-499", "0-499" },
    { "bytes=0-", "0-999" },
    { "bytes=999-", "999-999" },
    { "bytes=500-5000", "500-999" },
    { "bytes=-1", "999-999" },
    { "bytes=-1000", "0-999" },
    { "bytes=-1001", "0-999" },
    { "BYTES=1-2", "1-2" },
    { "bytes = 1-2", "1-2" },
    { "bytes=1-2 ", "1-2" },

    /* Behind the end. */
    { "bytes=1000-", "416" },
    { "bytes=1000-1001", "416" },
    { "bytes=-0", "416" },
    { "bytes=99999999999999999999999-", "416" },
    { "bytes=0-99999999999999999999999", "0-999" },
    { "bytes=2000-,3000-", "416" },
    { "bytes=2000-,0-1", "0-1" },

    /* Several: far ones keep their order, those that overlap or are near become one. */
    { "bytes=0-9,200-209", "0-9 200-209" },
    { "bytes=0-9 , 200-209", "0-9 200-209" },
    { "bytes=,0-9,,200-209,", "0-9 200-209" },
    { "bytes=200-209,0-9", "200-209 0-9" },
    { "bytes=0-99,50-149", "0-149" },
    { "bytes=50-149,0-99", "0-149" },
    { "bytes=0-9,10-19", "0-19" },
    { "bytes=0-9,89-99", "0-99" },
    { "bytes=0-9,90-99", "0-9 90-99" },
    { "bytes=0-9,500-509,200-209,0-600", "0-600" },
    { "bytes=400-409,0-9,200-209,5-205", "400-409 0-209" },
    { "bytes=0-9,300-309,150-160,20-230", "0-309" },
    { "bytes=0-,0-,0-,0-", "0-999" },

    /* Not ours to understand. */
    { "", "200" },
    { "bytes", "200" },
    { "bytes=", "200" },
    { "bytes=,", "200" },
    { "bytes=-", "200" },
    { "bytes=a-b", "200" },
    { "bytes=1", "200" },
    { "bytes=1-2-3", "200" },
    { "bytes=5-4", "200" },
    { "bytes=0-1,5-4", "200" },
    { "bytes=0-1;2-3", "200" },
    { "bytes=0-1 2-3", "200" },
    { "bytes=+1-2", "200" },
    { "bytes=--1", "200" },
    { "bytes:0-1", "200" },
    { "seconds=0-1", "200" },
    { "bytesx=0-1", "200" },
    { "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", "0-0" },
    { "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", "200" },
};

static char *show(const char *header, uint64_t size)
{
    struct ranges ranges;
    struct buf text = BUF(1000);

    switch (range_parse(header, size, &ranges)) {
    case RANGE_WHOLE:
        return xstrdup("200");
    case RANGE_UNSATISFIABLE:
        return xstrdup("416");
    case RANGE_PARTIAL:
        break;
    }
    for (size_t i = 0; i < ranges.count; i++)
        buf_format(&text, "%s%lu-%lu", i ? " " : "", (unsigned long)ranges.items[i].first,
                   (unsigned long)ranges.items[i].last);
    return buf_take(&text);
}

static void test_a_header_gives_the_pieces_it_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *got = show(cases[i].header, 1000);

        check_text(cases[i].header ? cases[i].header : "(none)", got, cases[i].expected);
        free(got);
    }
}

static void test_an_empty_file_has_no_pieces(void **state)
{
    static const char *const headers[] = { "bytes=0-", "bytes=0-0", "bytes=-5", "bytes=9-" };

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        char *got = show(headers[i], 0);

        check_text(headers[i], got, "200");
        free(got);
    }
}

static void test_the_largest_file_has_its_last_byte(void **state)
{
    char *got = show("bytes=-1,0-0", UINT64_MAX);

    (void)state;
    check_text("-1,0-0", got, "18446744073709551614-18446744073709551614 0-0");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_gives_the_pieces_it_names),
        cmocka_unit_test(test_an_empty_file_has_no_pieces),
        cmocka_unit_test(test_the_largest_file_has_its_last_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
