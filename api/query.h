/* What the store says of a block, a domain, a key and the chain, as JSON. */
#ifndef API_QUERY_H
#define API_QUERY_H

#include "base/json.h"
#include "chain/chain.h"

struct query {
	struct chain *chain;
	const struct chain_params *params;
	struct json_wr j;
	int64_t now;         /* wall time, seconds */
	const char *missing; /* out: what was not found */
	const char *why;     /* out: why it cannot be, in a few words; NULL = it could */
	bool no_memory;      /* out: something could not be read for want of memory */
};

/* Each writes one JSON object. False when there is no such thing, and then nothing was written.
 * `what` as on the command line. */
bool query_block(struct query *s, const char *what);  /* an index or a hash */
bool query_domain(struct query *s, const char *what); /* a name or an identity; also a free name */
bool query_key(struct query *s, const char *what);    /* in hex */
bool query_chain(struct query *s, const char *what);  /* not looked at */

/* The member "blocks" of an object that the caller opened: those from that index on, up to the tip.
 */
void query_blocks(struct query *s, uint64_t from, uint64_t count);

/* ---- parts of answers ---- */

/* A stored block, which the caller frees by mem_free(); false, with *out NULL, when there is none.
 */
bool query_read(struct query *s, uint64_t index, struct block_owned **out);

/* A time as the members "timestamp", seconds since 1970, and `name`, the same as a date. */
void query_put_time(struct json_wr *j, const char *name, int64_t seconds);

/* A time as the members `name`, a date, and `name`_timestamp. */
void query_put_moment(struct json_wr *j, const char *name, int64_t seconds);

/* The data text of a transaction as members: records, info and contacts where it parses, data_raw,
 * and whether one of them had to be left out (it is null then). */
void query_put_data(struct json_wr *j, struct slice data);

#endif
