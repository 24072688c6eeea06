/* A client of DNS by TCP, and the table of them. For dns/tcp_listener.c and dns/tcp_client.c. */
#ifndef DNS_TCP_INTERNAL_H
#define DNS_TCP_INTERNAL_H

#include "dns/tcp_listener.h"

struct bufferevent;
struct event;
struct listener;

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
	bool last;        /* no further question is read; closed when all is answered and sent */
	size_t unsent;    /* bytes of answers, counted by dns_tcp_send_total_bytes */
	uint8_t host[16]; /* what dns_tcp_per_address counts */
};

struct dns_tcp_listener {
	struct dns_tcp_listener_owner owner;
	struct event_base *base;
	struct listener *listener;
	struct dns_tcp_client *first;
	uint64_t numbers; /* given so far */
};

/* Takes the socket, and the place that was taken of dns_tcp_clients. NULL when memory ran out: the
 * socket is closed and the place given back. */
struct dns_tcp_client *dns_tcp_client_new(
	struct dns_tcp_listener *t, int fd, const struct netaddr *from, const uint8_t host[16]);

/* Closes the connection and takes the client out of the table. */
void dns_tcp_client_free(struct dns_tcp_client *c);

/* Sends an answer (a slice of 0 bytes: none), and goes on reading. Frees a client that is done. */
void dns_tcp_client_end(struct dns_tcp_client *c, struct slice answer);

/* Sets the deadline for the state that the client is in. */
void dns_tcp_client_arm(struct dns_tcp_client *c);

/* Milliseconds that an idle client may stay: the row, less when half of the places are taken. */
uint64_t dns_tcp_idle_ms(const struct dns_tcp_listener *t);

#endif
