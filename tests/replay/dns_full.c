/* The whole DNS server as lines of the table show it: packets in, packets out. Its chain is the
 * state of the lines, its forwarder the answers of a line; these two stand here in place of
 * dns/chain_names.c and dns/upstream.c. See tests/replay/tables_dns.h. */
#include "base/json.h"
#include "base/mem.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/scrub.h"
#include "dns/serve_query.h"
#include "tests/replay/tables_dns.h"

enum { ASKED_MAX = 32 };

struct dns_chain {
	const struct dns_line_state *state;
};

struct dns_upstream {
	struct slice line; /* with the answers */
	struct dns_ask asked[ASKED_MAX];
	struct dns_waiter *waiter[ASKED_MAX];
	size_t count, told;
	struct dns_answer *in, *out;
};

struct dns_full {
	struct dns_chain chain;
	struct dns_upstream upstream;
	struct limits limits;
	struct dns_figures figures;
	struct dns_access access;
	struct clock clock;
	int64_t now;
	atomic_bool current;
	struct dns_serve *serve;
	struct dns_answer *expected, *got, *step;
	uint8_t wire[DNS_MESSAGE_MAX];
	unsigned replies;
	bool silent, readable, tc;
};

/* ---- in place of dns/chain_names.c ---- */

uint64_t dns_chain_generation(const struct dns_chain *c)
{
	(void)c;
	return 1;
}

void dns_chain_end_turn(struct dns_chain *c)
{
	(void)c;
}

enum err dns_chain_find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until)
{
	*z = dns_line_resolve(c->state, top, now);
	*until = INT64_MAX;
	return ERR_OK;
}

/* ---- in place of dns/upstream.c ---- */

enum err dns_upstream_ask(struct dns_upstream *u, const struct dns_ask *ask, struct dns_waiter *w)
{
	if (u->count == ASKED_MAX)
		return ERR_FULL;
	u->asked[u->count] = *ask;
	u->waiter[u->count++] = w;
	return ERR_OK;
}

void dns_upstream_forget(struct dns_upstream *u, struct dns_waiter *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < u->count; i++) {
		if (u->waiter[i] == w)
			continue;
		u->asked[kept] = u->asked[i];
		u->waiter[kept++] = u->waiter[i];
	}
	u->count = kept;
}

/* Finds what the line has for the question; false = it is not listed. */
static bool find_answer(
	struct row *r, const struct dns_upstream *u, const struct dns_query *q, struct slice *found)
{
	struct slice list;
	struct dns_name name;
	size_t at = 0;

	if (!json_find(u->line, "answers_for", &list))
		return false;
	while (json_element(list, &at, found))
		if (dns_line_number(*found, "type") == q->type &&
			dns_name_from_text(row_text_of(r, *found, "name"), &name) &&
			dns_name_equal(&name, &q->name))
			return true;
	return false;
}

/* Servers of domains never answer here; nor does the forwarder where the line says so. */
static void tell(struct row *r, struct dns_upstream *u, size_t i)
{
	const struct dns_scrub how = {.top = NULL};
	struct dns_query *q = &u->asked[i].q;
	struct dns_name last;
	struct slice answer, fail;

	dns_answer_clear(u->in);
	bool listed = find_answer(r, u, q, &answer);
	if (u->asked[i].where == DNS_ASK_SERVERS || (listed && json_find(answer, "fail", &fail))) {
		u->waiter[i]->name = &q->name;
		u->waiter[i]->done(u->waiter[i], NULL);
		return;
	}
	if (listed)
		dns_line_upstream(r, answer, u->in);
	else
		u->in->rcode = DNS_RCODE_NXDOMAIN;
	last = q->name;
	dns_scrub(u->in, q, &how, u->out, &last);
	u->waiter[i]->last = &last;
	u->waiter[i]->name = &q->name;
	u->waiter[i]->done(u->waiter[i], u->out);
}

/* ---- the server ---- */

static int64_t wall(void *ctx)
{
	return ((struct dns_full *)ctx)->now;
}

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return 1000000;
}

static void on_reply(void *ctx, const struct dns_client *c, struct slice answer)
{
	struct dns_full *f = ctx;
	struct dns_query q;

	(void)c;
	f->replies++;
	f->silent = answer.n == 0;
	f->readable = !f->silent && dns_response_read(answer, &q, f->got, &f->tc);
}

