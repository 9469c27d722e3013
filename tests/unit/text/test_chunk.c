#include "check.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/buf.h"
#include "text/chunk.h"
#include "text/origin.h"

#define MAX_TOKENS 510

static struct vocab *kokoro;

static int setup_vocab(void **state)
{
    (void)state;
    kokoro = vocab_builtin(VOCAB_KOKORO_V1);
    return 0;
}

static int teardown_vocab(void **state)
{
    (void)state;
    vocab_destroy(kokoro);
    return 0;
}

/* Texts here are readings already: how text is read is the normaliser's to test. */
static struct text_options options_for(enum phoneme_scheme scheme)
{
    return (struct text_options){ .language = "en-us",
                                  .scheme = scheme,
                                  .vocab = scheme == PHONEMES_NONE ? NULL : kokoro,
                                  .max_tokens = MAX_TOKENS,
                                  .target_tokens = 200,
                                  .is_normalized = true };
}

/* What holds for every chunk, whatever the text. */
static void check_chunk(const char *name, const struct chunk *chunk, size_t length,
                        const struct text_options *options)
{
    size_t size = options->scheme == PHONEMES_NONE ? strlen(chunk->text) : chunk->id_count;
    uint32_t input = 0, id = 0;

    check_case(name, chunk->id_count <= options->max_tokens);
    check_case(name, chunk->is_silent == (chunk->word_count == 0));
    check_case(name, chunk->input_start <= chunk->input_end && chunk->input_end <= length);
    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];

        check_case(name, word->id_count > 0 && word->id_start >= id);
        check_case(name, word->id_start + word->id_count <= size);
        check_case(name, word->input_start >= input && word->input_end > word->input_start);
        check_case(name, word->input_end <= length);
        id = word->id_start + word->id_count;
        input = word->input_start;
    }
}

/* Ids between words are punctuation's and spaces': 1 to 16 in Kokoro's table. */
static void check_gaps(const char *name, const struct chunk *chunk)
{
    size_t id = 0;

    for (size_t i = 0; i <= chunk->word_count; i++) {
        size_t end = i < chunk->word_count ? chunk->words[i].id_start : chunk->id_count;

        for (; id < end; id++)
            check_case(name, chunk->ids[id] <= 16);
        if (i < chunk->word_count)
            id = chunk->words[i].id_start + chunk->words[i].id_count;
    }
}

/* Plans it all and writes a line a chunk: its text, its end and its pauses. */
static void plan(const char *text, const struct text_options *options, struct buf *out)
{
    static const char *const ends[] = { "space", "clause", "sentence", "paragraph" };
    struct arena arena = ARENA;
    struct chunk chunk;
    struct err err = { 0 };
    struct planner *planner = planner_create(text, strlen(text), options, &err);

    if (!planner)
        fail_msg("%s: %s", text, err.message);
    while (planner_next(planner, &arena, &chunk, &err)) {
        check_chunk(text, &chunk, strlen(text), options);
        if (chunk.ids)
            check_gaps(text, &chunk);
        if (out->len)
            buf_append_char(out, '|');
        if (chunk.pause_before_s > 0)
            buf_format(out, "{%g}", chunk.pause_before_s);
        buf_append_str(out, chunk.text);
        buf_format(out, "~%s%c", ends[chunk.end], chunk.mark ? chunk.mark : '0');
        if (chunk.pause_after_s > 0)
            buf_format(out, "{%g}", chunk.pause_after_s);
    }
    assert_int_equal(err.kind, ERR_NONE);
    planner_destroy(planner);
    arena_release(&arena);
}

static void check_plan(const char *text, const struct text_options *options, const char *expected)
{
    struct buf out = BUF(1u << 20);

    plan(text, options, &out);
    check_text(text, out.data ? out.data : "", expected);
    buf_release(&out);
}

