#pragma once

#include "cmd/command.h"

/* `parlando transcribe`: speech to text. */
int cmd_transcribe(int argc, char **argv, struct command_context *context);
