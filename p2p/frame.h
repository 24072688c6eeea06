/* Frames (protocol.md 6.4): two masked bytes with the length, then an encrypted body. A length that
 * no frame has is refused at once, before its body is awaited. Pure.
 * Before: p2p/conn.c has buffered the bytes. After: p2p/peer.c has p2p/secure.c decrypt the body.
 */
#ifndef P2P_FRAME_H
#define P2P_FRAME_H

#include "base/slice.h"

enum {
	FRAME_HEAD = 2,
	FRAME_TAG = 16,
	FRAME_BODY_MIN = FRAME_TAG + 1, /* the tag and one byte: no message is empty */
	FRAME_BODY_MAX = 65535,
	FRAME_MAX = FRAME_HEAD + FRAME_BODY_MAX,
};

/* Writes the head of a frame whose body has FRAME_BODY_MIN … FRAME_BODY_MAX bytes. */
void frame_head(size_t body, uint8_t two[FRAME_HEAD]);

enum frame_state {
	FRAME_MORE,  /* not complete: at least `size` bytes in all are needed */
	FRAME_READY, /* the first `size` bytes are the frame, its head included */
	FRAME_BAD,   /* impossible length: the caller closes the connection */
};

struct frame {
	enum frame_state state;
	size_t size;
};

/* Judges what has arrived of a frame: `buffered` bytes, of which the first FRAME_HEAD are at
 * `head`. With fewer than FRAME_HEAD bytes `head` is not read. */
struct frame frame_judge(const uint8_t head[FRAME_HEAD], size_t buffered);

#endif
