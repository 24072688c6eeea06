/* Converts a name as people type or paste it to the identity that the network looks up (protocol.md
 * 8.6). Before: api/query_domain.c. After: domain/names.h, chain/crypto.h. */
#include "api/query_name.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "chain/crypto.h"
#include "domain/names.h"

/* Cuts the host out of a URL such as "http://user@name:80/path?query#part". A plain name stays as
 * it is, without blanks around it and a final dot. */
static struct slice cut_address(const char *text)
{
	const char *from = text + strspn(text, " \t\r\n"), *scheme = strstr(from, "://");
	size_t n;

	if (scheme)
		from = scheme + 3;
	n = strcspn(from, "/?# \t\r\n");
	for (const char *user; (user = memchr(from, '@', n));) {
		n -= (size_t)(user + 1 - from);
		from = user + 1;
	}
	const char *port = memchr(from, ':', n);
	if (port)
		n = (size_t)(port - from);
	if (n > 0 && from[n - 1] == '.')
		n--;
	return slice_of(from, n);
}

/* True when the name has an empty label: a dot at an end, or two dots together. */
static bool has_gap(const char *name)
{
	size_t n = strlen(name);

	return n == 0 || name[0] == '.' || name[n - 1] == '.' || strstr(name, "..");
}

/* Leaves the last two labels in n->name and moves those before them to n->sub. */
static void split(struct query_name *n)
{
	char *at = strrchr(n->name, '.');

	while (at && at > n->name && at[-1] != '.')
		at--;
	if (!at || at == n->name)
		return;
	size_t before = (size_t)(at - n->name) - 1;
	memcpy(n->sub, n->name, before);
	n->sub[before] = 0;
	memmove(n->name, at, strlen(at) + 1);
}

/* The identity is of the last two labels only, because the network has no deeper names (protocol.md
 * 8.8): "www.example.ygg" is a host of the domain "example.ygg". */
bool query_name_read(const char *text, struct query_name *out, const char **why)
{
	struct wr w = wr_of(out->name, sizeof out->name - 1);
	struct slice name = cut_address(text);
	size_t n;

	*out = (struct query_name){.is_identity = false};
	if (name.n == 64 && hex_decode(name, out->identity, 32, &n) && n == 32) {
		out->is_identity = true;
		return true;
	}
	if (!utf8_valid(name) || memchr(name.p, 0, name.n)) {
		*why = "it is no UTF-8 text";
		return false;
	}
	name_lower(name, &w);
	out->name[w.n] = 0;
	if (w.bad || has_gap(out->name)) {
		*why = w.bad ? "it is too long for a name" : "it is no name";
		return false;
	}
	split(out);
	crypto_identity(slice_str(out->name), slice_of(NULL, 0), out->identity, NULL);
	return true;
}

const char *query_name_refused(const struct query_name *n)
{
	struct slice name = slice_str(n->name), zone = name_zone(name);

	if (zone.n == name.n)
		return zone_is_known(zone) ? "it is a zone, not a domain"
					   : "a name has a zone, such as name.ygg";
	if (!zone_is_known(zone))
		return "the zones are anon, btn, conf, index, merch, mirror, mob, screen, srv and "
		       "ygg";
	return name_is_valid(name) ? NULL
				   : "names have letters a to z, digits and single hyphens inside, "
				     "and one of only digits has three or more";
}
