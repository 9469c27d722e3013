/*
 * Samples go through two stages: a queue that cuts them into the codec's frames;
 * the codec and its container, which writes through our output. Each call passes
 * on all that is whole, so that a listener hears the first frame at once.
 *
 * MP3 and AAC put some 50 ms of silence in front, and up to two frames behind. A
 * file says so in its header and decoders take it away; a stream cannot, and its
 * audio would be up to 130 ms longer than what was put in. So packets of a stream
 * that hold nothing but such padding are left out: the first where the delay fills
 * it, and what the flush gives beyond the last sample. It needs each packet to
 * stand for itself, without a reservoir of bits in those before it.
 */
#include "audio/encode_internal.h"

#include <stdlib.h>
#include <string.h>

#include "audio/ffmpeg_internal.h"
#include "audio/sample.h"

#define IO_BYTES 16384
#define VARIABLE_FRAME 1024 /* for a codec that takes frames of any length */

static const struct recipe {
    const char *container, *codec;
    enum AVSampleFormat sample; /* interleaved or planar, float or s16 */
    int kbps;                   /* for each channel; 0: lossless */
} recipes[] = {
    [AUDIO_MP3] = { "mp3", "libmp3lame", AV_SAMPLE_FMT_FLTP, 96 },
    [AUDIO_OPUS] = { "ogg", "libopus", AV_SAMPLE_FMT_FLT, 48 },
    [AUDIO_AAC] = { "adts", "aac", AV_SAMPLE_FMT_FLTP, 80 },
    [AUDIO_FLAC] = { "flac", "flac", AV_SAMPLE_FMT_S16, 0 },
    [AUDIO_M4B] = { "ipod", "aac", AV_SAMPLE_FMT_FLTP, 80 },
    [AUDIO_ULAW] = { "mulaw", "pcm_mulaw", AV_SAMPLE_FMT_S16, 0 },
    [AUDIO_ALAW] = { "alaw", "pcm_alaw", AV_SAMPLE_FMT_S16, 0 },
};

struct codec {
    struct encoder_output output;
    struct err output_err; /* the output's first failure; FFmpeg passes on a number only */
    AVIOContext *io;
    AVFormatContext *container;
    AVCodecContext *encoder;
    AVStream *stream; /* the container's */
    AVFrame *frame;
    AVPacket *packet;
    struct pcm queue;   /* at the codec's rate, waiting to be a whole frame */
    size_t queue_start; /* frames of it that have gone on */
    int frame_size;
    int64_t next_pts;

    /* A stream without a place for it in its header. */
    bool hides_padding;
    int64_t packets_to_skip; /* still; all delay */
    int64_t padding_left;    /* frames of delay in the packets after those */
    int64_t packets_written;
};

static bool fail(struct codec *c, int code, const char *what, struct err *err)
{
    if (c->output_err.kind != ERR_NONE) {
        *err = c->output_err;
        return false;
    }
    return ffmpeg_error(err, ERR_INTERNAL, code, what);
}

/* From FFmpeg 7 on the bytes are const. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
static int write_bytes(void *opaque, const uint8_t *bytes, int length)
#else
static int write_bytes(void *opaque, uint8_t *bytes, int length)
#endif
{
    struct codec *c = opaque;

    if (c->output_err.kind == ERR_NONE &&
        c->output.write(c->output.state, bytes, (size_t)length, &c->output_err))
        return length;
    return AVERROR(EIO);
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct codec *c = opaque;

    if (whence != SEEK_SET)
        return AVERROR(ENOSYS); /* its size is not known to us, and no muxer of ours asks */
    if (c->output_err.kind == ERR_NONE && c->output.seek(c->output.state, offset, &c->output_err))
        return offset;
    return AVERROR(EIO);
}

static bool open_container(struct codec *c, const struct recipe *recipe, struct err *err)
{
    bool can_seek = c->output.seek != NULL;
    uint8_t *buffer = ffmpeg()->av_malloc(IO_BYTES);

    c->io = buffer ? ffmpeg()->avio_alloc_context(buffer, IO_BYTES, 1, c, NULL, write_bytes,
                                                  can_seek ? seek_bytes : NULL)
                   : NULL;
    if (!c->io) {
        ffmpeg()->av_free(buffer);
        return fail(c, AVERROR(ENOMEM), "Cannot encode", err);
    }
    c->io->seekable = can_seek ? AVIO_SEEKABLE_NORMAL : 0;
    int code =
        ffmpeg()->avformat_alloc_output_context2(&c->container, NULL, recipe->container, NULL);
    if (code < 0)
        return fail(c, code, "This FFmpeg cannot write the format", err);
    c->container->pb = c->io;
    /* Bit-exact: no random serial numbers, no library versions. */
    c->container->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_BITEXACT;
    return true;
}

