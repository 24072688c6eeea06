/* The state of the owner's tables: chains and keys. See tests/replay/tables_owner.h. */
#include <inttypes.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/chain_internal.h"
#include "domain/domain.h"
#include "tests/replay/file.h"
#include "tests/replay/tables_owner.h"

enum { STRONG = 64, PATH_SIZE = 300, COMMIT = 128 };

/* ---- the chain ---- */

static void close_chain(struct owner_play *o)
{
	if (o->open)
		script_end(&o->s);
	mem_free(o->file);
	o->file = NULL;
	o->rest = slice_of(NULL, 0);
	o->open = false;
	o->count = 0;
}

/* A chain file beside the table's folder; no other file is read. */
static bool open_file(struct owner_play *o, struct slice line)
{
	static const char folder[] = "../chains/";
	struct slice value;
	char name[64], path[PATH_SIZE];
	size_t n;

	if (!json_find(line, "file", &value))
		return true;
	if (!json_get_text(value, (uint8_t *)name, sizeof name - 1, &n))
		return false;
	name[n] = 0;
	const char *file = o->s.play->file, *end = strrchr(file, '/');
	if (strncmp(name, folder, strlen(folder)) != 0 || strchr(name + strlen(folder), '/'))
		return false;
	snprintf(path, sizeof path, "%.*s%s", end ? (int)(end - file + 1) : 0, file, name);
	o->file = file_read_all(path, &n);
	o->rest = slice_of(o->file, o->file ? n : 0);
	return o->file;
}

static void op_chain(struct owner_play *o, struct slice line)
{
	struct play *p = o->s.play;

	close_chain(o);
	o->open = script_start(&o->s, p, line);
	if (!o->open)
		script_end(&o->s);
	o->s.play = p;
	o->s.line = p->line;
	if (!o->open || !open_file(o, line)) {
		play_say(p, p->line, "chain: expected one, got none");
		o->s.wrong = true;
	}
}

/* The blocks were valid when they came, some of them before a replaced one: they are not checked
 * again. */
static void append(struct owner_play *o, struct slice line)
{
	struct block_facts facts = {true, true, STRONG, DOMAIN_UNREAD};
	struct block_owned *block = NULL;
	const char *why = "does not decode";
	struct chain_tip tip;
	size_t n;
	uint8_t *cbor = script_bytes(line, "cbor", &n);

	if (!cbor || block_decode_owned(slice_of(cbor, n), &block))
		block = NULL;
	mem_free(cbor);
	if (block)
		facts_read_domain(&facts, &block->b);
	chain_get_tip(o->s.chain, &tip);
	if (!block || !rules_plausible(&o->s.params, &block->b, &facts, &why))
		script_differ(&o->s, "block", "a good one", why);
	else if (block->b.index != tip.height + 1)
		script_differ(&o->s, "block", "the next one", "another");
	else if (chain_append(o->s.chain, block))
		script_differ(&o->s, "block", "appended", chain_why(o->s.chain));
	else if (chain_uncommitted(o->s.chain) >= COMMIT)
		chain_commit(o->s.chain);
	mem_free(block);
}

static void op_block(struct owner_play *o, struct slice line)
{
	int64_t index = script_number(line, "index");

	if (script_has(line, "replace") && index > 0)
		chain_truncate(o->s.chain, (uint64_t)index);
	append(o, line);
}

static void op_truncate(struct owner_play *o, struct slice line)
{
	int64_t height = script_number(line, "height");

	chain_truncate(o->s.chain, height > 0 ? (uint64_t)height + 1 : 1);
}

/* Takes blocks of the chain file up to the height that the line wants. */
static void reach(struct owner_play *o, struct slice line)
{
	struct play lines = {.rest = o->rest};
	struct chain_tip tip;
	struct slice text;

	if (!script_has(line, "at"))
		return;
	uint64_t at = (uint64_t)script_number(line, "at");
	for (chain_get_tip(o->s.chain, &tip); tip.height < at && !o->s.wrong;) {
		if (!play_next(&lines, &text)) {
			script_differ(&o->s, "at", "a block", "the end of the chain file");
			break;
		}
		if (script_has(text, "cbor"))
			append(o, text);
		chain_get_tip(o->s.chain, &tip);
	}
	o->rest = lines.rest;
}

/* ---- keys ---- */

static bool key_field(struct slice line, const char *name, uint8_t to[KEY_SIZE])
{
	struct slice raw;
	size_t n;

	return json_find(line, name, &raw) && raw.n > 2 &&
	       hex_decode(slice_of(raw.p + 1, raw.n - 2), to, KEY_SIZE, &n) && n == KEY_SIZE;
}

static void op_key(struct owner_play *o, struct slice line)
{
	struct owner_key *k = &o->keys[o->count];
	struct slice id;
	size_t n;

	if (o->count == OWNER_KEYS_MAX || !json_find(line, "id", &id) ||
		!json_get_text(id, (uint8_t *)k->id, sizeof k->id - 1, &n) ||
		!key_field(line, "public", k->public_key) ||
		!key_field(line, "encryption_secret", k->encryption_secret) ||
		!key_field(line, "encryption_public", k->encryption_public)) {
		script_differ(&o->s, "key", "one", "none, or too many");
		return;
	}
	k->id[n] = 0;
	o->count++;
}

const struct owner_key *owner_key_of(const struct owner_play *o, struct slice line)
{
	for (unsigned i = 0; i < o->count; i++)
		if (script_is(line, "key", o->keys[i].id))
			return &o->keys[i];
	return NULL;
}

/* ---- playing ---- */

static void op_job(struct owner_play *o, struct slice line)
{
	reach(o, line);
	if (!o->s.wrong)
		owner_job(o, line);
}

static void play_op(struct owner_play *o, struct slice line)
{
	static const struct {
		const char *op;
		void (*play)(struct owner_play *, struct slice);
	} ops[] = {
		{"chain", op_chain},
		{"key", op_key},
		{"block", op_block},
		{"truncate", op_truncate},
		{"job", op_job},
		{"check", owner_check},
		{"make", owner_make},
		{"own", owner_own},
	};

	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (script_is(line, "op", ops[i].op) && (i == 0 || o->open)) {
			ops[i].play(o, line);
			return;
		}
	play_say(o->s.play, o->s.play->line, "op: expected a known one, got another");
	o->s.wrong = true;
}

void play_owner(struct play *p, struct slice header)
{
	struct owner_play *o = mem_alloc(sizeof *o);
	struct slice line;

	(void)header;
	if (!o) {
		p->failed++;
		return;
	}
	o->s.play = p;
	while (play_next(p, &line)) {
		if (line.n == 0)
			continue;
		o->s.line = p->line;
		o->s.wrong = false;
		o->s.note = NULL;
		play_op(o, line);
		if (o->open)
			o->s.got[0] = 0;
		p->failed += o->s.wrong;
		p->passed += !o->s.wrong;
	}
	close_chain(o);
	mem_free(o);
}
