/*
 * Money: a currency's sign or code before or after an amount.
 */

#include <string.h>

#include "text/normalize_words.h"
#include "text/number_words.h"

struct currency {
    const char *sign;
    const char *singular, *plural;
    const char *small_singular, *small_plural; /* NULL: its decimals are read as decimals */
};

static const struct currency signs[] = {
    { "$", "dollar", "dollars", "cent", "cents" },
    { "\u00A3", "pound", "pounds", "penny", "pence" },
    { "\u20AC", "euro", "euros", "cent", "cents" },
    { "\u00A5", "yen", "yen", NULL, NULL },
    { "\u20B9", "rupee", "rupees", "paisa", "paise" },
    { "\u20A9", "won", "won", NULL, NULL },
    { "\u20BD", "ruble", "rubles", "kopeck", "kopecks" },
    { "\u20BF", "bitcoin", "bitcoins", NULL, NULL },
    { "\u20BA", "lira", "liras", "kurus", "kurus" },
    { "\u20B4", "hryvnia", "hryvnias", "kopeck", "kopecks" },
    { "\u20AA", "shekel", "shekels", "agora", "agorot" },
    { "\u0E3F", "baht", "baht", "satang", "satang" },
    { "\u20AB", "dong", "dong", NULL, NULL },
    { "\u20B1", "peso", "pesos", "centavo", "centavos" },
    { "\u20A6", "naira", "naira", "kobo", "kobo" },
};

/* What stands before "$": "US$40". */
static const struct currency dollars[] = {
    { "US", "US dollar", "US dollars", "cent", "cents" },
    { "C", "Canadian dollar", "Canadian dollars", "cent", "cents" },
    { "CA", "Canadian dollar", "Canadian dollars", "cent", "cents" },
    { "A", "Australian dollar", "Australian dollars", "cent", "cents" },
    { "AU", "Australian dollar", "Australian dollars", "cent", "cents" },
    { "NZ", "New Zealand dollar", "New Zealand dollars", "cent", "cents" },
    { "HK", "Hong Kong dollar", "Hong Kong dollars", "cent", "cents" },
    { "S", "Singapore dollar", "Singapore dollars", "cent", "cents" },
    { "R", "Brazilian real", "Brazilian reais", "centavo", "centavos" },
};

/* ISO 4217. */
static const struct currency codes[] = {
    { "USD", "US dollar", "US dollars", "cent", "cents" },
    { "EUR", "euro", "euros", "cent", "cents" },
    { "GBP", "pound", "pounds", "penny", "pence" },
    { "JPY", "yen", "yen", NULL, NULL },
    { "CHF", "Swiss franc", "Swiss francs", "centime", "centimes" },
    { "CAD", "Canadian dollar", "Canadian dollars", "cent", "cents" },
    { "AUD", "Australian dollar", "Australian dollars", "cent", "cents" },
    { "NZD", "New Zealand dollar", "New Zealand dollars", "cent", "cents" },
    { "INR", "rupee", "rupees", "paisa", "paise" },
    { "CNY", "yuan", "yuan", NULL, NULL },
    { "RMB", "yuan", "yuan", NULL, NULL },
    { "SEK", "Swedish krona", "Swedish kronor", NULL, NULL },
    { "NOK", "Norwegian krone", "Norwegian kroner", NULL, NULL },
    { "DKK", "Danish krone", "Danish kroner", NULL, NULL },
    { "PLN", "zloty", "zlotys", NULL, NULL },
    { "MXN", "Mexican peso", "Mexican pesos", "centavo", "centavos" },
    { "BRL", "Brazilian real", "Brazilian reais", "centavo", "centavos" },
    { "KRW", "won", "won", NULL, NULL },
    { "ZAR", "rand", "rand", "cent", "cents" },
    { "BTC", "bitcoin", "bitcoins", NULL, NULL },
    { "Rs", "rupee", "rupees", "paisa", "paise" },
};

static const struct currency *find_currency(const struct words *w, size_t at,
                                            const struct currency *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (token_is(w, at, list[i].sign))
            return &list[i];
    }
    return NULL;
}

/* An amount as it is written, before it is said. */
struct amount {
    struct number number;
    bool is_negative;
    size_t end;
};

