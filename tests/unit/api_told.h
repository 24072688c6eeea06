/* struct api for tests: what its hooks give, and what they were called with. */
#ifndef TESTS_UNIT_API_TOLD_H
#define TESTS_UNIT_API_TOLD_H

#include <event2/event.h>
#include <string.h>

#include "api/events.h"
#include "api/routes.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/keys.h"
#include "dns/name.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"
#include "tests/unit/p2p_start.h"

/* Each block has its proof of work, which an emulated machine needs seconds for: a test that looks
 * at none of them says so before. */
#ifndef API_BLOCKS
#define API_BLOCKS 30
#endif

enum { API_BODY = 1 << 20 };

struct told {
	struct rig r;
	struct branch b; /* API_BLOCKS blocks; the node has none of them yet */
	struct config config;
	struct event_base *base;
	struct api api;

	/* What the hooks give, */
	struct api_state state;
	struct api_dns dns;
	struct api_keys keys;
	struct api_said said; /* to what is done to a key */
	struct jobs *jobs;    /* NULL = there was no key since the start */
	bool refuses;         /* the key process cannot be started */
	size_t forwarders;    /* how many of the next */
	struct dns_forwarder_told forwarder[2];
	size_t names; /* how many of each of the next */
	struct dns_asked_told name[2][2];
	enum err err;
	bool reloads;
	bool saved; /* the owner has a copy of his key */
	/* and what they were called with since the last request */
	const char *called; /* NULL = nothing */
	char address[1100];
	uint64_t seconds;
	bool once;
	uint16_t type;
	unsigned calls;
	uint64_t call_number;
	char passphrase[1100], old[1100], file[9000];
	uint8_t chosen[KEY_SIZE]; /* the active key; zeros = none */

	/* The last answer */
	int status;
	struct http_call call;
	struct wr answer;
	uint8_t body[API_BODY];
};

/* ---- hooks ---- */

static inline void note(struct told *t, const char *hook, const char *address)
{
	t->called = hook;
	t->calls++;
	snprintf(t->address, sizeof t->address, "%s", address);
}

static inline void told_state(void *ctx, struct api_state *out)
{
	*out = ((struct told *)ctx)->state;
}

static inline void told_dns(void *ctx, struct api_dns *out)
{
	*out = ((struct told *)ctx)->dns;
}

static inline size_t told_forwarders(void *ctx, struct dns_forwarder_told *to, size_t max)
{
	struct told *t = ctx;
	size_t n = t->forwarders < max ? t->forwarders : max;

	memcpy(to, t->forwarder, n * sizeof *to);
	return n;
}

static inline size_t told_asked(
	void *ctx, enum dns_asked_order order, struct dns_asked_told *to, size_t max)
{
	struct told *t = ctx;
	size_t n = t->names < max ? t->names : max;

	memcpy(to, t->name[order], n * sizeof *to);
	return n;
}

static inline enum err told_resolve(void *ctx, uint64_t call, const struct dns_query *q, bool trace)
{
	struct told *t = ctx;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_text(&q->name, name);
	note(t, trace ? "trace" : "resolve", name);
	t->seconds = call;
	t->type = q->type;
	return t->err;
}

static inline enum err told_flush(void *ctx, const struct dns_name *n)
{
	char name[DNS_NAME_TEXT_MAX] = "everything";

	if (n)
		dns_name_text(n, name);
	note(ctx, "flush", name);
	return ((struct told *)ctx)->err;
}

static inline enum err told_submit(void *ctx, uint64_t call, struct block_owned **block)
{
	char index[32];

	(void)call;
	snprintf(index, sizeof index, "%llu", (unsigned long long)(*block)->b.index);
	note(ctx, "submit", index);
	mem_free(*block);
	*block = NULL;
	return ((struct told *)ctx)->err;
}

static inline void told_keys(void *ctx, struct api_keys *out)
{
	*out = ((struct told *)ctx)->keys;
}

static inline bool told_need(void *ctx, char *said, size_t size)
{
	note(ctx, "keys_need", "");
	snprintf(said, size, "no room");
	return !((struct told *)ctx)->refuses;
}

