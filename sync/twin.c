/* Asks the peers for their copies of a full block and decides which one to use; see twin.h. Before:
 * sync/sync.c, sync/sync_fork.c. After: sync/twin_count.c counts; chain/copy.c and chain/split.c
 * exchange the copy. */
#include "sync/twin.h"

#include "base/log.h"
#include "chain/signers.h"
#include "chain/split.h"
#include "sync/sync.h"
#include "sync/twin_count.h"

enum {
	BAR_MS = 60000,      /* so long a host is not asked after its block was refused */
	VOTE_MS = 60000,     /* while we are stuck all peers are asked again after that time */
	FORGET_MS = 3600000, /* after so long without an exchange the waits begin anew */
	DOUBLINGS = 8,       /* of the wait between two exchanges, at most */
};

/* ---- whom to ask ---- */

bool twin_bars(const struct sync *s, const struct node_peer *np, uint64_t index)
{
	const struct host *h = np->host;

	return h->refused > sync_tip_height(s) && index >= h->refused &&
	       h->refused_on == s->twin.branch && sync_now(s) - h->refused_ms < BAR_MS;
}

bool twin_stuck(const struct sync *s)
{
	return s->twin.sure && s->twin.stuck_at && s->twin.stuck_at == sync_tip_height(s);
}

static bool takes_part(const struct sync *s, const struct node_peer *np)
{
	return s->twin.number && np->twin.asked == s->twin.number;
}

static bool claims_it(const struct sync *s, const struct node_peer *np)
{
	struct peer_info info;

	return s->s.net.info(s->s.net.ctx, np->id, &info) && info.height >= s->twin.index;
}

static void ask_for_copy(struct sync *s, struct node_peer *np)
{
	if (takes_part(s, np) || s->s.net.send_delay_ms(s->s.net.ctx, np->id) ||
		!sync_ask(s, np, s->twin.index, true))
		return;
	np->twin.asked = s->twin.number;
	np->twin.answered = false;
}

static void ask_all(struct sync *s)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (!takes_part(s, np) && claims_it(s, np))
			ask_for_copy(s, np);
}

/* Asks all peers. Those that answered in an earlier vote are asked again, because other nodes
 * exchange their copies, too. */
static void vote(struct sync *s)
{
	s->twin.number++;
	s->twin.vote_ms = sync_now(s);
	s->twin.decide_ms = sync_now(s) + s->s.limits->request_timeout.max;
	s->twin.asked_ms = 0;
	ask_all(s);
}

/* ---- a case begins ---- */

static bool is_about(const struct twin *t, const struct block_summary *root)
{
	return t->index == root->index && memcmp(t->hash, root->hash, HASH_SIZE) == 0;
}

/* True while answers to the present case may still come. Then no other case may replace it, else an
 * attacker could start one of his own each time and keep us from deciding. */
static bool held(const struct sync *s)
{
	const struct twin *t = &s->twin;

	return t->number && t->stuck_at && t->stuck_at == sync_tip_height(s) &&
	       sync_now(s) - t->begun_ms < s->s.limits->request_timeout.max;
}

static bool suspect(struct sync *s, const struct block_summary *root, bool split, uint64_t name)
{
	struct twin *t = &s->twin;
	bool same = t->number && is_about(t, root) && t->split == split;

	if (!same && held(s))
		return false;
	t->tail = name;
	if (same)
		return true;
	t->number++;
	t->begun_ms = sync_now(s);
	t->sure = false;
	t->split = split;
	t->index = root->index;
	memcpy(t->hash, root->hash, HASH_SIZE);
	return true;
}

static void lower(struct node_peer *np, uint64_t tip)
{
	if (np->sync.height > tip)
		np->sync.height = tip;
}

static void bar(struct sync *s, struct node_peer *np, uint64_t tip)
{
	np->host->refused = tip + 1;
	np->host->refused_ms = sync_now(s);
	np->host->refused_on = s->twin.branch;
	lower(np, tip);
}

