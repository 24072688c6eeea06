/* Tables about domain data, names and the JSON form of a transaction. */
#include "tests/replay/tables_json.h"

#include <stdio.h>

#include "base/json.h"
#include "chain/crypto.h"
#include "domain/domain.h"
#include "domain/jsontext.h"
#include "domain/names.h"
#include "chain/txjson.h"
#include "tests/replay/row.h"

/* ---- domain data ---- */

static bool accepts(struct row *r, const char *key, bool taken)
{
	bool accept = row_flag(r, key);

	row_same_flag(r, key, accept, taken);
	return accept && taken;
}

/* A raw JSON string of the data against a text of the line. */
static void same_text(struct row *r, const char *key, struct slice raw)
{
	struct wr w = row_writer(r);
	size_t n;

	if (!jt_decode(raw, (char *)w.p, w.size, &n))
		row_differ(r, "%s: expected a text, got one that does not decode", key);
	w.n = n;
	struct slice got = row_keep(r, &w);
	row_same_bytes(r, key, row_text(r, key), got);
}

/* Compares each record with its element of "records". */
struct records {
	struct row *row;
	struct slice list;
	size_t at, count, contacts;
	bool clearnet, too_long;
};

static void see_record(void *ctx, const struct dns_record *rec)
{
	struct records *s = ctx;
	struct slice expected, value;
	int64_t size = record_text_size(rec), told = -1;
	bool clearnet = false;

	s->count++;
	s->clearnet |= record_is_clearnet(rec);
	s->too_long |= size > 255;
	if (!s->list.n)
		return;
	if (!json_element(s->list, &s->at, &expected)) {
		row_differ(s->row, "records: expected fewer, got a %s", rec->type->name);
		return;
	}
	row_same_bytes(
		s->row, "type", row_text_of(s->row, expected, "type"), slice_str(rec->type->name));
	if (json_find(expected, "text_len", &value) && !json_is_null(value))
		json_get_i64(value, &told);
	row_same_number(s->row, "text_len", (uint64_t)told, (uint64_t)size);
	if (json_find(expected, "clearnet", &value) && json_get_bool(value, &clearnet))
		row_same_flag(s->row, "clearnet", clearnet, record_is_clearnet(rec));
}

static void see_contact(void *ctx, struct slice name, struct slice value)
{
	(void)name;
	(void)value;
	((struct records *)ctx)->contacts++;
}

static const char *check_name(enum domain_check c)
{
	static const char *const names[] = {
		[DOMAIN_OK] = "ok",
		[DOMAIN_MALFORMED] = "malformed",
		[DOMAIN_MANY_RECORDS] = "records",
		[DOMAIN_CLEARNET] = "clearnet",
		[DOMAIN_LONG] = "long",
	};
	return names[c];
}

static void same_canonical(struct row *r, struct slice data)
{
	struct wr w = row_writer(r);
	uint8_t digest[32];

	domain_canonical(data, &w);
	struct slice got = row_keep(r, &w);
	crypto_sha256(got, digest);
	row_same_bytes(r, "canon_sha256", row_hex(r, "canon_sha256"), slice_of(digest, 32));
	if (row_has(r, "canon"))
		row_same_bytes(r, "canon", row_text(r, "canon"), got);
}

static void same_content(struct row *r, struct slice data)
{
	struct records s = {.row = r};
	struct domain_visitor v = {see_record, see_contact, &s};
	struct domain_text t;
	struct slice value;
	uint64_t contacts = 0;
	size_t n;

	json_find(r->line, "records", &s.list);
	domain_read(data, &t, &v);
	if (json_element(s.list, &s.at, &value))
		row_differ(r, "records: expected more than %zu", s.count);
	if (json_find(r->line, "contacts", &value) && json_get_u64(value, &contacts))
		row_same_number(r, "contacts", contacts, s.contacts);
	same_text(r, "zone", t.zone);
	same_text(r, "info", t.info);
	struct wr w = row_writer(r);
	if (!domain_hex(t.encrypted, w.p, w.size, &n))
		row_differ(r, "encrypted: expected bytes");
	w.n = n;
	struct slice encrypted = row_keep(r, &w);
	row_same_bytes(r, "encrypted", row_hex(r, "encrypted"), encrypted);
	row_same_bytes(r, "check", row_text(r, "check"), slice_str(check_name(domain_check(data))));
	same_canonical(r, data);
}

bool play_domain_data(struct slice line, char *what, size_t what_size)
{
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice data = row_hex(&r, "hex");
	if (accepts(&r, "accept", domain_check(data) != DOMAIN_MALFORMED))
		same_content(&r, data);
	return row_close(&r);
}

