/* Role: what the command line asks of the key process: to open, to take in, to give out, to seal
 * anew, to make. A try of a passphrase takes about a second; between two of them the node is heard.
 * Before: owner/keys_client.c. After: owner/key_seal.c, owner/keys_make.c; the node writes the
 * files. */
#include <stdio.h>

#include "owner/keys_process_internal.h"
#include "owner/keys_user.h"

enum {
	KIB = 1024,
	TRY_USUAL = 1000,        /* ms */
	MEMORY_USUAL = 16 * KIB, /* KiB of argon2id for new keys, */
	MEMORY_LEAST = 7 * KIB,  /* and where there is not as much */
	WAIT_FIRST = 1000, /* ms after a wrong passphrase, twice as long after each further one, */
	WAIT_LONGEST = 60000,
};

static const char wrong_line[] = "the passphrase is wrong, or the file was changed";

/* ---- passphrases ---- */

/* KiB that argon2id may have. */
static uint64_t memory_most(const struct keys_process *p)
{
	uint64_t bytes = p->settings.process_bytes;

	return bytes > KEYS_PROCESS_FIXED ? (bytes - KEYS_PROCESS_FIXED) / KIB : 0;
}

static void note_try(struct keys_process *p, enum keys_said said)
{
	uint64_t wait = WAIT_FIRST;

	if (said == KEYS_DONE)
		p->wrong = 0;
	if (said != KEYS_WRONG_PASSPHRASE)
		return;
	for (unsigned i = 0; i < p->wrong && wait < WAIT_LONGEST; i++)
		wait *= 2;
	p->wrong++;
	p->not_before = clock_mono(p->clock) + (wait < WAIT_LONGEST ? wait : WAIT_LONGEST);
}

/* Opens a file. The caller notes the try. */
static enum keys_said open_file(struct keys_process *p, const struct key_file *file,
	struct slice pass, struct key_secrets *secrets, char line[KEYS_TEXT_MAX])
{
	enum keys_said said;

	if (file->cost.memory > memory_most(p)) {
		snprintf(line, KEYS_TEXT_MAX,
			"this key needs %u MB for its passphrase: raise limits.key_process_bytes "
			"to %u MB at least",
			(unsigned)(file->cost.memory + KIB - 1) / KIB,
			(unsigned)((file->cost.memory + KIB - 1) / KIB +
				   KEYS_PROCESS_FIXED / KIB / KIB));
		return KEYS_TOO_DEAR;
	}
	said = key_open(file, pass, secrets);
	if (said == KEYS_WRONG_PASSPHRASE)
		snprintf(line, KEYS_TEXT_MAX, "%s", wrong_line);
	return said;
}

/* Makes a seal key of a new passphrase. */
static enum keys_said new_seal(
	struct keys_process *p, struct slice pass, struct seal_key *seal, char line[KEYS_TEXT_MAX])
{
	uint64_t memory = memory_most(p) < MEMORY_USUAL ? memory_most(p) : MEMORY_USUAL;
	uint32_t ms = p->settings.try_ms ? p->settings.try_ms : TRY_USUAL;
	struct key_cost cost;

	if (!pass.n) {
		snprintf(line, KEYS_TEXT_MAX, "the new passphrase is empty");
		return KEYS_BAD_REQUEST;
	}
	if (memory < MEMORY_LEAST) {
		snprintf(line, KEYS_TEXT_MAX,
			"limits.key_process_bytes leaves less than 7 MB for passphrases: raise it");
		return KEYS_TOO_DEAR;
	}
	if (key_cost_measure((uint32_t)memory, ms, p->clock, &cost) != ERR_OK ||
		seal_key_new(pass, cost, p->rng, seal) != ERR_OK)
		return KEYS_NO_MEMORY;
	return KEYS_DONE;
}

/* ---- requests ---- */

/* The key of this name; else the client is answered. */
static struct ring_key *named(struct keys_process *p, struct keys_client *c)
{
	struct ring_key *k = ring_by_name(p->ring, c->m.name);
	char line[KEYS_TEXT_MAX];

	if (!k) {
		snprintf(line, sizeof line, "there is no key %.*s", (int)c->m.name.n,
			(const char *)c->m.name.p);
		process_answers_line(p, c, KEYS_NO_SUCH_KEY,
			key_name_is_valid(c->m.name) ? line : "there is no such key");
	}
	return k;
}

/* Secrets of the request in work. */
struct work {
	struct key_secrets secrets;
	struct seal_key seal;
};

/* The secrets of a key that is to be given out in plain: never without its passphrase, open or not,
 * since others than its owner may reach keys.sock. A plain file has none. */
