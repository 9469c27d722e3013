#include "studio/narrate.h"

#include <dirent.h>
#include <fcntl.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/wav.h"
#include "base/file.h"
#include "base/path.h"
#include "check.h"
#include "studio/audiobook.h"

#define RATE_HZ 24000
#define FRAMES_PER_BYTE 1200 /* 50 ms a letter */
#define PI 3.14159265358979323846
#define PARAGRAPHS 6

/* Speaks by humming: a tone as long as the text, a word time for the whole. */
struct hummer {
    size_t calls;      /* made so far */
    size_t stop_after; /* calls that succeed; then it fails with kind. 0 and ERR_NONE: never */
    enum err_kind kind;
    struct cancel *cancel; /* requested instead of failing, when the kind is ERR_CANCELLED */
    const char *refuses;   /* a text that cannot be spoken, or NULL */
    enum err_kind refusal; /* why; ERR_NONE: it has no reading */
};

static bool hum_into(const char *path, size_t frames, struct err *err)
{
    struct wav_writer w;
    float *samples = xcalloc(frames, sizeof *samples);

    for (size_t i = 0; i < frames; i++)
        samples[i] = 0.5f * (float)sin(2 * PI * 220 * (double)i / RATE_HZ);
    bool ok = wav_begin(&w, path, WAV_S16, RATE_HZ, 1, err) &&
              wav_write(&w, samples, frames, err) && wav_commit(&w, err);
    wav_release(&w);
    free(samples);
    return ok;
}

static bool hum(void *state, const char *text, size_t length, const char *path,
                const struct speech_file_options *options, struct word_list *words,
                struct cancel *cancel, struct speech_report *report, struct err *err)
{
    struct hummer *hummer = state;
    size_t frames = length * FRAMES_PER_BYTE;

    if (hummer->refuses && strcmp(text, hummer->refuses) == 0)
        return err_set(err, hummer->refusal ? hummer->refusal : ERR_INVALID,
                       "There is nothing to speak.");
    if (hummer->kind != ERR_NONE && hummer->calls == hummer->stop_after) {
        if (hummer->kind == ERR_CANCELLED)
            cancel_request(hummer->cancel);
        else
            return err_set(err, hummer->kind, "The hummer gave up.");
    }
    if (!cancel_check(cancel, err) || !hum_into(path, frames, err))
        return false;
    hummer->calls++;
    options->progress(options->state, 1);
    ARRAY_GROW(words->words, words->count, words->capacity);
    words->words[words->count++] = (struct spoken_word){ 0, (uint32_t)length, 0, frames };
    *report = (struct speech_report){
        .frames = frames,
        .rate_hz = RATE_HZ,
        .seconds = (double)frames / RATE_HZ,
        .work_s = 0.25,
        .chunks = 1,
    };
    return true;
}

struct studio {
    char *folder;
    struct cancel cancel;
    struct hummer hummer;
    struct narrate_speech speech;
    struct narrate_options options;
    struct narrate_report report;
    struct err err;
};

static int set_up(void **state)
{
    struct studio *s = xcalloc(1, sizeof *s);
    char *temp = temp_folder();

    s->folder = path_join(temp, "out");
    free(temp);
    cancel_init(&s->cancel);
    s->speech = (struct narrate_speech){
        .speak_to_file = hum,
        .state = &s->hummer,
        .engine = "hum",
        .model = "",
        .voice = "bee",
        .speed = 1,
    };
    s->options.folder = s->folder;
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct studio *s = *state;

    narrate_report_release(&s->report);
    cancel_release(&s->cancel);
    s->folder[strlen(s->folder) - strlen("/out")] = '\0';
    temp_folder_remove(s->folder);
    free(s);
    return 0;
}

static bool try_narrate(struct studio *s, const char *text)
{
    struct document story;

    narrate_report_release(&s->report);
    err_clear(&s->err);
    check_ok(document_parse(text, strlen(text), "sea.md", DOCUMENT_AUTO, &story, &s->err), &s->err);
    bool ok = narrate(&story, &s->speech, &s->options, &s->cancel, &s->report, &s->err);
    document_release(&story);
    return ok;
}

