#include "check.h"

#include "base/utf8.h"
#include "text/espeak_ng.h"
#include "text/phonemize.h"

struct fixture {
    struct markup markup;
    struct phonemizer *phonemizer;
    struct phonemes phonemes;
    struct origin_text lifted;
};

/* The phonemes of a sentence with its overrides lifted out. */
static void setup(struct fixture *f, enum phoneme_scheme scheme, const char *language,
                  const char *text)
{
    struct origin_text in;
    struct err err = { 0 };

    markup_init(&f->markup);
    phonemes_init(&f->phonemes);
    check_ok(origin_from_input(&in, text, strlen(text), &err), &err);
    origin_text_init(&f->lifted, in.input_len);
    check_ok(markup_lift(&f->markup, &in, NULL, &f->lifted, &err), &err);
    origin_text_release(&in);
    const char *voice = espeak_ng_voice_for(language, &err);
    assert_non_null(voice);
    f->phonemizer = phonemizer_create(scheme, language, voice, &f->markup);
    check_ok(phonemize(f->phonemizer, f->lifted.text.data, f->lifted.text.len, &f->phonemes, &err),
             &err);
}

static void teardown(struct fixture *f)
{
    phonemizer_destroy(f->phonemizer);
    phonemes_release(&f->phonemes);
    origin_text_release(&f->lifted);
    markup_release(&f->markup);
}

static void test_kokorojs_gives_the_same_phonemes(void **state)
{
    FILE *file = fopen(TEST_DATA "/kokorojs_phonemes.tsv", "r");
    char line[2048];
    size_t rows = 0;

    (void)state;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* the header */
    while (fgets(line, sizeof line, file)) {
        char *rest = line;
        const char *language = strsep(&rest, "\t");
        const char *input = strsep(&rest, "\t");
        const char *normalized = strsep(&rest, "\t");
        const char *expected = strsep(&rest, "\n");
        struct fixture f;

        assert_non_null(expected);
        setup(&f, PHONEMES_ESPEAK, language, normalized);
        check_text(input, f.phonemes.text.data, expected);
        teardown(&f);
        rows++;
    }
    fclose(file);
    assert_true(rows >= 90);
}

static void test_each_scheme_has_its_symbols(void **state)
{
    static const struct {
        enum phoneme_scheme scheme;
        const char *language, *text, *expected;
    } cases[] = {
        /* misaki's shorthand, American and British */
        { PHONEMES_MISAKI, "en-us", "Say goodbye now, boy: go!", "sˈA ɡʊdbˈI nˈW, bˈY: ɡˈO!" },
        { PHONEMES_MISAKI, "en-us", "judge church", "ʤˈʌʤ ʧˈɜɹʧ" },
        { PHONEMES_MISAKI, "en-us", "butter button", "bˈʌTəɹ bˈʌtn" },
        { PHONEMES_MISAKI, "en-us", "over it", "ˈOvəɹ ɪt" },
        { PHONEMES_MISAKI, "en-us", "a dog", "ɐ dˈɑɡ" },
        { PHONEMES_MISAKI, "en-us", "little", "lˈɪTᵊl" },
        { PHONEMES_MISAKI, "en-gb", "go near the hair", "ɡˌQ nˌɪə ðə hˈɛː" },
        { PHONEMES_MISAKI, "en-us", "\"Yes,\" he said.", "“jˈɛs,” hi sˈɛd." },
        { PHONEMES_MISAKI, "en-us", "wait - no", "wˈAt — nˈO" },
        /* misaki's other languages */
        { PHONEMES_MISAKI, "es", "¿Qué? ¡Noche!", "¿kˈe? ¡nˈoʧe!" },
        { PHONEMES_MISAKI, "it", "mezzo", "mˈɛʣːo" },
        { PHONEMES_MISAKI, "fr", "le monde", "lə mˈɔ̃d" },
        { PHONEMES_MISAKI, "pt-br", "não", "nˈɐ̃ʊ̃" },
        /* eSpeak's own */
        { PHONEMES_IPA, "en-us", "judge now", "dʒˈʌdʒ nˈaʊ" },
        { PHONEMES_IPA, "en-us", "(Hi) \"you\"", "(hˈaɪ) \"juː\"" },
        { PHONEMES_ESPEAK, "en-us", "Loch ninety", "lˈɑːk nˈaɪndi" },
        /* Piper: decomposed, one mark a clause, no quotes */
        { PHONEMES_PIPER, "fr", "«Oui» — non !", "wˈi; nˈɔ̃!" },
        { PHONEMES_PIPER, "en-us", "Wait… \"what?!\"", "wˈeɪt. wˌʌt?" },
        { PHONEMES_PIPER, "pt-br", "mundo", "mˈu\u0303ŋdʊ" },
        /* text as it is */
        { PHONEMES_NONE, "en-us", "Hi, [you](/x/)!", "Hi, you!" },
        /* marks of other scripts, and marks inside numbers */
        { PHONEMES_IPA, "zh", "你好，你好。", "nˈi2 χˈɑu2, nˈi2 χˈɑu2." },
        { PHONEMES_IPA, "hi", "हाँ।", "hˈa\u0303." },
        { PHONEMES_IPA, "de", "3,5 Meter", "dɾˈaɪ kɔmɑː fˈynf mˈeːtɜ" },
        { PHONEMES_IPA, "en-us", "", "" },
        { PHONEMES_IPA, "en-us", "…", "…" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f;

        setup(&f, cases[i].scheme, cases[i].language, cases[i].text);
        check_text(cases[i].text, f.phonemes.text.data ? f.phonemes.text.data : "",
                   cases[i].expected);
        teardown(&f);
    }
}

static void test_what_espeak_gets_wrong_is_put_right(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "vitamin A is", "vˈaɪɾəmɪn ˈeɪ ɪz" },
        { "Once Upon A Time", "wˈʌns əpˌɑːn ɐ tˈaɪm" },
        { "go, A dog", "ɡˈoʊ, ɐ dˈɑːɡ" },
        { "GPUs", "dʒˌiːpˌiːjˈuːz" },
        { "LLM's", "ˌɛlˌɛlˈɛmz" },
        { "URLs", "jˌuːˌɑːɹɹˈɛlz" },
        { "MRIs are", "ˌɛmˌɑːɹɹˈaɪz ɑːɹ" },
        { "[tomato](/təmˈɑːtoʊ/)'s", "təmˈɑːtoʊz" },
        { "[Rex](/ɹˈɛks/)'s cat", "ɹˈɛksᵻz kˈæt" },
        { "[Matt](/mˈæt/)'s", "mˈæts" },
        { "the [x](/ˈɛks/), please", "ðə ˈɛks, plˈiːz" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f;

        setup(&f, PHONEMES_ESPEAK, "en-us", cases[i].text);
        check_text(cases[i].text, f.phonemes.text.data, cases[i].expected);
        teardown(&f);
    }
}

