/* The fields of struct p2p, for the files that implement p2p/p2p.h: p2p.c (start and stop),
 * p2p_peers.c (life of a peer), p2p_book.c (bans, addresses, dialling), p2p_reload.c and
 * p2p_later.c (listeners, changed settings), p2p_watch.c (sleep and network changes), p2p_admin.c
 * (commands), p2p_list.c and p2p_stats.c (reports). Also for the files that handle one peer:
 * peer.c, handshake.c, identity.c, keepalive.c. */
#ifndef P2P_P2P_INTERNAL_H
#define P2P_P2P_INTERNAL_H

#include "base/map.h"
#include "p2p/addrbook.h"
#include "p2p/admission.h"
#include "p2p/bans.h"
#include "p2p/dialer.h"
#include "p2p/exchange.h"
#include "p2p/frame.h"
#include "p2p/kept_time.h"
#include "p2p/p2p.h"
#include "p2p/peer.h"

/* Buffers for one frame in and one frame out at a time. One set is enough, because all runs on the
 * loop thread. */
struct buffers {
	uint8_t in[FRAME_MAX];        /* a received frame, decrypted in place */
	uint8_t scratch[MESSAGE_MAX]; /* unpacked parts of its message */
	uint8_t plain[MESSAGE_MAX];   /* a message to be sent */
	uint8_t out[FRAME_MAX];       /* its frame */
};

/* Addresses that p2p_listen() could not open and tries again. */
struct listen_later {
	struct event_base *base;
	char (*text)[NETADDR_TEXT_MAX]; /* owned; NULL = nothing is waiting */
	size_t count;
	char why[256]; /* why it failed the last time */
};

struct p2p {
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits;
	struct p2p_events events;
	char origin[65];
	bool is_public, yggdrasil_only, stopping;
	bool has_bind_addr;
	struct netaddr bind_addr; /* of outgoing connections */

	struct conn_pool pool;
	struct map by_id;     /* peer_id → struct peer *; without those that are closing */
	struct bound id_rows; /* as many as max_connections */
	peer_id last_id;
	struct admission admission;
	struct buffers *buffers;
	struct listener *listener;  /* NULL = none or stopped */
	struct listen_later later;  /* addresses that could not be listened on */
	struct kept_time kept_time; /* the clock of the next two */
	struct bans bans;
	struct addrbook book;
	struct exchange exchange;
	struct dialer *dialer; /* NULL = not started, or stopped */
	struct netwatch *watch;
	struct event *minute;  /* expires bans and addresses */
	uint64_t kept_changes; /* changes of bans, and of which peers are connected */

	uint64_t accepted, dialled, dial_failures, frames_in, frames_out;
	uint64_t refused[CLOSE_REASONS]; /* refused before they became connections, by reason */
	uint64_t messages_in[MSG_COUNT], messages_out[MSG_COUNT];
	size_t ready, outbound, dialling; /* dialling: outbound and not ready */
	char last_dial_error[160];
	char why[256]; /* why the last p2p_open() or p2p_reload() failed */
};

extern const char p2p_app_version[];

/* NULL when the peer is closing or never was. */
struct peer *p2p_find(struct p2p *p, peer_id id);

/* ---- p2p_reload.c ---- */
bool p2p_listen(struct p2p *p, const struct p2p_settings *s); /* false: p->why, logged */

/* ---- p2p_later.c ---- */
/* Keeps the addresses to try them again; false when memory runs out. */
bool p2p_listen_later(struct p2p *p, const struct p2p_settings *s);
void p2p_listen_again(struct p2p *p);
void p2p_listen_drop(struct p2p *p); /* forgets those addresses */

/* ---- p2p_watch.c ---- */
bool p2p_watch_start(struct p2p *p, struct event_base *base); /* false: logged */
void p2p_watch_stop(struct p2p *p);                           /* harmless when it was not started */
void p2p_network_changed(void *ctx, const char *what);        /* struct netwatch_hooks */

/* ---- p2p_peers.c ---- */
void p2p_accepted(void *ctx, int fd, const struct netaddr *from); /* struct listener_owner */
extern const struct conn_hooks p2p_conn_hooks;
void p2p_peer_ready(struct peer *peer); /* from peer.c */
/* ERR_OK: the dial has begun, and p2p_dial_succeeded() or p2p_dial_ended() reports its result.
 * Otherwise it failed at once. */
enum err p2p_dial(struct p2p *p, const struct netaddr *to, bool configured);
/* For p2p_stats.last_dial_error; both texts are copied. */
void p2p_note_dial_error(struct p2p *p, const char *to, const char *what);
/* Closes every connection with that host, whatever the port. */
void p2p_close_host(struct p2p *p, const struct netaddr *a, enum close_reason why);

/* ---- p2p_book.c: bans, addresses and dialling, wired together ---- */
void p2p_book_init(struct p2p *p, const struct p2p_settings *s); /* the tables alone */
bool p2p_book_open(struct p2p *p, const struct p2p_settings *s); /* starts to dial; false: cannot */
void p2p_book_quiesce(struct p2p *p);                            /* no more dials */
/* Adds a configured peer; logs a warning if its text is refused. False only when memory runs
 * out. */
bool p2p_add_configured(struct p2p *p, const char *peer);
void p2p_book_close(struct p2p *p); /* frees the tables and the dialer */
/* Does a ban forbid to dial it? A ban of the host does not count for a configured peer, nor for an
 * address that answered when it was last dialled: another node at the same host may have earned the
 * ban. */
bool p2p_is_shut(struct p2p *p, const struct netaddr *a, bool configured);
/* The same, or there is a connection with that node already; ctx is the struct p2p. */
bool p2p_must_not_dial(void *ctx, const struct netaddr *a, bool configured);
void p2p_dial_succeeded(struct peer *peer);
void p2p_dial_ended(struct peer *peer); /* an outbound connection has ended, ready or not */

/* Bans the host for `seconds` (0 = limits.ban_time); `what` is logged. Existing connections with
 * the host stay: each is judged by its own behaviour. */
void p2p_ban_addr(struct p2p *p, const struct netaddr *a, uint64_t seconds, enum ban_scope scope,
	const char *what);

/* ---- p2p_exchange.c ---- */
/* Do we want more addresses: is there a free place for an outbound connection, and are few
 * addresses waiting (protocol.md 5.8)? */
bool p2p_wants_addresses(struct p2p *p);
/* p2p_pick_peers() fills m->peers with up to PEERS_SENT_MAX texts, stored in `text`.
 * p2p_take_peers() takes the addresses of a list that arrived (5.8). */
void p2p_pick_peers(
	struct peer *peer, struct message *m, char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX]);
void p2p_take_peers(struct peer *peer, const struct message *m);
void p2p_met(struct peer *peer);    /* the peer is ready */
void p2p_parted(struct peer *peer); /* a peer that was ready is gone */

#endif
