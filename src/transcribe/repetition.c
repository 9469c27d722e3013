#include "transcribe/repetition.h"

/* People say "no, no, no, no": a loop is longer. */
#define ROUNDS_MIN 5
#define TOKENS_MIN 20
#define PERIOD_MAX 16

/* How many tokens at the end are equal to the one a period before. */
static size_t repeated(const int32_t *tokens, size_t count, size_t period)
{
    size_t n = 0;

    while (n + period < count && tokens[count - 1 - n] == tokens[count - 1 - n - period])
        n++;
    return n;
}

size_t repetition_cut(const int32_t *tokens, size_t count)
{
    for (size_t period = 1; period <= PERIOD_MAX; period++) {
        size_t n = repeated(tokens, count, period);

        if (n + period >= TOKENS_MIN && n >= (ROUNDS_MIN - 1) * period)
            return count - n;
    }
    return count;
}
