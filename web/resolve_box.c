/* Asks the DNS server for a name and shows what it says, and which stages answered. Before:
 * web/page_resolver.c. After: the hook `resolve`; api/resolve.c writes the answer as JSON, with
 * which the page is called again (web/page.h, page_later()). */
#include "web/resolve_box.h"

#include "api/resolve.h"
#include "base/json.h"
#include "base/mem.h"

enum {
	CELL_MAX = 512, /* bytes of the data of one record that are shown; the JSON has the rest */
	STAGE_MAX = 2047, /* bytes of the line of a stage: a name, with escapes, and what is said */
};

static const char *const types[] = {
	"A", "AAAA", "CNAME", "MX", "NS", "TXT", "PTR", "SRV", "SOA", "CAA", "TLSA", "HTTPS"};

/* ---- the question ---- */

static bool came(const struct page *p)
{
	return p->call->came_status != 0;
}

static enum web_text ask(struct page *p, const struct dns_query *q)
{
	const struct api_hooks *h = &p->api->hooks;

	switch (h->resolve(h->ctx, p->call->number, q, true)) {
	case ERR_OK:
		return WEB_TEXTS;
	case ERR_NOT_FOUND:
		return TEXT_RESOLVE_NO_SERVER;
	default:
		return TEXT_RESOLVE_BUSY;
	}
}

bool resolve_box_ask(struct page *p, struct resolve_box *b)
{
	const struct http_request *request = p->call->request;
	struct dns_query q;

	*b = (struct resolve_box){.wrong = WEB_TEXTS, .wrong_type = WEB_TEXTS};
	if (!http_arg(request, "type", b->type, sizeof b->type))
		b->type[0] = 0;
	if (!http_arg(request, "name", b->name, sizeof b->name)) {
		b->name[0] = 0;
		return false;
	}
	switch (resolve_question(request, &q)) {
	case RESOLVE_NO_NAME:
		b->wrong = TEXT_RESOLVE_NO_NAME;
		return false;
	case RESOLVE_NO_TYPE:
		b->wrong_type = TEXT_RESOLVE_NO_TYPE;
		return false;
	case RESOLVE_GOOD:
		break;
	}
	if (!came(p))
		b->wrong = ask(p, &q);
	return !came(p) && b->wrong == WEB_TEXTS;
}

static void put_types(struct page *p, const struct resolve_box *b)
{
	html_raw(p->w, "<label class=\"field\"><span>");
	page_say_head(p, TEXT_COLUMN_TYPE);
	html_raw(p->w, "</span> <select name=\"type\">");
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		wr_format(p->w, "<option%s>%s</option>",
			strcmp(types[i], b->type) == 0 ? " selected" : "", types[i]);
	html_raw(p->w, "</select></label>\n");
}

static void put_form(struct page *p, const struct resolve_box *b)
{
	const struct page_field name = {.name = "name",
		.label = TEXT_COLUMN_NAME,
		.value = b->name,
		.hint = "example.ygg",
		.wrong = b->wrong,
		.required = true};

	html_raw(p->w, "<form class=\"line\" action=\"/node/resolver#answer\">\n");
	page_field(p, &name);
	put_types(p, b);
	if (b->wrong_type != WEB_TEXTS) {
		html_raw(p->w, "<strong class=\"bad\" role=\"alert\"> ");
		page_say(p, b->wrong_type);
		html_raw(p->w, "</strong>\n");
	}
	page_form_end(p, TEXT_RESOLVE);
}

/* ---- the answer ---- */

/* Writes a text of the answer, cut at a bound. */
static void put_text(struct page *p, struct slice value)
{
	uint8_t *text = mem_alloc(value.n + 1);
	size_t n = 0;

	if (text && json_get_text(value, text, value.n, &n)) {
		html_foreign(p->w, slice_of(text, n < CELL_MAX ? n : CELL_MAX));
		html_raw(p->w, n > CELL_MAX ? "…" : "");
	}
	mem_free(text);
}

static void put_value(struct page *p, struct slice object, const char *key)
{
	struct slice value = {NULL, 0};
	uint64_t ttl;

	if (json_find(object, key, &value)) {
		if (json_get_u64(value, &ttl))
			wr_format(p->w, "%llu", (unsigned long long)ttl);
		else
			put_text(p, value);
	}
}

