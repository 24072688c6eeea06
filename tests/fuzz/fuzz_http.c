/* Any bytes as requests. As one head, one byte more at a time: a judgement stays when more arrives,
 * and what is taken is plain text within its bounds. As a connection, with bodies and one request
 * after the other: however the bytes are cut into pieces, the answers are the same. */
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/routes.h"
#include "http/http_conn_internal.h"
#include "tests/fuzz/fuzz.h"
#include "web/api_body.h"

enum { LONGEST = 2048 };

static void check_text(const char *text, size_t size, char least)
{
	must(memchr(text, 0, size));
	for (; *text; text++)
		must(*text >= least);
}

static void check_request(const struct http_request *q)
{
	check_text(q->method, sizeof q->method, '!');
	check_text(q->path, sizeof q->path, '!');
	check_text(q->query, sizeof q->query, '!');
	check_text(q->host, sizeof q->host, '!');
	check_text(q->credentials, sizeof q->credentials, '!');
	must(memchr(q->cookie, 0, sizeof q->cookie));
	for (size_t i = 0; i < q->body.n; i++)
		must(q->body.p[i] > ' ' && q->body.p[i] < 0x7F);
	must(q->path[0] == '/');
}

static bool same(const struct http_request *a, const struct http_request *b)
{
	return strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->query, b->query) == 0 && strcmp(a->cookie, b->cookie) == 0 &&
	       strcmp(a->host, b->host) == 0 && a->origin == b->origin &&
	       a->from_page == b->from_page && a->auth == b->auth &&
	       strcmp(a->credentials, b->credentials) == 0 && a->head == b->head &&
	       a->length == b->length && a->keep == b->keep && a->minor == b->minor;
}

/* A byte of UTF-8 may come out of %XX, a control character may not. */
static void ask_query(const struct http_request *q, const char *key, size_t size)
{
	char value[256];

	memset(value, 0x7E, sizeof value);
	if (http_arg(q, key, value, size)) {
		must(value[0] && memchr(value, 0, size) && http_has_arg(q, key));
		for (const char *c = value; *c; c++)
			must((uint8_t)*c >= ' ');
	}
	for (size_t i = size; i < sizeof value; i++)
		must(value[i] == 0x7E);
}

/* Who passes this can be read from without looking again. */
static void check_args(const struct http_request *q, const char *names)
{
	char error[HTTP_ERROR_MAX], value[HTTP_ARG_MAX];

	memset(error, 0, sizeof error);
	if (!http_check_args(q, names, sizeof value, error))
		must(error[0] && memchr(error, 0, sizeof error));
	else if (http_has_arg(q, "address"))
		must(http_arg(q, "address", value, sizeof value) ||
			!http_arg(q, "address", value, 1));
}

/* Who comes in by TCP has the token in one of its two spellings, and is no page of others. */
static void check_access(const struct http_request *q)
{
	static const struct http_access with = {.token = "0123456789abcdef"}, without;
	const char *error;

	must(http_access_judge(&without, DOOR_LOCAL, q, &error) == 200 && !error);
	int read = http_access_judge(&with, DOOR_READ, q, &error);
	must((read == 200) == !error);
	must(read == 200 || read == 401 || read == 403);
	if (read == 401)
		return;
	must(q->auth == AUTH_BASIC ||
		(q->auth == AUTH_BEARER && strcmp(q->credentials, with.token) == 0));
	must((read == 403) == (q->origin || q->from_page));
	must(http_access_judge(&without, DOOR_METRICS, q, &error) == read);
}

/* At webui.listen a page of ours asks, or none; and nobody by a name that is not ours. */
static void check_owners_page(const struct http_request *q)
{
	static const struct http_access closed = {.web_listen = "127.0.0.1:8082"},
					open = {.web_public = true};
	const char *error;

	bool named = http_access_judge(&closed, DOOR_WEB, q, &error) == 200;
	must(named == !error);
	bool any = http_access_judge(&open, DOOR_WEB, q, &error) == 200;
	must(!named || any);
	must(!any || q->host[0]);
	must(!any || !q->origin || strlen(q->origin_text) > strlen(q->host) + 6);
	must(!any || !q->from_page);
	must(memchr(q->forwarded_for, 0, sizeof q->forwarded_for) &&
		memchr(q->token, 0, sizeof q->token));
}

