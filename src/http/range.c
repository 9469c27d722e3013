#include "http/range.h"

#include <stdbool.h>
#include <strings.h>

/* Ranges with a smaller gap become one: a part's head costs about as much (RFC 9110, 15.3.7.2). */
#define GAP_MAX 80

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* The digits at *at; more than fit are the largest number, which lies behind every end. */
static bool parse_digits(const char **at, uint64_t *out)
{
    const char *p = *at;

    *out = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');

        *out = *out > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *out * 10 + digit;
    }
    bool any = p != *at;
    *at = p;
    return any;
}

/* "a-b", "a-" or "-n" at *at. False for bad syntax. *is_there: the file has some of it. */
static bool parse_one(const char **at, uint64_t size, struct range *out, bool *is_there)
{
    uint64_t first, last;
    bool has_first = parse_digits(at, &first);

    if (*(*at)++ != '-')
        return false;
    bool has_last = parse_digits(at, &last);
    if (!has_first) { /* the last bytes */
        *is_there = has_last && last > 0;
        *out = (struct range){ last < size ? size - last : 0, size - 1 };
        return has_last;
    }
    if (has_last && last < first)
        return false;
    *is_there = first < size;
    *out = (struct range){ first, has_last && last < size ? last : size - 1 };
    return true;
}

static bool is_near(const struct range *a, const struct range *b)
{
    const struct range *low = a->first <= b->first ? a : b;
    const struct range *high = low == a ? b : a;

    return high->first <= low->last || high->first - low->last - 1 < GAP_MAX;
}

/* Adds a range; those it overlaps or nearly touches become one, in the place of the earliest. */
static void add(struct ranges *ranges, struct range range)
{
    size_t place = ranges->count, i = 0;

    while (i < ranges->count) {
        struct range *other = &ranges->items[i];

        if (!is_near(other, &range)) {
            i++;
            continue;
        }
        if (other->first < range.first)
            range.first = other->first;
        if (other->last > range.last)
            range.last = other->last;
        if (i < place)
            place = i;
        for (size_t k = i + 1; k < ranges->count; k++)
            ranges->items[k - 1] = ranges->items[k];
        ranges->count--;
        i = 0; /* the grown one may reach those it was far from */
    }
    if (place > ranges->count)
        place = ranges->count;
    for (size_t k = ranges->count; k > place; k--)
        ranges->items[k] = ranges->items[k - 1];
    ranges->items[place] = range;
    ranges->count++;
}

enum range_answer range_parse(const char *header, uint64_t size, struct ranges *out)
{
    size_t asked = 0;

    out->count = 0;
    if (!header || size == 0 || strncasecmp(header, "bytes", 5) != 0)
        return RANGE_WHOLE; /* an empty file has no pieces */
    const char *at = skip_blanks(header + 5);
    if (*at++ != '=')
        return RANGE_WHOLE;
    for (;;) {
        struct range range;
        bool is_there;

        while (*at == ',' || *at == ' ' || *at == '\t') /* lists may have empty members (5.6.1) */
            at++;
        if (*at == '\0')
            break;
        if (asked++ == RANGES_MAX || !parse_one(&at, size, &range, &is_there))
            return RANGE_WHOLE;
        at = skip_blanks(at);
        if (*at != ',' && *at != '\0')
            return RANGE_WHOLE;
        if (is_there)
            add(out, range);
    }
    if (out->count > 0)
        return RANGE_PARTIAL;
    return asked > 0 ? RANGE_UNSATISFIABLE : RANGE_WHOLE;
}
