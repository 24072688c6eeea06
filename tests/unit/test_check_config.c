/* check-config and config: tables that fit the line, the same as JSON, what only the node can judge
 * of its settings. */
#include <sys/stat.h>

#include "base/json.h"
#include "config/keys.h"
#include "cli/check_config.h"
#include "api/config_json.h"
#include "cli/config_view.h"
#include "node/settings.h"
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

enum { SIZE = 65536 };

static char text[SIZE];

static const char *print_table(const struct config *c, bool all, size_t columns)
{
	const struct check_config w = {.c = c, .all = all, .columns = columns};
	FILE *f = fmemopen(text, SIZE, "w");

	assert_non_null(f);
	check_config_print(&w, f);
	fclose(f);
	return text;
}

static size_t lines_beyond(const char *p, size_t columns)
{
	size_t found = 0;

	for (; *p; p += strcspn(p, "\n") + 1)
		found += strcspn(p, "\n") > columns;
	return found;
}

static size_t rows_of(const char *p)
{
	size_t found = 0;

	for (; *p; p += strcspn(p, "\n") + 1)
		for (size_t i = 0; i < LIMIT_ROWS; i++) {
			size_t n = strlen(limit_rows[i].name);
			found += strncmp(p, limit_rows[i].name, n) == 0 && p[n] == ' ';
		}
	return found;
}

static void the_table_fits_the_line(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "net.max_bans = 99\n");
	assert_int_equal(lines_beyond(print_table(r->c, true, 80), 80), 0);
	assert_int_equal(rows_of(text), LIMIT_ROWS);
	assert_int_equal(lines_beyond(print_table(r->c, true, 50), 72), 0);
	assert_true(lines_beyond(print_table(r->c, true, 0), 120) > 0);
	assert_non_null(strstr(text, " 99    4,096 "));
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		assert_non_null(strstr(text, limit_rows[i].on_hit));
}

static void rows_without_memory_are_left_out(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "check_blocks = 1\n");
	assert_null(strstr(print_table(r->c, false, 0), "\nidle_timeout "));
	assert_non_null(strstr(text, "\nmax_connections "));
	size_t rows = rows_of(text);
	assert_non_null(strstr(text, " rows that hold no memory of their own: --all shows them\n"));
	assert_null(strstr(print_table(r->c, true, 0), "--all"));
	assert_loads(r, "limits.idle_timeout = 91\n"); /* changed: it is looked for */
	print_table(r->c, false, 0);
	assert_non_null(strstr(text, "\nidle_timeout "));
	assert_int_equal(rows_of(text), rows + 1);
}

static void the_sum_is_told(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "node.memory_budget = '40 MB'\nlimits.verify_scratch_bytes = '5888 kB'\n"
			"limits.commit_bytes = '4 MB'\n");
	assert_true(settings_judge(r->c));
	assert_non_null(strstr(print_table(r->c, false, 0), ", memory_budget 40 MB: fits, "));
	assert_non_null(strstr(text, " to spare\n"));
	assert_non_null(strstr(text, "node.toml: ok\n"));
	assert_loads(r, "limits.max_verify_bytes = '1 GB'\n");
	assert_false(settings_judge(r->c));
	assert_non_null(strstr(r->c->errors[0].text, "node.memory_budget: the bounds can come to"));
	assert_non_null(strstr(print_table(r->c, false, 0), " too much\n"));
	assert_null(strstr(text, ": ok"));
}

static struct slice json_of_check(const struct config *c)
{
	const struct check_config w = {.c = c};
	FILE *f = fmemopen(text, SIZE, "w");

	assert_non_null(f);
	check_config_json(&w, f);
	fclose(f);
	return slice_str(text);
}

static size_t elements(struct slice object, const char *key)
{
	struct slice list, value;
	size_t n = 0;

	assert_true(json_find(object, key, &list));
	for (size_t at = 0; json_element(list, &at, &value);)
		n++;
	return n;
}

static void check_config_is_an_object(void **state)
{
	struct rig *r = *state;
	struct slice value;
	uint64_t number;

	rig_load_text(r, "dark_theme = true\n[node]\nx = 1\n[limits]\nmax_bans = 1\n");
	struct slice object = json_of_check(r->c);
	assert_int_equal(elements(object, "limits"), LIMIT_ROWS);
	assert_int_equal(elements(object, "errors"), 2);
	assert_int_equal(elements(object, "notices"), 1);
	assert_true(json_find(object, "ok", &value));
	assert_memory_equal(value.p, "false", 5);
	assert_true(json_find(object, "memory_budget_bytes", &value));
	assert_true(json_get_u64(value, &number));
	assert_int_equal(number, 33554432);
}

