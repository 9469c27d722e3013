#include "base/arena.h"
#include "base/buf.h"
#include "check.h"

static void test_appends_come_out_in_order(void **state)
{
    struct buf buf = BUF(1000);
    struct err err;

    (void)state;
    buf_append_str(&buf, "take ");
    buf_format(&buf, "%d of %s", 3, "five");
    buf_append_char(&buf, '!');
    check_ok(buf_ok(&buf, "text", &err), &err);
    assert_string_equal(buf.data, "take 3 of five!");
    assert_int_equal(buf.len, 15);
    buf_release(&buf);
}

static void test_the_maximum_holds_and_is_remembered(void **state)
{
    struct buf buf = BUF(4);
    struct err err;

    (void)state;
    buf_append_str(&buf, "1234");
    assert_true(buf_ok(&buf, "name", &err));
    buf_append_char(&buf, '5');
    buf_append(&buf, "", 0);
    assert_false(buf_ok(&buf, "name", &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_string_equal(err.message, "The name is larger than 4 bytes.");
    assert_string_equal(buf.data, "1234");
    buf_release(&buf);
}

static void test_take_moves_the_bytes_and_is_never_null(void **state)
{
    struct buf buf = BUF(100);

    (void)state;
    char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    buf_append_str(&buf, "x");
    char *x = buf_take(&buf);
    assert_string_equal(x, "x");
    assert_null(buf.data);
    free(empty);
    free(x);
}

static void test_arena_memory_is_zeroed_aligned_and_large_if_need_be(void **state)
{
    struct arena arena = ARENA;

    (void)state;
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        char *bytes = arena_alloc(&arena, size);

        assert_int_equal((uintptr_t)bytes % sizeof(long double), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xA5, size);
    }
    assert_string_equal(arena_format(&arena, "%s-%d", "take", 7), "take-7");
    assert_string_equal(arena_strndup(&arena, "voices", 5), "voice");
    arena_release(&arena);
    assert_null(arena.newest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends_come_out_in_order),
        cmocka_unit_test(test_the_maximum_holds_and_is_remembered),
        cmocka_unit_test(test_take_moves_the_bytes_and_is_never_null),
        cmocka_unit_test(test_arena_memory_is_zeroed_aligned_and_large_if_need_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
