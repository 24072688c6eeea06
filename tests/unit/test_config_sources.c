/* Defaults < file < environment < command line, ties between settings, and the text of TOML as
 * key files need it (protocol.md 9.3). */
#include "config/toml.h"
#include "config/memory.h"
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

static void later_sources_win(void **state)
{
	struct rig *r = *state;

	r->env[0] = "HOME=/";
	r->env[1] = "ALFISD_CHECK_BLOCKS=2";
	r->env[2] = "ALFISD_NODE_DATA_DIR=env";
	r->sets[0] = "node.data_dir=set";
	assert_loads(r, "check_blocks = 1\nnode.data_dir = 'file'\nlog.level = 'warn'\n");
	assert_int_equal(r->c->check_blocks, 2);
	assert_string_equal(r->c->data_dir, "set");
	assert_string_equal(r->c->log_level, "warn");
}

static void environment_takes_any_key(void **state)
{
	struct rig *r = *state;

	r->env[0] = "ALFISD_LIMITS_MAX_NEW_PEERS=33";
	r->env[1] = "ALFISD_NET_MAX_BANS=44";
	r->env[2] = "ALFISD_CHAIN_PARAMS_LOW_HEIGHT=60";
	r->env[3] = "ALFISD_CHAIN_NETWORK=devnet";
	r->env[4] = "ALFISD_ORIGIN=";
	r->env[5] = "ALFISD_NET_PEERS=a:1, b,[::1]:3";
	assert_loads(r, "check_blocks = 1");
	assert_int_equal(r->c->limits.max_new_peers.max, 33);
	assert_int_equal(r->c->limits.max_bans.max, 44);
	assert_string_equal(r->c->params[0].name, "low_height");
	assert_string_equal(r->c->params[0].place, "environment ALFISD_CHAIN_PARAMS_LOW_HEIGHT");
	assert_string_equal(r->c->origin, "");
	assert_int_equal(r->c->peers.count, 3);
	assert_string_equal(r->c->peers.ptr[1], "b:4244");
	assert_string_equal(r->c->peers.ptr[2], "[::1]:3");
	assert_int_equal(r->c->notice_count, 0);
}

static void environment_is_checked(void **state)
{
	struct rig *r = *state;

	r->env[0] = "ALFISD_NET_PUBLIC=yes";
	assert_fails(r, "", "environment ALFISD_NET_PUBLIC: expected true or false, got \"yes\"");
	r->env[0] = "ALFISD_NET_PEER=a";
	assert_fails(r, "",
		"environment ALFISD_NET_PEER: there is no such setting, did you mean "
		"ALFISD_NET_PEERS?");
	r->env[0] = "ALFISD_NET_QQQQQQQQQQQQ=a";
	assert_fails(r, "", "environment ALFISD_NET_QQQQQQQQQQQQ: there is no such setting");
	r->env[0] = "ALFISD_NET_PUBIC=true";
	assert_fails(r, "",
		"environment ALFISD_NET_PUBIC: there is no such setting, did you mean "
		"ALFISD_NET_PUBLIC?");
	r->env[0] = "ALFISD_NET_MAX_BANS=44";
	r->env[1] = "ALFISD_LIMITS_MAX_BANS=44";
	assert_fails(r, "",
		"environment ALFISD_LIMITS_MAX_BANS: given as net.max_bans too, keep one of them");
}

static void command_line_takes_toml_or_text(void **state)
{
	struct rig *r = *state;

	r->sets[0] = "net.listen=[\"0.0.0.0:1\", \"[::]:2\"]";
	r->sets[1] = "node.memory_budget=64 MB";
	r->sets[2] = "node.data_dir=5";
	r->sets[3] = "log.file=\"a b\"";
	r->sets[4] = "net.public=false";
	r->sets[5] = "net.max_bans=99";
	r->sets[6] = "node.drain=\"2 s\"";
	assert_loads(r, "");
	assert_int_equal(r->c->listen.count, 2);
	assert_int_equal(r->c->memory_budget, 67108864);
	assert_string_equal(r->c->data_dir, "5");
	assert_string_equal(r->c->log_file, "a b");
	assert_false(r->c->is_public);
	assert_int_equal(r->c->limits.max_bans.max, 99);
	assert_int_equal(r->c->drain, 2000);
	r->sets[0] = "net.listen=[::]:4245";
	r->sets[1] = "check_blocks=1";
	r->sets[2] = "check_blocks=2";
	assert_loads(r, "");
	assert_string_equal(r->c->listen.ptr[0], "[::]:4245");
	assert_int_equal(r->c->check_blocks, 2);
}

