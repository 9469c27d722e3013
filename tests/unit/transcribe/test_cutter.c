#include <math.h>

#include "check.h"
#include "transcribe/cutter.h"

#define FRAMES_A_SECOND ((double)VOICE_RATE_HZ / VOICE_FRAME)
#define PIECES_MAX 16
#define SLACK_S 0.07 /* two frames */

/* A stretch of a recording: S is speech, r a rest, q speech that is quiet, c a click: half a second of
 * rest with one loud frame in it. */
struct stretch {
    char what;
    double seconds;
};

struct recording {
    struct stretch stretches[12];
};

struct cut {
    struct piece pieces[PIECES_MAX];
    size_t count;
    double seconds; /* of the recording */
};

static void keep(struct cut *cut, bool is_piece, const struct piece *piece)
{
    if (!is_piece)
        return;
    assert_true(cut->count < PIECES_MAX);
    cut->pieces[cut->count++] = *piece;
}

/* Each frame's samples tell its number, and how loud it is. */
static void push_frame(struct cutter *cutter, struct cut *cut, size_t number, char what)
{
    float samples[VOICE_FRAME];
    struct piece piece;
    bool is_speech = what == 'S' || what == 'q';
    float loudness = what == 'S' ? 0.5f : what == 'q' ? 0.1f : 0.01f;

    for (size_t i = 0; i < VOICE_FRAME; i++)
        samples[i] = i == 0 ? (float)number / 65536 : i % 2 ? loudness : -loudness;
    keep(cut, cutter_push(cutter, samples, is_speech ? 0.9f : 0.1f, &piece), &piece);
}

static void cut_recording(const struct recording *recording, struct cut *cut)
{
    struct cutter *cutter = cutter_create();
    struct piece piece;
    size_t number = 0;

    *cut = (struct cut){ 0 };
    for (const struct stretch *s = recording->stretches; s->what; s++) {
        cut->seconds += s->seconds;
        size_t end = (size_t)(cut->seconds * FRAMES_A_SECOND);
        size_t middle = (number + end) / 2;

        for (; number < end; number++)
            push_frame(cutter, cut, number, s->what == 'c' && number == middle ? 'S' : s->what);
    }
    keep(cut, cutter_end(cutter, &piece), &piece);
    assert_false(cutter_end(cutter, &piece));
    cutter_destroy(cutter);
}

static void cut_release(struct cut *cut)
{
    for (size_t i = 0; i < cut->count; i++)
        piece_release(&cut->pieces[i]);
}

static double start_of(const struct piece *piece)
{
    return (double)piece->start / VOICE_RATE_HZ;
}

static double end_of(const struct piece *piece)
{
    return (double)(piece->start + (int64_t)piece->count) / VOICE_RATE_HZ;
}

/* What holds for any cutting: pieces are in order, apart, of whole frames, within their limit, and the
 * samples are the recording's. */
static void check_pieces(const char *name, const struct cut *cut)
{
    int64_t before = 0;

    for (size_t i = 0; i < cut->count; i++) {
        const struct piece *p = &cut->pieces[i];
        size_t speech = 0;

        check_case(name, p->start >= before && p->start % VOICE_FRAME == 0);
        check_case(name, p->count == p->frame_count * VOICE_FRAME && p->count > 0);
        check_case(name, end_of(p) - start_of(p) <= CUTTER_SECONDS_MAX + 1);
        for (size_t f = 0; f < p->frame_count; f++) {
            size_t number = (size_t)(p->start / VOICE_FRAME) + f;

            check_case(name, p->samples[f * VOICE_FRAME] == (float)number / 65536);
            speech += p->is_speech[f];
        }
        check_case(name, speech == p->speech_frames && speech > 0);
        check_case(name, fabs(p->voice - 0.9) < 1e-6);
        before = p->start + (int64_t)p->count;
    }
}

