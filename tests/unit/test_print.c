/* What is printed for people, at several widths, from answers as the node gives them. */
#include "tests/unit/main.h"
#include "tests/unit/print_rig.h"

#include "base/width.h"

#define STATUS                                                                                     \
	"{\"version\":\"0.1.0\",\"chain\":\"mainnet\",\"origin\":\"0000001D2A77D63477\","          \
	"\"syncing\":true,\"reason\":\"downloading blocks 1201 to 3000 from 3 peers\","            \
	"\"tip\":\"00AB\",\"height\":1200,\"tip_timestamp\":1799999980,\"best_height\":3000,"      \
	"\"peers\":3,\"uptime_seconds\":11100,\"memory_bytes\":734003,"                            \
	"\"memory_peak_bytes\":1048576,\"memory_budget_bytes\":33554432,"                          \
	"\"sync\":{\"blocks_per_second\":12.5},"                                                   \
	"\"network\":{\"inbound\":1,\"outbound\":2,\"address_book\":1270,"                         \
	"\"bytes_in_total\":12582912,\"bytes_out_total\":2048},"                                   \
	"\"store\":{\"store_bytes\":5242880}}"

static void status_is_ten_lines(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_status, 80, STATUS),
		"downloading blocks 1201 to 3000 from 3 peers\n"
		"[################........................]  40 %  1,200 of 3,000 blocks\n"
		"pace     12.5 blocks/s, 2 min 24 s left\n"
		"tip      block 1,200 of 2027-01-15 07:59 UTC, 20 s ago\n"
		"peers    3: 1 inbound, 2 outbound; 1,270 known addresses\n"
		"traffic  12 MB received, 2 kB sent\n"
		"memory   0.7 of 32 MB, at most 1 MB so far\n"
		"store    5 MB\n"
		"uptime   3 h 05 min\n"
		"alfisd   0.1.0, mainnet 0000001D2A77…\n");
}

/* A sentence that is too long is broken at its spaces; the bar gives way. */
static void status_is_narrow(void **state)
{
	(void)state;
	print_at(print_status, 60,
		"{\"reason\":\"no peers (0 of 3 configured answered; last error: example.org:4244: "
		"Domain name not found)\",\"height\":7,\"best_height\":5}");
	assert_memory_equal(printed,
		"no peers (0 of 3 configured answered; last error:\n"
		"  example.org:4244: Domain name not found)\n"
		"[####################################] 100 %  7 of 7 blocks\n",
		153);
}

static void status_without_peers_has_no_bar(void **state)
{
	(void)state;
	print_at(print_status, 80, "{\"reason\":\"no peers\",\"height\":7,\"best_height\":0}");
	assert_non_null(strstr(printed, "no peers\nheight   7\npace     0 blocks/s\n"));
}

/* What it says of the DNS server, if one is wanted. */
static void status_tells_of_dns(void **state)
{
	(void)state;
	print_at(print_status, 80,
		"{\"dns\":{\"dns_on\":1,\"dns_questions_per_second\":2.5,\"dns_cache_entries\":1200,"
		"\"dns_cache_hit_ratio\":0.75,\"dns_forwarders\":2,\"dns_forwarders_up\":1,"
		"\"state\":\"on\"}}");
	assert_non_null(strstr(printed,
		"dns      2.5 questions/s; 1,200 kept answers, 75 % of questions found there\n"
		"         1 of 2 forwarders up: alfisd dns show\n"));
	print_at(print_status, 80,
		"{\"dns\":{\"dns_on\":0,\"state\":\"dns.listen: the port is taken\"}}");
	assert_non_null(strstr(printed, "\ndns.listen: the port is taken\n"));
	print_at(print_status, 80,
		"{\"dns\":{\"dns_on\":1,\"dns_forwarders\":2,\"dns_forwarders_up\":2}}");
	assert_non_null(strstr(printed, "\n         2 of 2 forwarders up\n"));
	print_at(print_status, 80, "{\"dns\":{\"dns_on\":0,\"state\":\"off\"}}");
	assert_null(strstr(printed, "off"));
}

static void dns_show(void **state)
{
	(void)state;
	assert_string_equal(
		print_at(print_dns, 80,
			"{\"state\":\"on\",\"current\":false,\"listen\":[\"127.0.0.1:53\"],"
			"\"dns_on\":1,\"dns_udp_questions_total\":4500,"
			"\"answers\":[{\"source\":\"chain\",\"total\":3},"
			"{\"source\":\"hosts\",\"total\":0},"
			"{\"source\":\"cache\",\"total\":1000}],"
			"\"rcodes\":[],\"drops\":[{\"reason\":\"rate\",\"total\":1}],"
			"\"forwarders\":[{\"forwarder\":\"9.9.9.9\",\"up\":true,"
			"\"round_trip_ms\":12,\"asked_total\":7,\"answered_total\":5,"
			"\"timed_out_total\":0,\"bad_total\":1,\"last_error\":\"status 2\"}]}"),
		"listens  127.0.0.1:53\n"
		"dns      0 questions/s; 0 kept answers, 0 % of questions found there\n"
		"asked    4,500 by UDP, 0 by TCP\n"
		"answers  3 chain, 1,000 cache\n"
		"codes    none\n"
		"dropped  1 rate\n"
		"chain    not up to date: a name that is not found is a failure\n"
		"\n"
		"forwarder  up  round trip  asked  answered  timed out  bad\n"
		"9.9.9.9    up       12 ms      7         5          0    1\n"
		"last error of 9.9.9.9: status 2\n");
	assert_string_equal(print_at(print_dns, 80, "{\"dns_on\":0,\"state\":\"off\"}"),
		"off: dns.listen is not set\n");
}

