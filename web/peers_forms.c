/* Forms of the page of peers: add, remove, ban, unban. Before: web/routes.c checked right and
 * token. After: the hooks of api/api.h; then the page again. */
#include <stdio.h>

#include "api/routes.h"
#include "base/human.h"
#include "config/keys.h"
#include "config/units.h"
#include "web/peers.h"
#include "web/routes.h"

static const char PATH[] = "/node/peers";

/* ---- what is shown ---- */

void peers_put_add(struct page *p, const struct peers_said *said)
{
	bool mine = said && said->form == PEERS_ADD;
	const struct page_field address = {.name = "address",
		.label = TEXT_FIELD_PEER,
		.value = mine ? said->address : "",
		.hint = "example.org:4244",
		.wrong = mine ? said->why : WEB_TEXTS,
		.required = true};

	if (!page_may_own(p))
		return;
	html_raw(p->w, "<div class=\"line\">");
	page_form(p, "/node/peers/add");
	page_field(p, &address);
	html_raw(
		p->w, "<label class=\"tick\"><input type=\"checkbox\" name=\"once\" value=\"1\"> ");
	page_say(p, TEXT_FIELD_ONCE);
	html_raw(p->w, "</label>\n");
	page_form_end(p, TEXT_ADD_PEER);
	html_raw(p->w, "</div>\n");
}

void peers_put_ban(struct page *p, const struct peers_said *said)
{
	bool mine = said && said->form == PEERS_BAN;
	const struct page_field address = {.name = "address",
		.label = TEXT_FIELD_HOST,
		.value = mine ? said->address : "",
		.hint = "192.0.2.1",
		.wrong = mine && !said->wrong_time ? said->why : WEB_TEXTS,
		.required = true};
	const struct page_field seconds = {.name = "seconds",
		.label = TEXT_FIELD_BAN_TIME,
		.value = mine ? said->seconds : "",
		.hint = "1 h",
		.wrong = mine && said->wrong_time ? said->why : WEB_TEXTS};

	if (!page_may_own(p))
		return;
	html_raw(p->w, "<div class=\"line\">");
	page_form(p, "/node/peers/ban");
	page_field(p, &address);
	page_field(p, &seconds);
	page_form_end(p, TEXT_BAN_HOST);
	html_raw(p->w, "</div>\n");
}

void peers_put_button(struct page *p, const char *path, const char *address, enum web_text label)
{
	if (!page_may_own(p))
		return;
	page_cell(p, NULL);
	page_form(p, path);
	html_raw(p->w, "<input type=\"hidden\" name=\"address\" value=\"");
	html_str(p->w, address);
	html_raw(p->w, "\"><button class=\"small\" aria-label=\"");
	page_say(p, label);
	html_raw(p->w, " ");
	html_str(p->w, address);
	html_raw(p->w, "\">");
	page_say(p, label);
	html_raw(p->w, "</button></form>");
}

/* ---- what is done ---- */

static enum web_text why(enum err err)
{
	switch (err) {
	case ERR_NOT_FOUND:
		return TEXT_PEER_NOT_THERE;
	case ERR_EXISTS:
		return TEXT_PEER_THERE;
	case ERR_FULL:
		return TEXT_PEERS_FULL;
	case ERR_NOMEM:
		return TEXT_NO_MEMORY;
	default:
		return TEXT_NO_ADDRESS;
	}
}

/* The page anew, so that loading it again sends nothing; or with the reason beside the field. */
static int tell(struct page *p, enum err err, struct peers_said *said)
{
	if (err == ERR_OK)
		return page_go(p, PATH, slice_of(NULL, 0));
	said->why = why(err);
	peers_page(p, said);
	return 400;
}

/* The address of a form; "" when there is none. */
static const char *take_address(struct page *p, char to[HTTP_ARG_MAX])
{
	if (!http_arg(p->call->request, "address", to, HTTP_ARG_MAX))
		to[0] = 0;
	return to;
}

int form_peer_add(struct page *p, const char *last)
{
	const struct api_hooks *h = &p->api->hooks;
	char address[HTTP_ARG_MAX];
	struct peers_said said = {.form = PEERS_ADD, .address = take_address(p, address)};
	(void)last;

	return tell(p, h->peer_add(h->ctx, address, http_has_arg(p->call->request, "once")), &said);
}

int form_peer_remove(struct page *p, const char *last)
{
	const struct api_hooks *h = &p->api->hooks;
	char address[HTTP_ARG_MAX];
	struct peers_said said = {.form = PEERS_OTHER, .address = take_address(p, address)};
	(void)last;

	return tell(p, h->peer_remove(h->ctx, address), &said);
}

int form_ban(struct page *p, const char *last)
{
	const struct api_hooks *h = &p->api->hooks;
	char address[HTTP_ARG_MAX], time[HTTP_ARG_MAX] = "";
	struct peers_said said = {
		.form = PEERS_BAN, .address = take_address(p, address), .seconds = time};
	uint64_t seconds = 0;
	(void)last;

	if (http_arg(p->call->request, "seconds", time, sizeof time) &&
		!api_ban_time(time, &seconds)) {
		said.wrong_time = true;
		said.why = TEXT_NO_BAN_TIME;
		peers_page(p, &said);
		return 400;
	}
	return tell(p, h->ban(h->ctx, address, seconds), &said);
}

int form_unban(struct page *p, const char *last)
{
	const struct api_hooks *h = &p->api->hooks;
	char address[HTTP_ARG_MAX];
	struct peers_said said = {.form = PEERS_OTHER, .address = take_address(p, address)};
	(void)last;

	return tell(p, h->unban(h->ctx, address), &said);
}
