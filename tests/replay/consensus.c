/* Plays consensus scripts and chains (tests/replay/script.h): one function a kind of step. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "chain/domain_rules.h"
#include "chain/signers.h"
#include "chain/store.h"
#include "tests/replay/script.h"

enum { COMMIT = 128 }; /* blocks */

static void expect_tip(struct script *s, struct slice line)
{
	struct chain_tip t;

	chain_get_tip(s->chain, &t);
	script_got(s, "%" PRIu64, t.height);
	script_expect(s, line, "height");
	script_got_hex(s, "", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	script_expect(s, line, "tip");
	script_got(s, "%" PRIu64, t.last_full);
	script_expect(s, line, "lf");
}

static struct outcome submit(struct script *s, const struct candidate *c, int64_t now)
{
	struct outcome o = {.verdict = VERDICT_BAD, .why = "does not decode"};

	if (c->owned)
		o = chain_submit(s->chain, c->owned, &c->facts, now, 0);
	if (!o.err && chain_uncommitted(s->chain) >= COMMIT)
		o.err = chain_commit(s->chain);
	return o;
}

static void note_offered(struct script *s, struct slice line, const struct candidate *c)
{
	int64_t now = script_number(line, "now");

	s->orders.now = now > s->orders.now ? now : s->orders.now;
	if (c->owned && s->play->seeds)
		orders_note(&s->orders, &c->owned->b, script_is(line, "verdict", "bad"));
}

static void step_block(struct script *s, struct slice line)
{
	static const char *const actions[] = {"none", "append", "replace"};
	struct candidate *c = script_candidate(s, line);
	struct outcome o = submit(s, c, script_number(line, "now"));
	note_offered(s, line, c);
	bool twin = o.verdict == VERDICT_TWIN && script_has(line, "dup");
	bool crash = o.verdict == VERDICT_BAD && script_is(line, "verdict", "crash");

	s->note = o.why;
	if (o.err) {
		script_differ(s, "store", "ok", err_name(o.err));
		return;
	}
	if (!twin && !crash) {
		script_got(s, "\"%s\"", verdict_name(o.verdict));
		script_expect(s, line, "verdict");
	}
	if (o.verdict == VERDICT_FORK && script_has(line, "better")) {
		script_got(s, o.better ? "true" : "false");
		script_expect(s, line, "better");
	}
	script_got(s, "\"%s\"", actions[o.action]);
	script_expect(s, line, "action");
	expect_tip(s, line);
}

static void got_keys(struct script *s, const uint8_t (*keys)[KEY_SIZE], unsigned n)
{
	script_got(s, "[");
	for (unsigned i = 0; i < n; i++)
		script_got_hex(s, i ? "," : "", slice_of(keys[i], KEY_SIZE));
	script_got(s, "]");
}

static void got_bans(struct script *s, struct view *v, uint64_t upto)
{
	struct ban b = {0};
	bool first = true;

	script_got(s, "[");
	/* No ban closes at 0, so that the walk starts before the first. */
	while (view_ban_after(v, &b) && b.closing <= upto) {
		script_got(s, "%s[%" PRIu64, first ? "" : ",", b.closing);
		script_got_hex(s, ",", slice_of(b.key, KEY_SIZE));
		script_got(s, "]");
		first = false;
	}
	script_got(s, "]");
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, KEY_SIZE);
}

static void got_draw_bans(struct script *s, struct view *v, const struct block_summary *f)
{
	enum { MOST = 512 };
	uint8_t(*keys)[KEY_SIZE] = mem_alloc(MOST * KEY_SIZE);
	struct draw_bans d;
	struct ban b = {0};
	unsigned n = 0;

	if (!keys)
		return;
	signer_bans_for_draw(v, f, &d);
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
	struct block_summary f;
	struct draw d;
	struct pool p;

	chain_get_tip(s->chain, &t);
	script_got(s, "%" PRIu64, t.last_full);
	script_expect(s, line, "full");
	if (!view_summary(v, t.last_full, &f))
		return;
	signers_draw(v, &f, &d);
	got_keys(s, (const uint8_t(*)[KEY_SIZE])d.keys, d.n);
	script_expect(s, line, "draw");
	signers_pool(v, &f, true, &p);
	got_keys(s, (const uint8_t(*)[KEY_SIZE])p.anchor, p.anchors);
	script_expect(s, line, "anchors");
	got_keys(s, (const uint8_t(*)[KEY_SIZE])p.late, p.recent);
	script_expect(s, line, "recent");
	script_got(s, "%" PRIu64, signers_timeout(v, &f));
	script_expect(s, line, "timeout");
	got_bans(s, v, f.index);
	script_expect(s, line, "bans");
	got_draw_bans(s, v, &f);
	script_expect(s, line, "draw_bans");
	script_got(s, signers_locked(v, &f, UINT64_MAX) ? "true" : "false");
	script_expect(s, line, "locked");
}

