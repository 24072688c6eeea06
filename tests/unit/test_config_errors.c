/* What is said about wrong settings: all of it at once, with the place of each, and a hint only
 * where there is one answer. */
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

static void all_errors_are_told(void **state)
{
	static const char *const told[] = {
		"node.toml:1:1: unknown key blorp; `alfisd config-template` lists the known ones",
		"node.toml:3:1: node.drain: expected a time, such as \"5 s\", \"500 ms\" or 5, got "
		"\"soon\"",
		"node.toml:5:10: net.peers: \"a:\" is not host:port, such as "
		"peer-v4.alfis.name:4244, 192.0.2.1 or [2001:db8::1]:4244",
		"node.toml:5:21: net.peers: expected text, got a whole number",
		"node.toml:6:1: net.max_inbound: 70000 is above the maximum 4096",
		"environment ALFISD_NET_PUBIC: there is no such setting, did you mean "
		"ALFISD_NET_PUBLIC?",
		"--set check_blocks: -1 is below the minimum 0",
	};
	struct rig *r = *state;

	r->env[0] = "ALFISD_NET_PUBIC=1";
	r->sets[0] = "check_blocks=-1";
	rig_load_text(r, "blorp = 1\n[node]\ndrain = 'soon'\n[net]\npeers = ['a:', 'b', 5]\n"
			 "max_inbound = 70000\n");
	assert_int_equal(r->c->error_count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(r->c->errors[i].text, told[i]);
}

/* A wrong value stands for nothing: no rule compares it with another. */
static void no_error_follows_from_another(void **state)
{
	struct rig *r = *state;

	rig_load_text(r, "[limits]\nmax_connections = 1\nmax_inbound = 4096\nmax_outbound = 200\n"
			 "idle_timeout = '1 ms'\nhandshake_timeout = '2 min'\n");
	assert_int_equal(r->c->error_count, 2);
	assert_int_equal(r->c->notice_count, 0);
	assert_true(r->c->from[KEY_limit_max_connections].wrong);
	assert_false(r->c->from[KEY_limit_max_inbound].wrong);
}

static void errors_are_bounded(void **state)
{
	struct rig *r = *state;
	char text[4096];
	size_t n = 0;

	for (int i = 0; i < CONFIG_ERRORS_MAX + 5; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "zzz%d = 1\n", i);
	assert_non_null(strstr(rig_load_text(r, text), "node.toml:1:1: unknown key zzz0;"));
	assert_int_equal(r->c->error_count, CONFIG_ERRORS_MAX + 5);
	assert_non_null(strstr(r->c->errors[CONFIG_ERRORS_MAX - 1].text, "zzz31"));
}

/* What steers a terminal in two bytes, what turns a text around, and half a character at a cut. */
static void errors_are_plain_text(void **state)
{
	struct rig *r = *state;

	rig_load_text(r,
		"[log]\nlevel = '\xc2\x9b"
		"2J\xe2\x80\xae\xc3\xa9'\n"
		"format = 'a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		"\xc3\xa9\xc3\xa9\xc3\xa9'\n");
	assert_int_equal(r->c->error_count, 2);
	assert_non_null(strstr(r->c->errors[0].text, "\"??2J???\xc3\xa9\" is not one of"));
	assert_non_null(strstr(r->c->errors[1].text, "\xc3\xa9?\" is not one of"));
}

static void some_settings_are_usable(void **state)
{
	static const enum config_key_id socket[] = {KEY_data_dir, KEY_admin_socket};
	struct rig *r = *state;

	rig_load_text(r, "blorp = 1\n[node]\ndata_dir = 'x'\n[limits]\nmax_bans = 1\n");
	assert_true(config_usable(r->c, socket, 2));
	assert_string_equal(r->c->data_dir, "x");
	rig_load_text(r, "[node]\ndata_dir = 5\n");
	assert_false(config_usable(r->c, socket, 2));
	rig_load_text(r, "[node\n");
	assert_false(config_usable(r->c, socket, 2));
	rig_load(r, "named.toml");
	assert_false(config_usable(r->c, socket, 2));
}

static void hints_are_right_or_absent(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[bananas]\nlisten = 'x'",
		"node.toml:2:1: unknown key bananas.listen; `alfisd config-template` lists the "
		"known ones");
	assert_fails(r, "max_new_pears = 1",
		"node.toml:1:1: unknown key max_new_pears, did you mean limits.max_new_peers?");
	assert_fails(r, "[admin]\nlisten_on = ''\n[log]\nfiles = ''",
		"node.toml:2:1: unknown key admin.listen_on, did you mean admin.listen?");
	assert_string_equal(r->c->errors[1].text,
		"node.toml:4:1: unknown key log.files, did you mean log.file?");
}

static void other_encodings_are_named(void **state)
{
	static const char utf16[] = "[\0n\0e\0t\0]\0\n\0a\0=\0";
	struct rig *r = *state;

	assert_fails(r, "[net]\nlisten = \xe2\x80\x9c[::]:4244\xe2\x80\x9d\n",
		"node.toml:2:10: typographic quotes: write the plain ones, \" or ', around a text");
	assert_fails(r,
		"x = \xc2\xab"
		"a\xc2\xbb\n",
		"node.toml:1:5: typographic quotes: write the plain ones, \" or ', around a text");
	rig_load_text(r, "x = 5 6 # \xe2\x80\x9cquoted\xe2\x80\x9d\n");
	assert_null(strstr(r->c->errors[0].text, "typographic"));
	rig_write(utf16, sizeof utf16 - 1);
	assert_string_equal(rig_load(r, NULL), "node.toml: this is UTF-16: save the file as UTF-8");
	rig_write("\xff\xfe[\0n\0e\0t\0]\0", 12);
	assert_string_equal(rig_load(r, NULL), "node.toml: this is UTF-16: save the file as UTF-8");
	rig_write("\0[\0n\0e\0t\0]", 10);
	assert_string_equal(rig_load(r, NULL), "node.toml: this is UTF-16: save the file as UTF-8");
	rig_write("[\0", 2);
	assert_null(strstr(rig_load(r, NULL), "UTF-16"));
}

static void usual_mistakes_are_named(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "# f\xfcr\n", "node.toml:1:3: this is not UTF-8: save the file as UTF-8");
	assert_fails(r, "[node]\ndata_dir = /var/lib\n",
		"node.toml:2:12: this is not a value: a text needs quotes, \" or '");
	assert_fails(r, "[node]\ndata_dir = \"/var\n",
		"node.toml:2:17: the text is not closed: its second quote is missing");
	assert_fails(r, "[node]\r\ndata_dir = '/var\r\n",
		"node.toml:2:17: the text is not closed: its second quote is missing");
	rig_load_text(r, "origin = \"a\001b\"\n");
	assert_null(strstr(r->c->errors[0].text, "closed"));
}

