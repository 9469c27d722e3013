#include "audio/encode.h"
#include "audio/wav.h"
#include "base/file.h"
#include "base/path.h"
#include "check.h"
#include "studio/audiobook.h"

#define RATE_HZ 8000
#define PART_FRAMES 8

/* A part of a millisecond. */
static char *write_part(const char *folder)
{
    char *path = path_join(folder, "part.wav");
    const float samples[PART_FRAMES] = { 0.1f, 0.2f };
    struct wav_writer w;
    struct err err;

    check_ok(wav_begin(&w, path, WAV_S16, RATE_HZ, 1, &err), &err);
    check_ok(wav_write(&w, samples, PART_FRAMES, &err) && wav_commit(&w, &err), &err);
    wav_release(&w);
    return path;
}

static void test_a_story_of_more_segments_than_chapters_fit_is_bound_all_the_same(void **state)
{
    const size_t count = AUDIO_CHAPTERS_MAX + 5;
    struct audiobook_part *parts = xcalloc(count, sizeof *parts);
    struct audiobook book = { .title = "Long", .parts = parts, .part_count = count };
    char *folder = temp_folder();
    char *part = write_part(folder), *out = path_join(folder, "book.m4b");
    struct err err;

    (void)state;
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct audiobook_part){ .path = part, .chapter = "One more" };
    check_ok(audiobook_write(&book, out, NULL, &err), &err);
    assert_true(file_is_regular(out));
    temp_folder_remove(folder);
    free(parts);
    free(part);
    free(out);
}

static void test_a_book_without_recordings_and_a_missing_one_are_named(void **state)
{
    const struct audiobook_part missing = { .path = "/nonexistent/01.wav" };
    struct audiobook book = { .title = "None" };
    char *folder = temp_folder();
    char *out = path_join(folder, "book.m4b");
    struct err err;

    (void)state;
    assert_false(audiobook_write(&book, out, NULL, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    book.parts = &missing;
    book.part_count = 1;
    assert_false(audiobook_write(&book, out, NULL, &err));
    assert_non_null(strstr(err.message, missing.path));
    assert_false(file_exists(out));
    temp_folder_remove(folder);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_story_of_more_segments_than_chapters_fit_is_bound_all_the_same),
        cmocka_unit_test(test_a_book_without_recordings_and_a_missing_one_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
