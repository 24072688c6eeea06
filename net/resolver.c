/* Role: resolves names with c-ares. Results are delivered in the next turn of the loop, so that
 * resolver_lookup() never calls its caller back. An answer that comes after the time-out is still
 * used: on a slow line the next look-up would be as late.
 * Before: p2p/dialer.c asks. After: net/resolver_channel.c, then p2p/dialer.c dials. */
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "net/resolver.h"
#include "net/resolver_channel.h"

enum {
	NAME_SIZE = 256, /* with the NUL; DNS names are shorter */
	/* c-ares tries four times and doubles the time with each try. With 2/15 of the time-out for
	 * the first, all four take 30/15: twice the time-out, which is how long an answer is
	 * accepted (on_deadline()). */
	FIRST_TRY = 2,
	FIRST_TRY_OF = 15,
	TRIES = 4,
};

struct lookup {
	struct resolver *r;
	struct lookup *next;
	struct event *deadline;
	uint64_t tag;
	uint16_t port;
	bool answered; /* c-ares has called back and is done with it */
	bool told;     /* the result or the time-out was delivered */
	bool over;     /* twice the time-out has passed: an answer is no longer accepted */
	const char *why;
	size_t count;
	struct netaddr found[RESOLVED_MAX];
	char host[NAME_SIZE];
};

struct resolver {
	struct event_base *base;
	struct bound *bound, *timeout;
	struct channel channel;
	bool stopping, moving; /* we end the channel, so c-ares calls back for open look-ups */
	bool failed;           /* a look-up failed: read the configured name servers again */
	struct event *deliver; /* pending when there are results to deliver */
	struct lookup *lookups;
	resolved_fn *done;
	void *ctx;
};

/* ---- results ---- */

static void add_address(struct lookup *l, const struct sockaddr *from)
{
	struct netaddr a;

	if (l->count == RESOLVED_MAX || !netaddr_from_sockaddr(from, &a))
		return;
	a.port = l->port;
	for (size_t i = 0; i < l->count; i++)
		if (netaddr_eq(&a, &l->found[i]))
			return;
	l->found[l->count++] = a;
}

static void set_answered(struct lookup *l, const char *why)
{
	l->answered = true;
	l->why = l->count ? "" : why;
	l->r->failed |= l->count == 0;
	if (!l->r->stopping)
		event_active(l->r->deliver, EV_TIMEOUT, 0);
}

static const char no_answer[] = "no answer in time";

/* The text of an error. c-ares reports SERVFAIL and REFUSED with a text that speaks of a server
 * that cannot be reached, so we use our own. */
static const char *text_of(int status)
{
	if (status == ARES_SUCCESS)
		return "it has no address";
	if (status == ARES_ECONNREFUSED)
		return "every name server refuses or fails";
	if (status == ARES_ETIMEOUT)
		return no_answer;
	return ares_strerror(status);
}

static void on_answer(void *ctx, int status, int timeouts, struct ares_addrinfo *all)
{
	struct lookup *l = ctx;

	(void)timeouts;
	for (const struct ares_addrinfo_node *n = all ? all->nodes : NULL; n; n = n->ai_next)
		add_address(l, n->ai_addr);
	ares_freeaddrinfo(all);
	if (l->count || !l->r->moving)
		set_answered(l, text_of(status));
}

static void free_lookup(struct lookup *l)
{
	if (l->deadline)
		event_free(l->deadline);
	mem_free(l);
}

static void tell(struct lookup *l)
{
	bool late = !l->answered;

	l->told = true;
	l->r->done(l->r->ctx, l->tag, l->found, l->count, late ? no_answer : l->why);
}

/* Removes all answered look-ups from the list first, because the callback may start new ones. */
static void on_deliver(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *r = ctx;
	struct lookup *ready = NULL, *l;

	(void)fd;
	(void)what;
	for (struct lookup **place = &r->lookups; *place;) {
		l = *place;
		if (!l->answered) {
			place = &l->next;
			continue;
		}
		*place = l->next;
		l->next = ready;
		ready = l;
	}
	while (ready) {
		l = ready;
		ready = l->next;
		bound_give(r->bound, 1);
		if (!l->told || l->count)
			tell(l);
		free_lookup(l);
	}
}

/* ---- time ---- */

static bool arm_deadline(struct lookup *l)
{
	uint64_t ms = l->r->timeout->max;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	return event_add(l->deadline, &tv) == 0;
}

static bool somebody_listens(const struct resolver *r)
{
	const struct lookup *l = r->lookups;

	while (l && l->over)
		l = l->next;
	return l != NULL;
}

/* Runs twice for a look-up. First: reports the time-out, but still accepts a late answer. Second:
 * stops accepting one. c-ares cannot cancel a single look-up, so all are cancelled when none is
 * wanted any more. */
static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct lookup *l = ctx;
	struct resolver *r = l->r;

	(void)fd;
	(void)what;
	if (l->answered)
		return;
	if (!l->told) {
		bound_hit(r->timeout);
		l->over = !arm_deadline(l);
		tell(l);
		return;
	}
	l->over = true;
	if (!somebody_listens(r))
		ares_cancel(r->channel.ares);
}

/* ---- questions ---- */

