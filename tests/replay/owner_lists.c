/* Plays `own` lines: the names of one key (protocol.md 10.5). Recorded is what release 0.10 lists,
 * with the true state beside it; it does not see the row of the tip. */
#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/ecies.h"
#include "domain/domain.h"
#include "owner/own_domains.h"
#include "tests/replay/row.h"
#include "tests/replay/tables_owner.h"

enum { WHAT_SIZE = 4096 };

static const char *const states[] = {"alive", "expired", "free"};

static int64_t number_of(struct row *r, struct slice object, const char *key)
{
	struct slice value;
	int64_t n = 0;

	if (!json_find(object, key, &value) || !json_get_i64(value, &n))
		row_differ(r, "%s: expected a number, got none", key);
	return n;
}

/* Finds the recorded name of this identity. */
static bool find_recorded(struct row *r, struct slice identity, struct slice *entry)
{
	struct slice array;
	size_t at = 0;

	if (!json_find(r->line, "domains", &array))
		return false;
	while (json_element(array, &at, entry))
		if (slice_eq(row_hex_of(r, *entry, "identity"), identity))
			return true;
	return false;
}

static unsigned recorded_count(struct row *r)
{
	struct slice array, entry;
	size_t at = 0;
	unsigned n = 0;

	if (json_find(r->line, "domains", &array))
		while (json_element(array, &at, &entry))
			n++;
	return n;
}

static void same_name(
	struct row *r, const struct owner_key *k, struct slice entry, const struct own_domain *d)
{
	uint8_t *plain = row_take(r, d->cipher.n + 1);
	size_t n = 0;

	if (!d->cipher.n || !ecies_decrypt(k->encryption_secret, d->cipher, plain, &n))
		n = 0;
	enum own_name name = own_domain_name(d, slice_of(plain, n));
	row_same_bytes(r, "name", row_text_of(r, entry, "name"),
		name == OWN_NAME_UNKNOWN ? slice_str("unknown") : slice_of(plain, n));
}

static void same_domain(
	struct row *r, const struct owner_key *k, struct slice entry, const struct own_domain *d)
{
	struct slice state = {NULL, 0};
	struct wr w = row_writer(r);

	same_name(r, k, entry, d);
	row_same_number(r, "shown_time", (uint64_t)number_of(r, entry, "shown_time"),
		(uint64_t)d->shown_renewed);
	row_same_number(r, "shown_expire", (uint64_t)number_of(r, entry, "shown_expire"),
		(uint64_t)d->shown_until);
	w = row_writer(r);
	row_same_flag(r, "parses", true, domain_canonical(d->data, &w));
	struct slice data = row_keep(r, &w);
	row_same_bytes(r, "data", row_text_of(r, entry, "data"), data);
	if (!json_find(entry, "state", &state))
		row_differ(r, "state: expected one, got none");
	row_same_bytes(r, "state", row_text_of(r, state, "state"), slice_str(states[d->state]));
	row_same_number(
		r, "renewed", (uint64_t)number_of(r, state, "renewed"), (uint64_t)d->renewed);
	if (d->state != DOMAIN_FREE)
		row_same_number(r, "until", (uint64_t)number_of(r, state, "until"),
			(uint64_t)(d->state == DOMAIN_ALIVE ? d->until : d->free_from - 1));
}

/* The name whose row is the tip, which the two lists see differently. */
static struct slice tip_identity(struct row *r, struct view *v)
{
	struct block_owned *tip = view_block(v, view_height(v));
	struct slice identity = {NULL, 0};

	if (tip && block_is_domain(&tip->b)) {
		uint8_t *copy = row_take(r, tip->b.tx.identity.n);
		memcpy(copy, tip->b.tx.identity.p, tip->b.tx.identity.n);
		identity = slice_of(copy, tip->b.tx.identity.n);
	}
	mem_free(tip);
	return identity;
}

static void play(struct owner_play *o, struct row *r, const struct owner_key *k)
{
	struct view *v = chain_view(o->s.chain);
	struct slice tip = tip_identity(r, v), entry;
	struct own_walk *w;
	struct own_domain d;
	unsigned n = recorded_count(r);

	if (own_walk_start(&k->public_key, 1, &w)) {
		row_differ(r, "memory: expected some, got none");
		return;
	}
	if (tip.n && find_recorded(r, tip, &entry))
		n--;
	for (; own_walk_next(w, v, number_of(r, r->line, "now"), 0, &d);) {
		if (slice_eq(d.identity, tip)) {
			row_same_flag(r, "fresh", true, d.fresh);
			continue;
		}
		row_same_flag(r, "fresh", false, d.fresh);
		if (!find_recorded(r, d.identity, &entry))
			row_differ(
				r, "domains: expected none, got one of block %u", (unsigned)d.id);
		else
			same_domain(r, k, entry, &d);
		n--;
	}
	row_same_number(r, "domains that are missing", 0, n);
	own_walk_end(w);
}

void owner_own(struct owner_play *o, struct slice line)
{
	const struct owner_key *k = owner_key_of(o, line);
	char what[WHAT_SIZE] = "differs";
	struct row r;

	row_open(&r, line, what, sizeof what);
	if (k)
		play(o, &r, k);
	else
		row_same_number(&r, "domains of no key", 0, recorded_count(&r));
	if (!row_close(&r)) {
		play_say(o->s.play, o->s.line, "%s", what);
		o->s.wrong = true;
	}
}