static enum keys_said open_for_export(struct keys_process *p, const struct ring_key *k,
	const struct keys_client *c, struct work *w, char line[KEYS_TEXT_MAX])
{
	enum keys_said said = KEYS_DONE;

	if (k->plain) {
		w->secrets = *k->secrets;
		return said;
	}
	said = open_file(p, &k->file, c->m.pass, &w->secrets, line);
	note_try(p, said);
	return said;
}

static void do_export(struct keys_process *p, struct keys_client *c, struct work *w)
{
	struct ring_key *k = named(p, c);
	char line[KEYS_TEXT_MAX] = "";
	enum keys_said said = KEYS_DONE;
	uint8_t *text = key_memory_new(KEY_FILE_MAX);
	struct wr to = wr_of(text, KEY_FILE_MAX);

	if (!text)
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
	if (!k || !text) {
		key_memory_free(text);
		return;
	}
	said = c->m.flag ? open_for_export(p, k, c, w, line) : KEYS_DONE;
	if (said == KEYS_DONE && c->m.flag)
		key_plain_write(&k->file.pub, &w->secrets, &to);
	else if (said == KEYS_DONE && !k->plain)
		key_file_encode(&k->file, &to);
	if (wr_done(&to).n)
		process_answers_key(p, c, k, wr_done(&to));
	else
		process_answers_line(p, c, said ? said : KEYS_BAD_REQUEST,
			said ? line : "this key has a plain file: export it as such");
	key_memory_free(text);
}

static void do_rewrap(struct keys_process *p, struct keys_client *c, struct work *w)
{
	struct ring_key *k = named(p, c);
	char line[KEYS_TEXT_MAX] = "";

	if (!k)
		return;
	if (k->plain) {
		process_answers_line(p, c, KEYS_BAD_REQUEST,
			"this key has a plain file, without a passphrase: import it to seal it");
		return;
	}
	enum keys_said said = open_file(p, &k->file, c->m.old, &w->secrets, line);
	note_try(p, said);
	if (said == KEYS_DONE)
		said = new_seal(p, c->m.pass, &w->seal, line);
	if (said == KEYS_DONE)
		store_key(p, STORE_REWRAP, c, k->name, &w->secrets, &w->seal, &k->file.pub,
			k->strength);
	else
		process_answers_line(p, c, said, line);
}

/* The name that a request gives to a new key, "" for any. False, and answered, when it is none. */
static bool new_name(struct keys_process *p, struct keys_client *c, char to[KEY_NAME_MAX + 1])
{
	to[0] = '\0';
	if (c->m.name.n && !key_name_is_valid(c->m.name)) {
		process_answers_line(p, c, KEYS_BAD_REQUEST,
			"a key's name has up to 48 letters, digits, '-', '_' and '.', the first a "
			"letter or digit");
		return false;
	}
	memcpy(to, c->m.name.n ? c->m.name.p : (const uint8_t *)"", c->m.name.n);
	to[c->m.name.n] = '\0';
	return true;
}

/* Reads the file of an import, sealed or plain. */
static enum keys_said read_import(struct keys_process *p, const struct keys_message *m,
	struct key_public *pub, struct key_secrets *secrets, char line[KEYS_TEXT_MAX])
{
	char why[KEY_ERROR_MAX] = "";
	struct key_file file;
	enum err err;

	if (!keys_file_is_sealed(m->bytes)) {
		err = key_plain_read(m->bytes, pub, secrets);
		snprintf(line, KEYS_TEXT_MAX, "%s",
			err ? "neither a sealed key nor a key file of the network's own program"
			    : "");
		return err == ERR_OK      ? KEYS_DONE
		       : err == ERR_NOMEM ? KEYS_NO_MEMORY
					  : KEYS_BAD_FILE;
	}
	if (key_file_decode(m->bytes, &file, why) != ERR_OK) {
		snprintf(line, KEYS_TEXT_MAX, "%s", why);
		return KEYS_BAD_FILE;
	}
	*pub = file.pub;
	enum keys_said said = open_file(p, &file, m->old, secrets, line);
	note_try(p, said);
	return said;
}

