/* Any bytes as a text to read: English and not, once and again. A reading is valid UTF-8, its
 * origins never decrease and lie in the input, no marker is made up or lost, and no space or
 * newline is doubled beyond a paragraph's. */

#include <stdint.h>

#include "base/utf8.h"
#include "text/normalize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t marker_count(const struct origin_text *t)
{
    size_t count = 0;

    for (size_t at = 0; at < t->text.len;) {
        uint32_t c = utf8_next(t->text.data, t->text.len, &at);
        count += c >= 0xE000 && c <= 0xF8FF;
    }
    return count;
}

static void check_spaces(const struct origin_text *out)
{
    const char *text = out->text.data;
    size_t length = out->text.len;

    if (length == 0)
        return;
    if (strchr(" \n", text[0]) || strchr(" \n", text[length - 1]))
        abort();
    if (strstr(text, "  ") || strstr(text, " \n") || strstr(text, "\n ") || strstr(text, "\n\n\n"))
        abort();
}

static void check(const struct origin_text *in, const struct origin_text *out)
{
    struct err err = { 0 };

    if (out->text.len > 0 && !utf8_check(out->text.data, out->text.len, "reading", &err))
        abort();
    for (size_t i = 0; i < out->text.len; i++) {
        if (out->origin[i] > in->input_len || (i > 0 && out->origin[i] < out->origin[i - 1]))
            abort();
    }
    if (marker_count(out) > marker_count(in))
        abort();
    check_spaces(out);
}

static void read_as(const struct origin_text *in, const char *language)
{
    struct origin_text out, again;
    struct err err = { 0 };

    origin_text_init(&out, in->input_len);
    origin_text_init(&again, in->input_len);
    if (normalize(in, language, &out, &err)) {
        check(in, &out);
        if (normalize(&out, language, &again, &err))
            check(in, &again);
    }
    origin_text_release(&again);
    origin_text_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct origin_text in;
    struct err err = { 0 };

    if (origin_from_input(&in, (const char *)data, size, &err)) {
        read_as(&in, "en-us");
        read_as(&in, "en-gb");
        read_as(&in, "fr");
    }
    origin_text_release(&in);
    return 0;
}
