/* A block and its encodings: CBOR as on the wire (protocol.md 4.3) and the compact preimages that
 * are hashed and signed (4.4). Pure, so any thread may call these functions. */
#ifndef CHAIN_BLOCK_H
#define CHAIN_BLOCK_H

#include "base/err.h"
#include "base/cursor.h"

enum {
	HASH_SIZE = 32,
	KEY_SIZE = 32,
	SIGNATURE_SIZE = 64,
	/* The longest encoding that is accepted, from a file too. A message carries less
	 * (protocol.md 5.1). */
	BLOCK_MAX_ENCODED = 65536,
	/* A preimage writes hex where the encoding has hex, and 8-byte lengths. */
	PREIMAGE_MAX = BLOCK_MAX_ENCODED + 256,
};

/* A transaction (protocol.md 4.2). Byte strings are raw bytes, not hex. The decoder makes "zero"
 * ones (2.1: empty, or all bytes 0) empty, because only so they are hashed alike (12.3 item 3). */
struct transaction {
	struct slice class_name; /* text */
	struct slice identity, confirmation, signing, encryption;
	struct slice data; /* text */
};

/* A block (protocol.md 4.1). Its slices are borrowed: the function that fills it says from where.
 */
struct block {
	uint64_t index;
	int64_t timestamp; /* seconds since 1970; any number may come */
	uint32_t version, difficulty, random;
	uint64_t nonce;
	struct slice hash, prev_hash, pub_key, signature;
	bool full; /* has a transaction */
	struct transaction tx;
};

/* A block as it passes through the program: with its canonical encoding, which is digested and
 * stored, and all bytes that its slices point to, in one allocation that mem_free() frees. Its
 * fields must not be changed, since the encoding would no longer fit: make another block with
 * block_copy(). */
struct block_owned {
	struct block b;
	struct slice canonical; /* its canonical encoding */
	size_t size;     /* bytes of the whole allocation, as rows of limits.def count them */
	uint8_t space[]; /* what the slices point to */
};

/* Decodes a block as strictly as 4.3 allows: definite maps with text keys in any order, unknown
 * keys ignored, integers in shortest or longer form as libcbor reads them; everything that the
 * reference node refuses is refused. `space` must have room for cbor.n bytes and live as long as
 * the block: the slices of *b point into it, never into `cbor`. ERR_MALFORMED, ERR_TOO_BIG. */
enum err block_decode(struct slice cbor, struct block *b, uint8_t *space, size_t space_size);

/* Decodes a block into one allocation of its own, which the caller frees with mem_free(). Also
 * ERR_NOMEM; on any error *out is NULL. */
enum err block_decode_owned(struct slice cbor, struct block_owned **out);

/* A deep copy with its encoding, which the caller frees with mem_free(). NULL when memory runs out.
 */
struct block_owned *block_copy(const struct block *b);

/* Appends the canonical encoding (4.3). The writer's error is set when it does not fit. */
void block_encode(const struct block *b, struct wr *w);

/* The same. *texts gets the transaction's class_name and data as slices of the writer's buffer;
 * empty without a transaction. For chain/block_owned.c, which so need not store these texts twice.
 */
void block_encode_texts(const struct block *b, struct wr *w, struct transaction *texts);

/* A number of bytes that suffices for the canonical encoding. */
size_t block_encoded_bound(const struct block *b);

/* What a preimage is for. Each kind has the fields of the one before and more: all but hash and
 * signature; with the hash; with both. */
enum preimage { PREIMAGE_HASH, PREIMAGE_SIGNATURE, PREIMAGE_FULL };

/* Writes the compact preimage of that kind (protocol.md 4.4). The writer's error is set when it
 * does not fit; PREIMAGE_MAX bytes suffice for any block that was decoded. */
void block_preimage(const struct block *b, enum preimage kind, struct wr *w);

/* A number of bytes that suffices for any preimage of the block. */
size_t block_preimage_bound(const struct block *b);

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
