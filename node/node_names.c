/* Role: lists the names of our keys, as the key process decrypts them. See node/node_names.h.
 * Before: api/names.c. After: owner/own_domains.h, owner/keys_link.h, then http/server.h. */
#include "node/node_names.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "api/names_sort.h"
#include "api/query.h"
#include "base/mem.h"
#include "http/server.h"
#include "node/node.h"
#include "owner/own_domains.h"

enum {
	LOOK_MOST = 256,  /* names of others that one step looks at */
	STEPS = 16,       /* steps in one turn of the loop */
	AGAIN_MS = 50,    /* until a key process that has too much to do is asked again */
	KEPT_FREE = 4096, /* bytes that one more name and the end of the answer need */
};

/* What a key process is asked; it answers also when nobody waits for it any more. */
struct asked {
	struct name_list *list; /* NULL = nobody waits */
};

struct listed_key {
	char name[KEY_NAME_MAX + 1];
	uint8_t encryption[KEY_SIZE];
};

struct name_list {
	struct node *n;
	struct name_list *next;
	uint64_t call;
	uint64_t until_ms; /* the key process is not asked after that; monotonic */
	struct event *timer;
	struct own_walk *walk;
	struct own_domain at; /* the name that is asked for; its slices are of `walk` */
	struct asked *asked;  /* NULL = the key process is not asked */
	size_t count;
	uint8_t (*signing)[KEY_SIZE]; /* owned, as the next */
	struct listed_key *keys;
	struct wr w; /* owned */
	struct json_wr j;
	uint64_t total;
	size_t from, listed; /* where their array begins in `w`; elements that are written */
	bool cut;
	bool web; /* for GET /api/domains */
};

/* ---- life ---- */

static void free_list(struct name_list *l)
{
	struct name_list **at = &l->n->names;

	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
	if (l->asked)
		l->asked->list = NULL;
	if (l->timer)
		event_free(l->timer);
	own_walk_end(l->walk);
	mem_free(l->signing);
	mem_free(l->keys);
	mem_free(l->w.p);
	bound_give(&l->n->config->limits.owner_lists, 1);
	mem_free(l);
}

void node_names_stop(struct node *n)
{
	while (n->names)
		free_list(n->names);
}

static void set_timer(struct name_list *l, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(l->timer, &tv);
}

/* ---- one name ---- */

/* Why a name is not told, as a line. */
static void put_reason(struct name_list *l, const char *line)
{
	json_str(&l->j, "name", "");
	json_str(&l->j, "name_reason", line);
}

static void put_plain(struct name_list *l, struct slice plain)
{
	switch (own_domain_name(&l->at, plain)) {
	case OWN_NAME_TRUE:
		json_text(&l->j, "name", plain);
		json_str(&l->j, "name_reason", "");
		break;
	case OWN_NAME_UNVERIFIED:
		put_reason(l, "unverified: its identity or confirmation is not this name's");
		json_text(&l->j, "claimed_name", plain);
		break;
	default:
		put_reason(l, "what it says in place of a name is no text");
	}
}

static void put_said(struct name_list *l, enum keys_said said, const char *line, struct slice plain)
{
	char text[KEYS_TEXT_MAX];

	if (said == KEYS_DONE) {
		put_plain(l, plain);
	} else if (said == KEYS_LOCKED) {
		snprintf(text, sizeof text, "its key is locked: alfisd key unlock %s",
			l->keys[l->at.key].name);
		put_reason(l, text);
	} else if (said == KEYS_NOT_OURS || said == KEYS_NO_SUCH_KEY) {
		put_reason(l, "it is not encrypted for this key");
	} else {
		put_reason(l, line[0] ? line : keys_said_name(said));
	}
}

/* Writes the name that the list has come to. */
static void put_name(struct name_list *l, enum keys_said said, const char *line, struct slice plain)
{
	json_open(&l->j, NULL, '{');
	put_said(l, said, line, plain);
	json_str(&l->j, "key", l->keys[l->at.key].name);
	json_hex(&l->j, "owner", slice_of(l->signing[l->at.key], KEY_SIZE));
	if (l->web)
		query_put_owned_web(&l->j, &l->at);
	query_put_owned(&l->j, &l->at);
	json_close(&l->j, '}');
}

/* The same; one that does not fit is left out. */
static void put(struct name_list *l, enum keys_said said, const char *line, struct slice plain)
{
	struct json_wr j = l->j;
	size_t before = l->w.n;

	put_name(l, said, line, plain);
	l->listed++;
	if (l->w.bad || l->w.size - l->w.n < KEPT_FREE / 2) {
		l->w.bad = false;
		l->w.n = before;
		l->j = j;
		l->cut = true;
		l->listed--;
	}
	l->at.id = 0;
}

/* ---- asking ---- */

static void go_on(struct name_list *l);

static void on_answered(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct asked *a = ctx;
	struct name_list *l = a->list;

	mem_free(a);
	if (!l)
		return;
	l->asked = NULL;
	put(l, said, line, bytes);
	go_on(l);
}

static bool is_locked(const struct keys_state *s, const uint8_t encryption[KEY_SIZE])
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->rows[i].pub.encryption, encryption, KEY_SIZE) == 0)
			return s->rows[i].locked;
	return true;
}

static uint64_t now_ms(const struct name_list *l)
{
	return clock_mono(l->n->clock);
}

static void ask_process(struct name_list *l)
{
	struct asked *a = mem_alloc(sizeof *a);
	uint64_t now = now_ms(l), left = l->until_ms > now ? l->until_ms - now : 0;

	if (a)
		a->list = l;
	if (a && keys_link_decrypt(l->n->owner.link, l->keys[l->at.key].encryption, l->at.cipher,
			 on_answered, a)) {
		l->asked = a;
		set_timer(l, left);
		return;
	}
	mem_free(a); /* it has too much to do */
	set_timer(l, left < AGAIN_MS ? left : AGAIN_MS);
}

