/* Role: reads a request for a name and the chain, and makes the transaction (protocol.md 10.2). The
 * tests are in owner/draft_tests.c.
 * Before: commands and paths that change names. After: chain/ecies.c, domain/domain_canon.c. */
#include <stdio.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "domain/jsontext.h"
#include "owner/draft.h"

/* Bytes before the ciphertext in the canonical form. */
enum { BEFORE = sizeof "{\"encrypted\":\"" - 1 };

/* ---- the name ---- */

static void read_name(struct draft *d, struct slice name)
{
	struct wr w = wr_of(d->name_space, sizeof d->name_space);

	if (utf8_valid(name))
		name_lower(name, &w);
	else
		w.bad = true;
	d->fits = !w.bad;
	d->name = wr_done(&w);
}

/* ---- the new owner's keys ---- */

/* Hex as protocol.md 2.2 reads it; false also for what makes the reference node crash. A backslash
 * would be read as the beginning of an escape. */
static bool read_hex(struct slice text, uint8_t *to, size_t size, size_t *n)
{
	return utf8_valid(text) && !memchr(text.p, '\\', text.n) && domain_hex(text, to, size, n) &&
	       *n > 0;
}

static void read_owner(struct draft *d, const struct draft_request *r)
{
	size_t signing = KEY_SIZE, encryption = KEY_SIZE;

	d->owner_given = r->to_signing.n && r->to_encryption.n;
	d->owner_good = true;
	if (d->owner_given) {
		d->owner_good = read_hex(r->to_signing, d->signing, sizeof d->signing, &signing) &&
				read_hex(r->to_encryption, d->encryption, KEY_SIZE, &encryption) &&
				encryption == KEY_SIZE && ecies_is_point(d->encryption);
	} else if (d->has_author) {
		memcpy(d->signing, r->author, KEY_SIZE);
		memcpy(d->encryption, r->encryption, KEY_SIZE);
	}
	d->tx.signing = slice_of(d->signing, signing);
	d->tx.encryption = slice_of(d->encryption, KEY_SIZE);
}

/* ---- the records ---- */

static void note(struct draft_refusal *f, enum draft_why why, unsigned number,
	const struct dns_record *r, uint64_t count)
{
	if (f->why)
		return;
	*f = (struct draft_refusal){
		.why = why, .record = number, .record_type = r->type->name, .count = count};
}

struct reading {
	struct draft *d;
	unsigned records;
};

static void see_record(void *ctx, const struct dns_record *r)
{
	struct reading *reading = ctx;
	struct draft *d = reading->d;
	int64_t size = record_text_size(r);

	reading->records++;
	if (record_is_clearnet(r))
		note(&d->clearnet, DRAFT_CLEARNET, reading->records, r, 0);
	if (size > MAX_DATA_LEN)
		note(&d->too_long, DRAFT_LONG, reading->records, r, (uint64_t)size);
}

/* The data as it will be mined, with zeros in place of the ciphertext. */
static void write_data(struct draft *d, struct slice data)
{
	static const uint8_t zeros[DRAFT_NAME_MAX + ECIES_OVERHEAD];
	struct wr w = wr_of(d->text, sizeof d->text);

	domain_canonical_for(data, slice_of(zeros, d->name.n + ECIES_OVERHEAD), &w);
	d->tx.data = wr_done(&w);
}

static void read_data(struct draft *d, struct slice data)
{
	struct reading reading = {.d = d};
	struct domain_visitor see = {.record = see_record, .ctx = &reading};
	struct domain_text text;
	char zone[DRAFT_NAME_MAX];
	size_t n;

	d->parses = domain_read(data, &text, &see);
	if (!d->parses)
		return;
	if (reading.records > MAX_RECORDS)
		d->many =
			(struct draft_refusal){.why = DRAFT_MANY_RECORDS, .count = reading.records};
	if (!zone_is_yggdrasil_only(text.zone))
		d->clearnet.why = d->too_long.why = DRAFT_FINE;
	d->other_zone = !jt_decode(text.zone, zone, sizeof zone, &n) ||
			!slice_eq(slice_of(zone, n), name_zone(d->name));
	write_data(d, data);
}

/* ---- the block ---- */

static void read_chain(struct draft *d, int64_t now)
{
	d->height = view_height(d->view);
	d->now = now;
	d->has_row = view_domain(d->view, d->tx.identity, d->height + 1, &d->row);
}

static void fill_block(struct draft *d)
{
	d->tx.class_name = slice_str("domain");
	d->tx.identity = slice_of(d->identity, sizeof d->identity);
	d->tx.confirmation = slice_of(d->confirmation, sizeof d->confirmation);
	d->b = (struct block){.index = d->height + 1,
		.timestamp = d->now,
		.version = CHAIN_VERSION,
		.pub_key = slice_of(d->author, KEY_SIZE),
		.full = true,
		.tx = d->tx};
}

/* The size of the block when all its numbers are as long as they can be. */
static enum err measure(struct draft *d)
{
	static const uint8_t ones[SIGNATURE_SIZE] = {1};
	struct block b = d->b;
	struct wr w = wr_of(mem_alloc_unset(DRAFT_BLOCK_MAX), DRAFT_BLOCK_MAX);

	if (!w.p)
		return ERR_NOMEM;
	b.index = b.nonce = UINT64_MAX;
	b.timestamp = INT64_MAX;
	b.difficulty = b.random = UINT32_MAX;
	b.hash = b.prev_hash = slice_of(ones, HASH_SIZE);
	b.signature = slice_of(ones, SIGNATURE_SIZE);
	if (d->tx.data.n)
		block_encode(&b, &w);
	d->block_bytes = wr_done(&w).n;
	mem_free(w.p);
	return ERR_OK;
}

enum err draft_open(const struct draft_request *r, struct view *v, int64_t now, struct draft **out)
{
	struct draft *d = *out = mem_alloc(sizeof *d);

	if (!d)
		return ERR_NOMEM;
	d->view = v;
	d->renewal = r->renewal;
	d->has_author = r->author;
	if (r->author)
		memcpy(d->author, r->author, KEY_SIZE);
	if (r->author_name)
		snprintf(d->author_name, sizeof d->author_name, "%s", r->author_name);
	read_name(d, r->name);
	read_owner(d, r);
	read_data(d, r->data);
	crypto_identity(d->name, d->tx.signing, d->identity, d->confirmation);
	d->tx.identity = slice_of(d->identity, sizeof d->identity);
	view_begin(v);
	read_chain(d, now);
	view_end(v);
	fill_block(d);
	enum err err = measure(d);
	if (err) {
		draft_free(d);
		*out = NULL;
	}
	return err;
}

void draft_free(struct draft *d)
{
	mem_free(d);
}

enum err draft_seal(struct draft *d, const struct rng *rng)
{
	uint8_t cipher[DRAFT_NAME_MAX + ECIES_OVERHEAD];
	struct wr w = wr_of(d->text + BEFORE, 2 * sizeof cipher);

	if (!d->block_bytes)
		return ERR_TOO_BIG;
	if (!ecies_encrypt(d->encryption, d->name, rng, cipher))
		return ERR_NOMEM;
	hex_write(&w, slice_of(cipher, d->name.n + ECIES_OVERHEAD));
	return ERR_OK;
}
