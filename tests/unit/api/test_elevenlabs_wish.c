#include "api/elevenlabs_wish.h"

#include "check.h"

static void read(const char *body, const char *format, struct elevenlabs_wish *wish, json_t **root,
                 struct elevenlabs_mistakes *mistakes)
{
    struct err err;

    *root = json_parse(body, strlen(body), "The body", &err);
    assert_non_null(*root);
    *mistakes = (struct elevenlabs_mistakes){ 0 };
    elevenlabs_wish_read(*root, format, wish, mistakes);
}

static void test_a_text_alone_is_enough(void **state)
{
    static const char *const bodies[] = {
        "{\"text\":\"Hello.\"}",
        "{\"text\":\"Hello.\",\"model_id\":null,\"language_code\":null,\"voice_settings\":null,"
        "\"seed\":null,\"previous_text\":null,\"next_text\":null}",
        "{\"text\":\"Hello.\",\"model_id\":\"\",\"language_code\":\"\",\"voice_settings\":{}}",
        "{\"text\":\"Hello.\",\"voice_settings\":{\"speed\":null,\"stability\":null}}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct elevenlabs_mistakes mistakes;
        struct elevenlabs_wish wish;
        json_t *root;

        read(bodies[i], NULL, &wish, &root, &mistakes);
        check_case(bodies[i], mistakes.count == 0);
        check_text(bodies[i], wish.text, "Hello.");
        check_case(bodies[i], !wish.model && !wish.language && wish.speed == 1);
        check_case(bodies[i], wish.format == AUDIO_MP3 && wish.rate_hz == 44100);
        check_case(bodies[i], wish.bitrate_kbps == 128);
        json_decref(root);
    }
}

static void test_what_can_be_heard_is_read(void **state)
{
    struct elevenlabs_mistakes mistakes;
    struct elevenlabs_wish wish;
    json_t *root;

    (void)state;
    read("{\"text\":\" Hi "
         "\",\"model_id\":\"eleven_v3\",\"language_code\":\"de\",\"seed\":4294967295,"
         "\"previous_text\":\"a\",\"next_text\":\"b\",\"voice_settings\":{\"speed\":0.25,"
         "\"stability\":0,\"similarity_boost\":1,\"style\":0.5,\"use_speaker_boost\":false},"
         "\"anything\":[1]}",
         "opus_48000_32", &wish, &root, &mistakes);
    assert_int_equal(mistakes.count, 0);
    assert_string_equal(wish.text, " Hi ");
    assert_string_equal(wish.model, "eleven_v3");
    assert_string_equal(wish.language, "de");
    assert_true(wish.speed == 0.25);
    assert_int_equal(wish.format, AUDIO_OPUS);
    assert_int_equal(wish.bitrate_kbps, 32);
    json_decref(root);
}

static void test_each_output_format_is_known(void **state)
{
    static const struct {
        const char *name;
        enum audio_format format;
        int rate_hz, bitrate_kbps;
    } cases[] = {
        { "mp3_22050_32", AUDIO_MP3, 22050, 32 },   { "mp3_24000_48", AUDIO_MP3, 24000, 48 },
        { "mp3_44100_192", AUDIO_MP3, 44100, 192 }, { "opus_48000_64", AUDIO_OPUS, 48000, 64 },
        { "pcm_8000", AUDIO_PCM, 8000, 0 },         { "pcm_48000", AUDIO_PCM, 48000, 0 },
        { "wav_22050", AUDIO_WAV, 22050, 0 },       { "ulaw_8000", AUDIO_ULAW, 8000, 0 },
        { "alaw_8000", AUDIO_ALAW, 8000, 0 },
    };
    static const char *const unknown[] = {
        "",          "mp3",        "mp3_44100",     "mp3_44100_128_", "MP3_44100_128",
        "wav_11025", "ulaw_16000", "opus_24000_32", "mp3_44100_129",  "flac_44100"
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct elevenlabs_mistakes mistakes;
        struct elevenlabs_wish wish;
        json_t *root;

        read("{\"text\":\"a\"}", cases[i].name, &wish, &root, &mistakes);
        check_case(cases[i].name, mistakes.count == 0);
        check_case(cases[i].name, wish.format == cases[i].format);
        check_case(cases[i].name, wish.rate_hz == cases[i].rate_hz);
        check_case(cases[i].name, wish.bitrate_kbps == cases[i].bitrate_kbps);
        json_decref(root);
    }
    for (size_t i = 0; i < COUNT(unknown); i++) {
        struct elevenlabs_mistakes mistakes;
        struct elevenlabs_wish wish;
        json_t *root;

        read("{\"text\":\"a\"}", unknown[i], &wish, &root, &mistakes);
        check_case(unknown[i], mistakes.count == 1);
        check_text(unknown[i], mistakes.items[0].part, "query");
        check_text(unknown[i], mistakes.items[0].member, "output_format");
        json_decref(root);
    }
}

static void test_each_mistake_is_told(void **state)
{
    static const struct {
        const char *body, *member, *type;
    } cases[] = {
        { "{}", "text", "missing" },
        { "{\"text\":null}", "text", "missing" },
        { "{\"text\":1}", "text", "string_type" },
        { "{\"text\":\" \\n\"}", "text", "string_too_short" },
        { "[]", "", "dict_type" },
        { "{\"text\":\"a\",\"model_id\":3}", "model_id", "string_type" },
        { "{\"text\":\"a\",\"voice_settings\":1}", "voice_settings", "dict_type" },
        { "{\"text\":\"a\",\"voice_settings\":{\"speed\":\"1\"}}", "voice_settings.speed",
          "float_type" },
        { "{\"text\":\"a\",\"voice_settings\":{\"speed\":0.2}}", "voice_settings.speed",
          "greater_than_equal" },
        { "{\"text\":\"a\",\"voice_settings\":{\"speed\":4.1}}", "voice_settings.speed",
          "less_than_equal" },
        { "{\"text\":\"a\",\"voice_settings\":{\"stability\":2}}", "voice_settings.stability",
          "less_than_equal" },
        { "{\"text\":\"a\",\"voice_settings\":{\"use_speaker_boost\":1}}",
          "voice_settings.use_speaker_boost", "bool_type" },
        { "{\"text\":\"a\",\"seed\":-1}", "seed", "greater_than_equal" },
        { "{\"text\":\"a\",\"seed\":4294967296}", "seed", "less_than_equal" },
        { "{\"text\":\"a\",\"previous_text\":[]}", "previous_text", "string_type" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct elevenlabs_mistakes mistakes;
        struct elevenlabs_wish wish;
        json_t *root;

        read(cases[i].body, NULL, &wish, &root, &mistakes);
        check_case(cases[i].body, mistakes.count == 1);
        check_text(cases[i].body, mistakes.items[0].part, "body");
        check_text(cases[i].body, mistakes.items[0].member, cases[i].member);
        check_text(cases[i].body, mistakes.items[0].type, cases[i].type);
        json_decref(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_alone_is_enough),
        cmocka_unit_test(test_what_can_be_heard_is_read),
        cmocka_unit_test(test_each_output_format_is_known),
        cmocka_unit_test(test_each_mistake_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
