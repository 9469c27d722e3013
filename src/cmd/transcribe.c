#include "cmd/transcribe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/decode.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/progress.h"
#include "transcribe/transcript.h"

#define STDIN_MAX ((size_t)1 << 30) /* bytes of a recording that comes through a pipe */
#define PIECE 65536

struct transcribe_command {
    const char *output, *format, *language;
    bool is_quiet;
    enum transcript_format transcript_format;
    bool has_output_folder;
};

/* ---- where transcripts go ---- */

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool has_output(const struct transcribe_command *command)
{
    return command->output && strcmp(command->output, "-") != 0;
}

static const char *name_of(const char *path)
{
    return is_stdin(path) ? "stdin" : path_base(path);
}

/* Bytes of a file's name without its ending. */
static int stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');

    return (int)(dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

/* Has another recording this name but for its ending? */
static bool shares_stem(const struct arguments *arguments, int place)
{
    const char *name = name_of(arguments->values[place]);
    int stem = stem_length(name);

    for (int i = 0; i < arguments->count; i++) {
        const char *other = name_of(arguments->values[i]);

        if (i != place && stem_length(other) == stem && memcmp(name, other, (size_t)stem) == 0)
            return true;
    }
    return false;
}

/* Where a file's transcript goes: the caller's path, or NULL for standard output. talk.wav becomes
 * talk.srt, or talk.wav.srt beside a talk.mp3, whichever of them comes first. */
static char *output_of(const struct transcribe_command *command, const struct arguments *arguments,
                       int place)
{
    const char *name = name_of(arguments->values[place]);

    if (!has_output(command))
        return NULL;
    if (!command->has_output_folder)
        return xstrdup(command->output);
    int length = shares_stem(arguments, place) ? (int)strlen(name) : stem_length(name);
    char *file =
        str_format("%.*s.%s", length, name, transcript_format_ending(command->transcript_format));
    char *out = path_join(command->output, file);

    free(file);
    return out;
}

/* Two recordings of one name, in different folders, would overwrite each other's text. */
static bool check_outputs(const struct transcribe_command *command,
                          const struct arguments *arguments, struct err *err)
{
    bool ok = true;

    for (int i = 1; ok && i < arguments->count; i++)
        for (int k = 0; ok && k < i; k++) {
            char *one = output_of(command, arguments, i);
            char *other = output_of(command, arguments, k);

            ok = !one || strcmp(one, other) != 0 ||
                 err_set_param(err, ERR_INVALID, "output", "%s and %s would both be written to %s.",
                               arguments->values[k], arguments->values[i], one);
            free(one);
            free(other);
        }
    return ok;
}

static bool settle_output(struct transcribe_command *command, const struct arguments *arguments,
                          struct err *err)
{
    if (!has_output(command))
        return true;
    if (!*command->output)
        return err_set_param(err, ERR_INVALID, "output", "Give a file or a folder: -o FILE.");
    size_t length = strlen(command->output);
    command->has_output_folder = arguments->count > 1 || command->output[length - 1] == '/' ||
                                 file_is_directory(command->output);
    return true;
}

/* Where the options say no format, the ending of the output's name does: talk.srt. */
static bool settle_format(struct transcribe_command *command, struct err *err)
{
    if (command->format)
        return transcript_format_parse(command->format, &command->transcript_format) ||
               err_set_param(err, ERR_INVALID, "format",
                             "There is no format \"%.40s\": text, json, srt, vtt or verbose_json.",
                             command->format);
    if (!has_output(command) || command->has_output_folder ||
        transcript_format_from_path(command->output, &command->transcript_format))
        return true;
    return err_set_param(err, ERR_INVALID, "output",
                         "%s: the name's ending is none of .txt .json .srt .vtt; say which with "
                         "--format.",
                         command->output);
}

static bool make_output_folder(const struct transcribe_command *command, struct err *err)
{
    return !command->has_output_folder || directory_create(command->output, err);
}

static bool settle(struct transcribe_command *command, const struct arguments *arguments,
                   struct err *err)
{
    int from_stdin = 0;

    if (arguments->count == 0)
        return err_set(err, ERR_INVALID, "Give a recording: a file, or - for standard input.");
    for (int i = 0; i < arguments->count; i++)
        from_stdin += is_stdin(arguments->values[i]);
    if (from_stdin > 1)
        return err_set(err, ERR_INVALID, "Standard input (-) can be read once only.");
    return settle_output(command, arguments, err) && settle_format(command, err) &&
           check_outputs(command, arguments, err) && make_output_folder(command, err);
}

/* ---- standard input ---- */

/* Into a file without a name: many kinds of recordings can only be read back and forth. */
static bool copy_stdin(FILE *out, struct cancel *cancel, struct err *err)
{
    char piece[PIECE];
    size_t total = 0, n;

    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0) {
        total += n;
        if (total > STDIN_MAX)
            return err_set(err, ERR_TOO_LARGE, "Standard input is longer than %zu MB.",
                           STDIN_MAX >> 20);
        if (fwrite(piece, 1, n, out) != n)
            return err_system(err, "write", "a temporary file");
        if (!cancel_check(cancel, err))
            return false;
    }
    if (ferror(stdin) && cancel_check(cancel, err))
        return err_system(err, "read", "standard input");
    return cancel_check(cancel, err) &&
           (fflush(out) == 0 || err_system(err, "write", "a temporary file"));
}

