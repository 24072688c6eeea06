/* Readers of the store beside its own thread: what they see and when, and who closes first. */
#include "chain/store_internal.h"
#include "chain/store_reader.h"
#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

static struct store_reader *open_reader(struct fixture *f)
{
	struct store_reader *r;

	assert_int_equal(store_reader_open(f->store, &r, f->text, sizeof f->text), ERR_OK);
	return r;
}

/* What it sees when it looks anew. */
static uint64_t height_of(struct store_reader *r)
{
	struct view v = {.reader = r};

	view_begin(&v);
	uint64_t height = view_height(&v);
	view_end(&v);
	return height;
}

static void it_never_sees_the_open_group(void **state)
{
	struct fixture f;
	struct block_summary h;
	(void)state;

	fixture_start(&f);
	struct store_reader *r = open_reader(&f);
	struct view v = {.reader = r};
	assert_int_equal(height_of(r), 0);
	fixture_add(&f, 1, true);
	fixture_add(&f, 2, true);
	assert_int_equal(height_of(r), 0);
	assert_false(view_summary(&v, 1, &h));
	assert_true(view_summary(&f.view, 2, &h)); /* the store's own thread does */
	assert_false(store_reader_is_behind(r));
	assert_int_equal(store_commit(f.store), ERR_OK);
	assert_true(store_reader_is_behind(r));
	assert_int_equal(height_of(r), 2);
	assert_false(store_reader_is_behind(r));
	assert_true(view_summary(&v, 2, &h));
	store_reader_close(r);
	fixture_end(&f);
}

/* Between view_begin() and view_end() nothing changes. */
static void a_scope_is_one_moment(void **state)
{
	struct fixture f;
	struct block_summary h;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	fixture_add(&f, 2, true);
	assert_int_equal(store_commit(f.store), ERR_OK);
	struct store_reader *r = open_reader(&f);
	struct view v = {.reader = r};
	view_begin(&v);
	assert_int_equal(store_truncate(f.store, 2), ERR_OK);
	fixture_add(&f, 3, false);
	fixture_add(&f, 3, false);
	assert_int_equal(store_commit(f.store), ERR_OK);
	assert_int_equal(view_height(&v), 2);
	assert_true(view_summary(&v, 2, &h));
	assert_true(h.full);
	assert_false(view_summary(&v, 3, &h));
	assert_true(store_reader_is_behind(r));
	view_end(&v);
	assert_int_equal(height_of(r), 3);
	assert_true(view_last_full(&v, UINT64_MAX, &h));
	assert_int_equal(h.index, 1);
	store_reader_close(r);
	fixture_end(&f);
}

/* What the answer to a question about a name needs. */
static void it_answers_about_a_domain(void **state)
{
	const struct slice name = slice_str("a name");
	struct fixture f;
	struct made m;
	struct domain_row row;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	made_block(&m, 2, 7, true, 1);
	m.b.tx.identity = name;
	assert_int_equal(fixture_append(&f, &m.b), ERR_OK);
	assert_int_equal(store_commit(f.store), ERR_OK);
	struct store_reader *r = open_reader(&f);
	struct view v = {.reader = r};
	view_begin(&v);
	assert_true(view_domain(&v, name, UINT64_MAX, &row));
	struct block_owned *o = view_block(&v, row.id);
	view_end(&v);
	assert_int_equal(row.id, 2);
	assert_non_null(o);
	assert_true(slice_is(o->b.tx.data, "{}"));
	mem_free(o);
	assert_false(view_domain(&v, slice_str("another"), UINT64_MAX, &row));
	assert_null(view_block(&v, 3));
	assert_int_equal(store_reader_error(r), ERR_OK);
	assert_string_equal(store_reader_why(r), "");
	store_reader_close(r);
	fixture_end(&f);
}

static void they_are_bounded(void **state)
{
	struct test t;
	struct store_reader *r[64], *more;
	char text[256];
	(void)state;

	start(&t);
	struct bound *bound = &t.limits.max_store_readers;
	for (uint64_t i = 0; i < bound->max; i++)
		assert_int_equal(
			store_reader_open(chain_store(t.chain), &r[i], text, sizeof text), ERR_OK);
	assert_int_equal(bound->used, bound->max);
	assert_int_equal(
		store_reader_open(chain_store(t.chain), &more, text, sizeof text), ERR_FULL);
	assert_null(more);
	assert_non_null(strstr(text, "limits.max_store_readers"));
	assert_int_equal(bound->hits, 1);
	assert_int_equal(chain_close(t.chain), ERR_BUSY);
	for (uint64_t i = 0; i < bound->max; i++)
		store_reader_close(r[i]);
	assert_int_equal(bound->used, 0);
	end(&t);
}

