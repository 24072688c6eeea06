/* The eleven messages and their CBOR (protocol.md 5.1). Pure.
 * Before: p2p/secure.c opened the frame. After: p2p/peer.c gates it by phase, node/ handles it. */
#ifndef P2P_WIRE_H
#define P2P_WIRE_H

#include "base/cursor.h"
#include "base/err.h"

enum {
	MESSAGE_MAX = 65519, /* CBOR bytes that fit a frame (protocol.md 6.4) */
	PEERS_MAX = 15,      /* entries taken from one Peers (5.8) */
	PEERS_SENT_MAX = 10, /* entries sent */
	RAND_ID_SIZE = 6,
};

enum message_type {
#define MESSAGE(id, ...) MSG_##id,
#include "p2p/messages.def"
#undef MESSAGE
	MSG_COUNT,
	MSG_NOTHING = MSG_COUNT, /* no message */
};

/* How a message is dealt with, whatever it says: columns of p2p/messages.def. */
struct message_rule {
	bool when_ready;           /* comes only from one who is ready, or becomes so by it */
	bool free;                 /* never counted as unsolicited */
	bool wants_answer;         /* its receiver has to answer (protocol.md 5.14 b) */
	enum message_type answers; /* the message of the other side that it answers */
};

/* A constant; t < MSG_COUNT. */
const struct message_rule *message_rule(enum message_type t);

/* All slices are borrowed from the decoded bytes (or, for Block.block, from the scratch given to
 * the decoder) and valid until the handler returns. */
struct message {
	enum message_type type;
	struct slice app_version, origin, rand_id; /* Hand, Shake; text */
	uint32_t version;                          /* Hand, Shake */
	bool is_public;                            /* Hand, Shake */
	uint64_t height;                           /* Shake, Ping, Pong */
	struct slice hash;  /* Ping, Pong: raw bytes, pointing into the scratch; empty = none */
	uint64_t index;     /* GetBlock, Block */
	struct slice block; /* Block: the encoding of a block */
	size_t peer_count;  /* Peers: entries in the message, may exceed PEERS_MAX */
	struct slice peers[PEERS_MAX]; /* the first of them; text */
};

/* Decodes one message; trailing bytes are an error. `scratch` needs cbor.n bytes (Block.block and
 * hash are unpacked into it). ERR_MALFORMED. */
enum err message_decode(struct slice cbor, struct message *m, uint8_t *scratch, size_t size);

/* Appends the canonical encoding; the writer's error is set when it does not fit. */
void message_encode(const struct message *m, struct wr *w);

/* Bytes of a Block message for this block encoding (each byte below 24 takes one, others two). */
size_t message_block_size(uint64_t index, struct slice block);

/* The name on the wire, a constant; "unknown" for none. */
const char *message_name(enum message_type t);

/* Is this app_version of a Hand or Shake new enough (protocol.md 5.3)? Any bytes may come. */
bool app_version_acceptable(struct slice s);

#endif
