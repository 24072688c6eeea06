/* Settings of the file: what is accepted, what is refused and with which words. The environment,
 * the command line and ties between settings are in test_config_sources.c. */
#include "chain/params.h"
#include "config/diff.h"
#include "config/template.h"
#include "config/toml.h"
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

static void no_file_gives_defaults(void **state)
{
	struct rig *r = *state;

	unlink("node.toml");
	assert_string_equal(rig_load(r, NULL), "");
	assert_string_equal(r->c->file, "");
	assert_string_equal(r->c->data_dir, "data");
	assert_int_equal(r->c->check_blocks, 8);
	assert_int_equal(r->c->memory_budget, 33554432);
	assert_int_equal(r->c->drain, 5000);
	assert_true(r->c->is_public);
	assert_false(r->c->yggdrasil_only);
	assert_int_equal(r->c->peers.count, 3);
	assert_string_equal(r->c->peers.ptr[2], "peer-ygg.alfis.name:4244");
	assert_string_equal(r->c->listen.ptr[0], "[::]:4244");
	assert_int_equal(strlen(r->c->origin), 64);
	assert_int_equal(r->c->notice_count, 0);
	assert_string_equal(rig_load(r, "named.toml"), "named.toml: No such file or directory");
}

static void values_arrive(void **state)
{
	struct rig *r = *state;

	assert_loads(r,
		"origin = \"ab01d2a77d63477172678502e51de7f346061ff7eb188a2445eca3fc0780e000\"\n"
		"[node]\ndata_dir = '/var/lib/x'\ndrain = 1.5\n"
		"[log]\nlevel = \"debug\"\n"
		"[net]\nlisten = [\"0.0.0.0:1\", \"[::1]:0\"]\npublic = false\n"
		"[limits]\nmax_new_peers = 50\nmax_future_bytes = \"512 kB\"\n"
		"idle_timeout = \"2 min\"\nrequest_timeout = 7\n");
	assert_string_equal(r->c->file, "node.toml");
	assert_string_equal(
		r->c->origin, "AB01D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E000");
	assert_string_equal(r->c->data_dir, "/var/lib/x");
	assert_int_equal(r->c->drain, 1500);
	assert_string_equal(r->c->log_level, "debug");
	assert_int_equal(r->c->listen.count, 2);
	assert_string_equal(r->c->listen.ptr[1], "[::1]:0");
	assert_false(r->c->is_public);
	assert_int_equal(r->c->limits.max_new_peers.max, 50);
	assert_int_equal(r->c->limits.max_future_bytes.max, 524288);
	assert_int_equal(r->c->limits.idle_timeout.max, 120000);
	assert_int_equal(r->c->limits.request_timeout.max, 7000);
}

static void ranges_are_kept(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[net]\n    max_inbound = 70000\n",
		"node.toml:2:5: net.max_inbound: 70000 is above the maximum 4096");
	assert_fails(r, "[limits]\nmax_inbound = -1",
		"node.toml:2:1: limits.max_inbound: -1 is below the minimum 0");
	assert_fails(r, "limits.max_new_peers = 15",
		"node.toml:1:8: limits.max_new_peers: 15 is below the minimum 16");
	assert_fails(r, "[limits]\nmax_future_bytes = 1000",
		"node.toml:2:1: limits.max_future_bytes: 1000 bytes is below the minimum 128 kB");
	assert_fails(r, "[limits]\nmax_future_bytes = \"2 GB\"",
		"node.toml:2:1: limits.max_future_bytes: 2 GB is above the maximum 1 GB");
	assert_fails(r, "[limits]\nidle_timeout = \"20 ms\"",
		"node.toml:2:1: limits.idle_timeout: 20 ms is below the minimum 1 s");
	assert_fails(r, "[node]\ndrain = 9223372036854775807",
		"node.toml:2:1: node.drain: 18446744073709551615 ms is above the maximum 10 min");
	assert_fails(r, "[node]\nmemory_budget = \"99999999999 TB\"",
		"node.toml:2:1: node.memory_budget: 99999999999 TB is above the maximum 1 TB");
	assert_loads(r, "[limits]\nmax_new_peers = 16\nmax_bans = 100000\n");
}

