/* Inputs come from our own encoder; the hostile ones from cutting and stirring them. */
#include "audio/decode.h"
#include "audio/wav.h"
#include "base/file.h"
#include "base/path.h"
#include "check.h"
#include "memory_output.h"
#include "tones.h"

static const enum audio_format formats[] = { AUDIO_WAV, AUDIO_MP3,  AUDIO_OPUS,
                                             AUDIO_AAC, AUDIO_FLAC, AUDIO_M4B };

static const struct decode_options as_it_is = { .max_seconds = 60.0 };

static struct memory_output encoded(enum audio_format format, double seconds)
{
    const struct encoder_options options = { .format = format, .rate_hz = 24000, .channels = 1 };
    struct pcm in = tone(1000.0, 0.5, seconds, 24000, 1);
    struct memory_output m = { 0 };
    struct err err;

    check_ok(memory_encode(&m, &options, true, &in, &err), &err);
    pcm_release(&in);
    return m;
}

static void test_any_rate_and_channels_can_be_asked_for(void **state)
{
    static const struct decode_options wanted[] = {
        { .rate_hz = 16000, .channels = 1, .max_seconds = 10 },
        { .rate_hz = 48000, .channels = 2, .max_seconds = 10 },
        { .rate_hz = 24000, .channels = 1, .max_seconds = 10 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 2.0);

        for (size_t k = 0; k < COUNT(wanted); k++) {
            const char *name = audio_format_name(formats[i]);
            struct pcm out;
            struct err err;

            check_ok(decode_memory(m.bytes, m.length, "upload", &wanted[k], &out, &err), &err);
            check_case(name, out.rate_hz == wanted[k].rate_hz);
            check_case(name, out.channels == wanted[k].channels);
            check_case(name, fabs(pcm_seconds(&out) - 2.0) < 0.13);
            /* What swresample still held at the end has come out too. */
            if (formats[i] == AUDIO_WAV || formats[i] == AUDIO_FLAC)
                check_case(name, fabs((double)out.frames - 2.0 * out.rate_hz) <= 2.0);
            struct pcm middle = out;
            middle.samples += (size_t)out.rate_hz / 2 * (size_t)out.channels;
            middle.frames = (size_t)out.rate_hz;
            check_case(name, fabs(amplitude_at(&middle, 1000.0) - 0.5) < 0.03);
            pcm_release(&out);
        }
        memory_output_release(&m);
    }
}

static void test_a_file_gives_the_same_as_memory(void **state)
{
    char *folder = temp_folder(), *path = path_join(folder, "in.bin");

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 1.0);
        struct pcm a, b;
        struct err err;

        check_ok(file_write(path, m.bytes, m.length, &err), &err);
        check_ok(decode_memory(m.bytes, m.length, "upload", &as_it_is, &a, &err), &err);
        check_ok(decode_file(path, &as_it_is, &b, &err), &err);
        check_case(audio_format_name(formats[i]),
                   a.frames == b.frames &&
                       memcmp(a.samples, b.samples, a.frames * sizeof *a.samples) == 0);
        pcm_release(&a);
        pcm_release(&b);
        memory_output_release(&m);
    }
    free(path);
    temp_folder_remove(folder);
}

static void test_it_comes_in_small_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 3.0);
        const float *samples;
        size_t frames, total = 0, pieces = 0;
        struct err err;
        struct decoder *d = decoder_open_memory(m.bytes, m.length, "upload", &as_it_is, &err);

        assert_non_null(d);
        do {
            check_ok(decoder_read(d, &samples, &frames, &err), &err);
            total += frames;
            pieces += frames > 0;
            check_case(audio_format_name(formats[i]), frames <= (size_t)decoder_rate_hz(d) / 2);
        } while (frames > 0);
        check_case(audio_format_name(formats[i]),
                   fabs((double)total / decoder_rate_hz(d) - 3.0) < 0.13 && pieces > 5);
        check_ok(decoder_read(d, &samples, &frames, &err), &err); /* the end stays the end */
        assert_int_equal(frames, 0);
        decoder_close(d);
        memory_output_release(&m);
    }
}

static void test_the_codec_is_named(void **state)
{
    static const char *names[] = { "pcm_s16le", "mp3", "opus", "aac", "flac", "aac" };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 1.0);
        struct err err;
        struct decoder *d = decoder_open_memory(m.bytes, m.length, "upload", &as_it_is, &err);

        assert_non_null(d);
        check_text(audio_format_name(formats[i]), decoder_codec_name(d), names[i]);
        decoder_close(d);
        memory_output_release(&m);
    }
}

