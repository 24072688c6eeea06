/* Any bytes as a request to the admin interface, one byte more at a time: a judgement stays when
 * more arrives, and what is taken is plain text within its bounds. */
#include "api/routes.h"
#include "tests/fuzz/fuzz.h"

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
	check_text(q->body, sizeof q->body, '!');
	check_text(q->host, sizeof q->host, '!');
	check_text(q->credentials, sizeof q->credentials, '!');
	must(q->path[0] == '/');
}

static bool same(const struct http_request *a, const struct http_request *b)
{
	return strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->query, b->query) == 0 && strcmp(a->body, b->body) == 0 &&
	       strcmp(a->host, b->host) == 0 && a->origin == b->origin &&
	       a->from_page == b->from_page && a->auth == b->auth &&
	       strcmp(a->credentials, b->credentials) == 0;
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
	if (!http_check_args(q, names, error))
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

static void play_request(const struct http_request *q)
{
	uint8_t head[1024];
	struct wr w = wr_of(head, sizeof head);
	const char *method;
	struct http_answer a = {404, "application/json", "default-src 'none'", "", strlen(q->path)};
	const struct api_path *path = api_path_find(q, &method);

	check_request(q);
	for (size_t size = 1; size < 256; size += 85) {
		ask_query(q, "address", size);
		ask_query(q, "seconds", size);
		ask_query(q, "a", size);
	}
	check_access(q);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request whole, part;
	enum http_parsed end = parse(data, size, &whole);

	if (size > LONGEST)
		return 0;
	for (size_t n = 0; n < size; n++) {
		enum http_parsed now = parse(data, n, &part);
		must(now == HTTP_MORE || now == HTTP_CONTINUE || now == end);
		must(now != HTTP_DONE || same(&whole, &part));
	}
	if (end == HTTP_BAD)
		must(whole.status >= 400 && whole.error);
	if (end == HTTP_DONE)
		play_request(&whole);
	must(mem_blocks() == 0);
	return 0;
}
