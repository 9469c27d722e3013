#include "text/espeak_ng.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistd.h>

#include <espeak-ng/speak_lib.h>

#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"

#define VOICE_NAME_MAX 80 /* "gmw/en-GB-x-gbclan+RicishayMax2" and room */

/* The one mutable file-scope state of the front end: the library has one state a process, so what
 * we know of it is as global as it is. */
static struct {
    pthread_mutex_t lock; /* held over every call of the library */

    /* protected by lock */
    bool is_started;
    char voice[VOICE_NAME_MAX]; /* in force; setting it again leaks 1.3 kB in 1.51 */
    struct espeak_ng_voice *voices;
    size_t voice_count;
} library = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Tags that are not a voice's own language, or whose best voice is another one. Names are 1.51's:
 * plain "cmn" reads pinyin as English, "en-gb" and "fr-fr" are unknown by name. */
static const struct {
    const char *language, *voice;
} languages[] = {
    { "en", "gmw/en-US" },
    { "en-us", "gmw/en-US" },
    { "en-gb", "gmw/en" },
    { "en-uk", "gmw/en" },
    { "fr", "roa/fr" },
    { "fr-fr", "roa/fr" },
    { "es", "roa/es" },
    { "es-es", "roa/es" },
    { "pt", "roa/pt" },
    { "zh", "sit/cmn-Latn-pinyin" },
    { "cmn", "sit/cmn-Latn-pinyin" },
    { "zh-cn", "sit/cmn-Latn-pinyin" },
};

/* A folder with espeak-ng-data/phontab in it. */
static bool has_data(const char *folder)
{
    char *path = path_join(folder, "espeak-ng-data/phontab");
    bool found = file_exists(path);

    free(path);
    return found;
}

/* Where the data lies beside the program: bundled, or installed under the same prefix. NULL for
 * the library's own search, which looks at ESPEAK_DATA_PATH and its built-in path. */
static char *data_folder(void)
{
    static const char *const beside[] = { ".", "../share", "../lib" };
    const char *named = getenv("ESPEAK_DATA_PATH");
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

    if ((named && *named) || length <= 0)
        return NULL;
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < COUNT(beside); i++) {
        char *folder = path_join(program, beside[i]);

        if (has_data(folder))
            return folder;
        free(folder);
    }
    return NULL;
}

static int on_speech(short *samples, int count, espeak_EVENT *events);

/* libespeak-ng 1.51 opens a sound device at its start even when it shall only compute: libpcaudio
 * then asks PulseAudio, which makes a folder in the user's home and may start a server. The dynamic
 * linker takes this function of the program's for libpcaudio's (audio.h); none is an answer that
 * libespeak-ng knows from machines without sound. */
struct audio_object;
struct audio_object *create_audio_device_object(const char *device, const char *application,
                                                const char *description);
struct audio_object *create_audio_device_object(const char *device, const char *application,
                                                const char *description)
{
    (void)device, (void)application, (void)description;
    return NULL;
}

static bool start(struct err *err)
{
    if (library.is_started)
        return true;
    char *folder = data_folder();
    int rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, folder, espeakINITIALIZE_DONT_EXIT);
    free(folder);
    if (rate <= 0)
        return err_set(err, ERR_UNAVAILABLE,
                       "libespeak-ng cannot find its data folder espeak-ng-data. Install the "
                       "package espeak-ng-data, or set ESPEAK_DATA_PATH to the folder it is in.");
    if (rate != ESPEAK_NG_RATE_HZ)
        return err_set(err, ERR_UNAVAILABLE,
                       "libespeak-ng speaks at %d Hz where %d is expected. Install espeak-ng 1.51 "
                       "with its own espeak-ng-data.",
                       rate, ESPEAK_NG_RATE_HZ);
    espeak_SetSynthCallback(on_speech);
    library.is_started = true;
    return true;
}

/* A failed change would leave the former voice speaking, so it is always an error. */
static bool set_voice(const char *voice, struct err *err)
{
    if (!start(err))
        return false;
    if (strcmp(voice, library.voice) == 0)
        return true;
    library.voice[0] = '\0';
    if (strlen(voice) >= sizeof library.voice || espeak_SetVoiceByName(voice) != EE_OK)
        return err_set_param(err, ERR_INVALID, "voice",
                             "espeak-ng has no voice called \"%.*s\". Choose one that "
                             "`espeak-ng --voices` lists, such as gmw/en-US.",
                             VOICE_NAME_MAX, voice);
    memcpy(library.voice, voice, strlen(voice) + 1);
    return true;
}

