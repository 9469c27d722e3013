#pragma once

/*
 * Functions that are never the right choice here, made errors at compile time.
 * The build includes this file before every source file.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef strtok
#undef sprintf
#undef vsprintf
#undef atoi
#undef atof
#undef gmtime
#undef localtime
#undef system
#undef tmpnam
#define strcpy(...) banned_strcpy_use_memcpy_or_str_format
#define strcat(...) banned_strcat_use_struct_buf
#define strncpy(...) banned_strncpy_use_memcpy_or_snprintf
#define strncat(...) banned_strncat_use_struct_buf
#define strtok(...) banned_strtok_use_strtok_r_or_strchr
#define sprintf(...) banned_sprintf_use_snprintf_or_str_format
#define vsprintf(...) banned_vsprintf_use_str_format_v
#define atoi(...) banned_atoi_use_number_parse
#define atof(...) banned_atof_use_number_parse
#define gmtime(...) banned_gmtime_use_gmtime_r
#define localtime(...) banned_localtime_use_localtime_r
#define system(...) banned_system_use_posix_spawn
#define tmpnam(...) banned_tmpnam_use_mkstemp
