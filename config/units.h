/* Sizes and times between numbers and text: "32 MB", "500 ms". kB, MB, GB, TB are powers of 1024.
 */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_TEXT_MAX = 32 };

/* Parses a number, maybe with a decimal point, and a unit in either case; without a unit it is
 * bytes. False when it is not a size. A value of 2^62 or more becomes UINT64_MAX, which the
 * caller's range refuses. */
bool units_parse_size(const char *text, uint64_t *bytes);

/* The same for times, to milliseconds; without a unit it is seconds. */
bool units_parse_time(const char *text, uint64_t *ms);

/* Writes the value in the largest unit that divides it: "32 MB", "65600 bytes"; "5 s", "90 s", "14
 * d". Returns `to`. */
const char *units_size(uint64_t bytes, char to[UNITS_TEXT_MAX]);
const char *units_time(uint64_t ms, char to[UNITS_TEXT_MAX]);

#endif