/* The one time that may be a switch, too. */
static void serve_stale_is_a_time_or_a_switch(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} forms[] = {{"false", 0}, {"true", 86400000}, {"0", 0}, {"'2 h'", 7200000}, {"30", 30000}};
	struct rig *r = *state;
	char text[64];

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		snprintf(text, sizeof text, "[dns]\nserve_stale = %s\n", forms[i].text);
		assert_loads(r, text);
		assert_int_equal(r->c->dns_serve_stale, forms[i].ms);
	}
	assert_fails(r, "[node]\ndrain = true",
		"node.toml:2:1: node.drain: expected a time, such as \"5 s\", \"500 ms\" or 5, got true or false");
}

static void kinds_are_kept(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[net]\npublic = 1",
		"node.toml:2:1: net.public: expected true or false, got a whole number");
	assert_fails(r, "[net]\npublic = \"yes\"",
		"node.toml:2:1: net.public: expected true or false, got \"yes\"");
	assert_fails(r, "[limits]\nmax_bans = \"many\"",
		"node.toml:2:1: limits.max_bans: expected a whole number, got text");
	assert_fails(r, "[limits]\nmax_bans = 1.5",
		"node.toml:2:1: limits.max_bans: expected a whole number, got a number with a "
		"point");
	assert_fails(r, "[node]\ndata_dir = 2024-01-01",
		"node.toml:2:1: node.data_dir: expected text, got a date or time of day");
	assert_fails(r, "[node]\nmemory_budget = \"big\"",
		"node.toml:2:1: node.memory_budget: expected a size, such as \"32 MB\" or 4096, "
		"got \"big\"");
	assert_fails(r, "[node]\ndrain = true",
		"node.toml:2:1: node.drain: expected a time, such as \"5 s\", \"500 ms\" or 5, got "
		"true or false");
	assert_fails(r, "[log]\nlevel = \"loud\"",
		"node.toml:2:1: log.level: \"loud\" is not one of error|warn|info|debug");
	assert_fails(r, "[net]\npeers = [\"a\", 5]",
		"node.toml:2:15: net.peers: expected text, got a whole number");
	assert_fails(r, "[[net]]\npublic = true", "node.toml:1:3: net is a table: write [net]");
	assert_fails(r, "net = 5", "node.toml:1:1: net is a table: write [net]");
}

static void unknown_keys_are_refused(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[limits]\nmax_future_bloks = 1",
		"node.toml:2:1: unknown key limits.max_future_bloks, did you mean "
		"limits.max_future_blocks?");
	assert_fails(r, "[net]\nlsiten = 1",
		"node.toml:2:1: unknown key net.lsiten, did you mean net.listen?");
	assert_fails(r, "data_dir = 'x'",
		"node.toml:1:1: unknown key data_dir, did you mean node.data_dir?");
	assert_fails(r, "[net]\nzzzzzzzzzz = 1",
		"node.toml:2:1: unknown key net.zzzzzzzzzz; `alfisd config-template` lists the "
		"known ones");
	assert_fails(r, "\"net.public\" = true",
		"node.toml:1:1: unknown key \"net.public\", did you mean net.public?");
	assert_fails(r, "[netz]\n",
		"node.toml:1:2: unknown key netz; `alfisd config-template` lists the known ones");
	assert_fails(r, "[limits.max_bans]\nx = 1\n",
		"node.toml:2:1: unknown key limits.max_bans.x; `alfisd config-template` lists the "
		"known ones");
	assert_loads(r, "[net]\n[node]\n[chain.params]\n[dns]\n");
}

static void rows_have_two_names(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "[net]\nmax_new_peers = 77\n");
	assert_int_equal(r->c->limits.max_new_peers.max, 77);
	assert_fails(r, "[limits]\nmax_new_peers = 77\n[net]\nmax_new_peers = 77\n",
		"node.toml:4:1: net.max_new_peers: given as limits.max_new_peers too, keep one of "
		"them");
	assert_fails(r, "[net]\nmax_new_peers = 1\n",
		"node.toml:2:1: net.max_new_peers: 1 is below the minimum 16");
}

