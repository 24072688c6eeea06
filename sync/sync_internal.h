/* Functions between the files of the sync engine that need no more of it than a pointer: those of
 * sync_fork.c (blocks at or below our tip), of sync_ahead.c (blocks ahead of the clock), of
 * sync_kick.c (peers that do not answer) and of sync_own_block.c (blocks that the node's owner
 * made). The others are in sync/sync.h, which includes this. */
#ifndef SYNC_SYNC_INTERNAL_H
#define SYNC_SYNC_INTERNAL_H

#include "sync/sync_peer.h"

struct candidate;
struct sync;

/* ---- sync_fork.c ---- */

/* Drops the blocks of the peer's walk-back, if it has one. */
void sync_walk_end(struct node_peer *np);

/* Ends the walk-back because an answer could not be checked; the peer's next block or Ping may
 * begin it again. */
void sync_walk_lost(struct node_peer *np);

/* Lets peers whose branch was not chosen be asked for it again when it is time. Milliseconds until
 * the next such peer; UINT64_MAX = none. */
uint64_t sync_fork_tick(struct sync *s);

/* True when a block that a rule refused belongs to another branch than ours, so that the refusal
 * proves nothing against its sender. */
bool sync_other_branch(struct sync *s, const struct block *b, const struct block_facts *f);

/* Takes f's block, which belongs to a branch that leaves ours further down: adds it to the peer's
 * walk-back and requests its parent (protocol.md 5.10). */
void sync_walk_from(struct sync *s, struct node_peer *np, struct future_block *f);

/* Takes a verified block that a probe or a walk-back requested: follows it up (protocol.md 5.10,
 * 7.13). np may be gone afterwards. */
void sync_fork_block(struct sync *s, struct node_peer *np, struct future_block *f);

/* The peer's tip, at or below ours, has this hash (32 bytes, copied). Requests the block if it is
 * not on our chain, once for each pair of tips. */
void sync_probe(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash);

/* ---- sync_ahead.c ---- */

/* True when the block is ahead of the clock and nothing else is known to be wrong with it. Then it
 * is remembered, its sender (NULL = gone) is not asked for it for a minute, and the caller must
 * drop it. */
bool sync_clock_refuses(struct sync *s, struct node_peer *np, const struct future_block *f);

/* The same before the block is checked: true when a block with this hash was ahead of the clock
 * before and still is. */
bool sync_known_ahead(struct sync *s, struct node_peer *np, const struct block *b);

/* True when the rules refuse the block only for what our clock says. Then np (NULL = gone) is for
 * now not asked for it again. */
bool sync_blames_clock(struct sync *s, struct node_peer *np, const struct future_block *f);

/* The height that the peer claims, but below the lowest block ahead of our clock that its host sent
 * within the last minute. */
uint64_t sync_believed_height(const struct sync *s, const struct node_peer *np, uint64_t claimed);

/* Lets peers be asked again whose blocks are no longer ahead of the clock. */
void sync_ahead_tick(struct sync *s);

/* ---- sync_kick.c ---- */

/* The peer answered: it is no longer about to be closed, and the blocks that it was asked for and
 * that no other peer was asked for since are awaited from it again. */
void sync_kick_over(struct sync *s, struct node_peer *np);

/* Sends a late peer a GetPeers, and closes it when that is not answered either. */
void sync_kick_tick(struct sync *s, struct node_peer *np, uint64_t now);

/* ---- sync_check.c, sync_own_block.c ---- */

/* Makes a candidate of the block, which it takes if it succeeds. NULL when there is no memory or no
 * room in max_verify_bytes. */
struct candidate *sync_candidate_new(
	struct sync *s, peer_id from, struct block_owned *block, const uint8_t digest[32]);

/* Hands it to the checkers, which give it to sync_take_checked(). */
enum err sync_candidate_submit(struct sync *s, struct candidate *c);

/* The checkers are done with a block of our own. Takes its block. */
void sync_own_checked(struct sync *s, struct candidate *c);

#endif