static bool parse_amount(const struct words *w, size_t at, struct amount *out)
{
    out->is_negative = (token_is(w, at, "-") || token_is(w, at, "\u2212"));
    at += out->is_negative;
    if (!number_at(w, at, &out->number))
        return false;
    out->end = out->number.end;
    return true;
}

/* The small money of ".50", or −1 when the decimals are not small money. One digit is tenths. */
static int small_money(const struct words *w, const struct number *n)
{
    if (!n->decimals)
        return -1;
    long value = token_value(w, n->decimals);
    switch (token_length(w, n->decimals)) {
    case 1:
        return (int)(10 * value);
    case 2:
        return (int)value;
    default:
        return -1;
    }
}

static void say_small(struct words *w, const struct currency *currency, int value)
{
    number_words(&w->reading, (uint64_t)value);
    say(w, " ");
    say(w, value == 1 ? currency->small_singular : currency->small_plural);
}

static bool is_zero(const struct words *w, const struct number *n)
{
    return n->whole_end == n->start || token_value(w, n->start) == 0;
}

/* "five dollars and fifty cents" */
static void say_parts(struct words *w, const struct currency *currency, const struct number *n,
                      bool is_singular)
{
    int small = currency->small_singular ? small_money(w, n) : -1;

    if (small < 0) {
        number_say(w, n);
        say(w, " ");
        say(w, is_singular || number_is_one(w, n) ? currency->singular : currency->plural);
        return;
    }
    if (small > 0 && is_zero(w, n)) {
        say_small(w, currency, small);
        return;
    }
    if (n->whole_end > n->start)
        say_cardinal(w, n->start, n->whole_end);
    else
        say(w, "zero");
    bool is_one = n->whole_end == n->start + 1 && token_is(w, n->start, "1");
    say(w, " ");
    say(w, (is_singular && small == 0) || is_one ? currency->singular : currency->plural);
    if (small > 0) {
        say(w, " and ");
        say_small(w, currency, small);
    }
}

/* "a $5 bill": the currency is an attribute there, in the singular. */
static bool is_attribute(const struct words *w, size_t start, size_t end)
{
    static const char *const articles[] = { "a", "an", "A", "An", "the", "The", "each", "every" };
    const size_t indefinite = 4; /* what follows these can only be an attribute */
    static const char *const things[] = { "bill",    "bills",    "note",     "notes",   "coin",
                                          "coins",   "gift",     "prize",    "reward",  "coupon",
                                          "fee",     "fine",     "tip",      "ticket",  "bet",
                                          "deposit", "discount", "donation", "question" };

    if (token_is(w, end, "-") && token_kind(w, end + 1) == TOKEN_WORD)
        return true;
    if (!token_is_space(w, start - 1) || !token_is_space(w, end))
        return false;
    return (token_is_one_of(w, start - 2, articles, indefinite) &&
            token_kind(w, end + 1) == TOKEN_WORD) ||
           (token_is_one_of(w, start - 2, articles, COUNT(articles)) &&
            token_is_one_of(w, end + 1, things, COUNT(things)));
}

/* Amount, scale, currency and rate. start is the first token of all. */
static size_t say_amount(struct words *w, const struct currency *currency,
                         const struct amount *amount, size_t start)
{
    size_t said;

    if (amount->is_negative)
        say(w, "minus ");
    said = w->reading.len;
    number_say(w, &amount->number);
    size_t end = say_scale(w, amount->end, true);
    if (end == amount->end) {
        unsay(w, said);
        say_parts(w, currency, &amount->number, is_attribute(w, start, end));
    } else {
        say(w, " ");
        say(w, is_attribute(w, start, end) ? currency->singular : currency->plural);
    }
    return say_rate(w, end);
}