static void texts_have_shapes(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "origin = ''\n[net]\npeers = ['10.0.0.1', 'a.example', 'b_c.example:1', "
			"'2001:db8::1', '[2001:db8::1]', '[2001:db8::2]:5']\nlisten = []\n"
			"bind = '::1'\nadvertise = '1.2.3.4:5'\n[admin]\nlisten = '[::1]:80'\n");
	static const char *const peers[] = {"10.0.0.1:4244", "a.example:4244", "b_c.example:1",
		"[2001:db8::1]:4244", "[2001:db8::1]:4244", "[2001:db8::2]:5"};
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(r->c->peers.ptr[i], peers[i]);
	assert_int_equal(r->c->listen.count, 0);
	assert_string_equal(r->c->origin, "");
	assert_fails(
		r, "origin = 'abc'", "node.toml:1:1: origin: \"abc\" is not 64 hexadecimal digits");
	assert_fails(r, "[net]\nlisten = ['[::]:1', '*:4244']",
		"node.toml:2:21: net.listen: \"*:4244\" is not a literal address:port, such as "
		"[::]:4244 or 0.0.0.0:4244");
	assert_fails(r, "[admin]\nlisten = '0.0.0.0:80'\nallow = '10.0.0.0/8'",
		"node.toml:2:1: admin.listen: 0.0.0.0:80 can be reached from other machines: it "
		"needs admin.allow (networks that may ask) and admin.token_file besides; "
		"admin.metrics_listen needs neither");
	assert_fails(r, "[admin]\nlisten = 'localhost:80'",
		"node.toml:2:1: admin.listen: \"localhost:80\" is not a literal address:port, such "
		"as 127.0.0.1:4245 or [::1]:4245");
	assert_fails(r, "[admin]\nallow = ['10.0.0.0/8', '10.0.0.1/8']",
		"node.toml:2:24: admin.allow: \"10.0.0.1/8\" is not a network, such as 10.0.0.0/8 "
		"or fd00::/8, with nothing behind the bits that count");
	assert_fails(r, "[admin]\nmetrics_listen = '127.0.0.1:4245'",
		"node.toml:2:1: admin.metrics_listen: 127.0.0.1:4245 is admin.listen too, which has "
		"the metrics already");
	assert_loads(r, "[admin]\nlisten = '0.0.0.0:80'\nallow = ['10.0.0.0/8', 'fd00::/8']\n"
			"token_file = 't'\nmetrics_listen = '[::]:81'");
	assert_loads(r, "[net]\nlisten = '[::]:4245'"); /* the page gives way */
	assert_string_equal(r->c->admin_listen, "");
	assert_fails(r,
		"[net]\nlisten = '[::]:4245'\n[admin]\nmetrics_listen = '127.0.0.1:4245'\nlisten = ''",
		"node.toml:4:1: admin.metrics_listen: 127.0.0.1:4245 cannot be used beside net.listen "
		"= [::]:4245: choose another port");
	assert_fails(r, "[net]\nbind = 'eth0'",
		"node.toml:2:1: net.bind: \"eth0\" is not a literal address, such as 192.0.2.1 or "
		"2001:db8::1");
	assert_fails(r, "[node]\ndata_dir = ''",
		"node.toml:2:1: node.data_dir: \"\" is not the name of a folder");
	assert_fails(r, "[node]\ndata_dir = \"a\\u007Fb\"",
		"node.toml:2:1: node.data_dir: has a control character in it");
	assert_fails(r, "[node]\ndata_dir = \"a\\u0000b\"",
		"node.toml:2:1: node.data_dir: has a control character in it");
}

static void broken_addresses_are_refused(void **state)
{
	static const char *const peers[] = {"", "1.2.3", "300.1.1.1:5", "a..b:1", ".a", "a:0",
		"a:65536", "a:99999999999", "a:", "a:b", "a b", "[::1", "[a]:1", "[1.2.3.4]:1",
		"::1]:5", "[::1]x", "h:1:2", "a/b", "[]:1"};
	static const char *const listen[] = {"4244", ":4244", "::1", "1.2.3.4", "[::1]",
		"localhost:4244", "1.2.3.4:70000", "::1:4244:", "1.2.3.4:-1", "1.2.3.4:04244"};
	static const char *const many[] = {
		"224.0.0.1:4244", "239.1.1.1:1", "255.255.255.255:1", "[ff02::1]:4244"};
	struct rig *r = *state;
	char text[128];

	for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
		snprintf(text, sizeof text, "net.peers = ['%s']", peers[i]);
		if (!strstr(rig_load_text(r, text), "is not host:port"))
			fail_msg("%s: %s", text, r->c->errors[0].text);
	}
	for (size_t i = 0; i < sizeof listen / sizeof listen[0]; i++) {
		snprintf(text, sizeof text, "net.listen = '%s'", listen[i]);
		if (!strstr(rig_load_text(r, text), "is not a literal address:port"))
			fail_msg("%s: %s", text, r->c->errors[0].text);
	}
	for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
		snprintf(text, sizeof text, "net.listen = '%s'", many[i]);
		if (!strstr(rig_load_text(r, text), "nobody can connect to it"))
			fail_msg("%s: %s", text, r->c->errors[0].text);
	}
}