static void test_more_than_allowed_is_too_large_and_stops_early(void **state)
{
    const struct decode_options one_second = { .max_seconds = 1.0 };

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 3.0);
        const float *samples;
        size_t frames, total = 0;
        struct pcm out;
        struct err err = { 0 };

        assert_false(decode_memory(m.bytes, m.length, "long.bin", &one_second, &out, &err));
        assert_int_equal(err.kind, ERR_TOO_LARGE);
        assert_non_null(strstr(err.message, "long.bin"));
        assert_null(out.samples);
        struct decoder *d = decoder_open_memory(m.bytes, m.length, "long.bin", &one_second, &err);
        while (decoder_read(d, &samples, &frames, &err) && frames > 0)
            total += frames;
        check_case(audio_format_name(formats[i]), total <= (size_t)decoder_rate_hz(d));
        decoder_close(d);
        memory_output_release(&m);
    }
}

static bool decodes(const void *bytes, size_t length, struct err *err)
{
    struct pcm out;

    bool ok = decode_memory(bytes, length, "upload.bin", &as_it_is, &out, err);
    if (ok)
        pcm_release(&out);
    else
        assert_true(err->kind != ERR_NONE && out.samples == NULL &&
                    strstr(err->message, "upload.bin"));
    if (!ok)
        check_case(err->message, !strstr(err->message, "Invalid data") &&
                                     !strstr(err->message, "processing input"));
    return ok;
}

static void test_what_is_no_audio_is_refused(void **state)
{
    static const struct {
        const char *name, *bytes;
    } inputs[] = {
        { "empty", "" },
        { "one byte", "R" },
        { "text", "It is a truth universally acknowledged, that a single man in possession." },
        { "HTML", "<!DOCTYPE html><html><body><p>404 Not Found</p></body></html>" },
        { "a playlist", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" },
        { "an HLS playlist", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n"
                             "file:///etc/passwd\n#EXT-X-ENDLIST\n" },
        { "a concat script", "ffconcat version 1.0\nfile /etc/passwd\n" },
        { "a DASH manifest", "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">"
                             "<BaseURL>file:///etc/passwd</BaseURL></MPD>" },
        { "an SDP", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n" },
        { "subtitles", "1\n00:00:00,000 --> 00:00:01,000\nHello\n" },
        { "magic only: ogg", "OggS" },
        { "magic only: flac", "fLaC" },
        { "magic only: wav", "RIFF\x7f\x7f\x7f\x7fWAVEfmt " },
        { "magic only: id3", "ID3\x04" },
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++)
        check_case(inputs[i].name, !decodes(inputs[i].bytes, strlen(inputs[i].bytes), &err));
    check_text(
        "message", err.message,
        "upload.bin: FFmpeg cannot read it as sound or video. If it plays elsewhere, save it "
        "there as WAV or MP3, and give that.");
}

static void test_a_playlist_beside_its_file_opens_nothing(void **state)
{
    static const struct {
        const char *name, *text;
    } lists[] = {
        { "list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2,\nin.mp3\n#EXT-X-ENDLIST\n" },
        { "list.ffconcat", "ffconcat version 1.0\nfile in.mp3\n" },
    };
    char *folder = temp_folder(), *target = path_join(folder, "in.mp3");
    struct memory_output m = encoded(AUDIO_MP3, 2.0);
    struct pcm out;
    struct err err;

    (void)state;
    check_ok(file_write(target, m.bytes, m.length, &err), &err);
    for (size_t i = 0; i < COUNT(lists); i++) {
        char *path = path_join(folder, lists[i].name);

        check_ok(file_write(path, lists[i].text, strlen(lists[i].text), &err), &err);
        check_case(lists[i].name, !decode_file(path, &as_it_is, &out, &err));
        check_case(lists[i].name, err.kind == ERR_UNSUPPORTED);
        free(path);
    }
    memory_output_release(&m);
    free(target);
    temp_folder_remove(folder);
}

static void test_noise_is_refused(void **state)
{
    static const size_t lengths[] = { 16, 1000, 60000 };
    uint8_t *bytes = xcalloc(60000, 1);
    struct err err;

    (void)state;
    for (unsigned seed = 0; seed < 30; seed++) {
        unsigned random = seed;

        for (size_t i = 0; i < 60000; i++) {
            noise(&random);
            bytes[i] = (uint8_t)(random >> 24);
        }
        for (size_t i = 0; i < COUNT(lengths); i++)
            assert_false(decodes(bytes, lengths[i], &err));
    }
    free(bytes);
}

/* Where a file says how long it is (an MP3 of ours does, in its Xing frame), half of it is cut off;
 * where it is a row of packets with no end, half of it is a shorter recording. */
static void test_files_that_are_cut_off_are_found_out(void **state)
{
    static const struct {
        enum audio_format format;
        bool says_its_length;
    } cases[] = {
        { AUDIO_WAV, true }, { AUDIO_MP3, true },   { AUDIO_FLAC, true },
        { AUDIO_M4B, true }, { AUDIO_OPUS, false }, { AUDIO_AAC, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct memory_output m = encoded(cases[i].format, 6.0);
        const char *name = audio_format_name(cases[i].format);
        struct err err = { 0 };

        check_case(name, decodes(m.bytes, m.length / 2, &err) == !cases[i].says_its_length);
        if (cases[i].says_its_length)
            check_case(name, err.kind == ERR_CORRUPT || err.kind == ERR_UNSUPPORTED);
        memory_output_release(&m);
    }
}

static void test_any_cut_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 0.3);
        struct err err;

        for (size_t length = 0; length < m.length; length += length < 200 ? 7 : 997) {
            uint8_t *exact = xcalloc(length + 1, 1);

            memcpy(exact, m.bytes, length);
            (void)decodes(exact, length, &err);
            free(exact);
        }
        memory_output_release(&m);
    }
}

