#include "studio/narrate_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"

#define SLUG_MAX 40  /* bytes of a file name's words */
#define LABEL_MAX 60 /* bytes of a playlist title */
#define NUMBER_WIDTH_MIN 2

/* How recordings are made; raise it when they are made otherwise, so that none is kept. */
#define RECORDING_VERSION "1"

static bool is_between_words(uint32_t c, bool is_plain)
{
    if (is_plain)
        return !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N |
                                                        UC_CATEGORY_MASK_M);
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Z | UC_CATEGORY_MASK_C);
}

/* The first words of a text on one line, at most max bytes of them; one word longer than that is
 * cut. is_plain: letters and digits only, for file names; else what was cut off shows as "…". */
static char *first_words(const char *text, size_t length, size_t max, bool is_plain)
{
    struct buf out = BUF(max + sizeof "…");
    size_t whole = 0; /* bytes of whole words so far */
    bool is_cut = false;

    for (size_t at = 0; at < length && !is_cut;) {
        size_t start = at;
        uint32_t c = utf8_next(text, length, &at);
        bool ends_word = is_between_words(c, is_plain);

        if (is_plain && (c == '\'' || c == 0x2019)) /* don't: dont */
            continue;
        if (ends_word && (out.len == 0 || out.data[out.len - 1] == ' '))
            continue;
        if (ends_word)
            whole = out.len;
        is_cut = out.len + (at - start) > max;
        if (!is_cut)
            buf_append(&out, ends_word ? " " : text + start, ends_word ? 1 : at - start);
    }
    if (out.len > 0 && (out.data[out.len - 1] == ' ' || (is_cut && whole > 0)))
        out.data[out.len = whole] = '\0';
    if (is_cut && !is_plain)
        buf_append_str(&out, "…");
    return buf_take(&out);
}

static int number_width(size_t count)
{
    int width = snprintf(NULL, 0, "%zu", count);

    return width < NUMBER_WIDTH_MIN ? NUMBER_WIDTH_MIN : width;
}

/* Each field is preceded by its length, so that no two lists of fields look alike. */
static void append_field(struct buf *out, const char *bytes, size_t length)
{
    buf_format(out, "%zu:", length);
    buf_append(out, bytes, length);
}

static void append_text_field(struct buf *out, const char *text)
{
    append_field(out, text ? text : "", text ? strlen(text) : 0);
}

static void hash_segment(const struct document_segment *segment,
                         const struct narrate_speech *speech, char out[SHA256_HEX])
{
    struct buf fields = BUF(2 * (size_t)DOCUMENT_SEGMENT_LIMIT);

    append_text_field(&fields, RECORDING_VERSION);
    append_text_field(&fields, speech->engine);
    append_text_field(&fields, speech->model);
    append_text_field(&fields, speech->voice);
    buf_format(&fields, "%.17g:", speech->speed);
    append_text_field(&fields, speech->settings);
    append_field(&fields, segment->text, segment->length);
    sha256_bytes(fields.data, fields.len, out);
    buf_release(&fields);
}

static void make_item(struct plan_item *item, const struct document_segment *segment, size_t index,
                      int width, const struct narrate_speech *speech)
{
    char *words = first_words(segment->text, segment->length, SLUG_MAX, true);
    char *slug = path_slug(words, SLUG_MAX);

    item->file = str_format("%0*zu-%s.wav", width, index + 1, slug);
    item->label = first_words(segment->text, segment->length, LABEL_MAX, false);
    hash_segment(segment, speech, item->hash);
    free(slug);
    free(words);
}

/* By hash, then by name, so that equal segments keep their order. */
static int compare_rows(const void *left, const void *right)
{
    const struct narration_row *a = left, *b = right;
    int hashes = strcmp(a->hash, b->hash);

    return hashes != 0 ? hashes : strcmp(a->file, b->file);
}