static inline struct api_said told_rename(
	void *ctx, uint64_t call, const char *name, const char *to)
{
	char both[128];

	snprintf(both, sizeof both, "%s %s", name, to);
	note(ctx, "rename", both);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_remove(void *ctx, uint64_t call, const char *name)
{
	note(ctx, "remove", name);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_lock(void *ctx, uint64_t call, const char *name)
{
	note(ctx, "lock", name);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_secret(void *ctx, uint64_t call, const struct keys_order *o)
{
	struct told *t = ctx;

	note(t, keys_order_name(o->kind), o->name);
	t->seconds = o->seconds;
	t->call_number = call;
	snprintf(t->passphrase, sizeof t->passphrase, "%.*s", (int)o->passphrase.n,
		(const char *)o->passphrase.p);
	snprintf(t->old, sizeof t->old, "%.*s", (int)o->old.n, (const char *)o->old.p);
	snprintf(t->file, sizeof t->file, "%.*s", (int)o->file.n, (const char *)o->file.p);
	return t->said;
}

static inline bool told_key_cancel(void *ctx)
{
	note(ctx, "key_cancel", "");
	return !((struct told *)ctx)->refuses;
}

static inline enum err told_key_file(void *ctx, const char *name, uint8_t bytes[KEY_FILE_MAX + 1],
	size_t *n, char why[KEY_WHY_SIZE])
{
	struct told *t = ctx;

	note(t, "key_file", name);
	*n = (size_t)snprintf((char *)bytes, KEY_FILE_MAX, "alfisd key 1\n");
	snprintf(why, KEY_WHY_SIZE, "there is no key of this name");
	return t->err;
}

static inline bool told_key_chosen(void *ctx, uint8_t signing[KEY_SIZE])
{
	const struct told *t = ctx;

	memcpy(signing, t->chosen, KEY_SIZE);
	return !slice_zero(slice_of(t->chosen, KEY_SIZE));
}

static inline enum err told_key_choose(void *ctx, const uint8_t signing[KEY_SIZE])
{
	struct told *t = ctx;

	memcpy(t->chosen, signing, KEY_SIZE);
	return t->err;
}

static inline const struct jobs *told_jobs(void *ctx)
{
	return ((struct told *)ctx)->jobs;
}

static inline double told_job_rate(void *ctx)
{
	(void)ctx;
	return 1000;
}

static inline uint64_t told_job_hashes(void *ctx)
{
	(void)ctx;
	return 0;
}

static inline enum err told_job_add(
	void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)r->name.n, (const char *)r->name.p);
	note(ctx, "job_add", name);
	snprintf(said, size, "there are too many jobs");
	*id = 0;
	return ERR_FULL;
}

static inline enum err told_job_change(void *ctx, uint64_t id, enum api_job_change change)
{
	char text[32];

	snprintf(text, sizeof text, "%llu %d", (unsigned long long)id, (int)change);
	note(ctx, "job_change", text);
	return ((struct told *)ctx)->err;
}

static inline enum err told_names(void *ctx, uint64_t call, const char *key)
{
	(void)call;
	note(ctx, "names", key);
	return ((struct told *)ctx)->err;
}

static inline enum err told_web_names(void *ctx, uint64_t call, const char *key)
{
	(void)call;
	note(ctx, "web_names", key);
	return ((struct told *)ctx)->err;
}

static inline void told_stop(void *ctx)
{
	note(ctx, "stop", "");
}

static inline bool told_reload(void *ctx, char *said, size_t size)
{
	struct told *t = ctx;

	note(t, "reload", "");
	snprintf(said, size, t->reloads ? "3 settings changed" : "node.toml:1:1: what is this");
	return t->reloads;
}

static inline enum err told_ban(void *ctx, const char *address, uint64_t seconds)
{
	struct told *t = ctx;

	note(t, "ban", address);
	t->seconds = seconds;
	return t->err;
}

static inline enum err told_unban(void *ctx, const char *address)
{
	note(ctx, "unban", address);
	return ((struct told *)ctx)->err;
}

static inline enum err told_peer_add(void *ctx, const char *address, bool once)
{
	struct told *t = ctx;

	note(t, "peer_add", address);
	t->once = once;
	return t->err;
}

static inline enum err told_peer_remove(void *ctx, const char *address)
{
	note(ctx, "peer_remove", address);
	return ((struct told *)ctx)->err;
}

static inline bool told_saved(void *ctx, const uint8_t signing[KEY_SIZE], bool now)
{
	struct told *t = ctx;

	(void)signing;
	t->saved |= now;
	return t->saved;
}

#endif
