/* Names that are IPv6 addresses, in the zones v6 and q6 (8.9b): syllables or proquints to bytes.
 * Before: dns/serve_query.c. After: dns/answer.h. */
#include "base/utf8.h"
#include "dns/name.h"
#include "dns/zone_internal.h"

enum {
	ADDRESS = 16, /* bytes of an address */
	GROUP = 2,    /* bytes of a group; a gap stands for one at least */
	ADDRESS_TTL = 86400,
	SERIAL = 1,
	QUINT = 5, /* characters of a proquint */
	VOWELS_FIRST = 105,
	CLUSTERS_FIRST = 210,
};

/* An address while it is read: the bytes so far, and where the gap is. */
struct address {
	uint8_t byte[ADDRESS];
	size_t n;
	bool gap;
	size_t before; /* bytes before the gap */
};

static int place(const char *letters, uint8_t c)
{
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

static bool put(struct address *a, unsigned byte)
{
	if (a->n == ADDRESS)
		return false;
	a->byte[a->n++] = (uint8_t)byte;
	return true;
}

static bool put_gap(struct address *a)
{
	if (a->gap)
		return false;
	a->gap = true;
	a->before = a->n;
	return true;
}

/* ---- v6 ---- */

static int find_pair(const char *pairs, const uint8_t c[2])
{
	for (int i = 0; pairs[2 * i]; i++)
		if (pairs[2 * i] == (char)c[0] && pairs[2 * i + 1] == (char)c[1])
			return i;
	return -1;
}

/* The number of a syllable of two letters, −1 for none. */
static int syllable(const uint8_t c[2])
{
	static const char consonants[] = "ptksmnlrdbgfvhjwyzcqx", vowels[] = "aeiou";
	static const char clusters[] = "blbrchckclcrctdrflfrglgrftklkrldlflklmlpltmpndngnknt"
				       "plprptrdrkrmrnrtshskslsmsnspstswthtrtwwh";
	static const char moved[] = "yggdpire", gone[] = "ctft";
	static const uint8_t moved_to[] = {2, 36, 216, 222};
	int i = find_pair(moved, c);

	if (i >= 0)
		return moved_to[i];
	if (find_pair(gone, c) >= 0)
		return -1;
	int first = place(consonants, c[0]), second = place(vowels, c[1]);
	if (first >= 0 && second >= 0)
		return first * 5 + second;
	first = place(vowels, c[0]);
	second = place(consonants, c[1]);
	if (first >= 0 && second >= 0)
		return VOWELS_FIRST + first * 21 + second;
	i = find_pair(clusters, c);
	return i < 0 ? -1 : CLUSTERS_FIRST + i;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static int pair(const uint8_t c[2])
{
	static const char digits[] = "0123456789abcdef";

	if (!is_digit(c[0]) && !is_digit(c[1]))
		return syllable(c);
	int high = place(digits, c[0]), low = place(digits, c[1]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool is_gap_word(struct slice token)
{
	static const char *const words[] = {
		"abyss", "blank", "empty", "hollow", "nihil", "null", "ygg", "zilch"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_is(token, words[i]))
			return true;
	return false;
}

static bool take_v6(struct address *a, struct slice token)
{
	if (token.n % 2 || is_gap_word(token))
		return put_gap(a);
	for (size_t i = 0; i < token.n; i += 2) {
		int byte = pair(token.p + i);
		if (byte < 0 || !put(a, (unsigned)byte))
			return false;
	}
	return true;
}

/* ---- q6 ---- */

/* The group of a proquint, −1 for none: three consonants of 4 bits, two vowels of 2 between. */
static int proquint(const uint8_t *c)
{
	static const char *const letters[QUINT] = {
		"bdfghjklmnprstvz", "aiou", "bdfghjklmnprstvz", "aiou", "bdfghjklmnprstvz"};
	int group = 0;

	for (int i = 0; i < QUINT; i++) {
		int at = place(letters[i], c[i]);
		if (at < 0)
			return -1;
		group = group << (i % 2 ? 2 : 4) | at;
	}
	return group;
}

static bool take_q6(struct address *a, struct slice token)
{
	for (size_t i = 0; i < token.n; i += QUINT)
		if (token.n % QUINT || proquint(token.p + i) < 0)
			return put_gap(a);
	for (size_t i = 0; i < token.n; i += QUINT) {
		int group = proquint(token.p + i);
		if (!put(a, (unsigned)group >> 8) || !put(a, (unsigned)group & 0xFF))
			return false;
	}
	return true;
}

/* ---- the whole name ---- */

/* Puts zeros into the gap. */
static bool finish(struct address *a)
{
	if (!a->gap)
		return a->n == ADDRESS;
	size_t behind = a->n - a->before, room = ADDRESS - a->n;
	if (room < GROUP || a->before % GROUP || behind % GROUP)
		return false;
	memmove(a->byte + a->before + room, a->byte + a->before, behind);
	memset(a->byte + a->before, 0, room);
	return true;
}

static bool read_label(
	struct slice label, bool take(struct address *a, struct slice token), struct address *a)
{
	size_t start = 0;

	*a = (struct address){.n = 0};
	for (size_t i = 0; i <= label.n; i++) {
		if (i < label.n && label.p[i] != '-') {
			if (!is_digit(label.p[i]) && (label.p[i] < 'a' || label.p[i] > 'z'))
				return false;
			continue;
		}
		if (i == start || !take(a, slice_of(label.p + start, i - start)))
			return false;
		start = i + 1;
	}
	return finish(a);
}

/* The address that a label says, in any case. A name of several labels before the zone says none.
 */
static bool read_address(const struct dns_name *name, bool quint, struct address *a)
{
	char text[DNS_LABEL_MAX * 2];
	struct slice label = slice_of(name->wire + 1, name->wire[0]);

	if (dns_name_labels(name) != 2 || !utf8_valid(label))
		return false;
	return read_label(zone_lower(label, text, sizeof text), quint ? take_q6 : take_v6, a);
}

enum dns_outcome dns_codec_answer(const struct dns_query *q, struct dns_answer *out)
{
	static const struct dns_name v6 = {4, "\2v6"}, q6 = {4, "\2q6"};
	struct address a;

	dns_answer_clear(out);
	bool quint = dns_name_is_below(&q->name, &q6);
	if (!quint && !dns_name_is_below(&q->name, &v6))
		return DNS_PASS;
	bool good = read_address(&q->name, quint, &a), top = dns_name_labels(&q->name) == 1;
	out->aa = true;
	out->rcode = good || top ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN;
	if (good && q->type == DNS_TYPE_AAAA)
		dns_answer_add(out, DNS_SECTION_ANSWER, slice_of(q->name.wire, q->name.size),
			DNS_TYPE_AAAA, ADDRESS_TTL, slice_of(a.byte, ADDRESS));
	else
		zone_soa_put(out, DNS_SECTION_AUTHORITY, slice_str(quint ? "q6" : "v6"), SERIAL);
	return DNS_ANSWERED;
}
