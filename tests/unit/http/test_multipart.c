#include "http/multipart.h"

#include "check.h"
#include "form_text.h"

#define TYPE "multipart/form-data; boundary=Bound"
#define HEAD(parameters) "--Bound\r\nContent-Disposition: form-data; " parameters "\r\n"
#define END "\r\n--Bound--\r\n"

static const struct {
    const char *name, *body, *expected;
} forms[] = {
    { "a field", HEAD("name=\"a\"") "\r\n1" END, "a|-|-|1\n" },
    { "a file with its type",
      HEAD(
          "name=\"f\"; filename=\"x.txt\"") "Content-Type: text/plain; charset=utf-8\r\n\r\nhi" END,
      "f|x.txt|text/plain|hi\n" },
    { "two parts",
      HEAD("name=\"f\"; filename=\"x\"") "\r\none\r\n" HEAD("name=\"b\"") "\r\ntwo" END,
      "f|x|-|one\nb|-|-|two\n" },
    { "no content", HEAD("name=\"a\"") "\r\n" END, "a|-|-|\n" },
    { "unquoted, as .NET sends it",
      HEAD("name=f; filename=a.txt; filename*=utf-8''a.txt") "\r\nx" END, "f|a.txt|-|x\n" },
    { "no blank after the colon",
      "--Bound\r\nContent-Disposition:form-data;name=\"a\"\r\n\r\n1" END, "a|-|-|1\n" },
    { "headers in any case", "--Bound\r\nCONTENT-DISPOSITION: FORM-DATA; NAME=\"a\"\r\n\r\n1" END,
      "a|-|-|1\n" },
    { "headers in any order",
      "--Bound\r\nContent-Type: a/b\r\nX: y\r\nContent-Disposition: form-data; "
      "name=\"a\"\r\n\r\n1" END,
      "a|-|a/b|1\n" },
    { "a folded header", "--Bound\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\n1" END,
      "a|-|-|1\n" },
    { "raw UTF-8", HEAD("name=\"f\"; filename=\"naïve 語.txt\"") "\r\nx" END,
      "f|naïve 語.txt|-|x\n" },
    { "encoded UTF-8 is preferred",
      HEAD("name=\"f\"; filename=\"_.txt\"; filename*=UTF-8''%E8%AA%9E.txt") "\r\nx" END,
      "f|語.txt|-|x\n" },
    { "an encoding we do not know",
      HEAD("name=\"f\"; filename*=EUC-JP''%B8%EC; filename=\"go.txt\"") "\r\nx" END,
      "f|go.txt|-|x\n" },
    { "an escaped quote", HEAD("name=\"f\"; filename=\"a\\\"b.txt\"") "\r\nx" END,
      "f|a\"b.txt|-|x\n" },
    { "a name inside a name", HEAD("filename=\"my name=\"; name=\"real\"") "\r\nx" END,
      "real|my name=|-|x\n" },
    { "only the base of a path", HEAD("name=\"f\"; filename=\"../../etc/passwd\"") "\r\nx" END,
      "f|passwd|-|x\n" },
    { "only the base of a path of Windows",
      HEAD("name=\"f\"; filename=\"C:\\tmp\\a.txt\"") "\r\nx" END, "f|a.txt|-|x\n" },
    { "no file chosen", HEAD("name=\"f\"; filename=\"\"") "\r\n" END, "f||-|\n" },
    { "content like a boundary",
      HEAD("name=\"a\"") "\r\nx --Bound\r\n--Bouncy\r\n--Boundary\r\n--Bound-\r\n--Bound x" END,
      "a|-|-|x --Bound\r\n--Bouncy\r\n--Boundary\r\n--Bound-\r\n--Bound x\n" },
    { "line ends in content", HEAD("name=\"a\"") "\r\n\r\n\n\r\r\n" END, "a|-|-|\r\n\n\r\r\n\n" },
    { "blanks after a boundary",
      "--Bound \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1" END, "a|-|-|1\n" },
    { "a preamble and an epilogue",
      "This is MIME.\r\n" HEAD("name=\"a\"") "\r\n1" END "that was it\r\n--Bound\r\n",
      "a|-|-|1\n" },
    { "no line end after the last boundary", HEAD("name=\"a\"") "\r\n1\r\n--Bound--", "a|-|-|1\n" },
    { "no parts", "--Bound--\r\n", "" },
};

static void test_a_form_is_read_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        size_t length = strlen(forms[i].body);

        for (size_t step = 1; step <= length; step++) {
            struct buf out = BUF(10000);
            struct err err;

            if (!form_text(TYPE, forms[i].body, length, step, &out, &err))
                fail_msg("%s: %s", forms[i].name, err.message);
            check_text(forms[i].name, out.data ? out.data : "", forms[i].expected);
            buf_release(&out);
        }
    }
}

