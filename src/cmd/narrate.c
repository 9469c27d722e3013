#include "cmd/narrate.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "cmd/progress.h"
#include "studio/document.h"
#include "studio/narrate.h"
#include "studio/speech.h"

struct narrate_command {
    const char *output, *format, *voice, *model, *title;
    double speed;
    bool with_book, is_forced, is_json, is_quiet;
    enum document_format document_format;
};

static bool settle(struct narrate_command *command, const struct arguments *arguments,
                   struct err *err)
{
    if (arguments->count != 1)
        return err_set(err, ERR_INVALID, "Give one story: a file, or - for standard input.");
    if (!command->output || !*command->output)
        return err_set_param(err, ERR_INVALID, "output", "Say which folder to write to: -o DIR.");
    if (command->format && !document_format_parse(command->format, &command->document_format))
        return err_set_param(err, ERR_INVALID, "format",
                             "There is no format \"%.40s\": auto, text, markdown, json or epub.",
                             command->format);
    return true;
}

/* What changes the sound besides voice, speed, engine and model: the caller's string, or NULL when
 * the lexicon cannot be read. */
static char *settings_of(const struct config *config, struct err *err)
{
    char lexicon[SHA256_HEX] = "";

    if (config->lexicon && !sha256_file(config->lexicon, lexicon, NULL, err))
        return NULL;
    return str_format("phonemes=%s lexicon=%s", config->phonemes ? config->phonemes : "", lexicon);
}

/* What the observer tells, and whom. */
struct watch {
    struct progress *progress;
    size_t count;
};

static void show_progress(void *state, double fraction)
{
    progress_fraction(((struct watch *)state)->progress, fraction);
}

static void show_end(void *state, size_t index, const struct narrate_recording *recording)
{
    struct watch *watch = state;

    if (recording->state == NARRATE_FAILED)
        progress_note(watch->progress, "%s", recording->error->message);
    else
        progress_note(watch->progress, "%zu/%zu %s, %.1f s", index + 1, watch->count,
                      recording->file, recording->seconds);
}

static void print_row(size_t index, const struct narrate_recording *r,
                      const struct narrate_speech *speech)
{
    char factor[16] = "-";

    if (r->work_s > 0 && r->seconds > 0)
        snprintf(factor, sizeof factor, "%.2f", r->work_s / r->seconds);
    printf("%7zu  %-7s  %-10s  %-16s  %8.1f  %6s  %s\n", index + 1, narrate_state_name(r->state),
           speech->engine, speech->voice, r->seconds, factor, r->file);
}

static void print_table(const struct narrate_report *report, const struct narrate_speech *speech,
                        const struct narrate_command *command)
{
    printf("%7s  %-7s  %-10s  %-16s  %8s  %6s  %s\n", "SEGMENT", "STATE", "ENGINE", "VOICE",
           "SECONDS", "RTF", "FILE");
    for (size_t i = 0; i < report->count; i++)
        print_row(i, &report->recordings[i], speech);
    printf("\n%s: %zu spoken, %zu kept, %zu failed, %zu removed; %.1f s of speech", command->output,
           report->spoken, report->kept, report->failed, report->removed, report->seconds);
    if (report->work_s > 0)
        printf(", %.1f s of work", report->work_s);
    printf("\n%s", report->has_changed ? "" : "Everything was there already.\n");
}

static json_t *recording_to_json(size_t index, const struct narrate_recording *r)
{
    return json_pack("{s:I, s:s, s:s, s:f, s:f, s:s?}", "segment", (json_int_t)index + 1, "file",
                     r->file, "state", narrate_state_name(r->state), "seconds", r->seconds,
                     "work_seconds", r->work_s, "error", r->error ? r->error->message : NULL);
}

static void print_json(const struct document *story, const struct narrate_report *report,
                       const struct narrate_speech *speech, const struct narrate_command *command)
{
    json_t *recordings = json_array();

    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(recordings, recording_to_json(i, &report->recordings[i]));
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:I, s:I, s:f, s:f, s:b, s:o}", "title",
        story->title, "folder", command->output, "engine", speech->engine, "model", speech->model,
        "voice", speech->voice, "speed", speech->speed, "spoken", (json_int_t)report->spoken,
        "kept", (json_int_t)report->kept, "failed", (json_int_t)report->failed, "removed",
        (json_int_t)report->removed, "seconds", report->seconds, "work_seconds", report->work_s,
        "changed", (int)report->has_changed, "segments", recordings);

    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(root);
}