static void put_records(struct page *p, struct slice answers)
{
	static const enum web_text columns[] = {
		TEXT_COLUMN_NAME, TEXT_COLUMN_TTL, TEXT_COLUMN_TYPE, TEXT_COLUMN_VALUE, WEB_TEXTS};
	struct slice one;
	size_t at = 0;
	bool more = false;

	page_table(p, columns);
	while ((more = json_element(answers, &at, &one)) && page_has_room(p)) {
		page_row(p, NULL, "long");
		put_value(p, one, "name");
		page_cell(p, NULL);
		put_value(p, one, "ttl");
		page_cell(p, NULL);
		put_value(p, one, "type");
		page_cell(p, "long");
		put_value(p, one, "data");
		page_row_end(p);
	}
	page_table_end(p);
	if (more)
		page_sentence(p, TEXT_LIST_CUT);
}

/* "www.example.ygg AAAA: a kept answer": whom it is about, and what a stage said of it. */
static void put_stage(struct page *p, struct slice line)
{
	char text[STAGE_MAX + 1];
	size_t n;

	if (!json_get_text(line, (uint8_t *)text, STAGE_MAX, &n))
		return;
	text[n] = 0;
	char *said = strstr(text, ": ");
	html_raw(p->w, "<li>");
	if (said) {
		said += 2;
		html_foreign(p->w, slice_of(text, (size_t)(said - text)));
	}
	page_put_line(p, said ? said : text);
	html_raw(p->w, "</li>\n");
}

static void put_stages(struct page *p, struct slice trace)
{
	struct slice one;
	size_t at = 0;

	html_raw(p->w, "<h3>");
	page_say(p, TEXT_RESOLVE_STAGES);
	html_raw(p->w, "</h3>\n<ol class=\"stages\">\n");
	while (page_has_room(p) && json_element(trace, &at, &one))
		put_stage(p, one);
	html_raw(p->w, "</ol>\n");
}

static bool is(struct slice value, const char *text)
{
	char to[32];
	size_t n;

	return json_get_text(value, (uint8_t *)to, sizeof to, &n) && n == strlen(text) &&
	       memcmp(to, text, n) == 0;
}

/* Why there are no records; said of the code alone, since the line of the answer is English. */
static enum web_text why_none(struct slice rcode)
{
	if (is(rcode, "NOERROR"))
		return TEXT_RESOLVE_NO_RECORDS;
	if (is(rcode, "NXDOMAIN"))
		return TEXT_RESOLVE_NO_SUCH;
	return is(rcode, "SERVFAIL") ? TEXT_RESOLVE_FAILED : TEXT_RESOLVE_REFUSED;
}

static void put_verdict(struct page *p, struct slice rcode, bool found)
{
	bool denied = is(rcode, "NOERROR") || is(rcode, "NXDOMAIN");

	wr_format(p->w, "<p><span class=\"state %s\">", found ? "good" : denied ? "busy" : "bad");
	put_text(p, rcode);
	html_raw(p->w, "</span> ");
	if (!found)
		page_say(p, why_none(rcode));
	html_raw(p->w, "</p>\n");
}

static void put_answer(struct page *p)
{
	struct slice rcode, value, all = p->call->came;
	bool found = false;

	if (p->call->came_status != 200 || !json_find(all, "rcode", &rcode)) {
		page_sentence(
			p, p->call->came_status == 504 ? TEXT_RESOLVE_LATE : TEXT_RESOLVE_BUSY);
		return;
	}
	if (json_find(all, "found", &value))
		json_get_bool(value, &found);
	put_verdict(p, rcode, found);
	if (found && json_find(all, "answers", &value))
		put_records(p, value);
	if (json_find(all, "trace", &value))
		put_stages(p, value);
}

void resolve_box_put(struct page *p, const struct resolve_box *b)
{
	page_head(p, TEXT_RESOLVE_THIS);
	page_sentence(p, TEXT_RESOLVE_EXPLAINED);
	put_form(p, b);
	html_raw(p->w, "<div id=\"answer\">\n");
	if (came(p) && b->name[0] && b->wrong == WEB_TEXTS)
		put_answer(p);
	html_raw(p->w, "</div>\n");
}