static void command_line_is_checked(void **state)
{
	struct rig *r = *state;

	r->sets[0] = "net.public=5";
	assert_fails(r, "", "--set net.public: expected true or false, got a whole number");
	r->sets[0] = "net.public";
	assert_fails(r, "", "--set net.public: write --set table.key=value");
	r->sets[0] = "net.pubic=true";
	assert_fails(r, "", "--set net.pubic: unknown key net.pubic, did you mean net.public?");
	r->sets[0] = "limits.max_bans=5";
	assert_fails(r, "", "--set limits.max_bans: 5 is below the minimum 16");
	r->sets[0] = "check_blocks=1\nnet.public = true";
	assert_fails(r, "", "--set check_blocks: expected a whole number, got text");
	r->sets[0] = "net={public=true}";
	assert_fails(r, "", "--set net: net is a table: write [net]");
	r->sets[0] = "=1";
	assert_non_null(strstr(rig_load_text(r, ""), "unknown key"));
	r->sets[0] = "chain.params.low_height=60";
	assert_fails(r, "",
		"--set chain.params.low_height: chain.params.low_height: only a devnet may change "
		"it: set chain.network = \"devnet\"");
}

static void defaults_follow_what_was_changed(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "net.max_connections = 10\n");
	assert_int_equal(r->c->limits.max_outbound.max, 5);
	assert_int_equal(r->c->limits.max_inbound.max, 5);
	assert_int_equal(r->c->limits.max_half_open.max, 10);
	assert_string_equal(r->c->notices[0],
		"limits.max_outbound: 5 instead of 8, because limits.max_connections is 10");
	assert_loads(r, "net.max_inbound = 100\n");
	assert_int_equal(r->c->limits.max_connections.max, 108);
	assert_loads(r, "limits.idle_timeout = '2 s'\n");
	assert_int_equal(r->c->limits.handshake_timeout.max, 2000);
	assert_loads(r, "limits.handshake_timeout = '2 min'\n");
	assert_int_equal(r->c->limits.idle_timeout.max, 120000);
	assert_loads(r, "limits.max_future_blocks = 16\n");
	assert_int_equal(r->c->limits.max_window.max, 16);
	assert_int_equal(r->c->limits.max_requests_per_peer.max, 16);
}

static void contradictions_are_refused(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "net.max_connections = 10\nnet.max_inbound = 9\nnet.max_outbound = 2\n",
		"node.toml:1:5: net.max_connections: 10 is less than max_inbound + max_outbound = "
		"9 + "
		"2: lower one of them");
	assert_fails(r, "[limits]\nidle_timeout = 2\nhandshake_timeout = 3\n",
		"node.toml:3:1: limits.handshake_timeout: 3 s is more than limits.idle_timeout = 2 "
		"s: "
		"a handshake must end before the peer counts as idle");
	r->sets[0] = "limits.max_window=300";
	r->env[0] = "ALFISD_LIMITS_MAX_FUTURE_BLOCKS=200";
	assert_fails(r, "",
		"--set limits.max_window: 300 is more than limits.max_future_blocks = 200: every "
		"block that is asked for may have to wait");
}

static void one_over_is_a_contradiction(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "[limits]\nmax_future_blocks = 200\nmax_window = 200\n");
	assert_int_equal(r->c->limits.max_window.max, 200);
	assert_fails(r, "[limits]\nmax_future_blocks = 200\nmax_window = 201\n",
		"node.toml:3:1: limits.max_window: 201 is more than limits.max_future_blocks = "
		"200: "
		"every block that is asked for may have to wait");
}

