/* Any bytes as a block: what is taken has an encoding that is taken again as the same block, and
 * that encoding is a fixed point, is kept beside the block, and is no longer than what came. */
#include "chain/block.h"
#include "tests/fuzz/fuzz.h"

static void same_preimages(const struct block *a, const struct block *b)
{
	static uint8_t space[2][PREIMAGE_MAX];

	for (enum preimage kind = PREIMAGE_HASH; kind <= PREIMAGE_FULL; kind++) {
		struct wr w[2] = {wr_of(space[0], PREIMAGE_MAX), wr_of(space[1], PREIMAGE_MAX)};
		block_preimage(a, kind, &w[0]);
		block_preimage(b, kind, &w[1]);
		must(!w[0].bad && !w[1].bad && slice_eq(wr_done(&w[0]), wr_done(&w[1])));
	}
}

/* Exactly as long as announced, so that any byte beyond is noticed. */
static struct slice encode(const struct block *b)
{
	size_t size = block_encoded_bound(b);
	struct wr w = wr_of(mem_alloc(size), size);

	block_encode(b, &w);
	must(!w.bad);
	return wr_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block_owned *owned, *again;
	uint8_t *space = mem_alloc(size);
	struct block b;
	enum err e = block_decode(slice_of(data, size), &b, space, size);

	must(block_decode_owned(slice_of(data, size), &owned) == e);
	if (e == ERR_OK) {
		struct slice first = encode(&b);
		must(block_decode_owned(first, &again) == ERR_OK);
		struct slice second = encode(&again->b), third = encode(&owned->b);
		must(slice_eq(first, second) && slice_eq(first, third));
		must(first.n <= size && slice_eq(first, owned->canonical) &&
			slice_eq(first, again->canonical));
		same_preimages(&b, &again->b);
		must(!block_better_than(&b, &again->b));
		mem_free(again);
		mem_free((void *)(uintptr_t)first.p);
		mem_free((void *)(uintptr_t)second.p);
		mem_free((void *)(uintptr_t)third.p);
	}
	mem_free(owned);
	mem_free(space);
	must(mem_blocks() == 0);
	return 0;
}
