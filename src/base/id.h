#pragma once

/* Ids from the kernel's random numbers. Any thread. */

#include <stdbool.h>
#include <stddef.h>

#define ID_SIZE 37 /* 36 characters and a NUL */
#define ID_HEX_SIZE 9

/* A UUID version 7 (RFC 9562): milliseconds since 1970, then 74 random bits. Later ones sort later,
 * which keeps a database's index compact. */
void id_make(char out[ID_SIZE]);

/* Eight random hexadecimal digits. */
void id_make_hex(char out[ID_HEX_SIZE]);

/* The 8-4-4-4-12 form of any UUID, in lower case. */
bool id_is_uuid(const char *text);
