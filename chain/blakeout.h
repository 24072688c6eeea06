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

/* How many lanes work for n inputs: 1, 4, 8 or 16. One hash takes less time than sixteen, though
 * far more than a sixteenth of it. */
unsigned blakeout_lanes_for(unsigned n);

/* Bytes of scratch for so many lanes of which `kept` segments, 0 … BLAKEOUT_SEGMENTS, stay. */
size_t blakeout_scratch_size(unsigned lanes, unsigned kept);

/* out[i] = Blakeout(in[i]) for i < n, 1 … BLAKEOUT_LANES. `scratch` is 64-byte aligned; `size` is
 * blakeout_scratch_size(blakeout_lanes_for(n), 0) at least, and the more, the faster. Its content
 * is neither read nor kept, but the inputs may lie in it: they are read before anything is written.
 */
void blakeout_lanes(const struct slice *in, unsigned n, uint8_t (*out)[BLAKEOUT_SIZE],
	void *scratch, size_t size);

/* Which code the lanes run as on this machine, for the log: "avx512", "avx2", "generic", ... */
const char *blakeout_width(void);

#endif
