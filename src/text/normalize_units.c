/* Units: their symbols, and how they stand after a number. */

#include <string.h>

#include "text/normalize_words.h"

/* How a symbol may stand after its number. Those that are words of their own want it close. */
enum unit_use {
    UNIT_ANY,
    UNIT_GLUED, /* "10in", not "10 in" */
    UNIT_BASE,  /* only after a "/": "per second" */
};

static const struct unit {
    const char *symbol, *singular, *plural;
    enum unit_use use;
} units[] = {
    /* length */
    { "km", "kilometer", "kilometers", UNIT_ANY },
    { "Km", "kilometer", "kilometers", UNIT_ANY },
    { "m", "meter", "meters", UNIT_ANY },
    { "dm", "decimeter", "decimeters", UNIT_ANY },
    { "cm", "centimeter", "centimeters", UNIT_ANY },
    { "mm", "millimeter", "millimeters", UNIT_ANY },
    { "\u03BCm", "micrometer", "micrometers", UNIT_ANY },
    { "um", "micrometer", "micrometers", UNIT_GLUED },
    { "nm", "nanometer", "nanometers", UNIT_ANY },
    { "mi", "mile", "miles", UNIT_ANY },
    { "yd", "yard", "yards", UNIT_ANY },
    { "yds", "yard", "yards", UNIT_ANY },
    { "ft", "foot", "feet", UNIT_ANY },
    { "in", "inch", "inches", UNIT_GLUED },
    { "ly", "light-year", "light-years", UNIT_GLUED },
    /* mass */
    { "kg", "kilogram", "kilograms", UNIT_ANY },
    { "Kg", "kilogram", "kilograms", UNIT_ANY },
    { "kgs", "kilogram", "kilograms", UNIT_ANY },
    { "g", "gram", "grams", UNIT_ANY },
    { "mg", "milligram", "milligrams", UNIT_ANY },
    { "\u03BCg", "microgram", "micrograms", UNIT_ANY },
    { "mcg", "microgram", "micrograms", UNIT_ANY },
    { "lb", "pound", "pounds", UNIT_ANY },
    { "lbs", "pound", "pounds", UNIT_ANY },
    { "oz", "ounce", "ounces", UNIT_ANY },
    /* volume */
    { "l", "liter", "liters", UNIT_ANY },
    { "L", "liter", "liters", UNIT_ANY },
    { "ml", "milliliter", "milliliters", UNIT_ANY },
    { "mL", "milliliter", "milliliters", UNIT_ANY },
    { "cl", "centiliter", "centiliters", UNIT_ANY },
    { "dl", "deciliter", "deciliters", UNIT_ANY },
    { "dL", "deciliter", "deciliters", UNIT_ANY },
    { "\u03BCl", "microliter", "microliters", UNIT_ANY },
    { "\u03BCL", "microliter", "microliters", UNIT_ANY },
    { "gal", "gallon", "gallons", UNIT_ANY },
    { "qt", "quart", "quarts", UNIT_ANY },
    { "tsp", "teaspoon", "teaspoons", UNIT_ANY },
    { "tbsp", "tablespoon", "tablespoons", UNIT_ANY },
    { "cc", "cubic centimeter", "cubic centimeters", UNIT_ANY },
    /* time */
    { "ns", "nanosecond", "nanoseconds", UNIT_ANY },
    { "\u03BCs", "microsecond", "microseconds", UNIT_ANY },
    { "us", "microsecond", "microseconds", UNIT_GLUED },
    { "ms", "millisecond", "milliseconds", UNIT_ANY },
    { "s", "second", "seconds", UNIT_ANY },
    { "sec", "second", "seconds", UNIT_ANY },
    { "secs", "second", "seconds", UNIT_ANY },
    { "min", "minute", "minutes", UNIT_ANY },
    { "mins", "minute", "minutes", UNIT_ANY },
    { "h", "hour", "hours", UNIT_ANY },
    { "hr", "hour", "hours", UNIT_ANY },
    { "hrs", "hour", "hours", UNIT_ANY },
    { "wk", "week", "weeks", UNIT_ANY },
    { "wks", "week", "weeks", UNIT_ANY },
    { "mo", "month", "months", UNIT_ANY },
    { "mos", "month", "months", UNIT_ANY },
    { "yr", "year", "years", UNIT_ANY },
    { "yrs", "year", "years", UNIT_ANY },
    /* speed and frequency */
    { "mph", "mile per hour", "miles per hour", UNIT_ANY },
    { "kph", "kilometer per hour", "kilometers per hour", UNIT_ANY },
    { "kmh", "kilometer per hour", "kilometers per hour", UNIT_ANY },
    { "kn", "knot", "knots", UNIT_ANY },
    { "kt", "knot", "knots", UNIT_ANY },
    { "rpm", "revolution per minute", "revolutions per minute", UNIT_ANY },
    { "RPM", "revolution per minute", "revolutions per minute", UNIT_ANY },
    { "bpm", "beat per minute", "beats per minute", UNIT_ANY },
    { "BPM", "beat per minute", "beats per minute", UNIT_ANY },
    { "fps", "frame per second", "frames per second", UNIT_ANY },
    { "FPS", "frame per second", "frames per second", UNIT_ANY },
    { "mpg", "mile per gallon", "miles per gallon", UNIT_ANY },
    { "wpm", "word per minute", "words per minute", UNIT_ANY },
    { "Hz", "hertz", "hertz", UNIT_ANY },
    { "kHz", "kilohertz", "kilohertz", UNIT_ANY },
    { "KHz", "kilohertz", "kilohertz", UNIT_ANY },
    { "MHz", "megahertz", "megahertz", UNIT_ANY },
    { "GHz", "gigahertz", "gigahertz", UNIT_ANY },
    { "THz", "terahertz", "terahertz", UNIT_ANY },
    /* electricity, energy, force, sound, light */
    { "V", "volt", "volts", UNIT_ANY },
    { "kV", "kilovolt", "kilovolts", UNIT_ANY },
    { "mV", "millivolt", "millivolts", UNIT_ANY },
    { "mA", "milliampere", "milliamperes", UNIT_ANY },
    { "mAh", "milliampere hour", "milliampere hours", UNIT_ANY },
    { "Ah", "ampere hour", "ampere hours", UNIT_ANY },
    { "W", "watt", "watts", UNIT_ANY },
    { "mW", "milliwatt", "milliwatts", UNIT_ANY },
    { "kW", "kilowatt", "kilowatts", UNIT_ANY },
    { "KW", "kilowatt", "kilowatts", UNIT_ANY },
    { "MW", "megawatt", "megawatts", UNIT_ANY },
    { "GW", "gigawatt", "gigawatts", UNIT_ANY },
    { "Wh", "watt hour", "watt hours", UNIT_ANY },
    { "kWh", "kilowatt hour", "kilowatt hours", UNIT_ANY },
    { "MWh", "megawatt hour", "megawatt hours", UNIT_ANY },
    { "\u03A9", "ohm", "ohms", UNIT_ANY },
    { "k\u03A9", "kilohm", "kilohms", UNIT_ANY },
    { "M\u03A9", "megohm", "megohms", UNIT_ANY },
    { "\u03BCF", "microfarad", "microfarads", UNIT_ANY },
    { "nF", "nanofarad", "nanofarads", UNIT_ANY },
    { "pF", "picofarad", "picofarads", UNIT_ANY },
    { "J", "joule", "joules", UNIT_ANY },
    { "kJ", "kilojoule", "kilojoules", UNIT_ANY },
    { "cal", "calorie", "calories", UNIT_ANY },
    { "kcal", "kilocalorie", "kilocalories", UNIT_ANY },
    { "eV", "electronvolt", "electronvolts", UNIT_ANY },
    { "hp", "horsepower", "horsepower", UNIT_ANY },
    { "N", "newton", "newtons", UNIT_GLUED },
    { "kN", "kilonewton", "kilonewtons", UNIT_ANY },
    { "Pa", "pascal", "pascals", UNIT_ANY },
    { "hPa", "hectopascal", "hectopascals", UNIT_ANY },
    { "kPa", "kilopascal", "kilopascals", UNIT_ANY },
    { "MPa", "megapascal", "megapascals", UNIT_ANY },
    { "psi", "pound per square inch", "pounds per square inch", UNIT_ANY },
    { "dB", "decibel", "decibels", UNIT_ANY },
    { "lm", "lumen", "lumens", UNIT_ANY },
    { "ppm", "part per million", "parts per million", UNIT_ANY },
    { "ppb", "part per billion", "parts per billion", UNIT_ANY },
    /* data and pictures */
    { "bit", "bit", "bits", UNIT_BASE },
    { "kB", "kilobyte", "kilobytes", UNIT_ANY },
    { "KB", "kilobyte", "kilobytes", UNIT_ANY },
    { "MB", "megabyte", "megabytes", UNIT_ANY },
    { "GB", "gigabyte", "gigabytes", UNIT_ANY },
    { "TB", "terabyte", "terabytes", UNIT_ANY },
    { "PB", "petabyte", "petabytes", UNIT_ANY },
    { "KiB", "kibibyte", "kibibytes", UNIT_ANY },
    { "MiB", "mebibyte", "mebibytes", UNIT_ANY },
    { "GiB", "gibibyte", "gibibytes", UNIT_ANY },
    { "TiB", "tebibyte", "tebibytes", UNIT_ANY },
    { "Kb", "kilobit", "kilobits", UNIT_ANY },
    { "Mb", "megabit", "megabits", UNIT_ANY },
    { "Gb", "gigabit", "gigabits", UNIT_ANY },
    { "bps", "bit per second", "bits per second", UNIT_ANY },
    { "kbps", "kilobit per second", "kilobits per second", UNIT_ANY },
    { "Kbps", "kilobit per second", "kilobits per second", UNIT_ANY },
    { "Mbps", "megabit per second", "megabits per second", UNIT_ANY },
    { "mbps", "megabit per second", "megabits per second", UNIT_ANY },
    { "Gbps", "gigabit per second", "gigabits per second", UNIT_ANY },
    { "px", "pixel", "pixels", UNIT_ANY },
    { "pt", "point", "points", UNIT_ANY },
    { "MP", "megapixel", "megapixels", UNIT_ANY },
    { "dpi", "dot per inch", "dots per inch", UNIT_ANY },
    /* area */
    { "ha", "hectare", "hectares", UNIT_GLUED },
    { "sqm", "square meter", "square meters", UNIT_ANY },
    { "sqft", "square foot", "square feet", UNIT_ANY },
    /* what is counted per, in full */
    { "day", "day", "days", UNIT_BASE },
    { "d", "day", "days", UNIT_BASE },
    { "second", "second", "seconds", UNIT_BASE },
    { "minute", "minute", "minutes", UNIT_BASE },
    { "hour", "hour", "hours", UNIT_BASE },
    { "night", "night", "nights", UNIT_BASE },
    { "week", "week", "weeks", UNIT_BASE },
    { "month", "month", "months", UNIT_BASE },
    { "quarter", "quarter", "quarters", UNIT_BASE },
    { "year", "year", "years", UNIT_BASE },
    { "user", "user", "users", UNIT_BASE },
    { "person", "person", "people", UNIT_BASE },
    { "head", "head", "heads", UNIT_BASE },
    { "seat", "seat", "seats", UNIT_BASE },
    { "unit", "unit", "units", UNIT_BASE },
    { "piece", "piece", "pieces", UNIT_BASE },
    { "page", "page", "pages", UNIT_BASE },
    { "word", "word", "words", UNIT_BASE },
    { "item", "item", "items", UNIT_BASE },
    { "acre", "acre", "acres", UNIT_BASE },
    { "mile", "mile", "miles", UNIT_BASE },
    { "gallon", "gallon", "gallons", UNIT_BASE },
    { "liter", "liter", "liters", UNIT_BASE },
    { "pound", "pound", "pounds", UNIT_BASE },
};

