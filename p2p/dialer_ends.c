/* Role: what became of a dial, for the address book and for the configured peer.
 * Before: p2p/p2p_book.c tells. After: p2p/dialer.c dials the next. */
#include "p2p/dialer_internal.h"

struct target *dialer_busy_with(struct dialer *d, const struct netaddr *a)
{
	struct target *t = d->targets;

	while (t && !(t->state == TARGET_BUSY && netaddr_eq(&t->dialled, a)))
		t = t->next;
	return t;
}

void dialer_ready(struct dialer *d, const struct netaddr *a)
{
	struct target *t = dialer_busy_with(d, a);

	book_connected(d->s.book, a);
	if (t)
		target_ready(t);
	dialer_wake(d);
}

static void note_end(struct dialer *d, const struct netaddr *a, enum dial_end end)
{
	switch (end) {
	case DIAL_FAILED:
		book_failed(d->s.book, a, dialer_online(d));
		break;
	case DIAL_DROPPED:
		book_failed(d->s.book, a, !dialer_alone(d));
		break;
	case DIAL_CLOSED:
		book_closed(d->s.book, a);
		break;
	case DIAL_SHUT:
		if (dialer_alone(d))
			book_failed(d->s.book, a, false);
		else
			book_refused(d->s.book, a);
		break;
	case DIAL_REFUSED:
	case DIAL_FAULT:
		book_refused(d->s.book, a);
		break;
	case DIAL_SELF:
		book_remove(d->s.book, a);
		break;
	}
}

void dialer_ended(struct dialer *d, const struct netaddr *a, enum dial_end end)
{
	struct target *t = dialer_busy_with(d, a);

	if (d->stopping)
		return;
	note_end(d, a, end);
	if (t)
		target_ended(t, dialer_now(d),
			&(struct dial_ending){end, dialer_alone(d), d->s.exchange->allow_local},
			d->s.book->rng);
	dialer_wake(d);
}

void dialer_note(struct dialer *d, const struct netaddr *a, const char *why)
{
	struct target *t = dialer_busy_with(d, a);

	if (t)
		target_failed(t, why);
}