static void add_host_address(struct lookup *l, int family, const void *bytes)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (family == AF_INET) {
		memcpy(&four.sin_addr, bytes, sizeof four.sin_addr);
		add_address(l, (const struct sockaddr *)&four);
	} else {
		memcpy(&six.sin6_addr, bytes, sizeof six.sin6_addr);
		add_address(l, (const struct sockaddr *)&six);
	}
}

/* c-ares does not find a name with a final dot in /etc/hosts, where names have none. So such a name
 * is looked up there without the dot. */
static void look_in_hosts(struct lookup *l)
{
	static const int families[] = {AF_INET, AF_INET6};
	char bare[NAME_SIZE];
	size_t n = strlen(l->host);

	if (n < 2 || l->host[n - 1] != '.')
		return;
	memcpy(bare, l->host, n - 1);
	bare[n - 1] = 0;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct hostent *found = NULL;
		if (ares_gethostbyname_file(l->r->channel.ares, bare, families[i], &found) !=
			ARES_SUCCESS)
			continue;
		for (char **a = found->h_addr_list; *a; a++)
			add_host_address(l, found->h_addrtype, *a);
		ares_free_hostent(found);
	}
}

static void ask(struct lookup *l)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

	look_in_hosts(l);
	if (l->count)
		set_answered(l, "");
	else
		ares_getaddrinfo(l->r->channel.ares, l->host, NULL, &hints, on_answer, l);
}

/* ---- the name servers ---- */

static bool open_channel(struct resolver *r)
{
	return resolver_channel_open(
		&r->channel, r->timeout->max * FIRST_TRY / FIRST_TRY_OF, TRIES);
}

void resolver_ask_anew(struct resolver *r)
{
	r->moving = true;
	resolver_channel_close(&r->channel);
	r->moving = false;
	r->failed = !open_channel(r);
	for (struct lookup *l = r->lookups; l; l = l->next)
		if (!l->answered && !r->failed)
			ask(l);
		else if (!l->answered)
			set_answered(l, "out of memory");
	if (!r->failed)
		resolver_channel_arm(&r->channel);
}

/* c-ares reads the name servers only when the channel is opened. They change when a laptop moves,
 * and a router learns its own only some time after its start, so the channel is opened again when
 * the file changed or look-ups failed. */
static bool refresh_channel(struct resolver *r)
{
	if (resolver_channel_is_stale(&r->channel) || (r->failed && !r->lookups))
		resolver_ask_anew(r);
	return r->channel.open;
}

/* ---- life ---- */

struct resolver *resolver_start(struct event_base *base, struct bound *lookups,
	struct bound *timeout, const char *servers, resolved_fn *done, void *ctx)
{
	struct resolver *r;

	if (ares_library_init_mem(ARES_LIB_INIT_ALL, mem_alloc, mem_free, mem_realloc) !=
		ARES_SUCCESS)
		return NULL;
	r = mem_alloc(sizeof *r);
	if (!r) {
		ares_library_cleanup();
		return NULL;
	}
	*r = (struct resolver){
		.base = base, .bound = lookups, .timeout = timeout, .done = done, .ctx = ctx};
	r->deliver = event_new(base, -1, 0, on_deliver, r);
	if (r->deliver && resolver_channel_init(&r->channel, base, servers) && open_channel(r))
		return r;
	resolver_free(r);
	return NULL;
}

static struct lookup *new_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	struct lookup *l = mem_alloc(sizeof *l);

	if (!l)
		return NULL;
	*l = (struct lookup){.r = r, .tag = tag, .port = port};
	if (strlen(host) < sizeof l->host) /* a longer name stays "", which c-ares refuses */
		memcpy(l->host, host, strlen(host) + 1);
	l->deadline = event_new(r->base, -1, 0, on_deadline, l);
	if (l->deadline && arm_deadline(l))
		return l;
	free_lookup(l);
	return NULL;
}

/* An earlier look-up of the same name that timed out and may still be answered; NULL = none. */
static struct lookup *late_one(
	const struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	struct lookup *l = r->lookups;

	while (l && !(l->told && !l->answered && l->tag == tag && l->port == port &&
			    strcmp(l->host, host) == 0))
		l = l->next;
	return l;
}

static bool begin_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	if (!bound_take(r->bound, 1))
		return false;
	struct lookup *l = new_lookup(r, host, port, tag);
	if (!l) {
		bound_give(r->bound, 1);
		return false;
	}
	l->next = r->lookups;
	r->lookups = l;
	ask(l);
	resolver_channel_arm(&r->channel);
	return true;
}

bool resolver_lookup(struct resolver *r, const char *host, uint16_t port, uint64_t tag)
{
	if (r->stopping || !refresh_channel(r))
		return false;
	struct lookup *late = late_one(r, host, port, tag);
	if (!late)
		return begin_lookup(r, host, port, tag);
	late->told = late->over = false;
	return arm_deadline(late);
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	r->stopping = true;
	resolver_channel_free(&r->channel);
	while (r->lookups) {
		struct lookup *l = r->lookups;
		r->lookups = l->next;
		bound_give(r->bound, 1);
		free_lookup(l);
	}
	if (r->deliver)
		event_free(r->deliver);
	mem_free(r);
	ares_library_cleanup();
}
