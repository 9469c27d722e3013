#include "base/id.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"

/* The kernel gives up to 256 bytes whole once it has been seeded, which getrandom waits for. */
static void random_bytes(unsigned char *out, size_t length)
{
    if (getrandom(out, length, 0) != (ssize_t)length)
        abort();
}

void id_make(char out[ID_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t now = (uint64_t)clock_now_ms();
    unsigned char bytes[16];
    char *p = out;

    random_bytes(bytes, sizeof bytes);
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(now >> (40 - 8 * i));
    bytes[6] = (unsigned char)(0x70 | (bytes[6] & 0x0f)); /* version 7 */
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f)); /* variant 10 */
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[bytes[i] >> 4];
        *p++ = hex[bytes[i] & 15];
    }
    *p = '\0';
}

void id_make_hex(char out[ID_HEX_SIZE])
{
    unsigned char b[4];

    random_bytes(b, sizeof b);
    snprintf(out, ID_HEX_SIZE, "%02x%02x%02x%02x", b[0], b[1], b[2], b[3]);
}

bool id_is_uuid(const char *text)
{
    for (int i = 0; i < ID_SIZE - 1; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool is_hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');

        if (is_dash ? text[i] != '-' : !is_hex)
            return false;
    }
    return text[ID_SIZE - 1] == '\0';
}
