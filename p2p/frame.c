/* Role: checks the length of a frame before its body is awaited (protocol.md 6.4).
 * Before and after: p2p/peer.c, which waits for the whole frame or closes the connection. */
#include "p2p/frame.h"

enum { LENGTH_MASK = 0xaa };

/* The length of the body from the two bytes of the head; -1 when no message is that short. */
static int body_length(const uint8_t two[FRAME_HEAD])
{
	int n = (two[0] ^ LENGTH_MASK) << 8 | (two[1] ^ LENGTH_MASK);

	return n < FRAME_BODY_MIN ? -1 : n;
}

void frame_head(size_t body, uint8_t two[FRAME_HEAD])
{
	two[0] = (uint8_t)(body >> 8 ^ LENGTH_MASK);
	two[1] = (uint8_t)(body ^ LENGTH_MASK);
}

struct frame frame_judge(const uint8_t head[FRAME_HEAD], size_t buffered)
{
	if (buffered < FRAME_HEAD)
		return (struct frame){FRAME_MORE, FRAME_HEAD};
	int body = body_length(head);
	if (body < 0)
		return (struct frame){FRAME_BAD, 0};
	size_t size = FRAME_HEAD + (size_t)body;
	return (struct frame){buffered < size ? FRAME_MORE : FRAME_READY, size};
}
