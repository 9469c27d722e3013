#include "studio/subtitle.h"

#include "studio/subtitle_internal.h"

bool subtitle_add(struct cue_list *cues, const struct subtitle_speech *speech, struct err *err)
{
    struct subtitle_words words;

    if (!subtitle_words_make(&words, speech, err))
        return false;
    cue_list_add(cues, &words.words, speech->start_s, speech->duration_s);
    subtitle_words_release(&words);
    return true;
}
