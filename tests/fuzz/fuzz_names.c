/* Any text as a domain name, as one that a person pastes, as an address of domain data, of a peer,
 * of the command line, and as a configured peer: what is taken has one written form, which is taken
 * as the same. And as a line for the terminal. */
#include "api/query_name.h"
#include "base/utf8.h"
#include "base/width.h"
#include "config/validate.h"
#include "domain/domain.h"
#include "domain/names.h"
#include "p2p/configured_peer.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 1024 };

static void play_name(struct slice text)
{
	static uint8_t first[4 * LONGEST], second[4 * LONGEST];
	struct wr a = wr_of(first, sizeof first), b = wr_of(second, sizeof second);

	if (!utf8_valid(text))
		return;
	name_lower(text, &a);
	must(!a.bad && utf8_valid(wr_done(&a)));
	struct slice lower = wr_done(&a), zone = name_zone(lower);
	must(zone.n <= lower.n && (!zone.n || zone.p + zone.n == lower.p + lower.n));
	must(!memchr(zone.n ? zone.p : first, '.', zone.n));
	if (!name_is_valid(lower))
		return;
	for (size_t i = 0; i < lower.n; i++)
		must(lower.p[i] < 0x80);
	name_lower(lower, &b);
	must(slice_eq(wr_done(&b), lower));
	(void)zone_is_known(zone);
}

static void play_dnsaddr(struct slice text)
{
	uint8_t ip[16], again[16];
	char to[DNSADDR_TEXT_MAX];
	size_t n;

	if (dnsaddr_parse4(text, ip)) {
		n = dnsaddr_text4(ip, to);
		must(n == text.n && memcmp(to, text.p, n) == 0);
	}
	if (dnsaddr_parse6(text, ip)) {
		n = dnsaddr_text6(ip, to);
		must(n < sizeof to && dnsaddr_parse6(slice_of(to, n), again));
		must(memcmp(ip, again, sizeof ip) == 0);
	}
}

static void check_netaddr(const struct netaddr *a)
{
	struct netaddr b;
	struct sockaddr_storage ss;
	uint8_t host[16], group[NETGROUP_SIZE];
	char text[NETADDR_TEXT_MAX];

	must(netaddr_parse(slice_str(netaddr_text(a, text)), &b) && netaddr_eq(a, &b));
	must(netaddr_parse_loose(slice_str(text), 1, &b) && netaddr_eq(a, &b));
	must(netaddr_to_sockaddr(a, &ss) <= sizeof ss);
	must(netaddr_from_sockaddr((struct sockaddr *)&ss, &b) && netaddr_eq(a, &b));
	netaddr_host(a, host);
	netaddr_group(a, group);
	must(!(netaddr_is_routable(a) && (netaddr_is_loopback(a) || a->port == 0)));
}

/* A port is written in one way only. */
static void check_port(struct slice text, uint16_t port)
{
	char end[8];
	size_t n = (size_t)snprintf(end, sizeof end, ":%u", port);

	must(text.n > n && memcmp(text.p + text.n - n, end, n) == 0);
}

static void play_netaddr(struct slice text)
{
	struct netaddr a = {.port = 0}, b = {.port = 0};

	if (netaddr_parse(text, &a)) {
		check_netaddr(&a);
		check_port(text, a.port);
		must(netaddr_parse_loose(text, ALFIS_PORT, &b) && netaddr_eq(&a, &b));
	}
	if (netaddr_parse_loose(text, ALFIS_PORT, &b))
		check_netaddr(&b);
}

/* What the settings and a command take, the dialer takes, and as the same peer. */
static void play_settings(const char *text)
{
	struct configured_peer given = {.next = NULL}, completed = {.next = NULL};
	char peer[CONFIG_TEXT_MAX];

	if (strlen(text) >= sizeof peer)
		return;
	strcpy(peer, text);
	if (configured_peer_plausible(text))
		must(configured_peer_parse(&given, text));
	if (validate_peer(peer))
		return;
	must(configured_peer_parse(&given, text) && configured_peer_parse(&completed, peer));
	must(configured_peer_same(&given, &completed));
}

static void play_configured_peer(const char *text)
{
	struct configured_peer t = {.next = NULL}, again = {.next = NULL};
	char written[CONFIGURED_PEER_TEXT_MAX + 16];

	if (!configured_peer_parse(&t, text))
		return;
	must(strcmp(t.text, text) == 0 && t.host[0] && t.port);
	snprintf(
		written, sizeof written, strchr(t.host, ':') ? "[%s]:%u" : "%s:%u", t.host, t.port);
	if (strlen(written) < CONFIGURED_PEER_TEXT_MAX)
		must(configured_peer_parse(&again, written) && configured_peer_same(&t, &again));
}

/* A name that was found in any text is found in itself. */
static void play_asked(const char *text)
{
	struct query_name n, again;
	const char *why = NULL;
	char whole[2 * QUERY_NAME_MAX];

	if (!query_name_read(text, &n, &why)) {
		must(why);
		return;
	}
	if (n.is_identity)
		return;
	must(n.name[0] && n.name[0] != '.' && utf8_valid(slice_str(n.name)));
	must(query_name_read(n.name, &again, &why) && !again.sub[0]);
	must(again.is_identity || strcmp(again.name, n.name) == 0);
	must(again.is_identity || memcmp(again.identity, n.identity, sizeof n.identity) == 0);
	if (!query_name_refused(&n))
		must(name_is_valid(slice_str(n.name)) && strchr(n.name, '.'));
	snprintf(whole, sizeof whole, "%s%s%s", n.sub, n.sub[0] ? "." : "", n.name);
	must(query_name_read(whole, &again, &why));
	must(strcmp(again.sub, n.sub) == 0 && strcmp(again.name, n.name) == 0);
}

/* Cut anywhere, a text is not wider than it may be, and what is left is whole characters. */
static void play_width(const char *text)
{
	size_t width = width_of(text), size = strlen(text);
	int columns;

	must(width <= size);
	must(width_cut(text, width) == size);
	for (size_t at = 0, n; at < size; at += n) {
		n = width_next(text + at, size - at, &columns);
		must(n > 0 && at + n <= size && columns >= -1 && columns <= 2);
	}
	for (size_t most = 0; most < width && most < 64; most++) {
		size_t n = width_cut(text, most);
		char *part = (char *)own_copy(text, n + 1);
		part[n] = 0;
		must(width_of(part) <= most);
		mem_free(part);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > LONGEST)
		return 0;
	uint8_t *own = own_copy(data, size), *text = mem_alloc(size + 1);
	play_name(slice_of(own, size));
	play_dnsaddr(slice_of(own, size));
	play_netaddr(slice_of(own, size));
	memcpy(text, own, size);
	play_configured_peer((char *)text);
	play_settings((char *)text);
	play_asked((char *)text);
	play_width((char *)text);
	mem_free(own);
	mem_free(text);
	must(mem_blocks() == 0);
	return 0;
}
