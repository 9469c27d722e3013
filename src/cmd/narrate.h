#pragma once

/* `parlando narrate`: a story into recordings, a playlist and subtitles. */

#include "cmd/command.h"

int cmd_narrate(int argc, char **argv, struct command_context *context);
