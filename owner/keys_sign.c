/* Role: signs a block with a key that is open, once the journal has it.
 * Before: owner/keys_node.c. After: owner/keys_journal.c, chain/crypto.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "chain/crypto.h"
#include "chain/params.h"
#include "owner/keys_process_internal.h"

static enum keys_said bad_block(char line[KEYS_TEXT_MAX], const char *what)
{
	snprintf(line, KEYS_TEXT_MAX, "the block is not signed: %s", what);
	return KEYS_BAD_BLOCK;
}

/* Its form alone. */
static const char *fault_of(const struct block *b)
{
	if (b->version != CHAIN_VERSION)
		return "it is of another version";
	if (b->index == 0 || b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE)
		return "it has no index, hash or author";
	if (b->prev_hash.n != (b->index == 1 ? 0 : HASH_SIZE))
		return "its previous hash is missing";
	if (hash_difficulty(b->hash) < (int64_t)b->difficulty)
		return "its hash has fewer zero bits than it claims";
	return NULL;
}

static struct slice preimage(struct keys_process *p, const struct block *b, enum preimage kind)
{
	struct wr w = wr_of(p->space->preimage, PREIMAGE_MAX);

	block_preimage(b, kind, &w);
	return wr_done(&w);
}

static bool hash_is_right(struct keys_process *p, const struct block *b)
{
	struct slice in = preimage(p, b, PREIMAGE_HASH);
	uint8_t hash[1][BLAKEOUT_SIZE];

	if (!in.n)
		return false;
	blakeout_lanes(&in, 1, hash, p->scratch, blakeout_scratch_size(1, 0));
	return memcmp(hash[0], b->hash.p, HASH_SIZE) == 0;
}

/* The journal was lost or restored from a backup: another block may have been signed meanwhile.
 * After the full block that is being signed now, its places do not come again. */
static bool is_to_wait(struct keys_process *p, struct ring_key *k, const struct keys_message *m,
	char line[KEYS_TEXT_MAX])
{
	uint64_t known = journal_highest(p->journal, k->file.pub.signing);

	if (m->number <= known || m->flag)
		return false;
	if (!k->waits) {
		k->waits = true;
		k->waits_for = m->second;
	}
	if (m->second > k->waits_for)
		return false;
	snprintf(line, KEYS_TEXT_MAX,
		"key %s has block %" PRIu64 " in the chain, its journal of signatures ends at "
		"%" PRIu64 " (a restored backup?): nothing is signed for full block %" PRIu64
		", only for later ones",
		k->name, m->number, known, k->waits_for);
	return true;
}

static struct journal_block place_of(const struct block *b)
{
	struct journal_block to = {.full = b->full, .place.index = b->index};

	memcpy(to.key, b->pub_key.p, KEY_SIZE);
	memcpy(to.place.hash, b->hash.p, HASH_SIZE);
	if (b->prev_hash.n)
		memcpy(to.place.prev_hash, b->prev_hash.p, HASH_SIZE);
	return to;
}

/* KEYS_DONE: it stands in the journal, on the disk. */
static enum keys_said write_down(struct keys_process *p, struct ring_key *k, const struct block *b,
	const struct keys_message *m, char line[KEYS_TEXT_MAX])
{
	struct journal_block place = place_of(b);
	enum journal_verdict verdict = journal_judge(p->journal, &place);

	if (verdict == JOURNAL_SAME)
		return KEYS_DONE;
	if (verdict == JOURNAL_OTHER) {
		snprintf(line, KEYS_TEXT_MAX,
			"key %s has signed another block %" PRIu64 " on the same previous block",
			k->name, b->index);
		return KEYS_SIGNED_OTHER;
	}
	if (!b->full && is_to_wait(p, k, m, line))
		return KEYS_RESTORED;
	if (!journal_write(p->journal, &place, clock_wall(p->clock))) {
		snprintf(line, KEYS_TEXT_MAX,
			"the journal of signatures cannot be written, so nothing is signed: %s",
			strerror(errno));
		return KEYS_NO_JOURNAL;
	}
	if (verdict == JOURNAL_REWIND)
		process_says(p, true,
			"key %s signs block %" PRIu64 " again, on another previous block: the "
			"chain was rewound",
			k->name, b->index);
	return KEYS_DONE;
}

enum keys_said process_signs(struct keys_process *p, const struct keys_message *m,
	char line[KEYS_TEXT_MAX], uint8_t signature[64])
{
	struct block b;

	if (block_decode(m->bytes, &b, p->space->block, BLOCK_MAX_ENCODED) != ERR_OK)
		return bad_block(line, "it cannot be read");
	if (fault_of(&b))
		return bad_block(line, fault_of(&b));
	/* What is asked of a signature of a full block only the chain knows, and so the node. */
	if (!b.full && m->number == KEYS_NO_CHAIN)
		return bad_block(
			line, "it has no transaction: signing full blocks is the node's work");
	struct ring_key *k = ring_by_signing(p->ring, b.pub_key.p);
	if (!k)
		return KEYS_NO_SUCH_KEY;
	if (!k->secrets)
		return KEYS_LOCKED;
	if (!hash_is_right(p, &b))
		return bad_block(line, "its hash is not that of its content");
	enum keys_said said = write_down(p, k, &b, m, line);
	if (said == KEYS_DONE)
		crypto_sign_with(
			k->secrets->signing, preimage(p, &b, PREIMAGE_SIGNATURE), signature);
	p->changed |= said == KEYS_DONE;
	return said;
}
