/* Asks the chain filter, and writes its answer as one line of text. */
#ifndef TESTS_UNIT_DNS_ZONE_RIG_H
#define TESTS_UNIT_DNS_ZONE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/mem.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/zone.h"
#include "domain/domain.h"
#include "tests/unit/main.h"

enum { LAST_FULL = 0x5F000000, LINE_MAX_SIZE = 1 << 18 };

#define DATA(records) "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[" records "]}"
#define SOA_DATA                                                                                   \
	"026E7305616C666973046E616D65000561646D696E05616C666973046E616D6500"                       \
	"5F00000000000E100000012C00093A800000003C"
#define NEGATIVE(zone) " | n " zone " 6 60 " SOA_DATA

struct zone_rig {
	struct dns_zone zone;
	struct dns_query q;
	struct dns_answer *answer;
	struct dns_delegation servers;
	char *line;
};

static inline int open_rig(void **state)
{
	struct zone_rig *r = mem_alloc(sizeof *r);

	assert_non_null(r);
	r->answer = dns_answer_new();
	r->line = mem_alloc(LINE_MAX_SIZE);
	r->zone.last_full_time = LAST_FULL;
	r->q = (struct dns_query){.rd = true, .klass = DNS_CLASS_IN};
	*state = r;
	return 0;
}

static inline int close_rig(void **state)
{
	struct zone_rig *r = *state;

	mem_free(r->answer);
	mem_free(r->line);
	mem_free(r);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static inline void write_record(struct wr *w, const struct dns_rr *rr)
{
	char text[DNS_NAME_TEXT_MAX];
	struct dns_name name = {.size = (uint8_t)rr->owner.n};

	memcpy(name.wire, rr->owner.p, rr->owner.n);
	dns_name_text(&name, text);
	wr_format(w, " | %c %s %u %u ", "and"[rr->section], text, rr -> type, (unsigned)rr -> ttl);
	hex_write(w, rr->rdata);
}

/* "pass"; "delegated" and the addresses; or rcode, "aa", and the records: a, n or d (for the
 * sections answer, authority and additional), owner, type, TTL, data. */
static inline const char *write_line(struct zone_rig *r, enum dns_outcome o)
{
	struct wr w = wr_of(r->line, LINE_MAX_SIZE - 1);
	char text[DNSADDR_TEXT_MAX];

	if (o == DNS_PASS)
		return "pass";
	if (o == DNS_DELEGATED) {
		wr_format(&w, "delegated");
		for (size_t i = 0; i < r->servers.count; i++) {
			dnsaddr_text6(r->servers.ip[i], text);
			wr_format(&w, " %s", text);
		}
	} else {
		wr_format(&w, "%u%s%s", r->answer->rcode, r->answer->aa ? " aa" : "",
			r->answer->bad ? " bad" : "");
		for (size_t i = 0; i < r->answer->count; i++)
			write_record(&w, &r->answer->rr[i]);
	}
	assert_false(w.bad);
	r->line[w.n] = 0;
	return r->line;
}

static inline const char *ask_wire(struct zone_rig *r, const char *data, uint16_t type)
{
	r->q.type = type;
	r->zone.found = data != NULL;
	r->zone.data = data ? slice_str(data) : slice_of(NULL, 0);
	return write_line(r, dns_zone_answer(&r->zone, &r->q, r->answer, &r->servers));
}

/* What the domain with this data (NULL = there is none) answers. */
static inline const char *ask(struct zone_rig *r, const char *data, const char *name, uint16_t type)
{
	assert_true(dns_name_from_text(slice_str(name), &r->q.name));
	return ask_wire(r, data, type);
}

#endif
