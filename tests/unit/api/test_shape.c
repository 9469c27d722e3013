#include "api/shape.h"

#include "base/id.h"
#include "check.h"

enum mood { MOOD_CALM, MOOD_WILD };

struct tale {
    const char *id, *title, *note;
    enum mood mood;
    int64_t index, told_at;
    double seconds;
    bool is_locked;
    struct text_items order, tags;
    struct list_items parts, echoes;
    struct number_items waves;
    const struct tale *twin;
};

static const char *const moods[] = { "CALM", "WILD", NULL };

static const struct field part_fields[] = {
    { "title", FIELD_TEXT, .offset = offsetof(struct tale, title) },
};

static const struct shape part_shape = { "Part",      "A part.",          SHAPE_ANSWER,
                                         part_fields, COUNT(part_fields), sizeof(struct tale) };

static const struct field answer_fields[] = {
    { "id", FIELD_UUID, .offset = offsetof(struct tale, id) },
    { "title", FIELD_TEXT, .offset = offsetof(struct tale, title), .chars_max = 5 },
    { "note", FIELD_TEXT, FIELD_NULLABLE, .offset = offsetof(struct tale, note) },
    { "mood", FIELD_CHOICE, .offset = offsetof(struct tale, mood), .choices = moods },
    { "index", FIELD_INTEGER, .offset = offsetof(struct tale, index) },
    { "told_at", FIELD_MOMENT, FIELD_NULLABLE, .offset = offsetof(struct tale, told_at) },
    { "seconds", FIELD_NUMBER, FIELD_NULLABLE, .offset = offsetof(struct tale, seconds) },
    { "is_locked", FIELD_BOOLEAN, .offset = offsetof(struct tale, is_locked) },
    { "parts", FIELD_LIST, .offset = offsetof(struct tale, parts), .shape = &part_shape },
    { "waves", FIELD_NUMBER_LIST, .offset = offsetof(struct tale, waves), .items_max = 9 },
    { "twin", FIELD_OBJECT, FIELD_NULLABLE, .offset = offsetof(struct tale, twin),
      .shape = &part_shape },
    { "tags", FIELD_TEXT_LIST, .offset = offsetof(struct tale, tags) },
    { "echoes", FIELD_LIST, FIELD_NULLABLE, .offset = offsetof(struct tale, echoes),
      .shape = &part_shape },
};

static const struct shape answer_shape = {
    "Tale", "A tale.", SHAPE_ANSWER, answer_fields, COUNT(answer_fields), sizeof(struct tale)
};

static const struct field body_fields[] = {
    { "id", FIELD_UUID, .offset = offsetof(struct tale, id) },
    { "title", FIELD_TEXT, FIELD_REQUIRED, .offset = offsetof(struct tale, title), .chars_max = 5 },
    { "note", FIELD_TEXT, FIELD_BLANK | FIELD_VERBATIM | FIELD_NULLABLE,
      .offset = offsetof(struct tale, note), .bytes_max = 4 },
    { "mood", FIELD_CHOICE, .offset = offsetof(struct tale, mood), .choices = moods },
    { "index", FIELD_INTEGER, .offset = offsetof(struct tale, index), .least = 0, .most = 9 },
    { "seconds", FIELD_NUMBER, .offset = offsetof(struct tale, seconds), .least = 0.5, .most = 2 },
    { "is_locked", FIELD_BOOLEAN, .offset = offsetof(struct tale, is_locked) },
    { "order", FIELD_UUID_LIST, .offset = offsetof(struct tale, order), .items_max = 2 },
};

static const struct shape body_shape = { "TaleBody",  "A new tale.",      SHAPE_BODY,
                                         body_fields, COUNT(body_fields), sizeof(struct tale) };
static const struct shape patch_shape = { "TalePatch", "A change.",        SHAPE_PATCH,
                                          body_fields, COUNT(body_fields), sizeof(struct tale) };

#define UUID "0198c0de-0000-7000-8000-00000000abcd"

