/* Any bytes as the form of the editor of a name (web/own_edit_form.c), with a chain behind it in
 * which two of the names are ours. The answer is text that nobody's markup is in; what was read
 * keeps to its bounds and, written as a form once more, is read as the same; data that is made of
 * it is what the network reads, with a record for each row. */
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/fuzz/owner_world.h"
#include "web/own_edit.h"
#include "web/routes.h"

enum { LONGEST = 16384, AGAIN = 1 << 20, ANSWER = 1 << 20 };

struct node {
	struct owner_world w;
	uint64_t added; /* jobs */
};

static struct node node;

/* ---- hooks ---- */

static const struct jobs *no_jobs(void *ctx)
{
	(void)ctx;
	return NULL;
}

static void count_record(void *ctx, const struct dns_record *r)
{
	(void)r;
	++*(unsigned *)ctx;
}

/* What is started was shown: a name of one text, by a key of ours, with data that can be read. */
static enum err job_add(
	void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	static const struct domain_visitor nothing;
	struct domain_text t;

	(void)ctx;
	must(r->author && r->encryption && r->name.n && utf8_valid(r->name));
	must(domain_read(r->data, &t, &nothing));
	node.added++;
	*id = node.added;
	snprintf(said, size, "no");
	return node.added % 2 ? ERR_OK : ERR_FULL;
}

static void begin(void)
{
	owner_world_begin(&node.w);
	node.w.api.hooks.jobs = no_jobs;
	node.w.api.hooks.job_add = job_add;
}

/* ---- a request ---- */

/* False when no form reaches the page so. `head` must stay as long as q is used, and the form. */
static bool is_request(struct http_request *q, struct slice form, char head[256])
{
	int n = snprintf(head, 256,
		"POST /own/edit HTTP/1.0\r\nContent-Length: %zu\r\n"
		"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
		form.n);

	return http_parse(slice_of(head, (size_t)n), q) == HTTP_DONE &&
	       http_may_have_body(q, AGAIN) && http_take_body(q, form);
}

/* Without a right: of the frame there is the least then, and the form is what matters. */
static struct http_call call_of(const struct http_request *q, struct wr *answer)
{
	return (struct http_call){.request = q,
		.right = RIGHT_NONE,
		.token = "",
		.answer = answer,
		.number = 1,
		.policy = "",
		.more = ""};
}

/* ---- what was read ---- */

static bool is_trimmed(struct slice s)
{
	return !s.n || (s.p[0] > ' ' && s.p[s.n - 1] > ' ');
}

static void must_keep_bounds(const struct own_edit *e, const struct own_deed *deed)
{
	must(e->rows <= OWN_ROWS && e->contacts <= OWN_CONTACTS && e->reasons <= OWN_REASONS);
	must(deed->row <= 9999 && deed->what >= OWN_PREVIEW && deed->what <= OWN_REMOVE);
	must(e->space.n <= OWN_BYTES && strlen(e->name) <= DRAFT_NAME_MAX);
	for (unsigned i = 0; i < e->rows; i++)
		must(e->row[i].n && !memchr(e->row[i].p, 0, e->row[i].n));
	for (unsigned i = 0; i < e->contacts; i++)
		must(is_trimmed(e->contact[i].name) && is_trimmed(e->contact[i].value) &&
			(e->contact[i].name.n || e->contact[i].old.n));
	must(is_trimmed(e->zone) &&
		!memchr(e->info.p ? e->info.p : (const uint8_t *)"", '\r', e->info.n));
	must(!e->author || (e->author >= e->keys && e->author < e->keys + e->key_count));
	must(!e->block || e->author);
}

static void put(struct wr *w, const char *name, unsigned i, struct slice value)
{
	if (i < OWN_ROWS)
		wr_format(w, "&%s%u=", name, i);
	else
		wr_format(w, "&%s=", name);
	html_url(w, value);
}

