#pragma once

#include "cmd/command.h"

int cmd_text(int argc, char **argv, struct command_context *context);
