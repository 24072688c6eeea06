/* Numbers that web/script.js keeps at the present. Before: every page. After: web/page_words.c,
 * which writes the same as the script. */
#include "web/page.h"

void page_live_number(struct page *p, const char *figure, uint64_t n)
{
	char text[PAGE_WORD_MAX];

	wr_format(p->w, "<span data-live=\"%s\">%s</span>", figure, page_number(p, n, text));
}

void page_live_bytes(struct page *p, const char *figure, uint64_t bytes)
{
	char text[PAGE_WORD_MAX];

	wr_format(p->w, "<span data-live=\"%s\" data-as=\"bytes\">%s</span>", figure,
		page_bytes(p, bytes, text));
}
