/* Plays consensus scripts and chains against a chain of its own in a temporary directory. Results
 * are compared as compact JSON text, field by field. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/chain.h"
#include "chain/owner.h"
#include "chain/signers.h"
#include "chain/store.h"
#include "chain/verify.h"
#include "config/limits.h"
#include "tests/replay/play.h"

enum {
	AHEAD = 64,          /* blocks hashed together */
	TEXT_SIZE = 1 << 16, /* of a compared value */
	SHOWN = 700,         /* characters of it in a difference */
	SCRATCH = 40 << 20,  /* bytes for the hash */
	COMMIT = 128,        /* blocks */
};

/* A block of the lines ahead. */
struct candidate {
	unsigned long line;
	struct block_owned *owned; /* NULL: does not decode */
	struct block_facts facts;
};

struct script {
	struct play *play;
	struct chain_params params;
	struct limits limits;
	char dir[256];
	struct chain *chain;
	struct candidate ahead[AHEAD];
	unsigned count, next;
	unsigned long line; /* the line being played */
	bool wrong;         /* it differs somewhere */
	char *got, *wanted; /* TEXT_SIZE each */
};

/* ---- comparing ---- */

__attribute__((format(printf, 2, 3))) static void got(struct script *s, const char *fmt, ...)
{
	size_t n = strlen(s->got);
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->got + n, TEXT_SIZE - n, fmt, args);
	va_end(args);
}

static void got_hex(struct script *s, const char *before, struct slice bytes)
{
	size_t n;

	got(s, "%s\"", before);
	n = strlen(s->got);
	if (n + 2 * bytes.n + 3 < TEXT_SIZE)
		hex_upper(bytes, s->got + n);
	got(s, "\"");
}

static void differ(struct script *s, const char *what, const char *wanted, const char *real)
{
	s->wrong = true;
	play_say(s->play, s->line, "%s: expected %.*s, got %.*s", what, SHOWN, wanted, SHOWN, real);
}

/* No value of ours holds white space, so that it can go everywhere. */
static void compact(struct slice raw, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n && n + 1 < TEXT_SIZE; i++)
		if (raw.p[i] != ' ' && raw.p[i] != '\t' && raw.p[i] != '\r')
			to[n++] = (char)raw.p[i];
	to[n] = 0;
}

/* Compares what was put together with got() and begins anew. */
static void expect(struct script *s, struct slice line, const char *key)
{
	struct slice raw;

	if (!json_find(line, key, &raw))
		differ(s, key, "a value in the script", "none");
	else
		compact(raw, s->wanted);
	if (!s->wrong && strcmp(s->wanted, s->got) != 0)
		differ(s, key, s->wanted, s->got);
	s->got[0] = 0;
}

static bool optional(struct slice line, const char *key)
{
	struct slice raw;

	return json_find(line, key, &raw);
}

static int64_t number(struct slice line, const char *key)
{
	struct slice raw;
	int64_t v = 0;

	return json_find(line, key, &raw) && json_get_i64(raw, &v) ? v : 0;
}

static bool text_is(struct slice line, const char *key, const char *text)
{
	struct slice raw;

	return json_find(line, key, &raw) && raw.n == strlen(text) + 2 &&
	       memcmp(raw.p + 1, text, raw.n - 2) == 0;
}

/* The bytes of a hex string value; the caller frees them. NULL when it is none. */
static uint8_t *hex_value(struct slice line, const char *key, size_t *n)
{
	struct slice raw;

	if (!json_find(line, key, &raw) || raw.n < 2)
		return NULL;
	uint8_t *bytes = mem_alloc(raw.n);
	if (bytes && !hex_decode(slice_of(raw.p + 1, raw.n - 2), bytes, raw.n, n)) {
		mem_free(bytes);
		return NULL;
	}
	return bytes;
}

/* ---- opening ---- */