static const struct unit *find_unit(const struct words *w, size_t at)
{
    if (token_kind(w, at) != TOKEN_WORD && !token_is(w, at, "\u03A9"))
        return NULL;
    for (size_t i = 0; i < COUNT(units); i++) {
        if (token_is(w, at, units[i].symbol))
            return &units[i];
    }
    return NULL;
}

/* The end of "²", "^2" or "2" at at, also of a cube, or at. */
static size_t power_end(const struct words *w, size_t at, bool *is_cube)
{
    size_t digit = at + token_is(w, at, "^");

    *is_cube = token_is(w, at, "\u00B3") || token_is(w, digit, "3");
    if (token_is(w, at, "\u00B2") || token_is(w, at, "\u00B3"))
        return at + 1;
    return (*is_cube || token_is(w, digit, "2")) && !token_is_wordlike(w, digit + 1) ? digit + 1
                                                                                     : at;
}

/* The token after "/h" or " per second", said as " per …"; or at. */
size_t say_rate(struct words *w, size_t at)
{
    const struct unit *unit = token_is(w, at, "/") ? find_unit(w, at + 1) : NULL;

    bool is_cube;
    size_t end = power_end(w, at + 2, &is_cube);

    if (!unit || token_is(w, end, "/") || token_is_wordlike(w, end))
        return at;
    say(w, " per ");
    bool has_power = end > at + 2, is_time = token_is(w, at + 1, "s");
    if (has_power && !is_time)
        say(w, is_cube ? "cubic " : "square ");
    say(w, unit->singular);
    if (has_power && is_time)
        say(w, is_cube ? " cubed" : " squared");
    return end;
}