/* What `config` prints is a settings file that says the same. */
static void config_can_be_read_again(void **state)
{
	struct rig *r = *state;

	r->sets[0] = "node.memory_budget=40 MB";
	r->env[0] = "ALFISD_NET_MAX_BANS=77";
	assert_loads(r, "net.peers = ['a', 'b']\nnet.listen = []\nchain.network = 'devnet'\n"
			"log.file = 'a \"b\" \\c'\nnode.data_dir = '/x'\n[chain.params]\n"
			"low_height = 60\n");
	FILE *f = fmemopen(text, SIZE, "w");
	assert_non_null(f);
	config_view_text(r->c, 80, f);
	fclose(f);
	assert_non_null(
		strstr(text, "node.memory_budget = \"40 MB\"                 # command line\n"));
	assert_non_null(strstr(text, "limits.max_bans = 77  "));
	assert_non_null(strstr(text, "# environment ALFISD_NET_MAX_BANS\n"));
	assert_non_null(strstr(text, "net.peers = [                                # node.toml:1\n"
				     "    \"a:4244\",\n    \"b:4244\",\n]\n"));
	assert_non_null(strstr(text, "chain.params.low_height = 60                 # node.toml:7"));
	assert_non_null(strstr(text, "net.public = true                            # default\n"));
	assert_loads(r, text);
	assert_int_equal(r->c->limits.max_bans.max, 77);
	assert_int_equal(r->c->memory_budget, 41943040);
	assert_int_equal(r->c->peers.count, 2);
	assert_int_equal(r->c->listen.count, 0);
	assert_non_null(strstr(r->c->log_file, "/a \"b\" \\c"));
	assert_int_equal(r->c->params[0].value, 60);
}

static void config_is_an_object(void **state)
{
	struct rig *r = *state;
	struct wr w = wr_of(text, SIZE);

	assert_loads(r, "net.max_connections = 10\nnode.drain = '1500 ms'\n");
	config_json(r->c, &w);
	assert_false(w.bad);
	text[w.n] = 0;
	assert_int_equal(elements(wr_done(&w), "settings"), CONFIG_KEYS);
	assert_non_null(strstr(text, "{\"key\":\"limits.max_outbound\",\"value\":5,\"source\":"
				     "\"follows\",\"follows\":\"limits.max_connections\"}"));
	assert_non_null(strstr(text, "{\"key\":\"node.drain\",\"value\":1.5,\"unit\":\"seconds\","
				     "\"source\":\"file\",\"line\":2,\"column\":6}"));
	struct wr small = wr_of(text, 1000);
	config_json(r->c, &small);
	assert_true(small.bad);
}

static void secrets_are_known(void **state)
{
	(void)state;
	assert_true(config_is_secret("webui.password"));
	assert_true(config_is_secret("webui.password_hash"));
	assert_true(config_is_secret("admin.token"));
	assert_false(config_is_secret("admin.token_file"));
	for (size_t i = 0; i < CONFIG_KEYS; i++)
		assert_true(config_is_secret(config_keys[i].path) ==
			    (i == KEY_webui_password || i == KEY_webui_password_hash));
}

/* ---- what only the node can judge ---- */

static const char *judged(struct rig *r, const char *settings)
{
	assert_loads(r, settings);
	return settings_judge(r->c) ? "" : r->c->errors[0].text;
}

static void folders_must_be_there(void **state)
{
	struct rig *r = *state;

	assert_string_equal(judged(r, "node.data_dir = 'new'"), "");
	assert_string_equal(judged(r, "node.data_dir = 'none/new'"),
		"node.toml:1:6: node.data_dir: none: No such file or directory: make this folder "
		"first");
	assert_string_equal(judged(r, "node.data_dir = 'node.toml'"),
		"node.toml:1:6: node.data_dir: node.toml is there and is no folder");
	assert_string_equal(judged(r, "node.data_dir = 'node.toml/x'"),
		"node.toml:1:6: node.data_dir: node.toml is no folder");
	assert_string_equal(judged(r, "log.file = 'none/log'"),
		"node.toml:1:5: log.file: none: No such file or directory: make this folder first");
	assert_string_equal(judged(r, "log.file = '/'"), "node.toml:1:5: log.file: / is a folder");
	assert_string_equal(judged(r, "node.data_dir = 'new/'\nlog.file = 'new/log'"), "");
	assert_int_equal(access("new", F_OK), -1); /* looking makes nothing */
}

static void a_socket_must_fit(void **state)
{
	struct rig *r = *state;
	char settings[256];

	assert_string_equal(judged(r, "admin.socket = 'chain.mdb'"),
		"node.toml:1:7: admin.socket: data/chain.mdb is a name of the store's own files; "
		"set another");
	assert_non_null(strstr(judged(r, "admin.socket = 'node.toml'\nnode.data_dir = '.'"),
		"node.toml is there and is no socket"));
	snprintf(settings, sizeof settings, "admin.socket = '/%0107d'", 0);
	assert_non_null(strstr(judged(r, settings), "longer than the 107 bytes of a Unix socket"));
	snprintf(settings, sizeof settings, "admin.socket = '/%0106d'", 0);
	assert_string_equal(judged(r, settings), "");
	assert_string_equal(judged(r, "admin.socket = ''"), "");
}

static void all_of_it_is_told(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "admin.socket = 'lock'\nlog.file = 'none/log'\nnode.data_dir = 'a/b'\n"
			"node.memory_budget = '8 MB'\nlimits.max_connections = 400\n");
	assert_false(settings_judge(r->c));
	assert_int_equal(r->c->error_count, 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_fits_the_line),
		cmocka_unit_test(rows_without_memory_are_left_out),
		cmocka_unit_test(the_sum_is_told),
		cmocka_unit_test(check_config_is_an_object),
		cmocka_unit_test(config_can_be_read_again),
		cmocka_unit_test(config_is_an_object),
		cmocka_unit_test(secrets_are_known),
		cmocka_unit_test(folders_must_be_there),
		cmocka_unit_test(a_socket_must_fit),
		cmocka_unit_test(all_of_it_is_told),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