/* Narrates and checks how many segments were spoken. */
static void narrate_speaks(struct studio *s, const char *text, size_t spoken)
{
    s->hummer.calls = 0;
    check_ok(try_narrate(s, text), &s->err);
    assert_int_equal(s->hummer.calls, spoken);
    assert_int_equal(s->report.spoken, spoken);
}

static bool is_there(const struct studio *s, const char *name)
{
    char *path = path_join(s->folder, name);
    bool there = file_is_regular(path);

    free(path);
    return there;
}

static char *contents(const struct studio *s, const char *name)
{
    char *path = path_join(s->folder, name);
    struct buf text = BUF(1 << 22);
    struct err err;

    check_ok(file_read(path, &text, &err), &err);
    free(path);
    return buf_take(&text);
}

static size_t count_files(const char *folder, const char *ending)
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    const struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        size_t length = strlen(entry->d_name);

        count += entry->d_name[0] != '.' && length >= strlen(ending) &&
                 strcmp(entry->d_name + length - strlen(ending), ending) == 0;
    }
    closedir(dir);
    return count;
}

static void check_duration(const struct studio *s, const char *name, size_t letters)
{
    char *path = path_join(s->folder, name);
    struct wav_info info;
    struct err err;

    check_ok(wav_info(path, &info, &err), &err);
    assert_int_equal(info.frames, letters * FRAMES_PER_BYTE);
    free(path);
}

static const char two[] = "It was late.\n\nDon't go, she said.";

static void test_a_story_becomes_recordings_subtitles_and_a_playlist(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, two, 2);
    assert_int_equal(count_files(s->folder, ""), 7);
    check_duration(s, "01-it-was-late.wav", 12);
    check_duration(s, "02-dont-go-she-said.wav", 19);
    char *playlist = contents(s, NARRATE_PLAYLIST);
    check_text("playlist", playlist,
               "#EXTM3U\n#PLAYLIST:sea\n#EXTINF:1,It was late.\n01-it-was-late.wav\n"
               "#EXTINF:1,Don't go, she said.\n02-dont-go-she-said.wav\n");
    char *whole = contents(s, NARRATE_SUBTITLES);
    check_text("story.srt", whole,
               "1\n00:00:00,000 --> 00:00:00,600\nIt was late.\n\n"
               "2\n00:00:00,600 --> 00:00:01,550\nDon't go, she said.\n");
    char *part = contents(s, "02-dont-go-she-said.srt");
    check_text("02.srt", part, "1\n00:00:00,000 --> 00:00:00,950\nDon't go, she said.\n");
    free(playlist);
    free(whole);
    free(part);
}

static struct timespec changed_at(const struct studio *s)
{
    struct stat st;

    assert_int_equal(stat(s->folder, &st), 0);
    return st.st_mtim;
}

static void test_a_second_run_does_nothing(void **state)
{
    struct studio *s = *state;

    s->options.with_book = true;
    narrate_speaks(s, two, 2);
    assert_true(s->report.has_changed);
    struct timespec before = changed_at(s);
    narrate_speaks(s, two, 0);
    struct timespec after = changed_at(s);
    assert_false(s->report.has_changed);
    assert_int_equal(s->report.kept, 2);
    assert_float_equal(s->report.seconds, 31 * 0.05, 1e-9);
    assert_memory_equal(&before, &after, sizeof before);
}

static void test_only_changed_segments_are_spoken_again(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "A one.\n\nB two.\n\nC three.", 3);
    narrate_speaks(s, "A one.\n\nB other.\n\nC three.", 1);
    check_duration(s, "02-b-other.wav", 8);
    assert_false(is_there(s, "02-b-two.wav"));
    assert_false(is_there(s, "02-b-two.srt"));
    assert_int_equal(count_files(s->folder, ".wav"), 3);
}

static void test_what_decides_the_sound_decides_what_is_kept(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, two, 2);
    s->speech.speed = 1.1;
    narrate_speaks(s, two, 2);
    s->speech.voice = "wasp";
    narrate_speaks(s, two, 2);
    s->speech.model = "hum-2";
    narrate_speaks(s, two, 2);
    s->speech.settings = "phonemes=misaki";
    narrate_speaks(s, two, 2);
    narrate_speaks(s, two, 0);
    s->options.is_forced = true;
    narrate_speaks(s, two, 2);
}

