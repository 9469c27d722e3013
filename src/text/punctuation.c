#include "text/punctuation.h"

#include "base/alloc.h"

static const struct {
    uint32_t code_point;
    struct punctuation mark;
} marks[] = {
    { '!', { PUNCTUATION_SENTENCE, "!", '!', false } },
    { '"', { PUNCTUATION_ENCLOSES, "\"", 0, false } },
    { '(', { PUNCTUATION_ENCLOSES, "(", 0, false } },
    { ')', { PUNCTUATION_ENCLOSES, ")", 0, false } },
    { ',', { PUNCTUATION_CLAUSE, ",", ',', false } },
    { '.', { PUNCTUATION_SENTENCE, ".", '.', false } },
    { ':', { PUNCTUATION_CLAUSE, ":", ':', false } },
    { ';', { PUNCTUATION_CLAUSE, ";", ';', false } },
    { '?', { PUNCTUATION_SENTENCE, "?", '?', false } },
    { '[', { PUNCTUATION_ENCLOSES, "[", 0, false } },
    { ']', { PUNCTUATION_ENCLOSES, "]", 0, false } },
    { '{', { PUNCTUATION_ENCLOSES, "{", 0, false } },
    { '}', { PUNCTUATION_ENCLOSES, "}", 0, false } },
    { 0xA1, { PUNCTUATION_ENCLOSES, "¡", 0, false } },
    { 0xAB, { PUNCTUATION_ENCLOSES, "«", 0, false } },
    { 0xBB, { PUNCTUATION_ENCLOSES, "»", 0, false } },
    { 0xBF, { PUNCTUATION_ENCLOSES, "¿", 0, false } },
    { 0x589, { PUNCTUATION_SENTENCE, ".", '.', false } }, /* Armenian full stop */
    { 0x60C, { PUNCTUATION_CLAUSE, ",", ',', false } },   /* Arabic */
    { 0x61B, { PUNCTUATION_CLAUSE, ";", ';', false } },
    { 0x61F, { PUNCTUATION_SENTENCE, "?", '?', false } },
    { 0x6D4, { PUNCTUATION_SENTENCE, ".", '.', false } }, /* Urdu */
    { 0x964, { PUNCTUATION_SENTENCE, ".", '.', false } }, /* Devanagari dandas */
    { 0x965, { PUNCTUATION_SENTENCE, ".", '.', false } },
    { 0x104A, { PUNCTUATION_CLAUSE, ",", ',', true } }, /* Myanmar */
    { 0x104B, { PUNCTUATION_SENTENCE, ".", '.', true } },
    { 0x1362, { PUNCTUATION_SENTENCE, ".", '.', false } }, /* Ethiopic */
    { 0x17D4, { PUNCTUATION_SENTENCE, ".", '.', false } }, /* Khmer */
    { 0x2014, { PUNCTUATION_CLAUSE, "—", ',', false } },
    { 0x201C, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x201D, { PUNCTUATION_ENCLOSES, "”", 0, false } },
    { 0x201E, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x2026, { PUNCTUATION_SENTENCE, "…", '.', false } },
    { 0x203C, { PUNCTUATION_SENTENCE, "!", '!', false } },
    { 0x203D, { PUNCTUATION_SENTENCE, "?", '?', false } },
    { 0x3001, { PUNCTUATION_CLAUSE, ",", ',', true } }, /* CJK and full-width forms */
    { 0x3002, { PUNCTUATION_SENTENCE, ".", '.', true } },
    { 0x3008, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x3009, { PUNCTUATION_ENCLOSES, "”", 0, false } },
    { 0x300A, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x300B, { PUNCTUATION_ENCLOSES, "”", 0, false } },
    { 0x300C, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x300D, { PUNCTUATION_ENCLOSES, "”", 0, false } },
    { 0x300E, { PUNCTUATION_ENCLOSES, "“", 0, false } },
    { 0x300F, { PUNCTUATION_ENCLOSES, "”", 0, false } },
    { 0x3010, { PUNCTUATION_ENCLOSES, "(", 0, false } },
    { 0x3011, { PUNCTUATION_ENCLOSES, ")", 0, false } },
    { 0xFF01, { PUNCTUATION_SENTENCE, "!", '!', true } },
    { 0xFF08, { PUNCTUATION_ENCLOSES, "(", 0, false } },
    { 0xFF09, { PUNCTUATION_ENCLOSES, ")", 0, false } },
    { 0xFF0C, { PUNCTUATION_CLAUSE, ",", ',', true } },
    { 0xFF0E, { PUNCTUATION_SENTENCE, ".", '.', true } },
    { 0xFF1A, { PUNCTUATION_CLAUSE, ":", ':', true } },
    { 0xFF1B, { PUNCTUATION_CLAUSE, ";", ';', true } },
    { 0xFF1F, { PUNCTUATION_SENTENCE, "?", '?', true } },
    { 0xFF61, { PUNCTUATION_SENTENCE, ".", '.', true } },
};

struct punctuation punctuation_find(uint32_t code_point)
{
    size_t low = 0, high = COUNT(marks);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (marks[middle].code_point == code_point)
            return marks[middle].mark;
        if (marks[middle].code_point < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct punctuation){ PUNCTUATION_NONE, "", 0, false };
}
