/* The length judge of protocol.md 6.4. See p2p/frame.h. */
#include "p2p/frame.h"

enum { LENGTH_MASK = 0xaa };

int frame_length(const uint8_t two[FRAME_HEAD])
{
	int n = (two[0] ^ LENGTH_MASK) << 8 | (two[1] ^ LENGTH_MASK);

	return n < FRAME_BODY_MIN ? -1 : n;
}

void frame_head(size_t body, uint8_t two[FRAME_HEAD])
{
	two[0] = (uint8_t)(body >> 8 ^ LENGTH_MASK);
	two[1] = (uint8_t)(body ^ LENGTH_MASK);
}

struct frame frame_judge(struct slice buffered)
{
	if (buffered.n < FRAME_HEAD)
		return (struct frame){.state = FRAME_MORE, .size = FRAME_HEAD};
	int body = frame_length(buffered.p);
	if (body < 0)
		return (struct frame){.state = FRAME_BAD};
	size_t size = FRAME_HEAD + (size_t)body;
	if (buffered.n < size)
		return (struct frame){.state = FRAME_MORE, .size = size};
	return (struct frame){FRAME_READY, size, {buffered.p + FRAME_HEAD, (size_t)body}};
}