static bool open_server(struct dns_full *f)
{
	const char *allow[] = {"loopback"};
	struct dns_serve_settings set = {.clock = &f->clock,
		.rng = &rng_system,
		.limits = &f->limits,
		.figures = &f->figures,
		.access = &f->access,
		.chain = &f->chain,
		.upstream = &f->upstream,
		.wire = f->wire,
		.chain_is_current = &f->current,
		.delegate_port = DNS_PORT,
		.delegate_private = true,
		.reply = on_reply,
		.ctx = f};
	size_t wrong;

	limits_default(&f->limits);
	f->clock = (struct clock){wall, mono, f};
	f->current = true;
	f->upstream.in = dns_answer_new();
	f->upstream.out = dns_answer_new();
	f->expected = dns_answer_new();
	f->got = dns_answer_new();
	set.step = f->step = dns_answer_new();
	f->serve = dns_serve_new(&set);
	return dns_access_read(&f->access, allow, 1, &wrong) && f->upstream.in && f->upstream.out &&
	       f->expected && f->got && f->step && f->serve;
}

struct dns_full *dns_full_new(const struct dns_line_state *s)
{
	struct dns_full *f = mem_alloc(sizeof *f);

	if (!f)
		return NULL;
	f->chain.state = s;
	if (open_server(f))
		return f;
	dns_full_free(f);
	return NULL;
}

void dns_full_free(struct dns_full *f)
{
	if (!f)
		return;
	dns_serve_free(f->serve);
	mem_free(f->upstream.in);
	mem_free(f->upstream.out);
	mem_free(f->expected);
	mem_free(f->got);
	mem_free(f->step);
	mem_free(f);
}

void dns_full_flush(struct dns_full *f)
{
	dns_serve_flush(f->serve, NULL);
}

void dns_full_upstream(struct dns_full *f, struct slice line)
{
	f->upstream.line = line;
	dns_full_flush(f);
}

/* ---- a line ---- */

static void same_questions(struct row *r, const struct dns_upstream *u)
{
	struct slice list, one;
	struct dns_name name;
	size_t at = 0, expected = 0, got = 0;

	for (size_t i = 0; i < u->count; i++)
		got += u->asked[i].where == DNS_ASK_FORWARDERS;
	if (!json_find(r->line, "upstream_queries", &list))
		return;
	for (; json_element(list, &at, &one); expected++) {
		bool found = false;
		dns_name_from_text(row_text_of(r, one, "name"), &name);
		for (size_t i = 0; i < u->count; i++)
			found |= u->asked[i].where == DNS_ASK_FORWARDERS &&
				 u->asked[i].q.type == dns_line_number(one, "type") &&
				 dns_name_equal(&u->asked[i].q.name, &name);
		row_same_flag(r, "upstream_queries", true, found);
	}
	row_same_number(r, "upstream_queries", expected, got);
}

static void same_reply(struct dns_full *f, struct row *r)
{
	unsigned lost;

	row_same_flag(r, "readable", true, f->readable);
	if (!f->readable)
		return;
	row_same_number(r, "rcode", (uint64_t)dns_line_number(r->line, "rcode"), f->got->rcode);
	row_same_flag(r, "aa", row_flag(r, "aa"), f->got->aa);
	row_same_flag(r, "tc", row_flag(r, "tc"), f->tc);
	dns_line_records(r, false, f->expected, &lost);
	row_same_number(r, "records that no message can have", 0, lost);
	dns_lower_records(f->expected);
	dns_lower_records(f->got);
	dns_same_records(r, f->expected, f->got);
	same_questions(r, &f->upstream);
}

void dns_full_play(struct dns_full *f, struct row *r, bool compared)
{
	struct dns_client client = {.kind = DNS_CLIENT_TCP};
	struct dns_upstream *u = &f->upstream;

	if (slice_is(row_text(r, "transport"), "udp"))
		client.kind = DNS_CLIENT_UDP;
	netaddr_parse(slice_str("127.0.0.1:1053"), &client.from);
	if (row_flag(r, "fresh"))
		dns_full_flush(f);
	f->now = dns_line_number(r->line, "now");
	f->replies = 0;
	u->count = 0;
	dns_serve_packet(f->serve, row_hex(r, "request"), &client);
	for (size_t i = 0; i < u->count; i++)
		tell(r, u, i);
	dns_serve_end_turn(f->serve);
	row_same_number(r, "replies", 1, f->replies);
	if (compared)
		same_reply(f, r);
}