static void scratch_follows_the_budget(void **state)
{
	struct rig *r = *state;
	struct config_error e;
	uint64_t total;

	assert_loads(r, "node.memory_budget = '64 MB'\n");
	assert_true(r->c->limits.verify_scratch_bytes.max > 33554432);
	assert_int_equal(config_check_memory(r->c, &total, &e), ERR_OK);
	assert_true(total > 66060288);
	uint64_t most = r->c->limits.verify_scratch_bytes.max;
	assert_loads(r, "node.memory_budget = '28 MB'\n");
	assert_true(r->c->limits.verify_scratch_bytes.max < most / 4);
	assert_int_equal(config_check_memory(r->c, &total, &e), ERR_OK);
	assert_loads(r, "node.memory_budget = '28 MB'\nlimits.verify_scratch_bytes = '7 MB'\n");
	assert_int_equal(r->c->limits.verify_scratch_bytes.max, 7340032);
	assert_int_equal(config_check_memory(r->c, &total, &e), ERR_OK);
	assert_loads(r, "limits.verify_scratch_bytes = '7 MB'\n");
	assert_int_equal(config_check_memory(r->c, &total, &e), ERR_TOO_BIG);
}

static bool fits(struct rig *r)
{
	struct config_error e;
	uint64_t total;

	return config_check_memory(r->c, &total, &e) == ERR_OK;
}

/* Nothing that a budget makes smaller falls below what the setting itself may be. */
static void no_row_falls_below_its_least(void **state)
{
	struct rig *r = *state;
	unsigned loaded = 0;
	char text[96];

	for (unsigned kb = 8192; kb < 65536; kb += 512) {
		snprintf(text, sizeof text,
			"node.memory_budget = '%u kB'\ndns.listen = '127.0.0.1:5300'\n", kb);
		if (rig_load_text(r, text)[0])
			continue; /* too small for a DNS server */
		loaded++;
		for (size_t i = 0; i < LIMIT_ROWS; i++)
			assert_true(limits_bound(&r->c->limits, i)->max >= limit_rows[i].min);
	}
	assert_true(loaded > 64);
}

/* A budget alone is enough, whatever it is, and a larger one makes nothing smaller. */
static void rows_follow_a_small_budget(void **state)
{
	struct rig *r = *state;
	uint64_t before[LIMIT_ROWS] = {0};
	char text[64];

	for (unsigned kb = 8192; kb < 32256; kb += 512) {
		snprintf(text, sizeof text, "node.memory_budget = '%u kB'\n", kb);
		assert_loads(r, text);
		assert_true(fits(r));
		assert_true(memory_sum(&r->c->limits) > (uint64_t)kb * 1024 - 131072);
		for (size_t i = 0; i < LIMIT_ROWS; i++) {
			uint64_t now = limits_bound(&r->c->limits, i)->max;
			bool scratch = i == LIMIT_ROW_verify_scratch_bytes; /* the rest */
			assert_true(scratch || now >= before[i]);
			assert_true(scratch || now <= limit_rows[i].def);
			before[i] = now;
		}
	}
	assert_loads(r, "node.memory_budget = '8 MB'\n");
	const struct limits *l = &r->c->limits;
	assert_in_range(l->max_connections.max, 12, 16);
	assert_int_equal(l->max_inbound.max + l->max_outbound.max, l->max_connections.max);
	assert_in_range(l->max_admin_clients.max, 2, 8);
	assert_int_equal(r->c->from[KEY_limit_max_bans].source, SOURCE_TIED);
	assert_int_equal(r->c->from[KEY_limit_max_bans].because, KEY_memory_budget);
	assert_non_null(strstr(r->c->notices[0], "bounds of [limits] are smaller than their "
						 "defaults, because node.memory_budget is 8 MB"));
}