static size_t say_degrees(struct words *w, struct quantity q)
{
    size_t end = token_skip_space(w, q.end), scale;

    if (!token_is(w, end, "\u00B0"))
        return 0;
    say(w, q.is_singular ? " degree" : " degrees");
    scale = token_skip_space(w, end + 1);
    if (!token_is_wordlike(w, scale + 1)) {
        if (token_is(w, scale, "C"))
            say(w, " Celsius");
        else if (token_is(w, scale, "F"))
            say(w, " Fahrenheit");
        else if (scale == end + 1 && token_is(w, scale, "K"))
            say(w, " Kelvin");
        else
            return end + 1;
        return scale + 1;
    }
    return end + 1;
}

static size_t say_percent(struct words *w, struct quantity q)
{
    size_t end = token_skip_space(w, q.end);

    if (token_is(w, end, "%"))
        say(w, " percent");
    else if (token_is(w, end, "\u2030"))
        say(w, " per mille");
    else
        return 0;
    return end + 1;
}

/* "sq ft", "cu. m": the word before the unit's symbol. Returns where the symbol is, or at. */
static size_t say_square_word(struct words *w, size_t at)
{
    bool is_square = token_is(w, at, "sq"), is_cubic = token_is(w, at, "cu");
    size_t symbol = token_skip_space(w, at + 1 + token_is(w, at + 1, "."));

    if ((!is_square && !is_cubic) || !find_unit(w, symbol))
        return at;
    say(w, is_square ? " square" : " cubic");
    return symbol;
}