static const struct {
    const char *name, *type, *body, *message; /* message: part of it */
} refused[] = {
    { "no boundary", "multipart/form-data", "", "no boundary" },
    { "an empty boundary", "multipart/form-data; boundary=\"\"", "", "no boundary" },
    { "a boundary of 71",
      "multipart/form-data; "
      "boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
      "", "no boundary" },
    { "an empty body", TYPE, "", "is not in it" },
    { "garbage", TYPE, "\x01\xff garbage\r\n\r\n--\r\n", "is not in it" },
    { "cut in a header", TYPE, "--Bound\r\nContent-Dis", "cut off" },
    { "cut in content", TYPE, HEAD("name=\"a\"") "\r\n12", "cut off" },
    { "cut in the last boundary", TYPE, HEAD("name=\"a\"") "\r\n12\r\n--Bound-", "cut off" },
    { "no headers", TYPE, "--Bound\r\n\r\nx" END, "Content-Disposition" },
    { "no name", TYPE, HEAD("filename=\"x\"") "\r\nx" END, "name" },
    { "an attachment", TYPE, "--Bound\r\nContent-Disposition: attachment; name=a\r\n\r\nx" END,
      "form-data" },
    { "a control character", TYPE, HEAD("name=\"a\x01\"") "\r\nx" END, "control character" },
    { "no UTF-8", TYPE, HEAD("name=\"f\"; filename=\"\xe4.txt\"") "\r\nx" END, "UTF-8" },
    { "an encoded NUL", TYPE, HEAD("name=\"f\"; filename*=UTF-8''a%00b") "\r\nx" END, "" },
};

static void test_what_is_no_form_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        size_t length = strlen(refused[i].body);

        for (size_t step = 1; step <= length + 1; step++) {
            struct buf out = BUF(10000);
            struct err err = { 0 };

            check_case(refused[i].name,
                       !form_text(refused[i].type, refused[i].body, length, step, &out, &err));
            check_case(refused[i].name, err.kind == ERR_INVALID);
            if (!strstr(err.message, refused[i].message))
                fail_msg("%s: %s", refused[i].name, err.message);
            buf_release(&out);
        }
    }
}

static void test_endless_headers_and_names_are_refused(void **state)
{
    static const struct {
        const char *before;
        size_t count;
    } cases[] = {
        { "--Bound\r\nX: ", 1000000 },
        { HEAD("filename=x; name=\"a\"") "X: ", MULTIPART_HEADERS_MAX },
        { "--Bound\r\nContent-Disposition: form-data; name=\"", MULTIPART_NAME_MAX + 1 },
        { "--Bound\r\nContent-Disposition: form-data; name=a; filename=\"",
          MULTIPART_FILENAME_MAX + 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf body = BUF(2000000), out = BUF(10000);
        struct err err = { 0 };

        buf_append_str(&body, cases[i].before);
        for (size_t k = 0; k < cases[i].count; k++)
            buf_append_char(&body, 'x');
        buf_append_str(&body, "\"\r\n\r\n" END);
        check_case(cases[i].before, !form_text(TYPE, body.data, body.len, 1000, &out, &err));
        check_case(cases[i].before, err.kind == ERR_INVALID && strstr(err.message, "bytes"));
        assert_int_equal(out.len, 0);
        buf_release(&body);
        buf_release(&out);
    }
}

static void test_large_content_comes_through_byte_by_byte_the_same(void **state)
{
    struct buf body = BUF(2000000), out = BUF(2000000);
    struct err err;

    (void)state;
    buf_append_str(&body, HEAD("name=\"f\"; filename=\"x\"") "\r\n");
    size_t start = body.len;
    for (uint32_t x = 1, i = 0; i < 1000000; i++, x = x * 1664525u + 1013904223u)
        buf_append_char(&body, "\r\n-Bound\0\xff"[x >> 24 & 7]);
    size_t length = body.len - start;
    buf_append_str(&body, END);
    check_ok(form_text(TYPE, body.data, body.len, 25000, &out, &err), &err);
    assert_int_equal(out.len, strlen("f|x|-|") + length + 1);
    assert_memory_equal(out.data + strlen("f|x|-|"), body.data + start, length);
    buf_release(&body);
    buf_release(&out);
}

static bool refuse(void *state, const void *bytes, size_t length, struct err *err)
{
    (void)state, (void)bytes, (void)length;
    return err_set(err, ERR_DISK_FULL, "full");
}

static void test_the_sink_can_end_it(void **state)
{
    struct buf out = BUF(100);
    const struct multipart_sink sink = { form_text_begin, refuse, form_text_end, &out };
    struct err err = { 0 };
    struct multipart *multipart = multipart_create(TYPE, &sink, &err);
    const char *body = HEAD("name=\"a\"") "\r\n1" END;

    (void)state;
    assert_false(multipart_push(multipart, body, strlen(body), &err));
    assert_int_equal(err.kind, ERR_DISK_FULL);
    multipart_destroy(multipart);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_form_is_read_however_it_is_cut),
        cmocka_unit_test(test_what_is_no_form_is_refused),
        cmocka_unit_test(test_endless_headers_and_names_are_refused),
        cmocka_unit_test(test_large_content_comes_through_byte_by_byte_the_same),
        cmocka_unit_test(test_the_sink_can_end_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
