#pragma once

/* `parlando text`: what the front end makes of a text. */

#include "cmd/command.h"

int cmd_text(int argc, char **argv, struct command_context *context);