/* The fields as a browser sends them back. */
static void write_form(const struct own_edit *e, struct wr *w)
{
	html_raw(w, "name=");
	html_url(w, slice_str(e->name));
	if (e->author && !e->block)
		put(w, "key", OWN_ROWS, slice_str(e->author->name));
	for (unsigned i = 0; i < e->rows; i++)
		put(w, "r", i, e->row[i]);
	for (unsigned i = 0; i < e->contacts; i++) {
		put(w, "cn", i, e->contact[i].name);
		put(w, "cv", i, e->contact[i].value);
		put(w, "co", i, e->contact[i].old);
	}
	put(w, "info", OWN_ROWS, e->info);
	put(w, "zone", OWN_ROWS, e->zone);
}

static void must_be_equal(const struct own_edit *a, const struct own_edit *b)
{
	must(strcmp(a->name, b->name) == 0 && a->rows == b->rows && a->contacts == b->contacts);
	must(!a->author == !b->author && slice_eq(a->info, b->info) && slice_eq(a->zone, b->zone));
	for (unsigned i = 0; i < a->rows; i++)
		must(slice_eq(a->row[i], b->row[i]));
	for (unsigned i = 0; i < a->contacts; i++)
		must(slice_eq(a->contact[i].name, b->contact[i].name) &&
			slice_eq(a->contact[i].value, b->contact[i].value) &&
			slice_eq(a->contact[i].old, b->contact[i].old));
}

/* What does not fit into the space of the editor is cut, and nothing is made of it. */
static void read_again(struct page *p, const struct own_edit *e)
{
	static uint8_t space[AGAIN];
	struct wr form = wr_of(space, sizeof space);
	struct http_request q;
	struct own_deed deed;
	char head[256];

	write_form(e, &form);
	if (form.bad || e->space.bad || e->space.n > OWN_BYTES / 2)
		return;
	must(is_request(&q, wr_done(&form), head));
	struct http_call c = call_of(&q, p->w);
	struct page again = page_of(&node.w.api, &c);
	struct own_edit *other = own_edit_open(&again, e->name);
	must(other);
	own_edit_from_form(other, &deed);
	must(deed.what == OWN_PREVIEW);
	must_be_equal(e, other);
	own_edit_free(other);
}

static void must_make_data(struct own_edit *e)
{
	unsigned records = 0;
	const struct domain_visitor see = {.record = count_record, .ctx = &records};
	struct domain_text t;

	if (!own_edit_build(e)) {
		must(e->reasons);
		return;
	}
	must(domain_read(wr_done(&e->data), &t, &see) && records == e->rows);
	bool fine = own_edit_try(e);
	must(e->draft && (fine || e->reasons));
}

/* The form, read alone. */
static void look(struct http_request *q, struct wr *answer)
{
	char name[HTTP_ARG_MAX] = "";
	struct http_call c = call_of(q, answer);
	struct page p = page_of(&node.w.api, &c);
	struct own_deed deed;

	http_arg(q, "name", name, sizeof name);
	struct own_edit *e = own_edit_open(&p, name);
	must(e);
	own_edit_from_form(e, &deed);
	must_keep_bounds(e, &deed);
	read_again(&p, e);
	must_make_data(e);
	own_edit_free(e);
}

/* ---- the page ---- */

static void must_be_page(int status, struct slice page)
{
	static const char script[] = "<script src=\"/script.js";
	size_t scripts = 0;

	must(status == 200 || status == 400 || status == 303);
	must(status == 303 || page.n > 200);
	must(utf8_valid(page) && !memchr(page.p, 0, page.n));
	for (const uint8_t *at = page.p;
		(at = memmem(at, (size_t)(page.p + page.n - at), "<script", 7)); at++) {
		must(memcmp(at, script, sizeof script - 1) == 0);
		scripts++;
	}
	must(scripts == (status != 303));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t space[ANSWER];
	struct wr answer = wr_of(space, sizeof space);
	struct http_request q;
	char head[256];

	if (size > LONGEST)
		return 0;
	if (!node.w.api.chain)
		begin();
	size_t before = mem_blocks();
	uint8_t *copy = own_copy(data, size);
	if (is_request(&q, slice_of(copy, size), head)) {
		look(&q, &answer);
		answer = wr_of(space, sizeof space);
		struct http_call c = call_of(&q, &answer);
		struct page p = page_of(&node.w.api, &c);
		int status = form_own_edit(&p, "");
		must(!answer.bad);
		must_be_page(status, wr_done(&answer));
	}
	mem_free(copy);
	must(mem_blocks() == before);
	return 0;
}