static void scope_ids_are_named(void **state)
{
	static const char *const texts[] = {"net.listen = '[fe80::1%eth0]:4244'",
		"net.bind = 'fe80::1%2'", "net.peers = ['[fe80::1%eth0]:4244']",
		"net.advertise = 'fe80::1%2'", "admin.listen = '[::1%lo]:80'"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_non_null(strstr(
			rig_load_text(r, texts[i]), "has a scope id (%), which is not supported"));
}

static void forgotten_brackets_are_told(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "net.peers = ['200:db8::1:4244', '2001:db8::1:2', '[2001:db8::1]:4244']");
	assert_int_equal(r->c->notice_count, 1);
	assert_string_equal(r->c->notices[0],
		"node.toml:1:14: net.peers: \"200:db8::1:4244\" is taken as "
		"[200:db8::1:4244]:4244; write [200:db8::1]:4244 when its end is the port");
	assert_loads(r, "net.peers = '1:2:3:4:5:6:7:4244'");
	assert_int_equal(r->c->notice_count, 0);
}

static void words_of_others_are_understood(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "log.level = 'INFO'\nlog.format = 'JSON'");
	assert_string_equal(r->c->log_level, "info");
	assert_string_equal(r->c->log_format, "json");
	assert_loads(r, "log.level = 'Warning'");
	assert_string_equal(r->c->log_level, "warn");
	assert_fails(r, "log.level = 'warn\\u0000'",
		"node.toml:1:5: log.level: \"warn\\u0000\" is not one of error|warn|info|debug");
}

