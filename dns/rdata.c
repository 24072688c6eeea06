/* The forms of records' data: where names stand in it. Before: dns/read.c, dns/write.c. After:
 * dns/name.c. */
#include "dns/rdata.h"

/* Types that RFC 3597 section 4 names, KX, DNAME, and addresses, whose length is known. RRSIG and
 * newer types are never compressed, so they are any bytes. */
static const struct dns_rdata_form FORMS[] = {
	[DNS_TYPE_A] = {.known = true, .head = 4},
	[DNS_TYPE_NS] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_MD] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_MF] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_CNAME] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_SOA] = {.known = true, .compress = true, .names = 2, .tail = 20},
	[DNS_TYPE_MB] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_MG] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_MR] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_PTR] = {.known = true, .compress = true, .names = 1},
	[DNS_TYPE_MINFO] = {.known = true, .compress = true, .names = 2},
	[DNS_TYPE_MX] = {.known = true, .compress = true, .head = 2, .names = 1},
	[DNS_TYPE_RP] = {.known = true, .names = 2},
	[DNS_TYPE_AFSDB] = {.known = true, .head = 2, .names = 1},
	[DNS_TYPE_RT] = {.known = true, .head = 2, .names = 1},
	[DNS_TYPE_SIG] = {.known = true, .head = 18, .names = 1, .tail = DNS_TAIL_ANY},
	[DNS_TYPE_PX] = {.known = true, .head = 2, .names = 2},
	[DNS_TYPE_AAAA] = {.known = true, .head = 16},
	[DNS_TYPE_NXT] = {.known = true, .names = 1, .tail = DNS_TAIL_ANY},
	[DNS_TYPE_SRV] = {.known = true, .head = 6, .names = 1},
	[DNS_TYPE_NAPTR] = {.known = true, .head = 4, .strings = 3, .names = 1},
	[DNS_TYPE_KX] = {.known = true, .head = 2, .names = 1},
	[DNS_TYPE_DNAME] = {.known = true, .names = 1},
};

static const struct dns_rdata_form ANY_BYTES;

const struct dns_rdata_form *dns_rdata_form(uint16_t type)
{
	return type < sizeof FORMS / sizeof *FORMS ? &FORMS[type] : &ANY_BYTES;
}

bool dns_rdata_read(struct rd *r, size_t n, struct slice message, uint16_t type, struct wr *to)
{
	const struct dns_rdata_form *form = dns_rdata_form(type);
	struct rd in = rd_of(rd_bytes(r, n));
	struct dns_name name;

	if (r->bad)
		return false;
	wr_slice(to, rd_bytes(&in, form->head));
	for (unsigned i = 0; i < form->strings; i++) {
		uint8_t length = rd_u8(&in);
		wr_u8(to, length);
		wr_slice(to, rd_bytes(&in, length));
	}
	for (unsigned i = 0; i < form->names; i++)
		if (dns_name_read(&in, message, &name))
			wr_slice(to, dns_name_slice(&name));
	if (!form->known || form->tail == DNS_TAIL_ANY)
		wr_slice(to, rd_bytes(&in, in.left));
	else
		wr_slice(to, rd_bytes(&in, form->tail));
	return rd_done(&in);
}

/* Skips a name that is not compressed. */
static void skip_name(struct rd *in)
{
	const uint8_t *start = in->p;
	uint8_t n = 1;

	while (n && !in->bad) {
		n = rd_u8(in);
		rd_bytes(in, n);
		if (n > DNS_LABEL_MAX || (size_t)(in->p - start) > DNS_NAME_MAX)
			rd_fail(in);
	}
}

bool dns_rdata_valid(uint16_t type, struct slice rdata)
{
	const struct dns_rdata_form *form = dns_rdata_form(type);
	struct rd in = rd_of(rdata);

	if (!form->known)
		return rdata.n <= DNS_RDATA_MAX;
	rd_bytes(&in, form->head);
	for (unsigned i = 0; i < form->strings; i++)
		rd_bytes(&in, rd_u8(&in));
	for (unsigned i = 0; i < form->names; i++)
		skip_name(&in);
	rd_bytes(&in, form->tail == DNS_TAIL_ANY ? in.left : form->tail);
	return rd_done(&in) && rdata.n <= DNS_RDATA_MAX;
}
