/* What is encoded is decoded again with our decoder: length, pitch and level must have survived. */
#include "audio/decode.h"
#include "audio/sample.h"
#include "check.h"
#include "memory_output.h"
#include "tones.h"

static const struct decode_options as_it_is = { .max_seconds = 60.0 };

/* delay_s: how much longer the decoded may be: MP3 and AAC streams cannot say what is padding, so
 * there is some at both ends, a frame or 529 samples (MP3's decoder) at most; and FFmpeg's reader keeps
 * the last frame of AAC in MP4 whole, whose own duration is right. */
static const struct {
    const char *name;
    enum audio_format format;
    bool can_seek;
    int rate_hz, channels;
    int decoded_hz;
    double delay_s;
    double level_db; /* tolerance */
} cases[] = {
    { "wav stream", AUDIO_WAV, false, 24000, 1, 24000, 0.0, 0.01 },
    { "wav file", AUDIO_WAV, true, 22050, 2, 22050, 0.0, 0.01 },
    { "mp3 stream", AUDIO_MP3, false, 24000, 1, 24000, (529.0 + 576) / 24000, 0.5 },
    { "mp3 stream at 44.1 kHz", AUDIO_MP3, false, 44100, 2, 44100, (1105.0 + 1152) / 44100, 0.5 },
    { "mp3 file", AUDIO_MP3, true, 24000, 1, 24000, 0.0, 0.5 },
    { "mp3 44.1 kHz stereo file", AUDIO_MP3, true, 44100, 2, 44100, 0.0, 0.5 },
    { "mp3 at a rate it has not", AUDIO_MP3, true, 40000, 1, 44100, 0.001, 0.5 },
    { "opus stream", AUDIO_OPUS, false, 24000, 1, 48000, 0.0, 0.5 },
    { "opus file", AUDIO_OPUS, true, 24000, 1, 48000, 0.0, 0.5 },
    { "opus from 22.05 kHz", AUDIO_OPUS, false, 22050, 2, 48000, 0.001, 0.5 },
    { "opus from 96 kHz", AUDIO_OPUS, false, 96000, 1, 48000, 0.001, 0.5 },
    { "aac stream", AUDIO_AAC, false, 24000, 1, 24000, 1024.0 / 24000, 0.5 },
    { "aac stereo", AUDIO_AAC, false, 44100, 2, 44100, 1024.0 / 44100, 0.5 },
    { "flac stream", AUDIO_FLAC, false, 24000, 1, 24000, 0.0, 0.01 },
    { "flac file", AUDIO_FLAC, true, 48000, 2, 48000, 0.0, 0.01 },
    { "m4b", AUDIO_M4B, true, 24000, 1, 24000, 1024.0 / 24000, 0.5 },
    { "m4b stereo", AUDIO_M4B, true, 44100, 2, 44100, 1024.0 / 44100, 0.5 },
};

static void test_each_format_keeps_length_pitch_and_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels };
        struct pcm in = tone(1000.0, 0.5, 2.345, cases[i].rate_hz, cases[i].channels), out;
        struct memory_output m = { 0 };
        struct err err = { 0 };

        if (!memory_encode(&m, &options, cases[i].can_seek, &in, &err) ||
            !decode_memory(m.bytes, m.length, "memory", &as_it_is, &out, &err))
            fail_msg("%s: %s", cases[i].name, err.message);
        check_case(cases[i].name, out.rate_hz == cases[i].decoded_hz);
        check_case(cases[i].name, out.channels == cases[i].channels);
        double longer = pcm_seconds(&out) - pcm_seconds(&in);
        if (longer < -0.0005 || longer > cases[i].delay_s + 0.0005)
            fail_msg("%s: %.4f s longer", cases[i].name, longer);
        /* The middle, which no start or end blurs. */
        struct pcm middle = out;
        middle.samples += (size_t)out.rate_hz / 2 * (size_t)out.channels;
        middle.frames = (size_t)out.rate_hz;
        double level = decibels(amplitude_at(&middle, 1000.0) / 0.5);
        if (fabs(level) > cases[i].level_db)
            fail_msg("%s: %.2f dB off", cases[i].name, level);
        pcm_release(&in);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

