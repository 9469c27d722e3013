#include "cmd/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/encode.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "studio/speech.h"
#include "text/origin.h"

struct say_options {
    const char *output, *format, *file, *voice, *model;
    double speed;
    bool is_quiet, is_normalized;
    enum audio_format audio_format;
};

static bool is_stream(const struct say_options *options)
{
    return strcmp(options->output, "-") == 0;
}

static bool settle(struct say_options *options, struct err *err)
{
    if (!options->output) {
        if (isatty(STDOUT_FILENO))
            return err_set(err, ERR_INVALID,
                           "Say where to: -o speech.wav, or -o - for standard output.");
        options->output = "-";
    }
    if (options->format) {
        if (!audio_format_parse(options->format, &options->audio_format))
            return err_set_param(err, ERR_INVALID, "format",
                                 "There is no format \"%.40s\": wav, mp3, opus, aac, flac, pcm or "
                                 "m4b.",
                                 options->format);
    } else if (is_stream(options)) {
        options->audio_format = AUDIO_WAV;
    } else if (!audio_format_from_path(options->output, &options->audio_format)) {
        return err_set(err, ERR_INVALID,
                       "%s: the name's ending is none of .wav .mp3 .opus .aac .flac .pcm .m4b; "
                       "say which with --format.",
                       options->output);
    }
    if (is_stream(options) && options->audio_format == AUDIO_M4B)
        return err_set(err, ERR_INVALID, "M4B cannot be streamed. Give a file with -o.");
    return true;
}

/* Speech as it is made, encoded onto standard output. */
struct stream {
    struct encoder_options options;
    struct encoder
        *encoder; /* NULL until there is sound, so that a failure before it writes nothing */
    struct progress *progress;
};

static bool write_stdout(void *state, const uint8_t *bytes, size_t length, struct err *err)
{
    (void)state;
    if (fwrite(bytes, 1, length, stdout) != length || fflush(stdout) != 0)
        return err_system(err, "write", "standard output");
    return true;
}

static bool open_encoder(struct stream *stream, struct err *err)
{
    const struct encoder_output output = { .write = write_stdout };

    if (!stream->encoder)
        stream->encoder = encoder_create(&stream->options, &output, err);
    return stream->encoder;
}

static bool stream_audio(void *state, const float *samples, size_t frames, struct err *err)
{
    struct stream *stream = state;

    return open_encoder(stream, err) && encoder_write(stream->encoder, samples, frames, err);
}

static void stream_progress(void *state, double fraction)
{
    progress_fraction(((struct stream *)state)->progress, fraction);
}

static void file_progress(void *state, double fraction)
{
    progress_fraction(state, fraction);
}

static bool say_to_stream(struct speaker *speaker, const struct buf *text,
                          const struct say_options *options, struct progress *progress,
                          struct cancel *cancel, struct speech_report *report, struct err *err)
{
    struct stream stream = {
        .options = { .format = options->audio_format,
                     .rate_hz = engine_rate_hz(speaker_engine(speaker)),
                     .channels = 1 },
        .progress = progress,
    };
    const struct speech_sink sink = {
        .audio = stream_audio, .progress = stream_progress, .state = &stream, .is_live = true
    };

    bool ok = speaker_speak(speaker, text->data, text->len, &sink, cancel, report, err) &&
              open_encoder(&stream, err) && encoder_finish(stream.encoder, err);
    encoder_destroy(stream.encoder);
    return ok;
}

static bool say_to_file(struct speaker *speaker, const struct buf *text,
                        const struct say_options *options, struct progress *progress,
                        struct cancel *cancel, struct speech_report *report, struct err *err)
{
    const struct speech_file_options file_options = {
        .format = options->audio_format,
        .peak = SPEECH_PEAK,
        .progress = file_progress,
        .state = progress,
    };

    return speaker_speak_to_file(speaker, text->data, text->len, options->output, &file_options,
                                 NULL, cancel, report, err);
}

