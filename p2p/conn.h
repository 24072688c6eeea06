/* One connection: its socket, bytes, phase and deadlines; and the pool of all connections. The only
 * user of libevent's bufferevents. Any code may mark a connection for closing; only the pool's
 * reaper frees it.
 * A block's way: the kernel → here → p2p/key_exchange.c (once), p2p/peer.c (frames). */
#ifndef P2P_CONN_H
#define P2P_CONN_H

#include "base/clock.h"
#include "config/limits.h"
#include "net/addr.h"
#include "p2p/line_life.h"
#include "p2p/types.h"

struct bufferevent;
struct event;
struct evbuffer_cb_entry;

enum phase {
	PHASE_CONNECTING, /* outbound: the kernel tries */
	PHASE_HELLO,      /* keys are being exchanged */
	PHASE_HANDSHAKE,  /* frames flow, Hand and Shake are awaited */
	PHASE_READY,
	PHASE_FLUSHING, /* input is discarded, what was sent is still delivered */
	PHASE_CLOSING,  /* marked for closing: the reaper frees it at the end of the loop's turn */
};
const char *phase_name(enum phase p); /* a word for the log, a constant */

/* What a reader wants after it has read what it could. */
enum step {
	STEP_WAIT,  /* more bytes */
	STEP_AGAIN, /* it has more to read, after other connections had their turn */
};

struct conn {
	struct conn_pool *pool;
	struct conn *next, **link;         /* the pool's list; *link points here */
	struct conn *next_closing;         /* list of the marked ones */
	struct bufferevent *bev;           /* owns the socket and both buffers */
	struct evbuffer_cb_entry *account; /* keeps the sum of all output */
	struct event *timer;               /* the only one; armed for the earliest deadline */
	peer_id id;
	struct netaddr addr; /* of the other side */
	bool outbound;
	bool want_drain; /* a write was refused: drained() will be called */
	enum phase phase;
	enum close_reason why; /* CLOSE_NONE while it lives */
	int error;             /* errno of a failed socket, 0 = none */

	/* monotonic milliseconds; 0 = not set */
	uint64_t since; /* accepted or dialled */
	uint64_t armed; /* when the timer fires */
	uint64_t phase_since, phase_deadline;
	uint64_t frame_since; /* the first byte of the unfinished frame */
	uint64_t last_read;   /* bytes last arrived */
	uint64_t write_since; /* output last shrank, or began */
	uint64_t last_write;  /* bytes last went to the kernel */
	uint64_t resume;      /* reading pauses until then; 0 = it does not */
	uint64_t alarm;       /* when the owner wants to be called */

	uint64_t bytes_in, bytes_out;
	size_t unread;     /* arrived and was never taken, when it ended */
	size_t frame_size; /* of the unfinished frame, as its reader told; 0 = unknown */
};

/* Called by the connection; implemented by the owner of connections. A hook may mark any
 * connection, also its own. */
struct conn_hooks {
	void (*connected)(struct conn *c); /* outbound only */
	enum step (*readable)(struct conn *c);
	void (*drained)(struct conn *c);
	void (*alarm)(struct conn *c);   /* c->alarm has come; it is cleared before */
	void (*marked)(struct conn *c);  /* it was marked: remove it from look-ups and counts */
	void (*release)(struct conn *c); /* from the reaper: last words, then free the memory */
};

struct conn_pool {
	struct event_base *base;
	const struct clock *clock;
	struct limits *limits;
	const struct conn_hooks *hooks;
	struct conn *all;     /* newest first; marked ones stay until they are freed */
	struct conn *closing; /* marked ones */
	struct event *reaper; /* activated by the first mark of a turn */
	size_t count;         /* of all */
	uint64_t freed;
	uint64_t bytes_in, bytes_out, closed[CLOSE_REASONS];
	struct line_life line; /* of those that are ready */
	bool starved;          /* a write was refused because of send_total_bytes */
};

/* Into a struct whose base, clock, limits and hooks are set (all borrowed). False: out of memory.
 */
bool conn_pool_init(struct conn_pool *p);

/* Closes and frees every connection at once; not to be called from a hook. */
void conn_pool_fini(struct conn_pool *p);

/* Marks every live connection; flushed ones go when they have been delivered. */
void conn_pool_close(struct conn_pool *p, enum close_reason why, bool flush);

/* Both open a connection in the zeroed struct `c`, whose id and addr are set. The struct is the
 * owner's; release() gives it back. On failure nothing is left behind, the socket is closed and
 * errno is set. conn_accept() owns the socket in any case; `bind` is the address to dial from, NULL
 * = any. */
bool conn_accept(struct conn_pool *p, struct conn *c, int fd);
bool conn_dial(struct conn_pool *p, struct conn *c, const struct netaddr *bind);

/* The local address of the connection; false when the kernel does not tell it. */
bool conn_local(const struct conn *c, struct netaddr *out);

/* Phases only go forward; sets the deadline of the new one, a row of limits.def. */
void conn_set_phase(struct conn *c, enum phase p);

/* Calls hooks->alarm at that monotonic time, or as soon as the loop comes to it; 0 = never. One
 * alarm a connection: the last call counts. */
void conn_set_alarm(struct conn *c, uint64_t mono_ms);

/* Bytes that have arrived; peeking copies the first n of them, taking also removes them and ends
 * the frame's deadline. Both need n ≤ conn_input(). */
size_t conn_input(const struct conn *c);
void conn_peek(const struct conn *c, void *to, size_t n);
void conn_take(struct conn *c, void *to, size_t n);

/* From hooks->readable: nothing is read for so many milliseconds, and the reader is called then. */
void conn_pause(struct conn *c, uint64_t ms);

/* Queues a copy of the bytes as one piece, or nothing. SEND_FULL: an output bound is reached, and
 * drained() will be called. SEND_GONE: it is marked, or memory ran out and it is marked now. */
enum send_result conn_write(struct conn *c, const void *bytes, size_t n);
size_t conn_output(const struct conn *c); /* bytes not yet taken by the kernel */

/* Marks the connection; the first reason wins. Harmless when it is marked already. Callers use
 * conn_close(), which adds the place in the code for the log. */
#define conn_close(c, why) conn_close_at(c, why, __FILE__, __LINE__)
void conn_close_at(struct conn *c, enum close_reason why, const char *file, int line);

/* Orderly: delivers the output first (flush_timeout at most) and does not send FIN directly behind
 * the last message (protocol.md 5.4: unread data is dropped at a close). */
void conn_finish(struct conn *c, enum close_reason why);

/* True until the connection is flushing or marked for closing. */
static inline bool conn_alive(const struct conn *c)
{
	return c->phase < PHASE_FLUSHING;
}

#endif