static void test_recordings_follow_their_segments(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "Alpha.\n\nBeta is.\n\nGamma was it.", 3);
    narrate_speaks(s, "Gamma was it.\n\nNew.\n\nAlpha.\n\nBeta is.", 1);
    check_duration(s, "01-gamma-was-it.wav", 13);
    check_duration(s, "03-alpha.wav", 6);
    check_duration(s, "04-beta-is.wav", 8);
    assert_int_equal(count_files(s->folder, ".wav"), 4);
    assert_int_equal(count_files(s->folder, ".srt"), 5);
    narrate_speaks(s, "Beta is.\n\nAlpha.", 0);
    assert_int_equal(s->report.removed, 2);
    assert_int_equal(count_files(s->folder, ".wav"), 2);
    assert_int_equal(count_files(s->folder, ".srt"), 3);
}

static void test_equal_segments_each_keep_their_recording(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "Tick.\n\nTick.\n\nTock.\n\nTick.", 4);
    narrate_speaks(s, "Tick.\n\nTick.\n\nTock.\n\nTick.", 0);
    assert_false(s->report.has_changed);
    narrate_speaks(s, "Tick.\n\nTock.\n\nTick.\n\nTick.\n\nTick.", 1);
}

static void test_files_of_others_are_never_removed(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "Alpha.\n\nBeta.", 2);
    char *path = path_join(s->folder, "03-mine.wav");
    check_ok(file_write(path, "mine", 4, &s->err), &s->err);
    narrate_speaks(s, "Alpha.", 0);
    assert_int_equal(s->report.removed, 1);
    assert_true(is_there(s, "03-mine.wav"));
    free(path);
}

static void test_a_missing_or_cut_recording_is_spoken_again(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "Alpha.\n\nBeta.\n\nGamma.", 3);
    char *first = path_join(s->folder, "01-alpha.wav");
    char *second = path_join(s->folder, "02-beta.wav");
    assert_int_equal(unlink(first), 0);
    assert_int_equal(truncate(second, 100), 0);
    narrate_speaks(s, "Alpha.\n\nBeta.\n\nGamma.", 2);
    check_duration(s, "01-alpha.wav", 6);
    check_duration(s, "02-beta.wav", 5);
    free(first);
    free(second);
}

static void test_missing_subtitles_and_playlists_come_back(void **state)
{
    static const char *const names[] = { NARRATE_PLAYLIST, NARRATE_SUBTITLES,
                                         "01-it-was-late.srt" };
    struct studio *s = *state;

    narrate_speaks(s, two, 2);
    for (size_t i = 0; i < COUNT(names); i++) {
        char *path = path_join(s->folder, names[i]);

        assert_int_equal(unlink(path), 0);
        narrate_speaks(s, two, 0);
        assert_true(is_there(s, names[i]));
        free(path);
    }
}

static char *paragraphs(size_t count)
{
    struct buf text = BUF(1 << 16);

    for (size_t i = 0; i < count; i++)
        buf_format(&text, "Paragraph %zu.\n\n", i + 1);
    return buf_take(&text);
}

static void check_stopped(struct studio *s, size_t after)
{
    assert_int_equal(s->report.spoken, after);
    assert_int_equal(count_files(s->folder, ".wav"), after);
    assert_int_equal(count_files(s->folder, ".srt"), after);
    assert_int_equal(count_files(s->folder, ".part"), 0);
    assert_false(is_there(s, NARRATE_PLAYLIST));
}

static void reset(struct studio *s, struct hummer hummer)
{
    cancel_release(&s->cancel);
    cancel_init(&s->cancel);
    s->hummer = hummer;
}

static void stop_and_go_on(struct studio *s, const char *text, enum err_kind kind, size_t after)
{
    reset(s, (struct hummer){ .stop_after = after, .kind = kind, .cancel = &s->cancel });
    assert_false(try_narrate(s, text));
    assert_int_equal(s->err.kind, kind);
    check_stopped(s, after);

    reset(s, (struct hummer){ 0 });
    narrate_speaks(s, text, PARAGRAPHS - after);
    assert_int_equal(s->report.kept, after);
    assert_int_equal(count_files(s->folder, ".wav"), PARAGRAPHS);
    temp_folder_remove(xstrdup(s->folder));
}

