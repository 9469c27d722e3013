#pragma once

/*
 * Which word of a sentence does each sound belong to? eSpeak joins short words
 * ("of the" is one group, ʌvðə) and speaks others as several ("1984"), so its
 * groups are no words. The sounds of each word spoken alone are laid beside
 * those of the sentence by the cheapest edits (Wagner and Fischer 1974, within
 * a band about the diagonal), and each sound takes the word of its partner.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A symbol with the stress mark before it and the length and other marks behind it. */
struct sound {
    uint32_t symbol; /* ' ' between groups */
    uint32_t word;
    uint32_t start, end; /* its bytes in the string it was split from */
    bool is_vowel;
};

/* Splits a phoneme string; out has room for a sound a byte. Returns how many there are. */
size_t sounds_split(const char *phonemes, size_t length, struct sound *out);

/* Sets the word of each heard sound from the expected ones, whose words never decrease. */
void sounds_align(const struct sound *expected, size_t expected_count, struct sound *heard,
                  size_t heard_count);
