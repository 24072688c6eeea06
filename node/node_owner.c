/* Starts the key process, ends it, and starts it anew when it has ended by itself. Before:
 * node/node.c, a command that needs the process. After: owner/keys_link.h. */
#include "node/node_owner.h"

#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

#include "api/events.h"
#include "base/log.h"
#include "config/paths.h"
#include "mine/search.h"
#include "node/node.h"
#include "node/node_secret.h"
#include "owner/keys_journal.h"
#include "owner/keys_relay.h"

enum {
	AGAIN_S = 1,        /* after the first end; twice as long after each that follows soon */
	AGAIN_MOST_S = 60,  /* at most */
	LASTED_MS = 300000, /* an end after that is not one that follows soon */
};

static bool fail(struct node *n, const char *why)
{
	if (why != n->owner.why)
		snprintf(n->owner.why, sizeof n->owner.why, "%s", why);
	if (n->owner.failures == 0) /* else it was said */
		log_error("keys: %s", n->owner.why);
	return false;
}

/* ---- the process ---- */

static struct keys_settings settings_of(const struct node *n)
{
	const struct config *c = n->config;

	return (struct keys_settings){.max_keys = (uint32_t)c->limits.max_keys.max,
		.process_bytes = c->limits.key_process_bytes.max,
		.search_scratch = c->limits.key_search_scratch_bytes.max,
		.search_threads = search_threads_wanted(c->mining_threads),
		.search_lower = c->mining_lower,
		.strength = (uint32_t)n->params.keystore_difficulty,
		.unlock_for = (uint32_t)(c->owner_unlock_for / 1000),
		.keys_follow = true};
}

/* The journal and the listener are the process's alone once it has them. */
static bool run_here(struct node *n, char why[KEYS_TEXT_MAX])
{
	struct node_owner *o = &n->owner;
	const struct keys_settings s = settings_of(n);
	int journal = journal_open(o->folder.path, why);
	int listener = journal < 0 ? -1
				   : socket_file_listen(&n->owner.socket, n->config->data_dir,
					     KEYS_SOCKET, why, KEYS_TEXT_MAX);
	bool started = listener >= 0 && keys_link_start(o->link, &s, listener, journal, why);

	if (listener >= 0)
		close(listener);
	if (journal >= 0)
		close(journal);
	if (started)
		node_owner_load(n);
	return started;
}

static bool run_process(struct node *n)
{
	struct node_owner *o = &n->owner;
	const char *signer = config_signer(n->config);
	char why[KEYS_TEXT_MAX] = "";

	if (!(signer ? keys_link_connect(o->link, signer, why) : run_here(n, why)))
		return fail(n, why);
	o->started_ms = clock_mono(n->clock);
	if (signer)
		snprintf(o->why, sizeof o->why, "%s has not answered yet", signer);
	else
		o->why[0] = 0;
	return true;
}

static void try_again(struct node *n)
{
	struct node_owner *o = &n->owner;
	struct timeval tv = {AGAIN_S, 0};

	for (unsigned i = 0; i < o->failures && tv.tv_sec < AGAIN_MOST_S; i++)
		tv.tv_sec *= 2;
	o->failures++;
	event_add(o->again, &tv);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;

	(void)fd;
	(void)what;
	if (!n->stopping && !run_process(n))
		try_again(n);
}

static void on_ended(void *ctx, const char *why)
{
	struct node *n = ctx;
	struct node_owner *o = &n->owner;

	snprintf(o->why, sizeof o->why, "%s", why);
	if (config_signer(n->config))
		log_error("keys: %s: %s", config_signer(n->config), why);
	else
		log_error("keys: the key process has ended, and its keys are locked: %s", why);
	if (n->relay)
		keys_relay_ended(n->relay);
	if (clock_mono(n->clock) - o->started_ms >= LASTED_MS)
		o->failures = 0;
	socket_file_remove(&o->socket);
	try_again(n);
	events_keys(n->events);
}

