#pragma once

#include "cmd/command.h"

int cmd_bench(int argc, char **argv, struct command_context *context);