static bool read_params(struct script *s, struct slice header)
{
	struct slice object, key, value;
	uint64_t v, low, high;
	char name[64];
	size_t at = 0, n;

	s->params = params_mainnet;
	if (!json_find(header, "params", &object))
		return false;
	if (object.n && object.p[0] == '"')
		return text_is(header, "params", "mainnet");
	while (json_member(object, &at, &key, &value)) {
		n = key.n < 2 ? 0 : key.n - 2;
		snprintf(name, sizeof name, "%.*s", (int)n, (const char *)key.p + 1);
		if (!json_get_u64(value, &v) || !params_set(&s->params, name, v, &low, &high))
			return false;
	}
	uint8_t *origin = hex_value(header, "origin", &n);
	s->params.has_origin = origin && n == HASH_SIZE;
	if (s->params.has_origin)
		memcpy(s->params.origin, origin, HASH_SIZE);
	mem_free(origin);
	return true;
}

static bool open_chain(struct script *s)
{
	struct chain_settings set = {
		.dir = s->dir, .params = &s->params, .limits = &s->limits, .no_sync = true};
	struct chain_error e;

	s->chain = chain_open(&set, &e);
	if (!s->chain)
		play_say(s->play, s->play->line, "open: %s", e.text);
	return s->chain;
}

static bool script_start(struct script *s, struct play *p, struct slice header)
{
	const char *tmp = getenv("TMPDIR");

	*s = (struct script){.play = p};
	limits_default(&s->limits);
	snprintf(s->dir, sizeof s->dir, "%s/replay-XXXXXX", tmp ? tmp : "/tmp");
	s->got = mem_alloc(TEXT_SIZE);
	s->wanted = mem_alloc(TEXT_SIZE);
	if (!s->got || !s->wanted || !mkdtemp(s->dir))
		play_say(p, 1, "cannot make a temporary directory");
	else if (!read_params(s, header))
		play_say(p, 1, "the parameters cannot be read");
	else
		return open_chain(s);
	return false;
}

static void drop_ahead(struct script *s)
{
	for (unsigned i = 0; i < s->count; i++)
		mem_free(s->ahead[i].owned);
	s->count = s->next = 0;
}

static void script_end(struct script *s)
{
	static const char *const files[] = {"chain.mdb", "chain.mdb-lock", "lock"};
	char path[300];

	drop_ahead(s);
	if (s->chain)
		chain_close(s->chain);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", s->dir, files[i]);
		unlink(path);
	}
	rmdir(s->dir);
	mem_free(s->got);
	mem_free(s->wanted);
}

/* ---- hashing ahead ---- */

static void add_ahead(struct script *s, unsigned long line_number, struct slice line)
{
	struct candidate *c = &s->ahead[s->count++];
	size_t n;
	uint8_t *cbor = hex_value(line, "cbor", &n);

	*c = (struct candidate){.line = line_number, .facts = {.key_strength = -1}};
	if (cbor && block_decode_owned(slice_of(cbor, n), &c->owned))
		c->owned = NULL;
	mem_free(cbor);
}

/* Hashes those that are worth it; a strength that is asked for twice in a group is computed once.
 */
static void hash_ahead(struct script *s)
{
	const struct block *blocks[AHEAD];
	struct block_facts facts[AHEAD];
	bool strength[AHEAD];
	unsigned which[AHEAD], n = 0;
	const char *why;

	for (unsigned i = 0; i < s->count; i++) {
		const struct block_owned *o = s->ahead[i].owned;
		if (!o || !rules_plausible(&s->params, &o->b, &why))
			continue;
		strength[n] = rules_need_strength(&s->params, &o->b) &&
			      chain_strength(s->chain, o->b.pub_key.p) < 0;
		for (unsigned k = 0; k < n; k++)
			if (strength[k] && slice_eq(blocks[k]->pub_key, o->b.pub_key))
				strength[n] = false;
		blocks[n] = &o->b;
		which[n++] = i;
	}
	if (n && verify_now(blocks, facts, strength, n, SCRATCH))
		play_say(s->play, s->play->line, "verify: out of memory");
	for (unsigned k = 0; k < n; k++) {
		s->ahead[which[k]].facts = facts[k];
		chain_remember_strength(s->chain, blocks[k]->pub_key.p, facts[k].key_strength);
	}
}

/* Takes the blocks of this and the following lines; a restart ends the group, for memory of
 * strengths ends with it. */
static void look_ahead(struct script *s, struct slice line)
{
	struct play look = *s->play;

	drop_ahead(s);
	do {
		if (text_is(line, "op", "reopen"))
			break;
		if (optional(line, "cbor"))
			add_ahead(s, look.line, line);
	} while (s->count < AHEAD && play_next(&look, &line));
	hash_ahead(s);
}

