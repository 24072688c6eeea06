/* The log-in and its end, as pages and as the calls of /api. Before: web/routes.c. After: login.c.
 */
#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "base/log.h"
#include "net/addr.h"
#include "web/api_body.h"
#include "web/login.h"
#include "web/login_queue.h"
#include "web/password.h"
#include "web/routes.h"

/* Of the query of a log-in, which fits a request and the lines of an answer. */
enum { BACK_MAX = 512 };

_Static_assert(
	BACK_MAX <= sizeof(((struct http_request *)NULL)->query) && BACK_MAX + 32 <= HTTP_TEXT_MAX,
	"a log-in can be asked for with all that may lead back");

static const char slow_down[] = "Retry-After: 2\r\n";

/* ---- where a log-in leads to ---- */

bool page_is_own_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
		return false;
	for (const char *p = path; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p))
			return false;
	return true;
}

static void wanted_path(const struct page *p, char to[HTTP_ARG_MAX])
{
	if (!http_arg(p->call->request, "to", to, HTTP_ARG_MAX) || !page_is_own_path(to))
		snprintf(to, HTTP_ARG_MAX, "/");
}

/* The query that leads back from the log-in; false when it does not fit. */
static bool way_back(const struct http_request *q, char to[BACK_MAX])
{
	struct wr w = wr_of(to, BACK_MAX - 1);

	html_raw(&w, "to=");
	html_url(&w, slice_str(q->path));
	if (q->query[0]) {
		html_raw(&w, "%3F");
		html_url(&w, slice_str(q->query));
	}
	to[w.n] = 0;
	return !w.bad;
}

int page_to_login(struct page *p)
{
	const struct http_request *q = p->call->request;
	char back[BACK_MAX];
	bool here = strcmp(q->path, "/") != 0 || q->query[0];

	here = here && way_back(q, back);
	snprintf(p->call->text, sizeof p->call->text, "Location: /login%s%s\r\n", here ? "?" : "",
		here ? back : "");
	p->call->more = p->call->text;
	return 303;
}

/* Answers with a redirection, and a line that sets or takes back the cookie. */
static int go_with(struct page *p, const char *path, const char *line)
{
	struct http_call *c = p->call;

	snprintf(c->text, sizeof c->text, "Location: %s\r\n%s", path, line);
	c->more = c->text;
	return 303;
}

/* ---- pages ---- */

/* `to`: where it leads; `wrong`: what was typed is. */
static void put_form(struct page *p, const char *to, bool wrong)
{
	page_form(p, "/login");
	html_raw(p->w, "<input type=\"hidden\" name=\"to\" value=\"");
	html_str(p->w, to);
	html_raw(p->w, "\">\n<p><label for=\"password\">");
	page_say(p, TEXT_PASSWORD);
	wr_format(p->w,
		"</label> <input type=\"password\" id=\"password\" name=\"password\" "
		"maxlength=\"%d\" autocomplete=\"current-password\" required autofocus",
		LOGIN_PASSWORD_MAX - 1);
	html_raw(
		p->w, wrong ? " aria-invalid=\"true\" aria-describedby=\"why\"></p>\n" : "></p>\n");
	page_form_end(p, TEXT_LOG_IN);
	page_sentence(p, TEXT_LOGIN_FORGOTTEN);
}

/* The form below why it is there; `why` is NULL for who came by himself. */
static void put_login_page(struct page *p, const char *to, bool wrong, const char *why)
{
	char here[3 * HTTP_ARG_MAX + 16];
	struct wr w = wr_of(here, sizeof here - 1);

	html_raw(&w, "/login?to=");
	html_url(&w, slice_str(to));
	here[w.n] = 0;
	p->here = here;
	page_begin(p, web_text(p->language, TEXT_LOG_IN), NULL);
	if (why) {
		html_raw(p->w, "<p class=\"why\" id=\"why\" role=\"alert\"><span class=\"bad\">");
		html_str(p->w, why);
		html_raw(p->w, "</span></p>\n");
	}
	put_form(p, to, wrong);
	page_end(p);
	p->here = NULL;
}

/* The form, and why the last attempt failed. */
static int put_login(struct page *p, int status, enum web_text why)
{
	char to[HTTP_ARG_MAX];

	wanted_path(p, to);
	put_login_page(p, to, status != 200, status != 200 ? web_text(p->language, why) : NULL);
	return status;
}

/* The page of a form: the longest beginning of its path that can be opened. */
static void page_of_form(const char *path, char to[HTTP_ARG_MAX])
{
	snprintf(to, HTTP_ARG_MAX, "%s", page_is_own_path(path) ? path : "/");
	while (to[1] && !web_has_page(to)) {
		char *slash = strrchr(to, '/');
		slash[slash == to ? 1 : 0] = 0;
	}
}

