/* Packets of DNS, piece by piece, also such as no writer of ours would make. */
#ifndef TESTS_UNIT_DNS_PACKET_H
#define TESTS_UNIT_DNS_PACKET_H

#include "tests/unit/dns_rig.h"

/* A packet while it is made; sections are counted by the test. */
struct packet {
	struct wr w;
	uint8_t space[600];
};

static inline void start(
	struct packet *p, unsigned flags, unsigned qd, unsigned an, unsigned ns, unsigned ar)
{
	p->w = wr_of(p->space, sizeof p->space);
	wr_be(&p->w, 0xABCD, 2);
	wr_be(&p->w, flags, 2);
	wr_be(&p->w, qd, 2);
	wr_be(&p->w, an, 2);
	wr_be(&p->w, ns, 2);
	wr_be(&p->w, ar, 2);
}

static inline void ask(struct packet *p, unsigned type, unsigned klass)
{
	wr_bytes(&p->w, "\7eXample\3ygg\0", 13);
	wr_be(&p->w, type, 2);
	wr_be(&p->w, klass, 2);
}

static inline void opt(struct packet *p, unsigned version, const char *options, size_t n)
{
	wr_bytes(&p->w, "\0\0\51\20\0\0", 6);
	wr_be(&p->w, version, 1);
	wr_be(&p->w, DNS_FLAG_DO, 2);
	wr_be(&p->w, n, 2);
	wr_bytes(&p->w, options, n);
}

static inline void record(struct packet *p, unsigned type)
{
	wr_bytes(&p->w, "\300\014", 2);
	wr_be(&p->w, type, 2);
	wr_be(&p->w, DNS_CLASS_IN, 2);
	wr_be(&p->w, 60, 4);
	wr_be(&p->w, 4, 2);
	wr_be(&p->w, 0x01020304, 4);
}

#endif