/* The lowest rate the codec knows that loses nothing, else its highest. */
static int codec_rate(const AVCodec *codec, int rate_hz)
{
    int above = 0, highest = 0;

    if (!codec->supported_samplerates)
        return rate_hz;
    for (const int *rate = codec->supported_samplerates; *rate; rate++) {
        if (*rate >= rate_hz && (above == 0 || *rate < above))
            above = *rate;
        if (*rate > highest)
            highest = *rate;
    }
    return above ? above : highest;
}

/* What the stream's listener is spared. */
static void open_padding(struct codec *c, enum audio_format format)
{
    c->hides_padding = c->output.seek == NULL && (format == AUDIO_MP3 || format == AUDIO_AAC);
    if (!c->hides_padding)
        return;
    c->packets_to_skip = c->encoder->initial_padding / c->frame_size;
    c->padding_left = c->encoder->initial_padding % c->frame_size;
}

/* avcodec_open2 with what only the one codec knows. */
static int open_codec(struct codec *c, const AVCodec *codec, enum audio_format format)
{
    AVDictionary *options = NULL;
    int code = 0;

    if (format == AUDIO_MP3 && c->output.seek == NULL)
        code = ffmpeg()->av_dict_set_int(&options, "reservoir", 0, 0);
    if (code >= 0)
        code = ffmpeg()->avcodec_open2(c->encoder, codec, &options);
    ffmpeg()->av_dict_free(&options);
    return code;
}

static bool open_encoder(struct codec *c, const struct recipe *recipe,
                         const struct encoder_options *o, struct err *err)
{
    const AVCodec *codec = ffmpeg()->avcodec_find_encoder_by_name(recipe->codec);
    int kbps = o->bitrate_kbps ? o->bitrate_kbps : recipe->kbps * o->channels;
    int rate_hz = o->output_rate_hz ? o->output_rate_hz : o->rate_hz;

    if (!codec)
        return err_set(err, ERR_UNAVAILABLE, "This FFmpeg was built without %s.", recipe->codec);
    c->encoder = ffmpeg()->avcodec_alloc_context3(codec);
    c->packet = ffmpeg()->av_packet_alloc();
    c->frame = ffmpeg()->av_frame_alloc();
    c->stream = ffmpeg()->avformat_new_stream(c->container, NULL);
    if (!c->encoder || !c->packet || !c->frame || !c->stream)
        return fail(c, AVERROR(ENOMEM), "Cannot encode", err);
    c->encoder->sample_fmt = recipe->sample;
    c->encoder->sample_rate = codec_rate(codec, rate_hz);
    if (o->output_rate_hz != 0 && c->encoder->sample_rate != o->output_rate_hz)
        return err_set_param(err, ERR_INVALID, "rate_hz", "%s cannot have %d Hz.",
                             audio_format_name(o->format), o->output_rate_hz);
    c->encoder->bit_rate = recipe->kbps ? kbps * 1000 : 0;
    c->encoder->time_base = (AVRational){ 1, c->encoder->sample_rate };
    c->encoder->thread_count = 1;
    c->encoder->flags |= AV_CODEC_FLAG_BITEXACT;
    if (c->container->oformat->flags & AVFMT_GLOBALHEADER)
        c->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    ffmpeg()->av_channel_layout_default(&c->encoder->ch_layout, o->channels);
    int code = open_codec(c, codec, o->format);
    if (code >= 0)
        code = ffmpeg()->avcodec_parameters_from_context(c->stream->codecpar, c->encoder);
    if (code < 0)
        return fail(c, code, "The codec refused the options", err);
    c->stream->time_base = c->encoder->time_base;
    c->frame_size = c->encoder->frame_size > 0 ? c->encoder->frame_size : VARIABLE_FRAME;
    open_padding(c, o->format);
    return true;
}

