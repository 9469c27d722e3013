#pragma once

/*
 * Command-line options as a table: a row serves parsing, checking and help.
 *
 *     const struct option_row rows[] = {
 *         { "output", 'o', OPTION_TEXT, &path, .argument = "FILE", .help = "where to write" },
 *         { "speed", 's', OPTION_NUMBER, &speed, 0.5, 2.0, "X", "1 is natural" },
 *     };
 *
 * --help prints usage, the rows, the shared rows of config.h and the examples.
 */

#include "cmd/config.h"

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *, borrowed from argv */
    OPTION_INTEGER, /* int64_t */
    OPTION_NUMBER,  /* double */
};

struct option_row {
    const char *name; /* long name without dashes */
    char letter;      /* short name, or 0 */
    enum option_kind kind;
    void *value; /* set when the option is given */
    double least, most;
    const char *argument; /* "FILE" in the help */
    const char *help;
};

struct usage {
    const char *synopsis; /* "parlando say [options] TEXT" */
    const char *about;    /* a paragraph, lines of at most 80 characters */
    const char *examples; /* lines */
    const struct option_row *rows;
    size_t row_count;
    bool takes_no_arguments; /* options only */
    bool is_server;          /* takes the server's settings too */
};

struct arguments {
    char **values; /* what is left of argv, in order */
    int count;
};

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG };

/* Reads the options of usage and the configuration's own; config ends settled. OPTIONS_HELP: the
 * help was printed, exit 0. OPTIONS_WRONG: err says what. */
enum options_result options_parse(const struct usage *usage, int argc, char **argv,
                                  struct config *config, struct arguments *rest, struct err *err);
