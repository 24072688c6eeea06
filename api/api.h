/* All that the HTTP routes need of the node, as one struct: what they read, and hooks for what they
 * change. So api/ needs not include node/, and can be tested without one: the node fills it
 * (node/node_api.c), a test fills one of its own. All pointers are borrowed and stay valid while
 * the struct is used. For the loop's thread only. */
#ifndef API_API_H
#define API_API_H

#include "base/clock.h"
#include "chain/chain.h"
#include "config/config.h"
#include "dns/server.h"
#include "owner/key_table.h"
#include "owner/keys_worker.h"
#include "owner/keys_state.h"
#include "owner/jobs.h"
#include "owner/sign_warn.h"
#include "sync/serve.h"
#include "sync/sync.h"
#include "sync/sync_stats.h"
#include "p2p/p2p.h"

struct events;
struct login;
struct web_events;
struct history;

/* The lag of the event loop: how late it calls a timer. */
struct api_lag {
	uint64_t samples;                /* how often the lag was measured */
	uint64_t p50_ms, p99_ms, max_ms; /* half, 99 of 100, all samples were at most this */
	uint64_t own_p99_ms;             /* as p99_ms, of what other programs have no part in */
};

/* What only the node itself knows, at this moment. */
struct api_state {
	bool stopping;
	const char *store_error; /* why the store failed, for the user; NULL = it works */
	struct api_lag lag;
};

/* The DNS server, at this moment. */
struct api_dns {
	const char *why; /* dns.listen is set and it does not run: why not; "" = else */
	const struct dns_figures *figures; /* NULL = it does not run; then the rest is 0 */
	double pace;                       /* questions a second */
	bool keeps_names;                  /* dns.page_names is set */
	bool current;                      /* the chain is up to date, as far as it was told */
	size_t forwarders, forwarders_up;
	size_t addresses;
	struct netaddr at[CONFIG_LIST_MAX]; /* where it listens */
};

#define KEYS_SOCKET "keys.sock" /* of the key process, in node.data_dir */

/* hooks.secret() is answered within that: the key process lets the next passphrase after wrong ones
 * wait for up to a minute. */
enum { API_SECRET_WAIT_MS = 75000 };

/* The owner's keys, at this moment. */
struct api_keys {
	const char *why;                     /* why the key process does not run; "" = else */
	const struct keys_state *state;      /* NULL = there was no key since the start */
	const struct key_table *table;       /* empty then */
	const char *folder;                  /* of their files; NULL then, and when they are away */
	bool away;                           /* they are on another machine (owner.signer) */
	const struct sign_warning *warnings; /* of signing; as many as the next says */
	unsigned warning_count;
	uint64_t vouched; /* blocks of ours up to this index are known to the owner, as `sign on
			     --after-restore` said; 0 = it did not */
	uint64_t names, names_expired;    /* of our keys, as they were within the last hour */
	int64_t next_expiry;              /* the nearest date of one; seconds, 0 = none */
	uint64_t foreign, foreign_newest; /* blocks by our keys that were not made here: how many,
					     and the index of the newest */
};

/* What became of a request that changes a key. */
struct api_said {
	int status;      /* of HTTP; 0 = the answer comes later, to the request of its number */
	char text[1200]; /* for the user */
};

/* What is done to a job, or to signing. */
enum api_job_change {
	API_JOB_CANCEL,
	API_JOB_PAUSE,
	API_JOB_RESUME,
	API_SIGN_ON,            /* this and the following are about signing */
	API_SIGN_AFTER_RESTORE, /* on, although the journal is older than blocks of our keys */
	API_SIGN_OFF,
	API_SIGN_STOP /* jobs_stop_signature(); ERR_NOT_FOUND: there is no such search */
};

