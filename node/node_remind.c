/* Role: walks over our names, reminds of their dates, and renews the one that expires first.
 * Before: node/node_mine.c. After: owner/reminders.h, owner/keys_link.h, node/node_say.h. */
#include "node/node_remind.h"

#include <stdio.h>

#include "base/mem.h"
#include "node/node.h"
#include "owner/own_keys.h"

enum {
	AGAIN_S = 3600,  /* between two walks */
	LOOK_MOST = 256, /* names of others that one step looks at */
	STEPS = 8,       /* in one turn of the loop */
};

/* A name that is to be renewed: the one that expires first of those that the walk has seen. */
struct wanted {
	uint64_t id; /* block of its row; 0 = none */
	int64_t until;
	unsigned key;
	size_t n;
	uint8_t name[DRAFT_NAME_MAX];
};

struct remind_walk {
	struct node *n;
	bool asked;  /* the key process is, for the name `at` */
	bool ended;  /* nobody waits any more: it is freed with the answer */
	bool loaded; /* `at` is a name that is not told yet */
	unsigned count, locked;
	char key_name[OWN_KEYS_MAX][KEY_NAME_MAX + 1];
	uint8_t signing[OWN_KEYS_MAX][KEY_SIZE], encryption[OWN_KEYS_MAX][KEY_SIZE];
	bool open[OWN_KEYS_MAX];
	struct own_walk *names;
	struct own_domain at;
	struct wanted renew;
	uint64_t seen, expired;
	int64_t next_expiry;
};

static int64_t now_of(const struct node *n)
{
	return chain_now(n->chain, clock_wall(n->clock));
}

/* ---- life ---- */

static void free_walk(struct remind_walk *w)
{
	if (!w)
		return;
	own_walk_end(w->names);
	mem_free(w);
}

static struct remind_walk *new_walk(struct node *n)
{
	struct own_key keys[OWN_KEYS_MAX];
	struct remind_walk *w = mem_alloc(sizeof *w);

	if (!w)
		return NULL;
	w->n = n;
	w->count = own_keys_list(&n->owner.keys, keys_link_state(n->owner.link), keys);
	for (unsigned i = 0; i < w->count; i++) {
		snprintf(w->key_name[i], sizeof w->key_name[i], "%s", keys[i].name);
		memcpy(w->signing[i], keys[i].signing, KEY_SIZE);
		memcpy(w->encryption[i], keys[i].encryption, KEY_SIZE);
		w->open[i] = !keys[i].locked;
		w->locked += keys[i].locked;
	}
	if (own_walk_start((const uint8_t(*)[KEY_SIZE])w->signing, w->count, &w->names) == ERR_OK)
		return w;
	mem_free(w);
	return NULL;
}

/* ---- one name ---- */

/* What is to be done about it. */
static enum reminder_step step_of(struct remind_walk *w)
{
	uint8_t space[REMINDER_KEY_MAX];
	enum reminder_step step = reminder_step(&w->at, now_of(w->n));

	if (step == REMIND_NONE || node_say_before(w->n, reminder_key(&w->at, step, space)))
		return REMIND_NONE;
	return step;
}

/* One renewal of a name is tried in a day. */
static struct slice renewal_key(const struct remind_walk *w, struct slice identity, uint8_t *space)
{
	struct wr what = wr_of(space, NODE_SAY_KEY_MAX);

	wr_format(&what, "renew %lld ", (long long)(now_of(w->n) / 86400));
	wr_bytes(&what, identity.p, identity.n < 32 ? identity.n : 32);
	return wr_done(&what);
}

static bool is_to_be_renewed(const struct remind_walk *w)
{
	uint64_t before = w->n->config->owner_auto_renew / 1000;
	uint8_t space[NODE_SAY_KEY_MAX];

	return w->open[w->at.key] && reminder_renews(&w->at, now_of(w->n), before) &&
	       (!w->renew.id || w->at.until < w->renew.until) &&
	       !node_say_before(w->n, renewal_key(w, w->at.identity, space));
}

static void tell(struct remind_walk *w, enum reminder_step step, struct slice name)
{
	uint8_t space[REMINDER_KEY_MAX];
	char line[REMINDER_WORDS_MAX];

	if (!node_say_first(w->n, reminder_key(&w->at, step, space), true))
		return;
	reminder_words(&w->at, step, now_of(w->n), name, w->key_name[w->at.key], line);
	node_say(w->n, SAY_EXPIRY, line);
}

/* The name is known, or `name` is empty. */
static void take_name(struct remind_walk *w, struct slice name)
{
	enum reminder_step step = step_of(w);
	bool good = own_domain_name(&w->at, name) == OWN_NAME_TRUE && name.n <= DRAFT_NAME_MAX;

	if (step != REMIND_NONE)
		tell(w, step, good ? name : slice_of(NULL, 0));
	if (good && is_to_be_renewed(w)) {
		w->renew = (struct wanted){w->at.id, w->at.until, w->at.key, name.n, {0}};
		memcpy(w->renew.name, name.p, name.n);
	}
	w->loaded = false;
}