bool espeak_ng_start(struct err *err)
{
    pthread_mutex_lock(&library.lock);
    bool ok = start(err);
    pthread_mutex_unlock(&library.lock);
    return ok;
}

static int compare_voices(const void *a, const void *b)
{
    const struct espeak_ng_voice *first = a, *second = b;

    return strcmp(first->id, second->id);
}

/* The library's own list is replaced at its next call of ListVoices, so copy it once. */
static void list_voices(void)
{
    const espeak_VOICE **list = espeak_ListVoices(NULL);
    size_t capacity = 0;

    while (list[library.voice_count]) {
        const espeak_VOICE *v = list[library.voice_count];

        ARRAY_GROW(library.voices, library.voice_count, capacity);
        library.voices[library.voice_count++] = (struct espeak_ng_voice){
            .id = xstrdup(v->identifier),
            .name = xstrdup(v->name),
            .language = xstrdup(v->languages + 1), /* behind its priority byte */
            .gender = v->gender == 2   ? "female"
                      : v->gender == 1 ? "male"
                                       : "",
        };
    }
    qsort(library.voices, library.voice_count, sizeof *library.voices, compare_voices);
}

bool espeak_ng_voices(const struct espeak_ng_voice **voices, size_t *count, struct err *err)
{
    pthread_mutex_lock(&library.lock);
    bool ok = start(err);
    if (ok && !library.voices)
        list_voices();
    *voices = library.voices;
    *count = library.voice_count;
    pthread_mutex_unlock(&library.lock);
    return ok;
}

/* The voice whose language is the first length letters of the tag. */
static const char *voice_of_language(const char *tag, size_t length,
                                     const struct espeak_ng_voice *voices, size_t count)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (strncasecmp(tag, languages[i].language, length) == 0 && !languages[i].language[length])
            return languages[i].voice;
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(tag, voices[i].language, length) == 0 && !voices[i].language[length])
            return voices[i].id;
    return NULL;
}

const char *espeak_ng_voice_for(const char *language, struct err *err)
{
    const struct espeak_ng_voice *voices;
    size_t count;

    if (!espeak_ng_voices(&voices, &count, err))
        return NULL;
    /* "de-at" is read as "de": drop subtags from the end until one is known. */
    for (size_t length = strlen(language); length > 0;) {
        const char *voice = voice_of_language(language, length, voices, count);

        if (voice)
            return voice;
        while (length > 0 && language[--length] != '-')
            ;
    }
    err_set_param(err, ERR_INVALID, "language",
                  "The language \"%.40s\" is not known. Use a tag such as en-us, en-gb, de or fr.",
                  language);
    return NULL;
}

/* Appends ipa without language-switch flags: "(en)", "(fr-fr)". The text's own brackets never come
 * out of the library. */
static void append_without_flags(struct buf *out, const char *ipa)
{
    while (*ipa) {
        if (*ipa == '(') {
            size_t flag = 1 + strspn(ipa + 1, "abcdefghijklmnopqrstuvwxyz0123456789-");

            if (flag > 1 && ipa[flag] == ')') {
                ipa += flag + 1;
                continue;
            }
        }
        buf_append_char(out, *ipa++);
    }
}

bool espeak_ng_phonemes(const char *voice, const char *text, uint32_t tie, struct buf *out,
                        struct err *err)
{
    int mode = espeakPHONEMES_IPA | (tie ? espeakPHONEMES_TIE | (int)tie << 8 : 0);
    const void *rest = text;
    size_t start_len = out->len;

    pthread_mutex_lock(&library.lock);
    bool ok = set_voice(voice, err);
    /* A call translates a clause. It must be drained: what is left would be read next time. */
    while (ok && rest) {
        const char *ipa = espeak_TextToPhonemes(&rest, espeakCHARS_UTF8, mode);

        if (!ipa || !*ipa)
            continue;
        if (out->len > start_len)
            buf_append_char(out, ' ');
        append_without_flags(out, ipa);
    }
    pthread_mutex_unlock(&library.lock);
    return ok && buf_ok(out, "phoneme string", err);
}

