/* Role: records how a dial ended, in the address book and in the configured peer.
 * Before: p2p/p2p_book.c reports the end. After: p2p/dialer.c dials the next. */
#include "p2p/dialer_internal.h"

struct configured_peer *dialer_busy_with(struct dialer *d, const struct netaddr *a)
{
	struct configured_peer *cp = d->configured;

	while (cp && !(cp->state == CONFIGURED_PEER_BUSY && netaddr_eq(&cp->dialled, a)))
		cp = cp->next;
	return cp;
}

void dialer_ready(struct dialer *d, const struct netaddr *a)
{
	struct configured_peer *cp = dialer_busy_with(d, a);

	addrbook_connected(d->s.book, a);
	if (cp)
		configured_peer_ready(cp);
	dialer_wake(d);
}

static void note_end(struct dialer *d, const struct netaddr *a, enum dial_end end)
{
	switch (end) {
	case DIAL_FAILED:
		addrbook_failed(d->s.book, a, dialer_online(d));
		break;
	case DIAL_DROPPED:
		addrbook_failed(d->s.book, a, !dialer_alone(d));
		break;
	case DIAL_CLOSED:
		addrbook_closed(d->s.book, a);
		break;
	case DIAL_SHUT:
		if (dialer_alone(d))
			addrbook_failed(d->s.book, a, false);
		else
			addrbook_refused(d->s.book, a);
		break;
	case DIAL_REFUSED:
	case DIAL_FAULT:
		addrbook_refused(d->s.book, a);
		break;
	case DIAL_SELF:
		addrbook_remove(d->s.book, a);
		break;
	}
}

void dialer_ended(struct dialer *d, const struct netaddr *a, enum dial_end end)
{
	struct configured_peer *cp = dialer_busy_with(d, a);

	if (d->stopping)
		return;
	note_end(d, a, end);
	if (cp)
		configured_peer_ended(cp, dialer_now(d),
			&(struct dial_ending){end, dialer_alone(d), d->s.exchange->allow_local},
			d->s.book->rng);
	dialer_wake(d);
}

void dialer_note(struct dialer *d, const struct netaddr *a, const char *why)
{
	struct configured_peer *cp = dialer_busy_with(d, a);

	if (cp)
		configured_peer_failed(cp, why);
}
