/* The node's side of struct api: which parts others may look at, and what they may have it do.
 * Before: api/routes.c takes requests, api/reason.c and api/figures.c look. After: node/node.c,
 * node/reload.c, p2p/p2p.h. */
#include "node/node_api.h"

#include <string.h>

#include "node/node_own_block.h"
#include "node/node_say.h"
#include "node/node_secret.h"
#include "node/reload.h"
#include "node/version.h"

static void on_state(void *ctx, struct api_state *out)
{
	struct node *n = ctx;

	limit_log_refresh(&n->config->limits);
	*out = (struct api_state){.stopping = n->stopping,
		.store_error = n->store_error,
		.lag = loop_lag_told(&n->loop_lag)};
}

static void on_dns(void *ctx, struct api_dns *out)
{
	node_dns_told(ctx, out);
}

static size_t on_dns_forwarders(void *ctx, struct dns_forwarder_told *to, size_t max)
{
	return node_dns_forwarders(ctx, to, max);
}

static size_t on_dns_asked(
	void *ctx, enum dns_asked_order order, struct dns_asked_told *to, size_t max)
{
	return node_dns_asked(ctx, order, to, max);
}

static enum err on_resolve(void *ctx, uint64_t call, const struct dns_query *q, bool trace)
{
	return node_dns_resolve(ctx, call, q, trace);
}

static enum err on_dns_flush(void *ctx, const struct dns_name *name)
{
	return node_dns_flush(ctx, name);
}

static enum err on_submit(void *ctx, uint64_t call, struct block_owned **block)
{
	return node_own_block_submit(ctx, call, block);
}

static void on_keys(void *ctx, struct api_keys *out)
{
	node_owner_told(ctx, out);
}

static bool on_keys_need(void *ctx, char *said, size_t size)
{
	return node_owner_need(ctx, said, size);
}

static struct api_said on_key_rename(void *ctx, uint64_t call, const char *name, const char *to)
{
	return node_owner_rename(ctx, call, name, to);
}

static struct api_said on_key_remove(void *ctx, uint64_t call, const char *name)
{
	return node_owner_remove(ctx, call, name);
}

static struct api_said on_key_lock(void *ctx, uint64_t call, const char *name)
{
	return node_owner_lock(ctx, call, name);
}

static struct api_said on_secret(void *ctx, uint64_t call, const struct keys_order *o)
{
	return node_secret_ask(ctx, call, o);
}

static bool on_key_cancel(void *ctx)
{
	return node_secret_cancel(ctx);
}

static enum err on_key_file(void *ctx, const char *name, uint8_t bytes[KEY_FILE_MAX + 1], size_t *n,
	char why[KEY_WHY_SIZE])
{
	return node_secret_file(ctx, name, bytes, n, why);
}

static bool on_key_chosen(void *ctx, uint8_t signing[KEY_SIZE])
{
	return node_secret_chosen(ctx, signing);
}

static enum err on_key_choose(void *ctx, const uint8_t signing[KEY_SIZE])
{
	return node_secret_choose(ctx, signing);
}

static const struct jobs *on_jobs(void *ctx)
{
	return node_mine_jobs(ctx);
}

static uint64_t on_job_hashes(void *ctx)
{
	return node_mine_hashes(ctx);
}

static double on_job_rate(void *ctx)
{
	return node_mine_rate(ctx);
}

static enum err on_job_add(
	void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	return node_mine_add(ctx, r, id, said, size);
}

static enum err on_job_change(void *ctx, uint64_t id, enum api_job_change change)
{
	return node_mine_change(ctx, id, change);
}

static bool on_key_saved(void *ctx, const uint8_t signing[KEY_SIZE], bool now)
{
	uint8_t what[KEY_SIZE + 6] = "saved ";
	struct slice key = slice_of(what, sizeof what);

	memcpy(what + 6, signing, KEY_SIZE);
	if (now)
		node_say_first(ctx, key, true);
	return node_say_before(ctx, key);
}

static enum err on_names(void *ctx, uint64_t call, const char *key)
{
	return node_names_list(ctx, call, key, false);
}

static enum err on_web_names(void *ctx, uint64_t call, const char *key)
{
	return node_names_list(ctx, call, key, true);
}

static void on_stop(void *ctx)
{
	node_stop(ctx);
}

static bool on_reload(void *ctx, char *said, size_t size)
{
	return node_reload(ctx, said, size);
}

static enum err on_ban(void *ctx, const char *address, uint64_t seconds)
{
	struct node *n = ctx;

	return p2p_ban(n->p2p, address, seconds);
}

static enum err on_unban(void *ctx, const char *address)
{
	struct node *n = ctx;

	return p2p_unban(n->p2p, address);
}

static enum err on_peer_add(void *ctx, const char *address, bool once)
{
	struct node *n = ctx;

	return once ? p2p_peer_add_once(n->p2p, address) : p2p_peer_add(n->p2p, address);
}

static enum err on_peer_remove(void *ctx, const char *address)
{
	struct node *n = ctx;

	return p2p_peer_remove(n->p2p, address);
}

void node_api_fill_keys(struct node *n)
{
	n->api = (struct api){.version = ALFISD_VERSION,
		.config = n->config,
		.params = &n->params,
		.clock = n->clock,
		.started_ms = n->started_ms,
		.hooks = {.keys = on_keys,
			.keys_need = on_keys_need,
			.key_rename = on_key_rename,
			.key_remove = on_key_remove,
			.key_lock = on_key_lock,
			.ctx = n}};
}

void node_api_fill(struct node *n)
{
	n->api = (struct api){.version = ALFISD_VERSION,
		.config = n->config,
		.params = &n->params,
		.clock = n->clock,
		.started_ms = n->started_ms,
		.threads = node_threads(n->config),
		.chain = n->chain,
		.p2p = n->p2p,
		.sync = n->sync,
		.serve = &n->serve,
		.history = &n->history,
		.events = n->events,
		.hooks = {on_state, on_dns, on_dns_forwarders, on_dns_asked, on_resolve,
			on_dns_flush, on_submit, on_keys, on_keys_need, on_key_rename,
			on_key_remove, on_key_lock, on_secret, on_key_cancel, on_key_file,
			on_key_chosen, on_key_choose, on_jobs, on_job_hashes, on_job_rate,
			on_job_add, on_job_change, on_names, on_web_names, on_stop, on_reload,
			on_ban, on_unban, on_peer_add, on_peer_remove, on_key_saved, n}};
}