static void do_import(struct keys_process *p, struct keys_client *c, struct work *w)
{
	char name[KEY_NAME_MAX + 1], line[KEYS_TEXT_MAX] = "";
	struct key_public pub;
	int strength = 0;

	if (!new_name(p, c, name))
		return;
	enum keys_said said = read_import(p, &c->m, &pub, &w->secrets, line);
	if (said == KEYS_DONE)
		said = ring_has_room(p->ring, name, &pub, line);
	if (said == KEYS_DONE)
		said = process_judges(p, &pub, &strength, line);
	if (said == KEYS_DONE)
		said = new_seal(p, c->m.pass, &w->seal, line);
	if (said == KEYS_DONE)
		store_key(p, STORE_IMPORT, c, name, &w->secrets, &w->seal, &pub, strength);
	else
		process_answers_line(p, c, said, line);
}

static void do_make(struct keys_process *p, struct keys_client *c, struct work *w)
{
	static const struct key_public none;
	char name[KEY_NAME_MAX + 1], line[KEYS_TEXT_MAX] = "";
	enum keys_said said = KEYS_DONE;

	if (!new_name(p, c, name))
		return;
	if (make_state(p).running) {
		process_answers_line(p, c, KEYS_BUSY, "a search for a key is running already");
		return;
	}
	said = ring_has_room(p->ring, name, &none, line);
	if (said == KEYS_DONE)
		said = new_seal(p, c->m.pass, &w->seal, line);
	if (said == KEYS_DONE)
		said = make_start(p, name, &w->seal, line);
	process_answers_line(p, c, said, line);
}

/* ---- unlocking ---- */

static void unlock_answer(struct keys_process *p, struct keys_client *c)
{
	enum keys_said said = c->opened ? KEYS_DONE : c->worst;
	char line[KEYS_TEXT_MAX];

	snprintf(line, sizeof line, "%s",
		said == KEYS_DONE && !c->opened ? "no key is locked"
		: said == KEYS_DONE             ? ""
						: c->line);
	note_try(p, said);
	process_answers(p, c,
		&(struct keys_message){.said = said, .number = c->opened, .line = slice_str(line)});
}

/* Tries the passphrase on one key. */
static void unlock_one(
	struct keys_process *p, struct keys_client *c, struct ring_key *k, struct work *w)
{
	enum keys_said said = open_file(p, &k->file, c->m.pass, &w->secrets, c->line);

	if (said == KEYS_DONE && !ring_open(k, &w->secrets, process_until(p, c->m.number)))
		said = KEYS_NO_MEMORY;
	if (said == KEYS_DONE)
		c->opened++;
	else
		c->worst = said;
	p->changed |= said == KEYS_DONE;
}

/* One key a step: the next one that is locked, or the one that is named, locked or not. */
static void do_unlock(struct keys_process *p, struct keys_client *c, struct work *w)
{
	struct ring_key *k = c->m.name.n ? named(p, c) : NULL;

	if (c->m.name.n) {
		if (k && !k->plain)
			unlock_one(p, c, k, w);
		if (k)
			unlock_answer(p, c);
		return;
	}
	while (c->next < p->ring->count && p->ring->keys[c->next].secrets)
		c->next++;
	if (c->next < p->ring->count)
		unlock_one(p, c, &p->ring->keys[c->next++], w);
	else
		unlock_answer(p, c);
}

/* ---- one after the other ---- */

static struct keys_client *oldest(struct keys_process *p)
{
	struct keys_client *found = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct keys_client *c = &p->clients[i];
		if (c->fd >= 0 && c->asks && !c->watches && (!found || c->turn < found->turn))
			found = c;
	}
	return found;
}

/* Does the request try a passphrase that may be wrong? */
static bool tries(const struct keys_message *m)
{
	return m->kind == KEYS_UNLOCK || m->kind == KEYS_REWRAP ||
	       (m->kind == KEYS_EXPORT && m->flag) ||
	       (m->kind == KEYS_IMPORT && keys_file_is_sealed(m->bytes));
}

uint64_t job_next(struct keys_process *p)
{
	const struct keys_client *c = oldest(p);

	if (!c || !p->is_set || p->store.what != STORE_NOTHING)
		return UINT64_MAX;
	return tries(&c->m) ? p->not_before : 0;
}

void job_step(struct keys_process *p)
{
	struct keys_client *c = oldest(p);
	struct work *w;

	if (job_next(p) > clock_mono(p->clock))
		return;
	w = key_memory_new(sizeof *w);
	if (!w)
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
	else if (c->m.kind == KEYS_UNLOCK)
		do_unlock(p, c, w);
	else if (c->m.kind == KEYS_EXPORT)
		do_export(p, c, w);
	else if (c->m.kind == KEYS_REWRAP)
		do_rewrap(p, c, w);
	else if (c->m.kind == KEYS_IMPORT)
		do_import(p, c, w);
	else
		do_make(p, c, w);
	key_memory_free(w);
}
