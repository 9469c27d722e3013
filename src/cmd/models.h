#pragma once

/* `parlando models`: list, pull, remove and verify model files. */

#include "cmd/command.h"

int cmd_models(int argc, char **argv, struct command_context *context);
