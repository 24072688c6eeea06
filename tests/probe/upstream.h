/* The name server that the DNS server of a station asks, by UDP, TCP, TLS and HTTPS. */
#ifndef TESTS_PROBE_UPSTREAM_H
#define TESTS_PROBE_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "net/addr.h"

enum upstream_way {
	UPSTREAM_ANSWERS,
	UPSTREAM_SILENT,
	UPSTREAM_FAILS,   /* SERVFAIL */
	UPSTREAM_REFUSES, /* REFUSED */
	UPSTREAM_LIES,    /* another id, another question, or the end is cut off, in turn */
	UPSTREAM_FOREIGN, /* a record of the name above, which nobody asked for */
	UPSTREAM_STATUS,  /* by HTTPS: 503 */
	UPSTREAM_LEAVES,  /* by HTTPS: GOAWAY for each question */
	UPSTREAM_WAYS
};

/* How its answers come. */
enum upstream_carrier {
	UPSTREAM_UDP,
	UPSTREAM_TCP, /* by UDP it says that the answer is cut */
	UPSTREAM_TLS,
	UPSTREAM_HTTPS,
	UPSTREAM_CARRIERS
};

struct event_base;
struct tls_rig;

/* At 127.0.0.1, answering; *at is where. There is one of it. */
void upstream_open(struct event_base *base, struct netaddr *at);
void upstream_close(void);

/* How dns.forwarders names it, as a text of TOML. */
void upstream_text(enum upstream_carrier c, char to[64]);

/* The file of the authority that vouches for it. */
const char *upstream_ca_file(void);

/* What it does from now on. */
void upstream_does(enum upstream_way way, enum upstream_carrier c);

/* Answers the last question, which it left without an answer. */
void upstream_answer_now(void);

size_t upstream_asked(enum upstream_carrier c); /* questions that came this way */
size_t upstream_connections(void);              /* that are open */

/* The part of it by HTTPS: tests/probe/upstream_https.c. The others use these. */
void upstream_https_open(
	struct event_base *base, const struct tls_rig *authority, struct netaddr *at);
void upstream_https_close(void);
void upstream_https_does(enum upstream_way way);
size_t upstream_https_asked(void);
size_t upstream_https_connections(void);

#endif
