/* Blakeout (protocol.md 3) of up to BLAKEOUT_LANES independent inputs at once. One implementation
 * whose memory is a parameter: the number of kept segments. With all of them kept it is fastest,
 * with none it recomputes each segment once (1.5 times the compressions). */
#ifndef CHAIN_BLAKEOUT_H
#define CHAIN_BLAKEOUT_H

#include "base/slice.h"

enum {
	BLAKEOUT_SIZE = 32,
	BLAKEOUT_LANES = 16,
	BLAKEOUT_SEGMENTS = 256, /* the scratchpad is cut into so many */
};

/* Bytes of scratch for `kept` segments, 0 … BLAKEOUT_SEGMENTS. */
size_t blakeout_scratch_size(unsigned kept);

/* The largest `kept` whose scratch fits `bytes`; -1 when not even 0 does. */
int blakeout_kept_for(size_t bytes);

/* out[i] = Blakeout(in[i]) for i < n ≤ BLAKEOUT_LANES. `scratch` is 64-byte aligned and of
 * blakeout_scratch_size(kept) bytes; its content is neither read nor kept, but the inputs may lie
 * in it: they are read before anything is written. Costs the same for every n. */
void blakeout_lanes(const struct slice *in, unsigned n, uint8_t (*out)[BLAKEOUT_SIZE],
	void *scratch, unsigned kept);

/* Straightforward scalar form, slow: for tests and single hashes without scratch at hand.
 * `words` holds 65,536 × 32 bytes. */
void blakeout_scalar(struct slice in, uint8_t out[BLAKEOUT_SIZE], uint8_t (*words)[32]);

/* Which code the lanes run as on this machine, for the log: "avx512", "avx2", "generic", ... */
const char *blakeout_width(void);

#endif
