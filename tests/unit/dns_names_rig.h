/* Domains of a made-up chain, and questions for them as bytes. */
#ifndef TESTS_UNIT_DNS_NAMES_RIG_H
#define TESTS_UNIT_DNS_NAMES_RIG_H

#include "base/clock.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/dns_rig.h"

enum { PACKET = 4096 };

/* The block of the domain, and one on top: a domain of the tip itself is not seen. `records`: JSON,
 * those of its zone. */
static inline void put_records(struct fixture *f, const char *name, const char *records)
{
	uint8_t identity[32], confirmation[32];
	char data[PACKET];
	struct made m;

	made_block(&m, store_height(f->store) + 1, 7, true, 1);
	m.b.timestamp = clock_wall(&clock_system);
	m.b.tx.class_name = slice_str("domain");
	crypto_identity(slice_str(name), m.b.pub_key, identity, confirmation);
	m.b.tx.identity = slice_of(identity, 32);
	m.b.tx.confirmation = slice_of(confirmation, 32);
	m.b.tx.signing = m.b.pub_key;
	snprintf(data, sizeof data, "{\"encrypted\":\"00\",\"zone\":\"%s\",\"records\":[%s]}",
		strrchr(name, '.') + 1, records);
	m.b.tx.data = slice_str(data);
	assert_int_equal(fixture_append(f, &m.b), ERR_OK);
	fixture_add_at(f, 1, false, 1, clock_wall(&clock_system));
	assert_int_equal(store_commit(f->store), ERR_OK);
}

/* The question with a length before it; returns all of its bytes. */
static inline size_t question_bytes(
	const char *name, uint16_t type, uint16_t id, uint8_t to[PACKET])
{
	struct dns_name n = name_of(name);
	struct wr w = wr_of(to, PACKET);

	wr_be(&w, 12 + n.size + 4u, 2);
	wr_be(&w, id, 2);
	wr_be(&w, 0x0100, 2);
	wr_be(&w, 1, 2);
	wr_be(&w, 0, 6);
	wr_slice(&w, dns_name_slice(&n));
	wr_be(&w, type, 2);
	wr_be(&w, 1, 2);
	return wr_done(&w).n;
}

#endif
