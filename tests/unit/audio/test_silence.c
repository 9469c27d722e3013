#include "audio/silence.h"
#include "check.h"
#include "tones.h"

#define RATE 24000

/* A part of a clip: what sounds, from when to when, how loud. */
enum sound { VOWEL, HISS, CLICK, HUM };

struct part {
    enum sound sound;
    double start_s, end_s;
    double level_db; /* RMS; of a click the peak */
};

static double wave(enum sound sound, double t, unsigned *seed)
{
    float n = noise(seed);

    switch (sound) {
    case VOWEL: /* harmonics of 120 Hz falling by 6 dB an octave, RMS about 1 */
        return 1.1 *
               (sin(754.0 * t) + sin(1508.0 * t) / 2 + sin(3016.0 * t) / 4 + sin(6032.0 * t) / 8);
    case HISS: /* white: RMS of uniform noise is 1/sqrt(3) */
        return 1.732 * (double)n;
    case CLICK:
        return n > 0 ? 1.0 : -1.0;
    case HUM: /* 100 Hz */
        return 1.414 * sin(628.0 * t);
    }
    return 0.0;
}

static void add_part(struct pcm *pcm, const struct part *part)
{
    double amplitude = pow(10.0, part->level_db / 20.0);
    unsigned seed = 7;

    for (size_t i = pcm_frames(part->start_s, RATE); i < pcm_frames(part->end_s, RATE); i++)
        pcm->samples[i] += (float)(amplitude * wave(part->sound, (double)i / RATE, &seed));
}

#define SECONDS 2.0

static struct pcm clip(const struct part *parts, size_t count, double noise_db, double gain)
{
    struct pcm pcm = tone(100.0, 0.0, SECONDS, RATE, 1);
    const struct part floor_noise = { HISS, 0.0, SECONDS, noise_db };

    add_part(&pcm, &floor_noise);
    for (size_t i = 0; i < count; i++)
        add_part(&pcm, &parts[i]);
    for (size_t i = 0; i < pcm.frames; i++)
        pcm.samples[i] = (float)(pcm.samples[i] * gain);
    return pcm;
}

/* Speech from first to last must be kept; no more than 40 ms before and 100 ms behind, and a window,
 * unless it is said otherwise. */
static const struct {
    const char *name;
    struct part parts[4];
    size_t count;
    double noise_db;
    double first_s, last_s;
} cases[] = {
    { "a vowel", { { VOWEL, 0.4, 1.2, -20 } }, 1, -75, 0.4, 1.2 },
    { "a vowel in a quiet room", { { VOWEL, 0.4, 1.2, -20 } }, 1, -55, 0.4, 1.2 },
    { "a soft fricative before it",
      { { HISS, 0.3, 0.4, -56 }, { VOWEL, 0.4, 1.2, -20 } },
      2,
      -75,
      0.3,
      1.2 },
    { "a very soft one behind it",
      { { VOWEL, 0.4, 1.2, -20 }, { HISS, 1.2, 1.35, -62 } },
      2,
      -75,
      0.4,
      1.35 },
    { "one softer than any low sound that counts",
      { { VOWEL, 0.4, 1.2, -20 }, { HISS, 1.2, 1.35, -66 } },
      2,
      -80,
      0.4,
      1.35 },
    { "a hum as soft as that is no speech",
      { { VOWEL, 0.4, 1.2, -20 }, { HUM, 1.2, 1.8, -66 } },
      2,
      -80,
      0.4,
      1.2 },
    { "a released t after its closure",
      { { VOWEL, 0.4, 1.2, -20 }, { HISS, 1.27, 1.29, -45 } },
      2,
      -75,
      0.4,
      1.29 },
    { "a p that opens the word",
      { { HISS, 0.33, 0.345, -40 }, { VOWEL, 0.4, 1.2, -20 } },
      2,
      -75,
      0.33,
      1.2 },
    { "two words with a pause",
      { { VOWEL, 0.4, 0.7, -20 }, { VOWEL, 1.3, 1.5, -25 } },
      2,
      -75,
      0.4,
      1.5 },
    { "a click in front is not speech",
      { { CLICK, 0.10, 0.101, -3 }, { VOWEL, 0.5, 1.2, -20 } },
      2,
      -75,
      0.5,
      1.2 },
    { "a click behind is not speech",
      { { VOWEL, 0.5, 1.2, -20 }, { CLICK, 1.7, 1.701, -3 } },
      2,
      -75,
      0.5,
      1.2 },
    { "speech from the first frame", { { VOWEL, 0.0, 1.2, -20 } }, 1, -75, 0.0, 1.2 },
    { "speech to the last frame", { { VOWEL, 0.4, 2.0, -20 } }, 1, -75, 0.4, 2.0 },
};

