/* The eleven messages of the protocol and their CBOR encoding (protocol.md 5.1). Pure.
 * Before: p2p/secure.c has decrypted the frame. After: p2p/peer.c checks whether the message may
 * come now, then node/dispatch.c handles it. */
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
	bool when_ready;           /* only accepted from a peer that is ready or becomes so by it */
	bool free;                 /* never counted as unsolicited */
	bool wants_answer;         /* its receiver has to answer (protocol.md 5.14 b) */
	enum message_type answers; /* the request that it answers; MSG_NOTHING = none */
};

/* The rule of a message, t < MSG_COUNT; static. */
const struct message_rule *message_rule(enum message_type t);

/* A message. After decoding, its slices are borrowed from the decoded bytes, or from the scratch
 * given to the decoder, and so are valid until the handler of the message returns. */
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

/* Decodes one message. Block.block and hash, arrays of numbers in CBOR, are unpacked into
 * `scratch`, which needs cbor.n bytes. ERR_MALFORMED, also when bytes follow the message. */
enum err message_decode(struct slice cbor, struct message *m, uint8_t *scratch, size_t size);

/* Appends the canonical encoding; the writer's error is set when it does not fit. */
void message_encode(const struct message *m, struct wr *w);

/* The length in bytes of the Block message that carries this encoding of a block. It is up to twice
 * as long: the message is an array of numbers, and a byte of 24 or more takes two bytes there. */
size_t message_block_size(uint64_t index, struct slice block);

/* The message's name on the wire, static; "unknown" for MSG_NOTHING. */
const char *message_name(enum message_type t);

/* True when this app_version of a Hand or Shake is new enough (protocol.md 5.3). Accepts any bytes.
 */
bool app_version_acceptable(struct slice s);

#endif
