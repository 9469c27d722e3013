#include "store/history.h"

#include "base/buf.h"
#include "stored.h"

static const struct history_limits no_limits = { 0 };
static const struct history_filter everything = { 0 };

static void add_entry(struct stored *t, const struct history_entry *entry,
                      const struct history_limits *limits)
{
    const char *staged = arena_format(&t->arena, "media/staged/%s", entry->id);

    check_ok(store_history_add(t->store, entry, staged, limits, &t->err), &t->err);
}

/* An entry of that text with so many bytes of audio; none with 0. */
static void add_speech(struct stored *t, const char *id, const char *text, int64_t bytes,
                       const struct history_limits *limits)
{
    const struct history_entry entry = {
        .id = id,
        .type = HISTORY_TTS,
        .engine = "espeak",
        .voice = "en-us",
        .speed = 1,
        .format = "mp3",
        .output_path = bytes ? arena_format(&t->arena, HISTORY_FOLDER "%s.mp3", id) : NULL,
        .output_bytes = bytes,
        .duration_s = 1.5,
        .full_text = text,
    };

    add_entry(t, &entry, limits);
}

static void add_transcript(struct stored *t, const char *id, const char *text, const char *filename)
{
    const struct history_entry entry = {
        .id = id,
        .type = HISTORY_STT,
        .full_text = text,
        .input_filename = filename,
        .segments = "[0,1000,\"x\"]",
    };

    add_entry(t, &entry, &no_limits);
}

static struct history_list list(struct stored *t, const struct history_filter *filter,
                                const struct page *page)
{
    struct history_list list;

    check_ok(store_history(t->store, &t->arena, filter, page, &list, &t->err), &t->err);
    return list;
}

/* The ids of a list, "c b a". */
static const char *ids(struct stored *t, const struct history_filter *filter,
                       const struct page *page)
{
    struct history_list entries = list(t, filter, page);
    const char *text = "";

    for (int64_t i = 0; i < entries.count; i++)
        text = arena_format(&t->arena, "%s%s%s", text, *text ? " " : "", entries.items[i].id);
    return text;
}

/* "rename a.mp3, remove b.mp3": what is to be done with files. */
static const char *operations(struct stored *t)
{
    struct file_operation_list pending = stored_operations(t);
    const char *text = "";

    for (size_t i = 0; i < pending.count; i++)
        text = arena_format(&t->arena, "%s%s%s %s", text, *text ? ", " : "",
                            pending.items[i].source ? "rename" : "remove",
                            pending.items[i].target + strlen(HISTORY_FOLDER));
    return text;
}

static void check_totals(struct stored *t)
{
    static const char WRONG[] =
        "SELECT count(*) FROM history_totals WHERE (entries, bytes) <>"
        " (SELECT count(*), coalesce(sum(output_bytes), 0) FROM history_entries)";

    assert_int_equal(stored_number(t, WRONG), 0);
}

static void test_an_entry_is_kept_as_it_was_given(void **state)
{
    struct stored *t = *state;
    const struct history_entry given = {
        .id = "a",
        .type = HISTORY_TTS,
        .engine = "kokoro",
        .model = "kokoro-82m",
        .voice = "af_bella",
        .speed = 1.25,
        .format = "opus",
        .language = "en-GB",
        .output_path = HISTORY_FOLDER "a.opus",
        .output_bytes = 4000,
        .duration_s = 2.5,
        .full_text = "It was read.",
        .words = "[0,100,\"It\"]",
        .words_are_measured = true,
    };
    struct history_entry entry;

    t->now = 9000;
    add_entry(t, &given, &no_limits);
    stored_reopen(t);
    check_ok(store_history_get(t->store, &t->arena, "a", &entry, &t->err), &t->err);
    assert_int_equal(entry.type, HISTORY_TTS);
    assert_int_equal(entry.created_at, 9000);
    assert_string_equal(entry.engine, "kokoro");
    assert_string_equal(entry.model, "kokoro-82m");
    assert_string_equal(entry.voice, "af_bella");
    assert_true(entry.speed == 1.25);
    assert_string_equal(entry.format, "opus");
    assert_string_equal(entry.language, "en-GB");
    assert_string_equal(entry.output_path, HISTORY_FOLDER "a.opus");
    assert_int_equal(entry.output_bytes, 4000);
    assert_true(entry.duration_s == 2.5);
    assert_string_equal(entry.text_preview, "It was read.");
    assert_string_equal(entry.full_text, "It was read.");
    assert_string_equal(entry.words, "[0,100,\"It\"]");
    assert_true(entry.words_are_measured);
    assert_null(entry.segments);
    assert_string_equal(operations(t), "rename a.opus");
    check_fails(store_history_get(t->store, &t->arena, "b", &entry, &t->err), &t->err,
                ERR_NOT_FOUND);
}

