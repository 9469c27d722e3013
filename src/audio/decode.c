#include "audio/decode.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/ffmpeg_internal.h"
#include "audio/sample.h"
#include "audio/wav_internal.h"
#include "base/log.h"

#define IO_BYTES 32768

/* Demuxers and codecs by FFmpeg's names. Playlists (hls, concat, dash) are not among them. */
#define CONTAINERS "wav,w64,aiff,mp3,aac,mov,ogg,flac,matroska,caf,au"
#define CODECS                                                                                     \
    "mp3float,mp3,mp2float,mp2,aac,alac,flac,opus,libopus,vorbis,pcm_u8,pcm_s8,pcm_s16le,"         \
    "pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,"   \
    "pcm_mulaw,pcm_alaw,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,gsm,gsm_ms"

/* Players skip broken packets; so do we while there are fewer than the good ones and this. */
#define BAD_PACKETS_FREE 4

/* Decoded is shorter than the file says by more than both: it is cut off. Estimates and rounding
 * of honest files stay far below. */
#define MISSING_SECONDS 1.0
#define MISSING_SHARE 0.05

#define DAMAGED                                                                                    \
    "it is damaged, and cannot be read to its end. Get it anew, or save it again as WAV or MP3 "   \
    "with a program that still plays it."

/* The bytes: memory, or a file when file is not NULL. */
struct source {
    FILE *file; /* owned */
    const uint8_t *bytes;
    int64_t length, at;
    int read_errno; /* of the first failed read; 0: none */
};

struct decoder {
    char *name;
    struct decode_options options;
    struct source source;
    AVIOContext *io;
    AVFormatContext *container;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    int stream; /* index */

    /* The converter and what it was made for; remade when a stream changes midway. */
    struct SwrContext *swr;
    enum AVSampleFormat in_format;
    int in_rate_hz, in_channels;

    struct pcm piece; /* what read gives next */
    bool is_first;    /* piece was made by open and has not been given */
    bool is_draining, is_ended;
    uint64_t frames; /* given so far */
    unsigned good_packets, bad_packets;
};

static int source_read(void *opaque, uint8_t *out, int size)
{
    struct source *s = opaque;
    int64_t left = s->length - s->at;
    size_t n = left < size ? (size_t)(left > 0 ? left : 0) : (size_t)size;

    if (n == 0)
        return AVERROR_EOF;
    if (!s->file) {
        memcpy(out, s->bytes + s->at, n);
    } else {
        n = fread(out, 1, n, s->file);
        if (n == 0 && ferror(s->file)) {
            s->read_errno = errno;
            return AVERROR(errno);
        }
        if (n == 0)
            return AVERROR_EOF;
    }
    s->at += (int64_t)n;
    return (int)n;
}

static int64_t source_seek(void *opaque, int64_t offset, int whence)
{
    struct source *s = opaque;

    if (whence & AVSEEK_SIZE)
        return s->length;
    whence &= ~AVSEEK_FORCE;
    if (whence == SEEK_CUR)
        offset += s->at;
    else if (whence == SEEK_END)
        offset += s->length;
    if (offset < 0 || offset > s->length)
        return AVERROR(EINVAL);
    if (s->file && fseeko(s->file, (off_t)offset, SEEK_SET) != 0)
        return AVERROR(errno);
    s->at = offset;
    return offset;
}

static bool source_open_file(struct source *s, const char *path, const char *name, struct err *err)
{
    struct stat st;

    s->file = fopen(path, "rbe");
    if (!s->file || fstat(fileno(s->file), &st) != 0)
        return err_system(err, "open", name);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "%s is not a file.", name);
    s->length = st.st_size;
    return true;
}

/* Nothing but the given bytes is ever opened. */
static int refuse_open(AVFormatContext *container, AVIOContext **io, const char *url, int flags,
                       AVDictionary **options)
{
    (void)container, (void)io, (void)url, (void)flags, (void)options;
    return AVERROR(EPERM);
}

