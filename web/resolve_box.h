/* The box "resolve this" on the page of the resolver: a question by hand, and what was answered. */
#ifndef WEB_RESOLVE_BOX_H
#define WEB_RESOLVE_BOX_H

#include "web/page.h"

struct resolve_box {
	char name[HTTP_ARG_MAX], type[HTTP_ARG_MAX]; /* as they were given; "" = nothing was */
	enum web_text
		wrong; /* beside the name: why it is not asked; WEB_TEXTS = nothing is wrong */
	enum web_text wrong_type; /* beside the type, the same */
};

/* Reads what the page was called with, and asks when that is a question whose answer has not come
 * yet. True when it was asked: the page comes later (page_later()). */
bool resolve_box_ask(struct page *p, struct resolve_box *b);

/* Writes the box with its fields, and the answer if one came. */
void resolve_box_put(struct page *p, const struct resolve_box *b);

#endif