static void on_name(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct remind_walk *w = ctx;
	struct node *n = w->n;
	(void)line;

	w->asked = false;
	if (w->ended) {
		free_walk(w);
		return;
	}
	take_name(w, said == KEYS_DONE ? bytes : slice_of(NULL, 0));
	node_mine_look_soon(n);
}

/* False when the key process is asked, or has too much to do. */
static bool handle(struct remind_walk *w)
{
	if (step_of(w) == REMIND_NONE && !is_to_be_renewed(w)) {
		w->loaded = false;
		return true;
	}
	if (!w->open[w->at.key] || !w->at.cipher.n) {
		take_name(w, slice_of(NULL, 0));
		return true;
	}
	w->asked = keys_link_decrypt(
		w->n->owner.link, w->encryption[w->at.key], w->at.cipher, on_name, w);
	return false;
}

static void count(struct remind_walk *w)
{
	const struct own_domain *d = &w->at;

	if (d->state == DOMAIN_FREE)
		return;
	w->seen++;
	w->expired += d->state == DOMAIN_EXPIRED;
	if (d->state == DOMAIN_ALIVE && (!w->next_expiry || d->until < w->next_expiry))
		w->next_expiry = d->until;
}

/* ---- renewing ---- */

/* Is one that was begun here still under way? */
static bool renews(const struct node *n)
{
	const struct job *job = n->remind.job ? jobs_find(n->mine.jobs, n->remind.job) : NULL;

	return job && !job_has_ended(job->state);
}

static void say_renewal(struct node *n, const struct wanted *r, uint64_t job, const char *error)
{
	char line[REMINDER_WORDS_MAX];

	if (error)
		snprintf(line, sizeof line, "%.*s cannot be renewed by itself: %s", (int)r->n,
			(const char *)r->name, error);
	else
		snprintf(line, sizeof line,
			"%.*s is renewed by itself (owner.auto_renew), as job %llu", (int)r->n,
			(const char *)r->name, (unsigned long long)job);
	node_say(n, SAY_RENEWAL, line);
}

static const char *why_not(enum err err)
{
	return err == ERR_FULL ? "there are too many jobs (limits.max_jobs, job_bytes)"
			       : "there is no memory for its job";
}

static void renew(struct remind_walk *w)
{
	const struct wanted *r = &w->renew;
	struct node *n = w->n;
	struct block_owned *old = r->id ? view_block(chain_view(n->chain), r->id) : NULL;
	uint8_t space[NODE_SAY_KEY_MAX];

	if (!old)
		return;
	const struct draft_request q = {.name = slice_of(r->name, r->n),
		.data = old->b.tx.data,
		.author = w->signing[r->key],
		.encryption = w->encryption[r->key],
		.renewal = true};
	if (!renews(n) && node_say_first(n, renewal_key(w, old->b.tx.identity, space), true)) {
		enum err err = jobs_add(n->mine.jobs, &q, &n->remind.job);
		say_renewal(n, r, n->remind.job, err == ERR_OK ? NULL : why_not(err));
	}
	mem_free(old);
}

/* ---- the walk ---- */

static void finish(struct node *n)
{
	struct node_remind *m = &n->remind;
	struct remind_walk *w = m->walk;

	m->walk = NULL;
	m->walked = now_of(n);
	m->keys = w->count;
	m->locked = w->locked;
	m->names = w->seen;
	m->expired = w->expired;
	m->next_expiry = w->next_expiry;
	renew(w);
	free_walk(w);
	node_say_keep(n);
}

/* Is it time? Also when a renewal has ended: the next name may follow. */
static bool is_due(struct node *n)
{
	struct node_remind *m = &n->remind;
	int64_t age = now_of(n) - m->walked;
	char why[DRAFT_WORDS_MAX];
	bool ended = m->job && !renews(n);

	bool same = m->keys == n->sign.keys && m->locked == n->sign.locked;

	if (m->walked && age >= 0 && age < AGAIN_S && !ended && same)
		return false;
	if (!keys_link_state(n->owner.link)->running || !node_mine_ready(n, why))
		return false;
	if (ended)
		m->job = 0;
	return true;
}

bool node_remind_look(struct node *n)
{
	struct node_remind *m = &n->remind;

	if (!m->walk && is_due(n))
		m->walk = new_walk(n);
	struct remind_walk *w = m->walk;
	for (unsigned i = 0; w && !w->asked && i < STEPS; i++) {
		if (!w->loaded) {
			if (!own_walk_next(
				    w->names, chain_view(n->chain), now_of(n), LOOK_MOST, &w->at)) {
				finish(n);
				return renews(n); /* it begins */
			}
			w->loaded = w->at.id > 0;
			if (w->loaded)
				count(w);
		}
		if (w->loaded && !handle(w))
			break;
	}
	return w && !w->asked;
}

void node_remind_end(struct node *n)
{
	struct remind_walk *w = n->remind.walk;

	n->remind.walk = NULL;
	if (w && w->asked)
		w->ended = true;
	else
		free_walk(w);
}
