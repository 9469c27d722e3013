#include "check.h"
#include "http/coding.h"

static const struct {
    const char *header;
    bool takes_gzip;
} cases[] = {
    { NULL, false },
    { "", false },
    { "gzip", true },
    { "GZip", true },
    { "gzip, deflate, br, zstd", true },
    { "br,gzip", true },
    { "br , \tgzip ", true },
    { "identity", false },
    { "gzipped", false },
    { "gzi", false },
    { "gzip;q=1", true },
    { "gzip; q=0.001", true },
    { "gzip;q=1.000", true },
    { "gzip;q=0", false },
    { "gzip;q=0.000", false },
    { "gzip ; Q=0", false },
    { "gzip;level=1;q=0", false },
    { "gzip;level=1", true },
    { "gzip;q=", false },
    { "gzip;q=,br;q=1", false },
    { "gzip;q=x", false },
    { "br;q=1, gzip;q=0", false },
    { "gzip;q=0, br;q=1", false },
    { "*", true },
    { "*;q=0", false },
    { "br, *;q=0.1", true },
    { "*, gzip;q=0", false },
    { "gzip, *;q=0", true },
    { ",, ,gzip", true },
    { ";q=1", false },
    { ",", false },
};

static void test_a_coding_is_taken_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].header ? cases[i].header : "(absent)",
                   coding_is_accepted(cases[i].header, "gzip") == cases[i].takes_gzip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_coding_is_taken_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
