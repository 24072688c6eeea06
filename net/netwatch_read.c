/* Role: parses the kernel's messages about addresses and links (rtnetlink), with the same bounds
 * checks as for input from outside. Before and after: net/netwatch.c. */
#include <string.h>
#ifdef __linux__
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#endif

#include "net/netwatch.h"

#ifdef __linux__

/* The unread part of a message. */
struct rest {
	const uint8_t *p;
	size_t n;
};

static bool take(struct rest *r, void *to, size_t n, size_t whole)
{
	if (r->n < n || whole < n)
		return false;
	memcpy(to, r->p, n);
	size_t step = NLMSG_ALIGN(whole);
	step = step < r->n ? step : r->n;
	r->p += step;
	r->n -= step;
	return true;
}

/* Finds the first attribute of that type. False when there is none. */
static bool find_attribute(struct rest r, unsigned short type, struct rest *found)
{
	struct rtattr a;

	while (r.n >= sizeof a) {
		memcpy(&a, r.p, sizeof a);
		if (a.rta_len < sizeof a || a.rta_len > r.n)
			return false;
		*found = (struct rest){r.p + sizeof a, a.rta_len - sizeof a};
		if (a.rta_type == type)
			return true;
		size_t step = RTA_ALIGN((size_t)a.rta_len);
		step = step < r.n ? step : r.n;
		r.p += step;
		r.n -= step;
	}
	return false;
}

/* Is this an address that the machine had before, with a longer lifetime? Routers prolong an IPv6
 * address every few minutes, and DHCP an IPv4 one. The kernel reports that like a new address, but
 * the time of creation differs from the time of update. */
static bool is_renewed(struct rest attributes)
{
	struct ifa_cacheinfo info;
	struct rest found;

	if (!find_attribute(attributes, IFA_CACHEINFO, &found) || found.n < sizeof info)
		return false;
	memcpy(&info, found.p, sizeof info);
	return info.cstamp != info.tstamp;
}

static const char *address_news(unsigned type, struct rest body)
{
	struct ifaddrmsg m;

	if (!take(&body, &m, sizeof m, sizeof m) || m.ifa_scope >= RT_SCOPE_LINK)
		return NULL;
	if (type == RTM_DELADDR)
		return "an address of this machine is gone";
	if (m.ifa_flags & IFA_F_TENTATIVE || is_renewed(body))
		return NULL;
	return "this machine has a new address";
}

/* The index of the link in the table. An unknown link is added, in place of the oldest entry when
 * the table is full. */
static size_t place_of(struct netwatch_links *l, int index, bool *known)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->index[i] == index) {
			*known = true;
			return i;
		}
	size_t at = l->next;
	*known = false;
	l->next = (l->next + 1) % NETWATCH_LINKS_MAX;
	l->count += l->count < NETWATCH_LINKS_MAX;
	l->index[at] = index;
	return at;
}

static const char *link_news(struct netwatch_links *links, struct rest body)
{
	struct ifinfomsg m;
	struct rest master;
	bool known;

	if (!take(&body, &m, sizeof m, sizeof m) || find_attribute(body, IFLA_MASTER, &master))
		return NULL;
	bool running = (m.ifi_flags & IFF_RUNNING) != 0;
	size_t at = place_of(links, m.ifi_index, &known);
	bool came = known && running && !links->running[at];
	links->running[at] = running;
	return came ? "a network interface is up again" : NULL;
}

const char *netwatch_read(struct netwatch_links *links, const void *bytes, size_t n)
{
	struct rest all = {bytes, n};
	const char *news = NULL;
	struct nlmsghdr h;

	while (all.n >= sizeof h) {
		const char *said = NULL;
		memcpy(&h, all.p, sizeof h);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > all.n)
			break;
		struct rest body = {all.p + sizeof h, h.nlmsg_len - sizeof h};
		if (h.nlmsg_type == RTM_NEWADDR || h.nlmsg_type == RTM_DELADDR)
			said = address_news(h.nlmsg_type, body);
		else if (h.nlmsg_type == RTM_NEWLINK)
			said = link_news(links, body);
		news = said ? said : news;
		take(&all, &h, sizeof h, h.nlmsg_len);
	}
	return news;
}

#else

const char *netwatch_read(struct netwatch_links *links, const void *bytes, size_t n)
{
	(void)links, (void)bytes, (void)n;
	return NULL;
}

#endif
