#include "base/base64.h"

#include "check.h"

/* RFC 4648, section 10. */
static void test_the_vectors_of_the_standard_come_out(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(64);

        buf_append_str(&out, "");
        base64_append(&out, cases[i].bytes, strlen(cases[i].bytes));
        check_text(cases[i].bytes, out.data, cases[i].text);
        buf_release(&out);
    }
}

static void test_long_runs_have_no_padding_inside(void **state)
{
    static const char zeros[100000];
    struct buf out = BUF(200000);

    (void)state;
    base64_append(&out, zeros, sizeof zeros);
    assert_int_equal(out.len, (sizeof zeros + 2) / 3 * 4);
    assert_int_equal(strspn(out.data, "A"), out.len - 2);
    assert_string_equal(out.data + out.len - 2, "==");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vectors_of_the_standard_come_out),
        cmocka_unit_test(test_long_runs_have_no_padding_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