/* The reason as our own: a failed read of the file beats what FFmpeg made of it. */
static bool fail_to_read(const struct decoder *d, struct err *err)
{
    errno = d->source.read_errno;
    return err_system(err, "read", d->name);
}

/* The machine's or our fault. */
static bool fail(struct decoder *d, enum err_kind kind, int code, const char *what, struct err *err)
{
    if (d->source.read_errno)
        return fail_to_read(d, err);
    ffmpeg_error(err, kind, code, what);
    return err_context(err, "%s", d->name);
}

/* The file's fault: what it says is for whoever gave the file, FFmpeg's words are for the log. */
static bool refuse(struct decoder *d, enum err_kind kind, int code, const char *what,
                   struct err *err)
{
    struct err reason = { 0 };

    if (d->source.read_errno)
        return fail_to_read(d, err);
    if (code == AVERROR(ENOMEM))
        return fail(d, ERR_INTERNAL, code, "Cannot decode", err);
    ffmpeg_error(&reason, kind, code, "FFmpeg");
    log_debug("audio", "%s: %s", d->name, reason.message);
    return err_set(err, kind, "%s: %s", d->name, what);
}

static bool open_container(struct decoder *d, struct err *err)
{
    uint8_t *buffer = ffmpeg()->av_malloc(IO_BYTES);

    d->io = buffer ? ffmpeg()->avio_alloc_context(buffer, IO_BYTES, 0, &d->source, source_read,
                                                  NULL, source_seek)
                   : NULL;
    if (!d->io) {
        ffmpeg()->av_free(buffer);
        return fail(d, ERR_INTERNAL, AVERROR(ENOMEM), "Cannot decode", err);
    }
    d->container = ffmpeg()->avformat_alloc_context();
    if (!d->container)
        return fail(d, ERR_INTERNAL, AVERROR(ENOMEM), "Cannot decode", err);
    d->container->pb = d->io;
    d->container->flags |= AVFMT_FLAG_CUSTOM_IO;
    d->container->io_open = refuse_open;
    d->container->format_whitelist = ffmpeg()->av_strdup(CONTAINERS);
    d->container->codec_whitelist = ffmpeg()->av_strdup(CODECS);
    d->container->protocol_whitelist = ffmpeg()->av_strdup("");
    if (!d->container->format_whitelist || !d->container->codec_whitelist ||
        !d->container->protocol_whitelist)
        return fail(d, ERR_INTERNAL, AVERROR(ENOMEM), "Cannot decode", err);
    int code = ffmpeg()->avformat_open_input(&d->container, NULL, NULL, NULL);
    if (code >= 0)
        code = ffmpeg()->avformat_find_stream_info(d->container, NULL);
    if (code >= 0)
        return true;
    return refuse(
        d, ERR_UNSUPPORTED, code,
        "FFmpeg cannot read it as sound or video. If it plays elsewhere, save it there as WAV or "
        "MP3, and give that.",
        err);
}

/* FFmpeg plays as much of a WAV as there is and does not tell whether its size was a lie or never
 * known. */
static bool check_wav_length(struct decoder *d, struct err *err)
{
    struct source *s = &d->source;

    if (strcmp(d->container->iformat->name, "wav") != 0)
        return true;
    FILE *file = s->file ? s->file : fmemopen((void *)(uintptr_t)s->bytes, (size_t)s->length, "rb");
    if (!file)
        return err_system(err, "read", d->name);
    bool ok = wav_check_length(file, (uint64_t)s->length, d->name, err);
    if (!s->file)
        fclose(file);
    else if (ok && fseeko(file, (off_t)s->at, SEEK_SET) != 0)
        ok = err_system(err, "read", d->name);
    return ok;
}

