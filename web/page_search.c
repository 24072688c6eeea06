/* Finds what a person means by a text: a block, a key or a name. Before: web/routes.c. After: the
 * page of what was found. */
#include "api/name_facts.h"
#include "api/name_lists.h"
#include "base/hex.h"
#include "chain/view.h"
#include "web/routes.h"

char *page_typed(char *text)
{
	size_t n = strlen(text);

	for (char *plus; (plus = strchr(text, '+'));)
		*plus = ' ';
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = 0;
	return text + strspn(text, " \t");
}

/* 64 hex digits are the hash of a block, a key, or an identity, in this order: a hash of another
 * kind is not found by chance. */
static int find_hash(struct page *p, const char *what, const uint8_t hash[32])
{
	struct view *v = chain_view(p->api->chain);
	uint64_t end = view_height(v) + 1;
	struct domain_row row;

	if (query_block_index(&p->query, what))
		return page_go(p, "/explorer/block/", slice_str(what));
	if (view_count(v, hash, end))
		return page_go(p, "/explorer/key/", slice_str(what));
	if (view_domain(v, slice_of(hash, 32), end, &row))
		return page_go(p, "/explorer/name/", slice_str(what));
	if (names_of_key(&p->query, v, hash, NULL, NULL))
		return page_go(p, "/explorer/key/", slice_str(what));
	return page_nothing(p, 404, TEXT_NO_SUCH_IDENTITY, NULL);
}

/* Nothing was typed: the field stands on top of the page. */
static int ask(struct page *p)
{
	page_begin(p, web_text(p->language, TEXT_SEARCH_HEAD), NULL);
	page_sentence(p, TEXT_SEARCH_EXPLAINED);
	page_end(p);
	return 200;
}

int page_search(struct page *p, const char *last)
{
	char text[HTTP_QUERY_MAX];
	uint8_t hash[32];
	size_t n;
	(void)last;

	if (!http_arg(p->call->request, "q", text, sizeof text) || !*page_typed(text))
		return ask(p);
	const char *what = page_typed(text);
	if (strlen(what) >= HTTP_ARG_MAX)
		return page_too_long(p);
	p->query.why = "a name has no blanks";
	if (strpbrk(what, " \t"))
		return page_nothing(p, 404, TEXT_NO_SUCH_NAME, p->query.why);
	if (hex_decode(slice_str(what), hash, sizeof hash, &n) && n == sizeof hash)
		return find_hash(p, what, hash);
	if (query_block_index(&p->query, what))
		return page_go(p, "/explorer/block/", slice_str(what));
	if (what[strspn(what, "0123456789")] == 0)
		return page_nothing(p, 404, TEXT_NO_SUCH_BLOCK, NULL);
	struct query_name name;
	if (!query_name_read(what, &name, &p->query.why))
		return page_nothing(p, 404, TEXT_NO_SUCH_NAME, p->query.why);
	return page_go(p, "/explorer/name/", slice_str(name.name));
}