static void test_a_preview_ends_with_a_whole_character(void **state)
{
    struct stored *t = *state;
    struct buf text = BUF(4096);

    for (int i = 0; i < HISTORY_PREVIEW_CHARS + 10; i++)
        buf_append_str(&text, "é");
    add_speech(t, "a", text.data, 0, &no_limits);
    const char *preview = list(t, &everything, NULL).items[0].text_preview;
    assert_int_equal(strlen(preview), 2 * HISTORY_PREVIEW_CHARS);
    assert_memory_equal(preview, text.data, strlen(preview));
    buf_release(&text);
}

static void test_lists_show_the_newest_first_by_pages_and_types(void **state)
{
    static const enum history_type tts = HISTORY_TTS, stt = HISTORY_STT;
    struct stored *t = *state;
    const struct history_filter spoken = { .type = &tts }, heard = { .type = &stt };

    add_speech(t, "a", "one", 10, &no_limits);
    add_transcript(t, "b", "two", "b.wav");
    add_speech(t, "c", "three", 20, &no_limits);
    assert_string_equal(ids(t, &everything, NULL), "c b a");
    assert_string_equal(ids(t, &spoken, NULL), "c a");
    assert_string_equal(ids(t, &heard, NULL), "b");
    assert_string_equal(ids(t, &everything, &(struct page){ .offset = 1, .limit = 1 }), "b");
    assert_string_equal(ids(t, &spoken, &(struct page){ .offset = 1, .limit = 5 }), "a");
    assert_string_equal(ids(t, &spoken, &(struct page){ .offset = 9, .limit = 5 }), "");
    struct history_list page = list(t, &spoken, &(struct page){ .limit = 1 });
    assert_int_equal(page.count, 1);
    assert_int_equal(page.total, 2);
    assert_int_equal(page.bytes, 30);
}

static void test_a_search_finds_any_part_in_any_case_and_script(void **state)
{
    static const enum history_type stt = HISTORY_STT;
    static const struct {
        const char *search, *expected;
    } cases[] = {
        { "FOX", "d a" },
        { "x jump", "a" },
        { "straße", "b" },
        { "STRASSE", "b" },
        { "ПРИВЕТ", "c" },
        { "en-us", "c b a" },
        { "fox.wav", "d" },
        { "Fox", "d a" },
        { "100%", "b" },
        { "1%0", "" },
        { "_", "b" },
        { "f_x", "" },
        { "世", "c" },
        { "世界", "c" },
        { "\"", "c" },
        { "'", "a" },
        { "no such thing", "" },
        { "The fox\nen-us", "" },
    };
    struct stored *t = *state;

    add_speech(t, "a", "The fox jumps over it's dog", 0, &no_limits);
    add_speech(t, "b", "Die Straße_1 ist 100% lang", 0, &no_limits);
    add_speech(t, "c", "Привет, \"世界\"", 0, &no_limits);
    add_transcript(t, "d", "It was heard", "Fox.wav");
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].search,
                   ids(t, &(struct history_filter){ .search = cases[i].search }, NULL),
                   cases[i].expected);
    const struct history_filter heard = { .type = &stt, .search = "fox" };
    assert_string_equal(ids(t, &heard, NULL), "d");
    const struct history_filter fox = { .search = "fox" };
    struct history_list second = list(t, &fox, &(struct page){ .offset = 1, .limit = 1 });
    assert_int_equal(second.total, 2);
    assert_string_equal(second.items[0].id, "a");
}

static void test_entries_over_the_limit_go_with_their_files_the_oldest_first(void **state)
{
    struct stored *t = *state;
    const struct history_limits limits = { .entries_max = 2 };

    add_speech(t, "a", "one", 10, &limits);
    add_speech(t, "b", "two", 10, &limits);
    stored_settle_files(t);
    add_speech(t, "c", "three", 10, &limits);
    assert_string_equal(ids(t, &everything, NULL), "c b");
    assert_string_equal(operations(t), "rename c.mp3, remove a.mp3");
    check_ok(store_history_trim(t->store, &(struct history_limits){ .entries_max = 1 }, &t->err),
             &t->err);
    assert_string_equal(ids(t, &everything, NULL), "c");
    check_totals(t);
}

static void test_audio_over_the_limit_goes_with_its_entries_and_those_without_stay(void **state)
{
    struct stored *t = *state;
    const struct history_limits limits = { .bytes_max = 100 };

    add_speech(t, "a", "one", 0, &limits);
    add_speech(t, "b", "two", 50, &limits);
    add_transcript(t, "c", "three", NULL);
    add_speech(t, "d", "four", 50, &limits);
    assert_string_equal(ids(t, &everything, NULL), "d c b a"); /* 100 is not over 100 */
    add_speech(t, "e", "five", 60, &limits);
    assert_string_equal(ids(t, &everything, NULL), "e c a");
    assert_int_equal(list(t, &everything, NULL).bytes, 60);
    add_speech(t, "f", "six", 500, &limits);
    assert_string_equal(ids(t, &everything, NULL), "c a");
    check_totals(t);
}

