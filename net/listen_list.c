/* Role: finds out which sockets a list of addresses to listen on needs.
 * Before: net.listen was read. After: net/listener.c opens the sockets; config/loader_check.c
 * reports entries that need none. */
#include <string.h>

#include "net/listen_list.h"

static const uint8_t any_v4[16] = {[10] = 0xff, 0xff}, any_v6[16];

static bool is_v4(const struct listen_entry *e)
{
	return netaddr_is_ipv4(&e->addr);
}

static bool is_any_v4(const struct listen_entry *e)
{
	return memcmp(e->addr.ip, any_v4, sizeof any_v4) == 0;
}

static bool is_any_v6(const struct listen_entry *e)
{
	return memcmp(e->addr.ip, any_v6, sizeof any_v6) == 0;
}

static bool read_entry(const char *text, struct listen_entry *e)
{
	*e = (struct listen_entry){.text = text};
	e->is_address = netaddr_parse(slice_str(text), &e->addr);
	return e->is_address;
}

/* With port 0 the kernel chooses a different port for each socket, so two such entries never have
 * the same. */
static bool same_port(const struct listen_entry *a, const struct listen_entry *b)
{
	return a->addr.port == b->addr.port && a->addr.port != 0;
}

/* Is `a` the wildcard address of b's family, at the same port, and `b` not itself a wildcard? */
static bool contains(const struct listen_entry *a, const struct listen_entry *b)
{
	return same_port(a, b) &&
	       (is_v4(b) ? is_any_v4(a) && !is_any_v4(b) : is_any_v6(a) && !is_any_v6(b));
}

static void judge(struct listen_entry *plan, size_t count, size_t i)
{
	struct listen_entry *e = &plan[i];

	for (size_t j = 0; j < count && e->use == LISTEN_USED; j++) {
		bool same =
			j < i && same_port(&plan[j], e) && netaddr_same_ip(&plan[j].addr, &e->addr);
		if (!same && !contains(&plan[j], e))
			continue;
		e->use = same ? LISTEN_REPEATED : LISTEN_INSIDE;
		e->because = j;
	}
	for (size_t j = 0; j < count && is_any_v6(e); j++)
		e->v6_only = e->v6_only || (same_port(&plan[j], e) && is_v4(&plan[j]));
}

void listen_list_plan(const char *const *texts, size_t count, struct listen_entry *plan)
{
	for (size_t i = 0; i < count; i++)
		(void)read_entry(texts[i], &plan[i]);
	for (size_t i = 0; i < count; i++)
		judge(plan, count, i);
}

int listen_list_meets(const struct listen_entry *plan, size_t count, const char *text)
{
	struct listen_entry e;

	if (!read_entry(text, &e))
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool both = is_any_v6(&plan[i]) && !plan[i].v6_only && is_v4(&e);
		bool same = same_port(&plan[i], &e) && netaddr_same_ip(&plan[i].addr, &e.addr);
		if (same || contains(&plan[i], &e) || contains(&e, &plan[i]) ||
			(both && same_port(&plan[i], &e)))
			return (int)i;
	}
	return -1;
}
