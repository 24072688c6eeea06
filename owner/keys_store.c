/* Role: keys that are to be written: sealed here, written by the node, taken in when that is done.
 * Before: owner/keys_job.c, owner/keys_make.c. After: the node, by owner/keys_send.c. */
#include <stdio.h>

#include "owner/keys_process_internal.h"

static void ask_node(struct keys_process *p)
{
	uint8_t text[KEY_FILE_MAX];
	struct wr w = wr_of(text, sizeof text);

	key_file_encode(&p->store.file, &w);
	p->store.id++;
	process_tell_node(p, &(struct keys_message){.kind = KEYS_STORE,
				     .id = p->store.id,
				     .name = slice_str(p->store.name),
				     .flag = p->store.what == STORE_REWRAP,
				     .bytes = wr_done(&w)});
}

/* The key has a file: it comes into the ring, open, by the name that the node gave it. */
static struct ring_key *take_in(struct keys_process *p)
{
	struct keys_store *s = &p->store;
	struct ring_key *k = ring_by_signing(p->ring, s->file.pub.signing);

	if (k) {
		k->file = s->file;
	} else if (p->ring->count < KEYS_MAX) {
		k = ring_add(p->ring, s->name, &s->file, false, s->strength);
		process_key_hash(p, s->file.pub.signing, k->hash);
	}
	if (k && s->what != STORE_REWRAP)
		ring_open(k, s->secrets, process_until(p, 0));
	p->changed = true;
	return k;
}

/* Nobody waits for it any more. */
static void store_end(struct keys_process *p)
{
	key_memory_free(p->store.secrets);
	p->store = (struct keys_store){.id = p->store.id};
}

static void not_stored(struct keys_process *p, struct slice why)
{
	char line[KEYS_TEXT_MAX];

	snprintf(line, sizeof line, "the key could not be written: %.*s", (int)why.n,
		(const char *)why.p);
	if (p->store.what == STORE_MADE)
		make_stored(p, line);
	process_answers_line(p, p->store.client, KEYS_NOT_STORED, line);
	store_end(p);
}

void store_done(struct keys_process *p, const struct keys_message *m)
{
	struct keys_store *s = &p->store;

	if (s->what == STORE_NOTHING || m->id != s->id)
		return;
	if (m->said != KEYS_DONE) {
		not_stored(p, m->line);
		return;
	}
	if (key_name_is_valid(m->line)) {
		memcpy(s->name, m->line.p, m->line.n);
		s->name[m->line.n] = '\0';
	}
	struct ring_key *k = take_in(p);
	if (s->what == STORE_MADE)
		make_stored(p, NULL);
	if (k)
		process_answers_key(p, s->client, k, slice_of(NULL, 0));
	else
		process_answers_line(p, s->client, KEYS_FULL,
			"the key is on disk, but there are too many to hold it");
	store_end(p);
}

bool store_key(struct keys_process *p, enum store_for what, struct keys_client *c, const char *name,
	const struct key_secrets *secrets, const struct seal_key *seal,
	const struct key_public *pub, int strength)
{
	struct keys_store *s = &p->store;

	s->secrets = key_memory_new(sizeof *s->secrets);
	if (!s->secrets) {
		process_answers_line(p, c, KEYS_NO_MEMORY, "");
		return false;
	}
	*s->secrets = *secrets;
	s->what = what;
	s->client = c;
	s->strength = strength;
	snprintf(s->name, sizeof s->name, "%s", name);
	key_seal(pub, secrets, seal, p->rng, &s->file);
	ask_node(p);
	return true;
}