static bool open_codec(struct decoder *d, struct err *err)
{
    const AVCodec *codec = NULL;

    d->stream = ffmpeg()->av_find_best_stream(d->container, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
    if (d->stream < 0)
        return refuse(
            d, ERR_UNSUPPORTED, d->stream,
            "there is no sound in it that can be read. Give a file with a sound track, or "
            "its sound as WAV or MP3.",
            err);
    for (unsigned i = 0; i < d->container->nb_streams; i++)
        if ((int)i != d->stream)
            d->container->streams[i]->discard = AVDISCARD_ALL;

    AVStream *stream = d->container->streams[d->stream];
    d->codec = ffmpeg()->avcodec_alloc_context3(codec);
    d->packet = ffmpeg()->av_packet_alloc();
    d->frame = ffmpeg()->av_frame_alloc();
    if (!d->codec || !d->packet || !d->frame)
        return fail(d, ERR_INTERNAL, AVERROR(ENOMEM), "Cannot decode", err);
    d->codec->thread_count = 1;
    d->codec->pkt_timebase = stream->time_base; /* for skipping the encoder's padding */
    d->codec->codec_whitelist = ffmpeg()->av_strdup(CODECS);
    int code = ffmpeg()->avcodec_parameters_to_context(d->codec, stream->codecpar);
    if (code >= 0)
        code = ffmpeg()->avcodec_open2(d->codec, codec, NULL);
    return code >= 0 || refuse(d, ERR_UNSUPPORTED, code,
                               "its sound is packed in a way that cannot be read. Save it as WAV, "
                               "MP3 or FLAC, and give that.",
                               err);
}

/* NaN and infinities, which float files may hold, end here. */
static void make_finite(float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(samples[i]))
            samples[i] = sample_clip(samples[i]);
}

/* Appends to the piece; frame NULL: what the converter still holds. */
static bool convert(struct decoder *d, const AVFrame *frame, struct err *err)
{
    const uint8_t **in = frame ? (const uint8_t **)(uintptr_t)frame->extended_data : NULL;
    int frames = frame ? frame->nb_samples : 0;

    int room = ffmpeg()->swr_get_out_samples(d->swr, frames);
    if (room < 0)
        return fail(d, ERR_INTERNAL, room, "Cannot convert", err);
    if (!pcm_reserve(&d->piece, (size_t)room, err))
        return false;
    float *end = d->piece.samples + d->piece.frames * (size_t)d->piece.channels;
    int got = ffmpeg()->swr_convert(d->swr, (uint8_t **)&end, room, in, frames);
    if (got < 0)
        return refuse(d, ERR_CORRUPT, got, DAMAGED, err);
    make_finite(end, (size_t)got * (size_t)d->piece.channels);
    d->piece.frames += (size_t)got;
    return true;
}

static bool is_converter_right(const struct decoder *d, const AVFrame *frame)
{
    return d->swr && d->in_format == (enum AVSampleFormat)frame->format &&
           d->in_rate_hz == frame->sample_rate && d->in_channels == frame->ch_layout.nb_channels;
}

/* The first frame says what the file's rate and channels really are: headers of HE-AAC do not. */
static bool prepare_converter(struct decoder *d, const AVFrame *frame, struct err *err)
{
    int rate_hz = frame->sample_rate, channels = frame->ch_layout.nb_channels;

    if (is_converter_right(d, frame))
        return true;
    if (!pcm_check_layout(rate_hz, channels, err))
        return err_context(err, "%s", d->name);
    if (d->swr && !convert(d, NULL, err))
        return false;
    ffmpeg()->swr_free(&d->swr);
    if (d->piece.channels == 0)
        d->piece = PCM(d->options.rate_hz ? d->options.rate_hz : rate_hz,
                       d->options.channels ? d->options.channels : channels);
    d->in_format = frame->format;
    d->in_rate_hz = rate_hz;
    d->in_channels = channels;
    d->swr = ffmpeg_converter(&frame->ch_layout, d->in_format, rate_hz, d->piece.channels,
                              d->piece.rate_hz, err);
    return d->swr || err_context(err, "%s", d->name);
}

