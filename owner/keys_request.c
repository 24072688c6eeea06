/* Role: what each request of the command line needs and what comes of it: to open, to take in, to
 * give out, to seal anew, to make. Before: owner/keys_job.c has the one whose turn it is. After:
 * owner/keys_try.c, owner/keys_make.c; the node writes the files. */
#include <stdio.h>

#include "owner/keys_job_internal.h"
#include "owner/keys_user.h"

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

/* The key that was worked on; it may have been forgotten meanwhile, or have another name. */
static struct ring_key *worked_on(
	struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	struct ring_key *k = ring_by_signing(p->ring, w->file.pub.signing);

	if (!k)
		process_answers_line(p, c, KEYS_NO_SUCH_KEY, "the key was removed meanwhile");
	return k;
}

/* The secrets of a key are given out in plain never without its passphrase, open or not, since
 * others than its owner may reach keys.sock. A plain file has none. */
static void give_plain(struct keys_process *p, struct keys_client *c, const struct ring_key *k,
	const struct key_secrets *secrets)
{
	uint8_t *text = key_memory_new(KEY_FILE_MAX);
	struct wr to = wr_of(text, KEY_FILE_MAX);

	if (text)
		key_plain_write(&k->file.pub, secrets, &to);
	if (text)
		process_answers_key(p, c, k, wr_done(&to));
	else
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
	key_memory_free(text);
}

static void give_sealed(struct keys_process *p, struct keys_client *c, const struct ring_key *k)
{
	uint8_t text[KEY_FILE_MAX];
	struct wr to = wr_of(text, sizeof text);

	if (k->plain) {
		process_answers_line(
			p, c, KEYS_BAD_REQUEST, "this key has a plain file: export it as such");
		return;
	}
	key_file_encode(&k->file, &to);
	process_answers_key(p, c, k, wr_done(&to));
}

static bool ask_export(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	struct ring_key *k = named(p, c);

	if (!k)
		return false;
	if (c->m.flag && !k->plain) {
		w->opens = true;
		w->file = k->file;
		work_phrase(w->old, &w->old_size, c->m.pass);
		return true;
	}
	if (c->m.flag)
		give_plain(p, c, k, k->secrets);
	else
		give_sealed(p, c, k);
	return false;
}

static void end_export(struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	struct ring_key *k = worked_on(p, c, w);

	if (k)
		give_plain(p, c, k, &w->secrets);
}

static bool ask_rewrap(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	struct ring_key *k = named(p, c);

	if (k && k->plain)
		process_answers_line(p, c, KEYS_BAD_REQUEST,
			"this key has a plain file, without a passphrase: import it to seal it");
	if (!k || k->plain)
		return false;
	w->opens = w->seals = true;
	w->file = k->file;
	work_phrase(w->old, &w->old_size, c->m.old);
	work_phrase(w->pass, &w->pass_size, c->m.pass);
	return true;
}

