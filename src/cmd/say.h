#pragma once

/* `parlando say`: speech from the shell, into a file or to standard output. */

#include "cmd/command.h"

int cmd_say(int argc, char **argv, struct command_context *context);
