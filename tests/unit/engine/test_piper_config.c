#include "../check.h"

#include "base/file.h"
#include "engine/piper_config.h"

#define AUDIO "\"audio\": {\"sample_rate\": 22050}, "
#define ESPEAK "\"espeak\": {\"voice\": \"en-us\"}, "
#define MARKS "\"_\": [0], \"^\": [1], \"$\": [2]"
#define MAP "\"phoneme_id_map\": {" MARKS ", \"a\": [14], \"ɚ\": [59, 88]}"

/* Loads a configuration of this text. */
static bool load(const char *json, struct piper_config *out, struct err *err)
{
    char *folder = temp_folder();
    char *model = str_format("%s/voice.onnx", folder);
    char *path = str_format("%s.json", model);

    check_ok(file_write(path, json, strlen(json), err), err);
    bool ok = piper_config_load(out, model, err);
    free(path);
    free(model);
    temp_folder_remove(folder);
    return ok;
}

static struct piper_config loaded(const char *json)
{
    struct piper_config config;
    struct err err = { 0 };

    check_ok(load(json, &config, &err), &err);
    return config;
}

static void check_ids(const struct piper_config *config, uint32_t symbol, const int32_t *expected,
                      size_t count)
{
    size_t found;
    const int32_t *ids = vocab_find(config->vocab, symbol, &found);

    assert_int_equal(found, count);
    if (count > 0)
        assert_memory_equal(ids, expected, count * sizeof *ids);
}

static void test_least_configuration_has_piper_s_defaults(void **state)
{
    struct piper_config config = loaded("{" AUDIO ESPEAK MAP "}");

    (void)state;
    assert_int_equal(config.input, PIPER_ESPEAK);
    assert_int_equal(config.rate_hz, 22050);
    check_text("language", config.language, "en-us");
    check_text("voice", config.espeak_voice, "en-us");
    assert_true(config.noise_scale == 0.667 && config.length_scale == 1 && config.noise_w == 0.8);
    assert_int_equal(config.speaker_count, 1);
    check_text("speaker", config.speakers[0].name, "");
    piper_config_release(&config);
}

static void test_values_of_the_file_are_taken(void **state)
{
    struct piper_config config =
        loaded("{\"audio\": {\"sample_rate\": 16000, \"quality\": \"low\"}, "
               "\"espeak\": {\"voice\": \"de\"}, \"language\": {\"code\": \"de_AT\"}, "
               "\"inference\": {\"noise_scale\": 0.5, \"length_scale\": 1.2, \"noise_w\": 0}, "
               "\"num_symbols\": 256, \"unknown\": [1, 2], \"phoneme_type\": \"espeak\", " MAP "}");

    (void)state;
    assert_int_equal(config.rate_hz, 16000);
    check_text("language", config.language, "de-at");
    check_text("voice", config.espeak_voice, "de");
    assert_true(config.noise_scale == 0.5 && config.length_scale == 1.2 && config.noise_w == 0);
    piper_config_release(&config);
}

static void test_symbols_have_their_ids_and_a_pad(void **state)
{
    struct piper_config config = loaded("{" AUDIO ESPEAK MAP "}");

    (void)state;
    check_ids(&config, 'a', (int32_t[]){ 14, 0 }, 2);
    check_ids(&config, 0x25A, (int32_t[]){ 59, 88, 0 }, 3);
    check_ids(&config, 'b', NULL, 0);
    assert_int_equal(config.begin.ids[0], 1);
    assert_int_equal(config.pad.ids[0], 0);
    assert_int_equal(config.end.ids[0], 2);
    piper_config_release(&config);
}

static void test_marks_of_the_frame_are_no_symbols(void **state)
{
    struct piper_config config = loaded("{" AUDIO ESPEAK MAP "}");

    (void)state;
    check_ids(&config, '_', NULL, 0);
    check_ids(&config, '^', NULL, 0);
    check_ids(&config, '$', NULL, 0);
    piper_config_release(&config);
}

static void test_phoneme_map_replaces_symbols(void **state)
{
    struct piper_config config =
        loaded("{" AUDIO ESPEAK "\"phoneme_map\": {\"x\": [\"k\", \"s\"]}, "
               "\"phoneme_id_map\": {" MARKS ", \"k\": [23], \"s\": [31], \"x\": [36]}}");

    (void)state;
    check_ids(&config, 'x', (int32_t[]){ 23, 31, 0 }, 3);
    check_ids(&config, 'k', (int32_t[]){ 23, 0 }, 2);
    piper_config_release(&config);
}

static void test_brazilian_c_is_k(void **state)
{
    struct piper_config config =
        loaded("{" AUDIO "\"espeak\": {\"voice\": \"pt-br\"}, "
               "\"phoneme_id_map\": {" MARKS ", \"c\": [16], \"k\": [23]}}");

    (void)state;
    check_ids(&config, 'c', (int32_t[]){ 23, 0 }, 2);
    piper_config_release(&config);
}