static bool speak(const struct document *story, const struct narrate_speech *speech,
                  const struct narrate_command *command, struct cancel *cancel, struct err *err)
{
    struct watch watch = {
        .progress = progress_create("narrating", command->is_quiet),
        .count = story->segment_count,
    };
    const struct narrate_options options = {
        .folder = command->output,
        .with_book = command->with_book,
        .is_forced = command->is_forced,
        .observer = { NULL, show_progress, show_end, &watch },
    };
    struct narrate_report report;

    bool ok = narrate(story, speech, &options, cancel, &report, err);
    progress_destroy(watch.progress);
    if (report.count > 0 && command->is_json)
        print_json(story, &report, speech, command);
    else if (report.count > 0)
        print_table(&report, speech, command);
    narrate_report_release(&report);
    if (!ok && err->kind == ERR_CANCELLED)
        err_set(err, ERR_CANCELLED, "Stopped. Run the same command again to go on from here.");
    return ok;
}

static bool narrate_story(const struct document *story, const struct config *config,
                          const struct narrate_command *command, struct cancel *cancel,
                          struct err *err)
{
    const struct speaker_options speaker_options = {
        .engine_config = config_engine(config, 0),
        .engine = config->engine,
        .model = command->model,
        .voice = command->voice,
        .lexicon = config->lexicon,
        .speed = command->speed,
    };
    char *settings = settings_of(config, err);
    struct speaker *speaker = settings ? speaker_create(&speaker_options, err) : NULL;
    bool ok = false;

    if (speaker) {
        struct narrate_speech speech = narrate_speech_of(speaker);

        speech.speed = command->speed;
        speech.settings = settings;
        ok = speak(story, &speech, command, cancel, err);
    }
    speaker_destroy(speaker);
    free(settings);
    return ok;
}

static bool run(const struct config *config, const struct narrate_command *command,
                const char *path, struct cancel *cancel, struct err *err)
{
    struct document story;

    if (!document_load(path, command->document_format, &story, err))
        return false;
    if (command->title && *command->title)
        story.title = arena_strdup(&story.arena, command->title);
    bool ok = narrate_story(&story, config, command, cancel, err);
    document_release(&story);
    return ok;
}

int cmd_narrate(int argc, char **argv, struct command_context *context)
{
    struct narrate_command command = { .speed = 1.0, .document_format = DOCUMENT_AUTO };
    const struct option_row rows[] = {
        { "output", 'o', OPTION_TEXT, &command.output, 0, 0, "DIR", "the folder to write to" },
        { "voice", 'v', OPTION_TEXT, &command.voice, 0, 0, "ID",
          "a voice, or a blend: \"af_bella(2)+af_sky(1)\"" },
        { "speed", 's', OPTION_NUMBER, &command.speed, ENGINE_SPEED_MIN, ENGINE_SPEED_MAX, "X",
          "0.5 to 2; 1 is natural" },
        { "model", 0, OPTION_TEXT, &command.model, 0, 0, "ID", "a model's id, or an .onnx file" },
        { "format", 'f', OPTION_TEXT, &command.format, 0, 0, "NAME",
          "of the story: text, markdown, json or epub (else by content and name)" },
        { "title", 0, OPTION_TEXT, &command.title, 0, 0, "TEXT", "the story's title" },
        { "m4b", 0, OPTION_FLAG, &command.with_book, 0, 0, NULL,
          "write story.m4b too, an audiobook with chapters" },
        { "force", 0, OPTION_FLAG, &command.is_forced, 0, 0, NULL, "speak everything anew" },
        { "json", 'j', OPTION_FLAG, &command.is_json, 0, 0, NULL, "the result as JSON" },
        { "quiet", 'q', OPTION_FLAG, &command.is_quiet, 0, 0, NULL, "no progress" },
    };
    const struct usage usage = {
        .synopsis = "parlando narrate [options] STORY -o DIR",
        .about = "Turns a story (text, Markdown, JSON or EPUB) into one WAV a segment, with\n"
                 "subtitles and a playlist. Run again, it speaks only what is new or changed;\n"
                 "stopped with Ctrl-C, it goes on from there.",
        .examples = "  parlando narrate story.txt -o out/\n"
                    "  parlando narrate book.epub -o book/ -v bf_emma --m4b\n"
                    "  cat notes.md | parlando narrate - -o notes/ --format markdown",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments arguments;
    struct err err;
    int exit_code;

    if (!command_begin("narrate", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    err_clear(&err);
    bool ok = settle(&command, &arguments, &err) &&
              run(context->config, &command, arguments.values[0], context->cancel, &err);
    return ok ? 0 : command_fail("narrate", &err);
}