static bool count_bad(struct decoder *d, int code, struct err *err)
{
    d->bad_packets++;
    if (d->bad_packets <= BAD_PACKETS_FREE || d->bad_packets < d->good_packets)
        return true;
    return refuse(d, ERR_CORRUPT, code, DAMAGED, err);
}

/* What the file says of the length of its sound, 0 when it says nothing or FFmpeg only guessed from
 * size and bit rate. The length of a film is that of its longest stream, which need not be the sound. */
static double stated_seconds(const struct decoder *d)
{
    const AVFormatContext *c = d->container;
    const AVStream *stream = c->streams[d->stream];

    if (c->nb_streams > 1)
        return stream->duration == AV_NOPTS_VALUE
                   ? 0.0
                   : (double)stream->duration * av_q2d(stream->time_base);
    if (c->duration == AV_NOPTS_VALUE ||
        c->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
        return 0.0;
    return (double)c->duration / AV_TIME_BASE;
}

static bool end(struct decoder *d, struct err *err)
{
    d->is_ended = true;
    if (d->swr && !convert(d, NULL, err))
        return false;
    if (d->frames + d->piece.frames == 0)
        return err_set(err, ERR_CORRUPT, "%s: there is no sound in it.", d->name);
    double seconds = (double)(d->frames + d->piece.frames) / d->piece.rate_hz;
    double stated = stated_seconds(d);
    if (stated - seconds > MISSING_SECONDS && stated - seconds > MISSING_SHARE * stated)
        return err_set(err, ERR_CORRUPT, "%s is cut off: it should be %.1f s long and has %.1f s.",
                       d->name, stated, seconds);
    return true;
}

/* Hands the codec the next packet of our stream, or at the end the order to drain. */
static bool feed(struct decoder *d, struct err *err)
{
    int code = ffmpeg()->av_read_frame(d->container, d->packet);

    if (code == AVERROR_EOF) {
        d->is_draining = true;
        code = ffmpeg()->avcodec_send_packet(d->codec, NULL);
        return code >= 0 || code == AVERROR_EOF || refuse(d, ERR_CORRUPT, code, DAMAGED, err);
    }
    if (code < 0)
        return refuse(d, ERR_CORRUPT, code, DAMAGED, err);
    if (d->packet->stream_index == d->stream)
        code = ffmpeg()->avcodec_send_packet(d->codec, d->packet);
    ffmpeg()->av_packet_unref(d->packet);
    return code >= 0 || count_bad(d, code, err);
}

/* One frame, one packet, or the end. */
static bool step(struct decoder *d, struct err *err)
{
    int code = ffmpeg()->avcodec_receive_frame(d->codec, d->frame);

    if (code == AVERROR(EAGAIN))
        return feed(d, err);
    if (code == AVERROR_EOF || (code < 0 && d->is_draining))
        return end(d, err);
    if (code < 0)
        return count_bad(d, code, err);
    d->good_packets++;
    bool ok = prepare_converter(d, d->frame, err) && convert(d, d->frame, err);
    ffmpeg()->av_frame_unref(d->frame);
    return ok;
}

/* Fills the piece, unless the end comes first. */
static bool advance(struct decoder *d, struct err *err)
{
    d->piece.frames = 0;
    while (d->piece.frames == 0 && !d->is_ended)
        if (!step(d, err))
            return false;
    d->frames += d->piece.frames;
    if ((double)d->frames > d->options.max_seconds * d->piece.rate_hz)
        return err_set(err, ERR_TOO_LARGE, "%s is longer than %g seconds, which is the limit here.",
                       d->name, d->options.max_seconds);
    return true;
}

static struct decoder *decoder_create(const char *name, const struct decode_options *options)
{
    struct decoder *d = xcalloc(1, sizeof *d);

    assert(options->max_seconds > 0);
    d->name = xstrdup(name);
    d->options = *options;
    return d;
}

static bool check_target(const struct decode_options *options, struct err *err)
{
    return pcm_check_layout(options->rate_hz ? options->rate_hz : PCM_RATE_MAX,
                            options->channels ? options->channels : 1, err);
}

/* The rest of opening, once the source is there. Closes d on failure. */
static struct decoder *start(struct decoder *d, struct err *err)
{
    if (d->source.length == 0)
        err_set(err, ERR_CORRUPT, "%s is empty.", d->name);
    else if (check_target(&d->options, err) && open_container(d, err) && check_wav_length(d, err) &&
             open_codec(d, err) && advance(d, err)) {
        d->is_first = true;
        return d;
    }
    decoder_close(d);
    return NULL;
}

struct decoder *decoder_open_memory(const void *bytes, size_t length, const char *name,
                                    const struct decode_options *options, struct err *err)
{
    if (!ffmpeg_open(err))
        return NULL;
    struct decoder *d = decoder_create(name, options);

    d->source = (struct source){ .bytes = bytes, .length = (int64_t)length };
    return start(d, err);
}

struct decoder *decoder_open_file(const char *path, const struct decode_options *options,
                                  struct err *err)
{
    return decoder_open_file_as(path, path, options, err);
}

struct decoder *decoder_open_file_as(const char *path, const char *name,
                                     const struct decode_options *options, struct err *err)
{
    if (!ffmpeg_open(err))
        return NULL;
    struct decoder *d = decoder_create(name, options);

    if (!source_open_file(&d->source, path, name, err)) {
        decoder_close(d);
        return NULL;
    }
    return start(d, err);
}

void decoder_close(struct decoder *d)
{
    if (!d)
        return;
    ffmpeg()->avcodec_free_context(&d->codec);
    ffmpeg()->av_packet_free(&d->packet);
    ffmpeg()->av_frame_free(&d->frame);
    ffmpeg()->avformat_close_input(&d->container);
    if (d->io)
        ffmpeg()->av_freep(&d->io->buffer); /* not the one given: FFmpeg replaces it */
    ffmpeg()->avio_context_free(&d->io);
    ffmpeg()->swr_free(&d->swr);
    pcm_release(&d->piece);
    if (d->source.file)
        fclose(d->source.file);
    free(d->name);
    free(d);
}

int decoder_rate_hz(const struct decoder *d)
{
    return d->piece.rate_hz;
}

int decoder_channels(const struct decoder *d)
{
    return d->piece.channels;
}

double decoder_fraction(const struct decoder *d)
{
    return (double)d->source.at / (double)d->source.length;
}

const char *decoder_codec_name(const struct decoder *d)
{
    return ffmpeg()->avcodec_get_name(d->codec->codec_id);
}

bool decoder_read(struct decoder *d, const float **samples, size_t *frames, struct err *err)
{
    if (d->is_first)
        d->is_first = false;
    else if (!advance(d, err))
        return false;
    *samples = d->piece.samples;
    *frames = d->piece.frames;
    return true;
}

/* Takes the decoder, which may be NULL, and closes it. */
static bool read_all(struct decoder *d, struct pcm *out, struct err *err)
{
    const float *samples;
    size_t frames;
    bool ok;

    *out = (struct pcm){ 0 };
    if (!d)
        return false;
    *out = PCM(decoder_rate_hz(d), decoder_channels(d));
    do {
        ok = decoder_read(d, &samples, &frames, err) && pcm_append(out, samples, frames, err);
    } while (ok && frames > 0);
    if (!ok)
        pcm_release(out);
    decoder_close(d);
    return ok;
}

bool decode_memory(const void *bytes, size_t length, const char *name,
                   const struct decode_options *options, struct pcm *out, struct err *err)
{
    return read_all(decoder_open_memory(bytes, length, name, options, err), out, err);
}

bool decode_file(const char *path, const struct decode_options *options, struct pcm *out,
                 struct err *err)
{
    return read_all(decoder_open_file(path, options, err), out, err);
}
