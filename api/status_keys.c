/* Tells of the owner's keys. Before: api/keys.c, api/status.c, api/figures.c, api/events.c. After:
 * the hook of api/api.h; owner/owner_line.h. */
#include "api/status_keys.h"

#include <stdio.h>
#include <string.h>

#include "owner/owner_line.h"

enum { LINE_MAX_BYTES = KEY_WHY_SIZE + 100 };

static struct api_keys told(const struct api *a)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	return k;
}

static bool runs(const struct api_keys *k)
{
	return k->state && k->state->running;
}

/* What the process knows of the key; NULL when it does not run, or was not given it. */
static const struct keys_row *row_of(const struct api_keys *k, const struct key_entry *e)
{
	for (size_t i = 0; runs(k) && i < k->state->count; i++)
		if (strcmp(k->state->rows[i].name, e->name) == 0)
			return &k->state->rows[i];
	return NULL;
}

/* Nobody but the process can say that a key is open. */
static bool is_locked(const struct keys_row *row)
{
	return !row || row->locked;
}

static struct keys_count count(const struct api_keys *k)
{
	struct keys_count n = {.running = runs(k),
		.names = k->names,
		.names_expired = k->names_expired,
		.foreign = k->foreign,
		.next_expiry = k->next_expiry};

	for (size_t i = 0; i < k->table->count; i++) {
		const struct key_entry *e = &k->table->entry[i];
		n.all++;
		n.wrong += e->wrong[0] != 0;
		n.plain += e->plain && !e->wrong[0];
		n.locked += !e->wrong[0] && is_locked(row_of(k, e));
	}
	if (!n.running)
		return n;
	n.searching = k->state->search.running;
	n.rate = n.searching ? k->state->search.rate : 0;
	return n;
}

void keys_count(const struct api *a, struct keys_count *out)
{
	struct api_keys k = told(a);

	*out = count(&k);
}

void status_keys_count(const struct api *a, struct json_wr *j)
{
	struct keys_count n;

	keys_count(a, &n);
	json_bool(j, "key_process_on", n.running);
	json_u64(j, "owner_keys", n.all);
	json_u64(j, "owner_keys_locked", n.locked);
	json_bool(j, "key_search_on", n.searching);
}

/* ---- lines ---- */

static const char *state_word(const struct api_keys *k)
{
	return runs(k) ? "on" : k->why[0] ? k->why : k->state ? "starting" : "off";
}

/* "1 key is …", "3 keys are …": nothing for none. */
static void warn_of(struct json_wr *j, uint64_t n, const char *what)
{
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof line, "%llu %s %s", (unsigned long long)n,
		n == 1 ? "key is" : "keys are", what);
	if (n)
		json_str(j, NULL, line);
}

static void warn_if(struct json_wr *j, const char *line)
{
	if (line[0])
		json_str(j, NULL, line);
}

static void put_guard(struct json_wr *j, const struct keys_guard *g)
{
	warn_if(j, g->filter);
	warn_if(j, g->files);
	warn_if(j, g->memory);
	warn_if(j, g->journal);
}

static void put_warnings(const struct api_keys *k, struct json_wr *j)
{
	struct keys_count n = count(k);
	char line[LINE_MAX_BYTES], words[SIGN_WORDS_MAX];

	json_open(j, "warnings", '[');
	snprintf(line, sizeof line, "%s: %s",
		k->away ? "the signer is away" : "the key process does not run", k->why);
	if (!n.running && k->why[0])
		json_str(j, NULL, line);
	warn_of(j, n.wrong, "left out: `alfisd key list` says why");
	warn_of(j, n.plain,
		"in plain in a file of key_files: whoever may read it has them; `alfisd key "
		"import` seals a file");
	if (n.running) {
		warn_of(j, n.locked, "locked, and cannot sign: `alfisd key unlock`");
		put_guard(j, &k->state->guard);
	}
	snprintf(line, sizeof line,
		"block %llu is by a key of ours, and was not made by this node: another node has the "
		"key, or this is a restored backup",
		(unsigned long long)k->foreign_newest);
	if (k->foreign)
		json_str(j, NULL, line);
	for (unsigned i = 0; i < k->warning_count; i++)
		json_str(j, NULL, sign_warning_words(&k->warnings[i], NULL, words));
	json_close(j, ']');
}

