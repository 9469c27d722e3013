#pragma once

/* `parlando bench`: load time, first audio, speed and memory on this machine. */

#include "cmd/command.h"

int cmd_bench(int argc, char **argv, struct command_context *context);
