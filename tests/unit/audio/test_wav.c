#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/wav.h"
#include "base/path.h"
#include "folder.h"
#include "tones.h"

static void write_whole(const char *path, enum wav_sample sample, const struct pcm *pcm)
{
    struct wav_writer w;
    struct err err;

    check_ok(wav_begin(&w, path, sample, pcm->rate_hz, pcm->channels, &err), &err);
    check_ok(wav_write(&w, pcm->samples, pcm->frames, &err), &err);
    check_ok(wav_commit(&w, &err), &err);
    wav_release(&w);
}

static const struct {
    const char *name;
    enum wav_sample sample;
    int channels;
    size_t header; /* bytes before the samples */
    double snr_db; /* at least, for a sine at half scale: 6.02 dB a bit - 4.3 */
} kinds[] = {
    { "16-bit mono", WAV_S16, 1, 44, 90.0 },     { "16-bit stereo", WAV_S16, 2, 44, 90.0 },
    { "16-bit surround", WAV_S16, 6, 80, 90.0 }, { "24-bit mono", WAV_S24, 1, 80, 138.0 },
    { "24-bit stereo", WAV_S24, 2, 80, 138.0 },  { "float mono", WAV_F32, 1, 58, 250.0 },
    { "float surround", WAV_F32, 6, 80, 250.0 },
};

static void test_what_is_written_is_read_back(void **state)
{
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct pcm in = tone(997.0, 0.5, 0.3333, 24000, kinds[i].channels), out;
        struct wav_info info;
        struct err err;

        write_whole(folder->file, kinds[i].sample, &in);
        check_ok(wav_info(folder->file, &info, &err), &err);
        check_case(kinds[i].name, info.sample == kinds[i].sample && info.frames == in.frames &&
                                      info.channels == in.channels && info.rate_hz == 24000);
        check_ok(wav_read(folder->file, in.frames, &out, &err), &err);
        check_case(kinds[i].name, out.frames == in.frames && out.channels == in.channels &&
                                      out.rate_hz == in.rate_hz);
        check_case(kinds[i].name, snr_db(in.samples, out.samples, in.frames * (size_t)in.channels) >
                                      kinds[i].snr_db);
        pcm_release(&out);
        pcm_release(&in);
    }
}

static uint32_t get32(const char *bytes)
{
    const uint8_t *p = (const uint8_t *)bytes;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void test_headers_have_the_sizes_of_the_file(void **state)
{
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct pcm in = tone(440.0, 0.5, 0.0, 8000, kinds[i].channels);
        struct buf file = BUF(10000);
        struct err err;

        check_ok(pcm_append_silence(&in, 7, &err), &err); /* odd: 21 bytes of 24-bit mono */
        write_whole(folder->file, kinds[i].sample, &in);
        check_ok(file_read(folder->file, &file, &err), &err);
        check_case(kinds[i].name, file.len % 2 == 0);
        check_case(kinds[i].name, get32(file.data + 4) == file.len - 8);
        const char *data = file.data + kinds[i].header - 8;
        size_t bytes = get32(data + 4);
        check_case(kinds[i].name, memcmp(data, "data", 4) == 0);
        check_case(kinds[i].name, kinds[i].header + bytes + bytes % 2 == file.len);
        if (kinds[i].header > 44) /* the fact chunk, just before */
            check_case(kinds[i].name,
                       memcmp(data - 12, "fact\4\0\0\0", 8) == 0 && get32(data - 4) == in.frames);
        buf_release(&file);
        pcm_release(&in);
    }
}

static void test_an_empty_recording_is_a_valid_file(void **state)
{
    struct folder *folder = *state;
    struct pcm in = PCM(24000, 1), out;
    struct err err;

    write_whole(folder->file, WAV_S16, &in);
    check_ok(wav_read(folder->file, 0, &out, &err), &err);
    assert_int_equal(out.frames, 0);
    assert_int_equal(out.rate_hz, 24000);
    pcm_release(&out);
}

static void test_pieces_are_the_same_as_the_whole(void **state)
{
    struct folder *folder = *state;
    struct pcm in = tone(440.0, 0.9, 1.0, 24000, 1);
    char *pieces = path_join(folder->path, "pieces.wav");
    struct buf a = BUF(100000), b = BUF(100000);
    struct wav_writer w;
    struct err err;

    write_whole(folder->file, WAV_S24, &in);
    check_ok(wav_begin(&w, pieces, WAV_S24, 24000, 1, &err), &err);
    for (size_t at = 0, n = 1; at < in.frames; at += n, n = 3 * n + 1) {
        n = n < in.frames - at ? n : in.frames - at;
        check_ok(wav_write(&w, in.samples + at, n, &err), &err);
    }
    check_ok(wav_commit(&w, &err), &err);
    wav_release(&w);
    check_ok(file_read(folder->file, &a, &err), &err);
    check_ok(file_read(pieces, &b, &err), &err);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_release(&a);
    buf_release(&b);
    pcm_release(&in);
    free(pieces);
}