static void test_deleting_asks_for_the_files_removal_even_before_it_is_in_its_place(void **state)
{
    struct stored *t = *state;

    add_speech(t, "a", "one", 10, &no_limits);
    check_ok(store_history_delete(t->store, "a", &t->err), &t->err);
    assert_string_equal(operations(t), "rename a.mp3, remove a.mp3");
    check_fails(store_history_delete(t->store, "a", &t->err), &t->err, ERR_NOT_FOUND);
    check_totals(t);
}

static void test_deleting_all_takes_what_matches(void **state)
{
    static const enum history_type stt = HISTORY_STT;
    struct stored *t = *state;
    int64_t deleted;

    add_speech(t, "a", "a fox", 10, &no_limits);
    add_speech(t, "b", "a hare", 10, &no_limits);
    add_transcript(t, "c", "a fox", NULL);
    const struct history_filter none = { .type = &stt, .search = "hare" };
    check_ok(store_history_delete_all(t->store, &none, &deleted, &t->err), &t->err);
    assert_int_equal(deleted, 0);
    const struct history_filter fox = { .search = "FOX" };
    check_ok(store_history_delete_all(t->store, &fox, &deleted, &t->err), &t->err);
    assert_int_equal(deleted, 2);
    assert_string_equal(ids(t, &everything, NULL), "b");
    check_ok(store_history_delete_all(t->store, &everything, &deleted, &t->err), &t->err);
    assert_int_equal(deleted, 1);
    check_totals(t);
    assert_int_equal(list(t, &everything, NULL).bytes, 0);
}

static void test_a_failed_addition_leaves_nothing(void **state)
{
    struct stored *t = *state;
    int64_t before, after;

    add_speech(t, "a", "one", 10, &no_limits);
    stored_settle_files(t);
    check_ok(store_history_revision(t->store, &before, &t->err), &t->err);
    const struct history_entry same = {
        .id = "a", .type = HISTORY_TTS, .full_text = "two", .output_path = HISTORY_FOLDER "b.mp3"
    };
    check_fails(store_history_add(t->store, &same, "media/staged/b", &no_limits, &t->err), &t->err,
                ERR_INTERNAL);
    check_ok(store_history_revision(t->store, &after, &t->err), &t->err);
    assert_int_equal(before, after);
    assert_string_equal(operations(t), "");
    check_totals(t);
    check_ok(store_history_delete(t->store, "a", &t->err), &t->err);
    check_ok(store_history_revision(t->store, &after, &t->err), &t->err);
    assert_true(after > before);
}

#define MANY 10000

static void test_ten_thousand_entries_are_searched_trimmed_and_deleted(void **state)
{
    static const char FILL[] =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
        " INSERT INTO history_entries (id, type, created_at, duration_s, text_preview,"
        "  words_are_measured, output_path, output_bytes, search_text, full_text)"
        " SELECT 'id' || i, 'tts', i, 1, 'text', 0, 'assets/history/' || i, 1000,"
        "  'number ' || i || '. ' || printf('%.*c', 300, 'x'), 'text' FROM n";
    struct stored *t = *state;
    const struct history_filter filter = { .search = "Number 7777." };
    const struct page page = { .limit = 50 };
    int64_t deleted;

    assert_int_equal(stored_number(t, FILL), -1);
    assert_string_equal(ids(t, &filter, &page), "id7777");
    assert_int_equal(list(t, &everything, &page).total, MANY);
    check_ok(
        store_history_trim(t->store, &(struct history_limits){ .bytes_max = 5000000 }, &t->err),
        &t->err);
    assert_int_equal(list(t, &everything, &page).total, MANY / 2);
    check_ok(store_history_delete_all(t->store, &everything, &deleted, &t->err), &t->err);
    assert_int_equal(deleted, MANY / 2);
    check_totals(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        stored_test(test_an_entry_is_kept_as_it_was_given),
        stored_test(test_a_preview_ends_with_a_whole_character),
        stored_test(test_lists_show_the_newest_first_by_pages_and_types),
        stored_test(test_a_search_finds_any_part_in_any_case_and_script),
        stored_test(test_entries_over_the_limit_go_with_their_files_the_oldest_first),
        stored_test(test_audio_over_the_limit_goes_with_its_entries_and_those_without_stay),
        stored_test(test_deleting_asks_for_the_files_removal_even_before_it_is_in_its_place),
        stored_test(test_deleting_all_takes_what_matches),
        stored_test(test_a_failed_addition_leaves_nothing),
        stored_test(test_ten_thousand_entries_are_searched_trimmed_and_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