/* Every rate and bit rate that ElevenLabs' clients may ask for, out of the voices' rates. */
static const struct {
    enum audio_format format;
    int output_hz, kbps;
} asked[] = {
    { AUDIO_MP3, 22050, 32 },  { AUDIO_MP3, 24000, 48 },   { AUDIO_MP3, 44100, 32 },
    { AUDIO_MP3, 44100, 64 },  { AUDIO_MP3, 44100, 96 },   { AUDIO_MP3, 44100, 128 },
    { AUDIO_MP3, 44100, 192 }, { AUDIO_OPUS, 48000, 32 },  { AUDIO_OPUS, 48000, 64 },
    { AUDIO_OPUS, 48000, 96 }, { AUDIO_OPUS, 48000, 128 }, { AUDIO_OPUS, 48000, 192 },
    { AUDIO_WAV, 8000, 0 },    { AUDIO_WAV, 16000, 0 },    { AUDIO_WAV, 22050, 0 },
    { AUDIO_WAV, 24000, 0 },   { AUDIO_WAV, 32000, 0 },    { AUDIO_WAV, 44100, 0 },
    { AUDIO_WAV, 48000, 0 },   { AUDIO_FLAC, 48000, 0 },   { AUDIO_AAC, 48000, 64 },
};

static void test_what_is_encoded_has_the_rate_that_was_asked_for(void **state)
{
    static const int voices_hz[] = { 16000, 22050, 24000 };

    (void)state;
    for (size_t i = 0; i < COUNT(asked) * COUNT(voices_hz); i++) {
        int rate_hz = voices_hz[i % COUNT(voices_hz)], output_hz = asked[i / 3].output_hz;
        const struct encoder_options options = { .format = asked[i / 3].format,
                                                 .rate_hz = rate_hz,
                                                 .channels = 1,
                                                 .output_rate_hz = output_hz,
                                                 .bitrate_kbps = asked[i / 3].kbps };
        char name[64];
        struct pcm in = tone(1000.0, 0.5, 2.345, rate_hz, 1), out;
        struct memory_output m = { 0 };
        struct err err = { 0 };

        snprintf(name, sizeof name, "%s of %d Hz, %d kbit/s, from %d Hz",
                 audio_format_name(options.format), output_hz, options.bitrate_kbps, rate_hz);
        if (!memory_encode(&m, &options, false, &in, &err) ||
            !decode_memory(m.bytes, m.length, "memory", &as_it_is, &out, &err))
            fail_msg("%s: %s", name, err.message);
        check_case(name, out.rate_hz == output_hz);
        double longer = pcm_seconds(&out) - pcm_seconds(&in);
        if (longer < -0.001 || longer > 0.052)
            fail_msg("%s: %.4f s longer", name, longer);
        struct pcm middle = out;
        middle.samples += (size_t)out.rate_hz / 2;
        middle.frames = (size_t)out.rate_hz;
        double level = decibels(amplitude_at(&middle, 1000.0) / 0.5);
        if (fabs(level) > 0.5)
            fail_msg("%s: %.2f dB off", name, level);
        double kbps = (double)m.length * 8 / pcm_seconds(&out) / 1000;
        if (options.format == AUDIO_MP3 && fabs(kbps - options.bitrate_kbps) > 1)
            fail_msg("%s: %.1f kbit/s", name, kbps);
        pcm_release(&in);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

/* G.711's expansion, as its tables have it. */
static double expand_ulaw(uint8_t byte)
{
    int code = ~byte & 0xff, exponent = code >> 4 & 7;
    int magnitude = ((((code & 15) << 3) + 132) << exponent) - 132;

    return (code & 0x80 ? -magnitude : magnitude) / 32768.0;
}

static double expand_alaw(uint8_t byte)
{
    int code = byte ^ 0x55, exponent = code >> 4 & 7, magnitude = ((code & 15) << 4) + 8;

    if (exponent > 0)
        magnitude = (magnitude + 256) << (exponent - 1);
    return (code & 0x80 ? magnitude : -magnitude) / 32768.0;
}

static void test_telephone_formats_are_bare_bytes_of_g711(void **state)
{
    static const struct {
        enum audio_format format;
        double (*expand)(uint8_t byte);
    } telephones[] = { { AUDIO_ULAW, expand_ulaw }, { AUDIO_ALAW, expand_alaw } };

    (void)state;
    for (size_t i = 0; i < COUNT(telephones); i++) {
        const struct encoder_options options = {
            .format = telephones[i].format, .rate_hz = 24000, .channels = 1, .output_rate_hz = 8000
        };
        const char *name = audio_format_name(options.format);
        struct pcm in = tone(440.0, 0.5, 1.0, 24000, 1), out = PCM(8000, 1);
        struct memory_output m = { 0 };
        struct err err = { 0 };

        check_ok(memory_encode(&m, &options, false, &in, &err), &err);
        assert_int_equal(m.length, 8000);
        check_ok(pcm_append_silence(&out, m.length, &err), &err);
        for (size_t k = 0; k < m.length; k++)
            out.samples[k] = (float)telephones[i].expand(m.bytes[k]);
        double level = decibels(amplitude_at(&out, 440.0) / 0.5);
        if (fabs(level) > 0.1)
            fail_msg("%s: %.2f dB off", name, level);
        double noise_db = decibels(rms(out.samples, out.frames) / (0.5 / sqrt(2.0)));
        if (fabs(noise_db) > 0.1)
            fail_msg("%s: %.2f dB", name, noise_db);
        pcm_release(&in);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

static void test_speech_stays_where_it_was(void **state)
{
    static const enum audio_format formats[] = { AUDIO_MP3, AUDIO_OPUS, AUDIO_FLAC, AUDIO_M4B };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct encoder_options options = { .format = formats[i],
                                                 .rate_hz = 24000,
                                                 .channels = 1 };
        const struct decode_options at_24k = { .rate_hz = 24000, .max_seconds = 60.0 };
        const char *name = audio_format_name(formats[i]);
        struct pcm in = tone(440.0, 0.5, 2.0, 24000, 1), out;
        struct memory_output m = { 0 };
        struct err err;
        size_t start = 0;

        memset(in.samples, 0, 24000 * sizeof *in.samples); /* sounds from 1 s on */
        check_ok(memory_encode(&m, &options, true, &in, &err), &err);
        check_ok(decode_memory(m.bytes, m.length, "memory", &at_24k, &out, &err), &err);
        while (start < out.frames && fabsf(out.samples[start]) < 0.25f)
            start++;
        check_case(name, start > 23800 && start < 24200);
        pcm_release(&in);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

static void test_lossless_formats_hold_the_same_16_bits(void **state)
{
    static const enum audio_format formats[] = { AUDIO_WAV, AUDIO_FLAC };
    struct pcm in = tone(440.0, 1.3, 0.5, 24000, 1);
    uint8_t *expected = xcalloc(in.frames, 2), *got = xcalloc(in.frames, 2);

    (void)state;
    in.samples[100] = NAN;
    sample_pack_s16(expected, in.samples, in.frames);
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct encoder_options options = { .format = formats[i],
                                                 .rate_hz = 24000,
                                                 .channels = 1 };
        struct memory_output m = { 0 };
        struct pcm out;
        struct err err;

        check_ok(memory_encode(&m, &options, true, &in, &err), &err);
        check_ok(decode_memory(m.bytes, m.length, "memory", &as_it_is, &out, &err), &err);
        assert_int_equal(out.frames, in.frames);
        sample_pack_s16(got, out.samples, out.frames);
        assert_memory_equal(got, expected, 2 * in.frames);
        pcm_release(&out);
        memory_output_release(&m);
    }
    free(expected);
    free(got);
    pcm_release(&in);
}

static void test_pcm_is_bare_samples(void **state)
{
    const struct encoder_options options = { .format = AUDIO_PCM, .rate_hz = 24000, .channels = 1 };
    const float samples[] = { 0.0f, 0.5f, -0.5f, 2.0f };
    const uint8_t expected[] = { 0, 0, 0, 0x40, 0, 0xc0, 0xff, 0x7f };
    struct memory_output m = { 0 };
    struct pcm in = PCM(24000, 1);
    struct err err;

    (void)state;
    check_ok(pcm_append(&in, samples, 4, &err), &err);
    check_ok(memory_encode(&m, &options, false, &in, &err), &err);
    assert_int_equal(m.length, sizeof expected);
    assert_memory_equal(m.bytes, expected, sizeof expected);
    pcm_release(&in);
    memory_output_release(&m);
}

static void test_a_wav_file_knows_its_length_and_a_stream_does_not(void **state)
{
    const struct encoder_options options = { .format = AUDIO_WAV, .rate_hz = 24000, .channels = 1 };
    struct pcm in = tone(440.0, 0.5, 0.1, 24000, 1);
    struct memory_output m = { 0 };
    struct err err;

    (void)state;
    check_ok(memory_encode(&m, &options, true, &in, &err), &err);
    assert_int_equal(m.length, 44 + 4800);
    assert_memory_equal(m.bytes + 40, "\xc0\x12\0\0", 4);
    memory_output_release(&m);
    check_ok(memory_encode(&m, &options, false, &in, &err), &err);
    assert_int_equal(m.length, 44 + 4800);
    assert_memory_equal(m.bytes + 40, "\xff\xff\xff\xff", 4);
    memory_output_release(&m);
    pcm_release(&in);
}

/* How much audio goes in before the first bytes of sound come out, after those of the header. */
static void test_a_stream_begins_at_once(void **state)
{
    static const struct {
        enum audio_format format;
        double seconds;
    } limits[] = {
        { AUDIO_WAV, 0.02 }, { AUDIO_PCM, 0.02 }, { AUDIO_MP3, 0.15 },
        { AUDIO_OPUS, 0.1 }, { AUDIO_AAC, 0.2 },  { AUDIO_FLAC, 0.2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        const struct encoder_options options = { .format = limits[i].format,
                                                 .rate_hz = 24000,
                                                 .channels = 1 };
        struct memory_output m = { 0 };
        const struct encoder_output output = { memory_output_write, NULL, &m };
        struct pcm in = tone(440.0, 0.5, 1.0, 24000, 1);
        struct err err;
        size_t frames = 0;

        struct encoder *encoder = encoder_create(&options, &output, &err);
        assert_non_null(encoder);
        size_t header = m.length;
        while (m.length == header && frames < in.frames) {
            check_ok(encoder_write(encoder, in.samples + frames, 480, &err), &err);
            frames += 480;
        }
        if ((double)frames / 24000 > limits[i].seconds + 1e-9)
            fail_msg("%s: %zu frames", audio_format_name(limits[i].format), frames);
        encoder_destroy(encoder);
        pcm_release(&in);
        memory_output_release(&m);
    }
}

static void test_the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels,
                                                 .title = "Title" };
        struct pcm in = tone(440.0, 0.5, 0.3, cases[i].rate_hz, cases[i].channels);
        struct memory_output a = { 0 }, b = { 0 };
        struct err err;

        check_ok(memory_encode(&a, &options, cases[i].can_seek, &in, &err), &err);
        check_ok(memory_encode(&b, &options, cases[i].can_seek, &in, &err), &err);
        check_case(cases[i].name, a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0);
        pcm_release(&in);
        memory_output_release(&a);
        memory_output_release(&b);
    }
}

static void test_nothing_at_all_can_be_encoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels };
        struct pcm none = PCM(cases[i].rate_hz, cases[i].channels);
        struct memory_output m = { 0 };
        struct err err = { 0 };

        if (!memory_encode(&m, &options, cases[i].can_seek, &none, &err))
            fail_msg("%s: %s", cases[i].name, err.message);
        memory_output_release(&m);
    }
}

