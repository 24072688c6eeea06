/* Role: the keys of /api (protocol.md 10.5): listed, selected, locked, given out as sealed files;
 * and where webui.unlock allows it made, taken in, opened and sealed anew with a passphrase that
 * the session sends. Before: web/routes.c. After: the hooks of api/api.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/keys.h"
#include "api/routes.h"
#include "api/status_keys.h"
#include "web/api_active.h"
#include "web/api_body.h"
#include "web/routes.h"

enum { NAME_MAX_BYTES = 128 };

static int done(struct http_call *c)
{
	wr_bytes(c->answer, "{}", 2);
	return 200;
}

/* ---- without a passphrase ---- */

/* The name of its file, without folders. */
static void put_file_name(const struct api *a, const struct key_entry *e, struct json_wr *j)
{
	const struct config_list *plain = &a->config->key_files;
	char name[KEY_NAME_MAX + sizeof CONFIG_KEY_SUFFIX];
	const char *path = e->plain && e->file < plain->count ? plain->ptr[e->file] : "", *slash;

	snprintf(name, sizeof name, "%s%s", e->name, CONFIG_KEY_SUFFIX);
	slash = strrchr(path, '/');
	json_str(j, "file_name", !e->plain ? name : slash ? slash + 1 : path);
}

static void put_key(const struct api *a, const struct active_key *key, struct json_wr *j)
{
	json_open(j, NULL, '{');
	put_file_name(a, key->entry, j);
	json_hex(j, "public", slice_of(key->pub.signing, KEY_SIZE));
	json_hex(j, "hash", slice_of(key->row ? key->row->hash : NULL, key->row ? HASH_SIZE : 0));
	status_key_members(a, key->entry, j);
	json_close(j, '}');
}

static void put_left_out(const struct api *a, struct json_wr *j)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	json_open(j, "left_out", '[');
	for (size_t i = 0; i < k.table->count; i++) {
		const struct key_entry *e = &k.table->entry[i];
		if (!e->wrong[0])
			continue;
		json_open(j, NULL, '{');
		json_str(j, "name", e->name);
		json_str(j, "error", e->wrong);
		json_close(j, '}');
	}
	json_close(j, ']');
}

int call_keys(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct active_walk walk = {.at = 0};
	struct active_key key = {.place = 0};

	json_open(&j, NULL, '{');
	json_open(&j, "keys", '[');
	while (active_next(a, &walk, &key))
		put_key(a, &key, &j);
	json_close(&j, ']');
	json_u64(&j, "active", active_key(a, &key) ? key.place : 0);
	put_left_out(a, &j);
	status_key_search(a, &j);
	json_bool(&j, "unlock", a->config->webui_unlock);
	json_close(&j, '}');
	return 200;
}

int call_key_select(const struct api *a, struct http_call *c)
{
	struct body_field f[] = {{.name = "index"}, {.name = "name"}};
	struct active_walk walk = {.at = 0};
	char name[NAME_MAX_BYTES];
	uint64_t place = UINT64_MAX;
	struct active_key key;

	if (!body_read(c, f, 2) || !body_number(c, &f[0], 0, UINT32_MAX, &place) ||
		!body_text(c, &f[1], name, sizeof name))
		return 400;
	while (active_next(a, &walk, &key))
		if (key.place == place || (name[0] && strcmp(key.entry->name, name) == 0))
			return a->hooks.key_choose(a->hooks.ctx, key.pub.signing) == ERR_OK
				       ? done(c)
				       : api_error(c, 503, "the choice could not be kept");
	return api_error(c, 400, "there is no such key: GET /api/keys has the list");
}

int call_key_lock(const struct api *a, struct http_call *c)
{
	struct body_field f[] = {{.name = "name"}};
	char name[NAME_MAX_BYTES];

	if (!body_read(c, f, 1) || !body_text(c, &f[0], name, sizeof name))
		return 400;
	if (name[0] && !key_name_is_valid(slice_str(name)))
		return api_error(c, 400, keys_name_rule);
	struct api_said s = a->hooks.key_lock(a->hooks.ctx, c->number, name);
	return keys_answer(c, &s, KEYS_WAIT_MS);
}