static void got_row(struct script *s, struct view *v, const struct domain_row *row)
{
	struct block_owned *o = view_block(v, row->id);

	if (!o)
		return;
	script_got(s, "{\"id\":%" PRIu64, row->id);
	script_got_hex(s, ",\"signing\":", o->b.tx.signing.n ? o->b.tx.signing : o->b.pub_key);
	script_got(s, "}");
	mem_free(o);
}

static void step_domain(struct script *s, struct slice line)
{
	static const char *const states[] = {"alive", "expired", "free"};
	struct view *v = chain_view(s->chain);
	struct domain_row row;
	size_t n = 0;
	uint8_t *identity = script_bytes(line, "identity", &n);

	if (!identity || !view_domain(v, slice_of(identity, n), view_height(v) + 1, &row)) {
		script_got(s, "null");
		script_expect(s, line, "row");
		script_got(s, "\"none\"");
	} else {
		got_row(s, v, &row);
		script_expect(s, line, "row");
		script_got(s, "\"%s\"",
			states[domain_rules_state(&s->params, &row, script_number(line, "now"))]);
	}
	script_expect(s, line, "state");
	mem_free(identity);
}

static void step_reopen(struct script *s, struct slice line)
{
	uint64_t height;

	chain_close(s->chain);
	if (!script_open(s)) {
		s->wrong = true;
		return;
	}
	enum err err = chain_startup_check(s->chain, (uint64_t)script_number(line, "check_blocks"),
		script_number(line, "now"), NULL, &height);
	if (err)
		script_differ(s, "reopen", "ok", err_name(err));
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
		if (script_is(line, "op", steps[i].op)) {
			steps[i].play(s, line);
			return;
		}
	script_differ(s, "op", "a known one", "another");
}

/* A link of a chain is a block that must be good, and known under this index and hash. */
static void chain_link(struct script *s, struct slice line)
{
	struct candidate *c = script_candidate(s, line);
	int64_t now = c->owned ? c->owned->b.timestamp : 0;
	struct outcome o = submit(s, c, now);
	struct chain_tip t;

	if (o.err)
		script_differ(s, "store", "ok", err_name(o.err));
	else if (o.verdict != VERDICT_GOOD)
		script_differ(s, "verdict", "good", o.why);
	chain_get_tip(s->chain, &t);
	script_got(s, "%" PRIu64, t.height);
	script_expect(s, line, "index");
	script_got_hex(s, "", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	script_expect(s, line, "hash");
}

/* The same blocks in other orders. */
static void play_orders(struct script *s)
{
	char why[256];
	struct chain_tip t;

	if (!s->chain)
		return;
	s->orders.params = &s->params;
	s->orders.chain = s->chain;
	chain_get_tip(s->chain, &t);
	for (uint64_t seed = 1; seed <= s->play->seeds && t.height; seed++) {
		bool good = orders_play(&s->orders, seed, why, sizeof why);
		if (!good)
			play_say(s->play, s->line, "orders: %s", why);
		s->play->passed += good;
		s->play->failed += !good;
	}
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
		s->note = NULL;
		play(s, line);
		s->got[0] = 0;
		if (s->wrong)
			p->failed++;
		else
			p->passed++;
	}
	if (ready && play == step)
		play_orders(s);
	if (s) {
		orders_clear(&s->orders);
		script_end(s);
	}
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
