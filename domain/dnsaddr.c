/* IP addresses in domain data: accepts what the reference node's parser accepts (protocol.md 8.3),
 * and writes its canonical text (8.5). inet_pton(3) accepts and inet_ntop(3) writes other forms, so
 * both are written here. Before: domain_record.c, domain_canon.c. After: nothing. */
#include <stdio.h>

#include "base/hex.h"
#include "domain/domain.h"

/* Consumes a decimal number 0 … 255 without leading zeros. */
static bool take_octet(struct rd *r, uint8_t *octet)
{
	unsigned v = 0, n = 0;

	for (; n < 4 && r->left && *r->p >= '0' && *r->p <= '9'; n++)
		v = v * 10 + (unsigned)(rd_u8(r) - '0');
	*octet = (uint8_t)v;
	return n == 1 || (n == 2 && v >= 10) || (n == 3 && v >= 100 && v <= 255);
}

static bool take_ipv4(struct rd *r, uint8_t ip[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0 && rd_u8(r) != '.')
			return false;
		if (!take_octet(r, &ip[i]))
			return false;
	}
	return !r->bad;
}

bool dnsaddr_parse4(struct slice text, uint8_t ip[4])
{
	struct rd r = rd_of(text);

	return take_ipv4(&r, ip) && rd_done(&r);
}

static bool take_group(struct rd *r, uint8_t group[2])
{
	unsigned v = 0, n = 0;

	for (; n < 4 && r->left && hex_digit(*r->p) >= 0; n++)
		v = v << 4 | (unsigned)hex_digit(rd_u8(r));
	group[0] = (uint8_t)(v >> 8);
	group[1] = (uint8_t)v;
	return n > 0;
}

static bool take_colon(struct rd *r)
{
	if (!r->left || *r->p != ':')
		return false;
	rd_bytes(r, 1);
	return true;
}

/* Consumes at most `most` groups of hex digits with colons between them; a dotted IPv4 address may
 * stand for the last two (*dotted is then true). Returns the number of groups; stops before what is
 * not a group. */
static int take_groups(struct rd *r, uint8_t *ip, int most, bool *dotted)
{
	int n = 0;

	*dotted = false;
	while (n < most) {
		struct rd at = *r;
		if (n > 0 && !take_colon(&at))
			break;
		struct rd four = at;
		if (most - n >= 2 && take_ipv4(&four, ip + 2 * n)) {
			*r = four;
			*dotted = true;
			return n + 2;
		}
		if (!take_group(&at, ip + 2 * n))
			break;
		*r = at;
		n++;
	}
	return n;
}

/* Eight groups; or a head, "::" for at least one group, and a tail. */
bool dnsaddr_parse6(struct slice text, uint8_t ip[16])
{
	struct rd r = rd_of(text);
	uint8_t tail[16] = {0};
	bool dotted;

	memset(ip, 0, 16);
	int head = take_groups(&r, ip, 8, &dotted);
	if (head == 8 || dotted)
		return head == 8 && rd_done(&r);
	memset(ip + 2 * head, 0, 16 - 2 * (size_t)head);
	if (!take_colon(&r) || !take_colon(&r))
		return false;
	int rest = take_groups(&r, tail, 7 - head, &dotted);
	memcpy(ip + 16 - 2 * rest, tail, 2 * (size_t)rest);
	return rd_done(&r);
}

size_t dnsaddr_text4(const uint8_t ip[4], char to[DNSADDR_TEXT_MAX])
{
	return (size_t)snprintf(to, DNSADDR_TEXT_MAX, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
}

/* Finds the longest run of zero groups, the first of equals; *count = 0 when none has two groups.
 */
static void longest_zeros(const unsigned group[8], int *from, int *count)
{
	*from = *count = 0;
	for (int i = 0, run = 0; i < 8; i++) {
		run = group[i] ? 0 : run + 1;
		if (run > *count) {
			*count = run;
			*from = i + 1 - run;
		}
	}
	if (*count < 2)
		*count = 0;
}

size_t dnsaddr_text6(const uint8_t ip[16], char to[DNSADDR_TEXT_MAX])
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	unsigned group[8];
	int from, count, n = 0;

	if (memcmp(ip, mapped, sizeof mapped) == 0)
		return (size_t)snprintf(
			to, DNSADDR_TEXT_MAX, "::ffff:%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
	for (int i = 0; i < 8; i++)
		group[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
	longest_zeros(group, &from, &count);
	for (int i = 0; i < 8; i++) {
		if (count && i == from) {
			n += snprintf(to + n, (size_t)(DNSADDR_TEXT_MAX - n), "::");
			i += count - 1;
			continue;
		}
		bool colon = i > 0 && !(count && i == from + count);
		n += snprintf(
			to + n, (size_t)(DNSADDR_TEXT_MAX - n), colon ? ":%x" : "%x", group[i]);
	}
	return (size_t)n;
}
