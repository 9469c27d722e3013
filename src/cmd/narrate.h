#pragma once

#include "cmd/command.h"

int cmd_narrate(int argc, char **argv, struct command_context *context);
