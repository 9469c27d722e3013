#include "audio/ffmpeg_internal.h"

#include <libavutil/log.h>

void ffmpeg_silence(void)
{
    if (av_log_get_level() != AV_LOG_QUIET)
        av_log_set_level(AV_LOG_QUIET);
}

bool ffmpeg_error(struct err *err, enum err_kind kind, int code, const char *what)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "unknown error";

    av_strerror(code, text, sizeof text);
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
        return swr_set_matrix(swr, one_to_two, 1);
    if (in_channels == 2 && out_channels == 1)
        return swr_set_matrix(swr, two_to_one, 2);
    return 0;
}

struct SwrContext *ffmpeg_converter(const AVChannelLayout *in_layout, enum AVSampleFormat in_format,
                                    int in_rate_hz, int out_channels, int out_rate_hz,
                                    struct err *err)
{
    const int in_channels = in_layout->nb_channels;
    struct SwrContext *swr = NULL;
    AVChannelLayout in, out;

    ffmpeg_silence();
    /* The layout by the count alone: files that name odd speakers still have a left and a right. */
    av_channel_layout_default(&in, in_channels);
    av_channel_layout_default(&out, out_channels);
    int code = swr_alloc_set_opts2(&swr, &out, AV_SAMPLE_FMT_FLT, out_rate_hz, &in, in_format,
                                   in_rate_hz, 0, NULL);
    if (code >= 0)
        code = set_matrix(swr, in_channels, out_channels);
    if (code >= 0)
        code = swr_init(swr);
    if (code < 0) {
        ffmpeg_error(err, ERR_UNSUPPORTED, code, "Cannot convert the audio's rate or channels");
        swr_free(&swr);
    }
    return swr;
}
