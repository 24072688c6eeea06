/* Role: the block check of protocol.md 7.2, in its order of steps.
 * Before: chain/verify.c computed the facts. After: chain/chain.c acts on the verdict. */
#include <assert.h>

#include "domain/domain.h"
#include "chain/domain_rules.h"
#include "chain/rules.h"
#include "chain/signers.h"

static const uint8_t wrong_hashes[][HASH_SIZE] = {
	{0x5B, 0x2D, 0x63, 0xCD, 0x8B, 0xD8, 0x54, 0xB2, 0x3A, 0x34, 0xA4, 0x9A, 0xD8, 0x50, 0xBF,
		0x52, 0x0B, 0xDD, 0x8D, 0x45, 0x14, 0xF9, 0xB2, 0x0A, 0x3D, 0xF0, 0x14, 0x30, 0xA5,
		0x9F, 0x00, 0x00},
	{0x44, 0x48, 0xE0, 0x58, 0x28, 0x78, 0xFC, 0xB9, 0x82, 0xC0, 0xDD, 0xAF, 0xEB, 0x44, 0x1A,
		0x03, 0xA3, 0x0F, 0xB6, 0x2F, 0xA6, 0xEC, 0xD1, 0xEA, 0x4D, 0x51, 0xC2, 0x9A, 0x30,
		0x98, 0x00, 0x00},
	{0x00, 0x00, 0x01, 0x07, 0x71, 0x88, 0x5D, 0xE6, 0x8A, 0xEF, 0x3C, 0xE0, 0xA5, 0x90, 0xE4,
		0xC2, 0xE0, 0x87, 0xCE, 0x00, 0x72, 0x3B, 0x92, 0x73, 0x42, 0xA3, 0xC2, 0x3E, 0x5A,
		0x23, 0xA8, 0xC8},
};

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_GOOD] = "good",
		[VERDICT_TWIN] = "twin",
		[VERDICT_FUTURE] = "future",
		[VERDICT_BAD] = "bad",
		[VERDICT_REWIND] = "rewind",
		[VERDICT_FORK] = "fork",
	};

	return names[v];
}

bool rules_need_strength(const struct chain_params *p, const struct block *b)
{
	if (b->full)
		return true;
	return b->index > p->block_signers_start && b->index > p->healing_activation_height;
}

static bool wrong_hash(const struct block *b)
{
	for (size_t i = 0; i < sizeof wrong_hashes / sizeof wrong_hashes[0]; i++)
		if (slice_eq(b->hash, slice_of(wrong_hashes[i], HASH_SIZE)))
			return true;
	return false;
}

/* Steps 1 to 3. NULL when the block passes, else the reason; so do the other functions that return
 * a text. */
static const char *break_form(const struct block *b)
{
	if (b->version > CHAIN_VERSION)
		return "1 version is too high";
	if (b->index == 0)
		return "2 index is 0";
	if (wrong_hash(b))
		return "3 hash is on the list of refused ones";
	return NULL;
}

/* Is it the configured genesis block? Its hash identifies it, once that is verified. It may have
 * less work than origin_difficulty, because a network may have been started so, and nothing could
 * be built on it otherwise. */
static bool is_configured_origin(const struct chain_params *p, const struct block *b)
{
	return p->has_origin && b->index == 1 && block_is_origin(b) &&
	       slice_eq(b->hash, slice_of(p->origin, HASH_SIZE));
}

static const char *break_difficulty(const struct block *b, uint64_t required)
{
	if (b->difficulty < required)
		return "6 difficulty is below the required one";
	if ((int64_t)hash_difficulty(b->hash) < (int64_t)b->difficulty)
		return "7 hash is below the claimed difficulty";
	return NULL;
}

void facts_read_domain(struct block_facts *f, const struct block *b)
{
	f->domain = (uint8_t)(block_is_domain(b) ? domain_check(b->tx.data) : DOMAIN_OK);
}

static enum domain_check domain_of(const struct block_facts *f)
{
	assert(f->domain != DOMAIN_UNREAD);
	return f->domain;
}

/* Steps 12d and 12e. */
static const char *break_records(const struct block_facts *f)
{
	switch (domain_of(f)) {
	case DOMAIN_MANY_RECORDS:
		return "12d too many records";
	case DOMAIN_CLEARNET:
		return "12e clearnet record in a Yggdrasil-only zone";
	case DOMAIN_LONG:
		return "12e record is too long";
	case DOMAIN_MALFORMED:
	case DOMAIN_UNREAD:
	case DOMAIN_OK:
		break;
	}
	return NULL;
}

bool rules_plausible(const struct chain_params *p, const struct block *b,
	const struct block_facts *f, const char **why)
{
	enum domain_check domain = f ? domain_of(f) : DOMAIN_UNREAD;

	*why = break_form(b);
	if (!*why)
		*why = break_difficulty(b, is_configured_origin(p, b)
						   ? 0
						   : domain_rules_least_difficulty(p, b, domain));
	if (!*why && (b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE))
		*why = "8 hash or key has a wrong length";
	if (!*why && b->signature.n != SIGNATURE_SIZE)
		*why = "9 signature has a wrong length";
	return !*why;
}

bool rules_bad_forever(
	const struct chain_params *p, const struct block *b, const struct block_facts *f)
{
	const char *why;

	if (!f->hash_ok || !f->signature_ok)
		return false;
	if (!rules_plausible(p, b, f, &why) || break_records(f))
		return true;
	return rules_need_strength(p, b) && f->key_strength >= 0 &&
	       (uint64_t)f->key_strength < p->keystore_difficulty;
}

