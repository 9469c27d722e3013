#include "cmd/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

#define REDRAW_S 0.1
#define LINE_S 5.0
#define LINE_FRACTION 0.1
#define RATE_AFTER_S 0.5 /* earlier rates are noise */
#define BAR_WIDTH 24
#define COLUMNS_DEFAULT 80
#define COLUMNS_LEAST 20
#define MEGABYTE 1e6
#define CLEAR_LINE "\r\033[K"

struct progress {
    struct progress_output output;
    bool is_quiet;
    char *label;

    /* of this label */
    double fraction; /* below 0: not known */
    uint64_t done, total;
    double started;        /* 0: nothing counted yet */
    double first_fraction; /* what was there already, which the rate leaves out */
    uint64_t first_done;

    double shown; /* when something was printed last; at first, when it began */
    double line_fraction;
    bool is_on_line; /* the terminal's line is ours */
};

static bool stderr_is_terminal(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void set_label(struct progress *progress, const char *label)
{
    char *copy = xstrdup(label);

    free(progress->label);
    progress->label = copy;
    progress->fraction = -1;
    progress->first_fraction = 0;
    progress->done = progress->total = progress->first_done = 0;
    progress->started = 0;
    progress->line_fraction = 0;
}

struct progress *progress_create_on(const struct progress_output *output, const char *label)
{
    struct progress *progress = xcalloc(1, sizeof *progress);

    progress->output = *output;
    progress->shown = output->now();
    set_label(progress, label);
    return progress;
}

struct progress *progress_create(const char *label, bool is_quiet)
{
    const struct progress_output output = { .file = stderr,
                                            .is_terminal = stderr_is_terminal(),
                                            .now = clock_seconds };
    struct progress *progress = progress_create_on(&output, label);

    progress->is_quiet = is_quiet;
    return progress;
}

static void clear_line(struct progress *progress)
{
    if (progress->is_on_line)
        fputs(CLEAR_LINE, progress->output.file);
    progress->is_on_line = false;
}

void progress_destroy(struct progress *progress)
{
    if (!progress)
        return;
    clear_line(progress);
    fflush(progress->output.file);
    free(progress->label);
    free(progress);
}

static int columns(const struct progress *progress)
{
    struct winsize size;

    if (progress->output.columns)
        return progress->output.columns;
    if (ioctl(fileno(progress->output.file), TIOCGWINSZ, &size) != 0 || size.ws_col < COLUMNS_LEAST)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

static void format_time(struct buf *out, double seconds)
{
    unsigned long s = (unsigned long)(seconds + 0.5);

    if (s >= 3600)
        buf_format(out, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        buf_format(out, "%lu:%02lu", s / 60, s % 60);
}

/* "37 %, 120.5 of 325.5 MB, 24.1 MB/s, 0:09 left": what is known of it. */
static void format_state(const struct progress *progress, struct buf *out)
{
    double elapsed = progress->output.now() - progress->started;
    double gained = progress->fraction - progress->first_fraction;

    if (progress->fraction >= 0)
        buf_format(out, "%3.0f %%", progress->fraction * 100);
    if (progress->total)
        buf_format(out, ", %.1f of %.1f MB", (double)progress->done / MEGABYTE,
                   (double)progress->total / MEGABYTE);
    else if (progress->done)
        buf_format(out, "%.1f MB", (double)progress->done / MEGABYTE);
    if (elapsed < RATE_AFTER_S)
        return;
    if (progress->done > progress->first_done)
        buf_format(out, ", %.1f MB/s",
                   (double)(progress->done - progress->first_done) / MEGABYTE / elapsed);
    if (gained > 0 && progress->fraction < 1) {
        buf_append_str(out, ", ");
        format_time(out, elapsed * (1 - progress->fraction) / gained);
        buf_append_str(out, " left");
    }
}

static void format_bar(double fraction, struct buf *out)
{
    int filled = (int)(fraction * BAR_WIDTH + 0.5);

    buf_append_char(out, '[');
    for (int i = 0; i < BAR_WIDTH; i++)
        buf_append_char(out, i < filled ? '=' : ' ');
    buf_append_str(out, "] ");
}

/* Cut to the terminal's width: a line that wraps cannot be redrawn. */
static void draw(struct progress *progress)
{
    struct buf line = BUF(4096);
    struct buf state = BUF(256);
    size_t width = (size_t)columns(progress) - 1;
    size_t at = 0;

    format_state(progress, &state);
    buf_format(&line, "%s ", progress->label);
    if (progress->fraction >= 0 &&
        utf8_chars(line.data, line.len) + BAR_WIDTH + 3 + state.len <= width)
        format_bar(progress->fraction, &line);
    buf_append(&line, state.data ? state.data : "", state.len);
    for (size_t n = 0; n < width && at < line.len; n++)
        utf8_next(line.data, line.len, &at);
    fprintf(progress->output.file, CLEAR_LINE "%.*s", (int)at, line.data);
    fflush(progress->output.file);
    progress->is_on_line = true;
    buf_release(&state);
    buf_release(&line);
}

static void print_line(struct progress *progress)
{
    struct buf state = BUF(256);

    format_state(progress, &state);
    fprintf(progress->output.file, "%s%s%s\n", progress->label, state.len ? ": " : "",
            state.len ? state.data : "");
    fflush(progress->output.file);
    progress->line_fraction = progress->fraction;
    buf_release(&state);
}

static void show(struct progress *progress)
{
    double since = progress->output.now() - progress->shown;
    bool is_far =
        progress->fraction < 0 || progress->fraction >= progress->line_fraction + LINE_FRACTION;

    if (progress->is_quiet)
        return;
    if (progress->output.is_terminal) {
        if (progress->is_on_line && since < REDRAW_S && progress->fraction < 1)
            return;
        draw(progress);
    } else {
        if (since < LINE_S || !is_far)
            return;
        print_line(progress);
    }
    progress->shown = progress->output.now();
}

void progress_label(struct progress *progress, const char *label)
{
    set_label(progress, label);
    clear_line(progress); /* so that the new one is drawn at once */
    show(progress);
}

static void begin_counting(struct progress *progress)
{
    if (progress->started > 0)
        return;
    progress->started = progress->output.now();
    progress->first_fraction = progress->fraction;
    progress->first_done = progress->done;
}

void progress_fraction(struct progress *progress, double fraction)
{
    progress->fraction = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    begin_counting(progress);
    show(progress);
}

void progress_bytes(struct progress *progress, uint64_t done, uint64_t total)
{
    progress->done = done;
    progress->total = total;
    progress->fraction = !total ? -1 : done >= total ? 1 : (double)done / (double)total;
    begin_counting(progress);
    show(progress);
}

void progress_note(struct progress *progress, const char *format, ...)
{
    va_list args;

    if (progress->is_quiet)
        return;
    clear_line(progress);
    va_start(args, format);
    vfprintf(progress->output.file, format, args);
    va_end(args);
    fputc('\n', progress->output.file);
    fflush(progress->output.file);
}
