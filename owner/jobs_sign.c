/* Signatures of full blocks: which of our keys signs, when it starts, and the block that is
 * searched. See owner/jobs.h. Before: owner/jobs_next.c. After: owner/turn.h, chain/signers.h. */
#include "owner/jobs_internal.h"

/* A drawn key starts this long after the one before it: 20 s, in which five of six searches of one
 * core find something. */
static int64_t step_of(const struct jobs *j)
{
	return (int64_t)((2 * j->s.params->signing_poll + 2) / 3);
}

/* How old the tip must be. A full block is left alone for a minute; a signature only for as long as
 * it needs to get around, 10 s, since the keys do not start at the same time anyway. */
static int64_t age_of(const struct jobs *j, const struct chain_tip *tip)
{
	int64_t wait = (int64_t)j->s.params->signing_wait, step = step_of(j);

	return tip->last_full == tip->height || wait < step / 2 ? wait : step / 2;
}

/* Standby keys start within this time: 300 s. */
static uint64_t heal_spread(const struct jobs *j)
{
	return j->s.params->signing_poll * 10;
}

/* ---- keys that may not sign for this tip ---- */

static bool is_refused(const struct jobs *j, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < j->refused; i++)
		if (memcmp(j->refused_keys[i], key, KEY_SIZE) == 0)
			return true;
	return false;
}

void jobs_refuse_signer(struct jobs *j)
{
	if (memcmp(j->drawn_tip, j->tip_hash, HASH_SIZE) != 0)
		return; /* another tip has come, and the key may sign for that */
	if (j->refused < JOBS_REFUSED_MAX)
		memcpy(j->refused_keys[j->refused++], j->signer, KEY_SIZE);
	j->drawn = false;
}

/* ---- whose turn it is ---- */

static bool has_signed(
	struct view *v, const struct block_summary *full, const uint8_t key[KEY_SIZE])
{
	return view_count(v, key, UINT64_MAX) > view_count(v, key, full->index);
}

/* How many drawn keys come before this one: those before it in the draw that have not signed yet.
 * SIGNERS_ALL when it is not drawn. */
static unsigned draw_place(struct jobs *j, const uint8_t key[KEY_SIZE])
{
	struct view *v = chain_view(j->s.chain);
	struct block_summary full;
	unsigned before = 0;
	struct draw d;

	if (!view_summary(v, j->signing.turn.full, &full))
		return SIGNERS_ALL;
	signers_draw(v, &full, &d);
	for (unsigned i = 0; i < d.n; i++) {
		if (memcmp(d.keys[i], key, KEY_SIZE) == 0)
			return before;
		before += !has_signed(v, &full, d.keys[i]);
	}
	return SIGNERS_ALL;
}

/* It may have been locked since it was chosen. */
static bool may_sign_still(const struct jobs *j)
{
	const struct turn *t = &j->signing.turn;

	for (unsigned i = 0; i < t->n; i++)
		if (memcmp(j->keys[t->key[i]], j->signer, KEY_SIZE) == 0)
			return true;
	return false;
}

/* Which of our keys signs, and when it starts: drawn keys one after the other in the order of the
 * draw, so that hardly ever two search for the same place; standby keys at random. */
static void draw_start(struct jobs *j, int64_t now)
{
	const struct turn *t = &j->signing.turn;
	unsigned best = SIGNERS_ALL + 1;

	for (unsigned i = 0; i < t->n; i++) {
		const uint8_t *key = j->keys[t->key[i]];
		unsigned place = t->kind == TURN_SIGNING ? draw_place(j, key) : SIGNERS_ALL;
		if (place >= best || is_refused(j, key))
			continue;
		best = place;
		memcpy(j->signer, key, KEY_SIZE);
	}
	j->drawn = best <= SIGNERS_ALL;
	j->signing.starts = 0;
	if (!j->drawn)
		return;
	j->signing.starts =
		now + (t->kind == TURN_SIGNING ? (int64_t)best * step_of(j)
					       : (int64_t)rng_below(j->s.rng, heal_spread(j)));
}

/* Nothing that was decided for another tip holds: the place is another, and perhaps the draw. */
static void note_tip(struct jobs *j, const struct chain_tip *tip)
{
	if (memcmp(j->drawn_tip, tip->hash, HASH_SIZE) == 0)
		return;
	memcpy(j->drawn_tip, tip->hash, HASH_SIZE);
	j->drawn = false;
	j->refused = 0;
}

void jobs_sign_with(struct jobs *j, const struct chain_tip *tip, const uint8_t key[KEY_SIZE])
{
	note_tip(j, tip);
	memcpy(j->signer, key, KEY_SIZE);
}

/* Is it our turn now, or when? */
static void look_at_turn(struct jobs *j, const struct chain_tip *tip, int64_t now)
{
	struct turn_ask ask = {.keys = (const uint8_t(*)[KEY_SIZE])j->keys,
		.now = now,
		.max_height = j->s.hooks.max_height(j->s.hooks.ctx),
		.wait = age_of(j, tip)};

	ask.n = (unsigned)j->s.hooks.open_keys(j->s.hooks.ctx, j->keys, JOBS_KEYS_MAX);
	turn_of(chain_view(j->s.chain), &ask, &j->signing.turn);
	note_tip(j, tip);
	if (j->signing.turn.kind == TURN_NONE) {
		j->signing.starts = j->signing.turn.when;
		j->drawn = false;
	} else if (!j->drawn || !may_sign_still(j)) {
		draw_start(j, now);
	}
}

bool jobs_sign_is_due(struct jobs *j, const struct chain_tip *tip, int64_t now)
{
	if (!j->signing.on)
		return false;
	look_at_turn(j, tip, now);
	return j->drawn && now >= j->signing.starts;
}

void jobs_search_signature(struct jobs *j, const struct chain_tip *tip)
{
	struct block b = {.version = CHAIN_VERSION,
		.difficulty = (uint32_t)j->s.params->signer_difficulty,
		.pub_key = slice_of(j->signer, KEY_SIZE)};

	jobs_put_above(j, tip, &b);
	j->hashed = 0;
	j->signing.searching = jobs_search(j, &b, 0) == ERR_OK;
}
