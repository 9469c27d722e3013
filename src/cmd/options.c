#include "cmd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"

#define FIRST_CODE 256 /* option codes above every character */
#define HELP_COLUMN 28

/* getopt's form of the rows: those of the command, then the configuration's, then --help. A code is
 * FIRST_CODE and the row's place in that order. */
struct table {
    struct option *long_options;
    struct buf letters;
    size_t count;
};

static void table_add(struct table *table, const char *name, bool has_value, char letter,
                      size_t code)
{
    struct option *row = &table->long_options[table->count];

    *row = (struct option){ .name = name,
                            .has_arg = has_value ? required_argument : no_argument,
                            .val = FIRST_CODE + (int)code };
    table->count++;
    if (letter) {
        buf_append_char(&table->letters, letter);
        if (has_value)
            buf_append_char(&table->letters, ':');
    }
}

static void table_init(struct table *table, const struct usage *usage)
{
    size_t most = usage->row_count + config_row_count + 2;

    *table = (struct table){ .long_options = xcalloc(most, sizeof *table->long_options),
                             .letters = BUF(256) };
    buf_append_str(&table->letters, ":h"); /* ':' tells a missing value from an unknown option */
    for (size_t i = 0; i < usage->row_count; i++)
        table_add(table, usage->rows[i].name, usage->rows[i].kind != OPTION_FLAG,
                  usage->rows[i].letter, i);
    for (size_t i = 0; i < config_row_count; i++)
        if (usage->is_server || !config_rows[i].is_server)
            table_add(table, config_rows[i].name, config_rows[i].argument != NULL, 0,
                      usage->row_count + i);
    table_add(table, "help", false, 0, usage->row_count + config_row_count);
}

static void table_release(struct table *table)
{
    free(table->long_options);
    buf_release(&table->letters);
}

static bool set_row(const struct option_row *row, const char *text, struct err *err)
{
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->value = true;
        return true;
    case OPTION_TEXT:
        *(const char **)row->value = text;
        return true;
    case OPTION_INTEGER:
        return number_parse_int(text, row->name, (int64_t)row->least, (int64_t)row->most,
                                row->value, err);
    case OPTION_NUMBER:
        return number_parse(text, row->name, row->least, row->most, row->value, err);
    }
    return false;
}

static void print_row(const char *name, char letter, const char *argument, const char *help)
{
    char *left = str_format("%s%c%s --%s %s", letter ? "-" : " ", letter ? letter : ' ',
                            letter ? "," : " ", name, argument ? argument : "");

    printf("  %-*s", HELP_COLUMN, left);
    if (strlen(left) >= HELP_COLUMN)
        printf("\n  %*s", HELP_COLUMN, "");
    printf("%s\n", help);
    free(left);
}

static void print_config_rows(bool is_server)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (config_rows[i].is_server == is_server)
            print_row(config_rows[i].name, 0, config_rows[i].argument, config_rows[i].help);
}

static void print_help(const struct usage *usage)
{
    printf("Usage: %s\n\n%s\n\nOptions:\n", usage->synopsis, usage->about);
    for (size_t i = 0; i < usage->row_count; i++)
        print_row(usage->rows[i].name, usage->rows[i].letter, usage->rows[i].argument,
                  usage->rows[i].help);
    if (usage->is_server) {
        printf("\nThe server (also as PARLANDO_… variables and in the config file):\n");
        print_config_rows(true);
    }
    printf("\nEverywhere (also as PARLANDO_… variables and in the config file):\n");
    print_config_rows(false);
    printf("\nExamples:\n%s\n", usage->examples);
}

static const struct option_row *row_of_letter(const struct usage *usage, int letter)
{
    for (size_t i = 0; i < usage->row_count; i++)
        if (usage->rows[i].letter == letter)
            return &usage->rows[i];
    return NULL;
}

static enum options_result wrong_option(int code, char **argv, struct err *err)
{
    const char *given = argv[optind - 1];

    if (code == ':')
        err_set(err, ERR_INVALID, "The option %s needs a value.", given);
    else
        err_set(err, ERR_INVALID, "There is no option %s here. See --help.", given);
    return OPTIONS_WRONG;
}

static bool apply(const struct usage *usage, int code, struct config *config, struct err *err)
{
    if (code < FIRST_CODE)
        return set_row(row_of_letter(usage, code), optarg, err);
    size_t index = (size_t)code - FIRST_CODE;
    if (index < usage->row_count)
        return set_row(&usage->rows[index], optarg, err);
    return config_set_flag(config, &config_rows[index - usage->row_count], optarg ? optarg : "true",
                           err);
}

enum options_result options_parse(const struct usage *usage, int argc, char **argv,
                                  struct config *config, struct arguments *rest, struct err *err)
{
    enum options_result result = OPTIONS_OK;
    struct table table;
    int code;

    table_init(&table, usage);
    const int help_code = FIRST_CODE + (int)(usage->row_count + config_row_count);
    opterr = 0;
    optind = 1;
    while (result == OPTIONS_OK &&
           (code = getopt_long(argc, argv, table.letters.data, table.long_options, NULL)) != -1) {
        if (code == 'h' || code == help_code) {
            print_help(usage);
            result = OPTIONS_HELP;
        } else if (code == ':' || code == '?') {
            result = wrong_option(code, argv, err);
        } else if (!apply(usage, code, config, err)) {
            result = OPTIONS_WRONG;
        }
    }
    *rest = (struct arguments){ .values = argv + optind, .count = argc - optind };
    if (result == OPTIONS_OK && usage->takes_no_arguments && rest->count > 0) {
        err_set(err, ERR_INVALID, "It takes options only, not \"%.60s\". See --help.",
                rest->values[0]);
        result = OPTIONS_WRONG;
    }
    table_release(&table);
    return result;
}