static void test_text_is_packed_into_chunks(void **state)
{
    static const struct {
        const char *text;
        size_t target, first;
        const char *expected;
    } cases[] = {
        { "Hello, world!", 200, 0, "Hello, world!~sentence!" },
        { "One. Two. Three.", 200, 0, "One. Two. Three.~sentence." },
        /* paragraphs are not joined, however short */
        { "One.\n\nTwo.", 200, 0, "One.~paragraph.|Two.~sentence." },
        /* what is full stays apart, what is very short joins its neighbour all the same */
        { "The river was slow and wide that day. The boats lay still along the shore.", 40, 0,
          "The river was slow and wide that day.~sentence.|"
          "The boats lay still along the shore.~sentence." },
        { "The river was slow and wide that day. Yes.", 40, 0,
          "The river was slow and wide that day. Yes.~sentence." },
        /* an early start: the first sentence, or its first phrase */
        { "The river was slow and wide. The boats lay still along the shore.", 200, 40,
          "The river was slow and wide.~sentence.|The boats lay still along the shore.~sentence." },
        { "When the river was slow and wide, the boats lay still along the grey shore.", 200, 30,
          "When the river was slow and wide,~clause,|"
          "the boats lay still along the grey shore.~sentence." },
        /* nothing to speak */
        { "", 200, 0, "" },
        { " \n\n ", 200, 0, "" },
        { "... !? —", 200, 0, "" },
        { "One. ... !!! Two.", 200, 0, "One. Two.~sentence." },
        /* marks behind quotes count */
        { "He said: \"Go.\"", 200, 0, "He said: \"Go.\"~sentence." },
        { "wait…", 200, 0, "wait…~sentence." },
        { "no mark", 200, 0, "no mark~sentence0" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_options options = options_for(PHONEMES_ESPEAK);

        options.target_tokens = cases[i].target;
        options.first_tokens = cases[i].first;
        check_plan(cases[i].text, &options, cases[i].expected);
    }
}

static void test_emoji_alone_say_nothing(void **state)
{
    struct text_options options = options_for(PHONEMES_ESPEAK);

    (void)state;
    options.is_normalized = false;
    check_plan("😀 🎉", &options, "");
    check_plan("😀 [pause:1s] 🎉", &options, "{1}~sentence0");
}

static void test_pauses_end_chunks(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "One. [pause:1s] Two.", "One.~sentence.{1}|Two.~sentence." },
        { "[pause:500ms]One.", "{0.5}One.~sentence." },
        { "One[pause:0s]two", "One~sentence0|two~sentence0" },
        { "One.[pause:1s][pause:2s]", "One.~sentence.{3}" },
        { "One. [pause:1s] ... <break time='1s'/> Two", "One.~sentence.{2}|Two~sentence0" },
        { "[pause:2s]", "{2}~sentence0" },
        { "<speak><break strength=\"strong\"/></speak>", "{1}~sentence0" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_options options = options_for(PHONEMES_ESPEAK);

        check_plan(cases[i].text, &options, cases[i].expected);
        options = options_for(PHONEMES_NONE);
        check_plan(cases[i].text, &options, cases[i].expected);
    }
}

static void test_a_long_sentence_is_cut_at_its_marks(void **state)
{
    struct text_options options = options_for(PHONEMES_ESPEAK);

    (void)state;
    options.max_tokens = 60;
    options.target_tokens = 60;
    check_plan("The boats lay still along the shore, while the river ran slow and wide to the sea.",
               &options,
               "The boats lay still along the shore,~clause,|"
               "while the river ran slow and wide to the sea.~sentence.");
    check_plan("The boats lay still along the shore while the river ran slow and wide to the sea",
               &options,
               "The boats lay still along the shore while~space0|"
               "the river ran slow and wide to the sea~sentence0");
}

static void test_a_heading_gets_a_stop_before_it_is_joined(void **state)
{
    struct text_options options = options_for(PHONEMES_ESPEAK);
    struct arena arena = ARENA;
    struct chunk chunk;
    struct err err = { 0 };
    const char *text = "Chapter one\nIt rained.";
    struct planner *planner = planner_create(text, strlen(text), &options, &err);

    (void)state;
    assert_true(planner_next(planner, &arena, &chunk, &err));
    check_text(text, chunk.phonemes, "tʃˈæptɚ wˌʌn. ɪt ɹˈeɪnd.");
    check_text(text, chunk.text, "Chapter one It rained.");
    assert_int_equal(chunk.id_count, 24);
    planner_destroy(planner);
    arena_release(&arena);
}

/* "word=phonemes" of each word, its input and its share of the ids turned back by the caller. */
static void append_words(const char *text, const struct chunk *chunk, struct buf *out)
{
    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct chunk_word *word = &chunk->words[i];

        if (out->len)
            buf_append_char(out, ' ');
        buf_append(out, text + word->input_start, word->input_end - word->input_start);
        buf_format(out, "=%u", (unsigned)word->id_count);
    }
}

static void check_words(const char *text, const struct text_options *options, const char *expected)
{
    struct arena arena = ARENA;
    struct buf out = BUF(10000);
    struct chunk chunk;
    struct err err = { 0 };
    struct planner *planner = planner_create(text, strlen(text), options, &err);

    if (!planner)
        fail_msg("%s: %s", text, err.message);
    while (planner_next(planner, &arena, &chunk, &err)) {
        check_gaps(text, &chunk);
        append_words(text, &chunk, &out);
    }
    check_text(text, out.data, expected);
    planner_destroy(planner);
    arena_release(&arena);
    buf_release(&out);
}

