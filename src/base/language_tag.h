#pragma once

/*
 * Tags of languages as clients and voices write them (BCP 47: "en", "pt-BR",
 * "zh-Hans-CN"), and how well they fit each other. "_" is taken for "-", as many
 * programs write it; case does not matter. Pure; any thread.
 */

#include <stdbool.h>

#define LANGUAGE_TAG_MAX 64 /* bytes */

/* Does it look like a tag? */
bool language_tag_is_valid(const char *text);

/* How well a voice's language fits a tag: 0 for another language; else more for each further part
 * they share, and for a voice that has no part beyond these. */
int language_tag_fit(const char *voice_language, const char *tag);

/* "fr-fr" and "de-de": the country that the language has its name from. */
bool language_tag_is_home(const char *tag);
