/* The peer-to-peer side as the node sees it: peers by number, messages in and out, bans and
 * addresses. Nothing here knows what a block means; everything above is reached through
 * struct p2p_events.
 * A block's way: p2p/conn.c → frame.c → secure.c → wire.c → peer.c → (events.message) sync/sync.c
 */
#ifndef P2P_P2P_H
#define P2P_P2P_H

#include "base/clock.h"
#include "base/rng.h"
#include "config/limits.h"
#include "net/addr.h"
#include "p2p/line_life.h"
#include "p2p/types.h"
#include "p2p/wire.h"

struct event_base;
struct p2p;

/* What p2p_info() tells about one peer: a copy of the values of that moment. */
struct peer_info {
	peer_id id;
	struct netaddr addr;
	bool outbound, configured;
	bool ready;    /* the handshake is complete */
	bool own_kind; /* announces itself as alfisd: needs none of the 0.10 etiquette */
	bool is_public;
	char app_version[32];             /* printable, cut */
	uint64_t height;                  /* last claimed; a hint */
	uint64_t since_ms;                /* monotonic time of the connect */
	uint64_t last_in_ms, last_out_ms; /* monotonic time of the last frame */
	uint64_t bytes_in, bytes_out;
	/* Of the incomplete frame: the bytes that have arrived, and its whole size (0 = not known
	 * yet). And the size of the last complete frame. */
	size_t frame_here, frame_size, frame_last;
	uint64_t rtt_ms; /* smallest of recent Ping→answer and GetBlock→Block times; 0 unknown */
	size_t out_pending; /* bytes waiting to be written */
	/* Frames are answered in order, so when peers_received > the value that get_peers_sent had
	 * at some moment, everything that was sent before that moment was read. */
	uint64_t get_peers_sent, peers_received;
	struct line_life line;      /* the same for all peers */
	uint64_t unsolicited_waits; /* times that reading waited: limits.conn_unasked_bytes */
};

/* Events that the node is told of. */
struct p2p_events {
	/* Hand/Shake done: from now on messages arrive. */
	void (*ready)(void *ctx, peer_id id);
	/* Ping, Pong, GetBlock, Block, and Peers (only to tell that it came; its addresses have
	 * been handled). The message is valid during the call. The receiver must answer a Ping
	 * (Pong or GetBlock). */
	void (*message)(void *ctx, peer_id id, const struct message *m);
	/* The peer is gone (only for peers that were ready). */
	void (*gone)(void *ctx, peer_id id, enum close_reason why);
	/* A message was refused with SEND_FULL, and now more can be sent. */
	void (*drained)(void *ctx, peer_id id);
	/* Our tip, for Shake and pings: the height, and hash (32 bytes) when height > 0. */
	uint64_t (*tip)(void *ctx, uint8_t hash[32]);
	/* The machine has slept, or has other addresses or links. NULL = nobody is told. */
	void (*network_changed)(void *ctx);
	void *ctx;
};

/* Borrowed for as long as the p2p lives: base, clock, rng, limits. The texts are read by the call
 * that gets them. */
struct p2p_settings {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits;
	const char *const *listen; /* "address:port"; empty list = do not listen */
	size_t listen_count;
	bool listen_may_fail;     /* run without it then, and try every minute */
	const char *const *peers; /* configured: "host:port" */
	size_t peer_count;
	const char *bind;      /* source address of outgoing connections, "" = any */
	const char *advertise; /* "" or an address of ours that peer exchange must not give back */
	bool is_public, yggdrasil_only;
	bool allow_local; /* private networks: loopback and private addresses may be learned */
	char origin[65];  /* upper-case hex */
	struct p2p_events events;
};

/* Creates the tables, without opening a socket. Saved bans and addresses can be loaded then. NULL
 * with a logged line when memory runs out or net.bind is no address. */
struct p2p *p2p_create(const struct p2p_settings *s);