static void test_words_point_into_the_input(void **state)
{
    struct text_options options = options_for(PHONEMES_ESPEAK);

    (void)state;
    check_words("The end of the road.", &options, "The=2 end=4 of=2 the=2 road=5");
    check_words("Say [tomato](/tˈA/), [pause:1s] please!", &options,
                "Say=4 [tomato](/tˈA/)=3 please=6");
    check_words("  café   au lait ", &options, "café=6 au=3 lait=5");
    options.is_normalized = false;
    check_words("He paid $5 to me.", &options, "He=3 paid=5 $5=5 $5=7 to=2 me=4");
}

static void test_words_of_plain_text_are_bytes_of_it(void **state)
{
    const char *text = "Hi, [Zoë](/x/) — 25 of “them”.";
    static const char *const expected[] = { "Hi", "Zoë", "25", "of", "them" };
    struct text_options options = options_for(PHONEMES_NONE);
    struct arena arena = ARENA;
    struct chunk chunk;
    struct err err = { 0 };
    struct planner *planner = planner_create(text, strlen(text), &options, &err);

    (void)state;
    assert_true(planner_next(planner, &arena, &chunk, &err));
    check_text(text, chunk.text, "Hi, Zoë — 25 of “them”.");
    check_text(text, chunk.phonemes, "");
    assert_null(chunk.ids);
    assert_int_equal(chunk.word_count, COUNT(expected));
    for (size_t i = 0; i < chunk.word_count; i++) {
        char *word =
            arena_strndup(&arena, chunk.text + chunk.words[i].id_start, chunk.words[i].id_count);

        check_text(text, word, expected[i]);
    }
    planner_destroy(planner);
    arena_release(&arena);
}

static void test_symbols_reach_the_vocabulary(void **state)
{
    struct text_options options = options_for(PHONEMES_ESPEAK);
    struct arena arena = ARENA;
    struct chunk chunk;
    struct err err = { 0 };
    const char *text = "[x](/gã☃/)";
    static const int32_t expected[] = { 92, 43, 17 }; /* IPA's ɡ, a and the tilde; no snowman */
    struct planner *planner = planner_create(text, strlen(text), &options, &err);

    (void)state;
    assert_true(planner_next(planner, &arena, &chunk, &err));
    assert_int_equal(chunk.id_count, COUNT(expected));
    assert_memory_equal(chunk.ids, expected, sizeof expected);
    planner_destroy(planner);
    arena_release(&arena);
}

/* Repeats unit to about length bytes and plans it; returns the ids of all chunks. */
static size_t plan_repeated(const char *unit, size_t length, struct text_options options)
{
    char *text = xmalloc(length + 1);
    size_t size = strlen(unit), used = 0, ids = 0;
    struct err err = { 0 };

    for (; used + size <= length; used += size)
        memcpy(text + used, unit, size);
    text[used] = '\0';
    struct planner *planner = planner_create(text, used, &options, &err);
    if (!planner)
        fail_msg("%s: %s", unit, err.message);
    for (bool more = true; more;) {
        struct arena arena = ARENA;
        struct chunk chunk;

        more = planner_next(planner, &arena, &chunk, &err);
        if (more) {
            check_chunk(unit, &chunk, used, &options);
            ids += options.scheme == PHONEMES_NONE ? strlen(chunk.text) : chunk.id_count;
        }
        arena_release(&arena);
    }
    assert_int_equal(err.kind, ERR_NONE);
    planner_destroy(planner);
    free(text);
    return ids;
}

static void test_endless_text_never_exceeds_the_limit(void **state)
{
    static const char *const units[] = { "word ",    "abcdefgh", "of the ", "1984 ",        "!",
                                         "\"(",      "a.b",      "é",       "x, y; ",       "Hm. ",
                                         "One.\n\n", "[",        "<",       "[pause:1ms]a " };

    (void)state;
    for (size_t i = 0; i < COUNT(units); i++) {
        struct text_options options = options_for(PHONEMES_MISAKI);

        plan_repeated(units[i], 20000, options);
        options.max_tokens = 20;
        options.target_tokens = 10;
        options.first_tokens = 5;
        plan_repeated(units[i], 5000, options);
        options.scheme = PHONEMES_NONE;
        plan_repeated(units[i], 20000, options);
    }
}

