/* Reads the form of the editor. Before: web/own_new.c. After: web/own_edit_build.c. */
#include <stdio.h>
#include <stdlib.h>

#include "web/own_edit.h"

/* ---- fields ---- */

static struct slice trimmed(struct slice s)
{
	while (s.n && s.p[0] <= ' ')
		s = slice_of(s.p + 1, s.n - 1);
	while (s.n && s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* The value of the field with this name, without blanks around it. */
static struct slice field_named(struct own_edit *e, const char *key)
{
	struct wr *w = &e->space;

	if (!http_arg_lines(e->p->call->request, key, (char *)w->p + w->n, w->size - w->n))
		return slice_of(w->p, 0);
	struct slice s = slice_str((char *)w->p + w->n);
	w->n += s.n;
	return trimmed(s);
}

static struct slice field(struct own_edit *e, const char *name, unsigned i)
{
	char key[16];

	snprintf(key, sizeof key, "%s%u", name, i);
	return field_named(e, key);
}

static unsigned number_of(struct slice digits, unsigned otherwise)
{
	unsigned n = 0;

	if (!digits.n || digits.n > 4)
		return otherwise;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return otherwise;
		n = n * 10 + (unsigned)(digits.p[i] - '0');
	}
	return n;
}

static void read_deed(struct own_edit *e, struct own_deed *deed)
{
	static const struct {
		const char *word;
		int what;
	} words[] = {{"up", OWN_UP}, {"down", OWN_DOWN}, {"remove", OWN_REMOVE}};
	char text[16] = "";

	*deed = (struct own_deed){OWN_PREVIEW, 0};
	http_arg(e->p->call->request, "do", text, sizeof text);
	if (strcmp(text, "start") == 0)
		deed->what = OWN_START;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i].word);
		if (strncmp(text, words[i].word, n) != 0)
			continue;
		deed->what = words[i].what;
		deed->row = number_of(slice_str(text + n), OWN_ROWS);
	}
}

/* ---- the order ---- */

struct placed {
	unsigned order, row;
	struct slice text;
};

/* A record that was given another number goes before the one that had it when it moves up, and
 * behind it when it moves down. */
static unsigned order_of(unsigned row, unsigned wanted)
{
	return 3 * (wanted + 1) + (wanted > row) - (wanted < row);
}

static unsigned wanted_place(struct own_edit *e, const struct own_deed *deed, unsigned row)
{
	unsigned shown = number_of(field(e, "p", row), row + 1);
	unsigned place = shown ? shown - 1 : 0;

	if (deed->what == OWN_UP && deed->row == row && place)
		place--;
	if (deed->what == OWN_DOWN && deed->row == row)
		place++;
	return place;
}

static int by_order(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order)
				    : (x->row > y->row) - (x->row < y->row);
}

static void read_rows(struct own_edit *e, const struct own_deed *deed)
{
	struct placed all[OWN_ROWS];
	unsigned n = 0;

	for (unsigned i = 0; i < OWN_ROWS; i++) {
		struct slice text = field(e, "r", i);
		if (!text.n || (deed->what == OWN_REMOVE && deed->row == i))
			continue;
		all[n++] = (struct placed){order_of(i, wanted_place(e, deed, i)), i, text};
	}
	qsort(all, n, sizeof all[0], by_order);
	e->rows = n;
	for (unsigned i = 0; i < n; i++)
		e->row[i] = all[i].text;
}

/* ---- the rest ---- */

static void read_contacts(struct own_edit *e)
{
	for (unsigned i = 0; i < OWN_CONTACTS; i++) {
		struct own_contact c = {field(e, "cn", i), field(e, "cv", i), field(e, "co", i)};
		if (c.name.n || c.old.n)
			e->contact[e->contacts++] = c;
		else if (c.value.n)
			own_edit_blame(e, OWN_AT_CONTACT, e->contacts,
				web_text(e->p->language, TEXT_OWN_CONTACT_NAME));
	}
}

/* Browsers end lines by CR LF; the chain has the LF alone. */
static struct slice without_cr(struct slice s)
{
	size_t n = 0;
	uint8_t *to = (uint8_t *)(uintptr_t)s.p;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r')
			to[n++] = s.p[i];
	return slice_of(s.p, n);
}

static void read_key(struct own_edit *e)
{
	char name[KEY_NAME_MAX + 1];

	if (e->block)
		return;
	if (http_arg(e->p->call->request, "key", name, sizeof name))
		e->author = own_key_named(e->keys, e->key_count, name);
	else if (e->key_count == 1)
		e->author = &e->keys[0];
}

void own_edit_from_form(struct own_edit *e, struct own_deed *deed)
{
	read_deed(e, deed);
	read_key(e);
	read_rows(e, deed);
	read_contacts(e);
	e->info = without_cr(field_named(e, "info"));
	e->zone = without_cr(field_named(e, "zone"));
	own_paste(e);
}