static void home_is_expanded(void **state)
{
	struct rig *r = *state;

	r->env[0] = "HOME=/home/me";
	r->sets[0] = "admin.socket=~/a.sock";
	assert_loads(r, "node.data_dir = '~/alfis'\nlog.file = '~'\n");
	assert_string_equal(r->c->data_dir, "/home/me/alfis");
	assert_string_equal(r->c->log_file, "/home/me");
	assert_string_equal(r->c->admin_socket, "/home/me/a.sock");
	assert_fails(r, "node.data_dir = '~/alfis'",
		"node.toml:1:6: node.data_dir: \"~/alfis\" needs HOME, which is not set: write the "
		"whole path");
	assert_fails(r, "node.data_dir = '~x'",
		"node.toml:1:6: node.data_dir: \"~x\" begins with ~: write the whole path, or ./ "
		"in front");
	assert_loads(r, "node.data_dir = './~x'");
}

static void lists_of_addresses_are_judged(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "net.listen = ['0.0.0.0:4244', '127.0.0.6:4244', '0.0.0.0:4244', "
			"'[::ffff:0.0.0.0]:4244']");
	assert_int_equal(r->c->notice_count, 3);
	assert_string_equal(r->c->notices[0],
		"node.toml:1:5: net.listen: 0.0.0.0:4244 contains 127.0.0.6:4244, which is left "
		"out");
	assert_string_equal(
		r->c->notices[1], "node.toml:1:5: net.listen: 0.0.0.0:4244 is there twice");
	assert_string_equal(r->c->notices[2],
		"node.toml:1:5: net.listen: 0.0.0.0:4244 and [::ffff:0.0.0.0]:4244 are the same");
	assert_loads(r, "net.listen = ['0.0.0.0:4244', '[::]:4244']");
	assert_int_equal(r->c->notice_count, 0);
	assert_fails(r, "[admin]\nlisten = '127.0.0.1:4244'",
		"node.toml:2:1: admin.listen: 127.0.0.1:4244 cannot be used beside net.listen = "
		"[::]:4244: choose another port");
	assert_loads(r, "net.listen = '127.0.0.2:4244'\n[admin]\nlisten = '127.0.0.1:4244'");
}

static void an_empty_file_is_told(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "# nothing\n[net]\n");
	assert_string_equal(r->c->notices[0],
		"node.toml: there is no setting in it, all are at their defaults");
	assert_int_equal(r->c->file_keys, 0);
	assert_string_equal(rig_load(r, "/dev/null"), "");
	assert_int_equal(r->c->notice_count, 0);
	assert_loads(r, "check_blocks = 8");
	assert_int_equal(r->c->file_keys, 1);
}

static void origins_are_kept(void **state)
{
	struct rig *r = *state;

	r->env[0] = "ALFISD_LOG_LEVEL=debug";
	r->sets[0] = "node.drain=1";
	assert_loads(r, "[net]\n max_connections = 10\npublic = true\n");
	const struct config_origin *from = r->c->from;
	assert_int_equal(from[KEY_log_level].source, SOURCE_ENV);
	assert_int_equal(from[KEY_drain].source, SOURCE_SET);
	assert_int_equal(from[KEY_is_public].source, SOURCE_FILE);
	assert_int_equal(from[KEY_is_public].line, 3);
	assert_true(from[KEY_limit_max_connections].as_net);
	assert_int_equal(from[KEY_limit_max_connections].column, 2);
	assert_int_equal(from[KEY_limit_max_outbound].source, SOURCE_TIED);
	assert_int_equal(from[KEY_limit_max_outbound].because, KEY_limit_max_connections);
	assert_int_equal(from[KEY_data_dir].source, SOURCE_DEFAULT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_errors_are_told),
		cmocka_unit_test(no_error_follows_from_another),
		cmocka_unit_test(errors_are_bounded),
		cmocka_unit_test(errors_are_plain_text),
		cmocka_unit_test(some_settings_are_usable),
		cmocka_unit_test(hints_are_right_or_absent),
		cmocka_unit_test(other_encodings_are_named),
		cmocka_unit_test(usual_mistakes_are_named),
		cmocka_unit_test(scope_ids_are_named),
		cmocka_unit_test(forgotten_brackets_are_told),
		cmocka_unit_test(words_of_others_are_understood),
		cmocka_unit_test(home_is_expanded),
		cmocka_unit_test(lists_of_addresses_are_judged),
		cmocka_unit_test(an_empty_file_is_told),
		cmocka_unit_test(origins_are_kept),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
