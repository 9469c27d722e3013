#pragma once

/* The punctuation that models know, and what other scripts' marks become. Pure functions. */

#include <stdbool.h>
#include <stdint.h>

/* What a mark does to the flow of speech. */
enum punctuation_kind {
    PUNCTUATION_NONE,     /* no mark */
    PUNCTUATION_ENCLOSES, /* quotes and brackets */
    PUNCTUATION_CLAUSE,   /* , ; : — */
    PUNCTUATION_SENTENCE, /* . ! ? … */
};

struct punctuation {
    enum punctuation_kind kind;
    const char *symbol; /* UTF-8, of the marks Kokoro knows: "." for "。" */
    char plain;         /* . ? ! , ; : in ASCII, 0 for what encloses */
    bool is_foreign;    /* no space needs to follow it in its script; the symbol wants one */
};

/* The entry for a code point; kind is PUNCTUATION_NONE for what is no mark. */
struct punctuation punctuation_find(uint32_t code_point);
