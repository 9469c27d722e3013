#include "studio/history.h"

#include "library.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/wav.h"
#include "studio/live_speech.h"
#include "text/cue.h"

#define TEXT "It was read aloud."

static const struct spoken_by by = {
    .engine = "espeak", .model = "", .voice = "en-us", .rate_hz = 22050
};
static const struct speech_outcome outcome = { .seconds = 1.5 };
static const struct history_filter everything = { 0 };

static const struct history_policy keeping = { .is_enabled = true, .keeps_audio = true };

struct studio {
    struct library library;
    struct history *history;
    atomic_int changes;
};

static void count_change(void *state)
{
    atomic_fetch_add(&((struct studio *)state)->changes, 1);
}

static void open_history(struct studio *t, const struct history_policy *policy)
{
    history_destroy(t->history);
    t->history = history_create(&(struct history_options){
        .store = t->library.store,
        .media = t->library.media,
        .configured = *policy,
        .changed = count_change,
        .changed_state = t,
    });
    t->changes = 0;
}

static int set_up(void **state)
{
    struct studio *t = xcalloc(1, sizeof *t);

    library_init(&t->library);
    open_history(t, &keeping);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct studio *t = *state;

    history_destroy(t->history);
    library_release(&t->library);
    free(t);
    return 0;
}

static struct history_recorder *record_as(struct studio *t, const char *text,
                                          enum audio_format format)
{
    return history_record_speech(
        t->history, &(struct history_speech){
                        .text = text, .length = strlen(text), .speed = 1, .format = format });
}

static struct history_recorder *record(struct studio *t)
{
    return record_as(t, TEXT, AUDIO_MP3);
}

static void keep(struct history_recorder *recorder)
{
    struct err err = { 0 };

    check_ok(history_recorder_keep(recorder, &by, &outcome, &err), &err);
}

/* An entry with so many bytes of audio. */
static const char *speak(struct studio *t, size_t bytes)
{
    struct history_recorder *recorder = record(t);
    const char *id = arena_strdup(&t->library.arena, history_recorder_id(recorder));
    char *audio = xcalloc(1, bytes + 1);

    history_recorder_write(recorder, audio, bytes);
    keep(recorder);
    free(audio);
    return id;
}

static struct history_entry get(struct studio *t, const char *id)
{
    struct history_entry entry;
    struct err err = { 0 };

    check_ok(store_history_get(t->library.store, &t->library.arena, id, &entry, &err), &err);
    return entry;
}

static struct history_list list(struct studio *t)
{
    struct history_list list;
    struct err err = { 0 };

    check_ok(store_history(t->library.store, &t->library.arena, &everything, NULL, &list, &err),
             &err);
    return list;
}

static int64_t size_of(struct studio *t, const char *path)
{
    char *full = library_path(&t->library, path);
    struct stat st;
    int64_t size = stat(full, &st) == 0 ? st.st_size : -1;

    free(full);
    return size;
}

