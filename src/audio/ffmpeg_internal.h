#pragma once

/*
 * FFmpeg's libraries, opened when the first sound needs them. Linked in the
 * usual way they bring some 90 further libraries into every start of the
 * program: 15 MB and most of its time, also where only WAV is written.
 *
 * Whatever opens something calls ffmpeg_open() first; from then on ffmpeg() has
 * the functions, under their own names. They stay open until the process ends.
 * Any thread.
 */

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

#include "base/err.h"

/* All that this folder calls, by library. */
#define FFMPEG_UTIL(X)                                                                             \
    X(av_channel_layout_copy)                                                                      \
    X(av_channel_layout_default)                                                                   \
    X(av_dict_free)                                                                                \
    X(av_dict_set)                                                                                 \
    X(av_dict_set_int)                                                                             \
    X(av_dynarray_add)                                                                             \
    X(av_frame_alloc)                                                                              \
    X(av_frame_free)                                                                               \
    X(av_frame_get_buffer)                                                                         \
    X(av_frame_make_writable)                                                                      \
    X(av_frame_unref)                                                                              \
    X(av_free)                                                                                     \
    X(av_freep)                                                                                    \
    X(av_log_set_level)                                                                            \
    X(av_malloc)                                                                                   \
    X(av_mallocz)                                                                                  \
    X(av_sample_fmt_is_planar)                                                                     \
    X(av_strdup)                                                                                   \
    X(av_strerror)
#define FFMPEG_RESAMPLE(X)                                                                         \
    X(swr_alloc_set_opts2)                                                                         \
    X(swr_convert)                                                                                 \
    X(swr_free)                                                                                    \
    X(swr_get_out_samples)                                                                         \
    X(swr_init)                                                                                    \
    X(swr_set_matrix)
#define FFMPEG_CODEC(X)                                                                            \
    X(av_packet_alloc)                                                                             \
    X(av_packet_free)                                                                              \
    X(av_packet_rescale_ts)                                                                        \
    X(av_packet_unref)                                                                             \
    X(avcodec_alloc_context3)                                                                      \
    X(avcodec_find_encoder_by_name)                                                                \
    X(avcodec_free_context)                                                                        \
    X(avcodec_get_name)                                                                            \
    X(avcodec_open2)                                                                               \
    X(avcodec_parameters_from_context)                                                             \
    X(avcodec_parameters_to_context)                                                               \
    X(avcodec_receive_frame)                                                                       \
    X(avcodec_receive_packet)                                                                      \
    X(avcodec_send_frame)                                                                          \
    X(avcodec_send_packet)
#define FFMPEG_FORMAT(X)                                                                           \
    X(av_find_best_stream)                                                                         \
    X(av_read_frame)                                                                               \
    X(av_write_frame)                                                                              \
    X(av_write_trailer)                                                                            \
    X(avformat_alloc_context)                                                                      \
    X(avformat_alloc_output_context2)                                                              \
    X(avformat_close_input)                                                                        \
    X(avformat_find_stream_info)                                                                   \
    X(avformat_free_context)                                                                       \
    X(avformat_new_stream)                                                                         \
    X(avformat_open_input)                                                                         \
    X(avformat_write_header)                                                                       \
    X(avio_alloc_context)                                                                          \
    X(avio_context_free)                                                                           \
    X(avio_flush)

struct ffmpeg {
#define FFMPEG_MEMBER(name) __typeof__(&(name)) name;
    FFMPEG_UTIL(FFMPEG_MEMBER)
    FFMPEG_RESAMPLE(FFMPEG_MEMBER)
    FFMPEG_CODEC(FFMPEG_MEMBER)
    FFMPEG_FORMAT(FFMPEG_MEMBER)
#undef FFMPEG_MEMBER
};

/* Opens the libraries, once. They stay silent: what went wrong comes back as an error code, and only
 * the boundary prints. ERR_UNAVAILABLE when one is missing. */
bool ffmpeg_open(struct err *err) MUST_CHECK;

/* After a successful ffmpeg_open. */
const struct ffmpeg *ffmpeg(void);

/* "<what>: <FFmpeg's text for code>." AVERROR(ENOSPC) becomes ERR_DISK_FULL, AVERROR(ENOMEM)
 * ERR_INTERNAL. Returns false. */
bool ffmpeg_error(struct err *err, enum err_kind kind, int code, const char *what);

/* A converter to interleaved floats, ready for swr_convert. NULL on failure; swr_free it.
 * One channel becomes two at full level and two become one as their mean, whatever speakers the
 * layout names; other counts follow FFmpeg's downmix. */
struct SwrContext *ffmpeg_converter(const AVChannelLayout *in_layout, enum AVSampleFormat in_format,
                                    int in_rate_hz, int out_channels, int out_rate_hz,
                                    struct err *err);
