/* Role: words for people: types, rcodes, and the way of one question. Before: dns/stages.c and
 * dns/chase.c. After: api/ shows them. */
#include "dns/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"

static const struct {
	uint16_t type;
	const char *name;
} types[] = {{DNS_TYPE_A, "A"}, {DNS_TYPE_NS, "NS"}, {DNS_TYPE_CNAME, "CNAME"},
	{DNS_TYPE_SOA, "SOA"}, {DNS_TYPE_PTR, "PTR"}, {DNS_TYPE_HINFO, "HINFO"},
	{DNS_TYPE_MX, "MX"}, {DNS_TYPE_TXT, "TXT"}, {DNS_TYPE_AAAA, "AAAA"}, {DNS_TYPE_SRV, "SRV"},
	{DNS_TYPE_DNAME, "DNAME"}, {DNS_TYPE_DS, "DS"}, {DNS_TYPE_RRSIG, "RRSIG"},
	{DNS_TYPE_NSEC, "NSEC"}, {DNS_TYPE_DNSKEY, "DNSKEY"}, {DNS_TYPE_NSEC3, "NSEC3"},
	{DNS_TYPE_TLSA, "TLSA"}, {64, "SVCB"}, {DNS_TYPE_HTTPS, "HTTPS"}, {DNS_TYPE_ANY, "ANY"},
	{257, "CAA"}};

enum { TYPES = sizeof types / sizeof *types };

const char *dns_type_text(uint16_t type, char to[DNS_TYPE_TEXT_MAX])
{
	snprintf(to, DNS_TYPE_TEXT_MAX, "TYPE%u", type);
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].type == type)
			snprintf(to, DNS_TYPE_TEXT_MAX, "%s", types[i].name);
	return to;
}

static bool parse_number(const char *text, uint16_t *type)
{
	unsigned v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || v > 65535)
			return false;
		v = v * 10 + (unsigned)(*text - '0');
	}
	*type = (uint16_t)v;
	return v <= 65535;
}

bool dns_type_parse(struct slice text, uint16_t *type)
{
	char name[DNS_TYPE_TEXT_MAX];

	if (text.n >= sizeof name)
		return false;
	memcpy(name, text.p, text.n);
	name[text.n] = 0;
	for (size_t i = 0; i < TYPES; i++)
		if (strcasecmp(types[i].name, name) == 0) {
			*type = types[i].type;
			return true;
		}
	return parse_number(strncasecmp(name, "TYPE", 4) == 0 ? name + 4 : name, type);
}

const char *dns_rcode_text(uint16_t rcode, char to[DNS_TYPE_TEXT_MAX])
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

	if (rcode < sizeof names / sizeof *names)
		snprintf(to, DNS_TYPE_TEXT_MAX, "%s", names[rcode]);
	else if (rcode == DNS_RCODE_BADVERS)
		snprintf(to, DNS_TYPE_TEXT_MAX, "BADVERS");
	else
		snprintf(to, DNS_TYPE_TEXT_MAX, "RCODE%u", rcode);
	return to;
}

void dns_trace_line(struct dns_trace *t, const struct dns_query *q, const char *fmt, ...)
{
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	va_list args;

	if (!t)
		return;
	dns_name_text(&q->name, name);
	size_t room = sizeof t->text - t->n;
	int n = snprintf(t->text + t->n, room, "%s %s: ", name, dns_type_text(q->type, type));
	if (n > 0 && (size_t)n < room) {
		va_start(args, fmt);
		int m = vsnprintf(t->text + t->n + n, room - (size_t)n, fmt, args);
		va_end(args);
		if (m >= 0 && (size_t)(n + m) + 1 < room) {
			t->n += (size_t)(n + m);
			t->text[t->n++] = '\n';
		}
	}
	t->text[t->n] = 0;
}