/* Any bytes as a JSON body: members are found within it, or it is refused. */
static void check_json(struct slice bytes)
{
	struct http_request q = {.json = true};
	uint8_t said[512];
	struct wr w = wr_of(said, sizeof said);
	struct http_call c = {.request = &q, .answer = &w, .token = ""};
	struct body_field f[] = {{.name = "a"}, {.name = "b"}};
	char text[16];
	uint64_t n = 3;
	bool yes;

	must(http_take_body(&q, bytes));
	if (!body_read(&c, f, 2)) {
		must(w.n > 0);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		must(!f[i].value.p || (f[i].value.p >= bytes.p &&
					      f[i].value.p + f[i].value.n <= bytes.p + bytes.n));
	memset(text, 0x7E, sizeof text);
	body_need(&c, &f[0], text, sizeof text);
	must(memchr(text, 0, sizeof text));
	body_number(&c, &f[0], 2, 9, &n);
	must(n >= 2 && n <= 9);
	body_bool(&c, &f[1], &yes);
	must(!w.bad);
}

static void check_cookie(const struct http_request *q)
{
	char value[64];

	memset(value, 0x7E, sizeof value);
	if (http_cookie(q->cookie, "a", value, 32))
		must(memchr(value, 0, 32) && strstr(q->cookie, value));
	for (size_t i = 32; i < sizeof value; i++)
		must(value[i] == 0x7E);
}

static void play_request(const struct http_request *q)
{
	uint8_t head[1024];
	struct wr w = wr_of(head, sizeof head);
	const char *method;
	struct http_answer a = {404, "application/json", "default-src 'none'", "no-store", "",
		.length = strlen(q->path), .keep = q->keep, .minor = q->minor};
	const struct api_path *path = api_path_find(q, &method);

	check_request(q);
	for (size_t size = 1; size < 256; size += 85) {
		ask_query(q, "address", size);
		ask_query(q, "seconds", size);
		ask_query(q, "a", size);
	}
	check_access(q);
	check_owners_page(q);
	check_cookie(q);
	check_args(q, path ? path->args : "address seconds");
	if (!path) {
		must(!method || strcmp(method, q->method) != 0);
		http_head(&w, &a);
		must(!w.bad && memcmp(w.p + w.n - 4, "\r\n\r\n", 4) == 0);
	}
}

static enum http_parsed parse(const uint8_t *data, size_t n, struct http_request *q)
{
	uint8_t *arrived = own_copy(data, n);
	enum http_parsed parsed = http_parse(slice_of(arrived, n), q);

	mem_free(arrived);
	return parsed;
}

/* ---- a connection ---- */

enum { OUT_MAX = 1 << 16, TURNS_MAX = 64 };

struct talk {
	struct event_base *base; /* for all inputs */
	struct limits limits;
	struct http_conns conns;
	unsigned asked;
	size_t n; /* of what was answered */
	char out[OUT_MAX];
};

static int told_route(void *ctx, struct http_call *c)
{
	struct talk *t = ctx;

	check_request(c->request);
	t->asked++;
	wr_format(c->answer, "%s %zu\n", c->request->path, c->request->body.n);
	return 200;
}

static void talk_init(struct talk *t, const struct http_settings *s)
{
	t->base = s->base;
	limits_default(&t->limits);
	t->limits.http_body_bytes.max = LONGEST / 2;
	t->limits.admin_request_bytes.max = LONGEST / 2;
	t->conns.s = *s;
	t->conns.s.limits = &t->limits;
	t->conns.s.ctx = t;
}

/* Half of the paths take a body. */
static int told_admit(void *ctx, struct http_call *c)
{
	(void)ctx;
	must(c->request->length > 0);
	return strlen(c->request->path) % 2 ? 200 : 404;
}

static void turn(struct talk *t, int fd)
{
	ssize_t n;

	for (int i = 0; i < TURNS_MAX; i++) {
		event_base_loop(t->base, EVLOOP_NONBLOCK);
		n = read(fd, t->out + t->n, OUT_MAX - t->n);
		if (n > 0)
			t->n += (size_t)n;
		else if (i > 2)
			return;
	}
}

/* "100 Continue" is only sent when the body has not come yet. */
static void forget_continue(struct talk *t)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	char *at;

	while ((at = memmem(t->out, t->n, go_on, sizeof go_on - 1)) != NULL) {
		size_t behind = t->n - (size_t)(at - t->out) - (sizeof go_on - 1);
		memmove(at, at + sizeof go_on - 1, behind);
		t->n -= sizeof go_on - 1;
	}
}

/* Says it in pieces, whose lengths the number decides, and goes. */
static void talk(struct talk *t, const uint8_t *data, size_t size, uint32_t pieces)
{
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	t->n = t->asked = 0;
	http_conns_take(&t->conns, pair[1], DOOR_LOCAL);
	for (size_t n = 0, step; n < size; n += step) {
		pieces = pieces ? pieces * 1664525 + 1013904223 : 0;
		step = pieces ? 1 + (pieces >> 16) % 64 : size;
		step = step < size - n ? step : size - n;
		if (send(pair[0], data + n, step, MSG_NOSIGNAL) < 0)
			break;
		turn(t, pair[0]);
		must_be_within(&t->limits);
	}
	shutdown(pair[0], SHUT_WR);
	for (int i = 0; i < TURNS_MAX && t->conns.first; i++)
		turn(t, pair[0]);
	close(pair[0]);
	must(!t->conns.first);
	must_be_unused(&t->limits);
	forget_continue(t);
}

static void play_connection(const uint8_t *data, size_t size)
{
	static struct talk whole, cut;
	uint32_t pieces = (uint32_t)size;

	if (!whole.base) {
		struct http_settings s = {.base = event_base_new(), .clock = &clock_system};
		must(s.base);
		s.route = told_route;
		s.admit = told_admit;
		talk_init(&whole, &s);
		talk_init(&cut, &s);
	}
	for (size_t i = 0; i < size; i++)
		pieces = pieces * 31 + data[i];
	talk(&whole, data, size, 0);
	talk(&cut, data, size, pieces | 1);
	must(whole.asked == cut.asked);
	must(whole.n == cut.n && memcmp(whole.out, cut.out, cut.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request whole, part;
	enum http_parsed end = parse(data, size, &whole);

	if (size > LONGEST)
		return 0;
	for (size_t n = 0; n < size; n++) {
		enum http_parsed now = parse(data, n, &part);
		must(now == HTTP_MORE || now == end);
		must(now != HTTP_DONE || same(&whole, &part));
	}
	if (end == HTTP_BAD)
		must(whole.status >= 400 && whole.error);
	if (end == HTTP_DONE)
		play_request(&whole);
	play_connection(data, size);
	check_json(slice_of(data, size));
	must(mem_blocks() == 0);
	return 0;
}
