/* [webui]: when it is on, and what is refused in a line. */
#include "tests/unit/config_rig.h"
#include "tests/unit/main.h"

#define HASH                                                                                       \
	"$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$"                                    \
	"aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

static void it_is_off_without_a_password(void **state)
{
	struct rig *r = *state;

	assert_loads(r, "[node]\n");
	assert_false(r->c->limits.web);
	uint64_t budget = r->c->memory_budget;
	assert_loads(r, "[node]\n[webui]\nlisten = '0.0.0.0:1'\n");
	assert_false(r->c->limits.web);
	assert_loads(r, "[node]\n[webui]\npassword = 'a long password'\nlisten = ''\n");
	assert_false(r->c->limits.web);
	assert_int_equal(r->c->memory_budget, budget);
	assert_loads(r, "[node]\n[webui]\npassword_hash = '" HASH "'\n");
	assert_true(r->c->limits.web);
	assert_true(r->c->memory_budget > budget);
	assert_int_equal(r->c->notice_count, 0);
}

/* An alfis.toml has it so. */
static void a_plain_password_is_told(void **state)
{
	struct rig *r = *state;

	assert_loads(
		r, "key_files = []\n[webui]\npassword = 'secret words'\nlisten = '127.0.0.1:9'\n");
	assert_true(r->c->reference);
	assert_true(r->c->limits.web);
	assert_int_equal(r->c->notice_count, 1);
	assert_string_equal(r->c->notices[0],
		"node.toml:3:1: webui.password: it stands here in plain: `alfisd web-password` "
		"makes the line password_hash that replaces it");
}

static void who_others_reach_says_so(void **state)
{
	struct rig *r = *state;

	assert_fails(r, "[node]\n[webui]\npassword_hash = '" HASH "'\nlisten = '0.0.0.0:8082'\n",
		"node.toml:4:1: webui.listen: 0.0.0.0:8082 can be reached from other machines: set "
		"webui.public = true, and put a proxy with TLS in front of it");
	assert_loads(r, "[node]\n[webui]\npassword_hash = '" HASH
			"'\nlisten = '0.0.0.0:8082'\npublic = true\n");
	assert_int_equal(r->c->notice_count, 1);
	assert_non_null(strstr(r->c->notices[0], "is not encrypted: put a proxy with TLS"));
	assert_fails(r, "[node]\n[webui]\npassword_hash = '" HASH "'\nlisten = '127.0.0.1:4245'\n",
		"node.toml:4:1: webui.listen: 127.0.0.1:4245 is admin.listen too: choose another "
		"port");
	assert_fails(r, "[node]\n[webui]\npassword_hash = '" HASH "'\nlisten = '[::1]:4244'\n",
		"node.toml:4:1: webui.listen: [::1]:4244 cannot be used beside net.listen: choose "
		"another port");
	assert_fails(r, "[node]\n[webui]\ntrusted_proxies = ['proxy.lan']\n",
		"node.toml:3:20: webui.trusted_proxies: \"proxy.lan\" is not a network, such as "
		"10.0.0.0/8 or fd00::/8, with nothing behind the bits that count");
}

static void a_hash_is_one(void **state)
{
	static const char *const wrong[] = {"x",
		"$argon2i$v=19$m=7168,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
		"$argon2id$v=19$m=07168,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
		"$argon2id$v=19$m=7168,t=5,p=2$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
		"$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g=",
		"$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$"};
	struct rig *r = *state;
	char text[300];

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(text, sizeof text, "[node]\n[webui]\npassword_hash = '%s'\n", wrong[i]);
		assert_fails(r, text,
			"node.toml:3:1: webui.password_hash: this is no hash that `alfisd "
			"web-password` prints: $argon2id$v=19$m=…");
	}
}

#define COST(m, t)                                                                                 \
	"[node]\n[webui]\npassword_hash = '$argon2id$v=19$m=" m ",t=" t                            \
	",p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'\n"

static void a_hash_costs_enough_and_not_too_much(void **state)
{
	struct rig *r = *state;

	assert_fails(r, COST("7167", "30"),
		"node.toml:3:1: webui.password_hash: its cost is too low (7167 KiB, 30 passes): "
		"`alfisd web-password` makes another");
	assert_fails(r, COST("7168", "4"),
		"node.toml:3:1: webui.password_hash: its cost is too low (7168 KiB, 4 passes): "
		"`alfisd web-password` makes another");
	assert_fails(r, COST("8193", "5"),
		"node.toml:3:1: webui.password_hash: it needs 8193 KiB: set "
		"limits.web_password_bytes");
	assert_loads(r, COST("8193", "5") "[limits]\nweb_password_bytes = '9 MB'\n");
	assert_int_equal(r->c->limits.web_password_bytes.max, 9 << 20);
	assert_fails(r, COST("8192", "33"),
		"node.toml:3:1: webui.password_hash: its cost is too high for a log-in (8192 KiB, "
		"33 passes): `alfisd web-password` makes another");
	assert_fails(r,
		"[node]\n[webui]\npassword = 'a long password'\npassword_hash = '" HASH "'\n",
		"node.toml:3:1: webui.password: there is webui.password_hash too: take out one of "
		"them");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_off_without_a_password),
		cmocka_unit_test(a_plain_password_is_told),
		cmocka_unit_test(who_others_reach_says_so),
		cmocka_unit_test(a_hash_is_one),
		cmocka_unit_test(a_hash_costs_enough_and_not_too_much),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