/* ---- hearing ---- */

struct listening {
    struct transcript transcript;
    struct progress *progress;
};

static bool keep_segment(void *state, const struct transcript_segment *segment, struct err *err)
{
    return transcript_add(&((struct listening *)state)->transcript, segment, err);
}

static void show_progress(void *state, double fraction)
{
    progress_fraction(((struct listening *)state)->progress, fraction);
}

static bool write_transcript(const struct transcript *transcript,
                             const struct transcribe_command *command, const char *output,
                             struct err *err)
{
    struct buf text = BUF(2 * (size_t)TRANSCRIPT_BYTES_MAX);

    transcript_format(transcript, command->transcript_format, NULL, &text);
    if (strcmp(transcript_format_ending(command->transcript_format), "json") == 0)
        buf_append_char(&text, '\n');
    bool ok = buf_ok(&text, "transcript", err);
    if (ok && output)
        ok = file_write(output, text.data ? text.data : "", text.len, err);
    else if (ok && (fwrite(text.data ? text.data : "", 1, text.len, stdout) != text.len ||
                    fflush(stdout) != 0))
        ok = err_system(err, "write", "standard output");
    buf_release(&text);
    return ok;
}

static void print_report(const char *name, const char *output, const struct transcript *transcript)
{
    const struct transcript_outcome *o = &transcript->outcome;

    fprintf(stderr, "%s: %.1f s heard by %s in %.1f s, %zu segment%s%s%s\n", name, o->seconds,
            o->model, o->work_s, transcript->count, transcript->count == 1 ? "" : "s",
            output ? ", written to " : "", output ? output : "");
}

static bool hear_path(struct transcriber *transcriber, const struct transcribe_command *command,
                      const char *path, const char *name, const char *output, struct cancel *cancel,
                      struct err *err)
{
    const struct transcribe_options options = { .language = command->language };
    struct listening listening = {
        .transcript = TRANSCRIPT,
        .progress = progress_create(name, command->is_quiet),
    };
    const struct transcript_sink sink = { keep_segment, show_progress, &listening };
    struct transcript *transcript = &listening.transcript;

    bool ok = transcriber_hear_file(transcriber, path, name, &options, &sink, cancel,
                                    &transcript->outcome, err);
    progress_destroy(listening.progress);
    ok = ok && write_transcript(transcript, command, output, err);
    if (ok && !command->is_quiet && (output || !isatty(STDOUT_FILENO)))
        print_report(name, output, transcript);
    transcript_release(transcript);
    return ok;
}

static bool hear_stdin(struct transcriber *transcriber, const struct transcribe_command *command,
                       const char *output, struct cancel *cancel, struct err *err)
{
    FILE *copy = tmpfile();
    bool ok = false;

    if (!copy)
        return err_system(err, "make", "a temporary file");
    if (copy_stdin(copy, cancel, err)) {
        char *path = str_format("/dev/fd/%d", fileno(copy));

        ok = hear_path(transcriber, command, path, "standard input", output, cancel, err);
        free(path);
    }
    fclose(copy);
    return ok;
}

/* ---- all of them ---- */

/* The files of a command that go wrong do not stop the others; the first error's code is its own. */
struct round {
    const struct transcribe_command *command;
    const struct arguments *arguments;
    struct cancel *cancel;
    bool *is_readable; /* for each argument; owned */
    int readable_count;
    int code;
};

