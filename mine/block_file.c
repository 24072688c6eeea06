/* Reads and writes the file of a block in work. See mine/block_file.h. */
#include "mine/block_file.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/mem.h"

struct reading {
	struct rd text;
	unsigned line;
	bool has_origin;
	struct block_file *out;
};

/* The next line that is none for people, without its end. Empty lines are skipped. */
static bool next_line(struct reading *r, struct slice *line)
{
	while (r->text.left) {
		const uint8_t *end = memchr(r->text.p, '\n', r->text.left);
		size_t n = end ? (size_t)(end - r->text.p) : r->text.left;

		*line = rd_bytes(&r->text, n);
		if (end)
			rd_bytes(&r->text, 1);
		r->line++;
		while (line->n && (line->p[line->n - 1] == '\r' || line->p[line->n - 1] == ' '))
			line->n--;
		if (line->n && line->p[0] != '#')
			return true;
	}
	return false;
}

/* What follows the word and a space at the start of a line. */
static bool is_line_of(struct slice line, const char *word, struct slice *value)
{
	size_t n = strlen(word);

	if (line.n <= n || memcmp(line.p, word, n) != 0 || line.p[n] != ' ')
		return false;
	*value = slice_of(line.p + n + 1, line.n - n - 1);
	return true;
}

static const char *take_origin(struct reading *r, struct slice hex)
{
	size_t n;

	if (r->has_origin)
		return "a second origin";
	if (!hex_decode(hex, r->out->origin, HASH_SIZE, &n) || n != HASH_SIZE)
		return "an origin has 64 hex digits";
	r->has_origin = true;
	return NULL;
}

static const char *take_block(struct reading *r, struct slice hex)
{
	size_t size = hex.n / 2, n;
	uint8_t *cbor;
	enum err err = ERR_MALFORMED;

	if (r->out->block)
		return "a second block";
	if (size > BLOCK_MAX_ENCODED)
		return "the block is too long";
	cbor = mem_alloc(size + 1);
	if (!cbor)
		return "out of memory";
	if (hex_decode(hex, cbor, size, &n))
		err = block_decode_owned(slice_of(cbor, n), &r->out->block);
	mem_free(cbor);
	return err == ERR_OK ? NULL : err == ERR_NOMEM ? "out of memory" : "this is no block";
}

static const char *read_lines(struct reading *r)
{
	struct slice line, value;
	const char *why = NULL;

	if (!next_line(r, &line) || !is_line_of(line, "alfisd block", &value))
		return "this is no file of `alfisd block`: it does not begin with \"alfisd block\"";
	if (value.n != 1 || value.p[0] != '0' + BLOCK_FILE_VERSION)
		return "it is of another version of alfisd";
	while (!why && next_line(r, &line)) {
		if (is_line_of(line, "origin", &value))
			why = take_origin(r, value);
		else if (is_line_of(line, "block", &value))
			why = take_block(r, value);
		else
			why = "an unknown line";
	}
	if (!why && (!r->has_origin || !r->out->block))
		why = "it ends too early: it needs a line \"origin\" and a line \"block\"";
	return why;
}

const char *block_file_read(struct slice text, struct block_file *out, unsigned *line)
{
	struct reading r = {.text = rd_of(text), .out = out};
	const char *why = "it is too long";

	*out = (struct block_file){.block = NULL};
	if (text.n <= BLOCK_FILE_MAX)
		why = read_lines(&r);
	*line = r.line;
	if (why) {
		mem_free(out->block);
		out->block = NULL;
	}
	return why;
}

enum block_file_state block_file_state(const struct block *b)
{
	if (!b->hash.n)
		return BLOCK_PREPARED;
	return b->signature.n ? BLOCK_SIGNED : BLOCK_SEARCHED;
}

static const char *next_step(const struct block *b)
{
	static const char *const steps[] = {
		[BLOCK_PREPARED] = "prepared; next: alfisd block search FILE",
		[BLOCK_SEARCHED] = "searched; next: alfisd block sign FILE --key NAME",
		[BLOCK_SIGNED] = "signed; next: alfisd block submit FILE",
	};

	return steps[block_file_state(b)];
}

/* The encoding is written twice as long, in hex, over its own place: from its end to its front. */
static void put_block(const struct block *b, struct wr *w)
{
	size_t from = w->n;

	block_encode(b, w);
	size_t n = w->n - from;
	if (w->bad || n > w->size - w->n) {
		w->bad = true;
		return;
	}
	for (size_t i = n; i-- > 0;) {
		uint8_t byte = w->p[from + i];
		w->p[from + 2 * i] = (uint8_t) "0123456789ABCDEF"[byte >> 4];
		w->p[from + 2 * i + 1] = (uint8_t) "0123456789ABCDEF"[byte & 15];
	}
	w->n += n;
}

void block_file_write(const uint8_t origin[HASH_SIZE], const struct block *b, struct wr *w)
{
	wr_format(w, "alfisd block %d\n# block %llu, difficulty %u, %s\norigin ",
		BLOCK_FILE_VERSION, (unsigned long long)b->index, (unsigned)b->difficulty,
		next_step(b));
	hex_write(w, slice_of(origin, HASH_SIZE));
	wr_format(w, "\nblock ");
	put_block(b, w);
	wr_u8(w, '\n');
}
