/* The frame of every page: head, state of the node, search, links, foot. Before: the pages of
 * web/routes.def. After: http/http_reply.c sends it. */
#include "web/page.h"

#include <stdio.h>

#include "base/clock.h"
#include "web/asset.h"

/* What a browser may load and run: our style sheet and script, nothing else. Forms and questions of
 * the script go to us alone. */
static const char policy[] =
	"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
	"img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/* The language that the link in the foot asks for by `lang`, else the one that was asked for before
 * and stands in a cookie, else as the browser wants it. */
static enum web_language language_of(struct http_call *c)
{
	const struct http_request *q = c->request;
	enum web_language language = web_language_of(q->languages);
	char code[8];

	c->more = "Vary: Accept-Language, Cookie\r\n";
	if (http_arg(q, "lang", code, sizeof code) && web_language_named(code, &language)) {
		snprintf(c->text, sizeof c->text,
			"Vary: Accept-Language, Cookie\r\n"
			"Set-Cookie: lang=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict\r\n",
			web_language_code(language));
		c->more = c->text;
	} else if (http_cookie(q->cookie, "lang", code, sizeof code)) {
		web_language_named(code, &language);
	}
	return language;
}

struct page page_of(const struct api *a, struct http_call *c)
{
	struct page p = {.api = a, .call = c, .w = c->answer};

	p.language = language_of(c);
	p.now = clock_wall(a->clock);
	p.query = (struct query){.chain = a->chain,
		.params = a->params,
		.j = {.w = c->answer},
		.now = chain_now(a->chain, p.now)};
	c->type = "text/html; charset=utf-8";
	c->policy = policy;
	return p;
}

/* `state`: of the node; NULL = it is not told. */
static void put_head(struct page *p, const char *title, const struct page_state *state)
{
	wr_format(p->w,
		"<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
		web_language_code(p->language));
	if (title)
		html_str(p->w, title);
	if (title && state)
		html_raw(p->w, " · ");
	if (state) {
		wr_format(p->w, "%s ", page_state_icon(state->level));
		html_str(p->w, state->text);
	}
	wr_format(p->w,
		" – alfisd</title>\n<link rel=\"icon\" href=\"data:,\">\n"
		"<link rel=\"stylesheet\" href=\"/style.css?%s\">\n"
		"<script src=\"/script.js?%s\" defer></script>\n",
		asset_style.tag, asset_script.tag);
	if (p->again)
		wr_format(p->w,
			"<noscript><meta http-equiv=\"refresh\" content=\"%u\"></noscript>\n",
			p->again);
	html_raw(p->w, "</head>\n");
}

static void put_search(struct page *p)
{
	char asked[HTTP_QUERY_MAX];

	if (!http_arg(p->call->request, "q", asked, sizeof asked))
		asked[0] = 0;
	html_raw(p->w, "<form role=\"search\" action=\"/search\"><input type=\"search\" name=\"q\" "
		       "maxlength=\"200\" required aria-label=\"");
	page_say(p, TEXT_SEARCH_HINT);
	html_raw(p->w, "\" placeholder=\"");
	page_say(p, TEXT_SEARCH_HINT);
	html_raw(p->w, "\" value=\"");
	html_str(p->w, page_typed(asked));
	html_raw(p->w, "\"> <button>");
	page_say(p, TEXT_SEARCH);
	html_raw(p->w, "</button></form>\n");
}

static void put_link(struct page *p, const char *path, enum web_text text)
{
	bool here = strcmp(p->call->request->path, path) == 0;

	wr_format(p->w, "<a href=\"%s\"%s>", path, here ? " aria-current=\"page\"" : "");
	page_say(p, text);
	html_raw(p->w, "</a> ");
}

static void put_own_links(struct page *p)
{
	put_link(p, "/own", TEXT_MY_NAMES);
	put_link(p, "/own/keys", TEXT_MY_KEYS);
	put_link(p, "/own/jobs", TEXT_JOBS);
	put_link(p, "/own/signing", TEXT_SIGNING);
	if (p->call->token[0])
		put_link(p, "/login", TEXT_LOG_OUT);
}

/* At admin.listen nobody logs in: leads to where the owner does, if that is this machine, too. */
static void put_login_link(struct page *p)
{
	const struct config *c = p->api->config;
	struct netaddr at;

	if (!p->api->login || p->call->door != DOOR_READ ||
		!netaddr_parse(slice_str(c->webui_listen), &at) || !netaddr_is_loopback(&at) ||
		!netaddr_is_loopback(&p->call->from) || p->call->request->prefix[0])
		return;
	html_raw(p->w, "<a href=\"http://");
	html_str(p->w, c->webui_listen);
	html_raw(p->w, "/own\">");
	page_say(p, TEXT_LOG_IN);
	html_raw(p->w, "</a> ");
}

