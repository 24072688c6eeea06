/* Role: encodes messages as CBOR and decodes them (protocol.md 5.1). See p2p/wire.h.
 * Before: p2p/secure.c decrypted the frame. After: p2p/peer.c checks that the message is allowed in
 * this phase. */
#include "p2p/wire.h"

#include <assert.h>

#include "base/cbor.h"
#include "base/hex.h"

/* All fields of messages. Every message writes its fields in this order. */
enum field {
	APP_VERSION,
	ORIGIN,
	VERSION,
	PUBLIC,
	RAND_ID,
	HEIGHT,
	HASH,
	PEERS,
	INDEX,
	BLOCK,
	FIELDS
};
static const char *const field_names[FIELDS] = {"app_version", "origin", "version", "public",
	"rand_id", "height", "hash", "peers", "index", "block"};

enum {
	HAND_FIELDS = 1 << APP_VERSION | 1 << ORIGIN | 1 << VERSION | 1 << PUBLIC | 1 << RAND_ID,
	FIELDS_DEPTH = 2, /* maps open around a field: the message's and the fields' */
	ONE_PAIR = 0xa1,  /* head of a map with one pair: begins a message with fields */
	/* A block is an array of integers 0-255. One below SMALL_INT is one byte; others follow a
	 * byte BYTE_INT. */
	SMALL_INT = 24,
	BYTE_INT = 0x18,
};

/* The values that columns of p2p/messages.def may have. */
enum { ANY_TIME, WHEN_READY };
enum { COUNTED, FREE };
enum { SILENCE, ANSWER };

/* One bit for each field; 0 = no fields, the message is only its name. */
static const uint32_t message_fields[MSG_COUNT] = {
#define MESSAGE(id, name, fields, ...) fields,
#include "p2p/messages.def"
#undef MESSAGE
};

static const char *const message_names[MSG_COUNT] = {
#define MESSAGE(id, name, ...) name,
#include "p2p/messages.def"
#undef MESSAGE
};