static void check_range(const char *name, struct frame_range range, double first_s, double last_s)
{
    double start = (double)range.start / RATE, end = (double)range.end / RATE;
    double earliest = fmax(first_s - 0.061, 0.0), latest = fmin(last_s + 0.121, SECONDS);

    if (start > first_s || start < earliest || end < last_s || end > latest)
        fail_msg("%s: %.3f to %.3f s, not %.3f to %.3f s", name, start, end, first_s, last_s);
}

static void test_speech_is_kept_and_silence_is_not(void **state)
{
    static const double gains[] = { 1.0, 0.1, 3.0 };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t k = 0; k < COUNT(gains); k++) {
            struct pcm pcm = clip(cases[i].parts, cases[i].count, cases[i].noise_db, gains[k]);
            struct frame_range range =
                silence_find_speech(pcm.samples, pcm.frames, RATE, (struct frame_range){ 0, 0 });

            check_range(cases[i].name, range, cases[i].first_s, cases[i].last_s);
            pcm_release(&pcm);
        }
    }
}

static void test_an_offset_is_silent(void **state)
{
    const struct part vowel = { VOWEL, 0.4, 1.2, -20 };
    struct pcm pcm = clip(&vowel, 1, -75, 1.0);

    (void)state;
    for (size_t i = 0; i < pcm.frames; i++)
        pcm.samples[i] += 0.05f;
    check_range("offset",
                silence_find_speech(pcm.samples, pcm.frames, RATE, (struct frame_range){ 0, 0 }),
                0.4, 1.2);
    pcm_release(&pcm);
}

static void test_a_decaying_tail_is_kept(void **state)
{
    const struct part vowel = { VOWEL, 0.4, 1.6, -20 };
    struct pcm pcm = clip(&vowel, 1, -80, 1.0);

    (void)state;
    for (size_t i = pcm_frames(0.9, RATE); i < pcm.frames; i++) /* 80 dB a second from 0.9 s on */
        pcm.samples[i] *= (float)pow(10.0, -4.0 * ((double)i / RATE - 0.9));
    struct frame_range range =
        silence_find_speech(pcm.samples, pcm.frames, RATE, (struct frame_range){ 0, 0 });
    double end = (double)range.end / RATE;
    assert_true(end > 1.4 && end < 1.6); /* it is 40 dB down at 1.4 s */
    pcm_release(&pcm);
}

static void test_what_is_known_to_be_spoken_is_never_cut(void **state)
{
    const struct part vowel = { VOWEL, 0.4, 1.2, -20 };
    struct pcm pcm = clip(&vowel, 1, -75, 1.0);
    struct frame_range free_range =
        silence_find_speech(pcm.samples, pcm.frames, RATE, (struct frame_range){ 0, 0 });
    const struct frame_range known = { 2400, 43200 }, inside = { 12000, 13000 },
                             beyond = { 2400, SIZE_MAX };

    (void)state;
    struct frame_range range = silence_find_speech(pcm.samples, pcm.frames, RATE, known);
    assert_true(range.start == known.start && range.end == known.end);
    range = silence_find_speech(pcm.samples, pcm.frames, RATE, inside);
    assert_true(range.start == free_range.start && range.end == free_range.end);
    range = silence_find_speech(pcm.samples, pcm.frames, RATE, beyond);
    assert_true(range.start == 2400 && range.end == pcm.frames);
    pcm_release(&pcm);
}

