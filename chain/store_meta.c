/* Role: the table "meta": the format and network of the store, and values that the node keeps
 * beside the chain.
 * Before: chain/store_open.c, chain/chain.c. After: chain/store.c. */
#include <stdio.h>

#include "base/hex.h"
#include "chain/crypto.h"
#include "chain/store_internal.h"

enum {
	FORMAT = 1, /* version of the format of all tables */
	NAME_SIZE = 64,
};

/* A digest of all parameters of the rules. A store made with other parameters belongs to another
 * network. */
static void digest_params(const struct chain_params *p, uint8_t digest[32])
{
	uint8_t bytes[1024];
	struct wr w = wr_of(bytes, sizeof bytes);

#define X(name, value, low, high)                                                                  \
	wr_bytes(&w, #name, sizeof #name);                                                         \
	wr_be(&w, p->name, 8);
	CHAIN_PARAMS(X)
#undef X
	crypto_digest(wr_done(&w), digest);
}

static struct slice origin_of(const struct chain_params *p)
{
	return slice_of(p->origin, p->has_origin ? sizeof p->origin : 0);
}

static void mark(struct store *s, const struct chain_params *p, const uint8_t digest[32])
{
	struct store_key format = key_number(FORMAT);

	row_put(s, TABLE_META, slice_str("format"), key_slice(&format));
	row_put(s, TABLE_META, slice_str("origin"), origin_of(p));
	row_put(s, TABLE_META, slice_str("params"), slice_of(digest, 32));
}

/* Writes "none", or the first 16 hex digits of the origin, for an error text. */
static void name_origin(struct slice origin, char text[NAME_SIZE])
{
	struct slice head = slice_of(origin.p, origin.n < 8 ? origin.n : 8);

	if (origin.n)
		hex_upper(head, text);
	else
		snprintf(text, NAME_SIZE, "none");
}

static enum err compare(struct store *s, const struct chain_params *p, const uint8_t digest[32],
	const char *dir, char *text, size_t size)
{
	struct slice origin = {NULL, 0}, params = {NULL, 0};
	char theirs[NAME_SIZE], ours[NAME_SIZE];

	row_get(&s->own, TABLE_META, slice_str("origin"), &origin);
	row_get(&s->own, TABLE_META, slice_str("params"), &params);
	name_origin(origin, theirs);
	name_origin(origin_of(p), ours);
	if (!slice_eq(origin, origin_of(p))) {
		snprintf(text, size,
			"%s: holds the chain of another network (its origin is %s, ours is %s); "
			"set another node.data_dir",
			dir, theirs, ours);
		return ERR_REFUSED;
	}
	if (!slice_eq(params, slice_of(digest, 32))) {
		snprintf(text, size,
			"%s: was made with other chain.params; restore them or set another "
			"node.data_dir",
			dir);
		return ERR_REFUSED;
	}
	return ERR_OK;
}

enum err meta_check(
	struct store *s, const struct chain_params *p, const char *dir, char *text, size_t size)
{
	uint8_t digest[32];
	struct slice format;
	enum err err = ERR_OK;

	digest_params(p, digest);
	if (!row_get(&s->own, TABLE_META, slice_str("format"), &format)) {
		if (s->read_only && !s->err) {
			snprintf(text, size,
				"%s: damaged: the store does not say what it is; restore a "
				"snapshot or delete chain.mdb and sync again",
				dir);
			return ERR_CORRUPT;
		}
		mark(s, p, digest);
	} else {
		struct rd r = rd_of(format);
		uint64_t found = rd_be64(&r);
		if (found != FORMAT) {
			snprintf(text, size,
				"%s: chain.mdb has format %llu, this alfisd reads %d; use the "
				"matching release or delete it and sync again",
				dir, (unsigned long long)found, (int)FORMAT);
			return ERR_REFUSED;
		}
		err = compare(s, p, digest, dir, text, size);
	}
	if (s->err)
		snprintf(text, size,
			"%s: cannot read the store: damaged, or the disk failed; restore a snapshot or delete chain.mdb and sync again",
			dir);
	return s->err ? s->err : err;
}

/* ---- values of the node ---- */

/* The key of a value: its name with a prefix, so that it never equals one of the store's own
 * keys. */
static struct slice value_key(const char *name, char key[NAME_SIZE])
{
	int n = snprintf(key, NAME_SIZE, "value:%s", name);

	return slice_of(key, n < NAME_SIZE ? (size_t)n : NAME_SIZE - 1);
}

static bool has_value(struct store *s, struct slice key)
{
	struct slice value;

	rows_begin(&s->own);
	bool has = row_get(&s->own, TABLE_META, key, &value);
	rows_end(&s->own);
	return has;
}

enum err store_put_value(struct store *s, const char *name, struct slice value)
{
	char key[NAME_SIZE];

	if (value.n)
		row_put(s, TABLE_META, value_key(name, key), value);
	else if (has_value(s, value_key(name, key)))
		row_delete(s, TABLE_META, value_key(name, key));
	return s->err;
}

enum err store_get_value(struct store *s, const char *name, uint8_t *to, size_t size, size_t *n)
{
	char key[NAME_SIZE];
	struct slice value;
	enum err err = ERR_OK;

	rows_begin(&s->own);
	if (!row_get(&s->own, TABLE_META, value_key(name, key), &value)) {
		err = s->err ? s->err : ERR_NOT_FOUND;
	} else {
		*n = value.n;
		if (value.n > size)
			err = ERR_TOO_BIG;
		else if (value.n)
			memcpy(to, value.p, value.n);
	}
	rows_end(&s->own);
	return err;
}