static struct candidate *candidate_of(struct script *s, struct slice line)
{
	if (s->next >= s->count)
		look_ahead(s, line);
	return &s->ahead[s->next++];
}

/* ---- the steps of a script ---- */

static void expect_tip(struct script *s, struct slice line)
{
	struct chain_tip t;

	chain_get_tip(s->chain, &t);
	got(s, "%" PRIu64, t.height);
	expect(s, line, "height");
	got_hex(s, "", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	expect(s, line, "tip");
	got(s, "%" PRIu64, t.last_full);
	expect(s, line, "lf");
}

static struct outcome submit(struct script *s, const struct candidate *c, int64_t now)
{
	struct outcome o = {.verdict = VERDICT_BAD, .why = "does not decode"};

	if (c->owned)
		o = chain_submit(s->chain, &c->owned->b, &c->facts, now, 0);
	if (!o.err && chain_uncommitted(s->chain) >= COMMIT)
		o.err = chain_commit(s->chain);
	return o;
}

static void step_block(struct script *s, struct slice line)
{
	static const char *const actions[] = {"none", "append", "replace"};
	struct candidate *c = candidate_of(s, line);
	struct outcome o = submit(s, c, number(line, "now"));
	bool twin = o.verdict == VERDICT_TWIN && optional(line, "dup");
	bool crash = o.verdict == VERDICT_BAD && text_is(line, "verdict", "crash");

	if (o.err) {
		differ(s, "store", "ok", err_name(o.err));
		return;
	}
	if (!twin && !crash) {
		got(s, "\"%s\"", verdict_name(o.verdict));
		expect(s, line, "verdict");
	}
	if (s->wrong)
		play_say(s->play, s->line, "rule: %s", o.why);
	if (o.verdict == VERDICT_FORK && optional(line, "better")) {
		got(s, o.better ? "true" : "false");
		expect(s, line, "better");
	}
	got(s, "\"%s\"", actions[o.action]);
	expect(s, line, "action");
	expect_tip(s, line);
}

static void got_keys(struct script *s, const uint8_t (*keys)[KEY_SIZE], unsigned n)
{
	got(s, "[");
	for (unsigned i = 0; i < n; i++)
		got_hex(s, i ? "," : "", slice_of(keys[i], KEY_SIZE));
	got(s, "]");
}

static void got_bans(struct script *s, struct view *v, uint64_t upto)
{
	struct ban b = {0};
	bool first = true;

	got(s, "[");
	/* No ban closes at 0, so that the walk starts before the first. */
	while (view_ban_after(v, &b) && b.closing <= upto) {
		got(s, "%s[%" PRIu64, first ? "" : ",", b.closing);
		got_hex(s, ",", slice_of(b.key, KEY_SIZE));
		got(s, "]");
		first = false;
	}
	got(s, "]");
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, KEY_SIZE);
}

static void got_draw_bans(struct script *s, struct view *v, const struct head *f)
{
	enum { MOST = 512 };
	uint8_t(*keys)[KEY_SIZE] = mem_alloc(MOST * KEY_SIZE);
	struct draw_bans d;
	struct ban b = {0};
	unsigned n = 0;

	if (!keys)
		return;
	bans_for_draw(v, f, &d);
	while (view_ban_after(v, &b) && n < MOST)
		if (draw_bans_have(v, &d, b.key))
			memcpy(keys[n++], b.key, KEY_SIZE);
	qsort(keys, n, KEY_SIZE, by_bytes);
	got_keys(s, (const uint8_t(*)[KEY_SIZE])keys, n);
	mem_free(keys);
}

