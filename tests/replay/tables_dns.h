/* Plays the table of DNS answers: the chain filter, the zones v6 and q6, hosts files. Its lines
 * have a state, so that it is played as a whole. */
#ifndef TESTS_REPLAY_TABLES_DNS_H
#define TESTS_REPLAY_TABLES_DNS_H

#include "tests/replay/play.h"
#include "tests/replay/row.h"

void play_dns_answers(struct play *p, struct slice header);

/* ---- tables_dns.c ---- */

struct dns_zone;
struct dns_line_state;

/* The domain of that name in the state of the lines (8.8). */
struct dns_zone dns_line_resolve(const struct dns_line_state *s, struct slice top, int64_t now);

/* ---- dns_full.c: the whole server, with the chain and the forwarder that lines tell of ---- */

struct dns_full;

/* NULL when memory runs out. */
struct dns_full *dns_full_new(const struct dns_line_state *s);
void dns_full_free(struct dns_full *f);

/* Another state of the chain: nothing that was kept is true. */
void dns_full_flush(struct dns_full *f);

/* Takes the forwarder's answers from that line, which must stay. */
void dns_full_upstream(struct dns_full *f, struct slice line);

/* Sends the line's request, and compares what comes if `compared`. */
void dns_full_play(struct dns_full *f, struct row *r, bool compared);

/* ---- dns_records.c: sections of a line, as records on the wire ---- */

struct dns_answer;

/* The name of a line as a question: labels joined by dots; a dot at the end is one within the last
 * label. False for a name that no message can have, as with an empty label. */
struct dns_name;
bool dns_line_name(struct row *r, struct dns_name *name);

/* A number; 0 when there is none. */
int64_t dns_line_number(struct slice object, const char *key);

/* Reads the three sections of an answer of the forwarder, whose records are written as those of
 * domains. Records without data are left out. */
void dns_line_upstream(struct row *r, struct slice answer, struct dns_answer *to);

/* Reads the three sections of the line. Records that no message can have are left out: *lost is
 * their number. With `ttls`, a TTL of 2^31 or more is 0. */
void dns_line_records(struct row *r, bool ttls, struct dns_answer *to, unsigned *lost);

/* Makes the names of all records lower case: a message is compressed whatever the case of names. */
void dns_lower_records(struct dns_answer *a);

/* Notes a difference between the records of two answers; their order does not count. */
void dns_same_records(
	struct row *r, const struct dns_answer *expected, const struct dns_answer *got);

#endif
