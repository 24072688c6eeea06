/* Reads and writes CBOR. Before: chain/block.c and p2p/wire.c. After: libcbor, which writes the
 * heads. Reading is done here, because libcbor's streaming decoder returns counts and lengths as
 * size_t, so a 32-bit machine would take a length of 2^32 + 5 for 5. It also accepts tags, floats
 * and indefinite lengths, which we would have to refuse one by one. */
#include "base/cbor.h"

#include <cbor.h>

#include "base/hex.h"
#include "base/utf8.h"

enum { SKIP_LEVELS = 127 };

static struct slice read_string(struct rd *r, uint64_t length)
{
	if (length > r->left)
		rd_fail(r);
	return rd_bytes(r, r->bad ? 0 : (size_t)length);
}

/* Reads the argument of a head; `info` = the head's low five bits. */
static uint64_t read_argument(struct rd *r, unsigned info)
{
	if (info < 24)
		return info;
	if (info > 27) /* reserved, or an indefinite length */
		rd_fail(r);
	return info > 27 ? 0 : rd_be(r, 1u << (info - 24));
}

static void read_content(struct rd *r, unsigned major, unsigned info, struct cbor_item *item)
{
	static const enum cbor_kind kinds[] = {
		CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP};

	if (major < 6) {
		item->kind = kinds[major];
		item->value = read_argument(r, info);
		if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT)
			item->text = read_string(r, item->value);
		if (item->kind == CBOR_TEXT && !utf8_valid(item->text))
			rd_fail(r);
	} else if (major == 7 && (info == 20 || info == 21)) {
		item->kind = CBOR_BOOL;
		item->value = info - 20;
	} else if (major == 7 && info == 22) {
		item->kind = CBOR_NULL;
	} else {
		rd_fail(r);
	}
}

struct cbor_item cbor_read(struct rd *r)
{
	struct cbor_item item = {.kind = CBOR_NONE};
	uint8_t head = rd_u8(r);

	if (!r->bad)
		read_content(r, head >> 5, head & 31, &item);
	if (r->bad)
		item = (struct cbor_item){.kind = CBOR_NONE};
	return item;
}

static struct cbor_item read_kind(struct rd *r, enum cbor_kind kind)
{
	struct cbor_item item = cbor_read(r);

	if (item.kind == kind)
		return item;
	rd_fail(r);
	return (struct cbor_item){.kind = CBOR_NONE};
}

uint64_t cbor_read_uint(struct rd *r, uint64_t max)
{
	uint64_t v = read_kind(r, CBOR_UINT).value;

	if (v <= max)
		return v;
	rd_fail(r);
	return 0;
}

int64_t cbor_read_int64(struct rd *r)
{
	struct cbor_item item = cbor_read(r);

	if (item.value <= INT64_MAX && item.kind == CBOR_UINT)
		return (int64_t)item.value;
	if (item.value <= INT64_MAX && item.kind == CBOR_NINT)
		return -1 - (int64_t)item.value;
	rd_fail(r);
	return 0;
}

bool cbor_read_bool(struct rd *r)
{
	return read_kind(r, CBOR_BOOL).value;
}

struct slice cbor_read_text(struct rd *r)
{
	return read_kind(r, CBOR_TEXT).text;
}

uint64_t cbor_read_map(struct rd *r)
{
	return read_kind(r, CBOR_MAP).value;
}

uint64_t cbor_read_array(struct rd *r)
{
	return read_kind(r, CBOR_ARRAY).value;
}

/* How many items belong to this array or map. Each takes a byte at least, so a count that the input
 * cannot hold fails at once, and doubling it for a map cannot overflow. */
static uint64_t children(struct rd *r, const struct cbor_item *item)
{
	if (item->kind != CBOR_ARRAY && item->kind != CBOR_MAP)
		return 0;
	if (item->value > r->left)
		rd_fail(r);
	return item->kind == CBOR_MAP ? 2 * item->value : item->value;
}

void cbor_skip(struct rd *r, unsigned depth)
{
	uint64_t left[SKIP_LEVELS + 1]; /* items still to come at each open level */
	unsigned level = 0;

	left[0] = 1;
	while (!r->bad) {
		while (left[level] == 0) {
			if (level == 0)
				return;
			level--;
		}
		left[level]--;
		struct cbor_item item = cbor_read(r);
		if (item.kind != CBOR_ARRAY && item.kind != CBOR_MAP)
			continue;
		if (depth + level >= SKIP_LEVELS)
			rd_fail(r);
		else
			left[++level] = children(r, &item);
	}
}

int cbor_read_key(struct rd *r, const char *const *names, int count, uint32_t *seen, unsigned depth)
{
	struct slice key = cbor_read_text(r);

	for (int i = 0; i < count && !r->bad; i++) {
		if (!slice_is(key, names[i]))
			continue;
		if (*seen >> i & 1)
			rd_fail(r);
		*seen |= UINT32_C(1) << i;
		return r->bad ? -1 : i;
	}
	cbor_skip(r, depth);
	return -1;
}

/* libcbor's writers return the number of bytes written, 0 = no room. */
static void wrote(struct wr *w, size_t n)
{
	if (n == 0)
		w->bad = true;
	else
		w->n += n;
}

#define WRITE_HEAD(w, encode, value)                                                               \
	do {                                                                                       \
		if (!(w)->bad)                                                                     \
			wrote(w, encode(value, (w)->p + (w)->n, (w)->size - (w)->n));              \
	} while (0)

void cbor_write_uint(struct wr *w, uint64_t v)
{
	WRITE_HEAD(w, cbor_encode_uint, v);
}

void cbor_write_int64(struct wr *w, int64_t v)
{
	if (v >= 0)
		WRITE_HEAD(w, cbor_encode_uint, (uint64_t)v);
	else
		WRITE_HEAD(w, cbor_encode_negint, (uint64_t)(-1 - v));
}

void cbor_write_bool(struct wr *w, bool v)
{
	WRITE_HEAD(w, cbor_encode_bool, v);
}

void cbor_write_text(struct wr *w, struct slice s)
{
	WRITE_HEAD(w, cbor_encode_string_start, s.n);
	wr_slice(w, s);
}

void cbor_write_hex(struct wr *w, struct slice bytes)
{
	WRITE_HEAD(w, cbor_encode_string_start, 2 * bytes.n);
	hex_write(w, bytes);
}

void cbor_write_map(struct wr *w, uint64_t pairs)
{
	WRITE_HEAD(w, cbor_encode_map_start, (size_t)pairs);
}

void cbor_write_array(struct wr *w, uint64_t elements)
{
	WRITE_HEAD(w, cbor_encode_array_start, (size_t)elements);
}
