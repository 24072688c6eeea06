/* Plays `check` and `make` lines: what may be asked for a name, and the transaction that it becomes
 * (protocol.md 10.2). Where the recorded result is laxer than consensus, ours must be what
 * consensus says. */
#include <inttypes.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "owner/draft.h"
#include "tests/replay/row.h"
#include "tests/replay/tables_owner.h"

enum { WHAT_SIZE = 4096 };

static const char *const results[DRAFT_RULES] = {
	[DRAFT_FINE] = "fine",
	[DRAFT_MALFORMED] = "malformed",
	[DRAFT_NO_KEY] = "no-keys",
	[DRAFT_WAITING] = "waiting-signers",
	[DRAFT_MANY_RECORDS] = "too-many-records",
	[DRAFT_CLEARNET] = "yggdrasil-only",
	[DRAFT_LONG] = "long",
	[DRAFT_OWNER_KEYS] = "owner-keys",
	[DRAFT_NAME] = "wrong-name",
	[DRAFT_ZONE] = "wrong-zone",
	[DRAFT_NEXT] = "not-owned",
	[DRAFT_TAKEN] = "not-owned",
	[DRAFT_COOLDOWN] = "cooldown",
	[DRAFT_BIG] = "big",
};

static int64_t number(struct row *r, const char *key)
{
	struct slice value;
	int64_t n = 0;

	if (!json_find(r->line, key, &value) || !json_get_i64(value, &n))
		row_differ(r, "%s: expected a number, got none", key);
	return n;
}

static struct draft *open_draft(
	struct owner_play *o, struct row *r, struct draft_request *ask, bool renewal)
{
	const struct owner_key *k = owner_key_of(o, r->line);
	struct draft *d;

	ask->name = row_text(r, "name");
	ask->author = k ? k->public_key : NULL;
	ask->encryption = k ? k->encryption_public : NULL;
	ask->renewal = renewal;
	if (draft_open(ask, chain_view(o->s.chain), number(r, "now"), &d))
		row_differ(r, "memory: expected some, got none");
	return d;
}

/* The row of the tip is what consensus sees and the recorded tests do not. */
static bool tip_has_it(struct owner_play *o, const struct draft *d)
{
	return d->has_row && d->row.id == view_height(chain_view(o->s.chain));
}

/* The last full block of the author is the tip, which the recorded cooldown does not see. */
static bool tip_is_own(struct owner_play *o, const struct draft *d)
{
	struct block_summary tip;
	struct view *v = chain_view(o->s.chain);

	return view_summary(v, view_height(v), &tip) && tip.full &&
	       memcmp(tip.key, d->author, KEY_SIZE) == 0;
}

/* ---- check ---- */

static void same_difficulty(struct owner_play *o, struct row *r, const char *key, bool renewal)
{
	struct draft_request ask = {.data = slice_str("{\"encrypted\":\"\",\"zone\":\"ygg\"}")};
	struct draft *d = open_draft(o, r, &ask, renewal);
	struct draft_price p;

	if (!d)
		return;
	draft_price(d, &p);
	row_same_number(r, "required", (uint64_t)number(r, "required"), p.required);
	int64_t wanted = number(r, key);
	/* With a row ahead of the clock the recorded renewal is one that consensus refuses. */
	if (wanted < number(r, "required"))
		wanted = number(r, "required");
	if (number(r, "difficulty") == number(r, "required"))
		row_same_number(r, key, (uint64_t)wanted, p.difficulty);
	else if (p.difficulty < p.required || !tip_has_it(o, d))
		row_differ(r, "%s: expected what consensus asks, got %" PRIu64, key, p.difficulty);
	draft_free(d);
}

/* The recorded state is that of the row below the tip, if it confirms the name. */
static bool confirmed_row(const struct draft *d, struct domain_row *row)
{
	uint8_t identity[32], confirmation[32];

	if (!view_domain(d->view, d->tx.identity, d->height, row))
		return false;
	struct block_owned *o = view_block(d->view, row->id);
	bool confirmed = o;
	if (o) {
		struct slice key = o->b.tx.signing.n ? o->b.tx.signing : o->b.pub_key;
		crypto_identity(d->name, key, identity, confirmation);
		confirmed = slice_eq(o->b.tx.confirmation, slice_of(confirmation, 32));
	}
	mem_free(o);
	return confirmed;
}