static bool open_frame(struct codec *c, struct err *err)
{
    c->frame->format = c->encoder->sample_fmt;
    c->frame->sample_rate = c->encoder->sample_rate;
    c->frame->nb_samples = c->frame_size;
    int code = ffmpeg()->av_channel_layout_copy(&c->frame->ch_layout, &c->encoder->ch_layout);
    if (code >= 0)
        code = ffmpeg()->av_frame_get_buffer(c->frame, 0);
    return code >= 0 || fail(c, code, "Cannot encode", err);
}

static bool add_chapter(struct codec *c, const struct audio_chapter *chapter, int id, int rate_hz,
                        struct err *err)
{
    AVChapter *added = ffmpeg()->av_mallocz(sizeof *added);
    int count = (int)c->container->nb_chapters;

    if (added)
        ffmpeg()->av_dynarray_add(&c->container->chapters, &count, added);
    if (!added || count == 0) { /* without memory the array is gone too */
        ffmpeg()->av_free(added);
        c->container->nb_chapters = 0;
        return fail(c, AVERROR(ENOMEM), "Cannot add a chapter", err);
    }
    c->container->nb_chapters = (unsigned)count;
    added->id = id;
    added->time_base = (AVRational){ 1, rate_hz };
    added->start = (int64_t)chapter->start_frame;
    added->end = (int64_t)chapter->end_frame;
    int code = ffmpeg()->av_dict_set(&added->metadata, "title", chapter->title, 0);
    return code >= 0 || fail(c, code, "Cannot add a chapter", err);
}

static bool add_tags(struct codec *c, const struct encoder_options *o, struct err *err)
{
    AVDictionary **tags = &c->container->metadata;

    for (size_t i = 0; i < o->chapter_count; i++)
        if (!add_chapter(c, &o->chapters[i], (int)i + 1, o->rate_hz, err))
            return false;
    int code = o->title ? ffmpeg()->av_dict_set(tags, "title", o->title, 0) : 0;
    if (code >= 0 && o->artist)
        code = ffmpeg()->av_dict_set(tags, "artist", o->artist, 0);
    return code >= 0 || fail(c, code, "Cannot set the tags", err);
}

/* A stream's header cannot be corrected later: it must not state a length, nor wait for one. */
static bool write_header(struct codec *c, const struct encoder_options *o, struct err *err)
{
    bool is_stream = c->output.seek == NULL, has_tags = o->title || o->artist;
    AVDictionary *options = NULL;
    int code = 0;

    if (o->format == AUDIO_MP3) {
        code = ffmpeg()->av_dict_set_int(&options, "write_xing", !is_stream, 0);
        if (code >= 0 && !has_tags)
            code = ffmpeg()->av_dict_set_int(&options, "id3v2_version", 0, 0);
    } else if (o->format == AUDIO_OPUS && is_stream) {
        code = ffmpeg()->av_dict_set_int(&options, "page_duration", 20000,
                                         0); /* µs: one packet a page */
    } else if (o->format == AUDIO_M4B) {
        code = ffmpeg()->av_dict_set(&options, "brand", "M4B ", 0);
    }
    if (code >= 0)
        code = ffmpeg()->avformat_write_header(c->container, &options);
    ffmpeg()->av_dict_free(&options);
    if (code < 0)
        return fail(c, code, "Cannot write the header", err);
    ffmpeg()->avio_flush(c->io);
    return c->output_err.kind == ERR_NONE || fail(c, AVERROR(EIO), "Cannot write the header", err);
}

int codec_rate_hz(const struct codec *codec)
{
    return codec->encoder->sample_rate;
}

struct codec *codec_create(const struct encoder_options *options,
                           const struct encoder_output *output, struct err *err)
{
    const struct recipe *recipe = &recipes[options->format];

    if (!ffmpeg_open(err))
        return NULL;
    struct codec *c = xcalloc(1, sizeof *c);

    c->output = *output;
    if (!open_container(c, recipe, err) || !open_encoder(c, recipe, options, err) ||
        !open_frame(c, err) || !add_tags(c, options, err) || !write_header(c, options, err))
        goto failed;
    c->queue = PCM(c->encoder->sample_rate, options->channels);
    return c;
failed:
    codec_destroy(c);
    return NULL;
}