static void all_adds_every_figure(void **state)
{
	(void)state;
	print_into(print_status, (struct out){.width = 80, .all = true}, STATUS);
	assert_non_null(strstr(printed, "\n\nversion                    0.1.0\n"));
	assert_non_null(strstr(printed, "\nsync\n  blocks_per_second          12.5\n"));
}

#define PEERS                                                                                      \
	"{\"peers\":[{\"id\":7,\"address\":\"10.1.2.3:4244\",\"direction\":\"outbound\","          \
	"\"configured\":true,\"ready\":true,\"version\":\"0.10.0\",\"height\":22522,"              \
	"\"round_trip_ms\":48,\"age_seconds\":1209600,\"bytes_in_total\":1048576,"                 \
	"\"bytes_out_total\":512,\"good_blocks_total\":22000,\"unasked_waits_total\":0,"           \
	"\"requests_in_flight\":0,\"score\":5},"                                                   \
	"{\"id\":8,\"address\":\"[200:7a1b:2c3d:4e5f:6071:8293:a4b5:c6d7]:4244\","                 \
	"\"direction\":\"inbound\",\"configured\":false,\"ready\":false,\"version\":\"\","         \
	"\"height\":0,\"round_trip_ms\":0,\"age_seconds\":3,\"bytes_in_total\":0,"                 \
	"\"bytes_out_total\":0,\"good_blocks_total\":0,\"unasked_waits_total\":0,"                 \
	"\"requests_in_flight\":0,\"score\":0}]}"

static void peers_fit(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_peers, 80, PEERS),
		"address                                        direction  height  round trip\n"
		"10.1.2.3:4244                                  outbound   22,522       48 ms\n"
		"[200:7a1b:2c3d:4e5f:6071:8293:a4b5:c6d7]:4244  inbound         0           –\n");
	assert_string_equal(print_at(print_peers, 60, PEERS),
		"address                                        direction\n"
		"10.1.2.3:4244                                  outbound\n"
		"[200:7a1b:2c3d:4e5f:6071:8293:a4b5:c6d7]:4244  inbound\n");
	print_at(print_peers, 200, PEERS);
	assert_memory_equal(strchr(printed, '\n') + 1,
		"10.1.2.3:4244                                  outbound   0.10.0   22,522       48 ms"
		"       14 d       22,000      1 MB  512 bytes      5  ready  configured      0"
		"              0\n",
		164);
}

static void all_peers_have_all_columns(void **state)
{
	(void)state;
	print_into(print_peers, (struct out){.width = 20, .all = true}, PEERS);
	assert_memory_equal(printed, "id  address ", 12);
	assert_non_null(strstr(printed, "unasked waits\n"));
	assert_string_equal(print_at(print_peers, 80, "{\"peers\":[]}"), "no connections\n");
}

#define ADDRESSES                                                                                  \
	"{\"peers\":[],\"configured\":[{\"address\":\"a.example:4244\",\"state\":\"waiting\","     \
	"\"id\":0,\"next_try_seconds\":12,\"failures\":3,\"last_error\":\"Connection refused\"}]," \
	"\"known_total\":9,\"known\":[{\"address\":\"10.1.2.3:4244\",\"state\":\"tried\","         \
	"\"last_success\":1799996400,\"last_try\":0,\"last_seen\":1799999990,"                     \
	"\"next_try_seconds\":0,\"failures\":1}]}"

static void addresses_fit_a_terminal(void **state)
{
	struct out o = {.width = 60, .all = true, .terminal = true};

	(void)state;
	assert_string_equal(print_into(print_peers, o, ADDRESSES),
		"no connections\n"
		"\n"
		"configured      state    next try in  last error\n"
		"a.example:4244  waiting         12 s  Connection refused\n"
		"\n"
		"known          state  last answer  last try  next try in\n"
		"10.1.2.3:4244  tried  1 h ago      never               –\n"
		"and 8 more\n");
	o.terminal = false;
	assert_non_null(strstr(print_into(print_peers, o, ADDRESSES), "  last heard of\n"));
}