static void test_broken_samples_do_not_break_a_codec(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels };
        struct pcm in = tone(440.0, 0.5, 0.5, cases[i].rate_hz, cases[i].channels), out;
        struct memory_output m = { 0 };
        struct err err = { 0 };

        for (size_t k = 0; k < in.frames / 2; k++)
            in.samples[k] = k % 3 == 0 ? NAN : k % 3 == 1 ? INFINITY : 1e30f;
        if (!memory_encode(&m, &options, cases[i].can_seek, &in, &err) ||
            !decode_memory(m.bytes, m.length, "memory", &as_it_is, &out, &err))
            fail_msg("%s: %s", cases[i].name, err.message);
        for (size_t k = 0; k < out.frames * (size_t)out.channels; k++)
            check_case(cases[i].name, isfinite(out.samples[k]));
        pcm_release(&in);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

static const struct audio_chapter overlapping[] = { { "One", 0, 100 }, { "Two", 50, 200 } };
static const struct audio_chapter empty_chapter[] = { { "One", 100, 100 } };
static const struct audio_chapter chapters[] = { { "One", 0, 24000 },
                                                 { "Zwei – ü", 24000, 60000 } };

static void test_options_that_do_not_go_together_are_named(void **state)
{
    static const struct {
        const char *name, *param;
        bool can_seek;
        struct encoder_options options;
    } bad[] = {
        { "no rate", "rate_hz", true, { .format = AUDIO_MP3, .channels = 1 } },
        { "no channels", "channels", true, { .format = AUDIO_FLAC, .rate_hz = 24000 } },
        { "mp3 of 6 channels",
          "channels",
          true,
          { .format = AUDIO_MP3, .rate_hz = 48000, .channels = 6 } },
        { "bit rate too low",
          "bitrate_kbps",
          true,
          { .format = AUDIO_MP3, .rate_hz = 24000, .channels = 1, .bitrate_kbps = 1 } },
        { "bit rate too high",
          "bitrate_kbps",
          true,
          { .format = AUDIO_OPUS, .rate_hz = 24000, .channels = 1, .bitrate_kbps = 999 } },
        { "negative bit rate",
          "bitrate_kbps",
          true,
          { .format = AUDIO_AAC, .rate_hz = 24000, .channels = 1, .bitrate_kbps = -64 } },
        { "a rate that is none",
          "rate_hz",
          true,
          { .format = AUDIO_WAV, .rate_hz = 24000, .channels = 1, .output_rate_hz = 1 } },
        { "a rate that MP3 has not",
          "rate_hz",
          false,
          { .format = AUDIO_MP3, .rate_hz = 24000, .channels = 1, .output_rate_hz = 96000 } },
        { "m4b streamed",
          "format",
          false,
          { .format = AUDIO_M4B, .rate_hz = 24000, .channels = 1 } },
        { "chapters in mp3",
          "chapters",
          true,
          { .format = AUDIO_MP3,
            .rate_hz = 24000,
            .channels = 1,
            .chapters = chapters,
            .chapter_count = 2 } },
        { "overlapping chapters",
          "chapters",
          true,
          { .format = AUDIO_M4B,
            .rate_hz = 24000,
            .channels = 1,
            .chapters = overlapping,
            .chapter_count = 2 } },
        { "an empty chapter",
          "chapters",
          true,
          { .format = AUDIO_M4B,
            .rate_hz = 24000,
            .channels = 1,
            .chapters = empty_chapter,
            .chapter_count = 1 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct memory_output m = { 0 };
        const struct encoder_output output = { memory_output_write,
                                               bad[i].can_seek ? memory_output_seek : NULL, &m };
        struct err err = { 0 };

        check_case(bad[i].name, encoder_create(&bad[i].options, &output, &err) == NULL);
        check_case(bad[i].name, err.kind == ERR_INVALID);
        check_text(bad[i].name, err.param, bad[i].param);
        check_case(bad[i].name, m.calls == 0);
    }
}

static bool contains(const struct memory_output *m, const char *text)
{
    return memmem(m->bytes, m->length, text, strlen(text)) != NULL;
}

static void test_tags_and_chapters_are_in_the_file(void **state)
{
    static const enum audio_format formats[] = { AUDIO_MP3, AUDIO_OPUS, AUDIO_FLAC, AUDIO_M4B };
    struct pcm in = tone(440.0, 0.5, 2.5, 24000, 1);

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct encoder_options options = {
            .format = formats[i],
            .rate_hz = 24000,
            .channels = 1,
            .title = "A Title – ü",
            .artist = "An Artist",
            .chapters = chapters,
            .chapter_count = formats[i] == AUDIO_M4B ? 2 : 0,
        };
        const char *name = audio_format_name(formats[i]);
        struct memory_output m = { 0 };
        struct err err;

        check_ok(memory_encode(&m, &options, true, &in, &err), &err);
        check_case(name, contains(&m, "A Title – ü") && contains(&m, "An Artist"));
        if (formats[i] == AUDIO_M4B) {
            check_case(name, memcmp(m.bytes + 4, "ftypM4B ", 8) == 0);
            check_case(name, contains(&m, "chpl") && contains(&m, "Zwei – ü"));
            /* mvhd: timescale 1000, 2.5 s (ISO 14496-12, 8.2.2) */
            const uint8_t *mvhd = memmem(m.bytes, m.length, "mvhd", 4);
            check_case(name, mvhd && memcmp(mvhd + 16, "\0\0\x3\xe8\0\0\x9\xc4", 8) == 0);
        }
        memory_output_release(&m);
    }
    pcm_release(&in);
}

static void test_bit_rates_change_the_size(void **state)
{
    static const enum audio_format formats[] = { AUDIO_MP3, AUDIO_OPUS, AUDIO_AAC, AUDIO_M4B };
    struct pcm in = tone(440.0, 0.0, 4.0, 24000, 1);
    unsigned seed = 1;

    (void)state;
    for (size_t i = 0; i < in.frames; i++)
        in.samples[i] = 0.3f * noise(&seed);
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct encoder_options low = {
            .format = formats[i], .rate_hz = 24000, .channels = 1, .bitrate_kbps = 32
        };
        const struct encoder_options high = {
            .format = formats[i], .rate_hz = 24000, .channels = 1, .bitrate_kbps = 96
        };
        struct memory_output a = { 0 }, b = { 0 };
        struct err err;

        check_ok(memory_encode(&a, &low, true, &in, &err), &err);
        check_ok(memory_encode(&b, &high, true, &in, &err), &err);
        check_case(audio_format_name(formats[i]), a.length > 10000 && a.length < 24000);
        check_case(audio_format_name(formats[i]), b.length > 2 * a.length);
        memory_output_release(&a);
        memory_output_release(&b);
    }
    pcm_release(&in);
}