static void note_failure(struct round *round, const struct err *err)
{
    int code = command_fail("transcribe", err);

    round->code = round->code ? round->code : code;
}

/* Is it there, and has it sound? Its first piece is decoded for that. */
static bool can_read(const char *path, struct err *err)
{
    const struct decode_options options = { .max_seconds = TRANSCRIBER_SECONDS_MAX };
    struct decoder *decoder = is_stdin(path) ? NULL : decoder_open_file(path, &options, err);

    decoder_close(decoder);
    return is_stdin(path) || decoder;
}

/* Before the models are loaded, which takes its time: a mistyped name is told at once. */
static void look_at_files(struct round *round)
{
    for (int i = 0; i < round->arguments->count; i++) {
        struct err err = { 0 };

        round->is_readable[i] = can_read(round->arguments->values[i], &err);
        if (round->is_readable[i])
            round->readable_count++;
        else
            note_failure(round, &err);
    }
}

static void hear_one(struct round *round, struct transcriber *transcriber, int place)
{
    const char *path = round->arguments->values[place];
    char *output = output_of(round->command, round->arguments, place);
    struct err err = { 0 };

    bool ok = is_stdin(path)
                  ? hear_stdin(transcriber, round->command, output, round->cancel, &err)
                  : hear_path(transcriber, round->command, path, path, output, round->cancel, &err);
    if (!ok)
        note_failure(round, &err);
    free(output);
}

static void hear_all(struct round *round, struct transcriber *transcriber)
{
    struct err err = { 0 };

    if (!transcriber_can_hear(transcriber, &err)) {
        note_failure(round, &err);
        return;
    }
    for (int i = 0; i < round->arguments->count && !cancel_is_requested(round->cancel); i++)
        if (round->is_readable[i])
            hear_one(round, transcriber, i);
}

static int transcribe(const struct config *config, const struct transcribe_command *command,
                      const struct arguments *arguments, struct cancel *cancel)
{
    const struct transcriber_options options = {
        .models_dir = config->models,
        .onnxruntime = config->onnxruntime,
        .threads = (int)config->threads,
    };
    struct round round = { .command = command, .arguments = arguments, .cancel = cancel };

    round.is_readable = xcalloc((size_t)arguments->count, sizeof *round.is_readable);
    look_at_files(&round);
    if (round.readable_count > 0) {
        struct transcriber *transcriber = transcriber_create(&options);

        hear_all(&round, transcriber);
        transcriber_destroy(transcriber);
    }
    free(round.is_readable);
    return round.code;
}

int cmd_transcribe(int argc, char **argv, struct command_context *context)
{
    struct transcribe_command command = { .transcript_format = TRANSCRIPT_TEXT };
    const struct option_row rows[] = {
        { "output", 'o', OPTION_TEXT, &command.output, 0, 0, "FILE",
          "where to: a file, or a folder for several; - is standard output" },
        { "format", 'f', OPTION_TEXT, &command.format, 0, 0, "NAME",
          "text, json, srt, vtt, verbose_json (else by the file's ending)" },
        { "language", 'l', OPTION_TEXT, &command.language, 0, 0, "TAG",
          "what is spoken; English is understood" },
        { "quiet", 'q', OPTION_FLAG, &command.is_quiet, 0, 0, NULL, "no progress, no report" },
    };
    const struct usage usage = {
        .synopsis = "parlando transcribe [options] FILE… | -",
        .about = "Writes down what is said in recordings of any kind: MP3, M4A, WAV, FLAC, Ogg,\n"
                 "Opus, WebM, and the sound of videos. A file that cannot be read does not stop\n"
                 "the others.",
        .examples = "  parlando transcribe interview.mp3\n"
                    "  parlando transcribe talk.m4a -o talk.srt\n"
                    "  parlando transcribe *.wav -o texts/ --format json\n"
                    "  arecord -d 5 -f S16_LE -r 16000 | parlando transcribe -",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments arguments;
    struct err err;
    int exit_code;

    if (!command_begin("transcribe", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    err_clear(&err);
    if (!settle(&command, &arguments, &err))
        return command_fail("transcribe", &err);
    return transcribe(context->config, &command, &arguments, context->cancel);
}
