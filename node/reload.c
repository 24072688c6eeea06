/* Reads the settings again while the node runs. Before: SIGHUP (node/node.c), or POST /reload
 * (api/routes.c). After: config/diff.c copies the values; p2p/p2p_reload.c and http/server.c act on
 * them. Most bounds are only read when something is taken from them, so that a new value is enough.
 */
#include "node/reload.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/diff.h"
#include "http/server.h"
#include "node/service_manager.h"
#include "node/node_web.h"
#include "node/sd_notify.h"
#include "node/settings.h"

/* Keys that need a restart: what they describe was made at the start. */
static const enum config_key_id fixed[] = {KEY_origin, KEY_data_dir, KEY_verify_threads,
	KEY_network, KEY_limit_max_window, KEY_limit_verify_scratch_bytes,
	KEY_limit_store_map_bytes, KEY_limit_log_buffer_bytes, KEY_dns_listen, KEY_dns_threads,
	KEY_limit_dns_rate_slots, KEY_limit_dns_commands, KEY_limit_dns_replies, KEY_key_files,
	KEY_owner_keys, KEY_owner_signer, KEY_owner_sign, KEY_owner_unlock_for, KEY_mining_threads,
	KEY_mining_offline, KEY_mining_lower, KEY_limit_max_keys, KEY_limit_key_process_bytes,
	KEY_limit_key_search_scratch_bytes};

struct reload {
	struct node *n;
	struct config *fresh;
	unsigned changed, waiting; /* keys; waiting for a restart */
	bool new_token;
	char *said;
	size_t size;
};

/* Writes the first error, and how many more there are. */
static bool refuse(struct reload *r)
{
	const struct config *c = r->fresh;

	int n = snprintf(r->said, r->size, "%s", c->errors[0].text);
	if (c->error_count > 1 && n >= 0 && (size_t)n < r->size)
		snprintf(r->said + n, r->size - (size_t)n,
			" (and %zu more, see `alfisd check-config`)", c->error_count - 1);
	return false;
}

/* A pipe given as the settings file is empty after the first reading. Opening it again would make
 * the loop wait until somebody writes into it. */
static bool is_gone_with_reading(struct reload *r)
{
	const char *file = r->n->config->file;
	struct stat s;

	if (!file[0] || stat(file, &s) != 0 || S_ISREG(s.st_mode))
		return false;
	snprintf(r->said, r->size, "%s is no regular file and cannot be read again", file);
	return true;
}

static bool load(struct reload *r)
{
	const struct node *n = r->n;

	if (is_gone_with_reading(r))
		return false;
	if (!n->again->load(n->again->ctx, r->fresh))
		return refuse(r);
	node_owner_keep(n, r->fresh);
	if (!settings_judge(r->fresh))
		return refuse(r);
	if (r->fresh->file_keys == 0 && r->n->config->file_keys > 0) {
		snprintf(r->said, r->size, "%s: there is no setting in it",
			r->fresh->file[0] ? r->fresh->file : "the settings file is gone");
		return false;
	}
	return true;
}

static void keep(struct reload *r, enum config_key_id key)
{
	struct config *old = r->n->config;
	char before[256], after[256];

	if (config_same(old, r->fresh, key))
		return;
	config_show(old, key, before, sizeof before);
	config_show(r->fresh, key, after, sizeof after);
	log_warn("reload: %s stays %s: %s needs a restart", config_keys[key].path, before, after);
	config_take(r->fresh, old, key);
	r->waiting++;
}

static void keep_fixed(struct reload *r)
{
	struct config *old = r->n->config;

	/* Peers of another network would ban us for a Hand that names ours. */
	if (!config_same(old, r->fresh, KEY_origin))
		keep(r, KEY_peers);
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		keep(r, fixed[i]);
	if (config_same_params(old, r->fresh))
		return;
	log_warn("reload: chain.params stay as they are: they need a restart");
	r->waiting++;
}

/* Changes everything that can fail: log, network, HTTP. When one fails the ones before it are
 * changed back. */
static bool move_services(struct reload *r)
{
	struct node *n = r->n;
	struct p2p_settings old, fresh;

	node_net_settings(n, n->config, &old);
	node_net_settings(n, r->fresh, &fresh);
	if (!n->again->set_up_log(n->again->ctx, r->fresh)) {
		snprintf(r->said, r->size, "log.file: cannot append to %s", r->fresh->log_file);
		return false;
	}
	if (!p2p_reload(n->p2p, &old, &fresh)) {
		snprintf(r->said, r->size, "%s", p2p_why(n->p2p));
	} else if (http_server_reload(n->http, n->config, r->fresh, &r->new_token)) {
		return true;
	} else {
		snprintf(r->said, r->size, "%s", http_server_why(n->http));
		p2p_reload(n->p2p, &fresh, &old);
	}
	n->again->set_up_log(n->again->ctx, n->config);
	return false;
}

static void take_over(struct reload *r)
{
	struct config *old = r->n->config;
	char before[256], after[256];

	old->file_keys = r->fresh->file_keys;
	old->reference = r->fresh->reference;
	old->limits.web = r->fresh->limits.web;
	for (enum config_key_id k = 0; k < CONFIG_KEYS; k++) {
		old->from[k] = r->fresh->from[k];
		if (config_same(old, r->fresh, k))
			continue;
		config_show(old, k, before, sizeof before);
		config_show(r->fresh, k, after, sizeof after);
		log_info("reload: %s: %s, was %s", config_keys[k].path, after, before);
		config_take(old, r->fresh, k);
		r->changed++;
	}
}

static bool reload(struct reload *r)
{
	if (!r->fresh) {
		snprintf(r->said, r->size, "out of memory");
		return false;
	}
	if (!load(r))
		return false;
	keep_fixed(r);
	if (!move_services(r))
		return false;
	take_over(r);
	node_web_reload(r->n);
	if (!node_dns_reload(r->n, r->fresh, r->said, r->size))
		log_error("reload: %s", r->said);
	node_notify_reload(r->n);
	p2p_refit(r->n->p2p);
	snprintf(r->said, r->size, "%u settings changed, %u need a restart%s", r->changed,
		r->waiting, r->new_token ? "; the token of admin.token_file has changed" : "");
	return true;
}

bool node_reload(struct node *n, char *said, size_t size)
{
	struct reload r = {.n = n, .said = said, .size = size};

	if (n->stopping) {
		snprintf(said, size, "the node is stopping");
		return false;
	}
	sd_notify_reloading(n->clock);
	r.fresh = mem_alloc(sizeof *r.fresh);
	bool done = reload(&r);
	mem_free(r.fresh);
	if (done)
		log_info("reload: %s", said);
	else
		log_error("reload: nothing was changed: %s", said);
	service_manager_ready(n);
	return done;
}
