/* The table of DNS answers: the chain filter over a state of domains, and the zones v6 and q6.
 * Lines that show a defect of the recorded node are compared as far as the tag allows: with
 * what the node should have answered. See tests/replay/tables_dns.h. */
#include "tests/replay/tables_dns.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/params.h"
#include "dns/answer.h"
#include "dns/hosts.h"
#include "dns/name.h"
#include "dns/zone.h"
#include "domain/domain.h"

enum { ROWS_MAX = 256, WHAT_SIZE = 4096 };

/* A row of the table of domains. */
struct domain {
	uint64_t id;
	int64_t timestamp;
	struct slice identity, confirmation, signing, data;
};

/* The state that the questions ask about, until the next one. */
struct dns_line_state {
	struct row memory; /* what the slices point to */
	uint64_t height;
	int64_t last_full;
	size_t n;
	struct domain domain[ROWS_MAX];
	struct dns_hosts *hosts;
	struct dns_full *full;
	struct dns_answer *expected, *got;
};

enum tag { APEX, FOREIGN, LEAK, CRASH, TTL, WIRE, ENT, OWNER, OTHER };

static const char *const tags[OTHER] = {
	"apex", "foreign", "leak", "crash", "ttl", "wire", "ent", "owner"};

/* ---- reading lines ---- */

static unsigned line_tags(struct slice line)
{
	struct slice list, value;
	uint8_t text[16];
	unsigned set = 0;
	size_t at = 0, n;

	if (!json_find(line, "differs", &list))
		return 0;
	while (json_element(list, &at, &value)) {
		unsigned i = 0;
		if (!json_get_text(value, text, sizeof text, &n))
			n = 0;
		while (i < OTHER && !slice_is(slice_of(text, n), tags[i]))
			i++;
		set |= 1u << i;
	}
	return set;
}

static bool read_state(struct dns_line_state *s, struct slice line, char *what)
{
	struct slice rows, row;
	size_t at = 0;

	row_close(&s->memory);
	row_open(&s->memory, line, what, WHAT_SIZE);
	s->n = 0;
	s->height = (uint64_t)dns_line_number(line, "height");
	s->last_full = dns_line_number(line, "last_full_timestamp");
	if (!json_find(line, "rows", &rows))
		return false;
	while (json_element(rows, &at, &row) && s->n < ROWS_MAX)
		s->domain[s->n++] = (struct domain){
			.id = (uint64_t)dns_line_number(row, "id"),
			.timestamp = dns_line_number(row, "timestamp"),
			.identity = row_hex_of(&s->memory, row, "identity"),
			.confirmation = row_hex_of(&s->memory, row, "confirmation"),
			.signing = row_hex_of(&s->memory, row, "signing"),
			.data = row_text_of(&s->memory, row, "data"),
		};
	dns_full_flush(s->full);
	return !s->memory.wrong && s->n < ROWS_MAX;
}

/* ---- the look-up of 8.8 ---- */

static const struct domain *latest(const struct dns_line_state *s, struct slice identity)
{
	const struct domain *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (slice_eq(s->domain[i].identity, identity) && s->domain[i].id < s->height &&
			(!best || s->domain[i].id > best->id))
			best = &s->domain[i];
	return best;
}

struct dns_zone dns_line_resolve(const struct dns_line_state *s, struct slice top, int64_t now)
{
	struct dns_zone z = {.last_full_time = s->last_full};
	uint8_t identity[32], confirmation[32];

	crypto_identity(top, slice_of(NULL, 0), identity, NULL);
	const struct domain *d = latest(s, slice_of(identity, 32));
	if (!d)
		return z;
	crypto_identity(top, d->signing, identity, confirmation);
	z.found = slice_eq(d->confirmation, slice_of(confirmation, 32)) &&
		  d->timestamp + (int64_t)params_mainnet.domain_lifetime >= now;
	z.data = d->data;
	return z;
}

/* ---- results ---- */

static const char *outcome_name(enum dns_outcome o)
{
	static const char *const names[] = {
		[DNS_PASS] = "pass", [DNS_ANSWERED] = "answer", [DNS_DELEGATED] = "delegate"};

	return names[o];
}

static void same_result(struct row *r, const char *expected, enum dns_outcome got)
{
	row_same_bytes(r, "result", slice_str(expected), slice_str(outcome_name(got)));
}

