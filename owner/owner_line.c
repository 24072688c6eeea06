/* Reads and writes owner lines. Before: a person typed or copied one. After: chain/crypto.h,
 * chain/ecies.h. */
#include "owner/owner_line.h"

#include <stdio.h>

#include "base/hex.h"
#include "chain/crypto.h"
#include "chain/ecies.h"

enum { HEX = 64, CHECK = 4 /* bytes */, BODY = 6 + 1 + HEX + 1 + HEX };

static const char prefix[] = "alfis1:";

static bool refuse(char why[KEY_ERROR_MAX], const char *what)
{
	snprintf(why, KEY_ERROR_MAX, "%s", what);
	return false;
}

void owner_line_write(const struct key_public *keys, char to[OWNER_LINE_SIZE])
{
	char signing[HEX + 1], encryption[HEX + 1], check[2 * CHECK + 1];
	uint8_t sum[32];

	hex_upper(slice_of(keys->signing, 32), signing);
	hex_upper(slice_of(keys->encryption, 32), encryption);
	snprintf(to, OWNER_LINE_SIZE, "%s%s:%s", prefix, signing, encryption);
	crypto_sha256(slice_of(to, BODY), sum);
	hex_upper(slice_of(sum, CHECK), check);
	snprintf(to + BODY, OWNER_LINE_SIZE - BODY, ":%s", check);
}

/* ---- reading ---- */

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct slice trimmed(struct slice s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = slice_of(s.p + 1, s.n - 1);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Takes the text as long as its bytes are hex digits. False when these are not 32 bytes. */
static bool take_key(struct rd *r, uint8_t key[32])
{
	struct slice digits = rd_bytes(r, HEX);
	size_t n;

	return digits.n == HEX && hex_decode(digits, key, 32, &n) && n == 32 &&
	       (r->left == 0 || hex_digit(r->p[0]) < 0);
}

/* One colon, or spaces. */
static bool take_gap(struct rd *r)
{
	if (r->left && r->p[0] == ':')
		return rd_u8(r) == ':';
	size_t before = r->left;
	while (r->left && is_space(r->p[0]))
		rd_u8(r);
	return r->left < before;
}

/* Compares the check with that of the keys, in either case. */
static bool check_fits(struct slice given, const struct key_public *keys)
{
	char line[OWNER_LINE_SIZE];
	uint8_t a[CHECK], b[CHECK];
	size_t n, m;

	owner_line_write(keys, line);
	return hex_decode(given, a, CHECK, &n) && n == CHECK &&
	       hex_decode(slice_str(line + BODY + 1), b, CHECK, &m) && memcmp(a, b, CHECK) == 0;
}

/* Takes the prefix, if it is there. */
static bool take_prefix(struct rd *r)
{
	size_t n = sizeof prefix - 1;

	if (r->left < n || memcmp(r->p, prefix, n) != 0)
		return false;
	rd_bytes(r, n);
	return true;
}

bool owner_line_read(struct slice text, struct key_public *out, char why[KEY_ERROR_MAX])
{
	struct rd r = rd_of(trimmed(text));
	bool whole = take_prefix(&r);

	if (!take_key(&r, out->signing))
		return refuse(why,
			"the signing key is not 64 hexadecimal digits: an owner line is "
			"alfis1:SIGNING:ENCRYPTION:CHECK, as `alfisd key show` prints it");
	if (!take_gap(&r) || !take_key(&r, out->encryption))
		return refuse(why,
			"the encryption key behind the signing key is not 64 hexadecimal digits: ask "
			"the owner for the whole line of `alfisd key show`");
	if (!whole && r.left)
		return refuse(why, "there is something behind the two keys");
	if (whole && (rd_u8(&r) != ':' || r.bad || !check_fits(slice_of(r.p, r.left), out)))
		return refuse(why,
			"the check at its end does not fit: something in the line was changed, or its "
			"end is missing");
	return owner_keys_check(out, why);
}

bool owner_keys_check(const struct key_public *keys, char why[KEY_ERROR_MAX])
{
	if (!ecies_is_point(keys->signing))
		return refuse(why, "the signing key is no key: no point of the curve");
	if (ecies_is_small_order(keys->signing))
		return refuse(why, "the signing key is of small order: it is nobody's");
	if (!ecies_is_point(keys->encryption))
		return refuse(why, "the encryption key is no key: no point of the curve");
	if (ecies_is_small_order(keys->encryption))
		return refuse(why, "the encryption key is of small order: it is nobody's");
	return true;
}

bool owner_is_another(const struct key_public *keys, const struct key_public *own, bool author,
	char why[KEY_ERROR_MAX])
{
	bool signing = memcmp(keys->signing, own->signing, sizeof own->signing) == 0;
	bool encryption = memcmp(keys->encryption, own->encryption, sizeof own->encryption) == 0;

	if (signing && encryption)
		return !author ||
		       refuse(why, "the new owner is the key that mines it: it is yours");
	if (signing)
		return refuse(why,
			"the signing key is your own, the encryption key is not: they are not of one "
			"owner");
	if (encryption)
		return refuse(why,
			"the encryption key is your own, the signing key is not: they are not of one "
			"owner");
	return true;
}