static void lengths_are_bounded(void **state)
{
	struct rig *r = *state;
	static char text[16384];

	snprintf(text, sizeof text, "[node]\ndata_dir = '%0*d'", CONFIG_TEXT_MAX, 0);
	assert_fails(r, text, "node.toml:2:1: node.data_dir: longer than 255 bytes");
	size_t n = (size_t)snprintf(text, sizeof text, "net.peers = ['a'");
	for (int i = 0; i < CONFIG_LONG_LIST_MAX - 1; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ", 'b%d'", i);
	snprintf(text + n, sizeof text - n, "]");
	assert_loads(r, text);
	assert_int_equal(r->c->peers.count, CONFIG_LONG_LIST_MAX);
	assert_string_equal(r->c->peers.ptr[1023], "b1022:4244");
	assert_int_equal(r->c->limits.max_configured_peers.max, CONFIG_LONG_LIST_MAX);
	snprintf(text + n, sizeof text - n, ", 'c', 'd']");
	rig_load_text(r, text);
	assert_int_equal(r->c->error_count, 1);
	assert_non_null(strstr(r->c->errors[0].text, "net.peers: more than 1024 entries"));
	char peer[CONFIG_TEXT_MAX];
	memset(peer, 'a', sizeof peer);
	for (size_t i = 50; i < 253; i += 50)
		peer[i] = '.';
	peer[253] = 0;
	snprintf(text, sizeof text, "net.peers = '%s'", peer);
	assert_non_null(strstr(rig_load_text(r, text), "is too long"));
}

static void numbers_of_a_devnet(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[chain.params]\nlow_height = 60\n",
		"node.toml:2:1: chain.params.low_height: only a devnet may change it: set "
		"chain.network = \"devnet\"");
	assert_loads(r, "chain.network = 'devnet'\n[chain.params]\nlow_height = 60\n"
			"made_up = 3\n");
	assert_int_equal(r->c->param_count, 2);
	assert_string_equal(r->c->params[0].name, "low_height");
	assert_int_equal(r->c->params[0].value, 60);
	assert_string_equal(r->c->params[1].place, "node.toml:4:1");
	assert_fails(r, "[chain.params]\nlow_height = 'x'\n",
		"node.toml:2:1: chain.params.low_height: expected a whole number from 0 on");
}

static void broken_files(void **state)
{
	struct rig *r = *state;

	assert_non_null(strstr(rig_load_text(r, "\n[net\n"), "node.toml:2:"));
	assert_non_null(strstr(rig_load_text(r, "a = 1\na = 2\n"), "node.toml:2:"));
	assert_non_null(strstr(rig_load_text(r, "x = \"\xff\"\n"), "node.toml:1:"));
	assert_string_equal(rig_load(r, "."), ".: Is a directory");
	char *large = mem_alloc(TOML_FILE_MAX + 1);
	assert_non_null(large);
	memset(large, '\n', TOML_FILE_MAX + 1);
	rig_write(large, TOML_FILE_MAX);
	assert_string_equal(rig_load(r, NULL), "");
	rig_write(large, TOML_FILE_MAX + 1);
	assert_string_equal(rig_load(r, NULL), "node.toml: larger than 1 MB");
	mem_free(large);
}

static size_t read_file(int folder, const char *name, char *to, size_t size)
{
	int fd = openat(folder, name, O_RDONLY);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	assert_non_null(f);
	size_t n = fread(to, 1, size - 1, f);
	fclose(f);
	to[n] = 0;
	return n;
}