/* A file for the browser to keep; its name is a good one, with nothing that a header takes amiss.
 */
int call_key_export(const struct api *a, struct http_call *c)
{
	char name[HTTP_ARG_MAX], why[KEY_WHY_SIZE] = "";
	uint8_t bytes[KEY_FILE_MAX + 1];
	size_t n = 0;

	if (!http_arg(c->request, "name", name, sizeof name) || !key_name_is_valid(slice_str(name)))
		return api_error(c, 400, keys_name_rule);
	enum err err = a->hooks.key_file(a->hooks.ctx, name, bytes, &n, why);
	if (err != ERR_OK)
		return api_error(c,
			err == ERR_NOT_FOUND ? 404
			: err == ERR_REFUSED ? 400
					     : 503,
			why);
	c->type = "text/plain; charset=utf-8";
	snprintf(c->text, sizeof c->text, "Content-Disposition: attachment; filename=\"%s%s\"\r\n",
		name, CONFIG_KEY_SUFFIX);
	c->more = c->text;
	wr_bytes(c->answer, bytes, n);
	return 200;
}

/* ---- with one ---- */

/* What a session sends: wiped when it was handed over. */
struct secrets {
	char passphrase[PASSPHRASE_MAX + 1], old[PASSPHRASE_MAX + 1];
	char file[KEYS_ORDER_FILE_MAX + 1];
};

/* True when the option allows it; else an error that says how it is done without. */
static bool may(const struct api *a, struct http_call *c, const char *command)
{
	char text[HTTP_ERROR_MAX];

	if (a->config->webui_unlock)
		return true;
	snprintf(text, sizeof text,
		"this takes a passphrase, which the web page is not sent: `%.100s` on the node's "
		"machine, or webui.unlock = true",
		command);
	api_error(c, 403, text);
	return false;
}

/* Hands it to the key process, and wipes what the request had of it. */
static int ask(const struct api *a, struct http_call *c, struct secrets *s, struct keys_order o)
{
	o.passphrase = slice_str(s->passphrase);
	o.old = slice_str(s->old);
	o.file = slice_str(s->file);
	struct api_said said = a->hooks.secret(a->hooks.ctx, c->number, &o);
	return keys_answer(c, &said, API_SECRET_WAIT_MS);
}

static int end(struct http_call *c, struct secrets *s, int status)
{
	explicit_bzero(s, sizeof *s);
	http_wipe_body(c->request);
	return status;
}

/* Names that other systems have for something else; a copy of the file may get there. */
static bool is_device(const char *name)
{
	static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM", "LPT"};
	size_t n = strcspn(name, ".");

	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
		if (strncasecmp(name, devices[i], 3) == 0 &&
			(i < 4 ? n == 3 : n == 4 && name[3] >= '1' && name[3] <= '9'))
			return true;
	return false;
}

/* A key is called as its file, without the ending. */
static void cut_ending(char *name)
{
	static const char *const endings[] = {".toml", CONFIG_KEY_SUFFIX};
	size_t n = strlen(name);

	for (size_t i = 0; i < 2; i++) {
		size_t m = strlen(endings[i]);
		if (n > m && strcmp(name + n - m, endings[i]) == 0)
			name[n - m] = 0;
	}
}

/* 200 when a new key may be called so. */
static int judge_name(const struct api *a, struct http_call *c, const char *name)
{
	if (!key_name_is_valid(slice_str(name)) || strstr(name, "..") || is_device(name))
		return api_error(c, 400, keys_name_rule);
	return keys_judge_new(a, c, name);
}

static int create(const struct api *a, struct http_call *c, struct secrets *s)
{
	struct body_field f[] = {{.name = "filename"}, {.name = "passphrase"}};
	char name[NAME_MAX_BYTES], command[NAME_MAX_BYTES + 32];

	if (!body_read(c, f, 2) || !body_text(c, &f[0], name, sizeof name))
		return 400;
	cut_ending(name);
	int status = judge_name(a, c, name);
	if (status != 200)
		return status;
	snprintf(command, sizeof command, "alfisd key new %s", name);
	if (!may(a, c, command))
		return 403;
	if (!body_need(c, &f[1], s->passphrase, sizeof s->passphrase))
		return 400;
	return ask(a, c, s, (struct keys_order){.kind = KEYS_ORDER_MAKE, .name = name});
}

