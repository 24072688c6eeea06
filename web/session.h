/* The sessions of those who logged in: a bounded table. What the browser has is random and stands
 * here only as a digest, so that nobody who reads the table has a session. Pure: time and
 * randomness come from the caller. For the loop's thread. */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"
#include "config/limits.h"

enum { SESSION_TEXT_MAX = 64 + 1 }; /* 32 bytes in hex */

struct session;

struct sessions {
	struct bound *places;                  /* limits.web_sessions; borrowed */
	const struct bound *idle_ms, *life_ms; /* limits.web_session_idle and _life; borrowed */
	const struct clock *clock;             /* borrowed */
	const struct rng *rng;                 /* borrowed; of secrets */
	struct session *first;                 /* the one that was used last comes first; owned */
};

/* Makes an empty table without memory. All pointers must outlive it. */
void sessions_init(struct sessions *all, struct limits *limits, const struct clock *clock,
	const struct rng *rng);

/* Begins a session; without a place the one that was not used for longest ends. `cookie` gets what
 * the browser keeps. ERR_NOMEM. */
enum err sessions_begin(struct sessions *all, char cookie[SESSION_TEXT_MAX]);

/* True when there is a session of this cookie, which counts as used now; its time is not over then.
 * `token` gets what its forms carry. */
bool sessions_use(struct sessions *all, const char *cookie, char token[SESSION_TEXT_MAX]);

/* True while the session with this token lives, which does not count as used by that. */
bool sessions_have(const struct sessions *all, const char *token);

/* Ends the session of this cookie, if there is one; ends all. */
void sessions_end(struct sessions *all, const char *cookie);
void sessions_end_all(struct sessions *all);

/* How many there are. Ends those whose time is over. */
size_t sessions_count(struct sessions *all);

#endif
