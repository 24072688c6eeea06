/* Looks up a block, a domain, a key or the chain in the store, and writes what it finds as JSON.
 * Used by the HTTP routes and by the command `show`, which reads the store without a node. */
#ifndef API_QUERY_H
#define API_QUERY_H

#include "base/json.h"
#include "chain/chain.h"

struct query {
	struct chain *chain;
	const struct chain_params *params;
	struct json_wr j;
	int64_t now;        /* the time of the rules (chain_now()), seconds since 1970 */
	const uint8_t *key; /* query_owned(): the owner; query_check(): the public key that would
			     * mine, NULL = any */
	double rate;        /* query_check(): hashes a second here; 0 = not known */
	double (*measure)(void *ctx); /* asked for it when the name may be mined; may be NULL */
	void *ctx;
	bool refused;        /* out, of query_check(): it may not be mined now */
	const char *missing; /* out: the kind of thing that was looked for, such as "block" */
	const char *why;     /* out: why there can be no such thing, a few words; NULL = unknown */
	bool no_memory;      /* out: it may exist, but memory ran out while it was read */
};

/* Each writes one JSON object. False, with nothing written, when there is no such thing: `missing`,
 * `why` and `no_memory` say more. `what` is text of the user. */
bool query_block(struct query *s, const char *what);  /* an index or a hash in hex */
bool query_domain(struct query *s, const char *what); /* a name or an identity; also a free name */
bool query_key(struct query *s, const char *what);    /* a public key in hex */
bool query_chain(struct query *s, const char *what);  /* `what` is ignored */
bool query_owned(struct query *s, const char *what);  /* the names of s->key; `what` is ignored */
bool query_check(struct query *s, const char *what);  /* a name: may it be mined, at what price? */

/* Writes the member "blocks" of the object that the caller has opened: up to `count` blocks from
 * the index `from` on, not beyond the tip. */
void query_blocks(struct query *s, uint64_t from, uint64_t count);

/* ---- parts of answers ---- */

/* The index of the block that a hash or a decimal number names; 0 = there is none. */
uint64_t query_block_index(const struct query *s, const char *what);

/* Reads a stored block, which the caller frees with mem_free(). False, with *out NULL, when there
 * is none or it cannot be read; sets s->no_memory when that was the reason. */
bool query_read(struct query *s, uint64_t index, struct block_owned **out);

/* Writes a time as two members: "timestamp", seconds since 1970, and `name`, the date in UTC. */
void query_put_time(struct json_wr *j, const char *name, int64_t seconds);

/* The same for further times of an object: the members are `name` and `name`_timestamp. */
void query_put_moment(struct json_wr *j, const char *name, int64_t seconds);

/* Writes the members that are known of a name of ours (owner/own_domains.h) without its secret. */
struct own_domain;
void query_put_owned(struct json_wr *j, const struct own_domain *d);

/* Writes what GET /api/domains tells of it besides (protocol.md 10.5): `timestamp` and `expire`, as
 * release 0.10 shows them, and `data`, an object, null when it does not parse. */
void query_put_owned_web(struct json_wr *j, const struct own_domain *d);

/* Writes the member "refusals": every test of the draft that fails. */
struct draft;
void query_put_draft_refusals(struct json_wr *j, const struct draft *d);

/* Writes how long a search takes here, as members, unless `rate` is 0: hashes a second. */
void query_put_search_time(struct json_wr *j, uint64_t difficulty, double rate);

/* Writes the data text of a transaction (protocol.md 8.3) as members: records, info and contacts if
 * it parses, data_raw always, and "cut": whether one of them is null because it did not fit. */
void query_put_data(struct json_wr *j, struct slice data);

#endif
