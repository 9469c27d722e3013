#include "api/api.h"
#include "check.h"

/* The face for a path, as the server picks it: here by its pattern. */
static const struct face *face_of(const char *pattern)
{
    for (size_t i = 0; i < api_face_count; i++)
        if (strcmp(api_faces[i].pattern, pattern) == 0)
            return &api_faces[i];
    fail_msg("there is no face for %s", pattern);
    return NULL;
}

static const struct {
    const char *name, *face;
    int status;
    const char *param, *message;
    const char *media_type;
    int retry_after_s;
    const char *expected;
} cases[] = {
    { "a body that cannot be read", "/", 400, "", "JSON parse error, line 1.", NULL, 0,
      "{\"detail\":\"JSON parse error, line 1.\"}" },
    { "a field that is wrong", "/", 400, "title", "This field may not be blank.", NULL, 0,
      "{\"title\":[\"This field may not be blank.\"]}" },
    { "no key", "/", 401, "", "Authentication credentials were not provided.", NULL, 0,
      "{\"detail\":\"Authentication credentials were not provided.\"}" },
    { "a foreign page", "/", 403, "", "Its origin is not allowed.", NULL, 0,
      "{\"detail\":\"You do not have permission to perform this action.\","
      "\"reason\":\"Its origin is not allowed.\"}" },
    { "a project that is not there", "/", 404, "", "There is no project x.", NULL, 0,
      "{\"detail\":\"Not found.\"}" },
    { "a page that is not there", "/", 404, "page", "Invalid page.", NULL, 0,
      "{\"detail\":\"Invalid page.\"}" },
    { "another method", "/", 405, "", "GET only.", NULL, 0,
      "{\"detail\":\"Method \\\"PUT\\\" not allowed.\"}" },
    { "an Accept we cannot serve", "/", 406, "", "", NULL, 0,
      "{\"detail\":\"Could not satisfy the request Accept header.\"}" },
    { "a locked segment", "/", 409, "", "The segment is locked.", NULL, 0,
      "{\"detail\":\"The segment is locked.\"}" },
    { "another content type", "/", 415, "", "JSON is wanted.", "text/csv", 0,
      "{\"detail\":\"Unsupported media type \\\"text/csv\\\" in request.\","
      "\"reason\":\"JSON is wanted.\"}" },
    { "a content type that is no text", "/", 415, "", "JSON is wanted.", "text/\xff\xc3", 0,
      "{\"detail\":\"Unsupported media type \\\"text/\\\" in request.\","
      "\"reason\":\"JSON is wanted.\"}" },
    { "too often", "/", 429, "", "Busy.", NULL, 7,
      "{\"detail\":\"Request was throttled. Expected available in 7 seconds.\"}" },
    { "too often, once more in a second", "/", 429, "", "Busy.", NULL, 1,
      "{\"detail\":\"Request was throttled. Expected available in 1 second.\"}" },
    { "too busy", "/", 503, "", "All request threads are busy.", NULL, 1,
      "{\"detail\":\"All request threads are busy.\"}" },

    { "a task that is not there", "/api/tasks/", 404, "", "Task not found", NULL, 0,
      "{\"error\":\"Task not found\"}" },
    { "a task that has ended", "/api/tasks/", 409, "", "The task has ended.", NULL, 0,
      "{\"error\":\"The task has ended.\"}" },
    { "another method on a task", "/api/tasks/", 405, "", "", NULL, 0,
      "{\"detail\":\"Method \\\"PUT\\\" not allowed.\"}" },

    { "a segment without text", "/api/segments/*/generate-audio/", 400, "", "No text.", NULL, 0,
      "{\"error\":\"No text.\"}" },
    { "a locked segment to speak", "/api/segments/*/generate-audio/", 409, "", "Locked.", NULL, 0,
      "{\"error\":\"Locked.\"}" },
    { "no segment to speak", "/api/segments/*/generate-audio/", 404, "", "Gone.", NULL, 0,
      "{\"detail\":\"Not found.\"}" },
    { "no model", "/api/projects/*/generate-all-audio/", 503, "", "No model.", NULL, 0,
      "{\"error\":\"No model.\"}" },
    { "an option that is no boolean", "/api/projects/*/generate-all-audio/", 400, "skip_locked",
      "Must be a valid boolean.", NULL, 0, "{\"skip_locked\":[\"Must be a valid boolean.\"]}" },

    { "no batch", "/api/batch/", 404, "", "There is no batch x.", NULL, 0,
      "{\"error\":\"There is no batch x.\"}" },
    { "no take", "/audio/", 404, "", "There is no take x.", NULL, 0,
      "{\"error\":\"There is no take x.\"}" },

    { "an unknown voice", "/v1/", 400, "voice", "There is no voice x.", NULL, 0,
      "{\"error\":{\"message\":\"There is no voice x.\",\"type\":\"invalid_request_error\","
      "\"param\":\"voice\",\"code\":null}}" },
    { "a wrong key", "/v1/", 401, "", "Incorrect API key.", NULL, 0,
      "{\"error\":{\"message\":\"Incorrect API key.\",\"type\":\"invalid_request_error\","
      "\"param\":null,\"code\":\"invalid_api_key\"}}" },
    { "an unknown model", "/v1/", 404, "model", "There is no model x.", NULL, 0,
      "{\"error\":{\"message\":\"There is no model x.\",\"type\":\"invalid_request_error\","
      "\"param\":\"model\",\"code\":\"model_not_found\"}}" },
    { "an unknown address", "/v1/", 404, "", "Nothing is at /v1/x.", NULL, 0,
      "{\"error\":{\"message\":\"Nothing is at /v1/x.\",\"type\":\"invalid_request_error\","
      "\"param\":null,\"code\":null}}" },
    { "too fast", "/v1/", 429, "", "Slow down.", NULL, 1,
      "{\"error\":{\"message\":\"Slow down.\",\"type\":\"rate_limit_exceeded\","
      "\"param\":null,\"code\":\"rate_limit_exceeded\"}}" },
    { "our fault", "/v1/", 500, "", "A bug.", NULL, 0,
      "{\"error\":{\"message\":\"A bug.\",\"type\":\"server_error\",\"param\":null,"
      "\"code\":null}}" },

    { "a wrong key, to ElevenLabs' client", "/v1/user/", 401, "", "Incorrect API key.", NULL, 0,
      "{\"detail\":{\"type\":\"authentication_error\",\"code\":\"invalid_api_key\","
      "\"message\":\"Incorrect API key.\",\"status\":\"invalid_api_key\","
      "\"request_id\":\"req_1\",\"param\":null}}" },
    { "a voice that is not there", "/v1/text-to-speech/", 404, "voice_id", "There is no voice x.",
      NULL, 0,
      "{\"detail\":{\"type\":\"not_found\",\"code\":\"voice_not_found\","
      "\"message\":\"There is no voice x.\",\"status\":\"voice_not_found\","
      "\"request_id\":\"req_1\",\"param\":\"voice_id\"}}" },
    { "too many at once", "/v1/text-to-speech/", 429, "", "Busy.", NULL, 1,
      "{\"detail\":{\"type\":\"rate_limit_error\",\"code\":\"too_many_concurrent_requests\","
      "\"message\":\"Busy.\",\"status\":\"too_many_concurrent_requests\","
      "\"request_id\":\"req_1\",\"param\":null}}" },
    { "our fault, to ElevenLabs' client", "/v2/", 507, "", "The disk is full.", NULL, 0,
      "{\"detail\":{\"type\":\"internal_error\",\"code\":\"internal_error\","
      "\"message\":\"The disk is full.\",\"status\":\"internal_error\","
      "\"request_id\":\"req_1\",\"param\":null}}" },
};

static void test_each_error_speaks_the_dialect_of_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = BUF(4096);
        struct json_writer writer = JSON_WRITER(&out);
        struct err err = { 0 };
        struct problem problem = {
            .status = cases[i].status,
            .method = "PUT",
            .path = "/x",
            .media_type = cases[i].media_type,
            .retry_after_s = cases[i].retry_after_s,
            .err = &err,
            .request_id = "req_1",
        };

        err_set_param(&err, ERR_INVALID, cases[i].param, "%s", cases[i].message);
        face_of(cases[i].face)->write(&writer, &problem);
        check_text(cases[i].name, out.data, cases[i].expected);
        buf_release(&out);
    }
}

static void test_the_last_face_fits_every_path(void **state)
{
    (void)state;
    assert_string_equal(api_faces[api_face_count - 1].pattern, "/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_error_speaks_the_dialect_of_its_path),
        cmocka_unit_test(test_the_last_face_fits_every_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