/* Whether the word is the unit's symbol here, and not one of the text's own words. */
static bool is_unit_here(const struct words *w, const struct unit *unit, size_t at, bool is_glued)
{
    static const char *const dimensions[] = { "tall", "long",  "wide", "high",
                                              "deep", "thick", "x",    "by" };

    bool is_cube;

    if (unit->use == UNIT_BASE || token_is_wordlike(w, power_end(w, at + 1, &is_cube)) ||
        (token_is(w, at + 1, "'") && token_kind(w, at + 2) == TOKEN_WORD))
        return false;
    /* "1-in-3" */
    if (token_is(w, at, "in") && token_is(w, at - 1, "-") && token_is(w, at + 1, "-"))
        return false;
    /* "3.5 in. of rain" */
    if (token_is(w, at, "in") && token_is(w, at + 1, ".") && token_is_space(w, at + 2) &&
        !token_is_capitalized(w, at + 3))
        return true;
    if (unit->use == UNIT_GLUED && !is_glued)
        return token_is(w, at, "in") && token_is_space(w, at + 1) &&
               token_is_one_of(w, at + 2, dimensions, COUNT(dimensions));
    return true;
}

/* "lbs." in the middle of a sentence. */
static size_t skip_dot(const struct words *w, const struct unit *unit, size_t at)
{
    bool is_abbreviation = strlen(unit->symbol) > 1;

    return is_abbreviation && token_is(w, at, ".") && token_is_space(w, at + 1) &&
                   (token_is_lower(w, at + 2) || token_kind(w, at + 2) == TOKEN_DIGITS)
               ? at + 1
               : at;
}

static size_t say_unit(struct words *w, struct quantity q)
{
    bool is_glued = !token_is_space(w, q.end);
    size_t at = q.end + (token_is_space(w, q.end) || token_is(w, q.end, "-"));
    size_t said = w->reading.len;
    size_t symbol = say_square_word(w, at), end;
    const struct unit *unit = find_unit(w, symbol);

    if (!unit || (symbol == at && !is_unit_here(w, unit, symbol, is_glued))) {
        unsay(w, said);
        return 0;
    }
    bool is_attribute = token_is(w, q.end, "-");
    bool is_cube;
    end = power_end(w, symbol + 1, &is_cube);
    if (end > symbol + 1)
        say(w, is_cube ? " cubic" : " square");
    say(w, is_attribute && end == symbol + 1 ? "-" : " ");
    say(w, q.is_singular || is_attribute ? unit->singular : unit->plural);
    end = say_rate(w, end);
    return end == symbol + 1 ? skip_dot(w, unit, end) : end;
}

size_t say_suffix(struct words *w, struct quantity q)
{
    size_t end = say_percent(w, q);

    if (!end)
        end = say_degrees(w, q);
    if (!end)
        end = say_unit(w, q);
    if (end)
        return end;
    size_t scaled = say_scale(w, q.end, false);
    if (scaled == q.end) {
        end = say_rate(w, q.end);
        return end > q.end ? end : 0;
    }
    end = say_unit(w, (struct quantity){ scaled, false });
    return end ? end : say_rate(w, scaled);
}
