/* A whole node in the loop of a test: store, engines, peers, admin socket and resolver as in
 * node/node.c, under a clock that can be put forward, beside peers that misbehave by hand. What it
 * holds can be read and compared. */
#ifndef TESTS_PROBE_STATION_H
#define TESTS_PROBE_STATION_H

#include "http/server.h"
#include "net/resolver.h"
#include "node/node.h"
#include "p2p/p2p_internal.h"
#include "tests/unit/p2p_rig.h"

struct station {
	struct rig r; /* the loop; its sides are unused */
	struct node n;
	struct config config;
	struct clock clock;
	uint64_t ahead_ms; /* of the system's clock */
	struct netaddr at; /* where the node listens */
	unsigned work;     /* the number of the work in progress */
	char folder[64];
	void (*finish)(struct station *s); /* ends what a work keeps until then; NULL = nothing */
};

/* The node, started with these further settings ("limits.max_bans=16", NULL at the end). */
void station_begin(struct station *s, const char *const *sets);
void station_end(struct station *s); /* stops it, and asserts that nothing is left */

/* Puts the clock forward. Deadlines of connections in progress come with it. */
void station_later(struct station *s, uint64_t ms);

/* Lets the minute go by in which bans and addresses expire. */
void station_expire(struct station *s);

/* Turns of the loop until no connection, dial, look-up or admin client is left. */
void station_settle(struct station *s);

/* What is held at this moment, apart from the high-water marks of tables. */
struct held {
	size_t bytes, blocks, files;
	uint64_t rows; /* what all bounds count together, but for those that grow with the chain */
};
struct held station_held(struct station *s);
void station_say_rows(struct station *s); /* the bounds that count something, on one line */

/* ---- peers by hand ---- */

/* An address of 127/8 for the i-th client, none of those that the tests listen on. */
const char *station_source(uint64_t i, char to[INET_ADDRSTRLEN]);

/* A listening socket of loopback; *at is where. */
int station_listen(struct netaddr *at);
bool station_take(int listener, struct raw *w); /* false: nobody has come */
/* Waits for the node's connection there, and exchanges hellos as the called side. */
void station_accept(struct station *s, int listener, struct raw *w);
void station_take_client_hello(struct station *s, struct raw *w);

/* ---- a name server ---- */

enum name_answer { NAME_FOUND, NAME_ABSENT, NAME_GARBAGE, NAME_SILENCE };

struct name_server {
	int fd;
	struct event *on_query;
	enum name_answer answer;
	char at[32]; /* "address:port" */
};
void name_server_open(struct name_server *d, struct event_base *base);
void name_server_close(struct name_server *d);

/* ---- the admin socket ---- */

int admin_connect(struct station *s);
/* Sends the request and reads until the node closes; the status of the answer, 0 = none. */
int admin_ask(struct station *s, const char *request);

#endif
