/* Any bytes as a merged decoder: its last step is taken out, or it is left alone. */

#include <stdint.h>
#include <stdlib.h>

#include "transcribe/token_scores.h"

#define REST_MAX ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf rest = BUF(REST_MAX);
    struct token_scores *scores = token_scores_take(data, size, &rest);

    if (scores) {
        float *hidden = xcalloc(token_scores_width(scores), sizeof *hidden);
        float *out = xcalloc(token_scores_count(scores), sizeof *out);

        token_scores_compute(scores, hidden, out);
        free(hidden);
        free(out);
    }
    token_scores_destroy(scores);
    buf_release(&rest);
    return 0;
}