static void test_an_answer_has_every_field(void **state)
{
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);
    static const double waves[] = { 0, 0.125, 1 };
    static const char *tags[] = { "sad", "\"odd\"" };
    struct tale part = { .title = "One" };
    struct tale tale = { .id = UUID,
                         .title = "Tale",
                         .mood = MOOD_WILD,
                         .index = 3,
                         .told_at = 1,
                         .seconds = 1.5,
                         .is_locked = true,
                         .parts = { &part, 1 },
                         .waves = { waves, COUNT(waves) },
                         .twin = &part,
                         .tags = { tags, COUNT(tags) },
                         .echoes = { &part, 1 } };

    (void)state;
    shape_write(&w, NULL, &answer_shape, &tale);
    assert_string_equal(out.data, "{\"id\":\"" UUID "\",\"title\":\"Tale\",\"note\":null,"
                                  "\"mood\":\"WILD\",\"index\":3,"
                                  "\"told_at\":\"1970-01-01T00:00:00.001Z\",\"seconds\":1.5,"
                                  "\"is_locked\":true,\"parts\":[{\"title\":\"One\"}],"
                                  "\"waves\":[0,0.125,1],"
                                  "\"twin\":{\"title\":\"One\"},"
                                  "\"tags\":[\"sad\",\"\\\"odd\\\"\"],"
                                  "\"echoes\":[{\"title\":\"One\"}]}");
    buf_release(&out);
}

static void test_what_may_be_null_is_null_when_it_is_nothing(void **state)
{
    struct buf out = BUF(4096);
    struct json_writer w = JSON_WRITER(&out);
    struct tale tale = { .id = UUID, .title = "" };

    (void)state;
    shape_write(&w, NULL, &answer_shape, &tale);
    assert_string_equal(out.data, "{\"id\":\"" UUID "\",\"title\":\"\",\"note\":null,"
                                  "\"mood\":\"CALM\",\"index\":0,\"told_at\":null,"
                                  "\"seconds\":null,\"is_locked\":false,\"parts\":[],\"waves\":[],"
                                  "\"twin\":null,\"tags\":[],\"echoes\":null}");
    buf_release(&out);
}

/* What shape_read says about a body, as JSON; "{}" for a good one. */
static char *mistakes(const struct shape *shape, const char *body, struct tale *tale)
{
    struct arena arena = ARENA;
    struct field_errors errors = { .arena = &arena };
    struct buf out = BUF(65536);
    struct json_writer w = JSON_WRITER(&out);
    struct err err;
    json_t *root = json_parse(body, strlen(body), "body", &err);

    assert_non_null(root);
    shape_read(shape, root, tale, &errors);
    field_errors_write(&errors, &w);
    json_decref(root);
    arena_release(&arena);
    return buf_take(&out);
}

