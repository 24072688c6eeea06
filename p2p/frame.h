/* Frames (protocol.md 6.4): two masked length bytes and a sealed body. The length is judged before
 * anybody waits for the body. Pure.
 * Before: p2p/conn.c buffered the bytes. After: p2p/peer.c, which lets p2p/secure.c open the body.
 */
#ifndef P2P_FRAME_H
#define P2P_FRAME_H

#include "base/slice.h"

enum {
	FRAME_HEAD = 2,
	FRAME_TAG = 16,
	FRAME_BODY_MIN = FRAME_TAG + 1, /* an empty message cannot mean anything */
	FRAME_BODY_MAX = 65535,
	FRAME_MAX = FRAME_HEAD + FRAME_BODY_MAX,
};

/* Writes the two bytes for a body of FRAME_BODY_MIN … FRAME_BODY_MAX. */
void frame_head(size_t body, uint8_t two[FRAME_HEAD]);

enum frame_state {
	FRAME_MORE,  /* not complete: `size` bytes are needed in all as far as can be told */
	FRAME_READY, /* `size` bytes from the start are the frame, the head included */
	FRAME_BAD,   /* malformed: close */
};

struct frame {
	enum frame_state state;
	size_t size;
};

/* `buffered` bytes have arrived, of which the first FRAME_HEAD are at `head`; with fewer nothing
 * is read there. */
struct frame frame_judge(const uint8_t head[FRAME_HEAD], size_t buffered);

#endif