static void test_pieces_are_speech_between_rests(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct recording recording;
        size_t count;
        double starts[4], ends[4];
    } cases[] = {
        { "nothing", { { { 0 } } }, 0, { 0 }, { 0 } },
        { "silence", { { { 'r', 100 } } }, 0, { 0 }, { 0 } },
        { "a click", { { { 'c', 5 } } }, 0, { 0 }, { 0 } },
        { "a word within silence",
          { { { 'r', 10 }, { 'S', 1 }, { 'r', 10 } } },
          1,
          { 9.75 },
          { 11.25 } },
        { "a word and nothing else", { { { 'S', 0.5 } } }, 1, { 0 }, { 0.5 } },
        { "short rests join",
          { { { 'S', 2 }, { 'r', 0.8 }, { 'S', 2 }, { 'r', 0.8 }, { 'S', 2 } } },
          1,
          { 0 },
          { 7.6 } },
        { "long rests part",
          { { { 'S', 2 }, { 'r', 1.5 }, { 'S', 2 }, { 'r', 30 }, { 'S', 2 }, { 'r', 3 } } },
          3,
          { 0, 3.25, 35.25 },
          { 2.25, 5.75, 37.75 } },
        { "a long piece is cut at its longest rest",
          { { { 'S', 9 },
              { 'r', 0.4 },
              { 'S', 5 },
              { 'r', 0.8 },
              { 'S', 8 },
              { 'r', 0.4 },
              { 'S', 8 } } },
          2,
          { 0, 14.95 },
          { 14.65, 31.6 } },
        { "speech without rests is cut where it is quiet",
          { { { 'S', 22 }, { 'q', 0.5 }, { 'S', 20 } } },
          2,
          { 0, 22.25 },
          { 22.25, 42.5 } },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cut cut;

        cut_recording(&cases[i].recording, &cut);
        check_pieces(cases[i].name, &cut);
        check_case(cases[i].name, cut.count == cases[i].count);
        for (size_t k = 0; k < cut.count; k++) {
            check_case(cases[i].name, fabs(start_of(&cut.pieces[k]) - cases[i].starts[k]) < 0.3);
            check_case(cases[i].name, fabs(end_of(&cut.pieces[k]) - cases[i].ends[k]) < 0.3);
        }
        cut_release(&cut);
    }
}

/* Nothing that is said is lost, however long somebody speaks. */
static void test_speech_without_end_is_kept_whole(void **state)
{
    (void)state;
    static const struct recording talk = { { { 'r', 3 }, { 'S', 90 }, { 'q', 40 }, { 'S', 47 } } };
    struct cut cut;
    size_t speech = 0;

    cut_recording(&talk, &cut);
    check_pieces("a long talk", &cut);
    assert_true(cut.count >= 8 && cut.count <= 10);
    for (size_t i = 0; i < cut.count; i++) {
        speech += cut.pieces[i].speech_frames;
        if (i > 0)
            assert_int_equal(cut.pieces[i].start,
                             cut.pieces[i - 1].start + (int64_t)cut.pieces[i - 1].count);
    }
    assert_float_equal((double)speech / FRAMES_A_SECOND, 177, SLACK_S);
    cut_release(&cut);
}

/* Any pattern of speech and rests: the invariants hold, and all longer speech is in some piece. */
static void test_any_pattern_is_cut_within_bounds(void **state)
{
    (void)state;
    unsigned seed = 1;

    for (int round = 0; round < 200; round++) {
        struct recording r = { 0 };
        struct cut cut;
        char name[32];

        for (size_t i = 0; i + 1 < COUNT(r.stretches); i++) {
            seed = seed * 1664525u + 1013904223u;
            r.stretches[i].what = i % 2 ? 'r' : (seed >> 8) % 3 == 0 ? 'q' : 'S';
            r.stretches[i].seconds = (seed >> 16) % 1000 / (i % 2 ? 700.0 : 60.0);
        }
        snprintf(name, sizeof name, "round %d", round);
        cut_recording(&r, &cut);
        check_pieces(name, &cut);
        cut_release(&cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_speech_between_rests),
        cmocka_unit_test(test_speech_without_end_is_kept_whole),
        cmocka_unit_test(test_any_pattern_is_cut_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
