/* Is a forwarder there? Notes that it answered or did not, and asks one that is down from time to
 * time. Before: dns/upstream_judge.c, dns/upstream_next.c. After: dns/forwarders.c; the transports.
 */
#include "dns/upstream_internal.h"
#include "dns/upstream_tcp_internal.h"

static const struct dns_asked probe_question = {.name = (const uint8_t *)"",
	.size = 1,
	.rd = true,
	.type = DNS_TYPE_NS,
	.klass = DNS_CLASS_IN};

void dns_target_stop_probing(struct dns_target *t)
{
	dns_timer_stop(&t->u->timers, &t->probe_timer);
	dns_exchange_cancel(&t->probe);
}

static void probe_later(struct dns_target *t)
{
	dns_timer_set(&t->u->timers, &t->probe_timer,
		clock_mono(t->u->clock) + dns_forwarder_probe_pause(&t->f));
}

/* Any answer shows that it is back, whatever it says. */
static void on_probe_over(
	struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why)
{
	struct dns_target *t =
		(struct dns_target *)(void *)((char *)x - offsetof(struct dns_target, probe));

	(void)message;
	if (how == DNS_REPLY_FAILED || how == DNS_REPLY_BAD)
		dns_forwarder_error(&t->f, why);
	else if (how == DNS_REPLY_ANSWER)
		dns_target_answered(t, dns_exchange_took(x, t->probe_ms, clock_mono(t->u->clock)));
}

void dns_target_probe(struct dns_timer *timer)
{
	struct dns_target *t =
		(struct dns_target *)(void *)((char *)timer -
					      offsetof(struct dns_target, probe_timer));

	dns_exchange_cancel(&t->probe);
	t->probe = (struct dns_exchange){.q = &probe_question, .over = on_probe_over};
	t->probe_ms = clock_mono(t->u->clock);
	if (t->first && t->first->send(t, &t->probe) == ERR_IO)
		dns_forwarder_error(&t->f, dns_target_why(t));
	probe_later(t);
}

static void tell_change(const struct dns_target *t)
{
	if (t->u->changed)
		t->u->changed(t->u->ctx);
}

void dns_target_answered(struct dns_target *t, uint64_t took_ms)
{
	if (!dns_forwarder_answered(&t->f, took_ms, clock_mono(t->u->clock)))
		return;
	dns_target_stop_probing(t);
	tell_change(t);
}

void dns_target_lost(struct dns_target *t, const char *why)
{
	if (!dns_forwarder_lost(&t->f, why, clock_mono(t->u->clock)))
		return;
	if (!t->removed)
		probe_later(t);
	tell_change(t);
}