static void same_servers(struct row *r, const struct dns_delegation *d)
{
	struct slice list, value;
	uint8_t ip[16] = {[10] = 0xFF, [11] = 0xFF}, text[64];
	size_t at = 0, n, count = 0;

	if (!json_find(r->line, "servers", &list))
		row_differ(r, "servers: expected none, got some");
	while (!r->wrong && json_element(list, &at, &value)) {
		bool found = false;
		json_get_text(value, text, sizeof text, &n);
		memcpy(ip, (uint8_t[12]){[10] = 0xFF, [11] = 0xFF}, 12);
		if (!dnsaddr_parse4(slice_of(text, n), ip + 12))
			dnsaddr_parse6(slice_of(text, n), ip);
		for (size_t i = 0; i < d->count; i++)
			found |= memcmp(d->ip[i], ip, 16) == 0;
		if (!found)
			row_differ(r, "servers: expected %.*s, got none", (int)n, (char *)text);
		count++;
	}
	if (d->count > count)
		row_differ(r, "servers: expected %zu, got %zu", count, d->count);
}

static void same_answer(struct dns_line_state *s, struct row *r, unsigned set)
{
	unsigned lost;

	dns_line_records(r, set & 1u << TTL, s->expected, &lost);
	if (set & 1u << APEX) /* what it says about the zone is the answer to SOA */
		for (size_t i = 0; i < s->expected->count; i++)
			s->expected->rr[i].section =
				dns_line_number(r->line, "type") == DNS_TYPE_SOA
					? DNS_SECTION_ANSWER
					: DNS_SECTION_AUTHORITY;
	if (lost && !(set & 1u << WIRE))
		row_differ(r, "answers: expected only what a message can have, got others");
	row_same_number(r, "rcode",
		set & 1u << ENT ? 0 : (uint64_t)dns_line_number(r->line, "rcode"), s->got->rcode);
	row_same_flag(r, "aa", row_flag(r, "aa") || set & 1u << APEX, s->got->aa);
	if (lost == 0 || dns_answer_count(s->expected, DNS_SECTION_ANSWER) > 0)
		dns_same_records(r, s->expected, s->got);
}

static void same_failure(struct dns_line_state *s, struct row *r)
{
	row_same_number(r, "rcode", DNS_RCODE_SERVFAIL, s->got->rcode);
	row_same_flag(r, "aa", false, s->got->aa);
	row_same_number(r, "records", 0, s->got->count);
}

static void same_outcome(struct dns_line_state *s, struct row *r, unsigned set, enum dns_outcome o,
	const struct dns_delegation *d)
{
	char result[16] = "";
	struct slice expected = row_text(r, "result");

	snprintf(result, sizeof result, "%.*s", (int)expected.n, (const char *)expected.p);
	if (set & 1u << FOREIGN) {
		same_result(r, "pass", o);
	} else if (set & (1u << LEAK | 1u << CRASH)) {
		same_result(r, "answer", o);
		same_failure(s, r);
	} else if (!(set & (1u << OWNER | 1u << OTHER))) {
		same_result(r, result, o);
		if (o == DNS_DELEGATED)
			same_servers(r, d);
		if (o == DNS_ANSWERED)
			same_answer(s, r, set);
	}
}

/* ---- lines ---- */

static void play_query(struct dns_line_state *s, struct row *r, const struct dns_query *q)
{
	struct dns_delegation d;
	char top[2 * DNS_NAME_MAX];
	size_t n = 0;

	dns_zone_top(&q->name, top, sizeof top, &n);
	struct dns_zone z = dns_line_resolve(s, slice_of(top, n), dns_line_number(r->line, "now"));
	enum dns_outcome o = dns_zone_answer(&z, q, s->got, &d);
	unsigned set = line_tags(r->line);
	if (!z.found) /* then there is no name within it either */
		set &= ~(1u << ENT);
	same_outcome(s, r, set, o, &d);
}

static void play_codec(struct dns_line_state *s, struct row *r, const struct dns_query *q)
{
	same_outcome(s, r, line_tags(r->line), dns_codec_answer(q, s->got), NULL);
}

/* ---- hosts files ---- */

/* The text as a file, without lines in the form of ad blockers: our reader refuses those. */
static int hosts_file(struct slice text)
{
	int fd = memfd_create("hosts", MFD_CLOEXEC);

	while (fd >= 0 && text.n) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.n;
		bool skip = n > 1 && memcmp(text.p, "||", 2) == 0;
		if (!skip && write(fd, text.p, n) != (ssize_t)n)
			return fd;
		text = slice_of(text.p + n, text.n - n);
	}
	return fd;
}