void status_keys_short(const struct api *a, struct json_wr *j)
{
	struct api_keys k = told(a);

	json_str(j, "state", state_word(&k));
	put_warnings(&k, j);
}

/* ---- GET /keys ---- */

static void put_public(struct json_wr *j, const struct key_public *pub)
{
	static const struct key_public none;
	char line[OWNER_LINE_SIZE] = "";
	bool known = memcmp(pub, &none, sizeof none) != 0;

	if (known)
		owner_line_write(pub, line);
	json_hex(j, "signing", slice_of(pub->signing, known ? sizeof pub->signing : 0));
	json_hex(j, "encryption", slice_of(pub->encryption, known ? sizeof pub->encryption : 0));
	json_str(j, "owner", line);
}

static void put_file(
	struct json_wr *j, const struct api *a, const struct api_keys *k, const struct key_entry *e)
{
	const struct config_list *plain = &a->config->key_files;
	char path[KEY_PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s%s", k->folder ? k->folder : "", e->name,
		CONFIG_KEY_SUFFIX);
	if (e->away)
		json_str(j, "file", "");
	else if (e->plain)
		json_str(j, "file", e->file < plain->count ? plain->ptr[e->file] : "");
	else
		json_str(j, "file", path);
}

static void put_members(
	struct json_wr *j, const struct api *a, const struct api_keys *k, const struct key_entry *e)
{
	static const struct keys_row nothing;
	const struct keys_row *row = row_of(k, e), *r = row ? row : &nothing;
	const char *state = e->wrong[0] ? "left out" : is_locked(row) ? "locked" : "open";

	json_str(j, "name", e->name);
	json_str(j, "kind", e->away ? "signer" : e->plain ? "plain" : "sealed");
	json_str(j, "state", state);
	json_u64(j, "lock_in_seconds", r->seconds_left);
	put_public(j, row ? &row->pub : &e->pub);
	json_u64(j, "strength", r->strength > 0 ? (uint64_t)r->strength : 0);
	json_u64(j, "argon2id_kib", r->cost.memory);
	json_u64(j, "argon2id_passes", r->cost.passes);
	json_u64(j, "signed_full", r->full.index);
	json_u64(j, "signed_empty", r->empty.index);
	put_file(j, a, k, e);
	json_str(j, "error", e->wrong);
}

static void put_key(
	struct json_wr *j, const struct api *a, const struct api_keys *k, const struct key_entry *e)
{
	json_open(j, NULL, '{');
	put_members(j, a, k, e);
	json_close(j, '}');
}

void status_key_members(const struct api *a, const struct key_entry *e, struct json_wr *j)
{
	struct api_keys k = told(a);

	put_members(j, a, &k, e);
}

static void put_search(struct json_wr *j, const struct keys_state *s)
{
	json_open(j, "search", '{');
	json_bool(j, "running", s && s->search.running);
	if (s && s->search.running) {
		json_str(j, "name", s->search.name);
		json_u64(j, "tried", s->search.tried);
		json_u64(j, "rate", s->search.rate);
		json_u64(j, "seconds", s->search.seconds);
		json_u64(j, "mean", s->search.mean);
	}
	json_close(j, '}');
}

void status_key_search(const struct api *a, struct json_wr *j)
{
	struct api_keys k = told(a);

	put_search(j, runs(&k) ? k.state : NULL);
}

void status_keys_json(const struct api *a, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct api_keys k = told(a);

	json_open(&j, NULL, '{');
	json_str(&j, "state", state_word(&k));
	json_u64(&j, "pid", runs(&k) ? (uint64_t)k.state->pid : 0);
	json_open(&j, "keys", '[');
	for (size_t i = 0; i < k.table->count; i++)
		put_key(&j, a, &k, &k.table->entry[i]);
	json_close(&j, ']');
	put_search(&j, runs(&k) ? k.state : NULL);
	put_warnings(&k, &j);
	json_close(&j, '}');
}

bool status_key_json(const struct api *a, const char *name, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct api_keys k = told(a);
	const struct key_entry *e = key_table_find(k.table, name);

	if (e)
		put_key(&j, a, &k, e);
	return e != NULL;
}
