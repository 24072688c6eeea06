/* Reading alfis-chain files: one JSON object a line, the first names format and origin, the others
 * carry a block's encoding in hex. gzip or plain. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "node/source.h"

enum { LINE_MAX_BYTES = 2 * BLOCK_MAX_ENCODED + 1024 };

struct lines {
	gzFile f;
	char line[LINE_MAX_BYTES];
	uint8_t block[BLOCK_MAX_ENCODED];
};

static enum err fail(struct source *s, const char *what)
{
	snprintf(s->error, sizeof s->error, "%.150s:%llu: %s", s->path,
		(unsigned long long)s->read + 2, what);
	return ERR_MALFORMED;
}

/* The next line without its end; empty at the end of the file. */
static enum err read_line(struct source *s, struct slice *line)
{
	struct lines *p = s->state;
	int code;

	*line = slice_of(NULL, 0);
	if (!gzgets(p->f, p->line, sizeof p->line)) {
		gzerror(p->f, &code);
		return code == Z_OK || code == Z_STREAM_END ? ERR_OK
							    : fail(s, "the file is damaged");
	}
	size_t n = strlen(p->line);
	if (n == 0 || (p->line[n - 1] != '\n' && !gzeof(p->f)))
		return fail(s, "the line is too long or not text");
	while (n > 0 && (p->line[n - 1] == '\n' || p->line[n - 1] == '\r'))
		n--;
	*line = slice_of(p->line, n);
	return ERR_OK;
}

/* The bytes of a hex string member. */
static bool hex_member(struct slice line, const char *key, uint8_t *to, size_t size, size_t *n)
{
	struct slice value;

	return json_find(line, key, &value) && value.n >= 2 && value.p[0] == '"' &&
	       hex_decode(slice_of(value.p + 1, value.n - 2), to, size, n);
}

static bool lines_open(struct source *s)
{
	struct lines *p = mem_alloc(sizeof *p);
	struct slice line, format;
	size_t n;

	s->state = p;
	if (!p || !(p->f = gzopen(s->path, "rbe"))) {
		snprintf(s->error, sizeof s->error, "%.180s: %s", s->path, strerror(errno));
		return false;
	}
	if (read_line(s, &line) != ERR_OK)
		return false;
	if (!json_find(line, "format", &format) || !slice_is(format, "\"alfis-chain\"") ||
		!hex_member(line, "origin", s->origin, sizeof s->origin, &n)) {
		snprintf(s->error, sizeof s->error,
			"%.150s:1: the first line is not the head of an alfis-chain file", s->path);
		return false;
	}
	s->has_origin = n == sizeof s->origin;
	return true;
}

static enum err lines_next(struct source *s, struct block_owned **out)
{
	struct lines *p = s->state;
	struct slice line;
	size_t n;
	enum err err = read_line(s, &line);

	if (err != ERR_OK)
		return err;
	if (!line.n)
		return ERR_NOT_FOUND;
	if (!hex_member(line, "cbor", p->block, sizeof p->block, &n))
		return fail(s, "no block in \"cbor\"");
	err = block_decode_owned(slice_of(p->block, n), out);
	return err == ERR_MALFORMED ? fail(s, "the block does not decode") : err;
}

static void lines_close(struct source *s)
{
	struct lines *p = s->state;

	if (p && p->f)
		gzclose(p->f);
	mem_free(p);
	s->state = NULL;
}

const struct source_kind source_lines = {"alfis-chain file", lines_open, lines_next, lines_close};
