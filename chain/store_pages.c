/* Role: checks the pages of a store before LMDB opens it. LMDB trusts its pages: a row that points
 * out of its page would make it write over other memory. Only called while nobody writes. The
 * layout is LMDB's data format 1, with the word size and byte order of this machine.
 * Before: chain/store_open.c. After: the file. */
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/store_open_internal.h"

enum {
	WORD = sizeof(size_t),
	/* A page: its number, 2 bytes unused, flags, then two bounds of the free room in its middle
	   or the count of pages of a long value; then offsets of rows. */
	AT_FLAGS = WORD + 2,
	AT_LOWER = WORD + 4,
	AT_UPPER = WORD + 6,
	PAGE_HEAD = WORD + 8,
	PAGE_BRANCH = 1,
	PAGE_LEAF = 2,
	PAGE_LONG = 4,
	PAGE_META = 8,
	PAGE_KIND = 0x6F,
	/* A row: its size in two halves, flags, the key's size. */
	ROW_HEAD = 8,
	ROW_LONG = 1,  /* the value has pages of its own, and the row their number */
	ROW_TABLE = 2, /* the value describes a table */
	ROW_SAME_KEY = 4,
	KEY_MOST = 511,
	/* A tree: page size, flags, depth, three counts of pages, rows, root. */
	TREE_SIZE = 8 + 5 * WORD,
	TREE_FIXED = 1, /* flag of the first tree: LMDB would map the file at a fixed address */
	TREE_KEPT = 0x7FFF,
	/* A meta page: mark, version, address, size, two trees, last page, number of the
	 * transaction. */
	AT_TREES = PAGE_HEAD + 8 + 2 * WORD,
	AT_LAST = AT_TREES + 2 * TREE_SIZE,
	META_SIZE = AT_LAST + 2 * WORD,
	VERSION = 1,
	PAGE_LEAST = 512,
	PAGE_MOST = 65536,
	DEPTH_MOST = 12, /* far more than is needed: a branch has dozens of rows */
	TABLES_MOST = 2 * STORE_TABLES,
	METAS = 2,
	UNWRITTEN = 64, /* see PAGES_UNWRITTEN in store_open.c */
};

static const uint32_t MARK = 0xBEEFC0DE;

struct tree {
	uint16_t flags, depth;
	size_t branches, leaves, longs, rows, root;
};

/* The state of one check. */
struct pages {
	int fd;
	size_t size, last;     /* bytes of a page; the number of the last page */
	uint64_t in_file;      /* pages */
	uint64_t seen;         /* pages visited; more than the file has: the tree has a cycle */
	bool values;           /* check the leaves of tables, too */
	bool is_free, is_root; /* checking the tree of free pages; the tree of tables */
	struct tree found;     /* what was counted in the current tree */
	struct tree table[TABLES_MOST];
	size_t tables;
	uint8_t *level[DEPTH_MOST];
	const char *wrong;
	size_t at; /* the page that `wrong` is about */
};

