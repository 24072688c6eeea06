/* What the owner's work asks of the rest of the node: is it in step with the network, which keys
 * are open, sign this, take this block. Before: owner/jobs.c. After: owner/keys_link.h,
 * sync/sync_own_block.h. */
#include <stdio.h>
#include <string.h>

#include "api/reason.h"
#include "base/mem.h"
#include "node/node.h"
#include "sync/sync_own_block.h"

/* ---- may it ---- */

/* Nobody confirms our tip: only a devnet may be mined on nevertheless, when its user says so. */
static bool may_be_alone(const struct node *n, char line[DRAFT_WORDS_MAX])
{
	size_t used = strlen(line);

	if (strcmp(n->config->network, "devnet") != 0)
		return false;
	if (!n->config->mining_offline)
		snprintf(line + used, DRAFT_WORDS_MAX - used,
			"%sa devnet of one node mines with `alfisd run --offline`",
			used ? "; " : "");
	return n->config->mining_offline;
}

bool node_mine_ready(void *node, char line[DRAFT_WORDS_MAX])
{
	struct node *n = node;
	bool syncing;

	if (config_signer(n->config) && n->owner.why[0]) {
		snprintf(line, DRAFT_WORDS_MAX, "the signer is away: %.400s", n->owner.why);
		return false;
	}
	switch (status_reason(&n->api, line, DRAFT_WORDS_MAX, &syncing)) {
	case REASON_AT_TIP:
	case REASON_SIGNATURES:
		return !n->clock_wrong;
	case REASON_NO_PEERS:
	case REASON_ALONE:
	case REASON_NOT_AHEAD:
		return may_be_alone(n, line) && !n->clock_wrong;
	default:
		return false;
	}
}

uint64_t node_mine_max_height(void *node)
{
	return sync_best_height(((struct node *)node)->sync);
}

/* ---- keys ---- */

static const struct keys_state *state_of(const struct node *n)
{
	return n->owner.link ? keys_link_state(n->owner.link) : NULL;
}

/* Has the key signed a block for the place above the tip? One that was lost when the node was
 * killed, or that a rule refused: another one for that place is never signed. */
static bool is_spent(const struct node *n, const struct keys_row *row)
{
	const struct keys_signed *const kinds[] = {&row->empty, &row->full};
	struct chain_tip tip;

	chain_get_tip(n->chain, &tip);
	for (size_t i = 0; i < 2; i++)
		if (kinds[i]->index == tip.height + 1 &&
			memcmp(kinds[i]->prev_hash, tip.hash, HASH_SIZE) == 0)
			return true;
	return false;
}

enum job_key node_mine_key(
	void *node, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE])
{
	const struct keys_state *s = state_of(node);

	for (size_t i = 0; s && i < s->count; i++) {
		const struct keys_row *row = &s->rows[i];
		if (memcmp(row->pub.signing, signing, KEY_SIZE) != 0)
			continue;
		memcpy(encryption, row->pub.encryption, KEY_SIZE);
		return row->locked           ? JOB_KEY_LOCKED
		       : is_spent(node, row) ? JOB_KEY_SPENT
					     : JOB_KEY_OPEN;
	}
	return JOB_KEY_NONE;
}

void node_mine_key_name(void *node, const uint8_t signing[KEY_SIZE], char to[KEY_NAME_MAX + 1])
{
	const struct keys_state *s = state_of(node);

	to[0] = 0;
	for (size_t i = 0; s && i < s->count && !to[0]; i++)
		if (memcmp(s->rows[i].pub.signing, signing, KEY_SIZE) == 0)
			snprintf(to, KEY_NAME_MAX + 1, "%s", s->rows[i].name);
}

size_t node_mine_open_keys(void *node, uint8_t (*to)[KEY_SIZE], size_t max)
{
	const struct keys_state *s = state_of(node);
	size_t n = 0;

	for (size_t i = 0; s && i < s->count && n < max; i++)
		if (!s->rows[i].locked)
			memcpy(to[n++], s->rows[i].pub.signing, KEY_SIZE);
	return n;
}

/* ---- a signature ---- */

/* Says why nothing was signed, once for each block of the chain. */
static void say_unsigned(struct node *n, const char *line)
{
	uint8_t space[NODE_SAY_KEY_MAX];
	struct wr what = wr_of(space, sizeof space);
	struct chain_tip t;

	chain_get_tip(n->chain, &t);
	wr_format(&what, "unsigned");
	wr_be(&what, t.last_full, 8);
	if (node_say_first(n, wr_done(&what), false))
		node_say(n, SAY_SIGNING, line);
}

static void on_signed(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct node *n = ctx;
	bool good = said == KEYS_DONE && bytes.n == SIGNATURE_SIZE;

	if (!n->mine.jobs)
		return;
	if (said == KEYS_RESTORED || said == KEYS_SIGNED_OTHER || said == KEYS_NO_JOURNAL)
		say_unsigned(n, line[0] ? line : keys_said_name(said));
	jobs_signed(n->mine.jobs, good ? bytes.p : NULL,
		said == KEYS_LOCKED || said == KEYS_GONE || said == KEYS_NO_JOURNAL,
		line[0] ? line : keys_said_name(said));
	node_mine_look(n);
}

bool node_mine_sign(void *node, const struct block *b, uint64_t window)
{
	struct node *n = node;
	struct block_owned *copy = block_copy(b);
	bool asked = false;

	if (copy && n->owner.link) {
		uint64_t newest = own_newest(chain_view(n->chain), b->pub_key.p);
		const struct keys_sign s = {.block = copy->canonical,
			.own_newest = newest,
			.window = window,
			.after_restore = newest <= n->foreign.vouched};
		node_foreign_made(n, b->hash); /* before anybody can have the signature */
		asked = keys_link_sign(n->owner.link, &s, on_signed, n);
	}
	mem_free(copy);
	return asked;
}

enum err node_mine_submit(void *node, struct block_owned **b)
{
	struct node *n = node;

	return sync_own_block(n->sync, b, NODE_MINE_NUMBER);
}