#define LIMITS                                                                                     \
	"{\"limits\":[{\"row\":\"max_bans\",\"unit\":\"count\",\"used\":4096,\"current\":true,"    \
	"\"peak\":4096,\"max\":4096,\"hits_total\":12345,\"worst_bytes\":393216,"                  \
	"\"at_bound\":true},{\"row\":\"address_ttl\",\"unit\":\"ms\",\"used\":0,"                  \
	"\"current\":false,\"peak\":0,\"max\":1209600000,\"hits_total\":0,\"worst_bytes\":0,"      \
	"\"at_bound\":false},{\"row\":\"max_per_address\",\"unit\":\"count\",\"used\":0,"          \
	"\"current\":false,\"peak\":3,\"max\":8,\"hits_total\":0,\"worst_bytes\":0,"               \
	"\"at_bound\":false},{\"row\":\"conn_receive_bytes\",\"unit\":\"bytes\",\"used\":0,"       \
	"\"current\":false,\"peak\":65600,\"max\":65600,\"hits_total\":2,"                         \
	"\"worst_bytes\":4250112,\"at_bound\":false}]}"

static void limits_read_as_settings(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_limits, 80, LIMITS),
		"row                   now     peak    bound  times met  at the bound  at most\n"
		"max_bans            4,096    4,096    4,096     12,345  at the bound   384 kB\n"
		"address_ttl             –        –     14 d          0                0 bytes\n"
		"max_per_address         –        3        8          0                0 bytes\n"
		"conn_receive_bytes      –  64.1 kB  64.1 kB          2                 4.1 MB\n");
	assert_string_equal(print_at(print_limits, 60, LIMITS),
		"row                   now     peak    bound  times met\n"
		"max_bans            4,096    4,096    4,096     12,345\n"
		"address_ttl             –        –     14 d          0\n"
		"max_per_address         –        3        8          0\n"
		"conn_receive_bytes      –  64.1 kB  64.1 kB          2\n");
}

/* A name of another script, a wide one, an escape sequence, and bytes that are no UTF-8. */
static void texts_of_others_are_measured_and_harmless(void **state)
{
	(void)state;
	assert_int_equal(width_of("–"), 1);
	assert_int_equal(width_of("пример"), 6);
	assert_int_equal(width_of("日本"), 4);
	assert_int_equal(width_of("e\xCC\x81"), 1);
	assert_int_equal(width_of("\xff\xC0\x80\xED\xA0\x80"), 6);
	assert_int_equal(width_cut("日本", 3), 3);
	assert_string_equal(print_at(print_peers, 80,
				    "{\"peers\":[{\"address\":\"\\u001b[2J\\u009b日\\u202e\"},"
				    "{\"address\":\"a\xff\"}]}"),
		"address   direction  version  height  round trip  connected  good blocks\n"
		"?[2J?日?  –          –             –           –          –            –\n"
		"a?        –          –             –           –          –            –\n");
}

static void limits_and_end(struct out *o, struct slice json)
{
	print_limits(o, json);
	out_end(o);
}

static void json_as_it_is(struct out *o, struct slice json)
{
	print_json(o->f, json);
}

static void json_is_harmless_and_means_the_same(void **state)
{
	(void)state;
	assert_string_equal(print_at(json_as_it_is, 80, "{\"a\":\"日é \\u001b\"}\n"),
		"{\"a\":\"日é \\u001b\"}\n");
	assert_string_equal(
		print_at(json_as_it_is, 80, "[\"\x1b\x7f\xc2\x9b\u202e\U000e0001\xff\xc3\"]"),
		"[\"\\u001b\\u007f\\u009b\\u202e\\udb40\\udc01\\ufffd\\ufffd\"]\n");
}

/* Redrawn: cut at both edges, and nothing behind the last line that would scroll. */
static void a_screen_is_never_left(void **state)
{
	struct out o = {.width = 20, .height = 3, .screen = true};

	(void)state;
	assert_string_equal(print_into(print_status, o, STATUS),
		"downloading blocks\033[K\r\n  1201 to 3000 from\033[K\r\n  3 peers\033[K");
	o.width = 12;
	o.height = 2;
	assert_string_equal(print_into(print_limits, o, LIMITS), "row         \r\nmax_bans    ");
	assert_string_equal(print_into(limits_and_end, o, LIMITS),
		"row         \r\nmax_bans    \rand 4 more l");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_is_ten_lines),
		cmocka_unit_test(status_is_narrow),
		cmocka_unit_test(status_without_peers_has_no_bar),
		cmocka_unit_test(status_tells_of_dns),
		cmocka_unit_test(dns_show),
		cmocka_unit_test(all_adds_every_figure),
		cmocka_unit_test(peers_fit),
		cmocka_unit_test(all_peers_have_all_columns),
		cmocka_unit_test(addresses_fit_a_terminal),
		cmocka_unit_test(limits_read_as_settings),
		cmocka_unit_test(texts_of_others_are_measured_and_harmless),
		cmocka_unit_test(json_is_harmless_and_means_the_same),
		cmocka_unit_test(a_screen_is_never_left),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
