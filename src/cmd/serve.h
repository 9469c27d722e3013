#pragma once

/* `parlando serve`: the HTTP server, and the workers behind it, until a signal comes. */

#include "cmd/command.h"

int cmd_serve(int argc, char **argv, struct command_context *context);
