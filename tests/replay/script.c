/* See tests/replay/script.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/verify.h"
#include "tests/replay/script.h"

enum {
	TEXT_SIZE = 1 << 16, /* of a compared value */
	SHOWN = 700,         /* characters of it in a difference */
	SCRATCH = 40 << 20,  /* bytes for the hash */
};

/* ---- comparing ---- */

void script_got(struct script *s, const char *fmt, ...)
{
	size_t n = strlen(s->got);
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->got + n, TEXT_SIZE - n, fmt, args);
	va_end(args);
}

void script_got_hex(struct script *s, const char *before, struct slice bytes)
{
	size_t n;

	script_got(s, "%s\"", before);
	n = strlen(s->got);
	if (n + 2 * bytes.n + 3 < TEXT_SIZE)
		hex_upper(bytes, s->got + n);
	script_got(s, "\"");
}

void script_differ(struct script *s, const char *what, const char *wanted, const char *real)
{
	s->wrong = true;
	play_say(s->play, s->line, "%s: expected %.*s, got %.*s%s%s%s", what, SHOWN, wanted, SHOWN,
		real, s->note ? " (" : "", s->note ? s->note : "", s->note ? ")" : "");
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

/* Compares what was put together with script_got() and begins anew. */
void script_expect(struct script *s, struct slice line, const char *key)
{
	struct slice raw;

	if (!json_find(line, key, &raw))
		script_differ(s, key, "a value in the script", "none");
	else
		compact(raw, s->wanted);
	if (!s->wrong && strcmp(s->wanted, s->got) != 0)
		script_differ(s, key, s->wanted, s->got);
	s->got[0] = 0;
}

bool script_has(struct slice line, const char *key)
{
	struct slice raw;

	return json_find(line, key, &raw);
}

int64_t script_number(struct slice line, const char *key)
{
	struct slice raw;
	int64_t v = 0;

	return json_find(line, key, &raw) && json_get_i64(raw, &v) ? v : 0;
}

bool script_is(struct slice line, const char *key, const char *text)
{
	struct slice raw;

	return json_find(line, key, &raw) && raw.n == strlen(text) + 2 &&
	       memcmp(raw.p + 1, text, raw.n - 2) == 0;
}

/* The bytes of a hex string value; the caller frees them. NULL when it is none. */
uint8_t *script_bytes(struct slice line, const char *key, size_t *n)
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
		return script_is(header, "params", "mainnet");
	while (json_member(object, &at, &key, &value)) {
		n = key.n < 2 ? 0 : key.n - 2;
		snprintf(name, sizeof name, "%.*s", (int)n, (const char *)key.p + 1);
		if (!json_get_u64(value, &v) || !params_set(&s->params, name, v, &low, &high))
			return false;
	}
	uint8_t *origin = script_bytes(header, "origin", &n);
	s->params.has_origin = origin && n == HASH_SIZE;
	if (s->params.has_origin)
		memcpy(s->params.origin, origin, HASH_SIZE);
	mem_free(origin);
	return true;
}

bool script_open(struct script *s)
{
	struct chain_settings set = {
		.dir = s->dir, .params = &s->params, .limits = &s->limits, .no_sync = true};
	struct chain_error e;

	s->chain = chain_open(&set, &e);
	if (!s->chain)
		play_say(s->play, s->play->line, "open: %s", e.text);
	return s->chain;
}

bool script_start(struct script *s, struct play *p, struct slice header)
{
	const char *tmp = getenv("TMPDIR");

	*s = (struct script){.play = p};
	limits_default(&s->limits);
	s->limits.store_map_bytes.max = 256 << 20; /* fits where addresses have 32 bits */
	snprintf(s->dir, sizeof s->dir, "%s/replay-XXXXXX", tmp ? tmp : P_tmpdir);
	s->got = mem_alloc(TEXT_SIZE);
	s->wanted = mem_alloc(TEXT_SIZE);
	if (!s->got || !s->wanted || !mkdtemp(s->dir))
		play_say(p, 1, "cannot make a temporary directory");
	else if (!read_params(s, header))
		play_say(p, 1, "the parameters cannot be read");
	else
		return script_open(s);
	return false;
}

static void drop_ahead(struct script *s)
{
	for (unsigned i = 0; i < s->count; i++)
		mem_free(s->ahead[i].owned);
	s->count = s->next = 0;
}

void script_end(struct script *s)
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

static void add_ahead(struct script *s, struct slice line)
{
	struct candidate *c = &s->ahead[s->count++];
	size_t n;
	uint8_t *cbor = script_bytes(line, "cbor", &n);

	*c = (struct candidate){.facts = {.key_strength = -1}};
	if (cbor && block_decode_owned(slice_of(cbor, n), &c->owned))
		c->owned = NULL;
	if (c->owned)
		facts_read_domain(&c->facts, &c->owned->b);
	mem_free(cbor);
}

/* Hashes those that are worth it; a strength that is asked for twice in a group is computed once.
 */
static void hash_ahead(struct script *s)
{
	struct verify_job jobs[SCRIPT_AHEAD];
	unsigned which[SCRIPT_AHEAD], n = 0;
	const char *why;

	for (unsigned i = 0; i < s->count; i++) {
		const struct block_owned *o = s->ahead[i].owned;
		if (!o || !rules_plausible(&s->params, &o->b, &s->ahead[i].facts, &why))
			continue;
		jobs[n] = (struct verify_job){.block = &o->b};
		chain_prepare(s->chain, &jobs[n]);
		for (unsigned k = 0; k < n; k++)
			if (jobs[k].want_strength && slice_eq(jobs[k].block->pub_key, o->b.pub_key))
				jobs[n].want_strength = false;
		which[n++] = i;
	}
	if (n && verify_now(jobs, n, SCRATCH))
		play_say(s->play, s->play->line, "verify: out of memory");
	for (unsigned k = 0; k < n; k++)
		chain_learn(s->chain, &jobs[k]);
	for (unsigned k = 0; k < n; k++) {
		chain_prepare(s->chain, &jobs[k]);
		s->ahead[which[k]].facts = jobs[k].facts;
	}
}

/* Takes the blocks of this and the following lines; a restart ends the group, for memory of
 * strengths ends with it. */
static void look_ahead(struct script *s, struct slice line)
{
	struct play look = *s->play;

	drop_ahead(s);
	do {
		if (script_is(line, "op", "reopen"))
			break;
		if (script_has(line, "cbor"))
			add_ahead(s, line);
	} while (s->count < SCRIPT_AHEAD && play_next(&look, &line));
	hash_ahead(s);
}

struct candidate *script_candidate(struct script *s, struct slice line)
{
	if (s->next >= s->count)
		look_ahead(s, line);
	return &s->ahead[s->next++];
}
