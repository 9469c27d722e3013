#include "audio/peaks.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "base/path.h"
#include "check.h"
#include "tones.h"

#define RATE_HZ 24000
#define STEP (1.0f / 32768) /* of a 16-bit sample */

/* Writes the samples to a file of the folder, and opens it. */
static struct wav_reader *written(const char *folder, enum wav_sample sample, int channels,
                                  const float *samples, size_t frames)
{
    char *path = path_join(folder, "in.wav");
    struct wav_writer writer = { 0 };
    struct err err;

    check_ok(wav_begin(&writer, path, sample, RATE_HZ, channels, &err), &err);
    check_ok(wav_write(&writer, samples, frames, &err), &err);
    check_ok(wav_commit(&writer, &err), &err);
    wav_release(&writer);
    struct wav_reader *reader = wav_open_descriptor(open(path, O_RDONLY), "in.wav", &err);
    check_ok(reader, &err);
    free(path);
    return reader;
}

/* What peaks_read gives for them; *count as there. */
static void outline(enum wav_sample sample, int channels, const float *samples, size_t frames,
                    float *peaks, size_t *count)
{
    char *folder = temp_folder();
    struct wav_reader *reader = written(folder, sample, channels, samples, frames);
    struct err err;

    check_ok(peaks_read(reader, peaks, count, &err), &err);
    wav_close(reader);
    temp_folder_remove(folder);
}

static void test_silence_has_no_height(void **state)
{
    static const float silence[RATE_HZ];
    float peaks[400];
    size_t count = COUNT(peaks);

    (void)state;
    outline(WAV_S16, 1, silence, RATE_HZ, peaks, &count);
    assert_int_equal(count, COUNT(peaks));
    for (size_t i = 0; i < count; i++)
        assert_true(peaks[i] == 0);
}

static void test_full_scale_is_1_on_either_side(void **state)
{
    const float samples[] = { 1.0f, 0.0f, 0.0f, -1.0f };
    float peaks[2];
    size_t count = COUNT(peaks);

    (void)state;
    outline(WAV_S16, 1, samples, COUNT(samples), peaks, &count);
    assert_true(peaks[0] == 1 - STEP);
    assert_true(peaks[1] == 1);
    outline(WAV_F32, 1, samples, COUNT(samples), peaks, &count);
    assert_true(peaks[0] == 1 && peaks[1] == 1);
}

/* Against the definition, over sizes that end inside blocks and inside parts. */
static void test_each_part_has_its_own_greatest_magnitude(void **state)
{
    static const struct {
        const char *name;
        size_t frames, count;
        enum wav_sample sample;
        int channels;
    } cases[] = {
        { "one part", 50000, 1, WAV_S16, 1 },
        { "parts of one length", 48000, 400, WAV_S16, 1 },
        { "parts that differ by a frame", 50001, 400, WAV_S24, 1 },
        { "parts longer than a block", 100000, 3, WAV_F32, 1 },
        { "stereo", 33333, 77, WAV_S16, 2 },
        { "five channels", 10007, 4000, WAV_F32, 5 },
        { "a part a frame", 300, 300, WAV_S16, 1 },
    };
    static float samples[100000];
    static float peaks[4000];
    unsigned seed = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        samples[i] = noise(&seed) * noise(&seed);
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t count = cases[i].count, channels = (size_t)cases[i].channels, start = 0;

        outline(cases[i].sample, cases[i].channels, samples, cases[i].frames, peaks, &count);
        check_case(cases[i].name, count == cases[i].count);
        for (size_t part = 0; part < count; part++) {
            size_t end = (part + 1) * cases[i].frames / count;
            float expected = 0;

            for (size_t k = start * channels; k < end * channels; k++)
                expected = fmaxf(expected, fabsf(samples[k]));
            check_case(cases[i].name, fabsf(peaks[part] - expected) <= STEP);
            start = end;
        }
    }
}

static void test_no_part_is_shorter_than_a_frame(void **state)
{
    const float samples[] = { 0.5f, -0.25f, 0.125f };
    float peaks[4000];
    size_t count = COUNT(peaks);

    (void)state;
    outline(WAV_F32, 1, samples, COUNT(samples), peaks, &count);
    assert_int_equal(count, COUNT(samples));
    for (size_t i = 0; i < count; i++)
        assert_true(peaks[i] == fabsf(samples[i]));
}

static void test_a_recording_without_frames_has_no_parts(void **state)
{
    float peaks[8];
    size_t count = COUNT(peaks);

    (void)state;
    outline(WAV_S16, 1, NULL, 0, peaks, &count);
    assert_int_equal(count, 0);
}

static void test_a_file_that_is_cut_while_it_is_read_is_an_error(void **state)
{
    static float samples[4 * RATE_HZ];
    char *folder = temp_folder(), *path = path_join(folder, "in.wav");
    struct wav_reader *reader = written(folder, WAV_S16, 1, samples, COUNT(samples));
    float peaks[400];
    size_t count = COUNT(peaks);
    struct err err;

    (void)state;
    assert_int_equal(truncate(path, RATE_HZ), 0);
    assert_false(peaks_read(reader, peaks, &count, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_non_null(strstr(err.message, "in.wav is cut off"));
    wav_close(reader);
    assert_null(wav_open_descriptor(open(path, O_RDONLY), "in.wav", &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    free(path);
    temp_folder_remove(folder);
}

static void test_a_file_that_is_replaced_while_it_is_read_stays_what_it_was(void **state)
{
    float samples[] = { 0.5f, 0.5f }, louder[] = { 1.0f, 1.0f }, peaks[1];
    char *folder = temp_folder();
    struct wav_reader *reader = written(folder, WAV_F32, 1, samples, COUNT(samples));
    size_t count = COUNT(peaks);
    struct err err;

    (void)state;
    wav_close(written(folder, WAV_F32, 1, louder, COUNT(louder)));
    check_ok(peaks_read(reader, peaks, &count, &err), &err);
    assert_true(peaks[0] == 0.5f);
    wav_close(reader);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_has_no_height),
        cmocka_unit_test(test_full_scale_is_1_on_either_side),
        cmocka_unit_test(test_each_part_has_its_own_greatest_magnitude),
        cmocka_unit_test(test_no_part_is_shorter_than_a_frame),
        cmocka_unit_test(test_a_recording_without_frames_has_no_parts),
        cmocka_unit_test(test_a_file_that_is_cut_while_it_is_read_is_an_error),
        cmocka_unit_test(test_a_file_that_is_replaced_while_it_is_read_stays_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