/* What somebody set stays, and what it needs; the others make room for it. */
static void rows_that_were_set_do_not_follow(void **state)
{
	struct rig *r = *state;
	const struct limits *l = &r->c->limits;

	assert_loads(r, "node.memory_budget = '16 MB'\n[limits]\nmax_bans = 4096\n"
			"max_inbound = 30\nmax_half_open = 40\nconn_send_bytes = '1 MB'\n"
			"max_window = 700\n");
	assert_true(fits(r));
	assert_int_equal(l->max_bans.max, 4096);
	assert_int_equal(r->c->from[KEY_limit_max_bans].source, SOURCE_FILE);
	assert_int_equal(l->max_inbound.max, 30);
	assert_true(l->max_connections.max >= 40);
	assert_true(l->send_total_bytes.max >= 1048576);
	assert_true(l->max_future_blocks.max >= 700);
	assert_loads(r, "node.memory_budget = '16 MB'\n[limits]\nmax_inbound = 32\n");
	assert_true(fits(r));
	assert_int_equal(l->max_inbound.max, 32);
	assert_true(l->max_connections.max >= 32 + l->max_outbound.max);
	assert_loads(r, "node.memory_budget = '8 MB'\n[limits]\nmax_connections = 400\n");
	assert_false(fits(r));
}

/* ---- the reader itself ---- */

static void toml_of_a_key_file(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "encrypted = false\nsigning = {\n\tpublic = \"\\x41B\",\n"
				   "\tsecret = 'S',\n}\n[encryption]\nother = 5\n";
	struct toml_doc doc;
	struct toml_error e;

	(void)state;
	assert_int_equal(toml_parse(text, sizeof text - 1, &doc, &e), ERR_OK);
	assert_string_equal(toml_find(&doc, "signing.public")->text, "AB");
	assert_string_equal(toml_find(&doc, "signing.secret")->text, "S");
	assert_int_equal(toml_find(&doc, "encrypted")->kind, TOML_BOOL);
	assert_int_equal(toml_find(&doc, "encryption.other")->line, 7);
	assert_null(toml_find(&doc, "signing"));
	toml_free(&doc);
	assert_null(doc.entries);
}

/* Letters outside ASCII where the library looks for white space. */
static void toml_takes_any_letter(void **state)
{
	static const char *const texts[] = {"x\xc3\x84 = 1", "\xe2\xb1\x9e = 1", "a = 1 \xc3\x84",
		"[\xef\xba\xa0]", "a = \xc2\xa1"};
	struct toml_doc doc;
	struct toml_error e;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		enum err err = toml_parse(texts[i], strlen(texts[i]), &doc, &e);
		assert_true(err == ERR_OK || (err == ERR_MALFORMED && e.line == 1));
		toml_free(&doc);
	}
}

static void toml_lists_are_flat(void **state)
{
	static const char text[] = "a = ['x', 2, [3], {b = 4}]\nc.d = []\n";
	struct toml_doc doc;
	struct toml_error e;

	(void)state;
	assert_int_equal(toml_parse(text, sizeof text - 1, &doc, &e), ERR_OK);
	assert_int_equal(doc.count, 6);
	assert_int_equal(doc.entries[0].count, 4);
	assert_string_equal(doc.entries[1].text, "x");
	assert_int_equal(doc.entries[2].number, 2);
	assert_int_equal(doc.entries[3].kind, TOML_LIST);
	assert_int_equal(doc.entries[3].count, 0);
	assert_int_equal(doc.entries[4].kind, TOML_TABLE);
	assert_true(doc.entries[4].element && !doc.entries[5].element);
	assert_string_equal(doc.entries[5].key, "c.d");
	toml_free(&doc);
}

static enum err parse_repeated(const char *piece, size_t times, const char *end)
{
	size_t n = strlen(piece);
	char *text = mem_alloc(n * times + strlen(end) + 1);
	struct toml_doc doc;
	struct toml_error e;

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * n, piece, n);
	strcpy(text + times * n, end);
	enum err err = toml_parse(text, strlen(text), &doc, &e);
	toml_free(&doc);
	mem_free(text);
	return err;
}