static void on_said(void *ctx, bool warn, const char *line)
{
	const struct node *n = ctx;

	if (n->relay)
		keys_relay_says(n->relay, warn, line);
	if (warn)
		log_warn("keys: %s", line);
	else
		log_info("keys: %s", line);
}

static void on_changed(void *ctx)
{
	struct node *n = ctx;

	if (config_signer(n->config))
		node_owner_take(n);
	events_keys(n->events);
	if (n->relay)
		keys_relay_changed(n->relay);
	if (!n->is_signer)
		node_mine_look(n);
}

static bool make_parts(struct node *n)
{
	const struct keys_hooks hooks = {.store = node_owner_store,
		.changed = on_changed,
		.said = on_said,
		.ended = on_ended,
		.ctx = n};
	struct node_owner *o = &n->owner;

	o->again = event_new(n->base, -1, 0, on_again, n);
	o->link = keys_link_new(n->base, &hooks, &n->config->limits.owner_requests);
	return o->again && o->link && key_table_init(&o->keys, &n->config->limits.max_keys);
}

static void free_parts(struct node_owner *o)
{
	keys_link_free(o->link);
	if (o->again)
		event_free(o->again);
	key_table_free(&o->keys);
	key_folder_close(&o->folder);
	socket_file_remove(&o->socket);
	o->link = NULL;
	o->again = NULL;
}

/* With everything that it needs. */
static bool begin(struct node *n)
{
	struct node_owner *o = &n->owner;
	char path[KEY_PATH_SIZE], why[KEY_WHY_SIZE];

	bool away = config_signer(n->config), made;

	if (!path_in_data_dir(n->config->data_dir, n->config->owner_keys, path, sizeof path))
		return fail(n, "owner.keys: the path is too long");
	if (!away && key_folder_open(&o->folder, path, true, why) != ERR_OK)
		return fail(n, why);
	made = make_parts(n);
	if (made && (away || node_owner_scan(n))) {
		if (run_process(n))
			return true;
		/* The signer may come later; and the key process of a node that was killed has the
		 * journal for a moment. */
		try_again(n);
		return away;
	}
	if (!made)
		fail(n, "out of memory");
	free_parts(o);
	return false;
}

bool node_owner_start(struct node *n)
{
	n->owner.folder.fd = -1;
	if (n->config->limits.owner)
		(void)begin(n);
	return true;
}

void node_owner_stop(struct node *n)
{
	if (n->owner.link)
		free_parts(&n->owner);
	node_secret_stop(n); /* nobody is there any more that it could wait for */
}

/* ---- for struct api ---- */

bool node_owner_need(struct node *n, char *said, size_t size)
{
	struct node_owner *o = &n->owner;

	if (o->link && (config_signer(n->config) || keys_link_state(o->link)->running))
		return true;
	if (!n->config->limits.owner && !node_owner_make_room(n, said, size))
		return false;
	if (o->link) {
		event_del(o->again);
		if (o->why[0] && !run_process(n)) {
			try_again(n);
			snprintf(said, size, "%s", o->why);
			return false;
		}
		return true;
	}
	if (begin(n))
		return true;
	snprintf(said, size, "%s", o->why);
	return false;
}

void node_owner_told(struct node *n, struct api_keys *out)
{
	const struct node_owner *o = &n->owner;

	*out = (struct api_keys){.why = o->why,
		.table = &o->keys,
		.away = config_signer(n->config) != NULL,
		.warnings = n->sign.list,
		.warning_count = n->sign.n,
		.names = n->remind.names,
		.names_expired = n->remind.expired,
		.next_expiry = n->remind.next_expiry,
		.vouched = n->foreign.vouched,
		.foreign = n->foreign.blocks.foreign,
		.foreign_newest = n->foreign.blocks.newest};
	if (o->link)
		out->state = keys_link_state(o->link);
	if (o->folder.fd >= 0)
		out->folder = o->folder.path;
}
