#include "transcribe/repetition.h"

#include "check.h"

static void test_only_loops_are_cut(void **state)
{
    (void)state;
    static const struct {
        const char *name, *tokens; /* a letter a token */
        size_t kept;
    } cases[] = {
        { "nothing", "", 0 },
        { "speech", "the quick brown fox jumps over the lazy dog", 43 },
        { "a word said some times", "no, no, no, no, no", 18 },
        { "one token over and over", "so aaaaaaaaaaaaaaaaaaaa", 4 },
        { "not long enough yet", "so aaaaaaaaaaaaaaaaaaa", 22 },
        { "a phrase over and over", "I know:and then and then and then and then and then ", 16 },
        { "a loop of the longest period",
          "0123456789abcdef0123456789abcdef0123456789abcdef"
          "0123456789abcdef0123456789abcdef",
          16 },
        { "a loop that has ended", "aaaaaaaaaaaaaaaaaaaaaaaa.", 25 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t count = strlen(cases[i].tokens);
        int32_t tokens[128];

        for (size_t k = 0; k < count; k++)
            tokens[k] = cases[i].tokens[k];
        check_case(cases[i].name, repetition_cut(tokens, count) == cases[i].kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_loops_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
