#pragma once

/*
 * The voices of one engine: a sorted list filled before the engine opens and
 * fixed from then on, and the blends made of them later, which are remembered
 * until it closes. Finding a voice for use loads its style table, once.
 *
 * voice_list_find may be called by several threads; the rest belongs to opening
 * and closing. A voice that was given out does not change any more.
 */

#include <pthread.h>
#include <stddef.h>

#include "engine/engine.h"
#include "engine/style.h"

#define VOICE_PARTS_MAX 16
#define VOICE_WEIGHT_MAX 100.0

/* A share of a blend. */
struct voice_part {
    const struct voice *voice;
    float weight; /* the parts' weights sum to 1; one may be below 0 */
};

struct voice {
    struct voice_info info; /* strings owned by the voice */
    char *espeak_voice;     /* overrides the language's eSpeak voice, or NULL; owned */
    int speaker;            /* Piper: the speaker's number in the model */
    double speed_factor;    /* Kitten: what the asked speed is multiplied by; else 1 */

    /* Where its style table is; style_path NULL: it has none. */
    char *style_path; /* owned */
    char *style_name; /* owned; NULL as in struct style_pick */
    size_t style_rows, style_index;

    /* Protected by the list's lock until set, then fixed. */
    struct style_table *styles; /* owned */

    /* A blend has these instead of a table. */
    struct voice_part *parts; /* owned */
    size_t part_count;
};

struct voice_list {
    /* set once, while opening */
    struct voice **items; /* owned, sorted by id after voice_list_finish */
    size_t count, capacity;
    struct voice *fallback; /* one of them */

    pthread_mutex_t lock; /* leaf */

    /* protected by lock */
    struct voice **blends; /* owned */
    size_t blend_count, blend_capacity;
    char *missed; /* the unknown id that was logged last; owned, or NULL */
};

void voice_list_init(struct voice_list *list);
void voice_list_release(struct voice_list *list);

/* A new voice in the list; the strings are copied. Set its other fields before finish. NULL when
 * the id is taken (the first stays), or none that could be told and asked for: no UTF-8, or with
 * control characters. */
struct voice *voice_list_add(struct voice_list *list, const char *id, const char *name,
                             const char *language, const char *gender);

/* Sorts the list and makes fallback the default voice, or the first one where it is not there. */
void voice_list_finish(struct voice_list *list, const char *fallback);

/* Takes the voices of a finished list that nobody has used yet; to is empty, from is so afterwards. */
void voice_list_take(struct voice_list *to, struct voice_list *from);

/* The voice as engine_voice promises. engine_name may stand in front of the id ("kokoro:"). */
const struct voice *voice_list_find(struct voice_list *list, const char *engine_name,
                                    const char *id, struct err *err);

/* Is the id, which may have the engine's name in front, one of these voices or a blend of them that can be
 * made? ERR_INVALID or ERR_UNSUPPORTED with the parameter "voice", else. Loads no styles. */
bool voice_list_check(struct voice_list *list, const char *engine_name, const char *id,
                      struct err *err);

/* Has it styles that can be mixed with others? */
bool voice_can_blend(const struct voice *voice);

/* The style for this many tokens, mixed for a blend. The voice has come from voice_list_find. */
void voice_style(const struct voice *voice, size_t tokens, float out[STYLE_COLUMNS]);
