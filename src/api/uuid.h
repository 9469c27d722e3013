#pragma once

/* UUIDs as clients write them: in either case, one resource. Any thread. */

#include "base/arena.h"
#include "http/request.h"

/* In lower case, as the store has them; NULL for what is no UUID. */
const char *uuid_parse(struct arena *arena, const char *text);

/* The path's {id}. What is no UUID comes back as it is: nothing is stored under it. */
const char *request_uuid(struct request *request);
