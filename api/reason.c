/* Says in one line why the node does or does not advance, with the facts behind it.
 * docs/troubleshooting.md has an entry for each reason. Before: sync/, p2p/ and chain/ have the
 * facts. After: api/status.c, web/page_state.c, api/health.c, node/service_manager.c show it. */
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/hex.h"
#include "base/human.h"
#include "api/api.h"
#include "api/reason.h"
#include "owner/sign_look.h"
#include "sync/wrong_clock.h"

enum {
	SLOW_MS = 5000,     /* no block appended for so long: we say what the next one waits for */
	STALLED_MS = 30000, /* we say that it does not come */
	KEY_SHOWN = 4       /* bytes of a key that are shown */
};

const char *reason_word(enum reason reason)
{
	static const char *const words[REASONS] = {
		[REASON_STORE] = "store_failed",
		[REASON_STOPPING] = "stopping",
		[REASON_NO_ORIGIN] = "no_origin",
		[REASON_NO_PEERS] = "no_peers",
		[REASON_ALONE] = "alone",
		[REASON_CLOCK] = "wrong_clock",
		[REASON_DOWNLOADING] = "syncing",
		[REASON_STALLED] = "stalled",
		[REASON_FORK] = "fork",
		[REASON_TWICE] = "signed_twice",
		[REASON_SIGNATURES] = "waits_for_signatures",
		[REASON_NOT_AHEAD] = "no_blocks",
		[REASON_AT_TIP] = "at_tip",
	};

	return words[reason];
}

/* Shows the error of the last dial: it tells whether our network, a name or the peer is at fault.
 * Nobody to call is what the operator chose, and no fault. */
static enum reason no_peers(const struct api *a, struct wr *w)
{
	unsigned long long configured =
		(unsigned long long)a->config->limits.max_configured_peers.used;
	struct p2p_stats p;

	p2p_stats(a->p2p, &p);
	if (!configured && !p.last_dial_error[0]) {
		wr_format(w, "no peers are configured");
		return REASON_ALONE;
	}
	if (configured)
		wr_format(w, "no peers (0 of %llu configured answered; last error: %s)", configured,
			p.last_dial_error[0] ? p.last_dial_error : "none");
	else
		wr_format(w,
			"no peers are configured, and no known address answered; last error: "
			"%s",
			p.last_dial_error);
	return REASON_NO_PEERS;
}

/* Blocks have arrived, but this machine takes long to check them: none was appended for SLOW_MS, or
 * what is at the checkers takes that long at the measured pace. False when that is not so. */
static bool checks_slowly(const struct sync_stats *s, const struct chain_tip *t,
	const struct sync_wait *wait, struct wr *w)
{
	double pace = s->hash_pace;
	char rate[HUMAN_MAX];

	bool much = pace > 0 && (double)s->checking >= pace * SLOW_MS / 1000;

	if (!wait->checking || (!much && s->quiet_ms < SLOW_MS))
		return false;
	wr_format(w, "checking blocks %llu to %llu", (unsigned long long)t->height + 1,
		(unsigned long long)wait->last);
	if (pace > 0)
		wr_format(w, ": this machine makes %s", human_rate(pace, "hashes", rate));
	return true;
}

/* The next block was requested and bytes arrive, but not soon. False when that is not so. */
static bool comes_slowly(
	const struct chain_tip *t, const struct sync_wait *wait, uint64_t quiet, struct wr *w)
{
	char part[HUMAN_MAX], rate[HUMAN_MAX];

	if (quiet < SLOW_MS || wait->silence_ms > SLOW_MS || wait->before == SIZE_MAX)
		return false;
	wr_format(w, "block %llu comes slowly: ", (unsigned long long)t->height + 1);
	if (wait->size)
		wr_format(w, "%s, ", human_bytes_of(wait->here, wait->size, part));
	else if (wait->before)
		wr_format(w, "%zu block%s before it, ", wait->before, wait->before == 1 ? "" : "s");
	wr_format(w, "%s", human_byte_rate(wait->rate, rate));
	return true;
}