/* One espeak_ng_speak: what the library's callback needs, on its caller's stack. */
struct speaking {
    const struct espeak_ng_request *request;
    espeak_ng_sink *sink;
    void *sink_data;
    const struct cancel *cancel;
    size_t at, at_chars; /* how far positions in characters have been turned into bytes */
    size_t length;       /* of the text */
    size_t word_end;     /* of the last word told, in characters */
    bool is_stopped;
};

#define WORDS_AT_ONCE 16

/* The byte offset of a character; events come in order, so this only walks on. */
static size_t byte_offset(struct speaking *s, size_t chars)
{
    while (s->at_chars < chars && s->at < s->length) {
        utf8_next(s->request->text, s->length, &s->at);
        s->at_chars++;
    }
    return s->at;
}

static bool is_letter_or_digit(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
                                                   UC_CATEGORY_MASK_N);
}

/* The library gives no length for a word behind a quote of several bytes: then it is the run of
 * letters that comes next. */
static void find_word(const struct speaking *s, struct espeak_ng_word *word, size_t *chars)
{
    size_t at = word->start;

    *chars = 0;
    word->end = word->start;
    while (at < s->length) {
        uint32_t c = utf8_next(s->request->text, s->length, &at);

        if (is_letter_or_digit(c)) {
            word->end = at;
        } else if (c == ' ' || word->end > word->start) {
            break;
        } else {
            word->start = word->end = at;
        }
        ++*chars;
    }
}

/* A WORD event counts characters from 1. Events that go back (the further words of a number, an
 * empty one before a clause) tell nothing new. */
static bool word_of_event(struct speaking *s, const espeak_EVENT *event,
                          struct espeak_ng_word *word)
{
    if (event->type != espeakEVENT_WORD || event->length < 0 || event->text_position < 1 ||
        (size_t)event->text_position - 1 < s->word_end)
        return false;
    size_t first = (size_t)event->text_position - 1, chars = (size_t)event->length;
    word->start = word->end = byte_offset(s, first);
    for (size_t i = 0; i < chars && word->end < s->length; i++)
        utf8_next(s->request->text, s->length, &word->end);
    if (chars == 0)
        find_word(s, word, &chars);
    s->word_end = first + chars;
    word->frame = (size_t)event->audio_position * ESPEAK_NG_RATE_HZ / 1000;
    return word->end > word->start;
}

static int on_speech(short *samples, int count, espeak_EVENT *events)
{
    struct speaking *s = events->user_data;
    struct espeak_ng_word words[WORDS_AT_ONCE];
    size_t word_count = 0;

    if (!s || s->is_stopped)
        return 1;
    for (; events->type != espeakEVENT_LIST_TERMINATED; events++) {
        if (word_count == WORDS_AT_ONCE) {
            s->is_stopped = !s->sink(s->sink_data, NULL, 0, words, word_count);
            word_count = 0;
        }
        word_count += word_of_event(s, events, &words[word_count]);
    }
    size_t frames = samples && count > 0 ? (size_t)count : 0;
    if (!s->is_stopped && (frames || word_count))
        s->is_stopped = !s->sink(s->sink_data, samples, frames, words, word_count);
    if (cancel_is_requested(s->cancel))
        s->is_stopped = true;
    return s->is_stopped;
}

bool espeak_ng_speak(const struct espeak_ng_request *request, espeak_ng_sink *sink, void *sink_data,
                     const struct cancel *cancel, struct err *err)
{
    struct speaking s = { .request = request,
                          .sink = sink,
                          .sink_data = sink_data,
                          .cancel = cancel,
                          .length = strlen(request->text) };
    espeak_ERROR result = EE_OK;

    pthread_mutex_lock(&library.lock);
    bool ok = set_voice(request->voice, err);
    if (ok) {
        espeak_SetParameter(espeakRATE, request->rate_wpm, 0);
        espeak_SetParameter(espeakPITCH, request->pitch, 0);
        espeak_SetParameter(espeakRANGE, request->range, 0);
        espeak_SetParameter(espeakVOLUME, request->volume, 0);
        result = espeak_Synth(request->text, s.length + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8,
                              NULL, &s);
    }
    pthread_mutex_unlock(&library.lock);
    if (!ok)
        return false;
    if (s.is_stopped)
        return err_set(err, ERR_CANCELLED, "Cancelled.");
    if (result != EE_OK)
        return err_set(err, ERR_INTERNAL, "libespeak-ng failed to speak (code %d).", (int)result);
    return true;
}