static void end_rewrap(struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	struct ring_key *k = worked_on(p, c, w);

	if (k)
		store_key(p, STORE_REWRAP, c, k->name, &w->secrets, &w->seal, &k->file.pub,
			k->strength);
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
static enum keys_said read_import(
	const struct keys_message *m, struct keys_work *w, char line[KEYS_TEXT_MAX])
{
	char why[KEY_ERROR_MAX] = "";

	if (!keys_file_is_sealed(m->bytes)) {
		enum err err = key_plain_read(m->bytes, &w->file.pub, &w->secrets);
		if (err != ERR_OK && err != ERR_NOMEM)
			snprintf(line, KEYS_TEXT_MAX, "%s",
				"neither a sealed key nor a key file of the network's own program");
		return err == ERR_OK      ? KEYS_DONE
		       : err == ERR_NOMEM ? KEYS_NO_MEMORY
					  : KEYS_BAD_FILE;
	}
	w->opens = true;
	if (key_file_decode(m->bytes, &w->file, why) == ERR_OK)
		return KEYS_DONE;
	snprintf(line, KEYS_TEXT_MAX, "%s", why);
	return KEYS_BAD_FILE;
}

/* May the key come in? Of a sealed one that is told to who has its passphrase. */
static enum keys_said judge_import(struct keys_process *p, const char *name,
	const struct key_public *pub, int *strength, char line[KEYS_TEXT_MAX])
{
	enum keys_said said = ring_has_room(p->ring, name, pub, line);

	return said == KEYS_DONE ? process_judges(p, pub, strength, line) : said;
}

static bool ask_import(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	char name[KEY_NAME_MAX + 1], line[KEYS_TEXT_MAX] = "";
	int strength;

	if (!new_name(p, c, name))
		return false;
	enum keys_said said = read_import(&c->m, w, line);
	if (said == KEYS_DONE && !w->opens)
		said = judge_import(p, name, &w->file.pub, &strength, line);
	if (said != KEYS_DONE) {
		process_answers_line(p, c, said, line);
		return false;
	}
	w->seals = true;
	work_phrase(w->old, &w->old_size, c->m.old);
	work_phrase(w->pass, &w->pass_size, c->m.pass);
	return true;
}

static void end_import(struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	char name[KEY_NAME_MAX + 1], line[KEYS_TEXT_MAX] = "";
	int strength = 0;

	if (!new_name(p, c, name))
		return;
	enum keys_said said = judge_import(p, name, &w->file.pub, &strength, line);
	if (said == KEYS_DONE)
		store_key(p, STORE_IMPORT, c, name, &w->secrets, &w->seal, &w->file.pub, strength);
	else
		process_answers_line(p, c, said, line);
}

static bool may_make(struct keys_process *p, struct keys_client *c, char name[KEY_NAME_MAX + 1])
{
	static const struct key_public none;
	char line[KEYS_TEXT_MAX] = "";

	if (!new_name(p, c, name))
		return false;
	if (make_state(p).running) {
		process_answers_line(p, c, KEYS_BUSY, "a search for a key is running already");
		return false;
	}
	enum keys_said said = ring_has_room(p->ring, name, &none, line);
	if (said != KEYS_DONE)
		process_answers_line(p, c, said, line);
	return said == KEYS_DONE;
}

static bool ask_make(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	char name[KEY_NAME_MAX + 1];

	w->seals = true;
	work_phrase(w->pass, &w->pass_size, c->m.pass);
	return may_make(p, c, name);
}

static void end_make(struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	char name[KEY_NAME_MAX + 1], line[KEYS_TEXT_MAX] = "";

	if (!may_make(p, c, name))
		return;
	enum keys_said said = make_start(p, name, &w->seal, line);
	c->searches = said == KEYS_DONE;
	c->has_end = false;
	process_answers_line(p, c, said, line);
}

static void unlock_answer(struct keys_process *p, struct keys_client *c)
{
	enum keys_said said = c->opened ? KEYS_DONE : c->worst;
	char line[KEYS_TEXT_MAX];

	snprintf(line, sizeof line, "%s",
		said == KEYS_DONE && !c->opened ? "no key is locked"
		: said == KEYS_DONE             ? ""
						: c->line);
	job_note_try(p, said);
	process_answers(p, c,
		&(struct keys_message){.said = said, .number = c->opened, .line = slice_str(line)});
}

/* One key a step: the next one that is locked, or the one that is named, locked or not. */
static bool ask_unlock(struct keys_process *p, struct keys_client *c, struct keys_work *w)
{
	struct ring_key *k = c->m.name.n ? named(p, c) : NULL;

	if (c->m.name.n && !k)
		return false;
	while (!k && c->next < p->ring->count) {
		if (!p->ring->keys[c->next].secrets)
			k = &p->ring->keys[c->next];
		c->next++;
	}
	if (!k || k->plain) {
		unlock_answer(p, c);
		return false;
	}
	w->opens = true;
	w->file = k->file;
	work_phrase(w->old, &w->old_size, c->m.pass);
	return true;
}

/* Who locked it meanwhile came later, and has the last word. */
static void end_unlock(struct keys_process *p, struct keys_client *c, const struct keys_work *w)
{
	struct ring_key *k = ring_by_signing(p->ring, w->file.pub.signing);
	enum keys_said said = w->said;

	memcpy(c->line, w->line, sizeof c->line);
	if (said == KEYS_DONE && (p->attempt.overruled || !k)) {
		said = k ? KEYS_LOCKED : KEYS_NO_SUCH_KEY;
		snprintf(c->line, sizeof c->line, "the key was locked or removed meanwhile");
	}
	if (said == KEYS_DONE && !ring_open(k, &w->secrets, process_until(p, c->m.number)))
		said = KEYS_NO_MEMORY;
	if (said == KEYS_DONE)
		c->opened++;
	else
		c->worst = said;
	p->changed |= said == KEYS_DONE;
	if (c->m.name.n || p->attempt.overruled)
		unlock_answer(p, c);
}

const struct job_request job_requests[KEYS_KINDS_COUNT] = {
	[KEYS_UNLOCK] = {ask_unlock, end_unlock},
	[KEYS_EXPORT] = {ask_export, end_export},
	[KEYS_REWRAP] = {ask_rewrap, end_rewrap},
	[KEYS_IMPORT] = {ask_import, end_import},
	[KEYS_MAKE] = {ask_make, end_make},
};
