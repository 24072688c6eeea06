/* Role: parses and writes the JSON form of a transaction (protocol.md 4.5), as the reference node
 * stores it in its database.
 * Before: cli/block_source_sqlite.c has the row. After: chain/verify.c checks the block. */
#include "base/hex.h"
#include "base/utf8.h"
#include "chain/txjson.h"
#include "domain/domain.h"
#include "domain/jsontext.h"

enum { CLASS, IDENTITY, CONFIRMATION, SIGNING, ENCRYPTION, DATA, FIELDS };

static const char *const names[FIELDS] = {
	"class", "identity", "confirmation", "signing", "encryption", "data"};

static struct slice *field_of(struct transaction *tx, int field)
{
	struct slice *const places[FIELDS] = {&tx->class_name, &tx->identity, &tx->confirmation,
		&tx->signing, &tx->encryption, &tx->data};

	return places[field];
}

static bool is_text(int field)
{
	return field == CLASS || field == DATA;
}

static bool read_field(struct rd *r, int field, struct transaction *tx, struct wr *space)
{
	uint8_t *to = space->p + space->n;
	size_t room = space->size - space->n, n = 0;

	if (jt_peek(r) != '"')
		return false;
	struct slice raw = jt_string(r);
	if (r->bad || !(is_text(field) ? jt_decode(raw, (char *)to, room, &n)
				       : domain_hex(raw, to, room, &n)))
		return false;
	struct slice value = slice_of(to, n);
	if (!is_text(field) && slice_zero(value))
		value.n = 0;
	space->n += n;
	*field_of(tx, field) = value;
	return true;
}

/* The reference node's JSON library also accepts an array with the values in the order of the
 * fields; those at the end may be missing. */
static bool array_form(struct rd *r, struct transaction *tx, struct wr *space)
{
	for (int i = 0; i < FIELDS; i++) {
		if (i > CLASS && jt_take(r, ']'))
			return true;
		if ((i > 0 && !jt_take(r, ',')) || !read_field(r, i, tx, space))
			return false;
	}
	return jt_take(r, ']');
}

/* An object with the fields in any order. Unknown keys are skipped; a known one must not be
 * repeated.
 */
static bool object_form(struct rd *r, struct transaction *tx, struct wr *space)
{
	unsigned seen = 0;

	if (jt_take(r, '}'))
		return false;
	do {
		struct slice key = jt_string(r);
		int i = 0;
		if (!jt_take(r, ':') || r->bad)
			return false;
		while (i < FIELDS && !jt_is(key, names[i]))
			i++;
		if (i == FIELDS) {
			jt_ignore(r);
			continue;
		}
		if (seen >> i & 1 || !read_field(r, i, tx, space))
			return false;
		seen |= 1u << i;
	} while (jt_take(r, ','));
	return jt_take(r, '}') && seen & 1u << CLASS;
}

bool txjson_read(struct slice text, struct transaction *tx, uint8_t *space, size_t size)
{
	struct rd r = rd_of(text);
	struct wr w = wr_of(space, size);
	bool good = false;

	*tx = (struct transaction){.data = {NULL, 0}};
	if (!utf8_valid(text))
		return false;
	if (jt_take(&r, '{'))
		good = object_form(&r, tx, &w);
	else if (jt_take(&r, '['))
		good = array_form(&r, tx, &w);
	jt_space(&r);
	return good && rd_done(&r);
}

static void put(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text));
}

static void put_text(struct wr *w, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		jt_put_escaped(w, s.p[i]);
}

void txjson_write(const struct transaction *tx, struct wr *w)
{
	struct transaction copy = *tx;

	for (int i = 0; i < FIELDS; i++) {
		struct slice value = *field_of(&copy, i);
		if (i > CLASS && value.n == 0)
			continue;
		put(w, i == CLASS ? "{\"" : ",\"");
		put(w, names[i]);
		put(w, "\":\"");
		(is_text(i) ? put_text : hex_write)(w, value);
		put(w, "\"");
	}
	put(w, "}");
}