/* ---- the check ---- */

static enum verdict bad(const char **why, const char *text)
{
	*why = text;
	return VERDICT_BAD;
}

/* now + FUTURE_TOLERANCE, without overflow. */
static int64_t latest_time(int64_t now)
{
	return now > INT64_MAX - FUTURE_TOLERANCE ? INT64_MAX : now + FUTURE_TOLERANCE;
}

/* Steps 6 to 9. */
static const char *break_proof(const struct check *c)
{
	bool waived = is_configured_origin(c->view->params, c->block);
	uint64_t required =
		waived ? 0 : domain_rules_difficulty(c->view, c->block, domain_of(c->facts));
	const char *why = break_difficulty(c->block, required);

	if (why)
		return why;
	if (!c->facts->hash_ok)
		return "8 hash is not the hash of the block";
	if (!c->facts->signature_ok)
		return "9 signature is wrong";
	return NULL;
}

/* Step 12. */
static const char *break_transaction(const struct check *c)
{
	const struct block *b = c->block;

	if (!b->full)
		return NULL;
	assert(c->facts->key_strength >= 0);
	if ((uint64_t)c->facts->key_strength < c->view->params->keystore_difficulty)
		return "12a the author's key is weak";
	if (!domain_rules_available(c->view, b, c->now))
		return "12b name is not available";
	if (!domain_rules_cooled_down(c->view, b))
		return "12c the author's last full block is too recent";
	return break_records(c->facts);
}

/* Step 13: only the genesis block starts a chain. */
static enum verdict check_genesis(const struct check *c, const char **why)
{
	const struct chain_params *p = c->view->params;
	const struct block *b = c->block;

	if (b->index != 1 || !block_is_origin(b) || b->prev_hash.n != 0) {
		*why = "13a the chain is empty and this is no genesis block";
		return VERDICT_FUTURE;
	}
	if (!p->has_origin)
		return bad(why, "13b no origin is configured");
	if (!slice_eq(b->hash, slice_of(p->origin, HASH_SIZE)))
		return bad(why, "13c not the origin of this network");
	*why = "13d genesis block";
	return VERDICT_GOOD;
}

/* Is this very block stored? Asked before the expensive steps: their result could only turn a block
 * that we have into a reason to ban its sender (7.3 item 1). */
static bool is_stored(const struct check *c)
{
	struct block_summary ours;

	return c->tip && c->block->index <= c->tip->index &&
	       view_summary(c->view, c->block->index, &ours) &&
	       slice_eq(c->block->hash, slice_of(ours.hash, HASH_SIZE));
}

/* Step 14, from 14b on. 14a and 14f cannot occur after steps 11 and 10, and 14c and 14e were
 * checked earlier. */
static enum verdict check_place(const struct check *c, const char **why)
{
	const struct block *b = c->block;

	if (b->index > c->view->params->block_signers_start) {
		*why = signers_reject(
			c->view, b, c->last_full, view_height(c->view), c->facts->key_strength);
		if (*why)
			return VERDICT_BAD;
	}
	if (b->index > c->tip->index) {
		*why = "15 extends the chain";
		return VERDICT_GOOD;
	}
	if (b->index + CONFIDENCE_DEPTH < c->tip->index)
		return bad(why, "14d fork is too deep");
	*why = "14d fork";
	return VERDICT_FORK;
}

/* Steps 10 and 11. True when the block fails one of them; false also when the block below is not
 * stored. */
static bool breaks_link(const struct check *c, enum verdict *verdict, const char **why)
{
	const struct block *b = c->block;
	uint64_t height = view_height(c->view);
	struct block_summary below;

	if (!view_summary(c->view, b->index - 1, &below))
		return false;
	*verdict = VERDICT_BAD;
	if (!slice_eq(b->prev_hash, slice_of(below.hash, HASH_SIZE))) {
		bool deep = height > CONFIDENCE_DEPTH && b->index < height - CONFIDENCE_DEPTH;
		*verdict = deep ? VERDICT_BAD : VERDICT_REWIND;
		*why = deep ? "10a follows another chain, too deep" : "10b follows another chain";
		return true;
	}
	*why = "11 older than the block below";
	return b->timestamp < below.timestamp;
}

static enum verdict check(const struct check *c, const char **why)
{
	const struct block *b = c->block;
	enum verdict verdict;

	if (is_stored(c)) {
		*why = "14e stored already";
		return VERDICT_TWIN;
	}
	*why = break_form(b);
	if (*why)
		return VERDICT_BAD;
	if (b->timestamp > latest_time(c->now))
		return bad(why, "4 timestamp is in the future");
	if (c->tip && b->index > c->tip->index + 1) {
		*why = "5 blocks below are missing";
		return VERDICT_FUTURE;
	}
	*why = break_proof(c);
	if (*why)
		return VERDICT_BAD;
	if (breaks_link(c, &verdict, why))
		return verdict;
	*why = break_transaction(c);
	if (*why)
		return VERDICT_BAD;
	return c->tip ? check_place(c, why) : check_genesis(c, why);
}

enum verdict rules_check(const struct check *c, const char **why)
{
	view_begin(c->view);
	enum verdict verdict = check(c, why);
	view_end(c->view);
	return verdict;
}
