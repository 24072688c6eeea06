/* The look at a store's pages before LMDB trusts them: it finds what points anywhere, and lets
 * every store pass that LMDB has made. */
#include "chain/store_internal.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"

enum { HEAD = sizeof(size_t) + 8, AT_FLAGS = sizeof(size_t) + 2 };
enum { BRANCH = 1, LEAF = 2, LONG = 4 };

/* What the look says. A row that is outside must be called so: who looks into it first reads memory
 * that is not the page's, and may find there anything. */
static const char OTHER[] = "is another one than it should be", OUTSIDE[] = "a row that is outside",
		  BOUNDS[] = "impossible bounds", FIT[] = "a row that does not fit",
		  ORDER[] = "is not in order", AWAY[] = "leads out of the file",
		  NOT_LONG[] = "is not the long value that it should be";

static enum err open_again(struct fixture *f)
{
	struct store_settings set = {.dir = f->dir,
		.params = &f->params,
		.map_bytes = &f->map,
		.readers = &f->readers,
		.offline = true,
		.no_sync = true};

	return store_open(&set, &f->store, f->text, sizeof f->text);
}

/* Closed, looked at, open again. */
static void assert_passes(struct fixture *f)
{
	assert_int_equal(store_close(f->store), ERR_OK);
	if (open_again(f) != ERR_OK)
		fail_msg("%s", f->text);
	f->view.reader = store_own_reader(f->store);
}

/* Every block's values have lengths of their own: some find no room in a page. */
static void add_long(struct fixture *f, uint64_t index, size_t length)
{
	static char data[60000];
	struct made m;

	memset(data, 'x', sizeof data);
	made_block(&m, index, (unsigned)(index * 7919 % 100), true, index);
	m.b.tx.data = slice_of(data, length);
	assert_int_equal(fixture_append(f, &m.b), ERR_OK);
}

/* Growing, shrinking, long values, a table of free pages that becomes long itself. */
static void all_that_lmdb_makes_passes(void **state)
{
	struct fixture f;
	uint32_t chance = 1;
	(void)state;

	fixture_start(&f);
	assert_passes(&f);
	for (unsigned round = 0; round < 120; round++) {
		for (unsigned i = 0; i < 40; i++) {
			chance = chance * 1664525 + 1013904223;
			uint64_t next = store_height(f.store) + 1;
			add_long(
				&f, next, chance >> 16 & 3 ? chance >> 24 : (chance >> 16) % 30000);
		}
		chance = chance * 1664525 + 1013904223;
		if (round % 3 == 2)
			store_truncate(f.store, 1 + (chance >> 8) % store_height(f.store));
		assert_int_equal(store_commit(f.store), ERR_OK);
		if (round % 5 == 4)
			assert_passes(&f);
	}
	store_truncate(f.store, 1);
	assert_passes(&f);
	fixture_end(&f);
}

/* ---- damage ---- */

struct file {
	uint8_t *bytes;
	size_t n, page;
	char path[256];
};

static void read_file(struct fixture *f, struct file *s)
{
	snprintf(s->path, sizeof s->path, "%s/chain.mdb", f->dir);
	FILE *in = fopen(s->path, "rb");
	assert_non_null(in);
	s->bytes = malloc(1 << 20);
	s->n = fread(s->bytes, 1, 1 << 20, in);
	fclose(in);
	s->page = (size_t)sysconf(_SC_PAGESIZE);
}