static size_t word_at(const uint8_t *p)
{
	size_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint16_t u16_at(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t halves_at(const uint8_t *p)
{
	const uint16_t one = 1;
	bool little = *(const uint8_t *)&one == 1;

	return u16_at(p + (little ? 0 : 2)) | (uint32_t)u16_at(p + (little ? 2 : 0)) << 16;
}

static struct tree tree_at(const uint8_t *p)
{
	return (struct tree){u16_at(p + 4), u16_at(p + 6), word_at(p + 8), word_at(p + 8 + WORD),
		word_at(p + 8 + 2 * WORD), word_at(p + 8 + 3 * WORD), word_at(p + 8 + 4 * WORD)};
}

static bool say(struct pages *p, size_t at, const char *wrong)
{
	if (!p->wrong) {
		p->wrong = wrong;
		p->at = at;
	}
	return false;
}

static bool read_at(struct pages *p, size_t page, size_t offset, void *to, size_t n)
{
	off_t at = (off_t)((uint64_t)page * p->size + offset);

	return pread(p->fd, to, n, at) == (ssize_t)n || say(p, page, "cannot be read");
}

static bool is_page(const struct pages *p, size_t page, size_t count)
{
	return page >= METAS && page <= p->last && count <= p->last - page + 1 &&
	       page + count <= p->in_file;
}

/* ---- long values ---- */

static bool check_long(struct pages *p, size_t from, size_t page, size_t size)
{
	size_t count = (PAGE_HEAD - 1 + size) / p->size + 1;
	uint8_t head[PAGE_HEAD];

	if (!is_page(p, page, count))
		return say(p, from, "leads out of the file");
	if (!read_at(p, page, 0, head, sizeof head))
		return false;
	p->seen += count;
	p->found.longs += count;
	return (word_at(head) == page && (u16_at(head + AT_FLAGS) & PAGE_KIND) == PAGE_LONG &&
		       u32_at(head + AT_LOWER) == count) ||
	       say(p, page, "is not the long value that it should be");
}

/* Checks a list of free pages, which begins with their count. LMDB will write to each page in
 * it. */
static bool check_free(struct pages *p, size_t page, size_t offset, size_t size)
{
	size_t ids[64], count;

	if (size < WORD || !read_at(p, page, offset, &count, WORD))
		return say(p, page, "has a list of free pages without a count");
	if (count > size / WORD - 1)
		return say(p, page, "has a list of free pages that is too long");
	for (size_t done = 0; done < count;) {
		size_t n = count - done < 64 ? count - done : 64;
		if (!read_at(p, page, offset + (1 + done) * WORD, ids, n * WORD))
			return false;
		for (size_t i = 0; i < n; i++)
			if (ids[i] < METAS || ids[i] > p->last)
				return say(p, page, "calls a page free that is none");
		done += n;
	}
	return true;
}

/* ---- rows ---- */

static bool check_table(struct pages *p, size_t page, const uint8_t *value, size_t size)
{
	if (!p->is_root || size != TREE_SIZE || p->tables == TABLES_MOST)
		return say(p, page, "has a table where none can be");
	p->table[p->tables++] = tree_at(value);
	return true;
}

/* `room`: bytes from the row's head to the end of the page. */
static bool check_leaf_row(
	struct pages *p, size_t page, const uint8_t *row, size_t offset, size_t room)
{
	size_t size = halves_at(row), key = u16_at(row + 6);
	unsigned flags = u16_at(row + 4);
	size_t here = flags & ROW_LONG ? WORD : size, value = ROW_HEAD + key;

	if (key == 0 || key > KEY_MOST || value > room || here > room - value ||
		flags & ROW_SAME_KEY)
		return say(p, page, "has a row that does not fit");
	if (flags & ROW_TABLE)
		return check_table(p, page, row + value, size);
	if (flags & ROW_LONG) {
		size_t at = word_at(row + value);
		return check_long(p, page, at, size) &&
		       (!p->is_free || check_free(p, at, PAGE_HEAD, size));
	}
	return !p->is_free || check_free(p, page, offset + value, size);
}

static size_t child_of(const uint8_t *row)
{
	size_t high = u16_at(row + 4);

	return halves_at(row) | (WORD > 4 ? high << 16 << 16 : 0);
}

static bool check_row(struct pages *p, size_t page, const uint8_t *bytes, size_t offset, bool leaf)
{
	const uint8_t *row = bytes + offset;
	size_t room = p->size - offset;

	if (offset < u16_at(bytes + AT_UPPER) || offset > p->size - ROW_HEAD)
		return say(p, page, "has a row that is outside");
	if (leaf)
		return check_leaf_row(p, page, row, offset, room);
	if (u16_at(row + 6) > KEY_MOST || (size_t)ROW_HEAD + u16_at(row + 6) > room)
		return say(p, page, "has a row that does not fit");
	return is_page(p, child_of(row), 1) || say(p, page, "leads out of the file");
}

static const uint8_t *row_of(const uint8_t *bytes, size_t i)
{
	return bytes + u16_at(bytes + PAGE_HEAD + 2 * i);
}

/* Is key a below key b? Keys in a page must ascend; the first key of a branch is not used. */
static bool in_order(const struct pages *p, const uint8_t *a, const uint8_t *b)
{
	size_t n = u16_at(a + 6), m = u16_at(b + 6);

	if (p->is_free)
		return n == WORD && m == WORD && word_at(a + ROW_HEAD) < word_at(b + ROW_HEAD);
	int order = memcmp(a + ROW_HEAD, b + ROW_HEAD, n < m ? n : m);
	return order < 0 || (order == 0 && n < m);
}

static size_t rows_in(const uint8_t *bytes)
{
	return (u16_at(bytes + AT_LOWER) - (size_t)PAGE_HEAD) / 2;
}

static bool check_page(struct pages *p, size_t page, const uint8_t *bytes, bool leaf)
{
	size_t lower = u16_at(bytes + AT_LOWER), upper = u16_at(bytes + AT_UPPER);

	if (word_at(bytes) != page ||
		(u16_at(bytes + AT_FLAGS) & PAGE_KIND) != (leaf ? PAGE_LEAF : PAGE_BRANCH))
		return say(p, page, "is another one than it should be");
	if (lower < (size_t)PAGE_HEAD + 2 || lower % 2 != 0 || lower > upper || upper > p->size)
		return say(p, page, "has impossible bounds");
	for (size_t i = 0; i < rows_in(bytes); i++) {
		if (!check_row(p, page, bytes, u16_at(bytes + PAGE_HEAD + 2 * i), leaf))
			return false;
		if (i > (leaf ? 0U : 1U) && !in_order(p, row_of(bytes, i - 1), row_of(bytes, i)))
			return say(p, page, "is not in order");
	}
	p->found.leaves += leaf;
	p->found.branches += !leaf;
	p->found.rows += leaf ? rows_in(bytes) : 0;
	return true;
}

/* ---- trees ---- */

static bool load(struct pages *p, size_t page, unsigned level, bool leaf)
{
	if (++p->seen > (uint64_t)p->last + 1)
		return say(p, page, "is met again and again");
	if (!p->level[level] && !(p->level[level] = mem_alloc(p->size)))
		return say(p, page, "cannot be looked at: out of memory");
	return is_page(p, page, 1) ? read_at(p, page, 0, p->level[level], p->size) &&
					     check_page(p, page, p->level[level], leaf)
				   : say(p, page, "is outside of the file");
}

/* Visits all pages of the tree, depth first, without recursion: next[] is the next row in each
 * level. Without `leaves` it stops one level above them. */
static bool walk(struct pages *p, const struct tree *t, bool leaves)
{
	unsigned depth = leaves || t->depth == 1 ? t->depth : t->depth - 1U, level = 0;
	size_t next[DEPTH_MOST] = {0};

	if (!load(p, t->root, 0, t->depth == 1))
		return false;
	for (;;) {
		bool last = level + 1 >= depth;
		if (!last && next[level] < rows_in(p->level[level])) {
			size_t child = child_of(row_of(p->level[level], next[level]++));
			next[++level] = 0;
			if (!load(p, child, level, level + 1U == t->depth))
				return false;
		} else if (level-- == 0) {
			return true;
		}
	}
}

static bool check_tree(struct pages *p, const struct tree *t, bool leaves)
{
	p->found = (struct tree){0};
	if (t->root == SIZE_MAX)
		return t->rows == 0 || say(p, 0, "has a table without its pages");
	if (t->depth == 0 || t->depth > DEPTH_MOST || (!p->is_free && t->flags & TREE_KEPT))
		return say(p, t->root, "is the root of an impossible table");
	if (!walk(p, t, leaves))
		return false;
	const struct tree *f = &p->found;
	return !leaves ||
	       (f->branches == t->branches && f->leaves == t->leaves && f->longs == t->longs &&
		       f->rows == t->rows) ||
	       say(p, t->root, "is the root of a table that has not all of its rows");
}

static bool check_all(struct pages *p, const uint8_t *meta)
{
	struct tree unused = tree_at(meta + AT_TREES), root = tree_at(meta + AT_TREES + TREE_SIZE);

	if (unused.flags & TREE_FIXED)
		return say(p, 0, "asks for a place in memory");
	p->is_free = true;
	if (!check_tree(p, &unused, true))
		return false;
	p->is_free = false;
	p->is_root = true;
	if (!check_tree(p, &root, true))
		return false;
	p->is_root = false;
	for (size_t i = 0; i < p->tables; i++)
		if (!check_tree(p, &p->table[i], p->values))
			return false;
	return true;
}

/* ---- the first pages ---- */

/* Reads a meta page. False when LMDB would refuse it by itself: then there is nothing to check. */
static bool read_meta(struct pages *p, size_t page, uint8_t meta[META_SIZE])
{
	return pread(p->fd, meta, META_SIZE, (off_t)(page * p->size)) == META_SIZE &&
	       (u16_at(meta + AT_FLAGS) & PAGE_META) && u32_at(meta + PAGE_HEAD) == MARK &&
	       (u32_at(meta + PAGE_HEAD + 4) & 0xFFFF) == VERSION;
}

static bool check_file(struct pages *p, uint64_t bytes)
{
	uint8_t meta[METAS][META_SIZE];

	if (!read_meta(p, 0, meta[0]))
		return true;
	p->size = u32_at(meta[0] + AT_TREES);
	if (p->size < PAGE_LEAST || p->size > PAGE_MOST || (p->size & (p->size - 1)))
		return say(p, 0, "has an impossible size of pages");
	if (!read_meta(p, 1, meta[1]))
		return true;
	if (u32_at(meta[1] + AT_TREES) != p->size)
		return say(p, 1, "has another size of pages");
	const uint8_t *newest =
		meta[word_at(meta[0] + AT_LAST + WORD) < word_at(meta[1] + AT_LAST + WORD)];
	p->in_file = bytes / p->size;
	p->last = word_at(newest + AT_LAST);
	if (p->last > p->in_file + UNWRITTEN)
		return say(p, p->last, "is missing: the file was cut off");
	return check_all(p, newest);
}

enum err store_check_pages(struct opening *o)
{
	struct pages *p = mem_alloc(sizeof *p);
	enum err err = ERR_OK;
	off_t end = lseek(o->s->data_fd, 0, SEEK_END);

	if (!p)
		return store_say(o, ERR_NOMEM, "%s: out of memory", o->file);
	p->fd = o->s->data_fd;
	p->values = o->set->offline;
	if (end > 0 && !check_file(p, (uint64_t)end))
		err = store_say(o, ERR_CORRUPT,
			"%s: damaged: page %zu %s; restore a snapshot or delete it and sync again",
			o->file, p->at, p->wrong);
	for (size_t i = 0; i < DEPTH_MOST; i++)
		mem_free(p->level[i]);
	mem_free(p);
	return err;
}