/* Opens the listeners and begins to dial; events come from now on, from the loop. False with a
 * logged line when a listener cannot be had or memory runs out; p2p_free() is owed all the same. */
bool p2p_open(struct p2p *p, const struct p2p_settings *s);

/* Stop, first half: listeners closed, dials and look-ups cancelled, every connection marked and
 * flushed. p2p_connections() falls to 0 within the loop's next turns, at the latest after the drain
 * time that the caller gives by calling p2p_abort(). */
void p2p_quiesce(struct p2p *p);
void p2p_abort(struct p2p *p);               /* closes connections that are still flushing */
size_t p2p_connections(const struct p2p *p); /* of any phase, freed ones not counted */

/* Writes up to `max` addresses that we listen on, with the ports that the system chose; returns how
 * many. */
size_t p2p_listening(const struct p2p *p, struct netaddr *to, size_t max);

/* Why it does not listen although it should; "" when it does. Borrowed until the next event. */
const char *p2p_not_listening(const struct p2p *p);

/* Stop, second half: closes and frees all connections, flushed or not. The last events are called
 * from here, so their receiver must still exist. Harmless when it was done already. */
void p2p_disconnect(struct p2p *p);

/* Frees the rest; disconnects first where that was not done. Returns the number of connections that
 * were freed over the whole life. */
uint64_t p2p_free(struct p2p *p);

/* Encodes and queues the message, whose slices are read now and not kept. */
enum send_result p2p_send(struct p2p *p, peer_id id, const struct message *m);

/* Milliseconds to wait before a frame that demands an answer may follow our last one that demands
 * none (protocol.md 5.14 b, d: 10 ms towards release 0.10, else 0). */
uint64_t p2p_send_delay_ms(struct p2p *p, peer_id id);

/* Marks the connection; events.gone follows before the end of the loop's turn. */
void p2p_close(struct p2p *p, peer_id id, enum close_reason why);

/* The peer broke a rule: closes it and bans its host for `seconds` (0 = limits.ban_time). A
 * configured peer is not banned, but waits longer after each fault before it is dialled again.
 * Other peers of the same host keep their connections; if the peer had dialled us, its host can
 * still be dialled. `what` is logged. */
void p2p_ban_peer(struct p2p *p, peer_id id, uint64_t seconds, const char *what);

/* False when the peer is gone; *out is left as it is then. */
bool p2p_info(struct p2p *p, peer_id id, struct peer_info *out);

/* Facts that the node has learned about a peer, for peer_info and for eviction: the height that it
 * claimed last, and how long one request took, in milliseconds. Harmless when the peer is gone. */
void p2p_set_height(struct p2p *p, peer_id id, uint64_t height);
void p2p_note_rtt(struct p2p *p, peer_id id, uint64_t ms);

/* The ids of all peers (ready ones only, or all connections), up to `max`; returns how many. */
size_t p2p_list(struct p2p *p, bool ready_only, peer_id *ids, size_t max);

/* A block of this peer was good: a reason to keep it and its address. */
void p2p_credit(struct p2p *p, peer_id id);

/* Commands of the operator. `text` is an address as netaddr_parse_loose() reads it, for bans also
 * an IPv6 /64 in the form in which they are listed, for peers also "host:port". `seconds` 0 =
 * limits.ban_time. ERR_MALFORMED; ERR_NOT_FOUND from p2p_unban() and p2p_peer_remove(); from adding
 * also ERR_EXISTS, ERR_FULL, ERR_NOMEM. */
enum err p2p_ban(struct p2p *p, const char *text, uint64_t seconds);
enum err p2p_unban(struct p2p *p, const char *text);
enum err p2p_peer_add(struct p2p *p, const char *text);
enum err p2p_peer_add_once(struct p2p *p, const char *text); /* for one connection */
enum err p2p_peer_remove(struct p2p *p, const char *text);

/* ---- p2p_list.c: what the operator may see; texts are borrowed until the next event ---- */