static void test_a_stopped_run_goes_on_where_it_was(void **state)
{
    static const enum err_kind kinds[] = { ERR_CANCELLED, ERR_DISK_FULL, ERR_IO, ERR_UNAVAILABLE };
    struct studio *s = *state;
    char *text = paragraphs(PARAGRAPHS);

    for (size_t k = 0; k < COUNT(kinds); k++)
        for (size_t after = 0; after < PARAGRAPHS; after++)
            stop_and_go_on(s, text, kinds[k], after);
    free(text);
}

static void test_a_segment_without_a_reading_does_not_stop_the_others(void **state)
{
    struct studio *s = *state;

    s->hummer.refuses = "Beta.";
    s->options.with_book = true;
    assert_false(try_narrate(s, "Alpha.\n\nBeta.\n\nGamma."));
    assert_int_equal(s->err.kind, ERR_INVALID);
    assert_non_null(strstr(s->err.message, "Segment 2"));
    assert_int_equal(s->report.spoken, 2);
    assert_int_equal(s->report.failed, 1);
    assert_int_equal(s->report.recordings[1].state, NARRATE_FAILED);
    assert_true(is_there(s, "03-gamma.wav"));
    assert_true(is_there(s, NARRATE_PLAYLIST));
    assert_false(is_there(s, NARRATE_BOOK));
    s->hummer.refuses = NULL;
    narrate_speaks(s, "Alpha.\n\nBeta.\n\nGamma.", 1);
    assert_true(is_there(s, NARRATE_BOOK));
}

/* Half-precision models give NaN for one text in many (TTS.md 1.8). */
static void test_a_segment_without_usable_sound_does_not_stop_the_others(void **state)
{
    struct studio *s = *state;

    s->hummer.refuses = "Beta.";
    s->hummer.refusal = ERR_CORRUPT;
    assert_false(try_narrate(s, "Alpha.\n\nBeta.\n\nGamma."));
    assert_int_equal(s->err.kind, ERR_CORRUPT);
    assert_int_equal(s->report.spoken, 2);
    assert_int_equal(s->report.recordings[1].state, NARRATE_FAILED);
    assert_true(is_there(s, "03-gamma.wav"));
}

static void test_another_story_does_not_replace_one_unasked(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, "# Sea\n\nAlpha.", 1);
    assert_false(try_narrate(s, "# Sky\n\nBeta."));
    assert_int_equal(s->err.kind, ERR_CONFLICT);
    assert_non_null(strstr(s->err.message, "Sea"));
    assert_int_equal(s->report.count, 0);
    assert_int_equal(count_files(s->folder, ".wav"), 1);
    s->options.is_forced = true;
    narrate_speaks(s, "# Sky\n\nBeta.", 1);
    assert_int_equal(count_files(s->folder, ".wav"), 1);
}

