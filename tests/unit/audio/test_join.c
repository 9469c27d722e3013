#include "audio/join.h"
#include "check.h"
#include "tones.h"

#define RATE 24000

/* Collects what the join gives, and can refuse. */
struct collector {
    struct pcm pcm;
    int calls, fail_at;
};

static bool collect(void *state, const float *samples, size_t frames, struct err *err)
{
    struct collector *c = state;

    assert_true(frames > 0);
    if (++c->calls == c->fail_at)
        return err_set(err, ERR_CANCELLED, "Refused.");
    return pcm_append(&c->pcm, samples, frames, err);
}

/* A piece at a constant level: every jump in it is the join's fault. */
static float *level_piece(size_t frames)
{
    float *samples = xcalloc(frames + 1, sizeof *samples);

    for (size_t i = 0; i < frames; i++)
        samples[i] = 0.5f;
    return samples;
}

#define PIECE 2400 /* frames, 100 ms */

struct step {
    enum join_end end;
    size_t frames;
    double before_s, after_s;
};

static const struct {
    const char *name;
    double speed;
    struct step steps[4];
    size_t count;
    double starts_s[4]; /* where each piece begins */
    double seconds;     /* of the whole */
} cases[] = {
    { "one piece has no gap", 1, { { JOIN_END_SENTENCE, PIECE, 0, 0 } }, 1, { 0 }, 0.1 },
    { "a sentence's gap is 100 ms",
      1,
      { { JOIN_END_SENTENCE, PIECE, 0, 0 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 0.2 },
      0.3 },
    { "a clause's is shorter, a paragraph's longer",
      1,
      { { JOIN_END_CLAUSE, PIECE, 0, 0 },
        { JOIN_END_PARAGRAPH, PIECE, 0, 0 },
        { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      3,
      { 0, 0.14, 0.64 },
      0.74 },
    { "words cut apart run on",
      1,
      { { JOIN_END_SPACE, PIECE, 0, 0 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 0.1 },
      0.2 },
    { "fast speech has short gaps",
      2,
      { { JOIN_END_SENTENCE, PIECE, 0, 0 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 0.15 },
      0.25 },
    { "slow speech has long gaps",
      0.5,
      { { JOIN_END_SENTENCE, PIECE, 0, 0 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 0.3 },
      0.4 },
    { "a pause replaces the gap at any speed",
      2,
      { { JOIN_END_SENTENCE, PIECE, 0, 1.5 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 1.6 },
      1.7 },
    { "a pause shorter than the gap adds nothing",
      1,
      { { JOIN_END_PARAGRAPH, PIECE, 0, 0.1 }, { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      2,
      { 0, 0.5 },
      0.6 },
    { "pauses after and before add up",
      1,
      { { JOIN_END_SENTENCE, PIECE, 0, 0.5 }, { JOIN_END_SENTENCE, PIECE, 0.25, 0 } },
      2,
      { 0, 0.85 },
      0.95 },
    { "pauses at both ends", 1, { { JOIN_END_SENTENCE, PIECE, 0.5, 0.25 } }, 1, { 0.5 }, 0.85 },
    { "a pause alone", 1, { { JOIN_END_SENTENCE, 0, 0.5, 0.5 } }, 1, { 0 }, 1.0 },
    { "a pause between pieces is no piece",
      1,
      { { JOIN_END_SENTENCE, PIECE, 0, 0 },
        { JOIN_END_SENTENCE, 0, 0, 0.3 },
        { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      3,
      { 0, 0.1, 0.4 },
      0.5 },
    { "an empty paragraph end still ends the paragraph",
      1,
      { { JOIN_END_SENTENCE, PIECE, 0, 0 },
        { JOIN_END_PARAGRAPH, 0, 0, 0 },
        { JOIN_END_SENTENCE, PIECE, 0, 0 } },
      3,
      { 0, 0.1, 0.5 },
      0.6 },
};

static bool join_steps(size_t index, struct collector *c, uint64_t *starts, struct err *err)
{
    const struct join_sink sink = { collect, c };
    struct join *join = join_create(RATE, cases[index].speed, &sink);
    bool ok = true;

    for (size_t i = 0; ok && i < cases[index].count; i++) {
        const struct step *step = &cases[index].steps[i];
        float *samples = level_piece(step->frames);
        const struct join_piece piece = { samples, step->frames, step->end, step->before_s,
                                          step->after_s };

        ok = join_add(join, &piece, &starts[i], err);
        free(samples);
    }
    ok = ok && join_finish(join, err);
    join_destroy(join);
    return ok;
}

static void test_gaps_and_pauses_have_their_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct collector c = { .pcm = PCM(RATE, 1) };
        uint64_t starts[4];
        struct err err;

        check_ok(join_steps(i, &c, starts, &err), &err);
        for (size_t k = 0; k < cases[i].count; k++)
            check_case(cases[i].name, starts[k] == pcm_frames(cases[i].starts_s[k], RATE));
        check_case(cases[i].name, c.pcm.frames == pcm_frames(cases[i].seconds, RATE));
        pcm_release(&c.pcm);
    }
}

/* The level may change by no more than a 5 ms half Hann window's steepest slope. */
static void test_nothing_clicks(void **state)
{
    const double steepest = 0.5 * M_PI / 2.0 / (0.005 * RATE) * 1.01;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct collector c = { .pcm = PCM(RATE, 1) };
        uint64_t starts[4];
        struct err err;
        float before = 0.0f;

        check_ok(join_steps(i, &c, starts, &err), &err);
        for (size_t k = 0; k < c.pcm.frames; k++) {
            check_case(cases[i].name, fabs((double)c.pcm.samples[k] - before) < steepest);
            before = c.pcm.samples[k];
        }
        check_case(cases[i].name, fabsf(before) < steepest);
        pcm_release(&c.pcm);
    }
}

static void test_a_piece_is_unchanged_between_its_edges(void **state)
{
    struct collector c = { .pcm = PCM(RATE, 1) };
    const struct join_sink sink = { collect, &c };
    struct pcm in = tone(440.0, 0.5, 1.0, RATE, 1);
    const struct join_piece piece = { in.samples, in.frames, JOIN_END_SENTENCE, 0, 0 };
    const size_t edge = 120; /* 5 ms */
    uint64_t start;
    struct err err;

    (void)state;
    struct join *join = join_create(RATE, 1.0, &sink);
    check_ok(join_add(join, &piece, &start, &err), &err);
    check_ok(join_finish(join, &err), &err);
    assert_int_equal(c.pcm.frames, in.frames);
    assert_memory_equal(c.pcm.samples + edge, in.samples + edge,
                        (in.frames - 2 * edge) * sizeof *in.samples);
    join_destroy(join);
    pcm_release(&c.pcm);
    pcm_release(&in);
}

static void test_pieces_shorter_than_their_fades_are_whole(void **state)
{
    (void)state;
    for (size_t frames = 1; frames < 300; frames++) {
        struct collector c = { .pcm = PCM(RATE, 1) };
        const struct join_sink sink = { collect, &c };
        float *samples = level_piece(frames);
        const struct join_piece piece = { samples, frames, JOIN_END_SENTENCE, 0, 0 };
        struct join *join = join_create(RATE, 1.0, &sink);
        uint64_t start;
        struct err err;

        check_ok(join_add(join, &piece, &start, &err), &err);
        assert_int_equal(c.pcm.frames, frames);
        join_destroy(join);
        free(samples);
        pcm_release(&c.pcm);
    }
}

static void test_a_sink_that_refuses_stops_the_work(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct collector whole = { .pcm = PCM(RATE, 1) };
        uint64_t starts[4];
        struct err err;

        check_ok(join_steps(i, &whole, starts, &err), &err);
        for (int n = 1; n <= whole.calls; n++) {
            struct collector c = { .pcm = PCM(RATE, 1), .fail_at = n };

            check_case(cases[i].name, !join_steps(i, &c, starts, &err));
            check_case(cases[i].name, err.kind == ERR_CANCELLED && c.calls == n);
            pcm_release(&c.pcm);
        }
        pcm_release(&whole.pcm);
    }
}

static void test_stronger_ends_have_longer_gaps(void **state)
{
    (void)state;
    for (int end = JOIN_END_SPACE; end < JOIN_END_PARAGRAPH; end++)
        assert_true(join_gap_s((enum join_end)end) < join_gap_s((enum join_end)(end + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps_and_pauses_have_their_lengths),
        cmocka_unit_test(test_nothing_clicks),
        cmocka_unit_test(test_a_piece_is_unchanged_between_its_edges),
        cmocka_unit_test(test_pieces_shorter_than_their_fades_are_whole),
        cmocka_unit_test(test_a_sink_that_refuses_stops_the_work),
        cmocka_unit_test(test_stronger_ends_have_longer_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
