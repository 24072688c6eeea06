/* Sizes and times as people write them: "32 MB", "500 ms". kB, MB, GB, TB are powers of 1024. */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_TEXT_MAX = 32 };

/* A number, maybe with a point, and a unit of either case; without a unit bytes. False when it is
 * no size; a value over 2^63 is given as UINT64_MAX, for the caller's range to refuse. */
bool units_parse_size(const char *text, uint64_t *bytes);

/* The same for times; without a unit seconds. */
bool units_parse_time(const char *text, uint64_t *ms);

/* The largest unit that divides the value: "32 MB", "65600 bytes"; "5 s", "90 s", "14 d". Returns
 * `to`. */
const char *units_size(uint64_t bytes, char to[UNITS_TEXT_MAX]);
const char *units_time(uint64_t ms, char to[UNITS_TEXT_MAX]);

#endif
