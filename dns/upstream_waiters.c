/* Who waits for the answer of a question to other servers: lists of them, and what they are told.
 * Before: dns/upstream_table.c; its timers. After: dns/waiting.c, dns/upstream_https_host.c. */
#include "base/mem.h"
#include "dns/upstream_internal.h"

void dns_waiter_add(struct dns_waiter **list, struct dns_waiter *w, void *question)
{
	w->question = question;
	w->next = *list;
	w->place = list;
	if (w->next)
		w->next->place = &w->next;
	*list = w;
}

static void remove_waiter(struct dns_waiter *w)
{
	*w->place = w->next;
	if (w->next)
		w->next->place = w->place;
	w->next = NULL;
	w->place = NULL;
	w->question = NULL;
}

void dns_waiters_move(struct dns_waiter **from, struct dns_waiter **to, void *question)
{
	while (*from) {
		struct dns_waiter *w = *from;
		remove_waiter(w);
		dns_waiter_add(to, w, question);
	}
}

void dns_waiters_tell(struct dns_upstream *u, const struct dns_answer *a,
	const struct dns_name *name, const struct dns_name *last)
{
	/* one who is told may forget others of the same list, so it is read anew each time */
	while (u->telling) {
		struct dns_waiter *w = u->telling;
		remove_waiter(w);
		w->name = name;
		w->last = last;
		w->done(w, a);
	}
}

void dns_orphans_tell(struct dns_timer *timer)
{
	struct dns_upstream *u =
		(struct dns_upstream *)(void *)((char *)timer -
						offsetof(struct dns_upstream, tell_orphans));
	struct dns_name name;

	while (u->orphans) {
		struct dns_question *q = u->orphans;
		u->orphans = q->next;
		u->orphan_count--;
		dns_asked_name(&q->q, &name);
		dns_waiters_move(&q->waiters, &u->telling, u);
		dns_waiters_tell(u, NULL, &name, NULL);
		mem_free(q);
	}
}

static void tell_late(struct dns_question *q)
{
	struct dns_waiter *next;
	struct dns_name name;

	dns_asked_name(&q->q, &name);
	for (struct dns_waiter *w = q->waiters; w; w = next) {
		next = w->next;
		w->name = &name;
		if (w->late)
			w->late(w);
	}
}

/* Questions are in the order of age, so one timer does for all. */
void dns_late_tell(struct dns_timer *timer)
{
	struct dns_upstream *u =
		(struct dns_upstream *)(void *)((char *)timer -
						offsetof(struct dns_upstream, late));
	uint64_t now = clock_mono(u->clock);

	while (u->early && u->early->born_ms + DNS_LATE_MS <= now) {
		struct dns_question *q = u->early;
		u->early = q->newer;
		tell_late(q);
	}
	if (u->early)
		dns_timer_set(&u->timers, &u->late, u->early->born_ms + DNS_LATE_MS);
}

void dns_upstream_forget(struct dns_upstream *u, struct dns_waiter *w)
{
	(void)u;
	if (w->question)
		remove_waiter(w);
}