static void test_any_damage_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct memory_output m = encoded(formats[i], 0.5);
        struct err err;

        for (unsigned seed = 0; seed < 40; seed++) {
            unsigned random = seed;
            uint8_t *copy = xcalloc(m.length, 1);

            memcpy(copy, m.bytes, m.length);
            for (int k = 0; k < 20; k++) {
                noise(&random);
                size_t range = k < 10 && m.length > 200 ? 200 : m.length;
                size_t at = (random >> 8) % range;

                noise(&random);
                copy[at] = (uint8_t)(random >> 24);
            }
            (void)decodes(copy, m.length, &err);
            free(copy);
        }
        memory_output_release(&m);
    }
}

static void test_a_little_damage_is_passed_over(void **state)
{
    static const enum audio_format streams[] = { AUDIO_MP3, AUDIO_AAC };

    (void)state;
    for (size_t i = 0; i < COUNT(streams); i++) {
        struct memory_output m = encoded(streams[i], 5.0);
        struct pcm out;
        struct err err;

        memset(m.bytes + m.length / 2, 0, 300);
        check_ok(decode_memory(m.bytes, m.length, "upload", &as_it_is, &out, &err), &err);
        check_case(audio_format_name(streams[i]), fabs(pcm_seconds(&out) - 5.0) < 0.3);
        pcm_release(&out);
        memory_output_release(&m);
    }
}

static void test_float_files_give_finite_samples(void **state)
{
    char *folder = temp_folder(), *path = path_join(folder, "float.wav");
    const float samples[] = { 0.5f, -0.5f, 0.25f, 0.125f };
    const float nan = NAN;
    struct buf file = BUF(1000);
    struct wav_writer w;
    struct pcm out;
    struct err err;

    (void)state;
    check_ok(wav_begin(&w, path, WAV_F32, 24000, 1, &err), &err);
    check_ok(wav_write(&w, samples, 4, &err) && wav_commit(&w, &err), &err);
    wav_release(&w);
    check_ok(file_read(path, &file, &err), &err);
    memcpy(file.data + file.len - 8, &nan, 4);
    check_ok(decode_memory(file.data, file.len, "float", &as_it_is, &out, &err), &err);
    assert_int_equal(out.frames, 4);
    assert_true(out.samples[0] == 0.5f && out.samples[2] == 0.0f && out.samples[3] == 0.125f);
    pcm_release(&out);
    buf_release(&file);
    free(path);
    temp_folder_remove(folder);
}

static void test_missing_files_and_folders_are_named(void **state)
{
    char *folder = temp_folder(), *none = path_join(folder, "none.mp3");
    struct err err;

    (void)state;
    assert_null(decoder_open_file(none, &as_it_is, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, none));
    assert_null(decoder_open_file(folder, &as_it_is, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    free(none);
    temp_folder_remove(folder);
}

static void test_targets_that_make_no_sense_are_refused(void **state)
{
    const struct decode_options no_rate = { .rate_hz = 10, .max_seconds = 1 };
    const struct decode_options no_channels = { .channels = 99, .max_seconds = 1 };
    struct memory_output m = encoded(AUDIO_WAV, 0.1);
    struct err err;

    (void)state;
    assert_null(decoder_open_memory(m.bytes, m.length, "x", &no_rate, &err));
    assert_string_equal(err.param, "rate_hz");
    assert_null(decoder_open_memory(m.bytes, m.length, "x", &no_channels, &err));
    assert_string_equal(err.param, "channels");
    memory_output_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_rate_and_channels_can_be_asked_for),
        cmocka_unit_test(test_a_file_gives_the_same_as_memory),
        cmocka_unit_test(test_it_comes_in_small_pieces),
        cmocka_unit_test(test_the_codec_is_named),
        cmocka_unit_test(test_more_than_allowed_is_too_large_and_stops_early),
        cmocka_unit_test(test_what_is_no_audio_is_refused),
        cmocka_unit_test(test_a_playlist_beside_its_file_opens_nothing),
        cmocka_unit_test(test_noise_is_refused),
        cmocka_unit_test(test_files_that_are_cut_off_are_found_out),
        cmocka_unit_test(test_any_cut_is_safe),
        cmocka_unit_test(test_any_damage_is_safe),
        cmocka_unit_test(test_a_little_damage_is_passed_over),
        cmocka_unit_test(test_float_files_give_finite_samples),
        cmocka_unit_test(test_missing_files_and_folders_are_named),
        cmocka_unit_test(test_targets_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