static void test_a_second_narration_in_one_folder_is_refused(void **state)
{
    struct studio *s = *state;

    narrate_speaks(s, two, 2);
    int fd = open(s->folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_false(try_narrate(s, two));
    assert_int_equal(s->err.kind, ERR_CONFLICT);
    close(fd);
    narrate_speaks(s, two, 0);
}

static void test_a_strange_manifest_is_refused_and_forced_away(void **state)
{
    static const char *const strange[] = {
        "hello",
        "[]",
        "{\"version\":2}",
        "{\"version\":1,\"title\":\"x\",\"book_hash\":\"\",\"book_bytes\":0,\"recordings\":[{"
        "\"file\":"
        "\"../../etc/"
        "passwd\",\"hash\":\"0123456789012345678901234567890123456789012345678901234567890"
        "123\",\"bytes\":1,\"frames\":1,\"rate_hz\":1,\"words\":[]}]}",
        "{\"version\":1,\"title\":\"x\",\"book_hash\":\"\",\"book_bytes\":0,\"recordings\":[{"
        "\"file\":"
        "\"thesis.odt\",\"hash\":\"0123456789012345678901234567890123456789012345678901234567890"
        "123\",\"bytes\":1,\"frames\":1,\"rate_hz\":1,\"words\":[]}]}",
        "{\"version\":1,\"title\":\"x\",\"book_hash\":\"\",\"book_bytes\":0,\"recordings\":[{"
        "\"file\":"
        "\"a.wav\",\"hash\":\"0123456789012345678901234567890123456789012345678901234567890"
        "123\",\"bytes\":1,\"frames\":1,\"rate_hz\":1,\"words\":[1,2]}]}",
    };
    struct studio *s = *state;

    check_ok(directory_create(s->folder, &s->err), &s->err);
    char *path = path_join(s->folder, "narration.json");
    for (size_t i = 0; i < COUNT(strange); i++) {
        check_ok(file_write(path, strange[i], strlen(strange[i]), &s->err), &s->err);
        s->options.is_forced = false;
        assert_false(try_narrate(s, two));
        check_case(strange[i], s->err.kind == ERR_CORRUPT && strstr(s->err.message, "--force"));
        s->options.is_forced = true;
        narrate_speaks(s, two, 2);
    }
    free(path);
}

static void test_a_folder_that_cannot_be_written_is_found_out_before_speaking(void **state)
{
    struct studio *s = *state;

    check_ok(file_write(s->folder, "x", 1, &s->err), &s->err);
    assert_false(try_narrate(s, two));
    assert_int_equal(s->err.kind, ERR_IO);
    assert_int_equal(unlink(s->folder), 0);

    char *in_the_way = path_join(s->folder, "narration.json/x");
    check_ok(directory_create(in_the_way, &s->err), &s->err);
    assert_false(try_narrate(s, two));
    assert_int_equal(s->hummer.calls, 0);
    free(in_the_way);
}

static void limit_files_to(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk_leaves_no_half_file_at_any_size(void **state)
{
    struct studio *s = *state;

    signal(SIGXFSZ, SIG_IGN); /* writes fail with EFBIG instead */
    s->options.with_book = true;
    for (rlim_t bytes = 0; bytes < 60000; bytes = bytes * 2 + 10) {
        limit_files_to(bytes);
        bool ok = try_narrate(s, two);
        limit_files_to(RLIM_INFINITY);
        if (!ok)
            assert_int_equal(s->err.kind, ERR_IO);
        assert_int_equal(count_files(s->folder, ".part"), 0);
        if (is_there(s, "01-it-was-late.wav"))
            check_duration(s, "01-it-was-late.wav", 12);
    }
    check_ok(try_narrate(s, two), &s->err);
    check_duration(s, "02-dont-go-she-said.wav", 19);
}

static AVFormatContext *open_book(const struct studio *s)
{
    char *path = path_join(s->folder, NARRATE_BOOK);
    AVFormatContext *book = NULL;

    assert_int_equal(avformat_open_input(&book, path, NULL, NULL), 0);
    assert_true(avformat_find_stream_info(book, NULL) >= 0);
    free(path);
    return book;
}

static void check_chapter(const AVFormatContext *book, unsigned index, const char *title,
                          double start_s, double end_s)
{
    assert_true(index < book->nb_chapters);
    const AVChapter *chapter = book->chapters[index];

    check_text("chapter", av_dict_get(chapter->metadata, "title", NULL, 0)->value, title);
    assert_float_equal((double)chapter->start * av_q2d(chapter->time_base), start_s, 0.01);
    assert_float_equal((double)chapter->end * av_q2d(chapter->time_base), end_s, 0.01);
}

static void test_the_audiobook_has_the_storys_chapters(void **state)
{
    struct studio *s = *state;

    s->options.with_book = true;
    narrate_speaks(s, "Before it all.\n\n# Sea\n\nAlpha.\n\nBeta.\n\n# Sky\n\nGamma.\n", 4);
    AVFormatContext *book = open_book(s);
    const double sea = 14 * 0.05, sky = sea + (11 + 5) * 0.05, end = sky + 11 * 0.05;

    assert_int_equal(book->nb_chapters, 3);
    check_chapter(book, 0, "sea", 0, sea);
    check_chapter(book, 1, "Sea", sea, sky);
    check_chapter(book, 2, "Sky", sky, end);
    check_text("title", av_dict_get(book->metadata, "title", NULL, 0)->value, "sea");
    check_text("artist", av_dict_get(book->metadata, "artist", NULL, 0)->value, "bee");
    assert_float_equal((double)book->duration / AV_TIME_BASE, end, 0.1);
    avformat_close_input(&book);
}

static void test_a_story_without_chapters_has_one_a_segment(void **state)
{
    struct studio *s = *state;

    s->options.with_book = true;
    narrate_speaks(s, two, 2);
    AVFormatContext *book = open_book(s);

    assert_int_equal(book->nb_chapters, 2);
    check_chapter(book, 0, "It was late.", 0, 0.6);
    check_chapter(book, 1, "Don't go, she said.", 0.6, 1.55);
    avformat_close_input(&book);
}

static void test_an_audiobook_of_unlike_parts_is_refused(void **state)
{
    struct studio *s = *state;
    struct wav_writer w;
    const float silence[100] = { 0 };

    narrate_speaks(s, two, 2);
    char *path = path_join(s->folder, "other.wav"), *book_path = path_join(s->folder, "b.m4b");
    char *first = path_join(s->folder, "01-it-was-late.wav");
    check_ok(wav_begin(&w, path, WAV_S16, 16000, 1, &s->err), &s->err);
    check_ok(wav_write(&w, silence, COUNT(silence), &s->err), &s->err);
    check_ok(wav_commit(&w, &s->err), &s->err);
    wav_release(&w);
    const struct audiobook_part parts[] = { { first, "A" }, { path, NULL } };
    const struct audiobook book = { .title = "T", .parts = parts, .part_count = COUNT(parts) };

    assert_false(audiobook_write(&book, book_path, NULL, &s->err));
    assert_int_equal(s->err.kind, ERR_CONFLICT);
    assert_non_null(strstr(s->err.message, "other.wav"));
    assert_false(file_exists(book_path));
    free(first);
    free(book_path);
    free(path);
}

static void note_progress(void *state, double fraction)
{
    double *last = state;

    assert_true(fraction >= *last && fraction <= 1 + 1e-9);
    *last = fraction;
}

static void test_progress_rises_to_the_end(void **state)
{
    struct studio *s = *state;
    double last = 0;

    s->options.with_book = true;
    s->options.observer = (struct narrate_observer){ .progress = note_progress, .state = &last };
    narrate_speaks(s, two, 2);
    assert_float_equal(last, 1, 1e-6);
}

#define STUDIO_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STUDIO_TEST(test_a_story_becomes_recordings_subtitles_and_a_playlist),
        STUDIO_TEST(test_a_second_run_does_nothing),
        STUDIO_TEST(test_only_changed_segments_are_spoken_again),
        STUDIO_TEST(test_what_decides_the_sound_decides_what_is_kept),
        STUDIO_TEST(test_recordings_follow_their_segments),
        STUDIO_TEST(test_equal_segments_each_keep_their_recording),
        STUDIO_TEST(test_files_of_others_are_never_removed),
        STUDIO_TEST(test_a_missing_or_cut_recording_is_spoken_again),
        STUDIO_TEST(test_missing_subtitles_and_playlists_come_back),
        STUDIO_TEST(test_a_stopped_run_goes_on_where_it_was),
        STUDIO_TEST(test_a_segment_without_a_reading_does_not_stop_the_others),
        STUDIO_TEST(test_a_segment_without_usable_sound_does_not_stop_the_others),
        STUDIO_TEST(test_another_story_does_not_replace_one_unasked),
        STUDIO_TEST(test_a_second_narration_in_one_folder_is_refused),
        STUDIO_TEST(test_a_strange_manifest_is_refused_and_forced_away),
        STUDIO_TEST(test_a_folder_that_cannot_be_written_is_found_out_before_speaking),
        STUDIO_TEST(test_a_full_disk_leaves_no_half_file_at_any_size),
        STUDIO_TEST(test_the_audiobook_has_the_storys_chapters),
        STUDIO_TEST(test_a_story_without_chapters_has_one_a_segment),
        STUDIO_TEST(test_an_audiobook_of_unlike_parts_is_refused),
        STUDIO_TEST(test_progress_rises_to_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
