/* Role: gives what a session sends to the key process, by a thread that may wait, and answers the
 * request when that has answered. See node/node_secret.h.
 * Before: node/node_api.c. After: owner/keys_worker.h, then http/server.h. */
#include "node/node_secret.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/paths.h"
#include "http/server.h"
#include "node/node.h"
#include "owner/owner_line.h"

enum { BODY_MAX = 2048, PATH_SIZE = 512 };

static const char CHOSEN[] = "active-key"; /* in the store */

/* A request of HTTP that waits for the key process. */
struct waiting {
	struct node *n;
	uint64_t call;
	enum keys_order_kind kind;
	char name[KEY_NAME_MAX + 1];
};

static struct api_said refuse(int status, const char *text)
{
	struct api_said s = {.status = status};

	snprintf(s.text, sizeof s.text, "%s", text);
	return s;
}

/* ---- the answer ---- */

static int status_of(enum keys_said said)
{
	switch (said) {
	case KEYS_DONE:
		return 200;
	case KEYS_WRONG_PASSPHRASE:
		return 403;
	case KEYS_NO_SUCH_KEY:
		return 404;
	case KEYS_BUSY:
		return 409;
	case KEYS_GONE:
	case KEYS_NO_MEMORY:
	case KEYS_NOT_STORED:
		return 503;
	default:
		return 400;
	}
}

static void put_key(struct json_wr *j, const struct keys_reply *r)
{
	bool known = !slice_zero(slice_of(r->pub.signing, sizeof r->pub.signing));
	char line[OWNER_LINE_SIZE] = "";

	if (known)
		owner_line_write(&r->pub, line);
	json_str(j, "name", r->name);
	json_hex(j, "signing", slice_of(r->pub.signing, known ? sizeof r->pub.signing : 0));
	json_hex(
		j, "encryption", slice_of(r->pub.encryption, known ? sizeof r->pub.encryption : 0));
	json_str(j, "owner", line);
	json_u64(j, "count", r->count);
}

static void put_refusal(struct json_wr *j, const struct keys_reply *r)
{
	json_str(j, "error", r->line[0] ? r->line : keys_said_name(r->said));
	json_str(j, "reason", keys_said_name(r->said));
}

/* What a session makes or takes in becomes the active key. A search goes on after its answer, and
 * may have ended before that is here. */
static void activate(const struct waiting *w, const struct keys_reply *r)
{
	struct node_owner *o = &w->n->owner;

	if (w->kind == KEYS_ORDER_MAKE && r->said != KEYS_DONE && r->said != KEYS_BUSY)
		o->activates = false;
	if (w->kind == KEYS_ORDER_IMPORT && r->said == KEYS_DONE)
		node_secret_choose(w->n, r->pub.signing);
}

static void on_worked(void *ctx, const struct keys_reply *r)
{
	struct waiting *w = ctx;
	uint8_t space[BODY_MAX];
	struct wr body = wr_of(space, sizeof space);
	struct json_wr j = {.w = &body};

	json_open(&j, NULL, '{');
	if (r->said == KEYS_DONE)
		put_key(&j, r);
	else
		put_refusal(&j, r);
	json_close(&j, '}');
	wr_u8(&body, '\n');
	activate(w, r);
	log_info("webui: %s %s: %s", keys_order_name(w->kind), w->name[0] ? w->name : "(no name)",
		keys_said_name(r->said));
	if (w->n->http)
		http_server_answer(w->n->http, w->call, status_of(r->said), wr_done(&body));
	mem_free(w);
}

/* ---- asking ---- */

static bool start(struct node *n)
{
	char path[PATH_SIZE];

	if (!n->owner.worker &&
		path_in_data_dir(n->config->data_dir, KEYS_SOCKET, path, sizeof path))
		n->owner.worker = keys_worker_new(n->base, path, &n->config->limits.owner_secrets);
	return n->owner.worker != NULL;
}

static struct api_said told_of(enum err err)
{
	if (err == ERR_OK)
		return (struct api_said){.status = 0};
	if (err == ERR_FULL)
		return refuse(503, "as many passphrases wait for the key process as it takes at a "
				   "time (limits.owner_secrets): try again in a moment");
	if (err == ERR_TOO_BIG)
		return refuse(400, "this is longer than a passphrase or a key file can be");
	return refuse(503, "out of memory");
}

struct api_said node_secret_ask(struct node *n, uint64_t call, const struct keys_order *o)
{
	char said[KEY_WHY_SIZE + 100];

	if (config_signer(n->config))
		return refuse(400,
			"the keys of this node are on another machine (owner.signer): do it there");
	if (!node_owner_need(n, said, sizeof said))
		return refuse(503, said);
	struct waiting *w = start(n) ? mem_alloc(sizeof *w) : NULL;
	if (!w)
		return refuse(503, "out of memory");
	*w = (struct waiting){.n = n, .call = call, .kind = o->kind};
	snprintf(w->name, sizeof w->name, "%s", o->name);
	enum err err = keys_worker_ask(n->owner.worker, o, on_worked, w);
	if (err != ERR_OK)
		mem_free(w);
	else if (o->kind == KEYS_ORDER_MAKE && !keys_link_state(n->owner.link)->search.running)
		n->owner.activates = true;
	return told_of(err);
}

void node_secret_stop(struct node *n)
{
	keys_worker_free(n->owner.worker);
	n->owner.worker = NULL;
}

/* ---- without a passphrase ---- */

bool node_secret_cancel(struct node *n)
{
	struct keys_link *l = n->owner.link;

	n->owner.activates = false;
	return l && keys_link_state(l)->running && keys_link_state(l)->search.running &&
	       keys_link_cancel(l, NULL, NULL);
}

enum err node_secret_file(struct node *n, const char *name, uint8_t bytes[KEY_FILE_MAX + 1],
	size_t *size, char why[KEY_WHY_SIZE])
{
	const struct node_owner *o = &n->owner;
	const struct key_entry *e = o->link ? key_table_find(&o->keys, name) : NULL;

	if (!e) {
		snprintf(why, KEY_WHY_SIZE, "there is no key of this name");
		return ERR_NOT_FOUND;
	}
	if (!e->plain && !e->away)
		return key_folder_load(&o->folder, name, bytes, size, why);
	snprintf(why, KEY_WHY_SIZE, "%s",
		e->away ? "this key is on the signer's machine (owner.signer)"
			: "this key is a file of key_files with its secrets in plain: copy that "
			  "file");
	return ERR_REFUSED;
}

bool node_secret_chosen(struct node *n, uint8_t signing[KEY_SIZE])
{
	size_t size;

	return chain_get_value(n->chain, CHOSEN, signing, KEY_SIZE, &size) == ERR_OK &&
	       size == KEY_SIZE;
}

enum err node_secret_choose(struct node *n, const uint8_t signing[KEY_SIZE])
{
	enum err err = chain_put_value(n->chain, CHOSEN, slice_of(signing, KEY_SIZE));

	if (err == ERR_OK)
		sync_commit_soon(n->sync);
	return err;
}
