/* Rules for domain names. Only owners and resolvers need them: a block has only the hash of a name.
 * Before: api/query_name.c. After: the C library's character classes. */
#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "base/utf8.h"
#include "domain/names.h"

static const char *const zones[] = {
	"anon", "btn", "conf", "index", "merch", "mirror", "mob", "screen", "srv", "ygg"};

bool zone_is_known(struct slice zone)
{
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
		if (slice_is(zone, zones[i]))
			return true;
	return false;
}

const char *zone_next(const char *zone)
{
	size_t i = 0;

	while (zone && i < sizeof zones / sizeof zones[0] && strcmp(zones[i++], zone) != 0)
		;
	return i < sizeof zones / sizeof zones[0] ? zones[i] : NULL;
}

struct slice name_zone(struct slice lower)
{
	size_t at = lower.n;

	while (at > 0 && lower.p[at - 1] != '.')
		at--;
	return slice_of(lower.p ? lower.p + at : NULL, lower.n - at);
}

static bool only_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static bool edge(uint8_t c)
{
	return c == '.' || c == '-';
}

/* What a character makes wrong, given what the ones before it were. */
static enum name_fault fault_at(uint8_t c, bool dot, bool hyphen)
{
	if (c >= 0x80)
		return NAME_NOT_ASCII;
	if (c == '.')
		return dot ? NAME_DOTS : NAME_FINE;
	if (c == '-')
		return hyphen ? NAME_HYPHENS : NAME_FINE;
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return NAME_FINE;
	return NAME_CHARACTER;
}

enum name_fault name_check(struct slice lower)
{
	size_t zone = name_zone(lower).n;
	bool dot = false, hyphen = false;

	for (size_t i = 0; i < lower.n; i++) {
		uint8_t c = lower.p[i];
		enum name_fault fault = fault_at(c, dot, hyphen);
		if (fault)
			return fault;
		dot = c == '.' || (c == '-' && dot);
		hyphen = c == '-' || (c == '.' && hyphen);
	}
	if (lower.n && (edge(lower.p[0]) || edge(lower.p[lower.n - 1])))
		return NAME_EDGE;
	if (zone < lower.n && lower.n - zone - 1 < 3 &&
		only_digits(slice_of(lower.p, lower.n - zone - 1)))
		return NAME_DIGITS;
	return NAME_FINE;
}

bool name_is_valid(struct slice lower)
{
	return name_check(lower) == NAME_FINE;
}

/* ---- lower case ---- */

/* Made once and kept: the C library may read a file for it, which no question may wait for. */
static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void make_unicode(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* True when a word ends before `rest`: Greek sigma has another lower-case letter there. */
static bool ends_word(struct slice rest, locale_t l)
{
	struct rd r = rd_of(rest);
	int32_t code = utf8_take(&r);

	while (code == '.' || code == ':' || code == '\'')
		code = utf8_take(&r);
	return code < 0 || !iswalpha_l((wint_t)code, l);
}

void name_lower(struct slice name, struct wr *w)
{
	enum { CAPITAL_I_DOT = 0x130, DOT_ABOVE = 0x307, SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };
	struct rd r = rd_of(name);
	bool in_word = false;

	pthread_once(&unicode_once, make_unicode);
	locale_t l = unicode;
	for (int32_t code; (code = utf8_take(&r)) >= 0;) {
		int32_t low = code < 0x80 && code >= 'A' && code <= 'Z' ? code + 32 : code;
		if (code >= 0x80 && l)
			low = (int32_t)towlower_l((wint_t)code, l);
		if (code == SIGMA && in_word && l && ends_word(slice_of(r.p, r.left), l))
			low = FINAL_SIGMA;
		if (code == CAPITAL_I_DOT)
			low = 'i';
		utf8_put(w, low);
		if (code == CAPITAL_I_DOT)
			utf8_put(w, DOT_ABOVE);
		if (code != '.' && code != ':' && code != '\'')
			in_word = l && iswalpha_l((wint_t)code, l);
	}
}