/* `build/alfisd config-template > node.toml` makes it so. */
static void template_is_the_file_in_the_repository(void **state)
{
	enum { SIZE = 131072 };
	struct rig *r = *state;
	char *made = mem_alloc(SIZE), *kept = mem_alloc(SIZE);

	assert_true(made && kept);
	FILE *f = fmemopen(made, SIZE, "w");
	assert_non_null(f);
	assert_int_equal(config_template_print(f), EXIT_DONE);
	fclose(f);
	read_file(r->root, "node.toml", kept, SIZE);
	assert_string_equal(made, kept);
	for (const char *p = made; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 100);
	mem_free(made);
	mem_free(kept);
}

/* The template names the numbers of [chain.params] in words of its own: all of them, no others. */
static void template_names_the_numbers_of_a_devnet(void **state)
{
	enum { SIZE = 131072 };
	static const char all[] = "change these numbers:"
#define X(name, value, low, high) " " #name ","
		CHAIN_PARAMS(X) OWNER_PARAMS(X);
#undef X
	char *text = mem_alloc(SIZE), *words = mem_alloc(SIZE);
	(void)state;

	assert_true(text && words);
	FILE *f = fmemopen(text, SIZE, "w");
	assert_non_null(f);
	assert_int_equal(config_template_print(f), EXIT_DONE);
	fclose(f);
	for (size_t i = 0, n = 0; text[i]; i++) { /* comments broken into lines become one again */
		if (strncmp(text + i, "\n# ", 3) == 0)
			i += 2;
		words[n++] = text[i] == '\n' ? ' ' : text[i];
	}
	char *list = strstr(words, "change these numbers:");
	assert_non_null(list);
	list[sizeof all - 2] = list[sizeof all - 2] == '.' ? ',' : '!';
	list[sizeof all - 1] = '\0';
	assert_string_equal(list, all);
	mem_free(text);
	mem_free(words);
}

static void template_is_the_defaults(void **state)
{
	struct rig *r = *state;
	struct config *plain = mem_alloc(sizeof *plain);

	assert_non_null(plain);
	assert_int_equal(config_load("/dev/null", NULL, 0, NULL, plain), ERR_OK);
	FILE *f = fopen("node.toml", "w");
	assert_non_null(f);
	assert_int_equal(config_template_print(f), EXIT_DONE);
	fclose(f);
	assert_string_equal(rig_load(r, NULL), "");
	for (enum config_key_id key = 0; key < CONFIG_KEYS; key++) {
		assert_true(config_same(plain, r->c, key));
		assert_int_equal(r->c->from[key].source, SOURCE_FILE);
		assert_int_equal(plain->from[key].source, SOURCE_DEFAULT);
	}
	mem_free(plain);
}

/* The list of peers needs as many places; what was asked for in words is kept. */
static void peers_need_places(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "net.peers = ['a', 'b', 'c']\nlimits.max_configured_peers = 2",
		"node.toml:1:5: net.peers: 3 peers are more than limits.max_configured_peers = 2");
	assert_loads(r, "net.peers = ['a', 'b', 'c']\nlimits.max_configured_peers = 3");
}

static void out_of_memory_is_an_error(void **state)
{
	struct rig *r = *state;
	uint64_t n = 1;

	assert_loads(r, "net.public = false");
	for (const char *error = "x"; error[0]; n++) {
		mem_fail_nth(n);
		error = rig_load(r, NULL);
		if (error[0])
			assert_string_equal(error, "node.toml: out of memory");
	}
	mem_fail_nth(0);
	assert_true(n > 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_gives_defaults),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(ranges_are_kept),
		cmocka_unit_test(kinds_are_kept),
		cmocka_unit_test(serve_stale_is_a_time_or_a_switch),
		cmocka_unit_test(unknown_keys_are_refused),
		cmocka_unit_test(rows_have_two_names),
		cmocka_unit_test(texts_have_shapes),
		cmocka_unit_test(broken_addresses_are_refused),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(numbers_of_a_devnet),
		cmocka_unit_test(broken_files),
		cmocka_unit_test(template_is_the_file_in_the_repository),
		cmocka_unit_test(template_names_the_numbers_of_a_devnet),
		cmocka_unit_test(template_is_the_defaults),
		cmocka_unit_test(peers_need_places),
		cmocka_unit_test(out_of_memory_is_an_error),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