static void test_speakers_are_named_or_numbered(void **state)
{
    struct piper_config config =
        loaded("{" AUDIO ESPEAK MAP ", \"num_speakers\": 3, \"default_speaker_id\": 2, "
               "\"speaker_id_map\": {\"p225\": 0, \"p226\": 2}}");

    (void)state;
    assert_int_equal(config.speaker_count, 2);
    check_text("name", config.speakers[1].name, "p226");
    assert_int_equal(config.speakers[1].number, 2);
    assert_int_equal(config.default_speaker, 2);
    piper_config_release(&config);

    config = loaded("{" AUDIO ESPEAK MAP ", \"num_speakers\": 2, \"speaker_id_map\": {}}");
    assert_int_equal(config.speaker_count, 2);
    check_text("number", config.speakers[1].name, "1");
    piper_config_release(&config);
}

static void test_wrong_values_are_refused_by_name(void **state)
{
    static const struct {
        const char *name, *json;
        enum err_kind kind;
        const char *says;
    } cases[] = {
        { "empty", "", ERR_CORRUPT, "voice.onnx.json" },
        { "a half", "{" AUDIO ESPEAK, ERR_CORRUPT, "voice.onnx.json" },
        { "a list", "[]", ERR_CORRUPT, "sample_rate" },
        { "no rate", "{" ESPEAK MAP "}", ERR_CORRUPT, "sample_rate" },
        { "rate 0", "{\"audio\": {\"sample_rate\": 0}, " ESPEAK MAP "}", ERR_CORRUPT,
          "sample_rate" },
        { "rate of text", "{\"audio\": {\"sample_rate\": \"22050\"}, " ESPEAK MAP "}", ERR_CORRUPT,
          "sample_rate" },
        { "rate 22050.5", "{\"audio\": {\"sample_rate\": 22050.5}, " ESPEAK MAP "}", ERR_CORRUPT,
          "sample_rate" },
        { "length 0", "{" AUDIO ESPEAK MAP ", \"inference\": {\"length_scale\": 0}}", ERR_CORRUPT,
          "length_scale" },
        { "no eSpeak voice", "{" AUDIO MAP "}", ERR_CORRUPT, "espeak.voice" },
        { "no map", "{" AUDIO ESPEAK "\"num_symbols\": 1}", ERR_CORRUPT, "phoneme_id_map" },
        { "no begin", "{" AUDIO ESPEAK "\"phoneme_id_map\": {\"_\": [0], \"$\": [2]}}", ERR_CORRUPT,
          "\"^\"" },
        { "an id for a list", "{" AUDIO ESPEAK "\"phoneme_id_map\": {" MARKS ", \"a\": 14}}",
          ERR_CORRUPT, "\"a\"" },
        { "a negative id", "{" AUDIO ESPEAK "\"phoneme_id_map\": {" MARKS ", \"a\": [-1]}}",
          ERR_CORRUPT, "\"a\"" },
        { "an id over num_symbols", "{" AUDIO ESPEAK MAP ", \"num_symbols\": 80}", ERR_CORRUPT,
          "79" },
        { "speakers over the limit", "{" AUDIO ESPEAK MAP ", \"num_speakers\": 100000}",
          ERR_CORRUPT, "num_speakers" },
        { "a speaker out of range",
          "{" AUDIO ESPEAK MAP ", \"num_speakers\": 2, \"speaker_id_map\": {\"x\": 2}}",
          ERR_CORRUPT, "\"x\"" },
        { "pinyin", "{" AUDIO ESPEAK MAP ", \"phoneme_type\": \"pinyin\"}", ERR_UNSUPPORTED,
          "pinyin" },
        { "hebrew", "{" AUDIO ESPEAK MAP ", \"phoneme_type\": \"hebrew\"}", ERR_UNSUPPORTED,
          "hebrew" },
        { "a type of 1", "{" AUDIO ESPEAK MAP ", \"phoneme_type\": 1}", ERR_CORRUPT,
          "phoneme_type" },
        { "a key twice", "{" AUDIO AUDIO ESPEAK MAP "}", ERR_CORRUPT, "duplicate" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct piper_config config;
        struct err err = { 0 };

        check_case(cases[i].name, !load(cases[i].json, &config, &err));
        if (err.kind != cases[i].kind || !strstr(err.message, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].name, err_kind_name(err.kind), err.message);
    }
}

static void test_missing_file_is_named(void **state)
{
    struct piper_config config;
    struct err err = { 0 };

    (void)state;
    assert_false(piper_config_load(&config, "/no/such/voice.onnx", &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(err.message, "/no/such/voice.onnx.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least_configuration_has_piper_s_defaults),
        cmocka_unit_test(test_values_of_the_file_are_taken),
        cmocka_unit_test(test_symbols_have_their_ids_and_a_pad),
        cmocka_unit_test(test_marks_of_the_frame_are_no_symbols),
        cmocka_unit_test(test_phoneme_map_replaces_symbols),
        cmocka_unit_test(test_brazilian_c_is_k),
        cmocka_unit_test(test_speakers_are_named_or_numbered),
        cmocka_unit_test(test_wrong_values_are_refused_by_name),
        cmocka_unit_test(test_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