static void test_the_nth_write_fails_for_each_n(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels,
                                                 .title = "Title" };
        struct pcm in = tone(440.0, 0.5, 0.2, cases[i].rate_hz, cases[i].channels);
        struct memory_output whole = { 0 };
        struct err err;

        check_ok(memory_encode(&whole, &options, cases[i].can_seek, &in, &err), &err);
        for (int n = 1; n <= whole.calls; n++) {
            struct memory_output m = { .fail_at = n };

            check_case(cases[i].name, !memory_encode(&m, &options, cases[i].can_seek, &in, &err));
            check_case(cases[i].name, err.kind == ERR_DISK_FULL && m.calls == n);
            memory_output_release(&m);
        }
        memory_output_release(&whole);
        pcm_release(&in);
    }
}

/* A listener who has gone must not cost the encoding of the rest. */
static void test_a_refused_write_is_known_within_a_second_of_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct encoder_options options = { .format = cases[i].format,
                                                 .rate_hz = cases[i].rate_hz,
                                                 .channels = cases[i].channels };
        struct memory_output m = { 0 };
        const struct encoder_output output = { memory_output_write, NULL, &m };
        struct err err;
        int pieces = 0;

        if (cases[i].can_seek)
            continue;
        struct pcm in = tone(440.0, 0.5, 0.02, cases[i].rate_hz, cases[i].channels);
        struct encoder *encoder = encoder_create(&options, &output, &err);
        check_case(cases[i].name, encoder != NULL);
        m.fail_at = m.calls + 1;
        while (pieces < 500 && encoder_write(encoder, in.samples, in.frames, &err))
            pieces++;
        check_case(cases[i].name, pieces < 50);
        encoder_destroy(encoder);
        memory_output_release(&m);
        pcm_release(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_format_keeps_length_pitch_and_level),
        cmocka_unit_test(test_what_is_encoded_has_the_rate_that_was_asked_for),
        cmocka_unit_test(test_telephone_formats_are_bare_bytes_of_g711),
        cmocka_unit_test(test_speech_stays_where_it_was),
        cmocka_unit_test(test_lossless_formats_hold_the_same_16_bits),
        cmocka_unit_test(test_pcm_is_bare_samples),
        cmocka_unit_test(test_a_wav_file_knows_its_length_and_a_stream_does_not),
        cmocka_unit_test(test_a_stream_begins_at_once),
        cmocka_unit_test(test_the_same_input_gives_the_same_bytes),
        cmocka_unit_test(test_nothing_at_all_can_be_encoded),
        cmocka_unit_test(test_broken_samples_do_not_break_a_codec),
        cmocka_unit_test(test_options_that_do_not_go_together_are_named),
        cmocka_unit_test(test_tags_and_chapters_are_in_the_file),
        cmocka_unit_test(test_bit_rates_change_the_size),
        cmocka_unit_test(test_the_nth_write_fails_for_each_n),
        cmocka_unit_test(test_a_refused_write_is_known_within_a_second_of_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
