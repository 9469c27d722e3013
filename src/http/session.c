#include "http/session.h"

#include <string.h>

/* Says what the value is for, so that it is good for nothing else. */
#define LABEL "parlando session 1"

#define BLANKS " \t"

void session_format(const char *api_key, char out[SESSION_SIZE])
{
    sha256_keyed(api_key, LABEL, out);
}

bool secret_is(const char *secret, const char *sent, size_t sent_length)
{
    size_t length = strlen(secret);
    unsigned different = length != sent_length;

    for (size_t i = 0; i < sent_length; i++)
        different |= (unsigned char)(sent[i] ^ secret[length ? i % length : 0]);
    return !different;
}

enum session_match session_in_cookies(const char *cookies, const char *session)
{
    static const char name[] = SESSION_COOKIE "=";
    enum session_match match = SESSION_ABSENT;

    for (const char *p = cookies; p && *p; p += *p == ';') {
        p += strspn(p, BLANKS);

        size_t length = strcspn(p, ";");

        if (length >= strlen(name) && memcmp(p, name, strlen(name)) == 0) {
            const char *value = p + strlen(name);

            if (secret_is(session, value, strcspn(value, BLANKS ";")))
                return SESSION_OURS;
            match = SESSION_OTHER;
        }
        p += length;
    }
    return match;
}
