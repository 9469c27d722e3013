#include "studio/playlist.h"

/* A line end would begin another entry. */
static void append_line(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_append_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
    buf_append_char(out, '\n');
}

void playlist_format(const char *title, const struct playlist_entry *entries, size_t count,
                     struct buf *out)
{
    buf_append_str(out, "#EXTM3U\n#PLAYLIST:");
    append_line(out, title);
    for (size_t i = 0; i < count; i++) {
        /* Whole seconds: older players read no others. */
        buf_format(out, "#EXTINF:%.0f,", entries[i].seconds);
        append_line(out, entries[i].title);
        append_line(out, entries[i].file);
    }
}
