/* The inside of struct p2p, for the files that make up the contract p2p/p2p.h: p2p.c (life),
 * p2p_peers.c (what happens to peers), p2p_book.c (bans, addresses, dialling), p2p_reload.c and
 * p2p_later.c (listeners, changed settings), p2p_watch.c (sleep and cables), p2p_admin.c (by hand),
 * p2p_list.c and p2p_stats.c (what is told). Also for those that deal with one peer of its table:
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

/* Work space for one frame in and one frame out at a time; there is one thread. */
struct buffers {
	uint8_t in[FRAME_MAX];        /* a frame, opened in place */
	uint8_t scratch[MESSAGE_MAX]; /* what its message unpacks to */
	uint8_t plain[MESSAGE_MAX];   /* a message to be sent */
	uint8_t out[FRAME_MAX];       /* its frame */
};

/* What p2p_listen() could not open and was told to try again. */
struct listen_later {
	struct event_base *base;
	char (*text)[NETADDR_TEXT_MAX]; /* owned; NULL = nothing is waiting */
	size_t count;
	char why[256]; /* it failed the last time */
};

struct p2p {
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits;
	struct p2p_events events;
	char origin[65];
	bool is_public, yggdrasil_only, stopping;
	bool has_source;
	struct netaddr source; /* of outgoing connections */

	struct conn_pool pool;
	struct map by_id;     /* peer_id → struct peer *; not those that are ending */
	struct bound id_rows; /* as many as max_connections */
	peer_id last_id;
	struct admission admission;
	struct buffers *buffers;
	struct listener *listener;  /* NULL = none or stopped */
	struct listen_later later;  /* addresses that could not be had */
	struct kept_time kept_time; /* the clock of the next two */
	struct bans bans;
	struct addrbook book;
	struct exchange exchange;
	struct dialer *dialer; /* NULL = none yet, or over */
	struct netwatch *watch;
	struct event *minute;  /* expires bans and addresses */
	uint64_t kept_changes; /* of bans, and of who is connected */

	uint64_t accepted, dialled, dial_failures, frames_in, frames_out;
	uint64_t refused[CLOSE_REASONS]; /* before they became connections */
	uint64_t messages_in[MSG_COUNT], messages_out[MSG_COUNT];
	size_t ready, outbound, dialling; /* dialling: outbound and not ready */
	char last_dial_error[160];
	char why[256]; /* the last p2p_open() or p2p_reload() failed */
};

extern const char p2p_app_version[];

/* NULL for those that are ending or never were. */
struct peer *p2p_find(struct p2p *p, peer_id id);

/* ---- p2p_reload.c ---- */
bool p2p_listen(struct p2p *p, const struct p2p_settings *s); /* false: p->why, logged */

/* ---- p2p_later.c ---- */
/* Keeps the addresses; false when there is no room for them. */
bool p2p_listen_later(struct p2p *p, const struct p2p_settings *s);
void p2p_listen_again(struct p2p *p);
void p2p_listen_drop(struct p2p *p); /* nothing waits any more */

/* ---- p2p_watch.c ---- */
bool p2p_watch_start(struct p2p *p, struct event_base *base); /* false: logged */
void p2p_watch_stop(struct p2p *p);
void p2p_network_changed(void *ctx, const char *what); /* struct netwatch_hooks */

/* ---- p2p_peers.c ---- */
void p2p_accepted(void *ctx, int fd, const struct netaddr *from); /* struct listener_owner */
extern const struct conn_hooks p2p_conn_hooks;
void p2p_peer_ready(struct peer *e); /* from peer.c */
/* ERR_OK: the end of the peer will tell; else the dial has failed at once. */
enum err p2p_dial(struct p2p *p, const struct netaddr *to, bool configured);
/* For p2p_stats.last_dial_error; both texts are copied. */
void p2p_note_dial_error(struct p2p *p, const char *to, const char *what);
/* Closes every connection with that host, whatever the port. */
void p2p_close_host(struct p2p *p, const struct netaddr *a, enum close_reason why);

/* ---- p2p_book.c: bans, addresses, exchange and dialling, wired together ---- */
void p2p_book_init(struct p2p *p, const struct p2p_settings *s); /* the tables alone */
bool p2p_book_open(struct p2p *p, const struct p2p_settings *s);
void p2p_book_quiesce(struct p2p *p); /* no more dials */
/* A warning when it cannot be; false when there is no memory for it. */
bool p2p_add_configured(struct p2p *p, const char *peer);
void p2p_book_close(struct p2p *p);
/* Is it not dialled because of a ban? One of its host is no reason where it is configured, or
 * answered when it was dialled last: somebody else there has earned it. */
bool p2p_is_shut(struct p2p *p, const struct netaddr *a, bool configured);
/* Are addresses of use now: is there a place for a connection, and do few wait (protocol.md 5.8)?
 */
bool p2p_wants_addresses(struct p2p *p);
/* Fills m->peers with up to PEERS_SENT_MAX texts kept in `text`; takes what a list brings (5.8). */
void p2p_pick_peers(struct peer *e, struct message *m, char text[PEERS_SENT_MAX][NETADDR_TEXT_MAX]);
void p2p_take_peers(struct peer *e, const struct message *m);
void p2p_dial_succeeded(struct peer *e);
void p2p_met(struct peer *e);        /* it is ready */
void p2p_parted(struct peer *e);     /* it was, and is gone */
void p2p_dial_ended(struct peer *e); /* an outbound connection is over, ready or not */

/* Bans the host; `seconds` 0 = ban_time. `what` is logged. Connections are left as they are: each
 * stands for what it does itself. */
void p2p_ban_addr(struct p2p *p, const struct netaddr *a, uint64_t seconds, enum ban_scope scope,
	const char *what);

#endif
