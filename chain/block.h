/* A block and its encodings: CBOR as on the wire (protocol.md 4.3) and the compact preimages that
 * are hashed and signed (4.4). Pure. */
#ifndef CHAIN_BLOCK_H
#define CHAIN_BLOCK_H

#include "base/err.h"
#include "base/cursor.h"

enum {
	HASH_SIZE = 32,
	KEY_SIZE = 32,
	SIGNATURE_SIZE = 64,
	/* The longest encoding that is taken from anywhere. The wire carries less
	   (protocol.md 5.1). */
	BLOCK_MAX_ENCODED = 65536,
	/* A preimage writes hex where the encoding has hex, and 8-byte lengths. */
	PREIMAGE_MAX = BLOCK_MAX_ENCODED + 256,
};

/* Byte strings are raw bytes, not hex. "Zero" ones (protocol.md 2.1) are always empty here: the
 * decoder normalises them, see 12.3 item 3. */
struct transaction {
	struct slice class_name; /* text */
	struct slice identity, confirmation, signing, encryption;
	struct slice data; /* text */
};

struct block {
	uint64_t index;
	int64_t timestamp; /* seconds */
	uint32_t version, difficulty, random;
	uint64_t nonce;
	struct slice hash, prev_hash, pub_key, signature;
	bool full; /* has a transaction */
	struct transaction tx;
};

/* A block on its way: with its canonical encoding, which is digested and stored, and all the bytes
 * that its slices point to. One allocation. Whoever changes `b` makes another with block_copy(). */
struct block_owned {
	struct block b;
	struct slice canonical;
	size_t size; /* bytes of the whole allocation, what a byte row accounts */
	uint8_t space[];
};

/* Decodes strictly what 4.3 allows to be strict about: definite maps with text keys in any order,
 * unknown keys ignored, shortest or longer integers as libcbor reads them; everything that the
 * reference refuses is refused. `space` must hold cbor.n bytes and lives as long as the block;
 * the slices of *b point into it, never into `cbor`. ERR_MALFORMED, ERR_TOO_BIG. */
enum err block_decode(struct slice cbor, struct block *b, uint8_t *space, size_t space_size);

/* The same into one allocation of its own, which the caller frees with mem_free(); ERR_NOMEM too.
 */
enum err block_decode_owned(struct slice cbor, struct block_owned **out);

/* A deep copy with its encoding; NULL when memory ran out. */
struct block_owned *block_copy(const struct block *b);

/* The canonical encoding. The writer's error is set when it does not fit. */
void block_encode(const struct block *b, struct wr *w);

/* The same; *texts are the transaction's class_name and data where they stand in the writer's
 * buffer, empty without a transaction. For chain/block_owned.c. */
void block_encode_texts(const struct block *b, struct wr *w, struct transaction *texts);

/* Upper bound of the canonical encoding's length, for choosing a buffer. */
size_t block_encoded_bound(const struct block *b);

/* What a preimage is for. Each kind has the fields of the one before and more: all but hash and
 * signature; with the hash; with both. */
enum preimage { PREIMAGE_HASH, PREIMAGE_SIGNATURE, PREIMAGE_FULL };

/* Writes the compact preimage of that kind (protocol.md 4.4). The writer's error is set when it
 * does not fit; PREIMAGE_MAX bytes suffice for any block that was decoded. */
void block_preimage(const struct block *b, enum preimage kind, struct wr *w);

/* True when the block has a transaction of this class; the names are compared exactly. */
bool block_is_domain(const struct block *b);
bool block_is_origin(const struct block *b);

/* HD(x) and KD(x) of protocol.md 7.4, in bits: zeros at both ends, and at the front alone. −1 when
 * `x` has fewer than 8 bytes, where the reference node crashes. */
int hash_difficulty(struct slice x);
int key_difficulty(struct slice x);

/* betterThan(x, y) of protocol.md 7.13: the fork choice prefers x. A hash of fewer than 8 bytes
 * counts nothing. */
bool block_better_than(const struct block *x, const struct block *y);

/* The last 8 bytes as a big-endian number; 0 when there are fewer (7.7, 7.13). */
uint64_t slice_tail(struct slice x);

#endif