bool twin_refused(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const char *why)
{
	struct block_summary root;
	uint64_t name;

	if (!chain_has(s->s.chain, b->index - 1, b->prev_hash))
		return false;
	bool split = split_root(s->s.chain, b, why, &root, &name);
	if (!split && !signers_hang_on_draw(why))
		return false;
	if (!np || (!split && !chain_window_root(s->s.chain, b->index, &root)))
		return true;
	uint64_t tip = sync_tip_height(s);
	log_info("sync: block %llu of peer %llu does not fit our copy of full block %llu (%s)",
		(unsigned long long)b->index, (unsigned long long)np->id,
		(unsigned long long)root.index, why);
	if (!suspect(s, &root, split, split ? name : root.tail)) {
		lower(np, tip);
		s->twin.others = true;
		return true;
	}
	bar(s, np, tip);
	np->twin.offer = refused_of(b, f);
	if (s->twin.sure && s->twin.stuck_at != tip)
		vote(s);
	s->twin.stuck_at = tip;
	if (np->twin.answered)
		np->twin.asked = 0; /* it may have changed its copy */
	ask_for_copy(s, np);
	return true;
}

bool twin_below(const struct sync *s, uint64_t fork_at, struct twin_counts *c)
{
	struct block_summary root;

	if (!s->twin.sure || s->twin.split ||
		!view_last_full(chain_view(s->s.chain), fork_at, &root) ||
		!is_about(&s->twin, &root))
		return false;
	twin_count(s, c);
	return true;
}

/* ---- the decision ---- */

/* True when a block that a peer with this copy offered fits this copy. A copy that explains none of
 * the refused blocks would not help us to advance. */
static bool explains(struct sync *s, const struct block_summary *root, uint64_t tail)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (takes_part(s, np) && np->twin.answered && np->twin.tail == tail &&
			np->twin.offer.index > root->index &&
			chain_copy_explains(s->s.chain, root, tail, &np->twin.offer))
			return true;
	return false;
}

/* True when enough time passed since the last exchange. The first one need not wait. */
static bool rested(const struct sync *s)
{
	const struct twin *t = &s->twin;
	unsigned doublings = t->taken < DOUBLINGS ? t->taken : DOUBLINGS;

	return !t->taken || sync_now(s) - t->taken_ms >= s->s.limits->request_timeout.max
								 << doublings;
}

/* True when our copy should be exchanged for another; *tail names that one. */
static bool decided(struct sync *s, uint64_t *tail)
{
	struct twin *t = &s->twin;
	struct twin_counts c;
	struct block_summary root;

	if (!twin_stuck(s))
		return false;
	if (!t->split &&
		(!chain_window_root(s->s.chain, t->stuck_at + 1, &root) || !is_about(t, &root)))
		return false;
	twin_count(s, &c);
	t->ours = c.ours;
	t->theirs = c.theirs;
	*tail = c.tail;
	bool waits = c.silent && sync_now(s) < t->decide_ms && 2 * c.firm <= c.all;
	if (t->split)
		return rested(s) && c.more && !waits;
	return c.more && !waits && rested(s) && t->index + CONFIDENCE_DEPTH >= t->stuck_at &&
	       explains(s, &root, c.tail);
}

void twin_branch_changed(struct sync *s)
{
	struct node_peer *np;

	s->twin.stuck_at = 0;
	s->twin.branch++;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		np->twin.offer.index = 0;
}

/* Lets peers be asked again that were not asked because of this case. twin_bars() still holds for
 * those whose block was refused on this branch. */
static void raise_all(struct sync *s)
{
	struct peer_info info;
	struct node_peer *np;

	s->twin.others = false;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (s->s.net.info(s->s.net.ctx, np->id, &info))
			np->sync.height = sync_believed_height(s, np, info.height);
}

static void all_may_be_asked(struct sync *s)
{
	twin_branch_changed(s);
	raise_all(s);
}

static void note_taken(struct sync *s, uint64_t tail)
{
	struct twin *t = &s->twin;

	if (t->taken && sync_now(s) - t->taken_ms >= FORGET_MS)
		t->taken = 0;
	t->taken++;
	t->taken_total++;
	t->taken_ms = sync_now(s);
	t->tail = tail;
	t->stuck_at = 0;
	log_warn("sync: full block %llu %s: took the copy that %zu of the peers' "
		 "networks show, %zu show the one that was here",
		(unsigned long long)t->index,
		t->split ? "had its fields in other places here" : "was signed twice", t->theirs,
		t->ours);
}

