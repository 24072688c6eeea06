/* What a command does to a key: its file is moved, the key process is told, and when it has
 * answered the HTTP request is. Before: api/keys.c. After: owner/key_folder.h, owner/keys_link.h,
 * then http/server.h. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"
#include "node/node.h"

enum { BODY_MAX = 2048 };

/* A request of HTTP that waits for the key process. */
struct waiting {
	struct node *n;
	uint64_t call;
	char done[KEY_WHY_SIZE + KEY_PATH_SIZE]; /* what is answered when it has done it */
};

static struct api_said refuse(int status, const char *text)
{
	struct api_said s = {.status = status};

	snprintf(s.text, sizeof s.text, "%s", text);
	return s;
}

static int status_of(enum err err)
{
	return err == ERR_NOT_FOUND ? 404 : err == ERR_EXISTS ? 400 : err == ERR_OK ? 200 : 500;
}

/* ---- later ---- */

static void on_answered(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct waiting *w = ctx;
	uint8_t space[BODY_MAX];
	struct wr body = wr_of(space, sizeof space);
	struct json_wr j = {.w = &body};
	/* what was done to the file stays done when the process has ended meanwhile */
	bool done = said == KEYS_DONE || said == KEYS_GONE || said == KEYS_NO_SUCH_KEY;

	(void)bytes;
	json_open(&j, NULL, '{');
	json_str(&j, done ? "done" : "error",
		done      ? w->done
		: line[0] ? line
			  : keys_said_name(said));
	json_close(&j, '}');
	wr_u8(&body, '\n');
	if (w->n->http)
		http_server_answer(w->n->http, w->call, done ? 200 : 500, wr_done(&body));
	mem_free(w);
}

static struct waiting *wait_for(struct node *n, uint64_t call, const char *done)
{
	struct waiting *w = mem_alloc(sizeof *w);

	if (!w)
		return NULL;
	w->n = n;
	w->call = call;
	snprintf(w->done, sizeof w->done, "%s", done);
	return w;
}

/* Nothing is done to a key of which a running process cannot be told. */
static bool may_ask(struct node *n, struct api_said *s)
{
	struct bound *most = &n->config->limits.owner_requests;

	if (!keys_link_state(n->owner.link)->running || bound_has(most, 1))
		return true;
	bound_hit(most);
	*s = refuse(503, "the key process has as many requests as it takes at a time "
			 "(limits.owner_requests): try again in a moment");
	return false;
}

/* `asked`: the process will answer. When it cannot be asked, as it has just ended, the file alone
 * counts: it is given all of them at its next start. */
static struct api_said later(bool asked, struct waiting *w)
{
	struct api_said s = {.status = asked ? 0 : 200};

	if (asked)
		return s;
	snprintf(s.text, sizeof s.text, "%s", w->done);
	mem_free(w);
	return s;
}

/* ---- the requests ---- */

/* The key of this name, whose file is ours to move; NULL and *s otherwise. */
static struct key_entry *sealed_key(struct node *n, const char *name, struct api_said *s)
{
	struct key_entry *e = n->owner.link ? key_table_find(&n->owner.keys, name) : NULL;

	if (!e)
		*s = refuse(404, "there is no key of this name: `alfisd key list`");
	else if (e->away)
		*s = refuse(400, "this key is on the signer's machine (owner.signer): do it there");
	else if (e->plain)
		*s = refuse(400,
			"this key is a file of key_files: rename or move that file, and change the "
			"setting");
	return e && !e->plain && !e->away ? e : NULL;
}

struct api_said node_owner_rename(struct node *n, uint64_t call, const char *name, const char *to)
{
	struct node_owner *o = &n->owner;
	char why[KEY_WHY_SIZE];
	struct api_said s;
	struct key_entry *e = sealed_key(n, name, &s);

	if (!e || !may_ask(n, &s))
		return s;
	if (key_table_find(&o->keys, to))
		return refuse(400, "there is a key of the new name already");
	snprintf(why, sizeof why, "%s is called %s now", name, to);
	struct waiting *w = wait_for(n, call, why);
	if (!w)
		return refuse(503, "out of memory");
	enum err err = key_folder_rename(&o->folder, name, to, why);
	if (err != ERR_OK) {
		mem_free(w);
		return refuse(status_of(err), why);
	}
	snprintf(e->name, sizeof e->name, "%s", to);
	log_info("keys: %s", w->done);
	return later(keys_link_rename(o->link, name, to, on_answered, w), w);
}

struct api_said node_owner_remove(struct node *n, uint64_t call, const char *name)
{
	struct node_owner *o = &n->owner;
	char why[KEY_WHY_SIZE], where[KEY_PATH_SIZE];
	struct api_said s;
	struct key_entry *e = sealed_key(n, name, &s);

	if (!e || !may_ask(n, &s))
		return s;
	struct waiting *w = wait_for(n, call, "");
	if (!w)
		return refuse(503, "out of memory");
	enum err err = key_folder_remove(&o->folder, name, where, why);
	if (err != ERR_OK) {
		mem_free(w);
		return refuse(status_of(err), why);
	}
	snprintf(w->done, sizeof w->done, "removed; its file is kept as %s", where);
	log_info("keys: %s is %s", name, w->done);
	key_table_remove(&o->keys, e);
	return later(keys_link_forget(o->link, name, on_answered, w), w);
}

struct api_said node_owner_lock(struct node *n, uint64_t call, const char *name)
{
	struct node_owner *o = &n->owner;
	struct api_said s;

	if (!o->link)
		return refuse(404, "there is no key");
	if (name[0] && !key_table_find(&o->keys, name))
		return refuse(404, "there is no key of this name: `alfisd key list`");
	/* A file of a key that is away is locked at the next start, this one may go on. */
	if (config_signer(n->config) && !keys_link_state(o->link)->running)
		return refuse(503, "the signer is away: lock it on its machine");
	if (!may_ask(n, &s))
		return s;
	struct waiting *w = wait_for(n, call, name[0] ? "locked" : "all keys are locked");
	if (!w)
		return refuse(503, "out of memory");
	return later(keys_link_lock(o->link, name, on_answered, w), w);
}
