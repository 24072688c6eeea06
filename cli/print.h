/* Prints answers of the node as text for people. Each function gets the JSON of an answer, which it
 * borrows, and writes lines that fit the terminal. Members that are missing or of another type
 * count as empty or zero. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/slice.h"
#include "cli/out.h"

enum { PRINT_TEXT_MAX = 1024 };

/* Each prints the answer of the route that it is named after, GET /status and so on; /peers with
 * ?all or without. */
void print_status(struct out *o, struct slice json);
void print_peers(struct out *o, struct slice json);
void print_bans(struct out *o, struct slice json);
void print_limits(struct out *o, struct slice json);
void print_done(struct out *o, struct slice json); /* of a POST: what the node did */

/* ---- print_domain.c: GET /domain/…, and the records and contacts of any transaction ---- */
void print_domain(struct out *o, struct slice json);
void print_data(struct out *o, struct slice json);

/* ---- print_check.c: GET /domains/check, and the names of a key ---- */
void print_check(struct out *o, struct slice json);
void print_owned(struct out *o, struct slice json);

/* ---- print_show.c: GET /block/…, /key/…, /chain ---- */
void print_block(struct out *o, struct slice json);
void print_key(struct out *o, struct slice json);
void print_chain(struct out *o, struct slice json);

/* ---- print_dns.c ---- */
void print_dns(struct out *o, struct slice json);     /* GET /dns */
void print_resolve(struct out *o, struct slice json); /* GET /dns/resolve */
/* Two lines of `status`, from the member "dns" of its answer; none when no server is wanted. */
void print_dns_short(struct out *o, struct slice dns);

/* ---- print_keys.c ---- */
void print_keys(struct out *o, struct slice json);    /* GET /keys */
void print_own_key(struct out *o, struct slice json); /* GET /keys/NAME */
/* Lines of `status`, from the member "keys" of its answer; none when there are no keys. */
void print_keys_short(struct out *o, struct slice keys);

/* ---- print_jobs.c ---- */
void print_jobs(struct out *o, struct slice json); /* GET /jobs */
void print_job(struct out *o, struct slice json);  /* GET /jobs/N */
/* A line of `status`, from the member "jobs" of its answer; none without open jobs and searches. */
void print_jobs_short(struct out *o, struct slice jobs);
void print_sign(struct out *o, struct slice json); /* GET /sign; print_sign.c */

/* Prints each text of a JSON array, with `before` in front of it, wrapped. */
void print_lines(struct out *o, struct slice list, const char *before);

/* Prints any object: a line for each member, those of nested objects indented (one level). */
void print_object(struct out *o, struct slice json);

/* Prints the answer itself as one line, for --json. Characters that could control a terminal become
 * \uXXXX, which means the same in JSON. */
void print_json(FILE *f, struct slice json);

/* The same for a part of a line, without a line feed. */
void print_json_text(FILE *f, struct slice json);

/* ---- reading members of a JSON object ---- */

/* A string member, cut when it is longer than `to`; "" when it is absent or not a string. Returns
 * `to`. */
const char *print_text(struct slice object, const char *key, char to[PRINT_TEXT_MAX]);

/* A whole number; 0 when it is absent, not a whole number, or does not fit the type. */
uint64_t print_u64(struct slice object, const char *key);
int64_t print_i64(struct slice object, const char *key);

/* Any number, also with a fraction; 0 when it is absent. */
double print_number(struct slice object, const char *key);
bool print_bool(struct slice object, const char *key);

/* A member's JSON text, borrowed from `object`, such as a nested object or array; an empty slice
 * when it is absent. */
struct slice print_inner(struct slice object, const char *key);

#endif
