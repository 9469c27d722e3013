#include "text/normalize.h"

#include <strings.h>

#include "text/normalize_internal.h"

typedef void pass_function(const struct origin_text *in, struct origin_text *out);

/* The order matters: entities hide characters of HTML, and HTML's blocks become Markdown's. */
static pass_function *const passes[] = {
    normalize_fold,
    normalize_html,
    normalize_marks,
    normalize_runs,
};

static bool is_english(const char *language)
{
    return strncasecmp(language, "en", 2) == 0 && (language[2] == '\0' || language[2] == '-');
}

/* text becomes what pass makes of it. */
static bool run_pass(pass_function *pass, struct origin_text *text, struct err *err)
{
    struct origin_text out;

    origin_text_init(&out, text->input_len);
    if (text->text.len > 0)
        pass(text, &out);
    origin_text_release(text);
    *text = out;
    return buf_ok(&text->text, "reading of the text", err);
}

bool normalize(const struct origin_text *in, const char *language, struct origin_text *out,
               struct err *err)
{
    struct origin_text text;
    bool is_done = true;

    origin_text_init(&text, in->input_len);
    origin_append_copy(&text, in, 0, in->text.len);
    for (size_t i = 0; i < COUNT(passes) && is_done; i++)
        is_done = run_pass(passes[i], &text, err);
    if (is_done && text.text.len > 0) {
        if (is_english(language))
            normalize_words(&text, strcasecmp(language, "en-gb") == 0, out);
        else
            origin_append_copy(out, &text, 0, text.text.len);
        is_done = buf_ok(&out->text, "reading of the text", err);
    }
    origin_text_release(&text);
    return is_done;
}
