#pragma once

/*
 * What a client wants of a transcription: the fields of OpenAI's form, checked.
 *
 * What only other models could do (prompt, keywords, temperature above 0, the
 * cloud's thresholds) is accepted where it is well-formed, and changes nothing.
 * Pure; any thread.
 */

#include "base/json.h"
#include "transcribe/transcript.h"

/* As sent; NULL: the form does not have it. */
struct transcription_fields {
    const char *response_format, *language, *stream, *temperature, *save_history;
    const char *chunking_strategy; /* "auto", an object as JSON, or its "type" alone */
    const char *const *granularities, *const *languages, *const *include;
    size_t granularity_count, language_count, include_count;
};

struct transcription_wish {
    enum transcript_format format;
    const char *language; /* borrowed; NULL: any */
    struct transcript_detail detail;
    bool is_streamed; /* as events, while it is heard */
    bool is_kept;     /* in the history */
};

/* ERR_INVALID, naming the field. */
bool transcription_wish_read(const struct transcription_fields *fields,
                             struct transcription_wish *out, struct err *err) MUST_CHECK;
