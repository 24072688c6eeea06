/* Role: decodes a block from CBOR and encodes it (protocol.md 4.3).
 * Before: p2p/wire.c took the encoding out of a Block message. After: chain/preimage.c writes what
 * chain/verify.c hashes; chain/store.c keeps the canonical encoding. */
#include "chain/block.h"

#include "base/cbor.h"
#include "base/hex.h"

enum block_field {
	BLOCK_INDEX,
	BLOCK_TIMESTAMP,
	BLOCK_VERSION,
	BLOCK_DIFFICULTY,
	BLOCK_RANDOM,
	BLOCK_NONCE,
	BLOCK_HASH,
	BLOCK_PREV_HASH,
	BLOCK_PUB_KEY,
	BLOCK_SIGNATURE,
	BLOCK_TRANSACTION,
	BLOCK_FIELDS
};
static const char *const block_names[BLOCK_FIELDS] = {"index", "timestamp", "version", "difficulty",
	"random", "nonce", "hash", "prev_block_hash", "pub_key", "signature", "transaction"};

enum tx_field {
	TX_CLASS,
	TX_IDENTITY,
	TX_CONFIRMATION,
	TX_SIGNING,
	TX_ENCRYPTION,
	TX_DATA,
	TX_FIELDS
};
static const char *const tx_names[TX_FIELDS] = {
	"class", "identity", "confirmation", "signing", "encryption", "data"};

enum {
	BLOCK_REQUIRED = (1 << BLOCK_HASH) - 1, /* everything before the first Bytes field */
	TX_REQUIRED = 1 << TX_CLASS,
	BLOCK_DEPTH = 1, /* nesting depth inside the block's map */
	TX_DEPTH = 2,
};

/* ---- decoding ---- */

struct decoder {
	struct rd r;
	struct wr space; /* receives the contents of strings */
};

/* The bytes appended to the space since it held `start` bytes. */
static struct slice kept(const struct decoder *d, size_t start)
{
	size_t n = d->space.n - start;

	return slice_of(n ? d->space.p + start : NULL, n);
}

/* Copies the text to the space: the message it is part of is gone before the block. */
static struct slice read_text(struct decoder *d)
{
	size_t start = d->space.n;

	wr_slice(&d->space, cbor_read_text(&d->r));
	return kept(d, start);
}

/* Reads a Bytes field: an even number of hex digits in either case. Blocks do not get the lax forms
 * of 2.2. */
static struct slice read_bytes(struct decoder *d)
{
	struct slice text = cbor_read_text(&d->r);
	size_t start = d->space.n, n;

	if (!hex_decode(text, d->space.p + start, d->space.size - start, &n))
		rd_fail(&d->r);
	else if (!slice_zero(slice_of(d->space.p + start, n)))
		d->space.n += n;
	return kept(d, start);
}

static void read_tx_field(struct decoder *d, int field, struct transaction *tx)
{
	switch (field) {
	case TX_CLASS:
		tx->class_name = read_text(d);
		break;
	case TX_IDENTITY:
		tx->identity = read_bytes(d);
		break;
	case TX_CONFIRMATION:
		tx->confirmation = read_bytes(d);
		break;
	case TX_SIGNING:
		tx->signing = read_bytes(d);
		break;
	case TX_ENCRYPTION:
		tx->encryption = read_bytes(d);
		break;
	case TX_DATA:
		tx->data = read_text(d);
		break;
	}
}

/* Reads the transaction, or null, which means that there is none. */
static void read_tx(struct decoder *d, struct block *b)
{
	uint32_t seen = 0;
	struct cbor_item item = cbor_read(&d->r);

	if (item.kind == CBOR_NULL)
		return;
	if (item.kind != CBOR_MAP)
		rd_fail(&d->r);
	for (uint64_t i = 0; i < item.value && !d->r.bad; i++)
		read_tx_field(
			d, cbor_read_key(&d->r, tx_names, TX_FIELDS, &seen, TX_DEPTH), &b->tx);
	if (!(seen & TX_REQUIRED))
		rd_fail(&d->r);
	b->full = true;
}