static void test_written_phonemes_become_the_schemes_symbols(void **state)
{
    struct fixture f;

    (void)state;
    setup(&f, PHONEMES_MISAKI, "en-us", "[a](/toʊdʒ/) [b](/tˈOʤo/)");
    check_text("both notations", f.phonemes.text.data, "tOʤ tˈOʤo");
    teardown(&f);
}

/* "end|of|the world": the phonemes of each word, '|' where eSpeak joined. */
static void append_spans(const struct fixture *f, struct buf *out)
{
    const char *text = f->lifted.text.data;

    for (size_t i = 0; i < f->phonemes.count; i++) {
        const struct phoneme_span *span = &f->phonemes.spans[i];

        if (!span->is_word)
            continue;
        if (out->len)
            buf_append_char(out, ' ');
        buf_append(out, text + span->text_start, span->text_end - span->text_start);
        buf_append_char(out, '=');
        buf_append(out, f->phonemes.text.data + span->start, span->end - span->start);
    }
}

static void test_joined_and_split_groups_find_their_words(void **state)
{
    static const struct {
        const char *language, *text, *expected;
    } cases[] = {
        { "en-us", "Hi you", "Hi=hˈaɪ you=juː" },
        { "en-us", "the end of the world", "the=ðɪ end=ˈɛnd of=ʌv the=ðə world=wˈɜːld" },
        { "en-us", "do not go on the ice", "do=duː not=nˌɑːt go=ɡˌoʊ on=ɔn the=ðɪ ice=ˈaɪs" },
        { "en-us", "I have been there", "I=aɪ have=hɐv been=bɪn there=ðˈɛɹ" },
        { "en-us", "in 1984 of the", "in=ɪn 1984=nˈaɪntiːnhˈʌndɹɪd ˈeɪɾi fˈoːɹ of=ʌv the=ðə" },
        { "en-us", "Say 42, of the 7", "Say=sˈeɪ 42=fˈoːɹɾi tˈuː of=ʌv the=ðə 7=sˈɛvən" },
        { "en-us", "a & b", "a=ˈeɪ &=ɐnd b=bˈiː" },
        { "fr", "il y a un chat", "il=il y=i a=a un=œ̃ chat=ʃˈa" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf spans = BUF(10000);
        struct fixture f;

        setup(&f, PHONEMES_IPA, cases[i].language, cases[i].text);
        append_spans(&f, &spans);
        check_text(cases[i].text, spans.data, cases[i].expected);
        buf_release(&spans);
        teardown(&f);
    }
}

/* Between spans there are only spaces, and spans follow each other in text and phonemes. */
static void test_spans_cover_everything_but_spaces(void **state)
{
    static const char *const texts[] = {
        "He said, \"of the 3 in the 45 I have been there\" (twice) - and that's it…",
        "CO2 & H2O at $5 of the A.I. don't won't can't. 100%!",
        "日本語と English、混ぜて。",
        "a1b2c3 --- ___ ### @@ ~~ x",
        "😀 smile 🎉",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct fixture f;
        uint32_t end = 0, text_end = 0;

        setup(&f, PHONEMES_MISAKI, "en-us", texts[i]);
        for (size_t k = 0; k < f.phonemes.count; k++) {
            const struct phoneme_span *span = &f.phonemes.spans[k];

            check_case(texts[i], span->start >= end && span->end > span->start);
            check_case(texts[i], span->text_start >= text_end && span->text_end > span->text_start);
            for (; end < span->start; end++)
                check_case(texts[i], f.phonemes.text.data[end] == ' ');
            end = span->end;
            text_end = span->text_end;
        }
        check_case(texts[i], end == f.phonemes.text.len);
        teardown(&f);
    }
}

static void test_schemes_have_names(void **state)
{
    enum phoneme_scheme scheme;

    (void)state;
    for (enum phoneme_scheme i = PHONEMES_NONE; i <= PHONEMES_PIPER; i++) {
        assert_true(phoneme_scheme_parse(phoneme_scheme_name(i), &scheme));
        assert_int_equal(scheme, i);
    }
    assert_false(phoneme_scheme_parse("sampa", &scheme));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kokorojs_gives_the_same_phonemes),
        cmocka_unit_test(test_each_scheme_has_its_symbols),
        cmocka_unit_test(test_what_espeak_gets_wrong_is_put_right),
        cmocka_unit_test(test_written_phonemes_become_the_schemes_symbols),
        cmocka_unit_test(test_joined_and_split_groups_find_their_words),
        cmocka_unit_test(test_spans_cover_everything_but_spaces),
        cmocka_unit_test(test_schemes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