static enum reason downloading(
	const struct api *a, const struct sync_stats *s, const struct chain_tip *t, struct wr *w)
{
	const char *plural = s->peers == 1 ? "" : "s";
	struct sync_wait wait;
	char span[HUMAN_MAX];

	sync_wait_of(a->sync, &wait);
	if (checks_slowly(s, t, &wait, w) || comes_slowly(t, &wait, s->quiet_ms, w))
		return REASON_DOWNLOADING;
	if (s->quiet_ms < STALLED_MS) {
		wr_format(w, "downloading blocks %llu to %llu from %zu peer%s",
			(unsigned long long)t->height + 1, (unsigned long long)s->best, s->peers,
			plural);
		return REASON_DOWNLOADING;
	}
	wr_format(w,
		"block %llu does not come: nothing for %s from %zu peer%s, "
		"of which the best claims height %llu",
		(unsigned long long)t->height + 1, human_duration(s->quiet_ms / 1000, span),
		s->peers, plural, (unsigned long long)s->best);
	return REASON_STALLED;
}

/* ---- a full block without its lock ---- */

/* Names the drawn keys that have not signed yet, by the beginning of each, so that their owners can
 * be asked. */
static void missing_signers(const struct sign_look *l, struct wr *w)
{
	const char *before = "; missing of the drawn: ";
	char key[2 * KEY_SHOWN + 1];

	for (unsigned i = 0; i < l->drawn; i++) {
		if (l->draw[i].block)
			continue;
		hex_upper(slice_of(l->draw[i].key, KEY_SHOWN), key);
		wr_format(w, "%s%s", before, key);
		before = ", ";
	}
}

/* Says from when on standby signers may sign in place of missing ones (protocol.md 7.9, 7.10). */
static void healing(const struct api *a, const struct sign_look *l, struct wr *w)
{
	int64_t now = chain_now(a->chain, clock_wall(a->clock));
	char text[HUMAN_MAX];

	if (!l->heal_from)
		return;
	wr_format(w,
		now < l->heal_from ? "; standby signers may heal from %s"
				   : "; standby signers may heal now (since %s)",
		human_date(l->heal_from, text));
}

/* No peer has more blocks than we. If the last full block waits for signatures, no new transaction
 * can be accepted, and users ask why: so the missing signers are named. */
static enum reason at_tip(const struct api *a, const struct chain_tip *t, struct wr *w)
{
	struct sign_look l;

	sign_look(chain_view(a->chain), NULL, 0, &l);
	if (l.waits && t->height >= a->params->block_signers_start) {
		wr_format(w, "at tip, waiting for signatures of full block %llu: %u there",
			(unsigned long long)l.full, l.blocks);
		missing_signers(&l, w);
		healing(a, &l, w);
		return REASON_SIGNATURES;
	}
	wr_format(w, "%s", t->height ? "at tip" : "peers are not ahead");
	return t->height ? REASON_AT_TIP : REASON_NOT_AHEAD;
}

/* Our clock is behind our own last block, so it is certainly wrong. This comes before "no peers":
 * with such a clock the node accepts no new block from anybody. */
static enum reason clock_behind(const struct api *a, const struct chain_tip *t, struct wr *w)
{
	int64_t wall = clock_wall(a->clock);
	char off[HUMAN_MAX], text[WRONG_CLOCK_MAX];

	wr_format(w, "clock is off by %s: %s",
		human_duration((uint64_t)t->timestamp - (uint64_t)wall, off),
		wrong_clock_words(a->chain, wall, text));
	return REASON_CLOCK;
}

/* Peers of several networks send blocks from our future, so our clock is probably wrong. */
static enum reason clock_doubted(const struct api *a, const struct ahead_claims *c, struct wr *w)
{
	int64_t wall = clock_wall(a->clock);
	char off[HUMAN_MAX], ours[HUMAN_MAX], theirs[HUMAN_MAX];