static void no_memory(void **state)
{
	struct fixture f;
	struct store_reader *r;
	(void)state;

	fixture_start(&f);
	mem_fail_nth(1);
	assert_int_equal(store_reader_open(f.store, &r, f.text, sizeof f.text), ERR_NOMEM);
	assert_int_equal(mem_fail_nth(0), 0);
	assert_null(r);
	assert_int_equal(f.readers.used, 0);
	fixture_end(&f);
}

/* The map must not go while somebody reads from it. What was open is committed all the same. */
static void the_store_is_closed_last(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	struct store_reader *r = open_reader(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(store_close(f.store), ERR_BUSY);
	assert_int_equal(height_of(r), 1);
	store_reader_close(r);
	fixture_end(&f);
}

/* Its failure is its own: neither the store's nor another reader's. */
static void a_failure_sticks_to_one(void **state)
{
	struct fixture f;
	struct block_summary h;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(store_commit(f.store), ERR_OK);
	struct store_key key = key_number(1);
	row_put(f.store, TABLE_HEADS, key_slice(&key), slice_str("of another form"));
	assert_int_equal(store_commit(f.store), ERR_OK);
	struct store_reader *r = open_reader(&f), *other = open_reader(&f);
	struct view v = {.reader = r};
	assert_false(view_summary(&v, 1, &h));
	assert_int_equal(store_reader_error(r), ERR_CORRUPT);
	assert_non_null(strstr(store_reader_why(r), "its form is wrong"));
	assert_null(view_block(&v, 1)); /* it would be there */
	assert_int_equal(store_error(f.store), ERR_OK);
	assert_int_equal(store_reader_error(other), ERR_OK);
	v.reader = other;
	struct block_owned *o = view_block(&v, 1);
	assert_non_null(o);
	mem_free(o);
	store_reader_close(r);
	store_reader_close(other);
	fixture_end(&f);
}

/* Between two scopes no page is held: the store stays as small as without readers. */
static void an_idle_reader_holds_no_page(void **state)
{
	uint64_t grown[2];
	(void)state;

	for (int with = 0; with < 2; with++) {
		struct fixture f;
		fixture_start(&f);
		fixture_add(&f, 1, true);
		assert_int_equal(store_commit(f.store), ERR_OK);
		struct store_reader *r = with ? open_reader(&f) : NULL;
		for (int i = 0; i < 300; i++) {
			assert_int_equal(store_put_value(f.store, "v", slice_str("1")), ERR_OK);
			assert_int_equal(store_commit(f.store), ERR_OK);
			if (i == 0 && with)
				assert_int_equal(height_of(r), 1);
		}
		grown[with] = f.map.used;
		store_reader_close(r);
		fixture_end(&f);
	}
	assert_int_equal(grown[0], grown[1]);
}

/* The number of a reader's place is kept, so that it can never be without one. */
static void it_keeps_its_place(void **state)
{
	struct fixture f;
	MDB_envinfo info;
	(void)state;

	fixture_start(&f);
	struct store_reader *r = open_reader(&f), *other = open_reader(&f);
	assert_int_equal(mdb_env_info(f.store->env, &info), 0);
	unsigned before = info.me_numreaders;
	for (int i = 0; i < 10; i++)
		assert_int_equal(height_of(r) + height_of(other), 0);
	assert_int_equal(mdb_env_info(f.store->env, &info), 0);
	assert_int_equal(info.me_numreaders, before);
	store_reader_close(r);
	store_reader_close(other);
	fixture_end(&f);
}

static void a_scratch_store_has_none(void **state)
{
	struct fixture f;
	struct store_reader *r;
	(void)state;

	fixture_start(&f);
	f.store->scratch = true;
	assert_int_equal(store_reader_open(f.store, &r, f.text, sizeof f.text), ERR_REFUSED);
	assert_null(r);
	f.store->scratch = false;
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_never_sees_the_open_group),
		cmocka_unit_test(a_scope_is_one_moment),
		cmocka_unit_test(it_answers_about_a_domain),
		cmocka_unit_test(they_are_bounded),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(the_store_is_closed_last),
		cmocka_unit_test(a_failure_sticks_to_one),
		cmocka_unit_test(an_idle_reader_holds_no_page),
		cmocka_unit_test(it_keeps_its_place),
		cmocka_unit_test(a_scratch_store_has_none),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