static void test_what_is_not_committed_leaves_nothing(void **state)
{
    struct folder *folder = *state;
    const float samples[100] = { 0.5f };
    struct wav_writer w;
    struct err err;

    check_ok(wav_begin(&w, folder->file, WAV_S16, 24000, 1, &err), &err);
    check_ok(wav_write(&w, samples, 100, &err), &err);
    wav_release(&w);
    wav_release(&w);
    assert_int_equal(count_entries(folder->path), 0);
}

static void test_layouts_that_make_no_sense_are_refused(void **state)
{
    struct folder *folder = *state;
    struct wav_writer w;
    struct err err;

    assert_false(wav_begin(&w, folder->file, WAV_S16, 0, 1, &err));
    assert_string_equal(err.param, "rate_hz");
    wav_release(&w);
    assert_false(wav_begin(&w, folder->file, WAV_S16, 24000, 0, &err));
    assert_string_equal(err.param, "channels");
    wav_release(&w);
    assert_int_equal(count_entries(folder->path), 0);
}

static void test_more_than_4_gigabytes_are_refused_before_they_are_written(void **state)
{
    struct folder *folder = *state;
    const float samples[4] = { 0 };
    struct wav_writer w;
    struct err err;

    check_ok(wav_begin(&w, folder->file, WAV_S16, 24000, 1, &err), &err);
    w.data_bytes = WAV_DATA_LIMIT - 5;
    assert_false(wav_write(&w, samples, 4, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_non_null(strstr(err.message, folder->file));
    check_ok(wav_write(&w, samples, 2, &err), &err);
    wav_release(&w);
}

/* /dev/full in place of the file: every byte that leaves the buffer fails as on a full disk. */
static void test_a_full_disk_is_named_and_leaves_nothing(void **state)
{
    static const size_t lengths[] = { 0, 10, 5000, 100000 };
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct pcm pcm = PCM(24000, 1);
        struct wav_writer w;
        struct err err;

        check_ok(pcm_append_silence(&pcm, lengths[i], &err), &err);
        check_ok(wav_begin(&w, folder->file, WAV_S16, 24000, 1, &err), &err);
        int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        assert_true(full >= 0 && dup2(full, fileno(w.out.file)) >= 0);
        close(full);
        assert_false(wav_write(&w, pcm.samples, pcm.frames, &err) && wav_commit(&w, &err));
        assert_int_equal(err.kind, ERR_DISK_FULL);
        assert_non_null(strstr(err.message, folder->file));
        wav_release(&w);
        assert_int_equal(count_entries(folder->path), 0);
        pcm_release(&pcm);
    }
}

static int write_past_the_limit(const char *path)
{
    struct rlimit limit = { 8192, 8192 };
    struct pcm pcm = tone(440.0, 0.5, 1.0, 24000, 1);
    struct wav_writer w;
    struct err err;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    bool ok = wav_begin(&w, path, WAV_S16, 24000, 1, &err) &&
              wav_write(&w, pcm.samples, pcm.frames, &err) && wav_commit(&w, &err);
    wav_release(&w);
    pcm_release(&pcm);
    return ok || err.kind != ERR_IO ? 1 : 0;
}

static void test_a_file_size_limit_is_an_error_and_keeps_the_old_file(void **state)
{
    struct folder *folder = *state;
    struct pcm old = tone(440.0, 0.5, 0.01, 24000, 1);
    struct wav_info info;
    struct err err;
    int status;

    write_whole(folder->file, WAV_S16, &old);
    pid_t child = fork();
    if (child == 0)
        _exit(write_past_the_limit(folder->file));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(count_entries(folder->path), 1);
    check_ok(wav_info(folder->file, &info, &err), &err);
    assert_int_equal(info.frames, old.frames);
    pcm_release(&old);
}

static void test_a_stream_header_is_44_bytes_with_or_without_a_length(void **state)
{
    uint8_t header[WAV_HEADER_SIZE];
    const uint8_t mono[] = {
        'R', 'I', 'F', 'F', 124, 0, 0,   0,   'W', 'A',  'V',  'E', 'f', 'm',  't',
        ' ', 16,  0,   0,   0,   1, 0,   1,   0,   0xc0, 0x5d, 0,   0,   0x80, 0xbb,
        0,   0,   2,   0,   16,  0, 'd', 'a', 't', 'a',  88,   0,   0,   0,
    };

    (void)state;
    wav_header(header, 24000, 1, 88);
    assert_memory_equal(header, mono, sizeof mono);
    wav_header(header, 24000, 1, UINT32_MAX);
    assert_memory_equal(header + 4, "\xff\xff\xff\xff", 4);
    assert_memory_equal(header + 40, "\xff\xff\xff\xff", 4);
    assert_memory_equal(header + 8, mono + 8, 32);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_written_is_read_back),
        TEST(test_headers_have_the_sizes_of_the_file),
        TEST(test_an_empty_recording_is_a_valid_file),
        TEST(test_pieces_are_the_same_as_the_whole),
        TEST(test_what_is_not_committed_leaves_nothing),
        TEST(test_layouts_that_make_no_sense_are_refused),
        TEST(test_more_than_4_gigabytes_are_refused_before_they_are_written),
        TEST(test_a_full_disk_is_named_and_leaves_nothing),
        TEST(test_a_file_size_limit_is_an_error_and_keeps_the_old_file),
        cmocka_unit_test(test_a_stream_header_is_44_bytes_with_or_without_a_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
