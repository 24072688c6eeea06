/* A client of DNS by TCP, and the table of them. For dns/tcp_listener.c, dns/tcp_client.c and
 * dns/tcp_buffers.c. */
#ifndef DNS_TCP_INTERNAL_H
#define DNS_TCP_INTERNAL_H

#include "dns/tcp_listener.h"

struct event;
struct listener;

enum {
	DNS_TCP_LENGTH = 2,  /* bytes before each message */
	DNS_TCP_SHORT = 512, /* bytes of a question that each client has room for */
	DNS_TCP_LONG = 16,   /* clients that have room for a longer one at the same time */
};

/* What the client's deadline is for. */
enum dns_tcp_state {
	DNS_TCP_IDLE,
	DNS_TCP_ASKING,  /* part of a question is here */
	DNS_TCP_WAITING, /* for answers: the questions have deadlines of their own */
	DNS_TCP_WRITING, /* answers wait for the client to read */
	DNS_TCP_CLOSING, /* for the client to close its side: what it sends is not looked at */
};

/* What came from a client and was not handed over so far. */
struct dns_tcp_input {
	size_t size;  /* bytes that are here */
	size_t room;  /* bytes of the buffer in use */
	uint8_t *big; /* owned; NULL = `small` is in use */
	uint8_t small[DNS_TCP_LENGTH + DNS_TCP_SHORT];
};

/* An answer that waits for the client to read, with its length before it. */
struct dns_tcp_unsent {
	struct dns_tcp_unsent *next;
	size_t size, sent;
	uint8_t bytes[];
};

struct dns_tcp_client {
	struct dns_tcp_client *next;
	struct dns_tcp_listener *tcp;
	int fd;
	struct event *readable, *writable;
	struct event *deadline; /* of the state that the client is in */
	struct dns_tcp_input in;
	struct dns_tcp_unsent *first, **last_place; /* owned; the oldest first */
	uint64_t number;                            /* struct dns_client.number */
	struct netaddr from;
	uint32_t waiting; /* questions without an answer so far */
	uint32_t asked;   /* questions */
	bool reading;     /* questions are being handed over: do not free */
	bool begun;       /* part of a question is here */
	enum dns_tcp_state state;
	uint64_t since_ms; /* monotonic: since when it is in this state, without progress */
	size_t taken;      /* bytes that the kernel took since then */
	bool blocked;      /* no room for answers: the next question waits in the input */
	bool starved;      /* no room for a long question: its rest is not read */
	bool last;         /* no further question is read; closed when all is answered and sent */
	bool ended;        /* the client has closed its side */
	bool closing;      /* and we ours */
	size_t unsent;     /* what answers hold, counted by dns_tcp_send_total_bytes */
	uint8_t host[16];  /* what dns_tcp_per_address counts */
};

struct dns_tcp_listener {
	struct dns_tcp_listener_owner owner;
	struct event_base *base;
	struct listener *listener;
	struct dns_tcp_client *first;
	struct event *resume; /* reads from those that paused because of all the others */
	bool paused;          /* there are some, for want of room for answers */
	bool starved;         /* there are some, for want of room for a long question */
	unsigned long_used;   /* of DNS_TCP_LONG */
	uint64_t numbers;     /* given so far */
};

/* Takes the socket, and the place that was taken of dns_tcp_clients. NULL when memory ran out: the
 * socket is closed and the place given back. */
struct dns_tcp_client *dns_tcp_client_new(
	struct dns_tcp_listener *t, int fd, const struct netaddr *from, const uint8_t host[16]);

/* Closes the connection and takes the client out of the table. */
void dns_tcp_client_free(struct dns_tcp_client *c);

/* Sends an answer (a slice of 0 bytes: none), and goes on reading. Frees a client that is done. */
void dns_tcp_client_end(struct dns_tcp_client *c, struct slice answer);

/* Sets the deadline for the state that the client is in. What a client sends does not move it,
 * unless the state changes with it. */
void dns_tcp_client_arm(struct dns_tcp_client *c);

/* Goes on with a client that has paused. Frees one that is done. */
void dns_tcp_client_read_on(struct dns_tcp_client *c);

/* Gives bytes of answers back. */
void dns_tcp_give_bytes(struct dns_tcp_listener *t, size_t n);

/* ---- dns/tcp_buffers.c ---- */

/* What an answer of n bytes holds while it is unsent, the allocator's part included. */
size_t dns_tcp_cost(size_t n);

/* The bytes of the input; in->size of them count. */
const uint8_t *dns_tcp_bytes(const struct dns_tcp_client *c);

/* Reads what fits. > 0: bytes; 0: the client has closed its side; -1: nothing is there now, and -2:
 * the connection is broken. */
int dns_tcp_receive(struct dns_tcp_client *c);

/* Makes the input as large as a question of `most` bytes needs. False when there is no room for
 * another long one now, or no memory. */
bool dns_tcp_enlarge(struct dns_tcp_client *c, size_t most);

/* Takes n bytes off the front of the input. A large buffer goes when a small one does. */
void dns_tcp_drain(struct dns_tcp_client *c, size_t n);

/* Adds an answer to those that wait, whose room was taken. False when memory ran out. */
bool dns_tcp_add(struct dns_tcp_client *c, struct slice answer);

/* Sends what the kernel takes now; the rest stays. False when the connection is broken. */
bool dns_tcp_flush(struct dns_tcp_client *c);

/* Frees both, and gives back what was counted. */
void dns_tcp_buffers_free(struct dns_tcp_client *c);

/* Milliseconds that an idle client may stay: the row, less when half of the places are taken. */
uint64_t dns_tcp_idle_ms(const struct dns_tcp_listener *t);

#endif