struct p2p_ban {
	struct netaddr host; /* port 0; of IPv6 the first 64 bits */
	int64_t until;       /* wall time, seconds */
	uint64_t left;       /* seconds */
	const char *why;
};

/* Walks the bans: start with *at = 0; false at the end. */
bool p2p_ban_next(struct p2p *p, size_t *at, struct p2p_ban *out);

struct p2p_configured {
	const char *text;  /* as it was given */
	const char *state; /* "connected", "dialling", "resolving", "waiting" */
	const char *error; /* of the last attempt, "" = none since it was connected */
	uint64_t wait_ms;  /* until the next attempt, when it waits */
	uint32_t failures; /* since it was connected */
	peer_id id;        /* 0 = not connected */
};

/* The i-th configured peer, from 0; false when there are no more. */
bool p2p_configured(struct p2p *p, size_t i, struct p2p_configured *out);

struct p2p_known {
	struct netaddr addr;
	const char
		*state; /* "connected", "banned", "tried": it answered once, "new": only heard of */
	int64_t last_seen, last_try, last_success; /* wall time, seconds; 0 = never */
	uint64_t rest;                             /* seconds until it may be dialled again */
	unsigned failures;
};

/* Walks the address book: start with *at = 0; false at the end. */
bool p2p_known_next(struct p2p *p, size_t *at, struct p2p_known *out);

/* Applies changed settings. `old` is the current ones; base, clock, rng, limits, origin and events
 * stay as they are. Removed peers are closed, added ones are dialled. False, with nothing changed,
 * when an address cannot be listened on or is malformed; p2p_why() says why. */
bool p2p_reload(struct p2p *p, const struct p2p_settings *old, const struct p2p_settings *fresh);
const char *p2p_why(
	const struct p2p *p); /* why the last one was refused; borrowed until the next */

/* Call after limits were changed: closes connections beyond them, the youngest first. Other
 * containers shrink as their entries leave. */
void p2p_refit(struct p2p *p);

/* Kept over restarts: the node stores these bytes and gives them back. Encodings are versioned and
 * checked like untrusted input. */

/* The clock of both lists (p2p/kept_time.h). Save and load it before them; `least` is a time, in
 * seconds since 1970, that has certainly passed. When all is loaded call p2p_follow_clock(). */
void p2p_save_time(struct p2p *p, int64_t least, struct wr *w);
bool p2p_load_time(struct p2p *p, int64_t least, struct slice bytes);
void p2p_follow_clock(struct p2p *p);

/* Save or load the address book and the bans. A save needs p2p_book_bound() bytes of room, else the
 * writer's error is set. A load returns false, and takes nothing, unless the bytes could come from
 * a save. The book notes which peers are connected: those are dialled first after a restart. */
void p2p_save_book(struct p2p *p, struct wr *w);
void p2p_save_bans(struct p2p *p, struct wr *w);
bool p2p_load_book(struct p2p *p, struct slice bytes);
bool p2p_load_bans(struct p2p *p, struct slice bytes);
size_t p2p_book_bound(const struct p2p *p); /* bytes that suffice for either */

/* Grows with each change that is worth saving before the orderly end: of bans, and of which peers
 * are connected. New addresses do not count. */
uint64_t p2p_kept_changes(const struct p2p *p);

/* Counters and one-line facts for status. */
struct p2p_stats {
	uint64_t accepted, dialled, dial_failures, closed[CLOSE_REASONS];
	uint64_t frames_in, frames_out, bytes_in, bytes_out;
	uint64_t messages_in[MSG_COUNT], messages_out[MSG_COUNT];
	size_t inbound, outbound, half_open, ready;
	size_t book, addrbook_tried, new_peers, bans;
	char last_dial_error[160]; /* "" = none; with the address */
};
void p2p_stats(struct p2p *p, struct p2p_stats *out); /* a copy */

#endif
