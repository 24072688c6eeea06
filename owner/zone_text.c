/* Role: reads records as zone files have them: directives, owners, TTLs, classes and types. The
 * fields are owner/zone_fields.c.
 * Before: the command line. After: owner/zone_token.c. */
#include <stdio.h>

#include "base/mem.h"
#include "owner/zone_text_internal.h"

enum { TYPE_MAX = 16, SHOWN = 60 };

enum err zone_text_new(struct slice name, struct zone_text **out)
{
	*out = mem_alloc_unset(sizeof **out);
	if (!*out)
		return ERR_NOMEM;
	(*out)->name = name;
	return ERR_OK;
}

void zone_text_free(struct zone_text *z)
{
	mem_free(z);
}

const struct zone_word *zone_peek(const struct zone_text *z)
{
	return z->next < z->entry.count ? &z->entry.word[z->next] : NULL;
}

static int shown(struct slice text)
{
	return (int)(text.n < SHOWN ? text.n : SHOWN);
}

/* ---- TTLs ---- */

static uint64_t unit_of(uint8_t c)
{
	static const char units[] = "smhdw";
	static const unsigned seconds[] = {1, 60, 3600, 86400, 604800};
	const char *at = memchr(units, c | 0x20, sizeof units - 1);

	return at ? seconds[at - units] : 0;
}

bool zone_read_ttl(const struct zone_word *w, uint32_t *ttl)
{
	uint64_t sum = 0, number = 0;
	bool digits = false;

	if (w->quoted || w->escaped || !w->text.n || w->text.p[0] < '0' || w->text.p[0] > '9')
		return false;
	for (size_t i = 0; i < w->text.n; i++) {
		uint8_t c = w->text.p[i];
		if (c >= '0' && c <= '9') {
			number = 10 * number + c - '0';
			digits = true;
		} else if (digits && unit_of(c)) {
			sum += number * unit_of(c);
			number = 0;
			digits = false;
		} else {
			return false;
		}
		if (number > ZONE_TTL_MAX || sum > ZONE_TTL_MAX)
			return false;
	}
	*ttl = (uint32_t)(sum + number);
	return sum + number <= ZONE_TTL_MAX;
}

/* ---- directives ---- */

static bool read_directive(struct zone_text *z)
{
	const struct zone_word *name = &z->entry.word[0], *value = &z->entry.word[1];
	bool origin = slice_is(name->text, "$ORIGIN");
	char relative[ZONE_NAME_MAX + 1];

	if (!origin && !slice_is(name->text, "$TTL"))
		return zone_fail(z->e, name->line, name->column,
			"%.*s: of these, $TTL and $ORIGIN are read here", shown(name->text),
			(const char *)name->text.p);
	if (z->entry.count != 2)
		return zone_fail(z->e, name->line, name->column, "%s has one value behind it",
			origin ? "$ORIGIN" : "$TTL");
	if (origin) {
		if (!zone_read_owner(z, value, relative))
			return false;
		strcpy(z->origin, strcmp(relative, "@") == 0 ? "" : relative);
		return true;
	}
	return zone_read_ttl(value, &z->ttl) ||
	       zone_fail(z->e, value->line, value->column,
		       "%.*s is no TTL: seconds up to %d, or such as 1h30m", shown(value->text),
		       (const char *)value->text.p, ZONE_TTL_MAX);
}

/* ---- records ---- */

/* Is the word IN, in any case? */
static bool is_class(const struct zone_word *w)
{
	return w->text.n == 2 && (w->text.p[0] | 0x20) == 'i' && (w->text.p[1] | 0x20) == 'n';
}

static const struct record_type *find_type(struct slice text)
{
	char name[TYPE_MAX];

	if (text.n >= sizeof name)
		return NULL;
	for (size_t i = 0; i < text.n; i++)
		name[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]);
	return record_type_named(slice_of(name, text.n));
}

