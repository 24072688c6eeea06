/* Role: the text of a sealed key file, both ways.
 * Before: the folder of keys has the bytes from the disk, the command line those of an import.
 * After: the key process opens it. */
#include <stdio.h>

#include "base/hex.h"
#include "owner/key_file.h"

#define FIRST_LINE  "alfisd key 1"
#define FIRST_WORDS "alfisd key "

enum {
	MIB = 1024,               /* KiB */
	MEMORY_MOST = 1024 * MIB, /* KiB */
	PASSES_MOST = 1000,
};

bool key_name_is_valid(struct slice name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	if (name.n == 0 || name.n > KEY_NAME_MAX || !memchr(letters, name.p[0], sizeof letters - 1))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!memchr(letters, name.p[i], sizeof letters - 1) && name.p[i] != '-' &&
			name.p[i] != '_' && name.p[i] != '.')
			return false;
	return true;
}

bool key_cost_is_allowed(struct key_cost c, char why[KEY_ERROR_MAX])
{
	static const struct key_cost least[] = {{7 * MIB, 5}, {12 * MIB, 3}, {19 * MIB, 2}};

	if (c.memory > MEMORY_MOST || c.passes > PASSES_MOST) {
		snprintf(why, KEY_ERROR_MAX,
			"argon2id with %u KiB and %u passes is more than %u KiB and %u passes",
			(unsigned)c.memory, (unsigned)c.passes, (unsigned)MEMORY_MOST,
			(unsigned)PASSES_MOST);
		return false;
	}
	for (size_t i = 0; i < sizeof least / sizeof *least; i++)
		if (c.memory >= least[i].memory && c.passes >= least[i].passes)
			return true;
	snprintf(why, KEY_ERROR_MAX,
		"argon2id with %u KiB and %u passes is too weak: at least 7168 KiB and 5 passes, "
		"12288 and 3, or 19456 and 2",
		(unsigned)c.memory, (unsigned)c.passes);
	return false;
}

/* ---- reading ---- */

/* The text from line to line. */
struct lines {
	struct rd r;
	unsigned number; /* of the line that was read last, from 1 */
	char *why;       /* "" until something is wrong */
};

static void wrong(struct lines *l, const char *what)
{
	if (!*l->why)
		snprintf(l->why, KEY_ERROR_MAX, "line %u: %.180s", l->number, what);
	rd_fail(&l->r);
}

/* The next line without its end. Empty after an error. */
static struct slice next_line(struct lines *l)
{
	const uint8_t *end = l->r.left ? memchr(l->r.p, '\n', l->r.left) : NULL;

	l->number++;
	if (!end) {
		wrong(l, l->r.left ? "has no end: the file is cut" : "is missing: the file is cut");
		return slice_of(NULL, 0);
	}
	struct slice line = rd_bytes(&l->r, (size_t)(end - l->r.p));
	rd_u8(&l->r);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The next line's part behind this word and a space. */
static struct slice value_of(struct lines *l, const char *word)
{
	struct slice line = next_line(l);
	size_t n = strlen(word);
	char what[64];

	if (l->r.bad)
		return slice_of(NULL, 0);
	if (line.n <= n || memcmp(line.p, word, n) != 0 || line.p[n] != ' ') {
		snprintf(what, sizeof what, "should begin with \"%s \"", word);
		wrong(l, what);
		return slice_of(NULL, 0);
	}
	return slice_of(line.p + n + 1, line.n - n - 1);
}

static void read_hex(struct lines *l, const char *word, uint8_t *to, size_t size)
{
	struct slice digits = value_of(l, word);
	char what[64];
	size_t n = 0;

	if (l->r.bad || (hex_decode(digits, to, size, &n) && n == size))
		return;
	snprintf(what, sizeof what, "%s should have %zu hex digits", word, 2 * size);
	wrong(l, what);
}

/* A decimal number without sign and leading zeros, of nine digits at most. */
static uint32_t read_number(struct slice *s)
{
	uint32_t v = 0;
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (n > 9 || (n && s->p[0] == '0'))
		n = 0;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (uint32_t)(s->p[i] - '0');
	*s = slice_of(s->p + n, s->n - n);
	return v;
}

static void read_cost(struct lines *l, struct key_cost *c)
{
	struct slice text = value_of(l, "argon2id");
	char why[KEY_ERROR_MAX];

	if (l->r.bad)
		return;
	c->memory = read_number(&text);
	bool space = text.n && text.p[0] == ' ';
	if (space)
		text = slice_of(text.p + 1, text.n - 1);
	c->passes = read_number(&text);
	if (!space || text.n || !c->memory || !c->passes)
		wrong(l, "argon2id should have two numbers, KiB of memory and passes");
	else if (!key_cost_is_allowed(*c, why))
		wrong(l, why);
}

static void read_first(struct lines *l)
{
	struct slice line = next_line(l);
	size_t n = strlen(FIRST_WORDS);

	if (l->r.bad || slice_is(line, FIRST_LINE))
		return;
	if (line.n > n && memcmp(line.p, FIRST_WORDS, n) == 0)
		wrong(l, "a sealed key of another version: this program reads version 1");
	else
		wrong(l, "not a sealed key: it should be \"" FIRST_LINE "\"");
}

enum err key_file_decode(struct slice text, struct key_file *out, char why[KEY_ERROR_MAX])
{
	struct lines l = {.r = rd_of(text), .why = why};

	*why = '\0';
	memset(out, 0, sizeof *out);
	read_first(&l);
	read_hex(&l, "signing", out->pub.signing, sizeof out->pub.signing);
	read_hex(&l, "encryption", out->pub.encryption, sizeof out->pub.encryption);
	read_cost(&l, &out->cost);
	read_hex(&l, "salt", out->salt, sizeof out->salt);
	read_hex(&l, "nonce", out->nonce, sizeof out->nonce);
	read_hex(&l, "sealed", out->sealed, sizeof out->sealed);
	if (!l.r.bad && l.r.left) {
		l.number++;
		wrong(&l, "nothing may stand behind the sealed line");
	}
	return l.r.bad ? ERR_MALFORMED : ERR_OK;
}

/* ---- writing ---- */

static void write_hex(struct wr *w, const char *word, const uint8_t *p, size_t n)
{
	wr_slice(w, slice_str(word));
	wr_u8(w, ' ');
	hex_write(w, slice_of(p, n));
	wr_u8(w, '\n');
}

void key_file_encode_public(const struct key_file *f, struct wr *w)
{
	wr_slice(w, slice_str(FIRST_LINE "\n"));
	write_hex(w, "signing", f->pub.signing, sizeof f->pub.signing);
	write_hex(w, "encryption", f->pub.encryption, sizeof f->pub.encryption);
	wr_format(w, "argon2id %u %u\n", (unsigned)f->cost.memory, (unsigned)f->cost.passes);
	write_hex(w, "salt", f->salt, sizeof f->salt);
}

void key_file_encode(const struct key_file *f, struct wr *w)
{
	key_file_encode_public(f, w);
	write_hex(w, "nonce", f->nonce, sizeof f->nonce);
	write_hex(w, "sealed", f->sealed, sizeof f->sealed);
}
