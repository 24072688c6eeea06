/* Passphrases on their way from the node to the key process: by a thread of their own, one after
 * the other, bounded, and gone when the node ends. */
#include "config/limits.h"
#include "owner/keys_worker.h"
#include "tests/unit/keys_rig.h"

static struct keys_rig rig;
static struct keys_worker *worker;
static struct limits limits;

struct heard {
	unsigned count;
	enum keys_said said;
	char line[KEYS_TEXT_MAX], name[KEY_NAME_MAX + 1];
	uint32_t opened;
};

static int begin(void **state)
{
	(void)state;
	rig_open(&rig);
	limits_default(&limits);
	limits.owner_secrets.max = 2;
	worker = keys_worker_new(rig.base, rig.socket, &limits.owner_secrets);
	assert_non_null(worker);
	return 0;
}

static int end(void **state)
{
	(void)state;
	keys_worker_free(worker);
	assert_int_equal(limits.owner_secrets.used, 0);
	rig_close(&rig);
	return 0;
}

static void on_worked(void *ctx, const struct keys_reply *r)
{
	struct heard *h = ctx;

	h->count++;
	h->said = r->said;
	h->opened = r->count;
	snprintf(h->line, sizeof h->line, "%s", r->line);
	snprintf(h->name, sizeof h->name, "%s", r->name);
}

static enum keys_said do_order(const struct keys_order *o, struct heard *h)
{
	*h = (struct heard){0};
	assert_int_equal(keys_worker_ask(worker, o, on_worked, h), ERR_OK);
	assert_int_equal(h->count, 0); /* never within the call */
	while (!h->count)
		rig_turn(&rig);
	return h->said;
}

static struct keys_order unlock(const char *name, const char *pass)
{
	return (struct keys_order){
		.kind = KEYS_ORDER_UNLOCK, .name = name, .passphrase = slice_str(pass)};
}

static void test_life_of_a_key(void **state)
{
	struct keys_order o = {
		.kind = KEYS_ORDER_MAKE, .name = "main", .passphrase = slice_str("one")};
	struct heard h;
	char file[KEY_FILE_MAX + 1];
	(void)state;

	assert_int_equal(do_order(&o, &h), KEYS_DONE);
	while (!rig.stores)
		rig_turn(&rig);
	assert_string_equal(rig.name, "main");
	o = (struct keys_order){.kind = KEYS_ORDER_CHANGE,
		.name = "main",
		.old = slice_str("one"),
		.passphrase = slice_str("two")};
	assert_int_equal(do_order(&o, &h), KEYS_DONE);
	snprintf(file, sizeof file, "%s", rig.file);
	struct keys_heard locked = {0};
	assert_true(keys_link_lock(rig.link, "main", rig_answer, &locked));
	assert_int_equal(rig_await(&rig, &locked), KEYS_DONE);
	o = unlock("main", "one");
	assert_int_equal(do_order(&o, &h), KEYS_WRONG_PASSPHRASE);
	o = unlock("main", "two");
	assert_int_equal(do_order(&o, &h), KEYS_DONE);
	assert_int_equal(h.opened, 1);
	o = (struct keys_order){.kind = KEYS_ORDER_IMPORT,
		.name = "other",
		.file = slice_str(file),
		.old = slice_str("two"),
		.passphrase = slice_str("three")};
	assert_int_equal(do_order(&o, &h), KEYS_EXISTS);
	assert_true(h.line[0]);
}

static void test_bounds(void **state)
{
	static char longest[KEYS_ORDER_FILE_MAX + 2];
	struct keys_order o = unlock("", "x");
	struct heard a = {0}, b = {0}, c = {0};
	(void)state;

	memset(longest, 'x', sizeof longest - 1);
	o.passphrase = slice_of(longest, PASSPHRASE_MAX + 1);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &a), ERR_TOO_BIG);
	o.passphrase = slice_of(longest, PASSPHRASE_MAX);
	o.old = slice_of(longest, PASSPHRASE_MAX + 1);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &a), ERR_TOO_BIG);
	o.old = slice_of(longest, PASSPHRASE_MAX);
	o.file = slice_of(longest, KEYS_ORDER_FILE_MAX + 1);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &a), ERR_TOO_BIG);
	o.file = slice_of(longest, KEYS_ORDER_FILE_MAX);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &a), ERR_OK);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &b), ERR_OK);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &c), ERR_FULL);
	while (!b.count)
		rig_turn(&rig);
	assert_int_equal(a.count, 1);
	assert_int_equal(c.count, 0);
	assert_int_equal(limits.owner_secrets.used, 0);
}

static void test_nobody_listens(void **state)
{
	struct keys_order o = unlock("", "x");
	struct heard h;
	(void)state;

	unlink(rig.socket);
	assert_int_equal(do_order(&o, &h), KEYS_GONE);
	assert_non_null(strstr(h.line, "cannot reach the key process"));
}

/* The process takes connections and answers nothing: nobody waits for it. */
static void test_end_while_it_waits(void **state)
{
	struct keys_order o = unlock("", "x");
	struct heard a = {0}, b = {0};
	(void)state;

	keys_link_stop(rig.link);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &a), ERR_OK);
	assert_int_equal(keys_worker_ask(worker, &o, on_worked, &b), ERR_OK);
	keys_worker_free(worker);
	worker = NULL;
	assert_int_equal(a.count, 1);
	assert_int_equal(a.said, KEYS_GONE);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.said, KEYS_GONE);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life_of_a_key, begin, end),
		cmocka_unit_test_setup_teardown(test_bounds, begin, end),
		cmocka_unit_test_setup_teardown(test_nobody_listens, begin, end),
		cmocka_unit_test_setup_teardown(test_end_while_it_waits, begin, end),
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
