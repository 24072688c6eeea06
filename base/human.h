/* Numbers for people, spelt the same way in the log, the terminal, the page and messages. kB, MB,
 * GB and TB are powers of 1024. config/units.h writes settings exactly; a value that is a whole
 * number of a unit reads the same in both.
 *
 * Every function writes into `to` and returns it. */
#ifndef BASE_HUMAN_H
#define BASE_HUMAN_H

#include <stddef.h>
#include <stdint.h>

enum { HUMAN_MAX = 48 };

/* "12 bytes", "717 kB", "33.6 MB", "32 MB": one digit after the point below 100, unless it is a
 * whole number. */
const char *human_bytes(uint64_t bytes, char to[HUMAN_MAX]);

/* "0.7 of 32 MB": both in the unit of `whole`; "717 kB of 1 GB" when that would be 0.0. */
const char *human_bytes_of(uint64_t part, uint64_t whole, char to[HUMAN_MAX]);

/* "12 s", "3 min 20 s", "3 h 05 min", "2 d 04 h", "14 d", "6.2 years": rounded down. */
const char *human_duration(uint64_t seconds, char to[HUMAN_MAX]);

/* The same, but "250 ms" and "1.5 s" below ten seconds. */
const char *human_ms(uint64_t ms, char to[HUMAN_MAX]);

/* How long `things` take at `per_second`, which must be above 0, as a duration. A peer's claim may
 * be any number, so the result is capped. */
const char *human_time_left(uint64_t things, double per_second, char to[HUMAN_MAX]);

/* "3 h 05 min ago", "in 12 s", "now"; both in seconds since 1970. */
const char *human_ago(int64_t then, int64_t now, char to[HUMAN_MAX]);

/* "2026-11-30 02:53 UTC" from seconds since 1970; "–" when it is not a valid time. */
const char *human_date(int64_t seconds, char to[HUMAN_MAX]);

/* "2026-11-30T02:53:07Z" for machines (ISO 8601) from seconds since 1970; "" when it is not a valid
 * time. */
const char *human_iso(int64_t seconds, char to[HUMAN_MAX]);

/* "22,522" */
const char *human_count(uint64_t n, char to[HUMAN_MAX]);

/* "542 blocks/s", "3.2 blocks/s", "0.25 blocks/s"; `what` may be "". */
const char *human_rate(double per_second, const char *what, char to[HUMAN_MAX]);

/* "717 kB/s" */
const char *human_byte_rate(double bytes_per_second, char to[HUMAN_MAX]);

#endif