static void same_state(struct row *r, const struct draft *d, bool available)
{
	static const char *const states[] = {"alive", "expired", "free"};
	const struct chain_params *p = d->view->params;
	struct domain_row row;
	struct draft_refusal f;

	if (!confirmed_row(d, &row)) {
		row_same_bytes(r, "state", row_text(r, "state"), slice_str("none"));
		return;
	}
	const char *state = states[domain_rules_state(p, &row, d->now)];
	row_same_bytes(r, "state", row_text(r, "state"), slice_str(state));
	if (available)
		return;
	if (!draft_test(d, DRAFT_TAKEN, &f)) /* the tip gave it to the author */
		return;
	row_same_bytes(r, "owner", row_hex(r, "owner"), slice_of(f.owner, KEY_SIZE));
	row_same_flag(r, "expired", strcmp(state, "expired") == 0, f.expired);
	row_same_number(r, "until", (uint64_t)number(r, "until"),
		(uint64_t)f.until - 1 - (f.expired ? 0 : p->domain_renew_time));
}

static void check(struct owner_play *o, struct row *r)
{
	struct draft_request ask = {.data = slice_str("{\"encrypted\":\"\",\"zone\":\"ygg\"}")};
	struct draft *d = open_draft(o, r, &ask, false);
	struct draft_refusal f, name;

	if (!d)
		return;
	bool available = !draft_test(d, DRAFT_TAKEN, &f) && !draft_test(d, DRAFT_NEXT, &f);
	bool cooling = draft_test(d, DRAFT_COOLDOWN, &f);
	row_same_bytes(r, "identity", row_hex(r, "identity"), d->tx.identity);
	row_same_flag(r, "block_allows", row_flag(r, "block_allows"), available);
	row_same_flag(r, "block_cooldown", row_flag(r, "block_cooldown"), cooling);
	if (cooling && row_has(r, "time"))
		row_same_number(
			r, "time", (uint64_t)number(r, "time"), (uint64_t)(f.until - d->now));
	same_state(r, d, available);
	struct slice result = row_text(r, "result");
	enum draft_why why = draft_test(d, DRAFT_NAME, &name)   ? DRAFT_NAME
			     : draft_test(d, DRAFT_ZONE, &name) ? DRAFT_ZONE
			     : !available                       ? DRAFT_TAKEN
			     : cooling                          ? DRAFT_COOLDOWN
								: DRAFT_FINE;
	/* Those two lines of `block_allows` and `block_cooldown` decide where they differ. */
	bool lax = (slice_is(result, "fine") &&
			   (!row_flag(r, "block_allows") || row_flag(r, "block_cooldown"))) ||
		   (slice_is(result, "cooldown") && !row_flag(r, "block_cooldown")) ||
		   (slice_is(result, "not-owned") && row_flag(r, "block_allows"));
	if (!lax)
		row_same_bytes(r, "result", result, slice_str(results[why]));
	draft_free(d);
	same_difficulty(o, r, "difficulty", false);
	same_difficulty(o, r, "difficulty_renewal", true);
}

/* ---- make ---- */

/* Gives the random numbers of a recorded ciphertext back: the ephemeral secret is not in it, so
 * that only the plain text can be compared. */
static void same_transaction(struct owner_play *o, struct row *r, struct draft *d)
{
	struct slice encrypted = row_hex(r, "encrypted");
	struct draft_price p;
	uint8_t *text;

	draft_price(d, &p);
	if (!tip_has_it(o, d))
		row_same_number(r, "difficulty", (uint64_t)number(r, "difficulty"), p.difficulty);
	row_same_bytes(r, "pub_key", row_hex(r, "pub_key"), slice_of(d->author, KEY_SIZE));
	row_same_bytes(r, "identity", row_hex(r, "identity"), d->tx.identity);
	row_same_bytes(r, "confirmation", row_hex(r, "confirmation"), d->tx.confirmation);
	row_same_bytes(r, "tx_signing", row_hex(r, "tx_signing"), d->tx.signing);
	row_same_bytes(r, "tx_encryption", row_hex(r, "tx_encryption"), d->tx.encryption);
	text = row_take(r, d->tx.data.n + 1);
	if (r->wrong)
		return;
	memcpy(text, d->tx.data.p, d->tx.data.n);
	char *hex = (char *)text + strlen("{\"encrypted\":\"");
	char after = hex[2 * encrypted.n];
	hex_upper(encrypted, hex);
	hex[2 * encrypted.n] = after;
	row_same_bytes(r, "text", row_text(r, "text"), slice_of(text, d->tx.data.n));
}

