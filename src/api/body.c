#include "api/body.h"

bool body_read(struct request *request, const struct shape *shape, void *object, uint64_t *given,
               struct field_errors *errors, struct err *err)
{
    const json_t *body = request_json(request, err);

    if (!body)
        return false;
    uint64_t bits = shape_read(shape, body, object, errors);

    if (given)
        *given = bits;
    return true;
}

bool body_refuse(struct response *response, const struct field_errors *errors)
{
    response_status(response, 400);
    field_errors_write(errors, response_json(response));
    return true;
}

bool body_refuse_field(struct response *response, struct request *request, const char *field,
                       const char *message)
{
    struct field_errors errors = { .arena = request_arena(request) };

    field_errors_add(&errors, field, "%s", message);
    return body_refuse(response, &errors);
}