/* Copies the queue's next frames into the AVFrame, clipped, in the codec's form. */
static void fill_frame(struct codec *c, size_t frames)
{
    const size_t channels = (size_t)c->queue.channels;
    const float *in = c->queue.samples + c->queue_start * channels;

    c->frame->nb_samples = (int)frames;
    if (c->encoder->sample_fmt == AV_SAMPLE_FMT_S16) {
        int16_t *out = (int16_t *)(void *)c->frame->data[0];

        for (size_t i = 0; i < frames * channels; i++)
            out[i] = sample_to_s16(in[i]);
        return;
    }
    bool is_planar = ffmpeg()->av_sample_fmt_is_planar(c->encoder->sample_fmt);
    for (size_t i = 0; i < frames; i++) {
        for (size_t k = 0; k < channels; k++) {
            float *plane = (float *)(void *)c->frame->extended_data[is_planar ? k : 0];

            plane[is_planar ? i : i * channels + k] = sample_clip(in[i * channels + k]);
        }
    }
}

/* Is the packet to be heard? Counts it. */
static bool is_heard(struct codec *c)
{
    if (!c->hides_padding)
        return true;
    if (c->packets_to_skip > 0) {
        c->packets_to_skip--;
        return false;
    }
    return c->packets_written++ * c->frame_size < c->next_pts + c->padding_left;
}

static int write_packet(struct codec *c)
{
    c->packet->stream_index = c->stream->index;
    ffmpeg()->av_packet_rescale_ts(c->packet, c->encoder->time_base, c->stream->time_base);
    return ffmpeg()->av_write_frame(c->container, c->packet);
}

/* Writes the packets the encoder has ready. */
static bool drain_packets(struct codec *c, struct err *err)
{
    int code;

    while ((code = ffmpeg()->avcodec_receive_packet(c->encoder, c->packet)) >= 0) {
        code = is_heard(c) ? write_packet(c) : 0;
        ffmpeg()->av_packet_unref(c->packet);
        if (code < 0 || c->output_err.kind != ERR_NONE)
            return fail(c, code, "Cannot write the audio", err);
    }
    return code == AVERROR(EAGAIN) || code == AVERROR_EOF ||
           fail(c, code, "Cannot encode the audio", err);
}

static bool send_frame(struct codec *c, size_t frames, struct err *err)
{
    int code = ffmpeg()->av_frame_make_writable(c->frame);

    if (code >= 0) {
        fill_frame(c, frames);
        c->frame->pts = c->next_pts;
        code = ffmpeg()->avcodec_send_frame(c->encoder, c->frame);
    }
    if (code < 0)
        return fail(c, code, "Cannot encode the audio", err);
    c->queue_start += frames;
    c->next_pts += (int64_t)frames;
    return drain_packets(c, err);
}

/* Sends whole frames, and at the end what is left of one. */
static bool send_queue(struct codec *c, bool is_end, struct err *err)
{
    struct pcm *queue = &c->queue;
    size_t whole = (size_t)c->frame_size, left;

    while ((left = queue->frames - c->queue_start) >= whole || (is_end && left > 0))
        if (!send_frame(c, left < whole ? left : whole, err))
            return false;
    if (left > 0)
        memmove(queue->samples, queue->samples + c->queue_start * (size_t)queue->channels,
                left * (size_t)queue->channels * sizeof *queue->samples);
    queue->frames = left;
    c->queue_start = 0;
    return true;
}

bool codec_write(struct codec *c, const float *samples, size_t frames, struct err *err)
{
    return pcm_append(&c->queue, samples, frames, err) && send_queue(c, false, err);
}

bool codec_finish(struct codec *c, struct err *err)
{
    if (!send_queue(c, true, err))
        return false;
    int code = ffmpeg()->avcodec_send_frame(c->encoder, NULL);
    if (code < 0)
        return fail(c, code, "Cannot encode the audio", err);
    if (!drain_packets(c, err))
        return false;
    code = ffmpeg()->av_write_trailer(c->container);
    ffmpeg()->avio_flush(c->io);
    return (code >= 0 && c->output_err.kind == ERR_NONE) ||
           fail(c, code, "Cannot write the end of the audio", err);
}

void codec_destroy(struct codec *c)
{
    if (!c)
        return;
    ffmpeg()->avcodec_free_context(&c->encoder);
    ffmpeg()->av_frame_free(&c->frame);
    ffmpeg()->av_packet_free(&c->packet);
    ffmpeg()->avformat_free_context(c->container);
    if (c->io)
        ffmpeg()->av_freep(&c->io->buffer);
    ffmpeg()->avio_context_free(&c->io);
    pcm_release(&c->queue);
    free(c);
}