static size_t first_row(const struct narration *old, const char *hash)
{
    size_t low = 0, high = old->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(old->rows[middle].hash, hash) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* taken[] keeps the order of old's rows intact while they move out. */
static void keep_row(struct plan *plan, struct plan_item *item, struct narration *old, bool *taken,
                     const char *folder)
{
    for (size_t k = first_row(old, item->hash);
         k < old->count && strcmp(old->rows[k].hash, item->hash) == 0; k++) {
        if (taken[k] || !narration_row_is_whole(&old->rows[k], folder))
            continue;
        item->row = old->rows[k];
        taken[k] = true;
        plan->kept++;
        return;
    }
}

static void drop_taken(struct narration *old, const bool *taken)
{
    size_t left = 0;

    for (size_t k = 0; k < old->count; k++)
        if (!taken[k])
            old->rows[left++] = old->rows[k];
    old->count = left;
}

void plan_make(struct plan *plan, const struct document *story, const struct narrate_speech *speech,
               struct narration *old, const char *folder, bool is_forced)
{
    int width = number_width(story->segment_count);
    bool *taken = xcalloc(old->count + 1, sizeof *taken);

    *plan = (struct plan){ .items = xcalloc(story->segment_count, sizeof *plan->items),
                           .count = story->segment_count };
    if (old->count > 0)
        qsort(old->rows, old->count, sizeof *old->rows, compare_rows);
    for (size_t i = 0; i < plan->count; i++) {
        make_item(&plan->items[i], &story->segments[i], i, width, speech);
        if (!is_forced)
            keep_row(plan, &plan->items[i], old, taken, folder);
    }
    drop_taken(old, taken);
    free(taken);
}

char *plan_subtitle_name(const char *file)
{
    size_t stem = strlen(file) - strlen(path_extension(file));

    return str_format("%.*ssrt", (int)stem, file);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The manifest must not claim for an old recording what will soon be a new one. */
static bool drop_overwritten(const struct plan *plan, struct narration *old)
{
    const char **names = xcalloc(plan->count, sizeof *names);
    size_t left = 0, before = old->count;

    for (size_t i = 0; i < plan->count; i++)
        names[i] = plan->items[i].file;
    qsort(names, plan->count, sizeof *names, compare_names);
    for (size_t k = 0; k < old->count; k++) {
        const char *name = old->rows[k].file;

        if (bsearch(&name, names, plan->count, sizeof *names, compare_names))
            narration_row_release(&old->rows[k]);
        else
            old->rows[left++] = old->rows[k];
    }
    old->count = left;
    free(names);
    return left != before;
}

static bool rename_row(struct narration_row *row, const char *name, const char *folder,
                       struct err *err)
{
    char *from = path_join(folder, row->file);
    char *to = path_join(folder, name);
    bool ok = rename(from, to) == 0 || err_system(err, "rename", from);

    if (ok) {
        free(row->file);
        row->file = xstrdup(name);
    }
    free(from);
    free(to);
    return ok;
}

/* Its new name gets new subtitles. */
static void remove_subtitle(const char *file, const char *folder)
{
    char *name = plan_subtitle_name(file);
    char *path = path_join(folder, name);

    unlink(path);
    free(path);
    free(name);
}

static bool is_misplaced(const struct plan_item *item)
{
    return item->row.file && strcmp(item->row.file, item->file) != 0;
}

/* Names may swap, so all go to names of their own first. The manifest is saved between: whenever
 * this stops, it claims no file that is another's; what it cannot find is spoken again. */
bool plan_move_files(struct plan *plan, struct narration *old, const char *folder,
                     bool *has_changed, struct err *err)
{
    size_t misplaced = 0, bytes;

    for (size_t i = 0; i < plan->count; i++) {
        struct plan_item *item = &plan->items[i];

        if (!is_misplaced(item))
            continue;
        char *name = str_format("%s.moving", item->file);
        remove_subtitle(item->row.file, folder);
        bool ok = rename_row(&item->row, name, folder, err);
        free(name);
        if (!ok)
            return false;
        misplaced++;
    }
    bool has_dropped = drop_overwritten(plan, old);
    if (misplaced == 0 && !has_dropped && plan->kept == plan->count)
        return true;
    *has_changed = true;
    if (!plan_save(plan, old, folder, &bytes, err))
        return false;
    for (size_t i = 0; i < plan->count; i++)
        if (is_misplaced(&plan->items[i]) &&
            !rename_row(&plan->items[i].row, plan->items[i].file, folder, err))
            return false;
    return misplaced == 0 || plan_save(plan, old, folder, &bytes, err);
}

bool plan_save(const struct plan *plan, const struct narration *old, const char *folder,
               size_t *bytes, struct err *err)
{
    struct narration all = *old; /* borrows its strings */

    all.rows = xcalloc(plan->count + old->count, sizeof *all.rows);
    all.count = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].row.file)
            all.rows[all.count++] = plan->items[i].row;
    for (size_t k = 0; k < old->count; k++)
        all.rows[all.count++] = old->rows[k];
    bool ok = narration_save(&all, folder, bytes, err);
    free(all.rows);
    return ok;
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->items[i].file);
        free(plan->items[i].label);
        narration_row_release(&plan->items[i].row);
    }
    free(plan->items);
    *plan = (struct plan){ 0 };
}
