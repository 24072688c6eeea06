/* Lists the names that a key owns, with their true dates and those that release 0.10 shows. What
 * they are called is encrypted for the owner: here they have their identities. Before: cli/show.c,
 * node/node_names.c.
 * After: owner/own_domains.h. */
#include "api/query.h"
#include "domain/domain.h"
#include "owner/own_domains.h"

enum { KEPT_FREE = 4096 /* bytes that one more name and the end of the answer need */ };

static void count_record(void *ctx, const struct dns_record *r)
{
	(void)r;
	++*(unsigned *)ctx;
}

static void put_data_of(struct json_wr *j, const struct own_domain *d)
{
	unsigned records = 0;
	struct domain_visitor count = {.record = count_record, .ctx = &records};
	struct domain_text t;
	bool good = domain_read(d->data, &t, &count);
	struct slice zone = good && t.zone.n < KEPT_FREE / 8 ? t.zone : slice_of(NULL, 0);

	json_raw_text(j, "zone", zone);
	json_u64(j, "records", good ? records : 0);
}

/* An identity of a strange length is told by its beginning. */
void query_put_owned(struct json_wr *j, const struct own_domain *d)
{
	static const char *const states[] = {"alive", "expired", "free"};
	struct slice identity = d->identity;

	json_hex(j, "identity", slice_of(identity.p, identity.n < 32 ? identity.n : 32));
	put_data_of(j, d);
	json_str(j, "state", states[d->state]);
	json_u64(j, "block", d->id);
	json_bool(j, "resolves_from_next_block", d->fresh);
	query_put_moment(j, "changed", d->renewed);
	query_put_moment(j, "expires", d->until);
	query_put_moment(j, "free_from", d->free_from);
	query_put_moment(j, "shown_by_0_10", d->shown_until);
}

void query_put_owned_web(struct json_wr *j, const struct own_domain *d)
{
	json_i64(j, "timestamp", d->shown_renewed);
	json_i64(j, "expire", d->shown_until);
	json_raw(j, "data", (struct slice){NULL, 0});
	if (!domain_canonical(d->data, j->w))
		wr_bytes(j->w, "null", 4);
}

static uint64_t put_domains(struct query *s, struct own_walk *w, bool *cut)
{
	struct view *v = chain_view(s->chain);
	struct own_domain d;
	uint64_t total = 0;

	json_open(&s->j, "domains", '[');
	for (; own_walk_next(w, v, s->now, 0, &d); total++) {
		*cut |= s->j.w->size - s->j.w->n < KEPT_FREE;
		if (*cut)
			continue;
		json_open(&s->j, NULL, '{');
		query_put_owned(&s->j, &d);
		json_close(&s->j, '}');
	}
	json_close(&s->j, ']');
	return total;
}

bool query_owned(struct query *s, const char *what)
{
	uint8_t keys[1][KEY_SIZE];
	struct chain_tip tip;
	struct own_walk *w;
	bool cut = false;

	(void)what;
	memcpy(keys[0], s->key, KEY_SIZE);
	s->no_memory = own_walk_start((const uint8_t(*)[KEY_SIZE])keys, 1, &w) != ERR_OK;
	if (s->no_memory)
		return false;
	json_open(&s->j, NULL, '{');
	json_hex(&s->j, "key", slice_of(s->key, KEY_SIZE));
	json_u64(&s->j, "domains_total", put_domains(s, w, &cut));
	json_bool(&s->j, "cut", cut);
	chain_get_tip(s->chain, &tip);
	json_u64(&s->j, "as_of_height", tip.height);
	query_put_moment(&s->j, "as_of", tip.timestamp);
	json_close(&s->j, '}');
	own_walk_end(w);
	return true;
}