/* Finds out what the name is called; false when there is nothing to ask for, and it is written. */
static bool ask(struct name_list *l)
{
	const struct keys_state *s = l->n->owner.link ? keys_link_state(l->n->owner.link) : NULL;
	const struct slice none = {NULL, 0};

	if (!l->at.cipher.n) {
		put(l, KEYS_DONE, "", none);
	} else if (!s || !s->running) {
		put(l, KEYS_GONE, "the key process does not run: alfisd key list", none);
	} else if (is_locked(s, l->keys[l->at.key].encryption)) {
		put(l, KEYS_LOCKED, "", none);
	} else if (now_ms(l) >= l->until_ms) {
		put(l, KEYS_BUSY, "the key process has not answered in time", none);
	} else {
		ask_process(l);
		return true;
	}
	return false;
}

/* ---- the list ---- */

static void finish(struct name_list *l)
{
	struct chain_tip tip;

	chain_get_tip(l->n->chain, &tip);
	if (l->web)
		names_sort(&l->w, l->from, l->listed);
	json_close(&l->j, ']');
	json_u64(&l->j, "domains_total", l->total);
	json_u64(&l->j, "keys_total", l->count);
	json_bool(&l->j, "cut", l->cut);
	json_u64(&l->j, "as_of_height", tip.height);
	query_put_moment(&l->j, "as_of", tip.timestamp);
	json_close(&l->j, '}');
	wr_u8(&l->w, '\n');
	if (l->n->http)
		http_server_answer(l->n->http, l->call, 200, wr_done(&l->w));
	free_list(l);
}

static void go_on(struct name_list *l)
{
	struct node *n = l->n;
	int64_t now = chain_now(n->chain, clock_wall(n->clock));

	for (unsigned i = 0; i < STEPS; i++) {
		if (!own_walk_next(l->walk, chain_view(n->chain), now, LOOK_MOST, &l->at)) {
			finish(l);
			return;
		}
		l->total += l->at.id > 0;
		l->cut |= l->w.size - l->w.n < KEPT_FREE;
		if (l->cut)
			l->at.id = 0;
		if (l->at.id && ask(l))
			return;
	}
	set_timer(l, 0);
}

/* The next turn of the list, or the key process has not answered, or is to be asked again. */
static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct name_list *l = ctx;

	(void)fd;
	(void)what;
	if (l->asked) {
		l->asked->list = NULL;
		l->asked = NULL;
	}
	if (!l->at.id || !ask(l))
		go_on(l);
}

/* ---- the keys ---- */

static void add_key(
	struct name_list *l, const char *only, const char *name, const struct key_public *pub)
{
	bool broken = slice_zero(slice_of(pub->signing, KEY_SIZE));

	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->signing[i], pub->signing, KEY_SIZE) == 0)
			return;
	if (broken || (only[0] && strcmp(only, name) != 0))
		return;
	memcpy(l->signing[l->count], pub->signing, KEY_SIZE);
	memcpy(l->keys[l->count].encryption, pub->encryption, KEY_SIZE);
	snprintf(l->keys[l->count++].name, sizeof l->keys[0].name, "%s", name);
}

/* Those that the key process tells, and those on disk that it does not know, or while it does not
 * run. */
static enum err add_keys(struct name_list *l, const char *only)
{
	const struct node_owner *o = &l->n->owner;
	const struct keys_state *s = o->link ? keys_link_state(o->link) : NULL;
	size_t most = (s ? s->count : 0) + o->keys.count;

	l->signing = mem_alloc((most + 1) * sizeof *l->signing);
	l->keys = mem_alloc((most + 1) * sizeof *l->keys);
	if (!l->signing || !l->keys)
		return ERR_NOMEM;
	for (size_t i = 0; s && i < s->count; i++)
		add_key(l, only, s->rows[i].name, &s->rows[i].pub);
	for (size_t i = 0; i < o->keys.count; i++)
		add_key(l, only, o->keys.entry[i].name, &o->keys.entry[i].pub);
	return l->count ? ERR_OK : ERR_NOT_FOUND;
}

static enum err fill(struct name_list *l, const char *key)
{
	size_t size = (size_t)l->n->config->limits.admin_response_bytes.max;
	enum err err = add_keys(l, key);

	if (err == ERR_OK)
		err = own_walk_start(
			(const uint8_t(*)[KEY_SIZE])l->signing, (unsigned)l->count, &l->walk);
	l->timer = event_new(l->n->base, -1, 0, on_timer, l);
	l->w = wr_of(err == ERR_OK ? mem_alloc_unset(size) : NULL, size);
	l->j.w = &l->w;
	if (err != ERR_OK)
		return err;
	return l->timer && l->w.p ? ERR_OK : ERR_NOMEM;
}

enum err node_names_list(struct node *n, uint64_t call, const char *key, bool web)
{
	struct bound *row = &n->config->limits.owner_lists;
	struct name_list *l;

	if (!bound_take(row, 1))
		return ERR_FULL;
	l = mem_alloc(sizeof *l);
	if (!l) {
		bound_give(row, 1);
		return ERR_NOMEM;
	}
	l->n = n;
	l->call = call;
	l->web = web;
	l->next = n->names;
	n->names = l;
	l->until_ms = now_ms(l) + NODE_NAMES_PATIENCE_MS;
	enum err err = fill(l, key);
	if (err != ERR_OK) {
		free_list(l);
		return err;
	}
	json_open(&l->j, NULL, '{');
	json_open(&l->j, "domains", '[');
	l->from = l->w.n - 1;
	set_timer(l, 0);
	return ERR_OK;
}
