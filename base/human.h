/* Numbers as a person reads them: one spelling for the log, the terminal, the page and the
 * messages. kB, MB, GB and TB are powers of 1024. What a setting is written as, exactly, is
 * config/units.h; a value that is a whole number of a unit reads the same in both.
 *
 * Every function writes into `to` and returns it. */
#ifndef BASE_HUMAN_H
#define BASE_HUMAN_H

#include <stddef.h>
#include <stdint.h>

enum { HUMAN_MAX = 48 };

/* "12 bytes", "717 kB", "33.6 MB", "32 MB": a whole number, or one digit behind the point below
 * 100. */
const char *human_bytes(uint64_t bytes, char to[HUMAN_MAX]);

/* "0.7 of 32 MB": both in the unit of the whole; "717 kB of 1 GB" when that would be 0.0. */
const char *human_bytes_of(uint64_t part, uint64_t whole, char to[HUMAN_MAX]);

/* "12 s", "3 min 20 s", "3 h 05 min", "2 d 04 h", "14 d", "6.2 years": rounded down. */
const char *human_duration(uint64_t seconds, char to[HUMAN_MAX]);

/* The same with "250 ms" and "1.5 s" below ten seconds. */
const char *human_ms(uint64_t ms, char to[HUMAN_MAX]);

/* How long so many things take at a pace above 0; what others claim may be any number. */
const char *human_time_left(uint64_t things, double per_second, char to[HUMAN_MAX]);

/* "3 h 05 min ago", "in 12 s", "now"; both in seconds since 1970. */
const char *human_ago(int64_t then, int64_t now, char to[HUMAN_MAX]);

/* "2026-11-30 02:53 UTC", of seconds since 1970; "–" when it is no time. */
const char *human_date(int64_t seconds, char to[HUMAN_MAX]);

/* "22,522" */
const char *human_count(uint64_t n, char to[HUMAN_MAX]);

/* "542 blocks/s", "3.2 blocks/s", "0.25 blocks/s"; `what` may be "". */
const char *human_rate(double per_second, const char *what, char to[HUMAN_MAX]);

/* "717 kB/s" */
const char *human_byte_rate(double bytes_per_second, char to[HUMAN_MAX]);

#endif