static bool read_hosts(struct dns_line_state *s, struct slice line, char *what)
{
	char path[64], *files[] = {path}, why[WHAT_SIZE];
	uint64_t bytes;
	struct row r;

	dns_hosts_free(s->hosts);
	row_open(&r, line, what, WHAT_SIZE);
	int fd = hosts_file(row_text(&r, "text"));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	s->hosts =
		dns_hosts_load((const char *const *)files, 1, UINT64_MAX, &bytes, why, sizeof why);
	if (!s->hosts)
		row_differ(&r, "hosts: expected a file that is read, got %s", why);
	if (fd >= 0)
		close(fd);
	return row_close(&r);
}

/* Our answer has no authority section. Lines with the tag show names that are read otherwise. */
static void play_hosts(struct dns_line_state *s, struct row *r, const struct dns_query *q)
{
	struct dns_query asked = *q;

	if (line_tags(r->line) || !s->hosts)
		return;
	dns_name_from_text(row_text(r, "name"), &asked.name); /* one final dot does not count */
	enum dns_outcome o = dns_hosts_answer(s->hosts, &asked, s->got);
	dns_line_records(r, false, s->expected, &(unsigned){0});
	while (s->expected->count && s->expected->rr[s->expected->count - 1].section)
		s->expected->count--;
	row_same_bytes(r, "result", row_text(r, "result"), slice_str(outcome_name(o)));
	if (o != DNS_ANSWERED)
		return;
	row_same_number(r, "rcode", (uint64_t)dns_line_number(r->line, "rcode"), s->got->rcode);
	row_same_flag(r, "aa", row_flag(r, "aa"), s->got->aa);
	dns_same_records(r, s->expected, s->got);
}

/* ---- the whole server ---- */

static bool read_upstream(struct dns_line_state *s, struct slice line, char *what)
{
	(void)what;
	dns_full_upstream(s->full, line);
	return true;
}

static void play_full(struct dns_line_state *s, struct row *r, const struct dns_query *q)
{
	(void)q;
	dns_full_play(s->full, r, line_tags(r->line) == 0);
}

/* What a line does: it changes the state, or plays a question whose name and type it has. */
struct player {
	const char *op;
	bool (*read)(struct dns_line_state *s, struct slice line, char *what);
	void (*play)(struct dns_line_state *s, struct row *r, const struct dns_query *q);
};

static const struct player players[] = {
	{"zone-state", read_state, NULL},
	{"hosts-file", read_hosts, NULL},
	{"upstream", read_upstream, NULL},
	{"query", NULL, play_query},
	{"codec-query", NULL, play_codec},
	{"hosts-query", NULL, play_hosts},
	{"full", NULL, play_full},
};

static const struct player *find_player(struct slice op)
{
	for (size_t i = 0; i < sizeof players / sizeof players[0]; i++)
		if (slice_is(op, players[i].op))
			return &players[i];
	return NULL;
}

/* False for a question that no message can have. */
static bool play_line(struct dns_line_state *s, struct slice line, char *what, bool *good)
{
	struct dns_query q = {.rd = true, .klass = DNS_CLASS_IN};
	struct row r;

	row_open(&r, line, what, WHAT_SIZE);
	const struct player *p = find_player(row_text(&r, "op"));
	bool plays = p && (p->read || p->play == play_full || dns_line_name(&r, &q.name));
	q.type = (uint16_t)dns_line_number(line, "type");
	if (plays && p->play)
		p->play(s, &r, &q);
	*good = row_close(&r);
	if (plays && p->read)
		*good = p->read(s, line, what);
	return plays;
}

static bool open_state(struct dns_line_state *s)
{
	s->expected = dns_answer_new();
	s->got = dns_answer_new();
	s->full = dns_full_new(s);
	return s->expected && s->got && s->full;
}

static void close_state(struct dns_line_state *s)
{
	row_close(&s->memory);
	dns_hosts_free(s->hosts);
	dns_full_free(s->full);
	mem_free(s->expected);
	mem_free(s->got);
	mem_free(s);
}

void play_dns_answers(struct play *p, struct slice header)
{
	struct dns_line_state *s = mem_alloc(sizeof *s);
	struct slice line;
	char what[WHAT_SIZE];
	bool good = true;

	(void)header;
	if (!s)
		return;
	bool open = open_state(s);
	while (open && play_next(p, &line)) {
		snprintf(what, sizeof what, "differs");
		if (!play_line(s, line, what, &good))
			continue;
		p->passed += good;
		p->failed += !good;
		if (!good)
			play_say(p, p->line, "%s", what);
	}
	close_state(s);
}