/* What a form had in it is kept nowhere: the log-in leads to its page alone. */
void page_login_ended(struct page *p)
{
	const struct http_request *q = p->call->request;
	bool sent = strcmp(q->method, "GET") != 0 && !http_is_head(q);
	char to[HTTP_ARG_MAX];

	if (sent)
		page_of_form(q->path, to);
	else
		snprintf(to, sizeof to, "%s", page_is_own_path(q->path) ? q->path : "/");
	put_login_page(p, to, false,
		web_text(p->language, sent ? TEXT_SESSION_ENDED_FORM : TEXT_SESSION_ENDED));
}

static void put_ends(struct page *p)
{
	char number[PAGE_WORD_MAX];

	html_raw(p->w, "<p>");
	page_say_with(
		p, TEXT_SESSIONS, page_number(p, login_sessions(p->api->login), number), NULL);
	html_raw(p->w, "</p>\n");
	page_form(p, "/logout");
	page_form_end(p, TEXT_LOG_OUT);
	page_form(p, "/logout/all");
	page_form_end(p, TEXT_LOG_OUT_ALL);
}

int page_login(struct page *p, const char *last)
{
	(void)last;
	if (!p->api->login || p->call->door != DOOR_WEB)
		return page_nothing(p, 404, TEXT_NO_SUCH_PAGE, NULL);
	if (!p->call->token[0])
		return put_login(p, 200, TEXT_LOG_IN);
	page_begin(p, web_text(p->language, TEXT_LOG_OUT), NULL);
	put_ends(p);
	page_end(p);
	return 200;
}

/* ---- trying a password ---- */

/* The first time it has the password tried, and the route is called again with the outcome. Returns
 * the status, 0 while it is not known. */
static int outcome(const struct api *a, struct http_call *c, char *password, size_t size)
{
	char text[NETADDR_TEXT_MAX];

	if (c->came_status == 401)
		log_warn_rarely("webui: a wrong password from %s", netaddr_ip_text(&c->from, text));
	if (c->came_status)
		return c->came_status;
	bool waits = a->login && login_try(a->login, c, password);
	explicit_bzero(password, size);
	if (!waits)
		return 429;
	c->waits_ms = LOGIN_WAIT_MS;
	c->again = true;
	return 0;
}

int form_login(struct page *p, const char *last)
{
	char password[LOGIN_PASSWORD_MAX] = "", line[LOGIN_LINE_MAX], to[HTTP_ARG_MAX];
	struct http_call *c = p->call;

	(void)last;
	if (!c->came_status && !http_arg(c->request, "password", password, sizeof password))
		return put_login(p, 400, TEXT_NO_PASSWORD);
	int status = outcome(p->api, c, password, sizeof password);
	if (status == 0)
		return 200;
	if (status == 200 && login_begin(p->api->login, c, line)) {
		wanted_path(p, to);
		return go_with(p, to, line);
	}
	if (status == 429)
		c->more = slow_down;
	return put_login(p, status == 200 ? 503 : status,
		status == 401   ? TEXT_WRONG_PASSWORD
		: status == 429 ? TEXT_TOO_MANY_LOGINS
				: TEXT_LOGIN_FAILED);
}

static int form_end(struct page *p, bool all)
{
	char line[LOGIN_LINE_MAX];

	if (!p->api->login || p->call->door != DOOR_WEB)
		return page_nothing(p, 404, TEXT_NO_SUCH_PAGE, NULL);
	login_end(p->api->login, p->call, all, line);
	return go_with(p, "/login", line);
}

int form_logout(struct page *p, const char *last)
{
	(void)last;
	return form_end(p, false);
}

int form_logout_all(struct page *p, const char *last)
{
	(void)last;
	return form_end(p, true);
}

/* ---- the same as calls ---- */

/* Answers {} with the line that sets or takes back the cookie. */
static int done(struct http_call *c, const char *line)
{
	snprintf(c->text, sizeof c->text, "%s", line);
	c->more = c->text;
	wr_format(c->answer, "{}");
	return 200;
}

int call_login(const struct api *a, struct http_call *c)
{
	char password[LOGIN_PASSWORD_MAX] = "", line[LOGIN_LINE_MAX];
	struct body_field f = {.name = "password"};

	if (!c->came_status &&
		(!body_read(c, &f, 1) || !body_need(c, &f, password, sizeof password)))
		return 400;
	int status = outcome(a, c, password, sizeof password);
	if (status == 0)
		return 200;
	if (status == 200 && login_begin(a->login, c, line))
		return done(c, line);
	if (status == 429)
		c->more = slow_down;
	return api_error(c, status == 200 ? 503 : status,
		status == 401   ? "wrong password"
		: status == 429 ? "too many attempts to log in: try again in a moment"
				: "the password could not be tried: try again in a moment");
}

int call_logout(const struct api *a, struct http_call *c)
{
	char line[LOGIN_LINE_MAX];

	login_end(a->login, c, false, line);
	return done(c, line);
}