static void step_state(struct script *s, struct slice line)
{
	struct view *v = chain_view(s->chain);
	struct chain_tip t;
	struct head f;
	struct draw d;
	struct pool p;

	chain_get_tip(s->chain, &t);
	got(s, "%" PRIu64, t.last_full);
	expect(s, line, "full");
	if (!view_head(v, t.last_full, &f))
		return;
	signers_draw(v, &f, &d);
	got_keys(s, (const uint8_t(*)[KEY_SIZE])d.keys, d.n);
	expect(s, line, "draw");
	signers_pool(v, &f, true, &p);
	got_keys(s, (const uint8_t(*)[KEY_SIZE])p.anchor, p.anchors);
	expect(s, line, "anchors");
	got_keys(s, (const uint8_t(*)[KEY_SIZE])p.late, p.recent);
	expect(s, line, "recent");
	got(s, "%" PRIu64, signers_timeout(v, &f));
	expect(s, line, "timeout");
	got_bans(s, v, f.index);
	expect(s, line, "bans");
	got_draw_bans(s, v, &f);
	expect(s, line, "draw_bans");
	got(s, signers_locked(v, &f, UINT64_MAX) ? "true" : "false");
	expect(s, line, "locked");
}

static void got_row(struct script *s, struct view *v, const struct domain_row *row)
{
	struct block_owned *o = store_block(v->store, row->id);

	if (!o)
		return;
	got(s, "{\"id\":%" PRIu64, row->id);
	got_hex(s, ",\"signing\":", o->b.tx.signing.n ? o->b.tx.signing : o->b.pub_key);
	got(s, "}");
	mem_free(o);
}

static void step_domain(struct script *s, struct slice line)
{
	static const char *const states[] = {"alive", "expired", "free"};
	struct view *v = chain_view(s->chain);
	struct domain_row row;
	size_t n = 0;
	uint8_t *identity = hex_value(line, "identity", &n);

	if (!identity || !view_domain(v, slice_of(identity, n), view_height(v) + 1, &row)) {
		got(s, "null");
		expect(s, line, "row");
		got(s, "\"none\"");
	} else {
		got_row(s, v, &row);
		expect(s, line, "row");
		got(s, "\"%s\"", states[owner_state(&s->params, &row, number(line, "now"))]);
	}
	expect(s, line, "state");
	mem_free(identity);
}

static void step_reopen(struct script *s, struct slice line)
{
	uint64_t height;

	chain_close(s->chain);
	if (!open_chain(s)) {
		s->wrong = true;
		return;
	}
	enum err err = chain_startup_check(
		s->chain, (uint64_t)number(line, "check_blocks"), number(line, "now"), &height);
	if (err)
		differ(s, "reopen", "ok", err_name(err));
	expect_tip(s, line);
}

static void step(struct script *s, struct slice line)
{
	static const struct {
		const char *op;
		void (*play)(struct script *, struct slice);
	} steps[] = {
		{"block", step_block},
		{"state", step_state},
		{"domain", step_domain},
		{"reopen", step_reopen},
	};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (text_is(line, "op", steps[i].op)) {
			steps[i].play(s, line);
			return;
		}
	differ(s, "op", "a known one", "another");
}

/* A link of a chain is a block that must be good, and known under this index and hash. */
static void chain_link(struct script *s, struct slice line)
{
	struct candidate *c = candidate_of(s, line);
	int64_t now = c->owned ? c->owned->b.timestamp : 0;
	struct outcome o = submit(s, c, now);
	struct chain_tip t;

	if (o.err)
		differ(s, "store", "ok", err_name(o.err));
	else if (o.verdict != VERDICT_GOOD)
		differ(s, "verdict", "good", o.why);
	chain_get_tip(s->chain, &t);
	got(s, "%" PRIu64, t.height);
	expect(s, line, "index");
	got_hex(s, "", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	expect(s, line, "hash");
}

static void play_with(
	struct play *p, struct slice header, void (*play)(struct script *, struct slice))
{
	struct script *s = mem_alloc(sizeof *s);
	struct slice line;
	bool ready = s && script_start(s, p, header);

	if (!ready)
		p->failed++;
	while (ready && s->chain && play_next(p, &line)) {
		if (line.n == 0)
			continue;
		s->line = p->line;
		s->wrong = false;
		play(s, line);
		s->got[0] = 0;
		if (s->wrong)
			p->failed++;
		else
			p->passed++;
	}
	if (s)
		script_end(s);
	mem_free(s);
}

void play_consensus(struct play *p, struct slice header)
{
	play_with(p, header, step);
}

void play_chain(struct play *p, struct slice header)
{
	play_with(p, header, chain_link);
}