/* Calls into the node; ctx is the first argument of each. */
struct api_hooks {
	/* Fills *out. Also updates those rows of config->limits whose numbers are counted in other
	 * places. */
	void (*state)(void *ctx, struct api_state *out);
	/* Fills *out. */
	void (*dns)(void *ctx, struct api_dns *out);
	/* dns_server_forwarders() (dns/server.h); 0 without a server. */
	size_t (*dns_forwarders)(void *ctx, struct dns_forwarder_told *to, size_t max);
	/* dns_server_asked() (dns/server.h); 0 without a server. */
	size_t (*dns_asked)(
		void *ctx, enum dns_asked_order order, struct dns_asked_told *to, size_t max);
	/* Asks the DNS server; its answer goes to the HTTP request of this number. ERR_NOT_FOUND:
	 * it does not run; ERR_FULL: it has too much to do. */
	enum err (*resolve)(void *ctx, uint64_t call, const struct dns_query *q, bool trace);
	/* Has it forget the answers for a name and all below it; NULL = all. The same errors. */
	enum err (*dns_flush)(void *ctx, const struct dns_name *name);
	/* sync_own_block() (sync/sync.h), with its errors; what becomes of the block goes to the
	 * HTTP request of this number. Takes it in every case. */
	enum err (*submit)(void *ctx, uint64_t call, struct block_owned **block);
	/* Fills *out. */
	void (*keys)(void *ctx, struct api_keys *out);
	/* Starts the key process unless it runs. False and a line in `said` when it cannot be. */
	bool (*keys_need)(void *ctx, char *said, size_t size);
	/* The new name is a good one. */
	struct api_said (*key_rename)(void *ctx, uint64_t call, const char *name, const char *to);
	struct api_said (*key_remove)(void *ctx, uint64_t call, const char *name);
	struct api_said (*key_lock)(void *ctx, uint64_t call, const char *name); /* "" = all */
	/* Has the key process do it, by a thread of its own: the loop waits for nothing. Status 0:
	 * the answer comes to the HTTP request `call`, within API_SECRET_WAIT_MS: 200 with `name`,
	 * `signing`, `encryption` and `owner` of the key (empty where there is none) and `count`,
	 * the keys that are open by it; else {"error": a line, "reason": keys_said_name()}. Copies
	 * the texts, and wipes its copies. The caller asks for webui.unlock. */
	struct api_said (*secret)(void *ctx, uint64_t call, const struct keys_order *o);
	/* Ends the search for a new key; false when none runs. */
	bool (*key_cancel)(void *ctx);
	/* Reads the sealed file of a key: nothing in it is secret without its passphrase. Else an
	 * error and a line in `why`: ERR_NOT_FOUND; ERR_REFUSED: it is no sealed file here. */
	enum err (*key_file)(void *ctx, const char *name, uint8_t bytes[KEY_FILE_MAX + 1],
		size_t *n, char why[KEY_WHY_SIZE]);
	/* The active key of /api: the one that is kept as chosen; false when there is none. */
	bool (*key_chosen)(void *ctx, uint8_t signing[KEY_SIZE]);
	/* Keeps it, over restarts too. */
	enum err (*key_choose)(void *ctx, const uint8_t signing[KEY_SIZE]);
	/* The owner's work; NULL = there was no key since the start. */
	const struct jobs *(*jobs)(void *ctx);
	/* Candidates of the search that runs. */
	uint64_t (*job_hashes)(void *ctx);
	/* Its hashes a second, or those of the last one; 0 = not known. */
	double (*job_rate)(void *ctx);
	/* jobs_add() (owner/jobs.h); on an error one line in `said`. */
	enum err (*job_add)(
		void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size);
	/* jobs_cancel() and so on, with their errors. */
	enum err (*job_change)(void *ctx, uint64_t id, enum api_job_change change);
	/* Lists the names of the key of this name, "" = of all keys; the answer goes to the HTTP
	 * request of this number. ERR_NOT_FOUND, ERR_FULL, ERR_NOMEM. */
	enum err (*names)(void *ctx, uint64_t call, const char *key);
	/* The same as GET /api/domains tells it: sorted by name, with data. */
	enum err (*web_names)(void *ctx, uint64_t call, const char *key);
	/* Begins an orderly stop and returns at once. */
	void (*stop)(void *ctx);
	/* Reads the settings again. `said` gets one line: what has changed, or, with false, why
	 * nothing has. */
	bool (*reload)(void *ctx, char *said, size_t size);
	/* p2p_ban() and so on (p2p/p2p.h), with their errors; seconds 0 = limits.ban_time. */
	enum err (*ban)(void *ctx, const char *address, uint64_t seconds);
	enum err (*unban)(void *ctx, const char *address);
	enum err (*peer_add)(void *ctx, const char *address, bool once);
	enum err (*peer_remove)(void *ctx, const char *address);
	/* Has the owner a copy of the key with this signing key, as he said or as it was exported
	 * by a page? With `now` it is noted that he has. */
	bool (*key_saved)(void *ctx, const uint8_t signing[KEY_SIZE], bool now);
	void *ctx;
};

struct api {
	const char *version; /* of the program */
	const struct config *config;
	const struct chain_params *params;
	const struct clock *clock;
	uint64_t started_ms; /* monotonic */
	unsigned threads;    /* of the checkers */

	struct chain *chain; /* only read here; not const, because reading fills its caches */
	struct p2p *p2p;     /* only read here; not const, because a list drops expired entries */
	const struct sync *sync;
	const struct serve *serve;
	const struct history *history; /* figures over time; NULL = none */
	struct login *login;           /* of web/login.h; NULL = nobody can log in */
	struct events *events;         /* has the last lines of the log for the page */
	struct web_events *web;        /* the same in the form of /api; NULL = there is none */

	struct api_hooks hooks;
};

/* The state that hooks.state() gives. */
static inline struct api_state api_state(const struct api *a)
{
	struct api_state s = {0};

	a->hooks.state(a->hooks.ctx, &s);
	return s;
}

#endif
