#include "api/shape.h"

#include "check.h"

static void test_names_are_given_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_shape_count; i++) {
        const struct shape *shape = api_shapes[i];

        for (size_t k = 0; k < i; k++)
            check_case(shape->name, strcmp(shape->name, api_shapes[k]->name) != 0);
        for (size_t f = 0; f < shape->count; f++)
            for (size_t k = 0; k < f; k++)
                check_case(shape->fields[f].name,
                           strcmp(shape->fields[f].name, shape->fields[k].name) != 0);
    }
}

/* Whether an enum's table and a nested shape are there is found out here, not by a user. */
static void test_each_field_has_what_its_kind_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_shape_count; i++) {
        const struct shape *shape = api_shapes[i];

        check_case(shape->name, shape->about && shape->count > 0 && shape->count <= 64);
        for (size_t f = 0; f < shape->count; f++) {
            const struct field *field = &shape->fields[f];
            bool is_nested = field->kind == FIELD_OBJECT || field->kind == FIELD_LIST ||
                             field->kind == FIELD_JSON_LIST;
            bool has_choices = field->choices != NULL;

            /* A text may name its choices for the documentation; an enum cannot do without. */
            check_case(field->name,
                       field->kind == FIELD_TEXT || (field->kind == FIELD_CHOICE) == has_choices);
            check_case(field->name, is_nested == (field->shape != NULL));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_given_once),
        cmocka_unit_test(test_each_field_has_what_its_kind_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
