/* Writes what the chain knows of one name as JSON (protocol.md 7.6, 8.6, 8.8). Before: cli/show.c
 * and api/routes_chain.c. After: api/name_facts.c collects it, api/query_data.c writes the data. */
#include "api/name_facts.h"
#include "chain/crypto.h"
#include "chain/view.h"
#include "domain/domain.h"
#include "domain/names.h"

static const struct domain_visitor nothing;

static void put_event(struct json_wr *j, const struct name_event *e)
{
	json_open(j, NULL, '{');
	json_u64(j, "block", e->block);
	query_put_time(j, "time", e->time);
	json_str(j, "event", name_deed_word(e->deed));
	json_hex(j, "owner", slice_of(e->owner, e->owner_size));
	json_hex(j, "author", slice_of(e->author, KEY_SIZE));
	json_close(j, '}');
}

static void put_history(struct json_wr *j, const struct name_facts *f)
{
	json_u64(j, "history_total", f->total);
	json_open(j, "history", '[');
	for (size_t i = 0; i < f->count; i++)
		put_event(j, &f->events[i]);
	json_close(j, ']');
}

static void put_name(struct json_wr *j, const struct query_name *n)
{
	if (n->is_identity) {
		json_raw(j, "name", slice_str("null"));
		json_raw(j, "subdomain", slice_str("null"));
	} else {
		json_str(j, "name", n->name);
		json_str(j, "subdomain", n->sub);
	}
	json_hex(j, "identity", slice_of(n->identity, 32));
}

/* "resolves": the DNS server would answer for it. */
static void put_state(struct json_wr *j, const struct name_facts *f)
{
	json_str(j, "state", name_state_word(f->state));
	json_bool(j, "registered", f->registered);
	if (f->name.is_identity)
		json_raw(j, "confirmed", slice_str("null"));
	else if (f->registered)
		json_bool(j, "confirmed", f->confirmed);
	json_bool(j, "resolves", f->resolves);
}

static void put_dates(struct json_wr *j, const struct name_facts *f)
{
	json_u64(j, "block", f->block->b.index);
	query_put_time(j, "time", f->since);
	json_u64(j, "registered_block", f->first.id);
	query_put_moment(j, "registered_at", f->first.timestamp);
	query_put_moment(j, "expires", f->expires);
	query_put_moment(j, "renewable_from", f->since);
	query_put_moment(j, "free_from", f->free_from);
}

/* Writes which state of the chain the answer is from: a node that is behind may not have the block
 * of a registration yet. */
static void put_as_of(struct query *s)
{
	struct chain_tip tip;

	chain_get_tip(s->chain, &tip);
	json_u64(&s->j, "as_of_height", tip.height);
	query_put_moment(&s->j, "as_of", tip.timestamp);
}

static void put_domain(struct query *s, const struct name_facts *f)
{
	const struct block *b = &f->block->b;
	struct domain_text t;

	json_open(&s->j, NULL, '{');
	put_name(&s->j, &f->name);
	if (domain_read(b->tx.data, &t, &nothing))
		json_raw_text(&s->j, "zone", t.zone);
	else
		json_raw(&s->j, "zone", slice_str("null"));
	put_state(&s->j, f);
	put_as_of(s);
	json_hex(&s->j, "owner", name_owner_of(b));
	put_dates(&s->j, f);
	put_history(&s->j, f);
	query_put_data(&s->j, b->tx.data);
	json_close(&s->j, '}');
}

/* A name that nobody has registered is an answer, not an error: people ask whether it is free. */
static void put_free(struct query *s, const struct name_facts *f)
{
	json_open(&s->j, NULL, '{');
	put_name(&s->j, &f->name);
	json_text(&s->j, "zone", name_zone(slice_str(f->name.name)));
	put_state(&s->j, f);
	put_as_of(s);
	json_close(&s->j, '}');
}

bool query_domain(struct query *s, const char *what)
{
	struct name_facts f;

	if (!name_facts_read(s, what, &f))
		return false;
	if (f.registered)
		put_domain(s, &f);
	else
		put_free(s, &f);
	name_facts_free(&f);
	return true;
}
