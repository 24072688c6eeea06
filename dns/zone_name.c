/* A question's name as the text that the chain knows: joined, in lower case, split into zone, top
 * and sub (8.9). Before: dns/zone.c. After: domain/names.h has the zones and the lower case. */
#include "base/utf8.h"
#include "dns/zone_internal.h"
#include "domain/names.h"

enum { LABELS_MAX = 127 };

/* The labels of a name, in its wire form. */
struct labels {
	size_t n;
	struct slice at[LABELS_MAX];
};

static void split(const struct dns_name *name, struct labels *l)
{
	struct rd r = rd_of(slice_of(name->wire, name->size));

	l->n = 0;
	for (size_t n; (n = rd_u8(&r)) > 0 && l->n < LABELS_MAX;)
		l->at[l->n++] = rd_bytes(&r, n);
}

/* Can a text have this label? A dot within it would look like two labels. */
static bool is_text(struct slice label)
{
	return !memchr(label.p, '.', label.n) && utf8_valid(label);
}

static bool all_text(const struct labels *l, size_t from)
{
	for (size_t i = from; i < l->n; i++)
		if (!is_text(l->at[i]))
			return false;
	return true;
}

static struct slice join(const struct labels *l, size_t from, char *to, size_t size)
{
	struct wr w = wr_of(to, size);

	for (size_t i = from; i < l->n; i++) {
		if (i > from)
			wr_u8(&w, '.');
		wr_slice(&w, l->at[i]);
	}
	return wr_done(&w);
}

static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return false;
	return true;
}

struct slice zone_lower(struct slice text, char *to, size_t size)
{
	struct wr w = wr_of(to, size);

	if (!is_ascii(text)) {
		name_lower(text, &w);
		return wr_done(&w);
	}
	for (size_t i = 0; i < text.n; i++)
		wr_u8(&w, text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + 32 : text.p[i]);
	return wr_done(&w);
}

/* The text behind the count-th last dot, or the whole. */
static struct slice last_labels(struct slice text, int count)
{
	size_t at = text.n;

	for (; at > 0; at--)
		if (text.p[at - 1] == '.' && --count == 0)
			break;
	return slice_of(text.p + at, text.n - at);
}

/* Zones are ASCII, and no other character has one of their letters as its lower case. */
static bool read_zone(const struct labels *l, struct zone_name *to)
{
	if (l->n == 0)
		return false;
	to->zone = zone_lower(l->at[l->n - 1], to->lower, sizeof to->lower);
	return zone_is_known(to->zone);
}

bool zone_name_read(const struct dns_name *name, struct zone_name *to)
{
	struct labels l;

	split(name, &l);
	to->single = l.n == 1;
	to->odd = false;
	to->top = to->sub = to->asked = (struct slice){NULL, 0};
	if (!read_zone(&l, to))
		return false;
	if (to->single || !all_text(&l, l.n - 2))
		return true;
	to->odd = !all_text(&l, 0);
	struct slice text = join(&l, to->odd ? l.n - 2 : 0, to->text, sizeof to->text);
	struct slice whole = zone_lower(text, to->lower, sizeof to->lower);
	to->zone = last_labels(whole, 1);
	to->top = last_labels(whole, 2);
	if (to->odd)
		return true;
	to->asked = text;
	if (to->top.n < whole.n)
		to->sub = slice_of(whole.p, whole.n - to->top.n - 1);
	return true;
}

bool dns_zone_is_ours(const struct dns_name *name)
{
	struct labels l;
	char text[DNS_LABEL_MAX];

	split(name, &l);
	if (l.n == 0)
		return false;
	struct slice last = l.at[l.n - 1];
	return is_ascii(last) && zone_is_known(zone_lower(last, text, sizeof text));
}

bool dns_zone_top(const struct dns_name *name, char *to, size_t size, size_t *n)
{
	struct zone_name z;

	if (!zone_name_read(name, &z) || z.top.n == 0 || z.top.n > size)
		return false;
	memcpy(to, z.top.p, z.top.n);
	*n = z.top.n;
	return true;
}
