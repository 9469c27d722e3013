#pragma once

/*
 * A page's session: the cookie that stands for the key, since <audio>, pictures
 * and EventSource send no header of ours. Its value follows from the key alone
 * (HMAC-SHA256 of a fixed label): nothing is kept, a restart does not end it,
 * and another key does. Pure; any thread.
 */

#include <stdbool.h>

#include "base/sha256.h"

#define SESSION_COOKIE "parlando_session"
#define SESSION_SIZE SHA256_HEX

void session_format(const char *api_key, char out[SESSION_SIZE]);

enum session_match { SESSION_ABSENT, SESSION_OTHER, SESSION_OURS };

/* Looks for the session in a Cookie header (NULL: absent), in one pass and whatever else is there. */
enum session_match session_in_cookies(const char *cookies, const char *session);

/* Are these the same? Takes as long wherever the first difference is. */
bool secret_is(const char *secret, const char *sent, size_t sent_length);
