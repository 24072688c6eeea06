/* Keys that are opened, made and taken in with a passphrase that is typed into the page: with
 * webui.unlock alone (docs/security.md). What was typed is wiped as soon as it was handed over.
 * Before: web/routes.c, web/own_keys.c. After: the hooks of api/api.h. */
#include <string.h>

#include "base/json.h"
#include "owner/keys_worker.h"
#include "web/own.h"
#include "web/routes.h"

enum { WHY_MAX = 512 };

/* ---- forms ---- */

static void put_label(struct page *p, enum web_text label)
{
	html_raw(p->w, "<label>");
	page_say(p, label);
}

static void put_field(struct page *p, const char *name, enum web_text label)
{
	put_label(p, label);
	wr_format(p->w,
		" <input name=\"%s\" type=\"password\" autocomplete=\"new-password\" "
		"maxlength=\"%d\"%s></label>\n",
		name, PASSPHRASE_MAX, strcmp(name, "old") == 0 ? "" : " required");
}

static void put_name(struct page *p, const char *value)
{
	put_label(p, TEXT_NAME);
	wr_format(p->w,
		" <input name=\"name\" autocomplete=\"off\" spellcheck=\"false\" "
		"maxlength=\"%d\" required value=\"",
		KEY_NAME_MAX);
	html_str(p->w, value);
	html_raw(p->w, "\"></label>\n");
}

void own_put_unlock(struct page *p, const char *name)
{
	page_form(p, "/own/keys/unlock");
	own_hidden(p, "name", name);
	put_field(p, "passphrase", TEXT_KEY_PASSPHRASE);
	page_form_end(p, TEXT_KEY_UNLOCK);
}

/* What was typed into this form before comes back, but for the passphrase. */
void own_put_make(struct page *p, const char *proposed)
{
	char name[KEY_NAME_MAX + 1];
	bool again = strcmp(p->call->request->path, "/own/keys/new") == 0 &&
		     http_arg(p->call->request, "name", name, sizeof name);

	page_form(p, "/own/keys/new");
	put_name(p, again ? name : proposed);
	put_field(p, "passphrase", TEXT_KEY_PASSPHRASE);
	put_field(p, "again", TEXT_KEY_AGAIN);
	page_form_end(p, TEXT_KEY_MAKE);
}

void own_put_import(struct page *p)
{
	page_form(p, "/own/keys/import");
	html_raw(p->w, "<div class=\"editor\"><label>");
	page_say(p, TEXT_KEY_FILE);
	html_raw(p->w,
		"<textarea name=\"file\" rows=\"7\" required spellcheck=\"false\" aria-label=\"");
	page_say(p, TEXT_KEY_FILE);
	html_raw(p->w, "\"></textarea></label></div>\n");
	put_name(p, "");
	put_field(p, "passphrase", TEXT_KEY_PASSPHRASE);
	put_field(p, "old", TEXT_KEY_OLD);
	page_form_end(p, TEXT_KEY_IMPORT);
}

/* ---- what was typed ---- */

struct typed {
	char name[KEY_NAME_MAX + 1];
	char passphrase[PASSPHRASE_MAX + 1], other[PASSPHRASE_MAX + 1];
	char file[KEYS_ORDER_FILE_MAX + 1];
};

static const char *say(const struct page *p, enum web_text text)
{
	return web_text(p->language, text);
}

/* True when the field is there and fits. */
static bool take(struct page *p, const char *field, char *to, size_t size)
{
	to[0] = 0;
	return http_arg_lines(p->call->request, field, to, size);
}

/* Hands it to the key process, and wipes what the request had of it. */
static int ask(struct page *p, struct typed *t, struct keys_order o)
{
	char said[sizeof((struct api_said *)NULL)->text];

	o.name = t->name;
	o.passphrase = slice_str(t->passphrase);
	o.old = slice_str(t->other);
	o.file = slice_str(t->file);
	struct api_said s = p->api->hooks.secret(p->api->hooks.ctx, p->call->number, &o);
	if (!s.status)
		return page_later(p, API_SECRET_WAIT_MS);
	memcpy(said, s.text, sizeof said);
	return own_keys_page(p, s.status, said, true);
}