static void put_header(struct page *p, const struct page_state *state, bool with_state)
{
	html_raw(p->w, "<a class=\"skip\" href=\"#content\">");
	page_say(p, TEXT_SKIP);
	html_raw(p->w, "</a>\n<header>\n<div><a class=\"brand\" href=\"/\">alfisd</a> ");
	if (with_state) {
		wr_format(p->w, "<span id=\"state\" class=\"state %s\">",
			page_state_class(state->level));
		html_str(p->w, state->text);
		html_raw(p->w, "</span>");
	}
	html_raw(p->w, "</div>\n<nav>");
	put_link(p, "/", TEXT_NODE);
	put_link(p, "/explorer", TEXT_BLOCKS);
	put_link(p, "/explorer/names", TEXT_LATEST);
	put_link(p, "/node/peers", TEXT_PEERS);
	put_link(p, "/node/resolver", TEXT_RESOLVER);
	if (page_may_own(p))
		put_own_links(p);
	else
		put_login_link(p);
	html_raw(p->w, "</nav>\n");
	put_search(p);
	html_raw(p->w, "</header>\n");
}

static void put_title(struct page *p, const char *title)
{
	html_raw(p->w, "<h1>");
	html_foreign(p->w, slice_str(title));
	html_raw(p->w, "</h1>\n");
}

static void put_json_link(struct page *p, const char *json)
{
	html_raw(p->w, "<p class=\"json\"><a href=\"");
	html_path(p->w, json);
	html_raw(p->w, "\">");
	page_say(p, TEXT_AS_JSON);
	html_raw(p->w, "</a></p>\n");
}

/* Who has not logged in learns nothing of the node. */
static void begin_for_strangers(struct page *p, const char *title)
{
	put_head(p, title, NULL);
	html_raw(p->w,
		"<body>\n<header>\n<div><span class=\"brand\">alfisd</span></div>\n</header>\n"
		"<main id=\"content\">\n");
	put_title(p, title);
}

void page_begin(struct page *p, const char *title, const char *json)
{
	struct page_state state;

	if (p->call->right < RIGHT_READ) {
		begin_for_strangers(p, title);
		return;
	}
	page_state(p, &state);
	put_head(p, title, &state);
	html_raw(p->w, title ? "<body>\n" : "<body class=\"home\">\n");
	put_header(p, &state, title);
	html_raw(p->w, "<main id=\"content\"");
	if (p->again)
		wr_format(p->w, " data-again=\"%u\"", p->again);
	html_raw(p->w, ">\n");
	if (title)
		put_title(p, title);
	if (json)
		put_json_link(p, json);
}

static void put_foot(struct page *p)
{
	html_str(p->w, p->api->version);
	html_raw(p->w, " · ");
	html_str(p->w, p->api->config->network);
	html_raw(p->w, " · ");
	page_say(p, TEXT_FOOT_DATES);
	html_raw(p->w, " · <a href=\"/glossary\">");
	page_say(p, TEXT_GLOSSARY);
	html_raw(p->w, "</a>");
}

/* The other language is a link to the same page: its path, and `lang`. */
static void put_other_language(struct page *p, const char *here)
{
	enum web_language other = p->language == WEB_RUSSIAN ? WEB_ENGLISH : WEB_RUSSIAN;

	wr_format(p->w, "%s<a lang=\"%s\" href=\"", p->call->right >= RIGHT_READ ? " · " : "",
		web_language_code(other));
	html_path(p->w, here);
	wr_format(
		p->w, "%slang=%s\">", strchr(here, '?') ? "&amp;" : "?", web_language_code(other));
	page_say(p, TEXT_OTHER_LANGUAGE);
	html_raw(p->w, "</a>");
}

/* What answers a form has no path of its own that a link could lead to; nor has a path that nothing
 * has, which may lead to another site. */
void page_end(struct page *p)
{
	bool form = strcmp(p->call->request->method, "POST") == 0;
	const char *here = p->here ? p->here : form ? NULL : p->call->request->path;

	html_raw(p->w, "</main>\n");
	if (p->live)
		page_put_words(p);
	html_raw(p->w, "<footer>");
	if (p->call->right >= RIGHT_READ)
		put_foot(p);
	if (here && page_is_own_path(here))
		put_other_language(p, here);
	html_raw(p->w, "</footer>\n</body>\n</html>\n");
}

int page_nothing(struct page *p, int status, enum web_text why, const char *line)
{
	page_begin(p, web_text(p->language, TEXT_NOT_FOUND), NULL);
	html_raw(p->w, "<p>");
	page_say(p, why);
	if (line) {
		html_raw(p->w, " ");
		page_put_line(p, line);
	}
	html_raw(p->w, "</p>\n<p>");
	page_say(p, TEXT_SEARCH_EXPLAINED);
	html_raw(p->w, "</p>\n");
	page_end(p);
	return status;
}

int page_for_the_owner(struct page *p)
{
	page_begin(p, web_text(p->language, TEXT_LOG_IN), NULL);
	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_FOR_THE_OWNER, p->api->config->webui_listen, NULL);
	html_raw(p->w, "</p>\n");
	page_end(p);
	return 403;
}

int page_later(struct page *p, uint64_t ms)
{
	p->call->waits_ms = ms;
	p->call->again = true;
	return 200;
}

int page_go(struct page *p, const char *path, struct slice last)
{
	struct wr w = wr_of(p->call->text, sizeof p->call->text - 1);

	wr_format(&w, "Location: %s", path);
	html_url(&w, last);
	html_raw(&w, "\r\n");
	p->call->text[w.n] = 0;
	p->call->more = p->call->text;
	return w.bad ? 500 : 303;
}
