#pragma once

/*
 * A command of the program: one file each, one row each in main.c.
 *
 * A command begins with command_begin(), which reads its options (options.h),
 * does its work with what the context holds, and returns the process's exit
 * code; command_fail() prints an error and gives its code.
 */

#include "base/cancel.h"
#include "cmd/options.h"

struct command_context {
    struct config *config; /* settled once the command has read its options */
    struct cancel *cancel; /* requested by Ctrl-C, SIGTERM and SIGHUP */
};

struct command {
    const char *name;    /* "say" */
    const char *summary; /* one line for `parlando --help` */
    int (*run)(int argc, char **argv, struct command_context *context); /* argv[0] is the name */
};

/* Prints "parlando <command>: <message>" to standard error and returns the exit code. */
int command_fail(const char *command, const struct err *err);

/* Reads the command's options, settles the configuration and opens the log. True to go on; false
 * with *exit_code when help was printed or an option is wrong. */
bool command_begin(const char *command, const struct usage *usage, int argc, char **argv,
                   struct command_context *context, struct arguments *arguments, int *exit_code);
