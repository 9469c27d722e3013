#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/bench.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/models.h"
#include "cmd/narrate.h"
#include "cmd/say.h"
#include "cmd/serve.h"
#include "cmd/text.h"
#include "cmd/transcribe.h"

static const struct command commands[] = {
    { "serve", "the server: HTTP API and workers", cmd_serve },
    { "say", "speak a text into a file or to standard output", cmd_say },
    { "narrate", "turn a story into one WAV a segment, a playlist and subtitles", cmd_narrate },
    { "transcribe", "write down what is said in recordings", cmd_transcribe },
    { "text", "show what the front end makes of a text", cmd_text },
    { "models", "list, pull, remove and verify model files", cmd_models },
    { "bench", "measure this machine: load, first audio, speed, memory", cmd_bench },
};

static void print_help(FILE *out)
{
    fputs("Parlando turns writing into finished speech.\n\n"
          "Usage: parlando COMMAND [options]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`parlando COMMAND --help` shows a command's options and examples.\n"
          "`parlando --version` prints the version.\n\n"
          "Examples:\n"
          "  parlando say \"Hello, world.\" -o hello.wav\n"
          "  parlando narrate story.txt -o out/\n"
          "  parlando transcribe interview.mp3\n"
          "  parlando serve\n"
          "  parlando models list\n",
          out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* What was printed may still be on its way, and a full disk shows only now. */
static int check_output(const struct command *command, int code)
{
    struct err err;

    bool is_written = fflush(stdout) == 0 && !ferror(stdout);
    if (is_written || code != EXIT_SUCCESS)
        return code;
    err_set(&err, ERR_IO, "Not all of the output could be written to standard output.");
    return command_fail(command->name, &err);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct config config;
    struct cancel cancel;
    struct err err;

    err_clear(&err);
    if (!config_init(&config, &err))
        return command_fail(command->name, &err);
    cancel_init(&cancel);
    int code;
    if (interrupt_begin(&cancel, &err)) {
        struct command_context context = { .config = &config, .cancel = &cancel };

        code = check_output(command, command->run(argc, argv, &context));
        interrupt_end();
    } else {
        code = command_fail(command->name, &err);
    }
    cancel_release(&cancel);
    config_release(&config);
    log_close();
    return code;
}

/* Started with one of the standard streams closed, the next file we opened would take its place, and
 * what is printed would go into the database. */
static void reserve_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
            abort();
}

int main(int argc, char **argv)
{
    reserve_standard_streams();
    const char *name = argc > 1 ? argv[1] : "--help";

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return argc > 1 ? EXIT_SUCCESS : 2;
    }
    if (strcmp(name, "--version") == 0) {
        puts("parlando " PARLANDO_VERSION);
        return EXIT_SUCCESS;
    }
    const struct command *command = find_command(name);
    if (!command) {
        fprintf(stderr, "parlando: there is no command \"%s\".\n\n", name);
        print_help(stderr);
        return 2;
    }
    return run(command, argc - 1, argv + 1);
}