	wr_format(w,
		"clock is off by %s: this machine's clock says %s, and peers of %u network%s sent "
		"blocks of %s or later",
		human_duration((uint64_t)c->time - (uint64_t)wall, off), human_date(wall, ours),
		c->groups, c->groups == 1 ? "" : "s", human_date(c->time, theirs));
	return REASON_CLOCK;
}

static void say_too_deep(struct wr *w)
{
	wr_format(w, "; more than %d blocks down it is not exchanged: import a chain or sync anew",
		CONFIDENCE_DEPTH);
}

/* Our tip cannot advance because there are two valid copies of a block, and we hold the one that
 * the network did not build on (chain/copy.h, chain/split.h). */
static enum reason signed_twice(const struct sync_twin *twin, uint64_t height, struct wr *w)
{
	wr_format(w,
		"block %llu %s: %zu of the peers' networks show our copy, %zu "
		"another, which block %llu needs",
		(unsigned long long)twin->index,
		twin->split ? "has its fields in other places elsewhere" : "was signed twice",
		twin->ours, twin->theirs, (unsigned long long)height + 1);
	if (!twin->split && twin->index + CONFIDENCE_DEPTH < height)
		say_too_deep(w);
	return REASON_TWICE;
}

/* Peers follow a branch that left ours deeper than blocks may be replaced. The cause may be a block
 * that was signed twice. */
static enum reason fork_below(const struct sync *s, struct wr *w)
{
	unsigned long long at = (unsigned long long)sync_fork_at(s);
	struct sync_twin twin;

	wr_format(w, "fork at %llu", at);
	if (!sync_twin_below(s, at, &twin))
		return REASON_FORK;
	wr_format(w,
		": block %llu was signed twice, %zu of the peers' networks show our copy, %zu "
		"another",
		(unsigned long long)twin.index, twin.ours, twin.theirs);
	if (twin.more)
		say_too_deep(w);
	return REASON_TWICE;
}

/* Nothing prevents the node from working: what it does, or what it waits for. */
static enum reason working(
	const struct api *a, const struct chain_tip *t, struct wr *w, bool *syncing)
{
	struct sync_stats s;
	struct sync_twin twin;

	sync_get_stats(a->sync, &s);
	if (s.peers == 0)
		return no_peers(a, w);
	if (sync_twin_stuck(a->sync, &twin))
		return signed_twice(&twin, t->height, w);
	if (s.best > t->height) {
		*syncing = true;
		return downloading(a, &s, t, w);
	}
	if (sync_fork_at(a->sync))
		return fork_below(a->sync, w);
	return at_tip(a, t, w);
}

/* The order matters: the first condition that is true explains best why the tip does not move. */
static enum reason main_reason(
	const struct api *a, const struct api_state *state, struct wr *w, bool *syncing)
{
	struct chain_tip t;
	struct ahead_claims claims;

	chain_get_tip(a->chain, &t);
	*syncing = false;
	if (state->store_error) {
		wr_format(w, "store is read-only: %s", state->store_error);
		return REASON_STORE;
	}
	if (state->stopping) {
		wr_format(w, "stopping");
		return REASON_STOPPING;
	}
	if (!a->params->has_origin) {
		wr_format(w, "no origin is configured");
		return REASON_NO_ORIGIN;
	}
	if (wrong_clock_proved(a->chain, clock_wall(a->clock)))
		return clock_behind(a, &t, w);
	if (sync_clock_is_behind(a->sync, &claims))
		return clock_doubted(a, &claims, w);
	return working(a, &t, w, syncing);
}

/* That the node cannot listen is no reason for a standstill, but is added to every reason: it is
 * easy to overlook, since everything else works. */
enum reason status_reason(const struct api *a, char *to, size_t size, bool *syncing)
{
	struct wr w = wr_of(to, size); /* a text that is too long is cut */
	struct api_state state = api_state(a);
	enum reason reason = main_reason(a, &state, &w, syncing);
	const char *deaf = state.stopping ? "" : p2p_not_listening(a->p2p);

	if (deaf[0])
		wr_format(&w, "; %s", deaf);
	return reason;
}