static void test_each_mistake_has_its_sentence(void **state)
{
    static const struct {
        const char *body, *mistakes;
    } cases[] = {
        { "{\"title\":\"A\"}", "{}" },
        { "{\"title\":\"A\",\"unknown\":[{}]}", "{}" },
        { "{}", "{\"title\":[\"This field is required.\"]}" },
        { "{\"title\":null}", "{\"title\":[\"This field may not be null.\"]}" },
        { "{\"title\":\"\"}", "{\"title\":[\"This field may not be blank.\"]}" },
        { "{\"title\":\" \\t\\u00a0\\u3000\"}", "{\"title\":[\"This field may not be blank.\"]}" },
        { "{\"title\":7}", "{\"title\":[\"Not a valid string.\"]}" },
        { "{\"title\":[\"A\"]}", "{\"title\":[\"Not a valid string.\"]}" },
        { "{\"title\":\"äöüßé\"}", "{}" },
        { "{\"title\":\"  abcde \"}", "{}" },
        { "{\"title\":\"äöüßéà\"}",
          "{\"title\":[\"Ensure this field has no more than 5 characters.\"]}" },
        { "{\"title\":\"A\",\"note\":\"12345\"}",
          "{\"note\":[\"Ensure this field has no more than 4 bytes.\"]}" },
        { "{\"title\":\"A\",\"note\":\"\"}", "{}" },
        { "{\"title\":\"A\",\"note\":null}", "{}" },
        { "{\"title\":\"A\",\"id\":\"7\"}", "{\"id\":[\"Must be a valid UUID.\"]}" },
        { "{\"title\":\"A\",\"id\":7}", "{\"id\":[\"Must be a valid UUID.\"]}" },
        { "{\"title\":\"A\",\"mood\":\"TAME\"}",
          "{\"mood\":[\"\\\"TAME\\\" is not a valid choice.\"]}" },
        { "{\"title\":\"A\",\"mood\":7}", "{\"mood\":[\"\\\"…\\\" is not a valid choice.\"]}" },
        { "{\"title\":\"A\",\"index\":1.5}", "{\"index\":[\"A valid integer is required.\"]}" },
        { "{\"title\":\"A\",\"index\":-1}",
          "{\"index\":[\"Ensure this value is greater than or equal to 0.\"]}" },
        { "{\"title\":\"A\",\"index\":10}",
          "{\"index\":[\"Ensure this value is less than or equal to 9.\"]}" },
        { "{\"title\":\"A\",\"seconds\":\"1\"}",
          "{\"seconds\":[\"A valid number is required.\"]}" },
        { "{\"title\":\"A\",\"seconds\":0.4}",
          "{\"seconds\":[\"Ensure this value is greater than or equal to 0.5.\"]}" },
        { "{\"title\":\"A\",\"seconds\":2}", "{}" },
        { "{\"title\":\"A\",\"is_locked\":1}", "{\"is_locked\":[\"Must be a valid boolean.\"]}" },
        { "{\"title\":\"A\",\"order\":\"7\"}",
          "{\"order\":[\"Expected a list of items but got type \\\"string\\\".\"]}" },
        { "{\"title\":\"A\",\"order\":[\"" UUID "\",\"7\"]}",
          "{\"order\":[\"Item 2: Must be a valid UUID.\"]}" },
        { "{\"title\":\"A\",\"order\":[1,2,3]}",
          "{\"order\":[\"Ensure this field has no more than 2 elements.\"]}" },
        { "[1]", "{\"non_field_errors\":[\"Invalid data. Expected an object, but got array.\"]}" },
        { "{\"index\":\"x\",\"is_locked\":null}",
          "{\"title\":[\"This field is required.\"],\"index\":[\"A valid integer is required.\"],"
          "\"is_locked\":[\"This field may not be null.\"]}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tale tale = { 0 };
        char *got = mistakes(&body_shape, cases[i].body, &tale);

        check_text(cases[i].body, got, cases[i].mistakes);
        free(got);
    }
}

static void test_a_body_fills_the_struct(void **state)
{
    static const char body[] =
        "{\"id\":\"0198C0DE-0000-7000-8000-00000000ABCD\",\"title\":\" A b \","
        "\"note\":\" x\\n\",\"mood\":\"WILD\",\"index\":9,\"seconds\":0.5,"
        "\"is_locked\":true,\"order\":[\"" UUID "\"]}";
    struct arena arena = ARENA;
    struct field_errors errors = { .arena = &arena };
    struct tale tale = { 0 };
    struct err err;
    json_t *root = json_parse(body, strlen(body), "body", &err);

    (void)state;
    assert_int_equal(shape_read(&body_shape, root, &tale, &errors), 0xff);
    assert_int_equal(errors.count, 0);
    assert_string_equal(tale.id, UUID);
    assert_string_equal(tale.title, "A b");
    assert_string_equal(tale.note, " x\n");
    assert_int_equal(tale.mood, MOOD_WILD);
    assert_int_equal(tale.index, 9);
    assert_true(tale.seconds == 0.5);
    assert_true(tale.is_locked);
    assert_int_equal(tale.order.count, 1);
    assert_string_equal(tale.order.items[0], UUID);
    json_decref(root);
    arena_release(&arena);
}

static void test_a_patch_needs_nothing_and_keeps_the_rest(void **state)
{
    struct tale tale = { .title = "Old", .index = 4 };
    char *got = mistakes(&patch_shape, "{\"index\":5}", &tale);

    (void)state;
    assert_string_equal(got, "{}");
    assert_string_equal(tale.title, "Old");
    assert_int_equal(tale.index, 5);
    free(got);
}

static void test_mistakes_of_one_field_stand_together(void **state)
{
    struct arena arena = ARENA;
    struct field_errors errors = { .arena = &arena };
    struct buf out = BUF(65536);
    struct json_writer w = JSON_WRITER(&out);

    (void)state;
    field_errors_add(&errors, "a", "First.");
    field_errors_add(&errors, "b", "Second.");
    field_errors_add(&errors, "a", "Third.");
    field_errors_write(&errors, &w);
    assert_string_equal(out.data, "{\"a\":[\"First.\",\"Third.\"],\"b\":[\"Second.\"]}");
    for (int i = 0; i < 2 * FIELD_ERRORS_MAX; i++)
        field_errors_add(&errors, "c", "Again.");
    assert_int_equal(errors.count, FIELD_ERRORS_MAX);
    buf_release(&out);
    arena_release(&arena);
}

static json_t *schema_of(const struct shape *shape)
{
    struct buf out = BUF(65536);
    struct json_writer w = JSON_WRITER(&out);
    struct err err;

    json_write_object_begin(&w, NULL);
    shape_schema(&w, shape);
    json_write_object_end(&w);
    json_t *root = json_parse(out.data, out.len, "schema", &err);

    assert_non_null(root);
    buf_release(&out);
    return root;
}

/* One value deep in a tree, by its path of members, as text. */
static void check_schema(const json_t *root, const char *shape, const char *field,
                         const char *expected)
{
    const json_t *schema = json_object_get(root, shape);
    const json_t *value = field ? json_object_get(json_object_get(schema, "properties"), field)
                                : json_object_get(schema, "required");
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_non_null(text);
    check_text(field ? field : "required", text, expected);
    free(text);
}

static void test_a_schema_says_what_the_table_says(void **state)
{
    json_t *answer = schema_of(&answer_shape), *body = schema_of(&body_shape),
           *patch = schema_of(&patch_shape);

    (void)state;
    check_schema(answer, "Tale", NULL,
                 "[\"id\",\"title\",\"note\",\"mood\",\"index\",\"told_at\",\"seconds\","
                 "\"is_locked\",\"parts\",\"waves\",\"twin\",\"tags\",\"echoes\"]");
    check_schema(answer, "Tale", "note", "{\"type\":[\"string\",\"null\"]}");
    check_schema(answer, "Tale", "told_at",
                 "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}");
    check_schema(answer, "Tale", "mood", "{\"type\":\"string\",\"enum\":[\"CALM\",\"WILD\"]}");
    check_schema(answer, "Tale", "parts",
                 "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Part\"}}");
    check_schema(answer, "Tale", "waves",
                 "{\"type\":\"array\",\"maxItems\":9,"
                 "\"items\":{\"type\":\"number\",\"format\":\"double\"}}");
    check_schema(answer, "Tale", "twin",
                 "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Part\"},{\"type\":\"null\"}]}");
    check_schema(answer, "Tale", "tags", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
    check_schema(answer, "Tale", "echoes",
                 "{\"type\":[\"array\",\"null\"],"
                 "\"items\":{\"$ref\":\"#/components/schemas/Part\"}}");
    check_schema(body, "TaleBody", NULL, "[\"title\"]");
    check_schema(body, "TaleBody", "title",
                 "{\"type\":\"string\",\"minLength\":1,\"maxLength\":5}");
    check_schema(body, "TaleBody", "seconds",
                 "{\"type\":\"number\",\"format\":\"double\",\"minimum\":0.5,\"maximum\":2}");
    check_schema(body, "TaleBody", "order",
                 "{\"type\":\"array\",\"maxItems\":2,"
                 "\"items\":{\"type\":\"string\",\"format\":\"uuid\"}}");
    check_schema(patch, "TalePatch", NULL, "[]");
    json_decref(answer);
    json_decref(body);
    json_decref(patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_has_every_field),
        cmocka_unit_test(test_what_may_be_null_is_null_when_it_is_nothing),
        cmocka_unit_test(test_each_mistake_has_its_sentence),
        cmocka_unit_test(test_a_body_fills_the_struct),
        cmocka_unit_test(test_a_patch_needs_nothing_and_keeps_the_rest),
        cmocka_unit_test(test_mistakes_of_one_field_stand_together),
        cmocka_unit_test(test_a_schema_says_what_the_table_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