static void read_block_field(struct decoder *d, int field, struct block *b)
{
	switch (field) {
	case BLOCK_INDEX:
		b->index = cbor_read_uint(&d->r, UINT64_MAX);
		break;
	case BLOCK_TIMESTAMP:
		b->timestamp = cbor_read_int64(&d->r);
		break;
	case BLOCK_VERSION:
		b->version = (uint32_t)cbor_read_uint(&d->r, UINT32_MAX);
		break;
	case BLOCK_DIFFICULTY:
		b->difficulty = (uint32_t)cbor_read_uint(&d->r, UINT32_MAX);
		break;
	case BLOCK_RANDOM:
		b->random = (uint32_t)cbor_read_uint(&d->r, UINT32_MAX);
		break;
	case BLOCK_NONCE:
		b->nonce = cbor_read_uint(&d->r, UINT64_MAX);
		break;
	case BLOCK_HASH:
		b->hash = read_bytes(d);
		break;
	case BLOCK_PREV_HASH:
		b->prev_hash = read_bytes(d);
		break;
	case BLOCK_PUB_KEY:
		b->pub_key = read_bytes(d);
		break;
	case BLOCK_SIGNATURE:
		b->signature = read_bytes(d);
		break;
	case BLOCK_TRANSACTION:
		read_tx(d, b);
		break;
	}
}

enum err block_decode(struct slice cbor, struct block *b, uint8_t *space, size_t space_size)
{
	struct decoder d = {rd_of(cbor), wr_of(space, space_size)};
	uint32_t seen = 0;

	*b = (struct block){0};
	if (cbor.n > BLOCK_MAX_ENCODED || cbor.n > space_size)
		return ERR_TOO_BIG;
	uint64_t pairs = cbor_read_map(&d.r);
	for (uint64_t i = 0; i < pairs && !d.r.bad; i++)
		read_block_field(
			&d, cbor_read_key(&d.r, block_names, BLOCK_FIELDS, &seen, BLOCK_DEPTH), b);
	if (rd_done(&d.r) && (seen & BLOCK_REQUIRED) == BLOCK_REQUIRED)
		return ERR_OK;
	*b = (struct block){0};
	return ERR_MALFORMED;
}

/* ---- encoding ---- */

static void put_key(struct wr *w, const char *name)
{
	cbor_write_text(w, slice_str(name));
}

static void put_number(struct wr *w, enum block_field field, uint64_t v)
{
	put_key(w, block_names[field]);
	cbor_write_uint(w, v);
}

/* Writes a Bytes field, key and value, unless it is zero: then 4.3 leaves it out. */
static void put_bytes(struct wr *w, const char *name, struct slice bytes)
{
	if (slice_zero(bytes))
		return;
	put_key(w, name);
	cbor_write_hex(w, bytes);
}

static unsigned present(struct slice bytes)
{
	return !slice_zero(bytes);
}

/* Writes a text field, and returns the text where it stands in the buffer. */
static struct slice put_text(struct wr *w, enum tx_field field, struct slice text)
{
	put_key(w, tx_names[field]);
	cbor_write_text(w, text);
	return w->bad ? slice_of(NULL, 0) : slice_of(w->p + w->n - text.n, text.n);
}

static void put_tx(struct wr *w, const struct transaction *tx, struct transaction *texts)
{
	cbor_write_map(w, 1 + present(tx->identity) + present(tx->confirmation) +
				  present(tx->signing) + present(tx->encryption) +
				  (tx->data.n > 0));
	texts->class_name = put_text(w, TX_CLASS, tx->class_name);
	put_bytes(w, tx_names[TX_IDENTITY], tx->identity);
	put_bytes(w, tx_names[TX_CONFIRMATION], tx->confirmation);
	put_bytes(w, tx_names[TX_SIGNING], tx->signing);
	put_bytes(w, tx_names[TX_ENCRYPTION], tx->encryption);
	if (tx->data.n > 0)
		texts->data = put_text(w, TX_DATA, tx->data);
}

void block_encode_texts(const struct block *b, struct wr *w, struct transaction *texts)
{
	*texts = (struct transaction){.data = {NULL, 0}};
	cbor_write_map(w, BLOCK_HASH + present(b->hash) + present(b->prev_hash) +
				  present(b->pub_key) + present(b->signature) + b->full);
	put_number(w, BLOCK_INDEX, b->index);
	put_key(w, block_names[BLOCK_TIMESTAMP]);
	cbor_write_int64(w, b->timestamp);
	put_number(w, BLOCK_VERSION, b->version);
	put_number(w, BLOCK_DIFFICULTY, b->difficulty);
	put_number(w, BLOCK_RANDOM, b->random);
	put_number(w, BLOCK_NONCE, b->nonce);
	put_bytes(w, block_names[BLOCK_HASH], b->hash);
	put_bytes(w, block_names[BLOCK_PREV_HASH], b->prev_hash);
	put_bytes(w, block_names[BLOCK_PUB_KEY], b->pub_key);
	put_bytes(w, block_names[BLOCK_SIGNATURE], b->signature);
	if (!b->full)
		return;
	put_key(w, block_names[BLOCK_TRANSACTION]);
	put_tx(w, &b->tx, texts);
}

void block_encode(const struct block *b, struct wr *w)
{
	struct transaction texts;

	block_encode_texts(b, w, &texts);
}
