/* The words of these pages, explained, and each state of the node with what to do. Before:
 * web/routes.c; page_term() links here. After: web/glossary.def. */
#include "web/routes.h"

static const struct {
	const char *anchor;
	enum web_text term, is;
} terms[] = {
#define TERM(anchor, term, is) {anchor, term, is},
#include "web/glossary.def"
};

int page_glossary(struct page *p, const char *last)
{
	(void)last;
	page_begin(p, web_text(p->language, TEXT_GLOSSARY), NULL);
	page_sentence(p, TEXT_GLOSSARY_EXPLAINED);
	html_raw(p->w, "<dl class=\"facts\">\n");
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		wr_format(p->w, "<div id=\"%s\"><dt>", terms[i].anchor);
		page_say_head(p, terms[i].term);
		html_raw(p->w, "</dt><dd>");
		page_say(p, terms[i].is);
		html_raw(p->w, "</dd></div>\n");
	}
	html_raw(p->w, "</dl>\n");
	page_head(p, TEXT_STATES);
	page_put_states(p);
	page_head(p, TEXT_DOCUMENTS);
	page_sentence(p, TEXT_DOCUMENTS_ARE);
	page_end(p);
	return 200;
}