static void test_silence_holds_no_speech_unless_it_is_known(void **state)
{
    struct pcm pcm = tone(100.0, 0.0, 1.0, RATE, 1), quiet = clip(NULL, 0, -85, 1.0);
    const struct frame_range none = { 0, 0 }, known = { 100, 200 };

    (void)state;
    struct frame_range range = silence_find_speech(pcm.samples, pcm.frames, RATE, none);
    assert_true(range.start == range.end);
    range = silence_find_speech(quiet.samples, quiet.frames, RATE, none);
    assert_true(range.start == range.end);
    range = silence_find_speech(pcm.samples, 0, RATE, none);
    assert_true(range.start == range.end);
    range = silence_find_speech(pcm.samples, pcm.frames, RATE, known);
    assert_true(range.start == 100 && range.end == 200);
    pcm_release(&pcm);
    pcm_release(&quiet);
}

static void test_sound_throughout_is_kept_whole(void **state)
{
    static const struct part parts[] = { { VOWEL, 0, SECONDS, -20 }, { HISS, 0, SECONDS, -30 } };

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct pcm pcm = clip(&parts[i], 1, -90, 1.0);
        struct frame_range range =
            silence_find_speech(pcm.samples, pcm.frames, RATE, (struct frame_range){ 0, 0 });

        assert_true(range.start == 0 && range.end == pcm.frames);
        pcm_release(&pcm);
    }
}

static void test_any_length_is_safe(void **state)
{
    struct pcm pcm = tone(300.0, 0.3, 0.1, RATE, 1);

    (void)state;
    pcm.samples[5] = NAN;
    for (size_t n = 0; n <= pcm.frames; n++) {
        float *exact = xcalloc(n + 1, sizeof *exact);

        memcpy(exact, pcm.samples, n * sizeof *exact);
        struct frame_range range =
            silence_find_speech(exact, n, RATE, (struct frame_range){ 0, 0 });
        assert_true(range.start <= range.end && range.end <= n);
        free(exact);
    }
    pcm_release(&pcm);
}

static void test_trimming_fades_only_what_it_cuts(void **state)
{
    static const struct {
        const char *name;
        struct frame_range keep;
        bool fades_in, fades_out;
    } trims[] = {
        { "both sides", { 1000, 20000 }, true, true },
        { "front", { 1000, 24000 }, true, false },
        { "back", { 0, 20000 }, false, true },
        { "nothing", { 0, 24000 }, false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(trims); i++) {
        struct pcm pcm = tone(100.0, 0.0, 1.0, RATE, 1);
        size_t n = trims[i].keep.end - trims[i].keep.start;

        for (size_t k = 0; k < pcm.frames; k++)
            pcm.samples[k] = 0.5f;
        silence_trim(&pcm, trims[i].keep);
        check_case(trims[i].name, pcm.frames == n);
        check_case(trims[i].name, (pcm.samples[0] < 0.001f) == trims[i].fades_in);
        check_case(trims[i].name, (pcm.samples[n - 1] < 0.001f) == trims[i].fades_out);
        check_case(trims[i].name, pcm.samples[120] == 0.5f && pcm.samples[n - 241] == 0.5f);
        pcm_release(&pcm);
    }
}

static void test_trimming_keeps_the_right_frames(void **state)
{
    struct pcm pcm = tone(440.0, 0.5, 1.0, RATE, 1), before = tone(440.0, 0.5, 1.0, RATE, 1);

    (void)state;
    silence_trim(&pcm, (struct frame_range){ 1000, 20000 });
    assert_memory_equal(pcm.samples + 120, before.samples + 1120, (19000 - 360) * sizeof(float));
    silence_trim(&pcm, (struct frame_range){ 0, 0 });
    assert_int_equal(pcm.frames, 0);
    pcm_release(&pcm);
    pcm_release(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speech_is_kept_and_silence_is_not),
        cmocka_unit_test(test_an_offset_is_silent),
        cmocka_unit_test(test_a_decaying_tail_is_kept),
        cmocka_unit_test(test_what_is_known_to_be_spoken_is_never_cut),
        cmocka_unit_test(test_silence_holds_no_speech_unless_it_is_known),
        cmocka_unit_test(test_sound_throughout_is_kept_whole),
        cmocka_unit_test(test_any_length_is_safe),
        cmocka_unit_test(test_trimming_fades_only_what_it_cuts),
        cmocka_unit_test(test_trimming_keeps_the_right_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
