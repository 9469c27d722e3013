#include "base/language.h"

#include <string.h>
#include <strings.h>

/* ISO 639, with the codes of eSpeak's that have no country's name in them. */
static const struct {
    const char *code, *name;
} languages[] = {
    { "af", "Afrikaans" },
    { "am", "Amharic" },
    { "an", "Aragonese" },
    { "ar", "Arabic" },
    { "as", "Assamese" },
    { "az", "Azerbaijani" },
    { "ba", "Bashkir" },
    { "be", "Belarusian" },
    { "bg", "Bulgarian" },
    { "bn", "Bengali" },
    { "bpy", "Bishnupriya Manipuri" },
    { "br", "Breton" },
    { "bs", "Bosnian" },
    { "ca", "Catalan" },
    { "chr", "Cherokee" },
    { "cmn", "Mandarin Chinese" },
    { "cs", "Czech" },
    { "cv", "Chuvash" },
    { "cy", "Welsh" },
    { "da", "Danish" },
    { "de", "German" },
    { "el", "Greek" },
    { "en", "English" },
    { "eo", "Esperanto" },
    { "es", "Spanish" },
    { "et", "Estonian" },
    { "eu", "Basque" },
    { "fa", "Persian" },
    { "fi", "Finnish" },
    { "fil", "Filipino" },
    { "fo", "Faroese" },
    { "fr", "French" },
    { "fy", "West Frisian" },
    { "ga", "Irish" },
    { "gd", "Scottish Gaelic" },
    { "gl", "Galician" },
    { "gn", "Guarani" },
    { "grc", "Ancient Greek" },
    { "gu", "Gujarati" },
    { "hak", "Hakka Chinese" },
    { "haw", "Hawaiian" },
    { "he", "Hebrew" },
    { "hi", "Hindi" },
    { "hr", "Croatian" },
    { "ht", "Haitian Creole" },
    { "hu", "Hungarian" },
    { "hy", "Armenian" },
    { "ia", "Interlingua" },
    { "id", "Indonesian" },
    { "io", "Ido" },
    { "is", "Icelandic" },
    { "it", "Italian" },
    { "ja", "Japanese" },
    { "jbo", "Lojban" },
    { "jv", "Javanese" },
    { "ka", "Georgian" },
    { "kk", "Kazakh" },
    { "kl", "Greenlandic" },
    { "km", "Khmer" },
    { "kn", "Kannada" },
    { "ko", "Korean" },
    { "kok", "Konkani" },
    { "ku", "Kurdish" },
    { "ky", "Kyrgyz" },
    { "la", "Latin" },
    { "lb", "Luxembourgish" },
    { "lfn", "Lingua Franca Nova" },
    { "lo", "Lao" },
    { "lt", "Lithuanian" },
    { "ltg", "Latgalian" },
    { "lv", "Latvian" },
    { "mg", "Malagasy" },
    { "mi", "Maori" },
    { "mk", "Macedonian" },
    { "ml", "Malayalam" },
    { "mn", "Mongolian" },
    { "mr", "Marathi" },
    { "ms", "Malay" },
    { "mt", "Maltese" },
    { "mto", "Totontepec Mixe" },
    { "my", "Burmese" },
    { "nb", "Norwegian" },
    { "nci", "Classical Nahuatl" },
    { "ne", "Nepali" },
    { "nl", "Dutch" },
    { "nn", "Norwegian Nynorsk" },
    { "no", "Norwegian" },
    { "nog", "Nogai" },
    { "om", "Oromo" },
    { "or", "Odia" },
    { "pa", "Punjabi" },
    { "pap", "Papiamento" },
    { "piqd", "Klingon" },
    { "pl", "Polish" },
    { "ps", "Pashto" },
    { "pt", "Portuguese" },
    { "py", "Pyash" },
    { "qdb", "Lang Belta" },
    { "qu", "Quechua" },
    { "quc", "K'iche'" },
    { "qya", "Quenya" },
    { "ro", "Romanian" },
    { "ru", "Russian" },
    { "sa", "Sanskrit" },
    { "sd", "Sindhi" },
    { "shn", "Shan" },
    { "si", "Sinhala" },
    { "sjn", "Sindarin" },
    { "sk", "Slovak" },
    { "sl", "Slovenian" },
    { "smj", "Lule Sami" },
    { "sn", "Shona" },
    { "so", "Somali" },
    { "sq", "Albanian" },
    { "sr", "Serbian" },
    { "su", "Sundanese" },
    { "sv", "Swedish" },
    { "sw", "Swahili" },
    { "ta", "Tamil" },
    { "te", "Telugu" },
    { "tg", "Tajik" },
    { "th", "Thai" },
    { "ti", "Tigrinya" },
    { "tk", "Turkmen" },
    { "tl", "Tagalog" },
    { "tn", "Tswana" },
    { "tr", "Turkish" },
    { "tt", "Tatar" },
    { "ug", "Uyghur" },
    { "uk", "Ukrainian" },
    { "ur", "Urdu" },
    { "uz", "Uzbek" },
    { "vi", "Vietnamese" },
    { "xh", "Xhosa" },
    { "yi", "Yiddish" },
    { "yo", "Yoruba" },
    { "yue", "Cantonese" },
    { "zh", "Chinese" },
    { "zu", "Zulu" },
};

size_t language_primary_length(const char *tag)
{
    return strcspn(tag, "-_");
}

bool language_is_same(const char *tag, const char *other)
{
    size_t length = language_primary_length(tag);

    return length == language_primary_length(other) && strncasecmp(tag, other, length) == 0;
}

const char *language_name(const char *tag)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (language_is_same(tag, languages[i].code))
            return languages[i].name;
    return tag;
}

const char *language_code(const char *name)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (strcasecmp(name, languages[i].name) == 0)
            return languages[i].code;
    return NULL;
}