static void toml_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_repeated("a.", 500000, "a = 1"), ERR_TOO_BIG);
	assert_int_equal(parse_repeated("a.", 250, "a = 1"), ERR_TOO_BIG);
	assert_int_equal(parse_repeated("a.", 120, "a = 1"), ERR_OK);
	assert_int_equal(parse_repeated("a", 500000, " = 1"), ERR_TOO_BIG);
	assert_int_equal(parse_repeated("a", 255, " = 1"), ERR_OK);
	assert_int_equal(parse_repeated("a", 256, " = 1"), ERR_TOO_BIG);
	assert_int_equal(parse_repeated("[", 500000, ""), ERR_MALFORMED);
	assert_int_equal(parse_repeated("# ........................\n", 20000, ""), ERR_OK);
	assert_int_equal(parse_repeated("a = [\n", 1, "1,]"), ERR_OK);
	assert_int_equal(parse_repeated("1,", 5000, "]"), ERR_MALFORMED);
}

/* "" or why it was refused. */
static const char *parse_between(
	const char *start, const char *piece, size_t times, const char *end)
{
	char text[8192];
	struct toml_doc doc;
	static struct toml_error e;
	size_t n = (size_t)snprintf(text, sizeof text, "%s", start);

	for (size_t i = 0; i < times; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s", piece);
	n += (size_t)snprintf(text + n, sizeof text - n, "%s", end);
	assert_true(n < sizeof text);
	enum err err = toml_parse(text, n, &doc, &e);
	toml_free(&doc);
	return err == ERR_OK ? "" : e.text;
}

/* Dots of texts and comments nest nothing, and no quote hides those of a key. */
static void toml_bounds_the_dots_of_keys(void **state)
{
	static const char deep[] = "more than 256 dots in this line";

	(void)state;
	assert_string_equal(parse_between("a = [", "'1.2.3.4',", 150, "]"), "");
	assert_string_equal(parse_between("a = [", "\"1.\\\"2.3\",", 250, "]"), "");
	assert_string_equal(parse_between("a = 1 # ", "1.2.3.4 ", 150, ""), "");
	assert_string_equal(parse_between("", "'a'.", 300, "a = 1"), deep);
	assert_string_equal(parse_between("", "\"a.b\".", 300, "a = 1"), deep);
	static const char *const hidden[] = {"x = {y = \"\"\"\"a\"\"\", ", "x = {y = ''''a''', ",
		"x = \"\"\"\n\"\n\"\"\"\n", "x = \"\\\\\"\n", "x = 'a' # '\n",
		"x = '#' # \"\"\"\n"};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		assert_string_equal(
			parse_between(hidden[i], "k.", 300, i < 2 ? "k = 1}" : "k = 1"), deep);
}

static void toml_counts_its_entries(void **state)
{
	enum { SIZE = 65536 };
	char *text = mem_alloc(SIZE);
	struct toml_doc doc;
	struct toml_error e;

	(void)state;
	assert_non_null(text);
	for (int more = 0; more < 2; more++) {
		size_t n = (size_t)sprintf(text, "l = [");
		for (int i = 0; i < TOML_ENTRIES_MAX - 1 + more; i++)
			n += (size_t)sprintf(text + n, "%d,", i % 10);
		n += (size_t)sprintf(text + n, "]");
		enum err err = toml_parse(text, n, &doc, &e);
		assert_int_equal(err, more ? ERR_TOO_BIG : ERR_OK);
		assert_int_equal(doc.count, more ? 0 : TOML_ENTRIES_MAX);
		toml_free(&doc);
	}
	mem_free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_sources_win),
		cmocka_unit_test(environment_takes_any_key),
		cmocka_unit_test(environment_is_checked),
		cmocka_unit_test(command_line_takes_toml_or_text),
		cmocka_unit_test(command_line_is_checked),
		cmocka_unit_test(defaults_follow_what_was_changed),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(one_over_is_a_contradiction),
		cmocka_unit_test(scratch_follows_the_budget),
		cmocka_unit_test(rows_follow_a_small_budget),
		cmocka_unit_test(no_row_falls_below_its_least),
		cmocka_unit_test(rows_that_were_set_do_not_follow),
		cmocka_unit_test(toml_of_a_key_file),
		cmocka_unit_test(toml_takes_any_letter),
		cmocka_unit_test(toml_lists_are_flat),
		cmocka_unit_test(toml_is_bounded),
		cmocka_unit_test(toml_bounds_the_dots_of_keys),
		cmocka_unit_test(toml_counts_its_entries),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
