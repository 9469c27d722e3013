#include <jansson.h>

#include "api/api.h"
#include "api/openapi.h"
#include "base/json.h"
#include "check.h"

/* The document of the whole API, parsed. */
static json_t *document(void)
{
    struct buf json = BUF((size_t)4 << 20);
    struct err err;

    openapi_write(&json, api_tables, api_table_count);
    json_t *root = json_parse(json.data, json.len, "openapi.json", &err);
    if (!root)
        fail_msg("%s", err.message);
    buf_release(&json);
    return root;
}

static void check_reference(const json_t *root, const char *target)
{
    static const char prefix[] = "#/components/schemas/";
    const json_t *schemas = json_object_get(json_object_get(root, "components"), "schemas");

    if (strncmp(target, prefix, strlen(prefix)) != 0 ||
        !json_object_get(schemas, target + strlen(prefix)))
        fail_msg("%s leads nowhere", target);
}

static void check_references(const json_t *root, json_t *node)
{
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach(node, key, value)
    {
        if (strcmp(key, "$ref") == 0)
            check_reference(root, json_string_value(value));
        check_references(root, value);
    }
    json_array_foreach(node, i, value)
    {
        check_references(root, value);
    }
}

static void test_every_schema_that_is_named_exists(void **state)
{
    json_t *root = document();

    (void)state;
    check_references(root, root);
    json_decref(root);
}

static const json_t *operation_of(const json_t *root, const struct route *route)
{
    const char *key, *method;
    json_t *item, *operation;

    json_object_foreach(json_object_get(root, "paths"), key, item)
    {
        json_object_foreach(item, method, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));

            if (id && strcmp(id, route->operation) == 0)
                return operation;
        }
    }
    return NULL;
}

static void test_every_route_is_documented_once(void **state)
{
    json_t *root = document(), *names = json_object();

    (void)state;
    for (size_t t = 0; t < api_table_count; t++) {
        for (size_t r = 0; r < api_tables[t].count; r++) {
            const struct route *route = &api_tables[t].routes[r];
            const char *name = route->operation ? route->operation : route->path;
            const json_t *operation = operation_of(root, route);

            check_case(name, route->operation && route->about && route->statuses);
            check_case(name, !json_object_get(names, name));
            json_object_set_new(names, name, json_true());
            check_case(name, operation);
            check_case(name, json_object_get(json_object_get(operation, "responses"), "default"));
            check_case(name, !route->takes || json_object_get(operation, "requestBody"));
        }
    }
    json_decref(names);
    json_decref(root);
}

static void test_every_part_of_a_path_is_a_parameter(void **state)
{
    json_t *root = document(), *item, *operation, *parameter;
    const char *path, *method;
    size_t i;

    (void)state;
    json_object_foreach(json_object_get(root, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
            {
                const char *name = json_string_value(json_object_get(parameter, "name"));
                char *place = str_format("{%s}", name);
                bool is_path =
                    strcmp(json_string_value(json_object_get(parameter, "in")), "path") == 0;

                check_case(path, !!strstr(path, place) == is_path);
                free(place);
            }
            check_case(path, !strstr(path, "..."));
        }
    }
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_schema_that_is_named_exists),
        cmocka_unit_test(test_every_route_is_documented_once),
        cmocka_unit_test(test_every_part_of_a_path_is_a_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
