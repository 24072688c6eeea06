/* Plays the table of DNS answers: the chain filter, the zones v6 and q6, hosts files. Its lines
 * have a state, so that it is played as a whole. */
#ifndef TESTS_REPLAY_TABLES_DNS_H
#define TESTS_REPLAY_TABLES_DNS_H

#include "tests/replay/play.h"
#include "tests/replay/row.h"

void play_dns_answers(struct play *p, struct slice header);

/* ---- dns_records.c: sections of a line, as records on the wire ---- */

struct dns_answer;

/* The name of a line as a question: labels joined by dots; a dot at the end is one within the last
 * label. False for a name that no message can have, as with an empty label. */
struct dns_name;
bool dns_line_name(struct row *r, struct dns_name *name);

/* Reads the three sections of the line. Records that no message can have are left out: *lost is
 * their number. With `ttls`, a TTL of 2^31 or more is 0. */
void dns_line_records(struct row *r, bool ttls, struct dns_answer *to, unsigned *lost);

/* Notes a difference between the records of two answers; their order does not count. */
void dns_same_records(
	struct row *r, const struct dns_answer *expected, const struct dns_answer *got);

#endif
