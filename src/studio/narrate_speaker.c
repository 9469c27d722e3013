#include "studio/narrate.h"

static bool speak_to_file(void *state, const char *text, size_t length, const char *path,
                          const struct speech_file_options *options, struct word_list *words,
                          struct cancel *cancel, struct speech_report *report, struct err *err)
{
    return speaker_speak_to_file(state, text, length, path, options, words, cancel, report, err);
}

struct narrate_speech narrate_speech_of(struct speaker *speaker)
{
    struct engine *engine = speaker_engine(speaker);

    return (struct narrate_speech){
        .speak_to_file = speak_to_file,
        .state = speaker,
        .engine = engine_name(engine),
        .model = engine_model(engine),
        .voice = speaker_voice(speaker)->id,
    };
}