static void print_report(struct speaker *speaker, const struct say_options *options,
                         const struct speech_report *report)
{
    fprintf(stderr, "%s: %.1f s of speech by %s %s in %.1f s\n",
            is_stream(options) ? "standard output" : options->output, report->seconds,
            engine_name(speaker_engine(speaker)), speaker_voice(speaker)->id, report->work_s);
}

static bool say(const struct config *config, const struct say_options *options,
                const struct buf *text, struct cancel *cancel, struct err *err)
{
    const struct speaker_options speaker_options = {
        .engine_config = config_engine(config, 0),
        .engine = config->engine,
        .model = options->model,
        .voice = options->voice,
        .lexicon = config->lexicon,
        .speed = options->speed,
        .is_normalized = options->is_normalized,
    };
    struct speech_report report;
    struct speaker *speaker = speaker_create(&speaker_options, err);

    if (!speaker)
        return false;
    struct progress *progress = progress_create("speaking", options->is_quiet);
    bool ok = is_stream(options)
                  ? say_to_stream(speaker, text, options, progress, cancel, &report, err)
                  : say_to_file(speaker, text, options, progress, cancel, &report, err);
    progress_destroy(progress);
    if (ok && !options->is_quiet)
        print_report(speaker, options, &report);
    speaker_destroy(speaker);
    return ok;
}

int cmd_say(int argc, char **argv, struct command_context *context)
{
    struct say_options options = { .speed = 1.0 };
    const struct option_row rows[] = {
        { "output", 'o', OPTION_TEXT, &options.output, 0, 0, "FILE", "where to; - streams" },
        { "format", 'f', OPTION_TEXT, &options.format, 0, 0, "NAME",
          "wav, mp3, opus, aac, flac, pcm, m4b (else by the file's ending)" },
        { "file", 0, OPTION_TEXT, &options.file, 0, 0, "FILE", "read the text from a file" },
        { "voice", 'v', OPTION_TEXT, &options.voice, 0, 0, "ID",
          "a voice, or a blend: \"af_bella(2)+af_sky(1)\"" },
        { "speed", 's', OPTION_NUMBER, &options.speed, ENGINE_SPEED_MIN, ENGINE_SPEED_MAX, "X",
          "0.5 to 2; 1 is natural" },
        { "model", 0, OPTION_TEXT, &options.model, 0, 0, "ID", "a model's id, or an .onnx file" },
        { "normalized", 0, OPTION_FLAG, &options.is_normalized, 0, 0, NULL,
          "the text is a reading already: leave numbers and signs alone" },
        { "quiet", 'q', OPTION_FLAG, &options.is_quiet, 0, 0, NULL, "no progress, no report" },
    };
    const struct usage usage = {
        .synopsis = "parlando say [options] [TEXT… | -]",
        .about = "Speaks a text. In it, [pause:0.5s] rests, [word](/ipa/) fixes a pronunciation,\n"
                 "and SSML's <break time=\"500ms\"/> is understood.",
        .examples = "  parlando say \"Hello, world.\" -o hello.wav\n"
                    "  parlando say --file letter.txt -v bf_emma -s 1.1 -o letter.mp3\n"
                    "  echo \"Dinner is ready.\" | parlando say - -o - | aplay -q\n"
                    "  parlando say \"I said [tomato](/təmˈɑːtəʊ/).\" -v bm_george -o t.flac",
        .rows = rows,
        .row_count = COUNT(rows),
    };
    struct arguments arguments;
    struct err err;
    int exit_code;

    if (!command_begin("say", &usage, argc, argv, context, &arguments, &exit_code))
        return exit_code;
    err_clear(&err);
    struct buf text = BUF(TEXT_LIMIT);
    bool ok = settle(&options, &err) && input_read(&arguments, options.file, &text, &err) &&
              say(context->config, &options, &text, context->cancel, &err);
    buf_release(&text);
    return ok ? 0 : command_fail("say", &err);
}
