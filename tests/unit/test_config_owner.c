/* Settings of the owner's keys: while there is a key its rows count, and memory_budget makes room.
 */
#include <sys/stat.h>

#include "config/keys.h"
#include "config/memory.h"
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

enum { MB = 1 << 20 };

static void put_key(const char *folder, const char *name)
{
	char path[128];

	assert_return_code(mkdir("data", 0700), 0);
	assert_return_code(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void take_key(const char *folder, const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
	rmdir(folder);
	rmdir("data");
}

static uint64_t row(const struct rig *r, size_t i)
{
	return limits_worst_bytes(&r->c->limits, i);
}

static void without_a_key_its_rows_cost_nothing(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "[node]\n");
	assert_false(r->c->limits.owner);
	assert_int_equal(row(r, LIMIT_ROW_max_keys), 0);
	assert_int_equal(row(r, LIMIT_ROW_key_process_bytes), 0);
	assert_int_equal(row(r, LIMIT_ROW_key_search_scratch_bytes), 0);
	assert_int_equal(row(r, LIMIT_ROW_owner_requests), 0);
	assert_int_equal(row(r, LIMIT_ROW_owner_secrets), 0);
	assert_int_equal(r->c->memory_budget, 32 * MB);
}

static void a_key_widens_the_budget(void **state)
{
	struct rig *r = *state;
	uint64_t scratch;

	assert_loads(r, "[node]\n");
	scratch = r->c->limits.verify_scratch_bytes.max;
	put_key("data/keys", "main.key");
	assert_loads(r, "[node]\n");
	assert_true(r->c->limits.owner);
	assert_int_equal(row(r, LIMIT_ROW_key_process_bytes), 20 * MB);
	assert_true(r->c->memory_budget > 52 * MB);
	assert_true(memory_sum(&r->c->limits) <= r->c->memory_budget);
	assert_int_equal(r->c->limits.verify_scratch_bytes.max, scratch);
	assert_int_equal(r->c->from[KEY_memory_budget].because, KEY_owner_keys);
	take_key("data/keys", "main.key");
}

/* Both parts need room, and either may be the first. */
static void a_key_and_a_dns_server(void **state)
{
	struct rig *r = *state;
	uint64_t dns, keys;

	assert_loads(r, "[node]\n[dns]\nlisten = '127.0.0.1:53'\n");
	dns = r->c->memory_budget - 32 * MB;
	assert_loads(r, "key_files = ['key1.toml']\n[node]\n");
	keys = r->c->memory_budget - 32 * MB;
	assert_loads(r, "key_files = ['key1.toml']\n[node]\n[dns]\nlisten = '127.0.0.1:53'\n");
	assert_int_equal(r->c->memory_budget, 32 * MB + dns + keys);
	assert_true(memory_sum(&r->c->limits) <= r->c->memory_budget);
}

/* With a budget that was given the node becomes smaller, and the key process does not. */
static void a_given_budget_is_kept(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "key_files = ['key1.toml']\n[node]\nmemory_budget = '40 MB'\n");
	assert_int_equal(r->c->memory_budget, 40 * MB);
	assert_int_equal(row(r, LIMIT_ROW_key_process_bytes), 20 * MB);
	assert_true(memory_sum(&r->c->limits) <= 40 * MB);
	assert_true(r->c->limits.max_connections.max < 48);
	assert_loads(r, "key_files = ['key1.toml']\n[node]\nmemory_budget = '64 MB'\n");
	assert_int_equal(r->c->limits.max_connections.max, 48);
	assert_int_equal(r->c->memory_budget, 64 * MB);
}

static void what_is_no_key_is_none(void **state)
{
	static const char *const none[] = {
		".main.key.part", ".key", "main.toml", "signed.journal", ".hidden.key"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		put_key("data/keys", none[i]);
		assert_loads(r, "[node]\n");
		assert_false(r->c->limits.owner);
		take_key("data/keys", none[i]);
	}
}

static void the_folder_may_be_elsewhere(void **state)
{
	struct rig *r = *state;

	put_key("data/mine", "main.key");
	assert_loads(r, "[owner]\nkeys = 'mine'\n");
	assert_true(r->c->limits.owner);
	take_key("data/mine", "main.key");
	assert_fails(r, "[owner]\nkeys = ''\n",
		"node.toml:2:1: owner.keys: \"\" is not the name of a folder");
}

static void what_this_version_lacks_is_said(void **state)
{
	struct rig *r = *state;

	assert_loads(r,
		"[owner]\nheal = true\nsign = false\nunlock_for = '10 min'\n[mining]\nthreads = 2\n");
	assert_int_equal(r->c->owner_unlock_for, 600000);
	assert_int_equal(r->c->mining_threads, 2);
	assert_int_equal(r->c->notice_count, 1);
	assert_string_equal(r->c->notices[0],
		"node.toml:2:1: owner.heal has no effect, because this version heals when it "
		"signs: owner.sign");
	assert_false(r->c->owner_sign);
	assert_fails(r, "[owner]\nkey = 'x'\n",
		"node.toml:2:1: unknown key owner.key, did you mean owner.keys?");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			without_a_key_its_rows_cost_nothing, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_key_widens_the_budget, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_key_and_a_dns_server, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(a_given_budget_is_kept, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_key_is_none, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			the_folder_may_be_elsewhere, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			what_this_version_lacks_is_said, rig_setup, rig_teardown),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