static bool read_type(struct zone_text *z, struct zone_head *h)
{
	const struct zone_word *w = zone_peek(z);

	h->type = w && !w->quoted ? find_type(w->text) : NULL;
	if (!w)
		return zone_fail_here(z, "the type of the record is missing, such as AAAA");
	if (!h->type || !zone_type_has_text(h->type))
		return zone_fail_here(z,
			"%.*s is no type that can be mined from text: A, AAAA, CNAME, NS, MX, SRV, TXT, "
			"TLSA, PTR",
			shown(w->text), (const char *)w->text.p);
	z->next++;
	return true;
}

/* TTL and class, in either order, then the type. */
static bool read_head(struct zone_text *z, struct zone_head *h)
{
	const struct zone_word *w;
	bool has_class = false;

	*h = (struct zone_head){.ttl = z->ttl};
	while ((w = zone_peek(z))) {
		if (!has_class && is_class(w))
			has_class = true;
		else if (!h->has_ttl && zone_read_ttl(w, &h->ttl))
			h->has_ttl = true;
		else
			break;
		z->next++;
	}
	return read_type(z, h);
}

/* The owner stays, when the line begins with white space. */
static bool read_owner(struct zone_text *z)
{
	z->next = 0;
	if (z->entry.indented && z->form == ZONE_FILE) {
		if (z->owner[0])
			return true;
		return zone_fail_here(z, "the first record begins with its name, or with @");
	}
	z->next = 1;
	return zone_read_owner(z, &z->entry.word[0], z->owner);
}

static bool read_entry(struct zone_text *z, zone_record_fn *record, void *ctx)
{
	const struct zone_word *first = &z->entry.word[0];
	struct zone_head head;
	struct slice json;

	if (z->form == ZONE_FILE && !z->entry.indented && first->text.n && !first->quoted &&
		first->text.p[0] == '$')
		return read_directive(z);
	if (!read_owner(z) || !read_head(z, &head) || !zone_read_fields(z, &head, &json))
		return false;
	if (record)
		record(ctx, json);
	return true;
}

static void begin(struct zone_text *z, enum zone_form form, struct zone_error *e)
{
	*e = (struct zone_error){.line = 1, .column = 1};
	z->e = e;
	z->form = form;
	z->ttl = ZONE_TTL;
	z->owner[0] = z->origin[0] = 0;
	z->entry.count = 0;
	z->next = 0;
}

bool zone_text_read(struct zone_text *z, struct slice text, enum zone_form form,
	zone_record_fn *record, void *ctx, struct zone_error *e)
{
	struct zone_place at = {.rest = rd_of(text), .line = 1, .column = 1};
	unsigned entries = 0;
	bool end;

	begin(z, form, e);
	for (;;) {
		if (!zone_entry_next(&at, &z->entry, &end, e))
			return false;
		if (end)
			break;
		if (form == ZONE_LINE && entries == 1)
			return zone_fail(e, z->entry.word[0].line, z->entry.word[0].column,
				"one record is one line");
		entries++;
		if (!read_entry(z, record, ctx))
			return false;
	}
	return form == ZONE_FILE || entries == 1 ||
	       zone_fail(e, 1, 1, "a record is missing, such as 'www AAAA 200::1 3600'");
}

/* ---- patterns ---- */

bool zone_text_pattern(
	struct zone_text *z, struct slice text, struct zone_pattern *p, struct zone_error *e)
{
	struct zone_place at = {.rest = rd_of(text), .line = 1, .column = 1};
	struct zone_head head;
	bool end;

	begin(z, ZONE_LINE, e);
	*p = (struct zone_pattern){.type = NULL};
	if (!zone_entry_next(&at, &z->entry, &end, e))
		return false;
	if (end)
		return zone_fail(e, 1, 1, "name and type are missing, such as 'www AAAA'");
	if (!read_owner(z) || !read_head(z, &head))
		return false;
	p->owner = slice_str(z->owner);
	p->type = head.type;
	if (z->next < z->entry.count && !zone_read_fields(z, &head, &p->json))
		return false;
	if (!zone_entry_next(&at, &z->entry, &end, e))
		return false;
	return end || zone_fail(e, z->entry.word[0].line, z->entry.word[0].column,
			      "one record is one line");
}
