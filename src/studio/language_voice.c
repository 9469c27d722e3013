#include "studio/language_voice.h"

#include <string.h>

#include "base/language_tag.h"

const char *language_voice(struct engine *engine, const char *tag, const char *preferred)
{
    struct err unknown = { 0 };
    const struct voice *by_default = engine_voice(engine, NULL, &unknown);
    const char *best = NULL;
    int best_rank = 0;

    for (size_t i = 0; i < engine_voice_count(engine); i++) {
        const struct voice_info *voice = engine_voice_at(engine, i);
        int fit = language_tag_fit(voice->language, tag), rank = 8 * fit;

        if (fit == 0)
            continue;
        if (preferred && strcmp(voice->id, preferred) == 0)
            rank += 4;
        if (by_default && voice_info(by_default)->id == voice->id)
            rank += 2;
        if (language_tag_is_home(voice->language))
            rank += 1;
        if (rank > best_rank) {
            best_rank = rank;
            best = voice->id;
        }
    }
    return best;
}
