/* Prints a block, a key and the chain for `show`. Before: cli/show.c; api/query.c made the JSON.
 * After: cli/out.c. */
#include "base/human.h"
#include "base/json.h"
#include "cli/print.h"

static const char *date(struct slice object, const char *key, char to[HUMAN_MAX])
{
	return human_date(print_i64(object, key), to);
}

/* ---- a block ---- */

static void put_text(struct out *o, struct slice json, const char *key, const char *name)
{
	char text[PRINT_TEXT_MAX];

	if (print_text(json, key, text)[0])
		out_line(o, "%-10s%s", name, text);
}

static void put_transaction(struct out *o, struct slice tx)
{
	put_text(o, tx, "class", "class");
	put_text(o, tx, "identity", "identity");
	put_text(o, tx, "confirmation", "confirms");
	put_text(o, tx, "signing", "owner");
	put_text(o, tx, "encryption", "encrypts");
	print_data(o, tx);
}

static void put_drawn(struct out *o, struct slice json)
{
	struct slice drawn = print_inner(json, "drawn"), key;
	char text[PRINT_TEXT_MAX];
	size_t n;

	out_line(o, "locked    %s",
		print_bool(json, "locked") ? "yes" : "no: it waits for signatures");
	for (size_t at = 0; json_element(drawn, &at, &key);)
		if (json_get_text(key, (uint8_t *)text, sizeof text - 1, &n))
			out_line(o, "drawn     %.*s", (int)n, text);
}

void print_block(struct out *o, struct slice json)
{
	struct slice tx;
	char when[HUMAN_MAX], ago[HUMAN_MAX], size[HUMAN_MAX];
	bool full = json_find(json, "transaction", &tx);

	out_line(o, "block %llu of %s, %s: %s", (unsigned long long)print_u64(json, "index"),
		date(json, "timestamp", when), human_ago(print_i64(json, "timestamp"), o->now, ago),
		full ? "a full block" : "a signing block");
	put_text(o, json, "hash", "hash");
	put_text(o, json, "prev_block_hash", "before");
	put_text(o, json, "pub_key", "author");
	out_line(o, "size      %s, version %llu, difficulty %llu, nonce %llu",
		human_bytes(print_u64(json, "bytes"), size),
		(unsigned long long)print_u64(json, "version"),
		(unsigned long long)print_u64(json, "difficulty"),
		(unsigned long long)print_u64(json, "nonce"));
	if (!full)
		return;
	put_transaction(o, tx);
	put_drawn(o, json);
}

/* ---- a key, the chain ---- */

void print_key(struct out *o, struct slice json)
{
	uint64_t full = print_u64(json, "last_full_block");
	char blocks[HUMAN_MAX];

	put_text(o, json, "pub_key", "key");
	out_line(o, "blocks    %s", human_count(print_u64(json, "blocks"), blocks));
	if (full)
		out_line(o, "full      block %llu was its last one with a transaction",
			(unsigned long long)full);
	else
		out_line(o, "full      none of them has a transaction");
	out_line(o, "banned    %s",
		print_bool(json, "banned") ? "yes: the chain draws it no more" : "no");
}

void print_chain(struct out *o, struct slice json)
{
	char text[HUMAN_MAX], ago[HUMAN_MAX];
	uint64_t full = print_u64(json, "last_full_block");

	put_text(o, json, "origin", "origin");
	out_line(o, "height    %s", human_count(print_u64(json, "height"), text));
	put_text(o, json, "tip", "tip");
	if (print_u64(json, "height"))
		out_line(o, "tip of    %s, %s", date(json, "timestamp", text),
			human_ago(print_i64(json, "timestamp"), o->now, ago));
	if (full)
		out_line(o, "full      block %llu is the last one with a transaction",
			(unsigned long long)full);
	else
		out_line(o, "full      none of them has a transaction");
	out_line(o, "authors   %s", human_count(print_u64(json, "authors"), text));
	out_line(o, "banned    %s signers", human_count(print_u64(json, "banned_signers"), text));
}