int call_key_create(const struct api *a, struct http_call *c)
{
	struct secrets s = {.file = ""};

	return end(c, &s, create(a, c, &s));
}

/* A sealed file is sealed anew by the passphrase that it has, unless another one is given. */
static int import(const struct api *a, struct http_call *c, struct secrets *s)
{
	struct body_field f[] = {{.name = "filename"}, {.name = "file"}, {.name = "passphrase"},
		{.name = "old_passphrase"}};
	char name[NAME_MAX_BYTES];

	if (!may(a, c, "alfisd key import FILE"))
		return 403;
	if (!body_read(c, f, 4) || !body_text(c, &f[0], name, sizeof name) ||
		!body_need(c, &f[1], s->file, sizeof s->file) ||
		!body_need(c, &f[2], s->passphrase, sizeof s->passphrase) ||
		!body_text(c, &f[3], s->old, sizeof s->old))
		return 400;
	cut_ending(name);
	int status = name[0] ? judge_name(a, c, name) : keys_judge_new(a, c, "");
	if (status != 200)
		return status;
	if (!s->old[0])
		memcpy(s->old, s->passphrase, sizeof s->old);
	return ask(a, c, s, (struct keys_order){.kind = KEYS_ORDER_IMPORT, .name = name});
}

int call_key_import(const struct api *a, struct http_call *c)
{
	struct secrets s = {.file = ""};

	return end(c, &s, import(a, c, &s));
}

static bool take_key(
	const struct api *a, struct http_call *c, const struct body_field *f, char *name)
{
	struct api_keys k;

	if (!body_text(c, f, name, NAME_MAX_BYTES))
		return false;
	a->hooks.keys(a->hooks.ctx, &k);
	if (!name[0] || key_table_find(k.table, name))
		return true;
	api_error(c, 400, "there is no such key: GET /api/keys has the list");
	return false;
}

static int unlock(const struct api *a, struct http_call *c, struct secrets *s)
{
	struct body_field f[] = {{.name = "name"}, {.name = "passphrase"}, {.name = "seconds"}};
	char name[NAME_MAX_BYTES];
	uint64_t seconds = 0;

	if (!may(a, c, "alfisd key unlock"))
		return 403;
	if (!body_read(c, f, 3) || !take_key(a, c, &f[0], name) ||
		!body_need(c, &f[1], s->passphrase, sizeof s->passphrase) ||
		!body_number(c, &f[2], 1, UINT32_MAX, &seconds))
		return 400;
	return ask(a, c, s,
		(struct keys_order){
			.kind = KEYS_ORDER_UNLOCK, .name = name, .seconds = (uint32_t)seconds});
}

int call_key_unlock(const struct api *a, struct http_call *c)
{
	struct secrets s = {.file = ""};

	return end(c, &s, unlock(a, c, &s));
}

static int change(const struct api *a, struct http_call *c, struct secrets *s)
{
	struct body_field f[] = {
		{.name = "name"}, {.name = "old_passphrase"}, {.name = "passphrase"}};
	char name[NAME_MAX_BYTES];

	if (!may(a, c, "alfisd key passphrase NAME"))
		return 403;
	if (!body_read(c, f, 3) || !take_key(a, c, &f[0], name) ||
		!body_need(c, &f[0], name, sizeof name) ||
		!body_need(c, &f[1], s->old, sizeof s->old) ||
		!body_need(c, &f[2], s->passphrase, sizeof s->passphrase))
		return 400;
	return ask(a, c, s, (struct keys_order){.kind = KEYS_ORDER_CHANGE, .name = name});
}

int call_key_passphrase(const struct api *a, struct http_call *c)
{
	struct secrets s = {.file = ""};

	return end(c, &s, change(a, c, &s));
}