bool play_json_accept(struct slice line, char *what, size_t what_size)
{
	struct records s = {.count = 0};
	struct domain_visitor v = {see_record, NULL, &s};
	struct domain_text t;
	uint64_t count = 0;
	struct slice value;
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice data = row_hex(&r, "hex");
	bool expected = slice_is(row_text(&r, "verdict"), "ok"), taken = domain_read(data, &t, &v);
	row_same_flag(&r, "verdict ok", expected, taken);
	if (expected && taken) {
		same_text(&r, "zone", t.zone);
		if (json_find(line, "records", &value) && json_get_u64(value, &count))
			row_same_number(&r, "records", count, s.count);
		row_same_flag(&r, "all_yggdrasil", row_flag(&r, "all_yggdrasil"), !s.clearnet);
		row_same_flag(&r, "over_255", row_flag(&r, "over_255"), s.too_long);
	}
	return row_close(&r);
}

/* The texts of this table stand for themselves: escaped, they are what a JSON string holds. */
static struct slice escaped(struct row *r, struct slice text)
{
	struct wr w = row_writer(r);

	for (size_t i = 0; i < text.n; i++) {
		char code[8];
		if (text.p[i] >= 0x20 && text.p[i] != '"' && text.p[i] != '\\') {
			wr_u8(&w, text.p[i]);
			continue;
		}
		int n = snprintf(code, sizeof code, "\\u%04x", text.p[i]);
		wr_bytes(&w, code, (size_t)n);
	}
	return row_keep(r, &w);
}

bool play_bytes_from_hex(struct slice line, char *what, size_t what_size)
{
	struct row r;
	size_t n;

	row_open(&r, line, what, what_size);
	struct slice raw = escaped(&r, row_hex(&r, "s_hex"));
	struct wr w = row_writer(&r);
	if (accepts(&r, "accept", domain_hex(raw, w.p, w.size, &n))) {
		w.n = n;
		struct slice bytes = row_keep(&r, &w);
		row_same_bytes(&r, "bytes", row_hex(&r, "bytes"), bytes);
		row_same_flag(&r, "zero", row_flag(&r, "zero"), slice_zero(bytes));
		row_same_flag(&r, "empty", row_flag(&r, "empty"), bytes.n == 0);
	}
	return row_close(&r);
}

/* ---- addresses and names ---- */

bool play_addresses(struct slice line, char *what, size_t what_size)
{
	char text[DNSADDR_TEXT_MAX];
	uint8_t ip[16];
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice addr = row_text(&r, "addr");
	bool four = dnsaddr_parse4(addr, ip), six = !four && dnsaddr_parse6(addr, ip);
	row_same_flag(&r, "ipv4", row_flag(&r, "ipv4"), four);
	row_same_flag(&r, "ipv6", row_flag(&r, "ipv6"), six);
	if ((four || six) && row_has(&r, "bytes")) {
		size_t n = four ? dnsaddr_text4(ip, text) : dnsaddr_text6(ip, text);
		row_same_bytes(&r, "bytes", row_hex(&r, "bytes"), slice_of(ip, four ? 4 : 16));
		row_same_bytes(&r, "canonical", row_text(&r, "canonical"), slice_of(text, n));
	}
	if (six)
		row_same_flag(&r, "ygg", row_flag(&r, "ygg"), (ip[0] & 0xFE) == 0x02);
	return row_close(&r);
}

bool play_domain_names(struct slice line, char *what, size_t what_size)
{
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice name = row_text(&r, "name");
	struct wr w = row_writer(&r);
	name_lower(name, &w);
	struct slice lower = row_keep(&r, &w);
	row_same_bytes(&r, "lower", row_text(&r, "lower"), lower);
	row_same_flag(&r, "name_ok", row_flag(&r, "name_ok"), name_is_valid(lower));
	row_same_bytes(&r, "zone", row_text(&r, "zone"), name_zone(lower));
	row_same_flag(&r, "zone_ok", row_flag(&r, "zone_ok"), zone_is_known(name_zone(lower)));
	return row_close(&r);
}

/* ---- transactions ---- */

bool play_transaction_json(struct slice line, char *what, size_t what_size)
{
	struct transaction tx;
	struct row r;

	row_open(&r, line, what, what_size);
	struct slice text = row_hex(&r, "hex");
	bool taken = txjson_read(text, &tx, row_take(&r, 2 * text.n + 1), 2 * text.n + 1);
	if (accepts(&r, "accept", taken)) {
		struct wr w = row_writer(&r);
		txjson_write(&tx, &w);
		struct slice got = row_keep(&r, &w);
		row_same_bytes(&r, "canon", row_text(&r, "canon"), got);
	}
	return row_close(&r);
}
