#include "audio/ffmpeg_internal.h"

#include <dlfcn.h>
#include <pthread.h>

/* The functions: set once, under `once`, and constant from then on. */
static struct {
    pthread_once_t once;
    struct ffmpeg functions;
    struct err err; /* why they are not there; kind ERR_NONE when they are */
} opened = { .once = PTHREAD_ONCE_INIT };

struct function {
    const char *name;
    void *pointer; /* to the member that gets it */
};

static bool open_library(const char *library, const struct function *functions, size_t count)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);

    if (!handle)
        return err_set(&opened.err, ERR_UNAVAILABLE,
                       "%s cannot be opened: %s. Install FFmpeg's libraries.", library, dlerror());
    for (size_t i = 0; i < count; i++) {
        void *symbol = dlsym(handle, functions[i].name);

        if (!symbol)
            return err_set(&opened.err, ERR_UNAVAILABLE, "%s has no %s.", library,
                           functions[i].name);
        *(void **)functions[i].pointer = symbol; /* POSIX: dlsym's result is a function's too */
    }
    return true;
}

/* The versions the program was compiled for: only these have the shapes of its headers. */
#define LIBRARY(name, major) "lib" name ".so." AV_STRINGIFY(major)
#define ROW(member) { #member, &opened.functions.member },

static void open_all(void)
{
    const struct function avutil[] = { FFMPEG_UTIL(ROW) };
    const struct function resample[] = { FFMPEG_RESAMPLE(ROW) };
    const struct function codec[] = { FFMPEG_CODEC(ROW) };
    const struct function format[] = { FFMPEG_FORMAT(ROW) };

    if (open_library(LIBRARY("avutil", LIBAVUTIL_VERSION_MAJOR), avutil, COUNT(avutil)) &&
        open_library(LIBRARY("swresample", LIBSWRESAMPLE_VERSION_MAJOR), resample,
                     COUNT(resample)) &&
        open_library(LIBRARY("avcodec", LIBAVCODEC_VERSION_MAJOR), codec, COUNT(codec)) &&
        open_library(LIBRARY("avformat", LIBAVFORMAT_VERSION_MAJOR), format, COUNT(format)))
        opened.functions.av_log_set_level(AV_LOG_QUIET);
}

bool ffmpeg_open(struct err *err)
{
    pthread_once(&opened.once, open_all);
    if (opened.err.kind == ERR_NONE)
        return true;
    *err = opened.err;
    return false;
}

const struct ffmpeg *ffmpeg(void)
{
    return &opened.functions;
}

bool ffmpeg_error(struct err *err, enum err_kind kind, int code, const char *what)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "unknown error";

    ffmpeg()->av_strerror(code, text, sizeof text);
    if (code == AVERROR(ENOSPC))
        kind = ERR_DISK_FULL;
    else if (code == AVERROR(ENOMEM))
        kind = ERR_INTERNAL;
    return err_set(err, kind, "%s: %s.", what, text);
}

static int set_matrix(struct SwrContext *swr, int in_channels, int out_channels)
{
    static const double one_to_two[] = { 1.0, 1.0 }, two_to_one[] = { 0.5, 0.5 };

    if (in_channels == 1 && out_channels == 2)
        return ffmpeg()->swr_set_matrix(swr, one_to_two, 1);
    if (in_channels == 2 && out_channels == 1)
        return ffmpeg()->swr_set_matrix(swr, two_to_one, 2);
    return 0;
}

struct SwrContext *ffmpeg_converter(const AVChannelLayout *in_layout, enum AVSampleFormat in_format,
                                    int in_rate_hz, int out_channels, int out_rate_hz,
                                    struct err *err)
{
    const int in_channels = in_layout->nb_channels;
    struct SwrContext *swr = NULL;
    AVChannelLayout in, out;

    /* The layout by the count alone: files that name odd speakers still have a left and a right. */
    ffmpeg()->av_channel_layout_default(&in, in_channels);
    ffmpeg()->av_channel_layout_default(&out, out_channels);
    int code = ffmpeg()->swr_alloc_set_opts2(&swr, &out, AV_SAMPLE_FMT_FLT, out_rate_hz, &in,
                                             in_format, in_rate_hz, 0, NULL);
    if (code >= 0)
        code = set_matrix(swr, in_channels, out_channels);
    if (code >= 0)
        code = ffmpeg()->swr_init(swr);
    if (code < 0) {
        ffmpeg_error(err, ERR_UNSUPPORTED, code, "Cannot convert the audio's rate or channels");
        ffmpeg()->swr_free(&swr);
    }
    return swr;
}
