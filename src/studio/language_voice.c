#include "studio/language_voice.h"

#include <string.h>

#include "base/buf.h"
#include "base/language.h"
#include "base/language_tag.h"

#define NAMED_MAX 12 /* languages in a message */
#define TAG_BYTES_MAX 16

const char *language_voice(const struct engine_voices *voices, const char *tag,
                           const char *preferred)
{
    const char *best = NULL;
    int best_rank = 0;

    for (size_t i = 0; i < voices->count; i++) {
        const struct voice_info *voice = &voices->items[i];
        int fit = language_tag_fit(voice->language, tag), rank = 8 * fit;

        if (fit == 0)
            continue;
        if (preferred && strcmp(voice->id, preferred) == 0)
            rank += 4;
        if (strcmp(voice->id, voices->default_voice) == 0)
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

/* ---- all engines ---- */

static int fit_of(const struct engine_voices *voices, const char *id, const char *tag)
{
    for (size_t i = 0; i < voices->count; i++)
        if (strcmp(voices->items[i].id, id) == 0)
            return language_tag_fit(voices->items[i].language, tag);
    return 0;
}

/* The engine's best voice for the tag, of all its models: Piper has one for each language. */
static bool engine_speaker(struct engines *engines, struct arena *arena, const char *engine,
                           const char *tag, struct speaker_name *out)
{
    struct engine_voices voices;
    struct speech_models models;
    struct err why;
    int best = 0;

    engines_list_models(engines, arena, &models);
    for (size_t i = 0; i < models.count; i++) {
        const struct speech_model *model = &models.items[i];

        if (strcmp(model->engine, engine) != 0 ||
            !engines_list_model_voices(engines, engine, model->name, arena, &voices, &why))
            continue;
        const char *voice = language_voice(&voices, tag, NULL);
        int fit = voice ? fit_of(&voices, voice, tag) : 0;
        if (fit > best) {
            best = fit;
            *out = (struct speaker_name){ engine, model->name, voice };
        }
    }
    return best > 0;
}

static bool espeak_speaker(struct engines *engines, struct arena *arena, const char *tag,
                           struct speaker_name *out)
{
    struct engine_voices voices;
    struct err why;
    const char *voice = engines_list_voices(engines, ENGINE_ESPEAK, arena, &voices, &why)
                            ? language_voice(&voices, tag, NULL)
                            : NULL;

    if (voice)
        *out = (struct speaker_name){ ENGINE_ESPEAK, NULL, voice };
    return voice;
}

bool language_speaker(struct engines *engines, struct arena *arena, const char *tag,
                      struct speaker_name *out)
{
    struct err why;

    for (size_t i = 0; i < engine_count(); i++) {
        const char *engine = engine_name_at(i);

        if (strcmp(engine, ENGINE_ESPEAK) == 0) {
            if (espeak_speaker(engines, arena, tag, out))
                return true;
        } else if (engines_can_speak(engines, engine, &why) &&
                   engine_speaker(engines, arena, engine, tag, out)) {
            return true;
        }
    }
    return false;
}

/* ---- what is said where none can ---- */

struct naming {
    struct buf tags; /* "en, es, fr" */
    char named[NAMED_MAX][TAG_BYTES_MAX];
    size_t count;
    bool has_more;
};

static void name_language(struct naming *naming, const char *tag)
{
    size_t length = language_primary_length(tag);

    for (size_t i = 0; i < naming->count; i++)
        if (language_is_same(naming->named[i], tag))
            return;
    if (naming->count == NAMED_MAX || length >= TAG_BYTES_MAX) {
        naming->has_more = true;
        return;
    }
    char *named = naming->named[naming->count];
    memcpy(named, tag, length);
    named[length] = '\0';
    buf_format(&naming->tags, "%s%s", naming->count > 0 ? ", " : "", named);
    naming->count++;
}

static void name_all_languages(struct naming *naming, struct engines *engines, struct arena *arena)
{
    struct named_voices voices;

    names_list_voices(engines, arena, NULL, &voices);
    for (size_t i = 0; i < voices.count; i++)
        name_language(naming, voices.items[i].info->language);
}

bool language_refuse(struct engines *engines, struct arena *arena, const char *tag,
                     const struct engine_voices *only, struct err *err)
{
    struct naming naming = { .tags = BUF(NAMED_MAX * (TAG_BYTES_MAX + 2)) };

    for (size_t i = 0; only && i < only->count; i++)
        name_language(&naming, only->items[i].language);
    if (!only)
        name_all_languages(&naming, engines, arena);
    err_set_param(err, ERR_INVALID, "language", "%s no voice for \"%.40s\": there are %s%s.%s",
                  only ? arena_format(arena, "%s has", only->engine) : "There is", tag,
                  naming.tags.data,
                  naming.has_more ? " and more, which GET /v1/audio/voices lists" : "",
                  only ? " Name no engine and no model to let another one speak it." : "");
    buf_release(&naming.tags);
    return false;
}
