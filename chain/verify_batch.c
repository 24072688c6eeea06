/* Sixteen hash inputs at once, then the signatures and the data of the blocks that they
 * belong to.
 * Before: chain/verify.c took the jobs from its queue. After: it hands the facts back. */
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/verify_batch.h"
#include "domain/domain.h"

enum {
	ALIGN = 64,
	/* A preimage is at most this much longer than the bound of the encoding: both write hex. */
	PREIMAGE_EXTRA = 256,
};

/* ---- memory ---- */

size_t desk_least(void)
{
	return blakeout_scratch_size(BLAKEOUT_LANES, 0) + ALIGN;
}

void desk_clear(struct desk *d)
{
	mem_free(d->memory);
	*d = (struct desk){.limit = d->limit};
}

/* All that the limit allows and the hash can use; less when memory is short. */
static bool desk_open(struct desk *d)
{
	const size_t best = blakeout_scratch_size(BLAKEOUT_LANES, BLAKEOUT_SEGMENTS) + ALIGN;
	size_t size = d->limit < best ? d->limit : best;

	if (d->memory)
		return true;
	for (;; size /= 2) {
		d->held = size > desk_least() ? size : desk_least();
		d->memory = mem_alloc(d->held);
		if (d->memory || size <= desk_least())
			break;
	}
	if (!d->memory) {
		d->held = 0;
		return false;
	}
	d->scratch = (uint8_t *)d->memory + (ALIGN - (uintptr_t)d->memory % ALIGN);
	return true;
}

static size_t desk_size(const struct desk *d)
{
	return d->held - ALIGN;
}

/* ---- which jobs ---- */

/* Other lengths are no keys and have no strength (protocol.md 7.4). */
static bool hashes_key(const struct verify_job *job)
{
	return job->want_strength && job->block->pub_key.n == KEY_SIZE;
}

bool batch_add(struct batch *b, struct verify_job *job)
{
	size_t text = block_encoded_bound(job->block) + PREIMAGE_EXTRA;
	unsigned lanes = hashes_key(job) ? 2 : 1;

	if (b->job_count &&
		(b->lane_count + lanes > BLAKEOUT_LANES || b->text + text > desk_least() - ALIGN))
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

/* The hash reads its inputs before it writes to the scratch in which they lie. */
static bool write_inputs(struct desk *d, const struct batch *b, struct slice in[BLAKEOUT_LANES])
{
	struct wr all = wr_of(d->scratch, desk_size(d));

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

/* A block with a wrong hash is refused before anybody asks for its signature. */
static void check_signature(struct desk *d, struct verify_job *job)
{
	const struct block *b = job->block;
	struct wr w = wr_of(d->scratch, desk_size(d));

	if (!job->facts.hash_ok)
		return;
	block_preimage(b, PREIMAGE_SIGNATURE, &w);
	job->facts.signature_ok = !w.bad && crypto_verify(b->pub_key, wr_done(&w), b->signature);
}

void batch_run(struct desk *d, struct batch *b)
{
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];

	if (!desk_open(d) || !write_inputs(d, b, in)) {
		for (unsigned i = 0; i < b->job_count; i++)
			b->jobs[i]->failed = true;
		return;
	}
	blakeout_lanes(in, b->lane_count, hash, d->scratch, desk_size(d));
	for (unsigned i = 0; i < b->lane_count; i++)
		take_hash(&b->lanes[i], slice_of(hash[i], BLAKEOUT_SIZE));
	for (unsigned i = 0; i < b->job_count; i++) {
		check_signature(d, b->jobs[i]);
		facts_read_domain(&b->jobs[i]->facts, b->jobs[i]->block);
	}
}
