/* Whose turn it is to try a password. One is tried at a time, so that attempts wait; each network
 * is slowed by its own failures alone, and no flood takes the place of who has logged in before
 * (docs/security.md). Pure: time comes from the caller. For the loop's thread. */
#ifndef WEB_LOGIN_QUEUE_H
#define WEB_LOGIN_QUEUE_H

#include "base/clock.h"
#include "base/map.h"
#include "config/limits.h"
#include "net/addr.h"

enum { LOGIN_PASSWORD_MAX = 256, LOGIN_NETWORK_SIZE = 8 };

struct login_attempt {
	struct login_attempt *next;
	uint64_t call; /* number of the request */
	uint8_t network[LOGIN_NETWORK_SIZE];
	char password[LOGIN_PASSWORD_MAX];
};

struct login_queue {
	struct bound *places;        /* limits.web_logins; borrowed */
	struct map networks;         /* limits.web_login_networks */
	const struct clock *clock;   /* borrowed */
	struct login_attempt *first; /* in the order in which they came; owned */
	unsigned turns;
};

/* Makes an empty queue without memory. All pointers must outlive it. `seed` is random. */
void login_queue_init(
	struct login_queue *q, struct limits *limits, const struct clock *clock, uint64_t seed);
void login_queue_free(struct login_queue *q);

/* Lets an attempt of this client wait. False when it has no place: it is to be answered with 429.
 * *gave_way: the number of the request that lost its place to it, which is to be answered so, too;
 * 0 = none did. `password` is shorter than LOGIN_PASSWORD_MAX. */
bool login_queue_add(struct login_queue *q, const struct netaddr *from, uint64_t call,
	const char *password, uint64_t *gave_way);

/* True when somebody logged in from this network since the start, or it is this machine's own. */
bool login_queue_knows(const struct login_queue *q, const struct netaddr *from);

/* Takes out the attempt whose turn it is. NULL when none may be tried now: *wait_ms is then the
 * time until one may, UINT64_MAX = none waits. The caller gives it back with login_queue_done(). */
struct login_attempt *login_queue_next(struct login_queue *q, uint64_t *wait_ms);

/* Notes what became of it, and frees it. */
void login_queue_done(struct login_queue *q, struct login_attempt *a, bool right);

#endif
