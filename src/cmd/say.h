#pragma once

#include "cmd/command.h"

int cmd_say(int argc, char **argv, struct command_context *context);