static void test_a_megabyte_without_a_stop_is_spoken(void **state)
{
    (void)state;
    assert_true(plan_repeated("river and sea ", 1u << 20, options_for(PHONEMES_ESPEAK)) > 900000);
    assert_true(plan_repeated("river and sea ", 1u << 20, options_for(PHONEMES_NONE)) > 1000000);
}

/* All of its words stem from one place of the input: none may search the others for its end. */
static void test_a_megabyte_read_as_one_replacement_takes_linear_time(void **state)
{
    struct text_options options = options_for(PHONEMES_NONE);

    (void)state;
    options.is_normalized = false;
    assert_true(plan_repeated("1234567890", 1u << 20, options) > 1000000);
}

static void test_wrong_input_is_refused(void **state)
{
    static const struct {
        const char *text, *language;
        enum err_kind kind;
    } cases[] = {
        { "bad \xFF byte", "en-us", ERR_INVALID },
        { "fine", "xx", ERR_INVALID },
        { "[pause:99s]", "en-us", ERR_INVALID },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_options options = options_for(PHONEMES_ESPEAK);
        struct err err = { 0 };

        options.language = cases[i].language;
        assert_null(planner_create(cases[i].text, strlen(cases[i].text), &options, &err));
        assert_int_equal(err.kind, cases[i].kind);
    }
    struct text_options options = options_for(PHONEMES_ESPEAK);
    struct err err = { 0 };
    char *huge = xcalloc(1, TEXT_LIMIT + 1);
    memset(huge, 'a', TEXT_LIMIT + 1);
    assert_null(planner_create(huge, TEXT_LIMIT + 1, &options, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    free(huge);
}

struct planning {
    const char *language, *text;
    char *serial, *parallel;
};

static char *all_phonemes(const struct planning *planning)
{
    struct text_options options = options_for(PHONEMES_MISAKI);
    struct arena arena = ARENA;
    struct buf out = BUF(1u << 20);
    struct chunk chunk;
    struct err err = { 0 };

    options.language = planning->language;
    options.target_tokens = 1;
    struct planner *planner =
        planner_create(planning->text, strlen(planning->text), &options, &err);
    while (planner && planner_next(planner, &arena, &chunk, &err))
        buf_append_str(&out, chunk.phonemes);
    planner_destroy(planner);
    arena_release(&arena);
    return buf_take(&out);
}

static void *plan_in_thread(void *data)
{
    struct planning *planning = data;

    planning->parallel = all_phonemes(planning);
    return NULL;
}

static void test_planners_of_two_threads_do_not_mix(void **state)
{
    struct planning plannings[] = {
        { .language = "en-us",
          .text = "The end of the road lies in the valley. Nobody goes there now, of course. "
                  "They have been told of the storm, and of the boats that never came back." },
        { .language = "fr",
          .text = "Le petit chat dort sur la table. Il y a un oiseau dans le jardin, je crois. "
                  "Nous avons vu la mer et les bateaux qui ne sont jamais revenus." },
    };
    pthread_t threads[COUNT(plannings)];

    (void)state;
    for (size_t i = 0; i < COUNT(plannings); i++)
        plannings[i].serial = all_phonemes(&plannings[i]);
    for (size_t i = 0; i < COUNT(plannings); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, plan_in_thread, &plannings[i]), 0);
    for (size_t i = 0; i < COUNT(plannings); i++) {
        pthread_join(threads[i], NULL);
        assert_true(strlen(plannings[i].serial) > 100);
        check_text(plannings[i].language, plannings[i].parallel, plannings[i].serial);
        free(plannings[i].serial);
        free(plannings[i].parallel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_packed_into_chunks),
        cmocka_unit_test(test_emoji_alone_say_nothing),
        cmocka_unit_test(test_pauses_end_chunks),
        cmocka_unit_test(test_a_long_sentence_is_cut_at_its_marks),
        cmocka_unit_test(test_a_heading_gets_a_stop_before_it_is_joined),
        cmocka_unit_test(test_words_point_into_the_input),
        cmocka_unit_test(test_words_of_plain_text_are_bytes_of_it),
        cmocka_unit_test(test_symbols_reach_the_vocabulary),
        cmocka_unit_test(test_endless_text_never_exceeds_the_limit),
        cmocka_unit_test(test_a_megabyte_without_a_stop_is_spoken),
        cmocka_unit_test(test_a_megabyte_read_as_one_replacement_takes_linear_time),
        cmocka_unit_test(test_wrong_input_is_refused),
        cmocka_unit_test(test_planners_of_two_threads_do_not_mix),
    };

    return cmocka_run_group_tests(tests, setup_vocab, teardown_vocab);
}
