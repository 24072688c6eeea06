/* Reads alfis-chain files: one JSON object a line. The first line names format and origin, each
 * further line has a block's encoding in hex. Before: cli/block_source.c. After: cli/input.c. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/input.h"
#include "cli/block_source.h"

enum { LINE_MAX_BYTES = 2 * BLOCK_MAX_ENCODED + 1024 };

struct lines {
	uint64_t number; /* of the current line, from 1 */
	uint8_t line[LINE_MAX_BYTES];
	uint8_t block[BLOCK_MAX_ENCODED];
};

static enum err fail(struct block_source *s, const char *what)
{
	const struct lines *p = s->state;

	snprintf(s->error, sizeof s->error, "%.150s:%llu: %s", s->path,
		(unsigned long long)p->number, what);
	return ERR_MALFORMED;
}

/* Reads the next line, without its line end. ERR_NOT_FOUND at the end of the file. */
static enum err read_line(struct block_source *s, struct slice *line)
{
	struct lines *p = s->state;
	size_t n;
	enum err err = input_line(s->in, p->line, sizeof p->line, &n);

	p->number++;
	if (err == ERR_STOPPING)
		return err;
	if (err != ERR_OK)
		return fail(s, input_why(s->in));
	if (n == sizeof p->line && p->line[n - 1] != '\n')
		return fail(s, "the line is too long or not text");
	if (n == 0)
		return ERR_NOT_FOUND;
	while (n > 0 && (p->line[n - 1] == '\n' || p->line[n - 1] == '\r'))
		n--;
	*line = slice_of(p->line, n);
	return ERR_OK;
}

/* Decodes a member that is a string of hex digits. */
static bool hex_member(struct slice line, const char *key, uint8_t *to, size_t size, size_t *n)
{
	struct slice value;

	return json_find(line, key, &value) && value.n >= 2 && value.p[0] == '"' &&
	       hex_decode(slice_of(value.p + 1, value.n - 2), to, size, n);
}

static bool lines_open(struct block_source *s)
{
	struct lines *p = mem_alloc(sizeof *p);
	struct slice line, format;
	size_t n;

	s->state = p;
	if (!p) {
		snprintf(s->error, sizeof s->error, "%.180s: out of memory", s->path);
		return false;
	}
	if (read_line(s, &line) != ERR_OK)
		return false;
	if (!json_find(line, "format", &format) || !slice_is(format, "\"alfis-chain\"") ||
		!hex_member(line, "origin", s->origin, sizeof s->origin, &n)) {
		fail(s, "the first line is not the head of an alfis-chain file");
		return false;
	}
	s->has_origin = n == sizeof s->origin;
	return true;
}

/* After an empty line only the end of the file may follow. */
static enum err at_end(struct block_source *s)
{
	struct slice line;
	enum err err = read_line(s, &line);

	return err == ERR_OK ? fail(s, "an empty line stands before it") : err;
}

static enum err lines_next(struct block_source *s, struct block_owned **out)
{
	struct lines *p = s->state;
	struct slice line;
	size_t n;
	enum err err = read_line(s, &line);

	if (err != ERR_OK)
		return err;
	if (!line.n)
		return at_end(s);
	if (!hex_member(line, "cbor", p->block, sizeof p->block, &n))
		return fail(s, "no block in \"cbor\"");
	err = block_decode_owned(slice_of(p->block, n), out);
	return err == ERR_MALFORMED ? fail(s, "the block does not decode") : err;
}

static void lines_close(struct block_source *s)
{
	mem_free(s->state);
	s->state = NULL;
}

const struct block_source_kind block_source_lines = {
	"alfis-chain file", lines_open, lines_next, lines_close};