static void write_file(const struct file *s, const uint8_t *bytes, size_t n)
{
	FILE *out = fopen(s->path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(out);
}

static uint16_t flags_of(const struct file *s, size_t page)
{
	uint16_t v;

	memcpy(&v, s->bytes + page * s->page + AT_FLAGS, sizeof v);
	return v & 0x0F;
}

/* What is done to a page, and what is said of it; `least`: how many pages of the kind are looked
 * at. */
struct damage {
	unsigned kind;
	void (*change)(const struct file *s, uint8_t *page);
	unsigned least;
	const char *says;
};

/* One change to each page of a kind, by itself; how many were found. Pages that are free may have
 * anything. */
static unsigned found(struct fixture *f, struct file *s, const struct damage *d)
{
	uint8_t *copy = malloc(s->n);
	unsigned count = 0;

	for (size_t i = 2; i < s->n / s->page; i++) {
		if (flags_of(s, i) != d->kind)
			continue;
		memcpy(copy, s->bytes, s->n);
		d->change(s, copy + i * s->page);
		write_file(s, copy, s->n);
		enum err err = open_again(f);
		if (err == ERR_OK)
			store_close(f->store);
		else if (err != ERR_CORRUPT || !strstr(f->text, d->says))
			fail_msg("page %zu: %s: %s", i, err_name(err), f->text);
		count += err == ERR_CORRUPT;
	}
	free(copy);
	write_file(s, s->bytes, s->n);
	assert_int_equal(open_again(f), ERR_OK);
	store_close(f->store);
	return count;
}

static void put16(uint8_t *to, unsigned value)
{
	uint16_t v = (uint16_t)value;

	memcpy(to, &v, sizeof v);
}

static uint8_t *first_row(uint8_t *page)
{
	uint16_t at;

	memcpy(&at, page + HEAD, sizeof at);
	return page + at;
}

static void another_number(const struct file *s, uint8_t *page)
{
	(void)s;
	page[0] ^= 1;
}

static void another_kind(const struct file *s, uint8_t *page)
{
	(void)s;
	put16(page + AT_FLAGS, 0x10);
}

static void row_outside(const struct file *s, uint8_t *page)
{
	(void)s;
	put16(page + HEAD, 0xFFF0);
}

static void row_in_the_free_room(const struct file *s, uint8_t *page)
{
	(void)s;
	put16(page + HEAD, HEAD);
}

static void bounds_beyond_the_page(const struct file *s, uint8_t *page)
{
	put16(page + AT_FLAGS + 4, (unsigned)s->page + 2);
}

static void too_many_rows(const struct file *s, uint8_t *page)
{
	(void)s;
	put16(page + AT_FLAGS + 2, 0xFFFE);
}

static void key_too_long(const struct file *s, uint8_t *page)
{
	(void)s;
	put16(first_row(page) + 6, 0xFFFF);
}

static void value_too_long(const struct file *s, uint8_t *page)
{
	(void)s;
	memset(first_row(page), 0xFF, 4);
}

static void far_child(const struct file *s, uint8_t *page)
{
	(void)s;
	memset(first_row(page), 0xFF, 6);
}

static void last_key_first(const struct file *s, uint8_t *page)
{
	(void)s;
	memset(first_row(page) + 8, 0xFF, 8);
}

static void longer_than_said(const struct file *s, uint8_t *page)
{
	(void)s;
	memset(page + AT_FLAGS + 2, 0x7F, 4);
}

static void damage_is_found(void **state)
{
	static const struct damage rows[] = {{LEAF, another_number, 8, OTHER},
		{LEAF, another_kind, 8, OTHER}, {LEAF, row_outside, 8, OUTSIDE},
		{LEAF, row_in_the_free_room, 8, OUTSIDE}, {LEAF, bounds_beyond_the_page, 8, BOUNDS},
		{LEAF, too_many_rows, 8, BOUNDS}, {LEAF, key_too_long, 8, FIT},
		{LEAF, value_too_long, 8, FIT}, {LEAF, last_key_first, 4, ORDER},
		{BRANCH, another_number, 2, OTHER}, {BRANCH, row_outside, 2, OUTSIDE},
		{BRANCH, far_child, 2, AWAY}, {LONG, another_number, 2, NOT_LONG},
		{LONG, another_kind, 2, NOT_LONG}, {LONG, longer_than_said, 2, NOT_LONG}};
	struct fixture f;
	struct file s;
	(void)state;

	fixture_start(&f);
	for (uint64_t i = 1; i <= 120; i++) {
		add_long(&f, i, i % 40 == 0 ? 9000 : 20 + i);
		if (i % 30 == 0)
			assert_int_equal(store_commit(f.store), ERR_OK);
	}
	assert_int_equal(store_close(f.store), ERR_OK);
	read_file(&f, &s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned n = found(&f, &s, &rows[i]);
		if (n < rows[i].least)
			fail_msg("change %zu: found %u times", i, n);
	}
	free(s.bytes);
	assert_int_equal(open_again(&f), ERR_OK);
	fixture_end(&f);
}

static void what_was_cut_off_is_told(void **state)
{
	struct fixture f;
	struct file s;
	(void)state;

	fixture_start(&f);
	for (uint64_t i = 1; i <= 200; i++)
		add_long(&f, i, 200);
	assert_int_equal(store_close(f.store), ERR_OK);
	read_file(&f, &s);
	for (size_t n = s.n - s.page; n >= 3 * s.page; n -= s.page) {
		write_file(&s, s.bytes, n);
		enum err err = open_again(&f);
		if (err == ERR_OK)
			store_close(f.store);
		else
			assert_int_equal(err, ERR_CORRUPT);
	}
	write_file(&s, s.bytes, s.n);
	free(s.bytes);
	assert_int_equal(open_again(&f), ERR_OK);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_lmdb_makes_passes),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(what_was_cut_off_is_told),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
