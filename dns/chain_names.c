/* Role: finds a domain in the chain by its name: latest row below the tip, confirmation, life
 * (8.8). Before: dns/serve_query.c. After: chain/store_reader.h; dns/zone.c reads the data text.
 *
 * The read transaction begins with the first question of a turn and ends with the turn. */
#include "dns/chain_names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/domain_rules.h"
#include "chain/store_reader.h"

struct dns_chain {
	struct store *store; /* borrowed */
	struct view view;    /* its reader is ours; NULL after a failure */
	bool reading;        /* the transaction of this turn is open */
	uint64_t generation; /* of that transaction */
	enum err failed;     /* why there is no reader */
	int64_t failed_at;   /* seconds; the next try is not within the same one */
	uint64_t tip_of;     /* generation of the next two; 0 = not read yet */
	int64_t tip_time;    /* seconds; 0 = there is no block */
	int64_t last_full_time;
	uint8_t space[BLOCK_MAX_ENCODED]; /* of the block that was read last */
};

/* ---- the reader ---- */

static enum err open_reader(struct dns_chain *c, char *why, size_t size)
{
	return store_reader_open(c->store, &c->view.reader, why, size);
}

struct dns_chain *dns_chain_open(
	struct store *store, const struct chain_params *params, char *why, size_t size)
{
	struct dns_chain *c = mem_alloc_unset(sizeof *c);

	if (!c) {
		snprintf(why, size, "cannot read the chain for DNS: out of memory");
		return NULL;
	}
	memset(c, 0, offsetof(struct dns_chain, space));
	c->store = store;
	c->view.params = params;
	if (open_reader(c, why, size) != ERR_OK) {
		mem_free(c);
		return NULL;
	}
	return c;
}

void dns_chain_end_turn(struct dns_chain *c)
{
	if (c->reading)
		view_end(&c->view);
	c->reading = false;
}

void dns_chain_close(struct dns_chain *c)
{
	if (!c)
		return;
	dns_chain_end_turn(c);
	store_reader_close(c->view.reader);
	mem_free(c);
}

uint64_t dns_chain_generation(const struct dns_chain *c)
{
	return c->reading ? c->generation : store_commits(c->store) + 1;
}

/* A failed reader answers nothing any more: the next question takes another. */
static enum err fail(struct dns_chain *c, enum err err, int64_t now)
{
	dns_chain_end_turn(c);
	store_reader_close(c->view.reader);
	c->view.reader = NULL;
	c->failed_at = now;
	return c->failed = err;
}

/* Begins the turn's transaction. */
static enum err begin(struct dns_chain *c, int64_t now)
{
	char why[256];

	if (c->reading)
		return ERR_OK;
	if (!c->view.reader) {
		if (c->failed_at == now)
			return c->failed;
		enum err err = open_reader(c, why, sizeof why);
		if (err) {
			log_error("dns: %s", why);
			return fail(c, err, now);
		}
	}
	c->generation = dns_chain_generation(c); /* first: what is committed now may be seen */
	view_begin(&c->view);
	c->reading = true;
	return store_reader_error(c->view.reader);
}

/* ---- the look-up ---- */

/* Kept while nothing is committed. */
static void read_tip(struct dns_chain *c)
{
	struct block_summary b;

	if (c->tip_of == c->generation)
		return;
	c->last_full_time = view_last_full(&c->view, UINT64_MAX, &b) ? b.timestamp : 0;
	c->tip_time = view_summary(&c->view, view_height(&c->view), &b) ? b.timestamp : 0;
	c->tip_of = c->generation;
}

/* Is the name that was asked the name whose hash the row has? Owners are as they stand, and the
 * author when the block names none (7.12). */
static bool is_confirmed(const struct block *b, struct slice top)
{
	struct slice owner = b->tx.signing.n ? b->tx.signing : b->pub_key;
	uint8_t identity[32], confirmation[32];

	crypto_identity(top, owner, identity, confirmation);
	return slice_eq(b->tx.identity, slice_of(identity, sizeof identity)) &&
	       slice_eq(b->tx.confirmation, slice_of(confirmation, sizeof confirmation));
}

/* The first second at which a domain that lives now lives no more. */
static int64_t end_of(const struct chain_params *p, const struct domain_row *row)
{
	int64_t life = (int64_t)p->domain_lifetime + 1;

	return row->timestamp > INT64_MAX - life ? INT64_MAX : row->timestamp + life;
}

/* A row in the tip itself does not count yet. False when the chain contradicts itself. */
static bool find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until)
{
	uint8_t identity[32];
	struct domain_row row;
	struct block b;

	crypto_identity(top, slice_of(NULL, 0), identity, NULL);
	if (!view_domain(
		    &c->view, slice_of(identity, sizeof identity), view_height(&c->view), &row))
		return true;
	if (domain_rules_state(c->view.params, &row, now) != DOMAIN_ALIVE)
		return true;
	if (!view_block_into(&c->view, row.id, &b, c->space))
		return false;
	if (!is_confirmed(&b, top))
		return true;
	z->found = true;
	z->data = b.tx.data;
	*until = end_of(c->view.params, &row);
	return true;
}

int64_t dns_chain_tip_time(struct dns_chain *c, int64_t now)
{
	if (begin(c, now) == ERR_OK)
		read_tip(c);
	return c->tip_time;
}

enum err dns_chain_find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until)
{
	enum err err = begin(c, now);

	*z = (struct dns_zone){.found = false};
	*until = INT64_MAX;
	if (err && !c->view.reader)
		return err;
	if (!err) {
		read_tip(c);
		z->last_full_time = c->last_full_time;
		/* A clock that is behind the tip is wrong: it is at least as late as that. */
		bool whole = find(c, top, now > c->tip_time ? now : c->tip_time, z, until);
		err = store_reader_error(c->view.reader);
		if (!whole && !err) {
			log_error("dns: the store has no block for a row of its domains");
			err = ERR_CORRUPT;
		}
	}
	if (!err)
		return ERR_OK;
	*z = (struct dns_zone){.found = false};
	c->tip_of = 0;
	return fail(c, err, now);
}