/* "$10–20", "$10-$20": both amounts, then the currency. Returns the token after it, or 0. */
static size_t say_amount_range(struct words *w, const struct currency *currency,
                               const struct amount *first)
{
    struct amount second;
    size_t sep = token_skip_space(w, first->end);
    bool is_spaced = sep > first->end && token_is_space(w, sep + 1);

    if (!token_is_dash(w, sep) || (is_spaced && !token_is(w, sep, "\u2013")) ||
        (sep > first->end && !is_spaced))
        return 0;
    size_t at = sep + 1 + is_spaced;
    bool has_sign = token_is(w, at, currency->sign);
    if (!parse_amount(w, at + has_sign, &second) || second.is_negative ||
        token_is_hyphen(w, second.end))
        return 0;
    number_say(w, &first->number);
    say(w, " to ");
    return say_amount(w, currency, &second, second.number.start);
}

/* "€5,50": the comma is the decimal mark of most who pay in euros. */
static void take_decimal_comma(const struct words *w, struct amount *amount)
{
    size_t comma = amount->end;

    if (number_is_whole(&amount->number) && token_is(w, comma, ",") &&
        token_kind(w, comma + 1) == TOKEN_DIGITS && token_length(w, comma + 1) == 2) {
        amount->number.decimals = comma + 1;
        amount->end = amount->number.end = comma + 2;
    }
}

static bool is_euro(const struct currency *currency)
{
    return strcmp(currency->plural, "euros") == 0;
}

static size_t say_money(struct words *w, const struct currency *currency, size_t start, size_t at)
{
    struct amount amount;
    size_t end = 0;

    if (!parse_amount(w, at, &amount))
        return 0;
    if (is_euro(currency))
        take_decimal_comma(w, &amount);
    if (!amount.is_negative && !amount.number.decimals)
        end = say_amount_range(w, currency, &amount);
    if (end)
        return end;
    buf_clear(&w->reading);
    end = say_amount(w, currency, &amount, start);
    /* "$5M–$10M", "$1.50-2.00": each is said with its currency. */
    size_t next = end + 1 + token_is(w, end + 1, currency->sign);
    struct amount second;
    if (!token_is_dash(w, end) || !parse_amount(w, next, &second) || second.is_negative)
        return end;
    say(w, " to ");
    return say_amount(w, currency, &second, next);
}

size_t rule_money(struct words *w, size_t at)
{
    const struct currency *currency = find_currency(w, at, signs, COUNT(signs));

    return currency ? say_money(w, currency, at, token_skip_space(w, at + 1)) : 0;
}

/* "US$40", "USD 40". */
size_t rule_money_code(struct words *w, size_t at)
{
    if (token_is_wordlike(w, at - 1))
        return 0;
    if (token_is(w, at + 1, "$")) {
        const struct currency *dollar = find_currency(w, at, dollars, COUNT(dollars));
        return dollar ? say_money(w, dollar, at, at + 2) : 0;
    }
    const struct currency *currency = find_currency(w, at, codes, COUNT(codes));
    if (!currency)
        return 0;
    size_t amount = at + 1 + (token_is(w, at, "Rs") && token_is(w, at + 1, "."));
    return say_money(w, currency, at, token_skip_space(w, amount));
}

/* "50¢", "12 €", "40 USD". */
size_t rule_money_after(struct words *w, size_t at)
{
    struct amount amount;

    if (token_is_wordlike(w, at - 1) || !parse_amount(w, at, &amount))
        return 0;
    take_decimal_comma(w, &amount);
    if (!number_may_go_on(w, amount.end))
        return 0;
    bool has_comma = amount.number.decimals && token_is(w, amount.number.decimals - 1, ",");
    size_t scaled = say_scale(w, amount.end, true);
    buf_clear(&w->reading);
    size_t sign = token_skip_space(w, scaled);
    if (token_is(w, sign, "\u00A2") && !has_comma) {
        number_say(w, &amount.number);
        say(w, number_is_one(w, &amount.number) ? " cent" : " cents");
        return sign + 1;
    }
    const struct currency *currency = find_currency(w, sign, codes, COUNT(codes));
    if (currency && token_is_wordlike(w, sign + 1))
        return 0;
    if (!currency)
        currency = find_currency(w, sign, signs, COUNT(signs));
    if (!currency || token_kind(w, sign + 1) == TOKEN_DIGITS || (has_comma && !is_euro(currency)))
        return 0;
    say_amount(w, currency, &amount, at);
    size_t rated = say_rate(w, sign + 1);
    return rated;
}