/* Whoever holds the key to which the name was encrypted reads it. */
static void same_name(struct owner_play *o, struct row *r, struct draft *d)
{
	uint8_t plain[DRAFT_NAME_MAX + ECIES_OVERHEAD], cipher[sizeof plain];
	size_t n;
	struct slice hex = slice_of(
		d->tx.data.p + strlen("{\"encrypted\":\""), 2 * (d->name.n + ECIES_OVERHEAD));

	if (draft_seal(d, &rng_system) || !hex_decode(hex, cipher, sizeof cipher, &n)) {
		row_differ(r, "seal: expected a ciphertext, got none");
		return;
	}
	for (unsigned i = 0; i < o->count; i++)
		if (memcmp(o->keys[i].encryption_public, d->encryption, KEY_SIZE) == 0) {
			size_t size;
			bool read = ecies_decrypt(
				o->keys[i].encryption_secret, slice_of(cipher, n), plain, &size);
			row_same_flag(r, "readable", true, read);
			row_same_bytes(r, "name", d->name, slice_of(plain, read ? size : 0));
		}
}

/* What the recorded program lets pass, and consensus or the network's messages do not. */
static bool stricter(struct owner_play *o, const struct draft *d, enum draft_why why)
{
	struct domain_row row;

	switch (why) {
	case DRAFT_LONG:
	case DRAFT_BIG:
		return true;
	case DRAFT_COOLDOWN:
		return tip_is_own(o, d);
	case DRAFT_NEXT:
	case DRAFT_TAKEN:
		return !confirmed_row(d, &row);
	default:
		return false;
	}
}

/* Does the test fail that the recorded program names? It finds out last what is no point of the
 * curve, if it ever does. */
static bool also_fails(const struct draft *d, struct slice result)
{
	struct draft_refusal f;

	for (int why = DRAFT_OWNER_KEYS + 1; why < DRAFT_RULES; why++)
		if (slice_is(result, results[why]) && draft_test(d, (enum draft_why)why, &f))
			return true;
	return false;
}

static void make(struct owner_play *o, struct row *r)
{
	struct draft_request ask = {.data = row_text(r, "data"),
		.to_signing = row_text(r, "signing"),
		.to_encryption = row_text(r, "encryption")};
	struct draft *d = open_draft(o, r, &ask, row_flag(r, "renewal"));
	struct slice result = row_text(r, "result");
	struct draft_refusal f;

	if (!d)
		return;
	enum draft_why why = draft_first(d, true, &f);
	if (slice_is(result, "crash"))
		row_same_flag(r, "refused", true, why != DRAFT_FINE);
	else if (slice_is(result, "ok") && why != DRAFT_FINE)
		row_same_flag(r, results[why], true, stricter(o, d, why));
	else if (slice_is(result, "ok"))
		same_transaction(o, r, d);
	else if (why != DRAFT_OWNER_KEYS || !also_fails(d, result))
		row_same_bytes(r, "result", result, slice_str(results[why]));
	if (why == DRAFT_FINE && !r->wrong)
		same_name(o, r, d);
	draft_free(d);
}

static void play_row(
	struct owner_play *o, struct slice line, void (*play)(struct owner_play *, struct row *))
{
	char what[WHAT_SIZE] = "differs";
	struct row r;

	row_open(&r, line, what, sizeof what);
	play(o, &r);
	if (!row_close(&r)) {
		play_say(o->s.play, o->s.line, "%s", what);
		o->s.wrong = true;
	}
}

void owner_check(struct owner_play *o, struct slice line)
{
	play_row(o, line, check);
}

void owner_make(struct owner_play *o, struct slice line)
{
	play_row(o, line, make);
}