static int count_files(struct studio *t)
{
    char *full = library_path(&t->library, HISTORY_FOLDER);
    DIR *dir = opendir(full);
    int count = -2; /* . and .. */

    free(full);
    if (!dir)
        return 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Each row that says so has its file, whole; there are no other files, and nothing is left to do. */
static void check_rows_and_files(struct studio *t)
{
    struct history_list entries = list(t);
    int files = 0;

    for (int64_t i = 0; i < entries.count; i++) {
        const struct history_entry *entry = &entries.items[i];

        if (!entry->output_path)
            continue;
        files++;
        check_case(entry->output_path, size_of(t, entry->output_path) == entry->output_bytes);
    }
    assert_int_equal(count_files(t), files);
    assert_int_equal(library_staged_count(&t->library), 0);
    assert_int_equal(library_operation_count(&t->library), 0);
}

static void set(struct studio *t, const struct settings_change *change)
{
    struct err err = { 0 };

    check_ok(store_settings_update(t->library.store, change, &err), &err);
}

/* ---- recording ---- */

static void test_what_is_kept_is_what_was_streamed(void **state)
{
    struct studio *t = *state;
    struct history_recorder *recorder = record_as(t, TEXT, AUDIO_OPUS);
    const char *id = arena_strdup(&t->library.arena, history_recorder_id(recorder));

    history_recorder_write(recorder, "abc", 3);
    assert_int_equal(library_staged_count(&t->library), 1);
    history_recorder_write(recorder, "", 0);
    history_recorder_write(recorder, "def", 3);
    assert_int_equal(list(t).total, 0);
    keep(recorder);
    struct history_entry entry = get(t, id);
    assert_string_equal(entry.full_text, TEXT);
    assert_string_equal(entry.engine, "espeak");
    assert_null(entry.model);
    assert_string_equal(entry.voice, "en-us");
    assert_string_equal(entry.format, "opus");
    assert_true(entry.duration_s == 1.5);
    assert_int_equal(entry.output_bytes, 6);
    char *path = library_path(&t->library, entry.output_path);
    struct buf audio = BUF(100);
    struct err err = { 0 };
    check_ok(file_read(path, &audio, &err), &err);
    check_text("audio", audio.data, "abcdef");
    buf_release(&audio);
    free(path);
    check_rows_and_files(t);
    assert_int_equal(t->changes, 1);
}

static void test_what_is_dropped_leaves_nothing(void **state)
{
    struct studio *t = *state;
    struct history_recorder *recorder = record(t);

    history_recorder_write(recorder, "abc", 3);
    history_recorder_drop(recorder);
    assert_int_equal(list(t).total, 0);
    check_rows_and_files(t);
    assert_int_equal(t->changes, 0);
}

static void test_a_history_that_is_off_records_nothing_and_everything_accepts_that(void **state)
{
    struct studio *t = *state;
    struct history_transcript transcript = { .text = "Heard." };
    char id[ID_SIZE] = "x";
    struct err err = { 0 };

    open_history(t, &(struct history_policy){ .keeps_audio = true });
    struct history_recorder *recorder = record(t);
    assert_null(recorder);
    assert_null(history_recorder_id(recorder));
    history_recorder_write(recorder, "abc", 3);
    history_recorder_word(recorder, &(struct timed_word){ 0 });
    keep(recorder);
    history_recorder_drop(NULL);
    check_ok(history_add_transcript(t->history, &transcript, id, &err), &err);
    assert_string_equal(id, "");
    assert_int_equal(list(t).total, 0);
}

static void test_without_audio_the_parameters_are_kept(void **state)
{
    struct studio *t = *state;

    open_history(t, &(struct history_policy){ .is_enabled = true });
    struct history_entry entry = get(t, speak(t, 100));
    assert_null(entry.output_path);
    assert_string_equal(entry.full_text, TEXT);
    assert_string_equal(entry.format, "mp3");
    check_rows_and_files(t);
}

static void test_words_are_kept_with_their_times(void **state)
{
    static const char text[] = "Größe \"zählt\" $5.";
    static const struct timed_word words[] = {
        { 0, 7, 0.0004, 0.25 },
        { 8, 16, 0.25, 1.2346 },
        { 17, 19, 1.3, 1.5 }, /* five */
        { 17, 19, 1.5, 2 },   /* dollars */
    };
    struct studio *t = *state;
    struct history_recorder *recorder = record_as(t, text, AUDIO_MP3);
    const char *id = arena_strdup(&t->library.arena, history_recorder_id(recorder));
    struct history_spans spans;
    struct err err = { 0 };

    for (size_t i = 0; i < COUNT(words); i++)
        history_recorder_word(recorder, &words[i]);
    keep(recorder);
    check_ok(history_spans_parse(get(t, id).words, &t->library.arena, &spans, &err), &err);
    assert_int_equal(spans.count, 3);
    assert_string_equal(spans.items[0].text, "Größe");
    assert_string_equal(spans.items[1].text, "\"zählt\"");
    assert_true(spans.items[0].start_s == 0);
    assert_true(spans.items[1].start_s == 0.25);
    assert_true(spans.items[1].end_s == 1.235);
    assert_string_equal(spans.items[2].text, "$5");
    assert_true(spans.items[2].start_s == 1.3);
    assert_true(spans.items[2].end_s == 2);
    check_ok(history_spans_parse(NULL, &t->library.arena, &spans, &err), &err);
    assert_int_equal(spans.count, 0);
    assert_false(history_spans_parse("[1,2,3]", &t->library.arena, &spans, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
}

static void test_a_streamed_wav_says_how_long_it_is_once_it_is_kept(void **state)
{
    static const int16_t samples[1000] = { 0 };
    struct studio *t = *state;
    struct history_recorder *recorder = record_as(t, TEXT, AUDIO_WAV);
    const char *id = arena_strdup(&t->library.arena, history_recorder_id(recorder));
    uint8_t header[WAV_HEADER_SIZE];
    struct wav_info info;
    struct err err = { 0 };

    wav_header(header, by.rate_hz, 1, UINT32_MAX);
    history_recorder_write(recorder, header, sizeof header);
    history_recorder_write(recorder, samples, sizeof samples);
    keep(recorder);
    char *path = library_path(&t->library, get(t, id).output_path);
    struct buf bytes = BUF(10000);
    check_ok(wav_info(path, &info, &err), &err);
    assert_int_equal(info.frames, COUNT(samples));
    assert_int_equal(info.rate_hz, by.rate_hz);
    check_ok(file_read(path, &bytes, &err), &err);
    wav_header(header, by.rate_hz, 1, sizeof samples);
    assert_memory_equal(bytes.data, header, sizeof header);
    buf_release(&bytes);
    free(path);
    check_rows_and_files(t);
}

/* ---- disks that refuse ---- */

static void test_a_folder_that_takes_nothing_costs_the_audio_only(void **state)
{
    struct studio *t = *state;
    char *assets = library_path(&t->library, "assets");
    char *staged = library_path(&t->library, "media/staged");
    struct err err = { 0 };

    /* Where recordings go is a file. */
    check_ok(file_write(assets, "", 0, &err), &err);
    assert_null(get(t, speak(t, 100)).output_path);
    assert_int_equal(library_staged_count(&t->library), 0);
    assert_int_equal(library_operation_count(&t->library), 0);

    /* So is what they are staged in. */
    assert_int_equal(rmdir(staged), 0);
    check_ok(file_write(staged, "", 0, &err), &err);
    assert_null(get(t, speak(t, 100)).output_path);
    assert_int_equal(list(t).total, 2);
    free(staged);
    free(assets);
}

/* A limit on the size of files stands for a disk that is full: writing fails in the middle. */
static void test_a_full_disk_costs_the_audio_only(void **state)
{
    static const struct {
        const char *name;
        size_t
            bytes; /* in pieces of a hundred; the last ones are in the file's buffer until the end */
    } cases[] = { { "while it streams", 4000000 }, { "at the end", 2000100 } };
    struct studio *t = *state;
    struct rlimit before, limit;
    char piece[100] = { 0 };

    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct history_recorder *recorder = record(t);
        const char *id = arena_strdup(&t->library.arena, history_recorder_id(recorder));

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        limit = before;
        limit.rlim_cur = 2000000; /* more than the database has */
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        for (size_t bytes = 0; bytes < cases[i].bytes; bytes += sizeof piece)
            history_recorder_write(recorder, piece, sizeof piece);
        struct err err = { 0 };
        bool ok = history_recorder_keep(recorder, &by, &outcome, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        check_case(cases[i].name, ok);
        check_case(cases[i].name, !get(t, id).output_path);
        check_rows_and_files(t);
    }
    signal(SIGXFSZ, SIG_DFL);
}

static void test_audio_larger_than_the_whole_history_is_not_kept(void **state)
{
    struct studio *t = *state;

    open_history(t,
                 &(struct history_policy){ .is_enabled = true, .keeps_audio = true, .mb_max = 1 });
    const char *small = speak(t, 1000);
    assert_null(get(t, speak(t, (1 << 20) + 1)).output_path);
    assert_non_null(get(t, small).output_path);
    check_rows_and_files(t);
}

/* ---- what is kept ---- */

static void test_settings_go_before_what_is_configured(void **state)
{
    struct studio *t = *state;
    const bool no = false, yes = true;
    const int64_t two = 2, zero = 0;
    struct settings settings;
    struct err err = { 0 };

    open_history(t, &(struct history_policy){ .is_enabled = true, .entries_max = 5, .mb_max = 7 });
    set(t, &(struct settings_change){ .history_retain_audio = &yes, .history_max_entries = &two });
    check_ok(store_settings_get(t->library.store, &t->library.arena, &settings, &err), &err);
    struct history_policy policy = history_policy(t->history, &settings);
    assert_true(policy.is_enabled);
    assert_true(policy.keeps_audio);
    assert_int_equal(policy.entries_max, 2);
    assert_int_equal(policy.mb_max, 7);
    for (int i = 0; i < 4; i++)
        speak(t, 10);
    assert_int_equal(list(t).total, 2);
    check_rows_and_files(t);
    set(t, &(struct settings_change){ .history_max_entries = &zero, .history_enabled = &no });
    assert_null(record(t));
}

static void test_limits_hold_from_the_start_and_once_they_are_changed(void **state)
{
    struct studio *t = *state;
    const int64_t one = 1;

    for (int i = 0; i < 5; i++)
        speak(t, 600000);
    open_history(t,
                 &(struct history_policy){ .is_enabled = true, .keeps_audio = true, .mb_max = 2 });
    assert_int_equal(list(t).total, 3);
    check_rows_and_files(t);
    set(t, &(struct settings_change){ .history_max_entries = &one });
    history_trim(t->history);
    assert_int_equal(list(t).total, 1);
    check_rows_and_files(t);
}

static void test_audio_that_is_there_stays_when_no_more_is_kept(void **state)
{
    struct studio *t = *state;
    const bool no = false, yes = true;
    const char *old = speak(t, 10);

    set(t, &(struct settings_change){ .history_retain_audio = &no });
    history_trim(t->history);
    assert_null(get(t, speak(t, 10)).output_path);
    assert_int_equal(size_of(t, get(t, old).output_path), 10);
    set(t, &(struct settings_change){ .history_retain_audio = &yes });
    open_history(t, &(struct history_policy){ .is_enabled = true });
    assert_non_null(get(t, speak(t, 10)).output_path);
    assert_int_equal(count_files(t), 2);
    check_rows_and_files(t);
}

static void test_audio_that_is_there_stays_when_a_server_starts_that_keeps_none(void **state)
{
    struct studio *t = *state;
    const char *old = speak(t, 10);

    open_history(t, &(struct history_policy){ .is_enabled = true });
    assert_null(get(t, speak(t, 10)).output_path);
    assert_int_equal(size_of(t, get(t, old).output_path), 10);
    check_rows_and_files(t);
}

static void test_a_file_that_is_being_sent_may_go(void **state)
{
    struct studio *t = *state;
    const char *id = speak(t, 5000);
    char *path = library_path(&t->library, get(t, id).output_path);
    int fd = open(path, O_RDONLY);
    char bytes[5001];
    struct err err = { 0 };

    check_ok(history_delete(t->history, id, &err), &err);
    assert_int_equal(count_files(t), 0);
    assert_int_equal(read(fd, bytes, sizeof bytes), 5000);
    close(fd);
    free(path);
    assert_false(history_delete(t->history, id, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void test_each_change_is_told_and_grows_the_revision(void **state)
{
    struct studio *t = *state;
    int64_t first = history_revision(t->history), deleted;
    struct err err = { 0 };

    const char *id = speak(t, 10);
    speak(t, 10);
    int64_t second = history_revision(t->history);
    assert_true(second > first);
    assert_int_equal(t->changes, 2);
    check_ok(history_delete(t->history, id, &err), &err);
    int64_t third = history_revision(t->history);
    assert_true(third > second);
    check_ok(history_delete_all(t->history, &everything, &deleted, &err), &err);
    assert_int_equal(deleted, 1);
    assert_true(history_revision(t->history) > third);
    assert_int_equal(t->changes, 4);
    check_rows_and_files(t);
}

/* ---- transcripts and subtitles ---- */

static const char *add_transcript(struct studio *t, bool has_words)
{
    static const struct history_span words[] = {
        { "It", 0.5, 0.7 },
        { "was", 0.7, 1 },
        { "heard.", 1, 1.5 },
        { "Twice.", 2, 2.5 },
    };
    static const struct history_span segments[] = {
        { "It was heard.", 0.5, 1.5 },
        { "Twice.", 2, 2.5 },
    };
    const struct history_transcript transcript = {
        .text = "It was heard. Twice.",
        .filename = "Ünder way.wav",
        .engine = "moonshine",
        .model = "moonshine-tiny",
        .language = "en",
        .duration_s = 3,
        .segments = segments,
        .segment_count = COUNT(segments),
        .words = words,
        .word_count = has_words ? COUNT(words) : 0,
        .words_are_measured = true,
    };
    char id[ID_SIZE];
    struct err err = { 0 };

    check_ok(history_add_transcript(t->history, &transcript, id, &err), &err);
    return arena_strdup(&t->library.arena, id);
}

static void test_a_transcript_is_kept_with_its_segments_and_words(void **state)
{
    struct studio *t = *state;
    struct history_entry entry = get(t, add_transcript(t, true));
    struct history_spans spans;
    struct err err = { 0 };

    assert_int_equal(entry.type, HISTORY_STT);
    assert_string_equal(entry.input_filename, "Ünder way.wav");
    assert_string_equal(entry.full_text, "It was heard. Twice.");
    assert_true(entry.words_are_measured);
    check_ok(history_spans_parse(entry.segments, &t->library.arena, &spans, &err), &err);
    assert_int_equal(spans.count, 2);
    assert_string_equal(spans.items[1].text, "Twice.");
    check_ok(history_spans_parse(entry.words, &t->library.arena, &spans, &err), &err);
    assert_int_equal(spans.count, 4);
    assert_true(spans.items[3].end_s == 2.5);
    assert_int_equal(t->changes, 1);
}

/* Words are set into cues as those of any recording; segments stay apart. */
static void test_subtitles_follow_the_words_else_the_segments(void **state)
{
    static const struct {
        const char *name;
        bool has_words;
        const char *srt, *vtt_cue;
    } cases[] = {
        { "words", true, "1\n00:00:00,500 --> 00:00:03,000\nIt was heard. Twice.\n",
          "00:00:00.500 --> 00:00:03.000\nIt was heard. Twice." },
        { "segments", false,
          "1\n00:00:00,500 --> 00:00:01,500\nIt was heard.\n\n"
          "2\n00:00:02,000 --> 00:00:02,500\nTwice.\n",
          "00:00:02.000 --> 00:00:02.500\nTwice." },
    };
    struct studio *t = *state;
    struct err err = { 0 };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct history_entry entry = get(t, add_transcript(t, cases[i].has_words));
        struct buf text = BUF(CUE_FILE_LIMIT);

        check_ok(history_format_subtitles(&entry, HISTORY_SRT, &text, &err), &err);
        check_text(cases[i].name, text.data, cases[i].srt);
        buf_clear(&text);
        check_ok(history_format_subtitles(&entry, HISTORY_VTT, &text, &err), &err);
        check_case(cases[i].name, strncmp(text.data, "WEBVTT", 6) == 0);
        check_case(cases[i].name, strstr(text.data, cases[i].vtt_cue));
        buf_release(&text);
    }
}

/* ---- many at once ---- */

#define THREADS 8
#define EACH 12

static void *speak_and_delete(void *state)
{
    struct studio *t = state;
    struct err err = { 0 };

    for (int i = 0; i < EACH; i++) {
        struct history_recorder *recorder = record(t);
        char id[ID_SIZE];

        memcpy(id, history_recorder_id(recorder), sizeof id);
        for (int k = 0; k < 20; k++)
            history_recorder_write(recorder, TEXT, sizeof TEXT);
        if (i % 4 == 3) {
            history_recorder_drop(recorder);
            continue;
        }
        if (!history_recorder_keep(recorder, &by, &outcome, &err))
            abort();
        /* Retention may have been first. */
        if (i % 4 == 2 && !history_delete(t->history, id, &err) && err.kind != ERR_NOT_FOUND)
            abort();
        history_revision(t->history);
    }
    return NULL;
}

static void test_many_record_and_delete_at_once_within_the_limits(void **state)
{
    struct studio *t = *state;
    pthread_t threads[THREADS];

    open_history(
        t, &(struct history_policy){ .is_enabled = true, .keeps_audio = true, .entries_max = 10 });
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, speak_and_delete, t), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(list(t).total, 1, 10);
    check_rows_and_files(t);
}

static void *delete_one(void *state)
{
    struct studio *t = ((void **)state)[0];
    struct err err = { 0 };

    return (void *)(intptr_t)history_delete(t->history, ((char **)state)[1], &err);
}

static void test_of_many_that_delete_an_entry_one_has_done_it(void **state)
{
    struct studio *t = *state;
    void *work[] = { t, (void *)(uintptr_t)speak(t, 100) };
    pthread_t threads[THREADS];
    intptr_t done = 0;

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, delete_one, work), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(threads[i], &result);
        done += (intptr_t)result;
    }
    assert_int_equal(done, 1);
    check_rows_and_files(t);
}

/* ---- kills ---- */

#define KILLS 20

/* Speaks, keeps, deletes and outgrows its limits until it is killed; tells of each entry kept. */
static void speak_forever(struct studio *t, int told)
{
    library_open(&t->library);
    open_history(
        t, &(struct history_policy){ .is_enabled = true, .keeps_audio = true, .entries_max = 6 });
    for (;;) {
        struct history_recorder *recorder = record(t);
        struct err err = { 0 };
        char id[ID_SIZE];

        memcpy(id, history_recorder_id(recorder), sizeof id);
        for (int i = 0; i < 100; i++)
            history_recorder_write(recorder, TEXT TEXT TEXT TEXT, 4 * strlen(TEXT));
        if (!history_recorder_keep(recorder, &by, &outcome, &err) || write(told, id, sizeof id) < 0)
            _exit(1);
    }
}

static bool has_entry(struct studio *t, const char *id)
{
    struct history_list entries = list(t);

    for (int64_t i = 0; i < entries.count; i++)
        if (strcmp(entries.items[i].id, id) == 0)
            return true;
    return false;
}

static void test_a_kill_leaves_neither_files_without_rows_nor_rows_without_files(void **state)
{
    struct studio *t = *state;

    history_destroy(t->history);
    t->history = NULL;
    for (int round = 0; round < KILLS; round++) {
        char id[ID_SIZE] = "", last[ID_SIZE] = "";
        int ends[2], status;

        library_close(&t->library);
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            speak_forever(t, ends[1]);
        }
        close(ends[1]);
        for (int i = 0; i <= round % 8; i++)
            assert_int_equal(read(ends[0], last, sizeof last), sizeof last);
        kill(pid, SIGKILL);
        while (read(ends[0], id, sizeof id) == sizeof id)
            memcpy(last, id, sizeof last);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        close(ends[0]);

        library_open(&t->library);
        check_rows_and_files(t);
        assert_in_range(list(t).total, 1, 6);
        check_case("the last one it was told of is there", has_entry(t, last));
    }
}

#define history_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        history_test(test_what_is_kept_is_what_was_streamed),
        history_test(test_what_is_dropped_leaves_nothing),
        history_test(test_a_history_that_is_off_records_nothing_and_everything_accepts_that),
        history_test(test_without_audio_the_parameters_are_kept),
        history_test(test_words_are_kept_with_their_times),
        history_test(test_a_streamed_wav_says_how_long_it_is_once_it_is_kept),
        history_test(test_a_folder_that_takes_nothing_costs_the_audio_only),
        history_test(test_a_full_disk_costs_the_audio_only),
        history_test(test_audio_larger_than_the_whole_history_is_not_kept),
        history_test(test_settings_go_before_what_is_configured),
        history_test(test_limits_hold_from_the_start_and_once_they_are_changed),
        history_test(test_audio_that_is_there_stays_when_no_more_is_kept),
        history_test(test_audio_that_is_there_stays_when_a_server_starts_that_keeps_none),
        history_test(test_a_file_that_is_being_sent_may_go),
        history_test(test_each_change_is_told_and_grows_the_revision),
        history_test(test_a_transcript_is_kept_with_its_segments_and_words),
        history_test(test_subtitles_follow_the_words_else_the_segments),
        history_test(test_many_record_and_delete_at_once_within_the_limits),
        history_test(test_of_many_that_delete_an_entry_one_has_done_it),
        history_test(test_a_kill_leaves_neither_files_without_rows_nor_rows_without_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
