/* Any bytes as a stream of frames: the judge never reads beyond what is buffered, its answer does
 * not change as more arrives, and what is opened seals to the same bytes again. */
#include "p2p/frame.h"
#include "p2p/secure.h"
#include "tests/fuzz/fuzz.h"

static const struct secure session = {{1, 2, 3}, {4, 5, 6}};

static void seal_and_open(struct slice plain)
{
	size_t size = FRAME_HEAD + plain.n + SECURE_TAG;
	struct wr w = wr_of(mem_alloc(size), size);
	struct slice opened;
	bool fits = plain.n > 0 && plain.n <= FRAME_BODY_MAX - SECURE_TAG;

	must(secure_seal(&session, plain, &w) == fits);
	if (fits) {
		struct frame f = frame_judge(w.p, w.n);
		must(f.state == FRAME_READY && f.size == size && w.n == size);
		must(secure_open(&session, w.p + FRAME_HEAD, size - FRAME_HEAD, &opened));
		must(slice_eq(opened, plain));
		w.p[FRAME_HEAD] ^= 1;
		must(!secure_open(&session, w.p + FRAME_HEAD, size - FRAME_HEAD, &opened));
	}
	mem_free(w.p);
}

static void seal_again(struct slice plain, const uint8_t *frame, size_t size)
{
	struct wr w = wr_of(mem_alloc(size), size);

	must(secure_seal(&session, plain, &w) && memcmp(w.p, frame, size) == 0);
	mem_free(w.p);
}

/* The first n bytes in memory of their own. */
static struct frame judge(const uint8_t *data, size_t n)
{
	uint8_t *buffered = mem_alloc(n);
	struct slice plain;

	if (n)
		memcpy(buffered, data, n);
	struct frame f = frame_judge(buffered, n);
	if (f.state == FRAME_READY) {
		must(f.size <= n && f.size > FRAME_HEAD);
		if (secure_open(&session, buffered + FRAME_HEAD, f.size - FRAME_HEAD, &plain))
			seal_again(plain, data, f.size);
	}
	must(f.state != FRAME_MORE || f.size > n);
	mem_free(buffered);
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame whole = judge(data, size);

	for (size_t n = 0; n < size && n < 64; n++) {
		struct frame f = judge(data, n);
		must(n < FRAME_HEAD || (f.state == FRAME_BAD) == (whole.state == FRAME_BAD));
		must(f.state == FRAME_READY || f.size <= whole.size || whole.state == FRAME_BAD);
	}
	seal_and_open(slice_of(data, size));
	must(mem_blocks() == 0);
	return 0;
}