static const struct message_rule message_rules[MSG_COUNT] = {
#define MESSAGE(id, name, fields, comes, answers, costs, wants, ...)                               \
	{comes == WHEN_READY, costs == FREE, wants == ANSWER, MSG_##answers},
#include "p2p/messages.def"
#undef MESSAGE
};

const char *message_name(enum message_type t)
{
	return t < MSG_COUNT ? message_names[t] : "unknown";
}

const struct message_rule *message_rule(enum message_type t)
{
	assert(t < MSG_COUNT);
	return &message_rules[t];
}

/* ---- decoding ---- */

static struct slice read_hash(struct rd *r, struct wr *scratch)
{
	size_t n;

	if (!hex_decode(cbor_read_text(r), scratch->p, scratch->size, &n))
		rd_fail(r);
	return slice_of(n ? scratch->p : NULL, n);
}

static void read_peers(struct rd *r, struct message *m)
{
	uint64_t count = cbor_read_array(r);

	for (uint64_t i = 0; i < count && !r->bad; i++) {
		struct slice text = cbor_read_text(r);
		if (i < PEERS_MAX)
			m->peers[i] = text;
	}
	m->peer_count = r->bad ? 0 : (size_t)count;
}

/* Reads a block, an array of up to 32,000 integers. For speed this loop decodes the bytes itself,
 * and accepts only the two encodings that senders use. */
static struct slice read_block(struct rd *r, struct wr *scratch)
{
	uint64_t count = cbor_read_array(r);

	if (count > r->left || count > scratch->size)
		rd_fail(r);
	const uint8_t *p = r->p, *end = p + r->left;
	uint8_t *to = scratch->p;
	while (!r->bad && (size_t)(to - scratch->p) < count) {
		if (p < end && *p < SMALL_INT)
			*to++ = *p++;
		else if (end - p >= 2 && *p == BYTE_INT)
			*to++ = p[1], p += 2;
		else
			rd_fail(r);
	}
	if (r->bad || count == 0)
		return slice_of(NULL, 0);
	rd_bytes(r, (size_t)(p - r->p));
	return slice_of(scratch->p, (size_t)count);
}

static void read_field(struct rd *r, int field, struct message *m, struct wr *scratch)
{
	switch (field) {
	case APP_VERSION:
		m->app_version = cbor_read_text(r);
		break;
	case ORIGIN:
		m->origin = cbor_read_text(r);
		break;
	case VERSION:
		m->version = (uint32_t)cbor_read_uint(r, UINT32_MAX);
		break;
	case PUBLIC:
		m->is_public = cbor_read_bool(r);
		break;
	case RAND_ID:
		m->rand_id = cbor_read_text(r);
		break;
	case HEIGHT:
		m->height = cbor_read_uint(r, UINT64_MAX);
		break;
	case HASH:
		m->hash = read_hash(r, scratch);
		break;
	case PEERS:
		read_peers(r, m);
		break;
	case INDEX:
		m->index = cbor_read_uint(r, UINT64_MAX);
		break;
	case BLOCK:
		m->block = read_block(r, scratch);
		break;
	}
}

/* Reads the name of the message. A message with fields must come as a map, one without as a bare
 * text; otherwise the message is malformed. */
static enum message_type read_name(struct rd *r, bool with_fields)
{
	struct slice name = cbor_read_text(r);

	for (int t = 0; t < MSG_COUNT && !r->bad; t++)
		if (slice_is(name, message_names[t]) && with_fields == (message_fields[t] != 0))
			return (enum message_type)t;
	rd_fail(r);
	return MSG_ERROR;
}

static void read_fields(struct rd *r, struct message *m, struct wr *scratch)
{
	const char *names[FIELDS];
	int places[FIELDS], count = 0;
	uint32_t seen = 0;

	for (int f = 0; f < FIELDS; f++)
		if (message_fields[m->type] >> f & 1) {
			places[count] = f;
			names[count++] = field_names[f];
		}
	uint64_t pairs = cbor_read_map(r);
	for (uint64_t i = 0; i < pairs && !r->bad; i++) {
		int field = cbor_read_key(r, names, count, &seen, FIELDS_DEPTH);
		if (field >= 0)
			read_field(r, places[field], m, scratch);
	}
	if (seen != (UINT32_C(1) << count) - 1)
		rd_fail(r);
}

enum err message_decode(struct slice cbor, struct message *m, uint8_t *scratch, size_t size)
{
	struct rd r = rd_of(cbor);
	struct wr space = wr_of(scratch, size);
	bool with_fields = cbor.n > 0 && cbor.p[0] == ONE_PAIR;

	*m = (struct message){.type = MSG_ERROR};
	if (with_fields)
		rd_u8(&r);
	m->type = read_name(&r, with_fields);
	if (with_fields)
		read_fields(&r, m, &space);
	if (rd_done(&r))
		return ERR_OK;
	*m = (struct message){.type = MSG_ERROR};
	return ERR_MALFORMED;
}

/* ---- encoding ---- */

/* Encoded size of the block's bytes as array elements, without the head of the array. */
static size_t elements_size(struct slice block)
{
	size_t n = block.n;

	for (size_t i = 0; i < block.n; i++)
		n += block.p[i] >= SMALL_INT;
	return n;
}

/* Writes a block without a branch on each byte, because the processor could not predict it: each
 * element writes the prefix and then either keeps or overwrites it. */
static void write_block(struct wr *w, struct slice block)
{
	cbor_write_array(w, block.n);
	size_t room = w->size - w->n;
	if (w->bad || (2 * block.n > room && elements_size(block) > room)) {
		w->bad = true;
		return;
	}
	uint8_t *to = w->p + w->n;
	for (size_t i = 0; i < block.n; i++) {
		*to = BYTE_INT;
		to += block.p[i] >= SMALL_INT;
		*to++ = block.p[i];
	}
	w->n = (size_t)(to - w->p);
}

static void write_peers(struct wr *w, const struct message *m)
{
	size_t count = m->peer_count < PEERS_MAX ? m->peer_count : PEERS_MAX;

	cbor_write_array(w, count);
	for (size_t i = 0; i < count; i++)
		cbor_write_text(w, m->peers[i]);
}

static void write_field(struct wr *w, int field, const struct message *m)
{
	cbor_write_text(w, slice_str(field_names[field]));
	switch (field) {
	case APP_VERSION:
		cbor_write_text(w, m->app_version);
		break;
	case ORIGIN:
		cbor_write_text(w, m->origin);
		break;
	case VERSION:
		cbor_write_uint(w, m->version);
		break;
	case PUBLIC:
		cbor_write_bool(w, m->is_public);
		break;
	case RAND_ID:
		cbor_write_text(w, m->rand_id);
		break;
	case HEIGHT:
		cbor_write_uint(w, m->height);
		break;
	case HASH:
		cbor_write_hex(w, m->hash);
		break;
	case PEERS:
		write_peers(w, m);
		break;
	case INDEX:
		cbor_write_uint(w, m->index);
		break;
	case BLOCK:
		write_block(w, m->block);
		break;
	}
}

static unsigned bits_in(uint32_t v)
{
	unsigned n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

void message_encode(const struct message *m, struct wr *w)
{
	uint32_t fields = message_fields[m->type];

	if (fields)
		cbor_write_map(w, 1);
	cbor_write_text(w, slice_str(message_names[m->type]));
	if (fields)
		cbor_write_map(w, bits_in(fields));
	for (int f = 0; f < FIELDS; f++)
		if (fields >> f & 1)
			write_field(w, f, m);
}

size_t message_block_size(uint64_t index, struct slice block)
{
	uint8_t buffer[64];
	struct wr w = wr_of(buffer, sizeof buffer);
	const struct message m = {.type = MSG_BLOCK, .index = index};

	message_encode(&m, &w);
	size_t without_array = w.n - 1; /* the head of an empty array is one byte */
	w.n = 0;
	cbor_write_array(&w, block.n);
	return without_array + w.n + elements_size(block);
}