/* Runs it with what was typed, which nobody has after that. */
static int run(struct page *p, int (*act)(struct page *p, struct typed *t))
{
	struct typed t;

	if (!p->api->config->webui_unlock)
		return own_keys_page(p, 403, say(p, TEXT_KEY_NOT_HERE), false);
	memset(&t, 0, sizeof t);
	int status = act(p, &t);
	explicit_bzero(&t, sizeof t);
	http_wipe_body(p->call->request);
	return status;
}

/* What the key process said. */
static int answer(struct page *p)
{
	char why[WHY_MAX];
	struct slice value;
	size_t n = 0;

	if (p->call->came_status == 200)
		return page_go(p, "/own/keys", slice_of(NULL, 0));
	if (!json_find(p->call->came, "error", &value) ||
		!json_get_text(value, (uint8_t *)why, sizeof why - 1, &n))
		n = 0;
	why[n] = 0;
	return own_keys_page(p, p->call->came_status, why, true);
}

/* ---- the deeds ---- */

static int unlock(struct page *p, struct typed *t)
{
	struct api_keys k;

	p->api->hooks.keys(p->api->hooks.ctx, &k);
	if (!take(p, "name", t->name, sizeof t->name) || !key_table_find(k.table, t->name))
		return own_keys_page(p, 404, say(p, TEXT_KEY_NO_SUCH), false);
	if (!take(p, "passphrase", t->passphrase, sizeof t->passphrase))
		return own_keys_page(p, 400, say(p, TEXT_KEY_NO_PASSPHRASE), false);
	return ask(p, t, (struct keys_order){.kind = KEYS_ORDER_UNLOCK});
}

/* May a key be called so? 0, or the status of the page that says why not. */
static int judge(struct page *p, struct typed *t)
{
	struct api_keys k;

	p->api->hooks.keys(p->api->hooks.ctx, &k);
	if (!take(p, "name", t->name, sizeof t->name) || !key_name_is_valid(slice_str(t->name)) ||
		strstr(t->name, ".."))
		return own_keys_page(p, 400, say(p, TEXT_KEY_BAD_NAME), false);
	if (key_table_find(k.table, t->name))
		return own_keys_page(p, 400, say(p, TEXT_KEY_EXISTS), false);
	return 0;
}

static int make(struct page *p, struct typed *t)
{
	int status = judge(p, t);

	if (status)
		return status;
	if (!take(p, "passphrase", t->passphrase, sizeof t->passphrase))
		return own_keys_page(p, 400, say(p, TEXT_KEY_NO_PASSPHRASE), false);
	take(p, "again", t->other, sizeof t->other);
	if (strcmp(t->passphrase, t->other) != 0)
		return own_keys_page(p, 400, say(p, TEXT_KEY_DIFFER), false);
	explicit_bzero(t->other, sizeof t->other);
	return ask(p, t, (struct keys_order){.kind = KEYS_ORDER_MAKE});
}

/* A sealed file is sealed anew by the passphrase that it has, unless another one is given. */
static int import(struct page *p, struct typed *t)
{
	int status = judge(p, t);

	if (status)
		return status;
	if (!take(p, "file", t->file, sizeof t->file) ||
		!take(p, "passphrase", t->passphrase, sizeof t->passphrase))
		return own_keys_page(p, 400, say(p, TEXT_KEY_NO_PASSPHRASE), false);
	if (!take(p, "old", t->other, sizeof t->other))
		memcpy(t->other, t->passphrase, sizeof t->other);
	return ask(p, t, (struct keys_order){.kind = KEYS_ORDER_IMPORT});
}

int form_own_unlock(struct page *p, const char *last)
{
	(void)last;
	return p->call->came_status ? answer(p) : run(p, unlock);
}

int form_own_make(struct page *p, const char *last)
{
	(void)last;
	return p->call->came_status ? answer(p) : run(p, make);
}

int form_own_import(struct page *p, const char *last)
{
	(void)last;
	return p->call->came_status ? answer(p) : run(p, import);
}

int form_own_make_cancel(struct page *p, const char *last)
{
	(void)last;
	p->api->hooks.key_cancel(p->api->hooks.ctx);
	return page_go(p, "/own/keys", slice_of(NULL, 0));
}
