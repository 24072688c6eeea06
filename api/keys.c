/* The routes of /keys: what the owner's keys are, and what is done to them. Secrets and passphrases
 * do not come this way, but by the key process's own socket. Before: api/routes.c. After: the hooks
 * of api/api.h, api/status_keys.c. */
#include <stdio.h>
#include <string.h>

#include "api/keys.h"
#include "api/routes.h"
#include "api/status_keys.h"

enum { NAME_ARG_MAX = 256 };

const char keys_name_rule[] =
	"a key's name has 1 to 48 letters, digits, \"-\", \"_\" and \".\", and begins with a "
	"letter or digit";

/* Reads an argument that is a key's name. False after writing an error. */
static bool take_name(struct http_call *c, const char *key, char to[NAME_ARG_MAX])
{
	if (http_arg(c->request, key, to, NAME_ARG_MAX) && key_name_is_valid(slice_str(to)))
		return true;
	api_error(c, 400, keys_name_rule);
	return false;
}

int keys_answer(struct http_call *c, const struct api_said *s, uint64_t waits_ms)
{
	if (s->status == 200)
		return api_done(c, s->text);
	if (s->status)
		return api_error(c, s->status, s->text);
	c->waits_ms = waits_ms;
	return 200;
}

static int answer(struct http_call *c, const struct api_said *s)
{
	return keys_answer(c, s, KEYS_WAIT_MS);
}

int get_keys(const struct api *a, struct http_call *c)
{
	status_keys_json(a, c->answer);
	return 200;
}

int get_own_key(const struct api *a, struct http_call *c)
{
	char name[NAME_ARG_MAX];

	if (!http_decode(c->request->path + strlen("/keys/"), name, sizeof name))
		return api_error(c, 400, "the path is malformed");
	return status_key_json(a, name, c->answer)
		       ? 200
		       : api_error(c, 404, "there is no key of this name: `alfisd key list`");
}

int keys_judge_new(const struct api *a, struct http_call *c, const char *name)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	if (name[0] && key_table_find(k.table, name))
		return api_error(c, 400, "there is a key of this name already: choose another");
	if (k.table->count < a->config->limits.max_keys.max)
		return 200;
	return api_error(c, 400,
		"there are as many keys as limits.max_keys: raise it and restart, or remove one");
}

/* Is there a key, or are there some that could not be looked at? */
static bool has_key(const struct api *a)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	return k.table->count > 0 || k.why[0];
}

static bool is_away(const struct api *a)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	return k.away;
}

int post_keys_start(const struct api *a, struct http_call *c)
{
	char said[KEY_WHY_SIZE + 100], name[NAME_ARG_MAX] = "";

	if (http_has_arg(c->request, "name") && !take_name(c, "name", name))
		return 400;
	if (is_away(a))
		return api_error(c, 400,
			"the keys of this node are on another machine (owner.signer): do it there");
	int status = http_has_arg(c->request, "new") ? keys_judge_new(a, c, name) : 200;
	if (status != 200)
		return status;
	if (!http_has_arg(c->request, "new") && !has_key(a))
		return api_error(c, 404, "there is no key yet: `alfisd key new`, or `key import`");
	if (!a->hooks.keys_need(a->hooks.ctx, said, sizeof said))
		return api_error(c, 503, said);
	return api_done(c, "the key process runs");
}

int post_key_rename(const struct api *a, struct http_call *c)
{
	char name[NAME_ARG_MAX], to[NAME_ARG_MAX];

	if (!take_name(c, "name", name) || !take_name(c, "to", to))
		return 400;
	struct api_said s = a->hooks.key_rename(a->hooks.ctx, c->number, name, to);
	return answer(c, &s);
}

int post_key_remove(const struct api *a, struct http_call *c)
{
	char name[NAME_ARG_MAX];

	if (!take_name(c, "name", name))
		return 400;
	struct api_said s = a->hooks.key_remove(a->hooks.ctx, c->number, name);
	return answer(c, &s);
}

int post_key_lock(const struct api *a, struct http_call *c)
{
	char name[NAME_ARG_MAX] = "";

	if (http_has_arg(c->request, "name") && !take_name(c, "name", name))
		return 400;
	struct api_said s = a->hooks.key_lock(a->hooks.ctx, c->number, name);
	return answer(c, &s);
}
