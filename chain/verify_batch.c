/* Role: checks a batch of blocks: hashes up to sixteen inputs at once, then checks the signatures
 * and the data of the blocks.
 * Before: chain/verify.c took the jobs from its queue. After: chain/verify.c returns the facts. */
#include "chain/crypto.h"
#include "chain/verify_batch.h"
#include "domain/domain.h"

/* ---- which jobs ---- */

/* Is the key to be hashed for its strength? One of another length has none (protocol.md 7.4). */
static bool hashes_key(const struct verify_job *job)
{
	return job->want_strength && job->block->pub_key.n == KEY_SIZE;
}

bool batch_add(struct batch *b, struct verify_job *job)
{
	size_t text = block_preimage_bound(job->block);
	unsigned lanes = hashes_key(job) ? 2 : 1;

	if (b->job_count && (b->lane_count + lanes > BLAKEOUT_LANES ||
				    b->text + text > hash_scratch_room_least()))
		return false;
	job->failed = job->facts.hash_ok = job->facts.signature_ok = false;
	job->facts.domain = DOMAIN_UNREAD;
	if (job->want_strength)
		job->facts.key_strength = lanes == 2 ? -1 : 0;
	b->text += text;
	b->jobs[b->job_count++] = job;
	b->lanes[b->lane_count++] = (struct lane){job, false};
	if (lanes == 2)
		b->lanes[b->lane_count++] = (struct lane){job, true};
	return true;
}

/* ---- the work ---- */

/* Writes the hash inputs at the start of the scratch memory. That is safe: blakeout_lanes() reads
 * its inputs before it writes there. */
static bool write_inputs(
	struct hash_scratch *d, const struct batch *b, struct slice in[BLAKEOUT_LANES])
{
	struct wr all = wr_of(d->aligned, hash_scratch_room(d));

	for (unsigned i = 0; i < b->lane_count; i++) {
		const struct block *block = b->lanes[i].job->block;
		size_t from = all.n;
		if (b->lanes[i].strength)
			wr_slice(&all, block->pub_key);
		else
			block_preimage(block, PREIMAGE_HASH, &all);
		in[i] = slice_of(all.p + from, all.n - from);
	}
	return !all.bad;
}

static void take_hash(const struct lane *lane, struct slice hash)
{
	struct block_facts *f = &lane->job->facts;

	if (lane->strength)
		f->key_strength = (int16_t)key_difficulty(hash);
	else
		f->hash_ok = slice_eq(lane->job->block->hash, hash);
}

/* Skips blocks with a wrong hash, because they are refused before their signature matters. */
static void check_signature(struct hash_scratch *d, struct verify_job *job)
{
	const struct block *b = job->block;
	struct wr w = wr_of(d->aligned, hash_scratch_room(d));

	if (!job->facts.hash_ok)
		return;
	block_preimage(b, PREIMAGE_SIGNATURE, &w);
	job->facts.signature_ok = !w.bad && crypto_verify(b->pub_key, wr_done(&w), b->signature);
}

void batch_run(struct hash_scratch *d, struct batch *b)
{
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];

	if (!hash_scratch_open(d) || !write_inputs(d, b, in)) {
		for (unsigned i = 0; i < b->job_count; i++)
			b->jobs[i]->failed = true;
		return;
	}
	blakeout_lanes(in, b->lane_count, hash, d->aligned, hash_scratch_room(d));
	for (unsigned i = 0; i < b->lane_count; i++)
		take_hash(&b->lanes[i], slice_of(hash[i], BLAKEOUT_SIZE));
	for (unsigned i = 0; i < b->job_count; i++) {
		check_signature(d, b->jobs[i]);
		facts_read_domain(&b->jobs[i]->facts, b->jobs[i]->block);
	}
}
