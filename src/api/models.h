#pragma once

/* The models of this machine: what is installed, loaded and on its way; getting and removing them. */

#include "api/shape.h"
#include "http/route.h"
#include "studio/model_shelf.h"

extern const struct shape model_shape; /* of a struct model_view */
extern const struct shape model_list_shape;
extern const struct shape model_tensor_shape;
extern const struct shape model_pull_shape; /* of a struct pull_report */
extern const struct shape model_check_shape;
extern const struct shape model_name_body_shape, loaded_models_shape;

extern const struct route model_routes[10];
