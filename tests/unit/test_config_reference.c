/* The reference's own file: how it is known, and what is forgiven in it. The whole files of its
 * releases are in tests/data, and tests/program/test_reference_files.py runs the program with them.
 */
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

static void a_file_is_known_by_its_keys(void **state)
{
	static const char *const theirs[] = {"dark_theme = true", "key_files = []", "[dns]",
		"[mining]\nthreads = 1", "webui.listen = '127.0.0.1:1'",
		"[net]\npublic = true\n[webui]"};
	static const char *const ours[] = {"[net]\npublic = true", "check_blocks = 8",
		"dark_theme = true\n[node]", "[dns]\n[log]\nlevel = 'warn'",
		"key_files = []\n[chain]", "[mining]\n[limits]", "[webui]\n[admin]",
		"[dns]\n[owner]\nsign = true", "[chain.params]\n[dns]"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++) {
		assert_loads(r, theirs[i]);
		assert_true(r->c->reference);
	}
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		assert_loads(r, ours[i]);
		assert_false(r->c->reference);
	}
}

static void one_notice_a_table(void **state)
{
	struct rig *r = *state;

	assert_loads(r,
		"dark_theme = true\nkey_files = ['key1.toml']\nsomething = 1\n[net]\n"
		"future = 1\npublic = true\nmore.of_it = 2\n[dns]\nzones = 'x'\nthreads = 0\n"
		"[mining]\nlower = true\n[webui]\npassword = 'secret'\n[tables.of]\nnews = 1\n");
	static const char *const told[] = {
		"node.toml:1:1: dark_theme has no effect, because this program has no window",
		"node.toml:3:1: keys that are unknown and have no effect: something",
		"node.toml:5:1: keys of [net] that are unknown and have no effect: future",
		"node.toml:7:6: keys of [net.more] that are unknown and have no effect: of_it",
		"node.toml:9:1: keys of [dns] that are unknown and have no effect: zones",
		"node.toml:16:1: keys of [tables.of] that are unknown and have no effect: news",
		"node.toml:14:1: webui.password: it stands here in plain, and is short: `alfisd web-password` makes the line password_hash that replaces it",
	};
	assert_int_equal(r->c->notice_count, sizeof told / sizeof told[0]);
	for (size_t i = 0; i < r->c->notice_count; i++)
		assert_string_equal(r->c->notices[i], told[i]);
}

static void one_notice_for_all_sources(void **state)
{
	struct rig *r = *state;

	r->env[0] = "ALFISD_OWNER_HEAL=5";
	r->env[1] = "ALFISD_KEY_FILES=a";
	r->sets[0] = "owner.heal=true";
	r->sets[1] = "key_files=[]";
	assert_loads(r, "[node]\n[owner]\nheal = false\n");
	assert_int_equal(r->c->notice_count, 1);
	assert_string_equal(r->c->notices[0],
		"node.toml:3:1: owner.heal has no effect, because this version heals when it signs: "
		"owner.sign");
	assert_int_equal(r->c->key_files.count, 0);
}

static void unknown_keys_are_errors_elsewhere(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[net]\nfuture = 1\n",
		"node.toml:2:1: unknown key net.future; `alfisd config-template` lists the known "
		"ones");
	assert_fails(r, "dark_theme = true\nfuture = 1\n[node]\n",
		"node.toml:2:1: unknown key future; `alfisd config-template` lists the known ones");
	r->sets[0] = "net.future=1";
	assert_fails(r, "dark_theme = true",
		"--set net.future: unknown key net.future; `alfisd config-template` lists the known "
		"ones");
}

static void numbers_are_brought_into_range(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "key_files = []\ncheck_blocks = 9000000\n[net]\nmax_new_peers = 1\n");
	assert_int_equal(r->c->check_blocks, 1000000);
	assert_int_equal(r->c->limits.max_new_peers.max, 16);
	assert_string_equal(r->c->notices[0],
		"node.toml:2:1: check_blocks: 1000000 instead of 9000000, which is above the "
		"maximum");
	assert_fails(r, "key_files = []\ncheck_blocks = 'many'\n",
		"node.toml:2:1: check_blocks: expected a whole number, got text");
	r->sets[0] = "check_blocks=9000000";
	assert_fails(
		r, "key_files = []\n", "--set check_blocks: 9000000 is above the maximum 1000000");
}

static void notices_are_bounded(void **state)
{
	struct rig *r = *state;
	char text[8192];
	size_t n = 0;

	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "dns.key_number_%d = 1\n", i);
	assert_loads(r, text);
	assert_int_equal(r->c->notice_count, 1);
	size_t end = strlen(r->c->notices[0]);
	assert_string_equal(r->c->notices[0] + end - 5, ", …");
	n = (size_t)sprintf(text, "key_files = []\n");
	for (int i = 0; i < CONFIG_NOTICES_MAX + 5; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "[table%d]\nx = 1\ny = 1\n", i);
	assert_loads(r, text);
	assert_int_equal(r->c->notice_count, CONFIG_NOTICES_MAX);
	assert_string_equal(
		r->c->notices[CONFIG_NOTICES_MAX - 1], "there are more notices than can be listed");
}

/* What is put into the environment beside a service that is called so. */
static void variables_of_others_are_left_alone(void **state)
{
	struct rig *r = *state;

	r->env[0] = "ALFISD_SERVICE_HOST=10.96.0.5";
	r->env[1] = "ALFISD_SERVICE_PORT_API=4244";
	r->env[2] = "ALFISD_PORT=tcp://10.96.0.5:4244";
	r->env[3] = "ALFISD_PORT_4244_TCP_ADDR=10.96.0.5";
	r->env[4] = "ALFISD_VERSION=1";
	r->env[5] = "ALFISD_=x";
	r->env[6] = "ALFISD_CONFIG=/etc/x";
	assert_string_equal(rig_load(r, "/dev/null"), "");
	assert_int_equal(r->c->notice_count, 0);
	r->env[0] = "ALFISD_DNS_SERVICE_PORT=53";
	r->env[1] = "ALFISD_ADMIN_PORT_4245_TCP=tcp://10.96.0.5:4245";
	r->env[2] = "ALFISD_NODE_PORT=udp://10.96.0.5:4244";
	r->env[3] = "ALFISD_NET_SERVICE_HOST=10.96.0.5";
	r->env[4] = "ALFISD_NET_NAME=/web/net";
	r->env[5] = "ALFISD_LOG_ENV_PATH=/bin";
	r->env[6] = "ALFISD_LIMITS_SERVICE_PORT_TCP=1";
	assert_string_equal(rig_load(r, "/dev/null"), "");
	assert_int_equal(r->c->notice_count, 0);
	r->env[0] = "ALFISD_NET_PORT=4244";
	assert_string_equal(
		rig_load(r, "/dev/null"), "environment ALFISD_NET_PORT: there is no such setting");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_known_by_its_keys),
		cmocka_unit_test(one_notice_a_table),
		cmocka_unit_test(one_notice_for_all_sources),
		cmocka_unit_test(unknown_keys_are_errors_elsewhere),
		cmocka_unit_test(numbers_are_brought_into_range),
		cmocka_unit_test(notices_are_bounded),
		cmocka_unit_test(variables_of_others_are_left_alone),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
