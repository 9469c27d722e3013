#pragma once

/* The files of projects: recordings, pictures and renders, with Range, HEAD and ETag. */

#include "http/route.h"

extern const struct route media_routes[1];
