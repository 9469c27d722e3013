#include "api/studio_events.h"

#include "check.h"

static void test_a_change_is_a_success_of_what_is_no_read(void **state)
{
    static const struct route route = { .method = "POST", .path = "/things/" };
    static const struct route look = { .method = "POST", .path = "/looks/", .flags = ROUTE_READS };
    static const struct {
        const char *name;
        const struct route *route;
        const char *method;
        int status;
        bool is_change;
    } cases[] = {
        { "made", &route, "POST", 201, true },
        { "changed", &route, "PATCH", 200, true },
        { "replaced", &route, "PUT", 200, true },
        { "removed", &route, "DELETE", 204, true },
        { "started", &route, "POST", 202, true },
        { "read", &route, "GET", 200, false },
        { "read by a body", &look, "POST", 200, false },
        { "looked at", &route, "HEAD", 200, false },
        { "refused", &route, "POST", 400, false },
        { "not changed since", &route, "GET", 304, false },
        { "failed", &route, "DELETE", 500, false },
        { "no route", NULL, "POST", 404, false },
        { "a preflight", NULL, "OPTIONS", 204, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_case(cases[i].name, studio_events_is_change(cases[i].route, cases[i].method,
                                                          cases[i].status) == cases[i].is_change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_is_a_success_of_what_is_no_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
