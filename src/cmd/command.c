#include "cmd/command.h"

#include <stdio.h>

int command_fail(const char *command, const struct err *err)
{
    fprintf(stderr, "parlando %s: %s\n", command, err->message);
    return err_exit_code(err->kind);
}

bool command_begin(const char *command, const struct usage *usage, int argc, char **argv,
                   struct command_context *context, struct arguments *arguments, int *exit_code)
{
    struct config *config = context->config;
    struct err err;

    err_clear(&err);
    *exit_code = 0;
    switch (options_parse(usage, argc, argv, config, arguments, &err)) {
    case OPTIONS_HELP:
        return false;
    case OPTIONS_WRONG:
        *exit_code = command_fail(command, &err);
        return false;
    case OPTIONS_OK:
        break;
    }
    enum log_level level = LOG_WARNING;
    if (log_level_parse(config->log_level, &level) && log_open(level, config->log_file, &err))
        return true;
    *exit_code = command_fail(command, &err);
    return false;
}
