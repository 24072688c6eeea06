/* A client of DNS by TCP, and the table of them. For dns/tcp_listener.c and dns/tcp_client.c. */
#ifndef DNS_TCP_INTERNAL_H
#define DNS_TCP_INTERNAL_H

#include "dns/tcp_listener.h"

struct bufferevent;
struct event;
struct listener;

/* What the client's deadline is for. */
enum dns_tcp_state {
	DNS_TCP_IDLE,
	DNS_TCP_ASKING,  /* part of a question is here */
	DNS_TCP_WAITING, /* for answers: the questions have deadlines of their own */
	DNS_TCP_WRITING, /* answers wait for the client to read */
	DNS_TCP_CLOSING, /* for the client to close its side: what it sends is not looked at */
};

struct dns_tcp_client {
	struct dns_tcp_client *next;
	struct dns_tcp_listener *tcp;
	struct bufferevent *io;
	struct event *deadline; /* of the state that the client is in */
	uint64_t number;        /* struct dns_client.number */
	struct netaddr from;
	uint32_t waiting; /* questions without an answer so far */
	uint32_t asked;   /* questions */
	bool reading;     /* questions are being handed over: do not free */
	bool begun;       /* part of a question is here */
	enum dns_tcp_state state;
	uint64_t since_ms; /* monotonic: since when it is in this state, without progress */
	size_t taken;      /* bytes that the kernel took since then */
	bool blocked;      /* no room for answers: the next question waits in the input */
	bool last;         /* no further question is read; closed when all is answered and sent */
	bool ended;        /* the client has closed its side */
	bool closing;      /* and we ours */
	size_t unsent;     /* bytes of answers, counted by dns_tcp_send_total_bytes */
	uint8_t host[16];  /* what dns_tcp_per_address counts */
};

struct dns_tcp_listener {
	struct dns_tcp_listener_owner owner;
	struct event_base *base;
	struct listener *listener;
	struct dns_tcp_client *first;
	struct event *resume; /* reads from those that paused because of all the others */
	bool paused;          /* there are some */
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

/* Milliseconds that an idle client may stay: the row, less when half of the places are taken. */
uint64_t dns_tcp_idle_ms(const struct dns_tcp_listener *t);

#endif
