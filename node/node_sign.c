/* Role: finds out which of our keys are in danger of a ban, and says so once. Before:
 * node/node_mine.c. After: owner/sign_warn.h, node/node_say.h. */
#include "node/node_sign.h"

#include "node/node.h"

enum { AGAIN_S = 60 };

/* One look: our keys, and the chain. */
struct scene {
	struct own_key keys[OWN_KEYS_MAX];
	struct sign_warn_ask ask;
	struct chain_tip tip;
	unsigned locked;
};

static void look(struct node *n, struct scene *s)
{
	const struct keys_state *state = keys_link_state(n->owner.link);

	s->ask.keys = s->keys;
	s->ask.n = own_keys_list(&n->owner.keys, state, s->keys);
	s->ask.on = jobs_signing(n->mine.jobs)->on;
	s->ask.vouched = n->foreign.vouched;
	s->ask.now = chain_now(n->chain, clock_wall(n->clock));
	s->locked = 0;
	for (unsigned i = 0; i < s->ask.n; i++)
		s->locked += s->keys[i].locked;
	chain_get_tip(n->chain, &s->tip);
}

/* Is there anything that may have made the answer another one? */
static bool has_changed(const struct node_sign *w, const struct scene *s)
{
	int64_t age = s->ask.now - w->looked;

	return memcmp(w->tip, s->tip.hash, HASH_SIZE) != 0 || w->keys != s->ask.n ||
	       w->locked != s->locked || w->on != s->ask.on || w->vouched != s->ask.vouched ||
	       age < 0 || age >= AGAIN_S;
}

static void remember(struct node_sign *w, const struct scene *s)
{
	memcpy(w->tip, s->tip.hash, HASH_SIZE);
	w->keys = s->ask.n;
	w->locked = s->locked;
	w->on = s->ask.on;
	w->vouched = s->ask.vouched;
	w->looked = s->ask.now;
}

/* What is so at this moment is told again after a restart, what has happened is not. */
static bool is_lasting(enum sign_warn_kind kind)
{
	return kind >= SIGN_WARN_MISSED;
}

static void tell(struct node *n, const struct scene *s, const struct sign_warning *w)
{
	const struct own_key *key = &s->keys[w->key];
	uint8_t space[NODE_SAY_KEY_MAX];
	struct wr what = wr_of(space, sizeof space);
	char line[SIGN_WORDS_MAX];

	wr_format(&what, "sign %s", sign_warning_name(w->kind));
	wr_bytes(&what, key->signing, KEY_SIZE);
	wr_be(&what, w->block, 8);
	if (node_say_first(n, wr_done(&what), is_lasting(w->kind)))
		node_say(n, SAY_SIGNING, sign_warning_words(w, key->name, line));
}

void node_sign_look(struct node *n)
{
	struct node_sign *w = &n->sign;
	struct view *v = chain_view(n->chain);
	char why[DRAFT_WORDS_MAX];
	struct sign_look l;
	struct sign_misses m;
	struct scene s;

	look(n, &s);
	if (!has_changed(w, &s))
		return;
	w->n = 0;
	if (!node_mine_ready(n, why))
		return;
	remember(w, &s);
	sign_look(v, s.keys, s.ask.n, &l);
	sign_misses(v, s.keys, s.ask.n, &m);
	w->n = sign_warnings(v, &s.ask, &l, &m, w->list);
	for (unsigned i = 0; i < w->n; i++)
		tell(n, &s, &w->list[i]);
	node_say_keep(n);
}
