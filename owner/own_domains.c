/* Role: lists the names of our keys, with the dates that the rules give them
 * (protocol.md 7.6, 10.5). Before: lists of own names, reminders. After: chain/store_view.c,
 * domain/domain.c. */
#include "base/mem.h"
#include "base/utf8.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "domain/domain.h"
#include "owner/own_domains.h"

enum { CIPHER_MAX = ECIES_OVERHEAD + 255 };

struct own_walk {
	const uint8_t (*keys)[KEY_SIZE]; /* borrowed */
	unsigned n;
	uint8_t digest[32]; /* where the walk is */
	struct block block; /* of the last name, in `space` */
	uint8_t cipher[CIPHER_MAX];
	uint8_t space[BLOCK_MAX_ENCODED];
};

enum err own_walk_start(const uint8_t (*keys)[KEY_SIZE], unsigned n, struct own_walk **out)
{
	struct own_walk *w = *out = mem_alloc_unset(sizeof *w);

	if (!w)
		return ERR_NOMEM;
	w->keys = keys;
	w->n = n;
	memset(w->digest, 0, sizeof w->digest);
	return ERR_OK;
}

void own_walk_end(struct own_walk *w)
{
	mem_free(w);
}

/* Sums of times wrap around as in the rules. */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

/* ---- the date that release 0.10 shows ---- */

/* The latest row whose block was as hard as a renewal of 0.10, if it is no more than a lifetime
 * older than the name's own row; older ones are not looked at. */
static int64_t shown_time(struct view *v, const struct own_domain *d)
{
	const struct chain_params *p = v->params;
	int64_t oldest = plus(d->renewed, -p->domain_lifetime);
	uint64_t below = UINT64_MAX;
	struct domain_row row;

	while (view_domain(v, d->identity, below, &row) && row.timestamp >= oldest) {
		struct block_owned *o = view_block(v, row.id);
		bool hard = o && (uint64_t)o->b.difficulty + 1 >= p->domain_difficulty;
		mem_free(o);
		if (hard)
			return row.timestamp;
		below = row.id;
	}
	return d->renewed;
}

/* ---- one name ---- */

/* The ciphertext, when it can be that of a name. */
static struct slice read_cipher(struct own_walk *w, struct slice data)
{
	struct domain_visitor none = {.record = NULL};
	struct domain_text text;
	size_t n;

	if (!domain_read(data, &text, &none) ||
		!domain_hex(text.encrypted, w->cipher, sizeof w->cipher, &n) || n <= ECIES_OVERHEAD)
		return slice_of(NULL, 0);
	return slice_of(w->cipher, n);
}

static void describe(
	struct view *v, const struct domain_row *row, int64_t now, struct own_domain *d)
{
	const struct chain_params *p = v->params;

	d->state = domain_rules_state(p, row, now);
	d->renewed = row->timestamp;
	d->until = plus(row->timestamp, p->domain_lifetime);
	d->free_from = plus(d->until, p->domain_renew_time + 1);
	d->shown_renewed = shown_time(v, d);
	d->shown_until = plus(d->shown_renewed, p->domain_lifetime);
	d->fresh = row->id == view_height(v);
}

static bool read_domain(struct own_walk *w, struct view *v, const struct domain_row *row,
	int64_t now, struct own_domain *d)
{
	const struct transaction *tx = &w->block.tx;

	if (!view_block_into(v, row->id, &w->block, w->space))
		return false;
	d->id = row->id;
	d->owner = w->keys[d->key];
	d->identity = tx->identity;
	d->confirmation = tx->confirmation;
	d->encryption = tx->encryption;
	d->data = tx->data;
	d->cipher = read_cipher(w, tx->data);
	describe(v, row, now, d);
	return true;
}

static bool is_ours(const struct own_walk *w, const struct domain_row *row, unsigned *key)
{
	if (!row->owned)
		return false;
	for (*key = 0; *key < w->n; ++*key)
		if (memcmp(w->keys[*key], row->owner, KEY_SIZE) == 0)
			return true;
	return false;
}

bool own_walk_next(
	struct own_walk *w, struct view *v, int64_t now, unsigned most, struct own_domain *d)
{
	struct domain_row row;
	unsigned seen = 0;
	bool more;

	*d = (struct own_domain){0};
	view_begin(v);
	while ((more = view_domain_next(v, w->digest, &row))) {
		if (is_ours(w, &row, &d->key)) {
			more = read_domain(w, v, &row, now, d);
			break;
		}
		if (++seen == most)
			break;
	}
	view_end(v);
	return more;
}

enum own_name own_domain_name(const struct own_domain *d, struct slice plain)
{
	uint8_t identity[32], confirmation[32];

	if (!plain.n || !utf8_valid(plain))
		return OWN_NAME_UNKNOWN;
	crypto_identity(plain, slice_of(d->owner, KEY_SIZE), identity, confirmation);
	if (!slice_eq(d->identity, slice_of(identity, sizeof identity)) ||
		!slice_eq(d->confirmation, slice_of(confirmation, sizeof confirmation)))
		return OWN_NAME_UNVERIFIED;
	return OWN_NAME_TRUE;
}