/* The number that tells one copy of the block from the others. */
static uint64_t name_of(const struct twin *t, const struct block *b)
{
	return t->split ? split_name(b) : slice_tail(b->signature);
}

/* Exchanges our copy for one whose fields stand in other places. The blocks above it stay, and the
 * next one may fit now. */
static void take_split(struct sync *s, const struct block_owned *block)
{
	enum err err = split_take(s->s.chain, block);

	if (err == ERR_REFUSED)
		return;
	if (err != ERR_OK) {
		sync_store_failed(s, err);
		return;
	}
	note_taken(s, split_name(&block->b));
	sync_reset_window(s, sync_tip_height(s) + 1, UINT64_MAX);
	all_may_be_asked(s);
}

static void take(struct sync *s, struct node_peer *np, const struct block_owned *block)
{
	const struct block *b = &block->b;

	if (s->twin.split) {
		take_split(s, block);
		return;
	}
	enum err err = chain_take_copy(s->s.chain, block);

	if (err == ERR_REFUSED)
		return;
	if (err != ERR_OK) {
		sync_store_failed(s, err);
		return;
	}
	note_taken(s, slice_tail(b->signature));
	s->blocks_replaced++;
	s->replaced = true;
	sync_reset_window(s, b->index + 1, UINT64_MAX);
	sync_appended(s, np);
	all_may_be_asked(s);
}

/* The last answer was not the chosen copy, and we did not store the earlier answers: asks the peers
 * that showed it for it once more. */
static void ask_again(struct sync *s, uint64_t tail)
{
	uint64_t now = sync_now(s);
	struct node_peer *np;

	if (s->twin.asked_ms && now - s->twin.asked_ms < s->s.limits->request_timeout.max)
		return;
	s->twin.asked_ms = now;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (takes_part(s, np) && np->twin.answered && np->twin.tail == tail)
			sync_ask(s, np, s->twin.index, true);
}

/* ---- answers and time ---- */

/* np sent another valid copy than ours: begins the vote. np has voted with it, so it is not asked
 * again. */
static void now_sure(struct sync *s, struct node_peer *np)
{
	struct twin *t = &s->twin;

	t->sure = true;
	t->begun_ms = sync_now(s);
	t->seen_total++;
	log_warn("sync: full block %llu %s: peer %llu has another copy than we, with which %s; "
		 "all peers are asked",
		(unsigned long long)t->index,
		t->split ? "can be read in several ways" : "was signed twice by its author",
		(unsigned long long)np->id,
		t->split ? "names belong to others" : "other keys may sign the blocks above");
	np->twin.asked = t->number + 1;
	vote(s);
}

void twin_suspect_below(struct sync *s, struct node_peer *np, uint64_t index)
{
	struct view *v = chain_view(s->s.chain);
	struct block_summary root;

	if (s->twin.stuck_at == sync_tip_height(s) || !view_last_full(v, index, &root) ||
		root.index < v->params->block_signers_start)
		return;
	if (suspect(s, &root, false, root.tail))
		ask_for_copy(s, np);
}

bool twin_copy(struct sync *s, struct node_peer *np, const struct future_block *f)
{
	const struct block *b = &f->block->b;
	struct twin *t = &s->twin;
	uint64_t chosen;

	if (!takes_part(s, np) || b->index != t->index ||
		!slice_eq(b->hash, slice_of(t->hash, HASH_SIZE)))
		return false;
	sync_walk_end(np);
	np->twin.answered = true;
	np->twin.tail = name_of(t, b);
	if (!t->sure && np->twin.tail != t->tail)
		now_sure(s, np);
	if (!decided(s, &chosen))
		return true;
	if (chosen == np->twin.tail)
		take(s, np, f->block);
	else
		ask_again(s, chosen);
	return true;
}

void twin_tick(struct sync *s)
{
	uint64_t chosen;

	if (s->twin.others && !held(s))
		raise_all(s);
	if (!twin_stuck(s))
		return;
	if (sync_now(s) - s->twin.vote_ms >= VOTE_MS)
		vote(s);
	else
		ask_all(s);
	if (decided(s, &chosen))
		ask_again(s, chosen);
}
