/* Role: commands of the operator (ban, unban, add or remove a peer), and the bytes of the lists
 * that are saved over restarts. Part of p2p/p2p.h.
 * Before: api/routes.c, node/persist.c. After: p2p/bans.c, p2p/dialer.c, p2p/addrbook.c. */
#include "base/log.h"
#include "p2p/p2p_internal.h"
#include "p2p/configured_peer.h"

/* Reads a host in the forms of netaddr_parse_loose(), or an IPv6 network as "address/64", the form
 * in which bans are listed. */
static bool parse_host(const char *text, struct netaddr *a)
{
	size_t n = strlen(text);

	if (n > 3 && strcmp(text + n - 3, "/64") == 0 && text[0] != '[') {
		struct slice net = slice_of(text, n - 3);
		return netaddr_parse_loose(net, 0, a) && !netaddr_is_ipv4(a);
	}
	return netaddr_parse_loose(slice_str(text), 0, a);
}

enum err p2p_ban(struct p2p *p, const char *text, uint64_t seconds)
{
	struct netaddr a;

	if (!parse_host(text, &a))
		return ERR_MALFORMED;
	p2p_ban_addr(p, &a, seconds, BAN_BY_HAND, "by hand");
	p2p_close_host(p, &a, CLOSE_BANNED);
	return ERR_OK;
}

enum err p2p_unban(struct p2p *p, const char *text)
{
	struct netaddr a;

	if (!parse_host(text, &a))
		return ERR_MALFORMED;
	if (!bans_remove(&p->bans, &a))
		return ERR_NOT_FOUND;
	p->kept_changes++;
	return ERR_OK;
}

enum err p2p_peer_add(struct p2p *p, const char *text)
{
	return configured_peer_plausible(text) ? dialer_add(p->dialer, text) : ERR_MALFORMED;
}

enum err p2p_peer_add_once(struct p2p *p, const char *text)
{
	return configured_peer_plausible(text) ? dialer_add_once(p->dialer, text) : ERR_MALFORMED;
}

/* Removes the peer from the configured ones and from the address book, and closes its
 * connections. */
enum err p2p_peer_remove(struct p2p *p, const char *text)
{
	struct netaddr a;
	bool connected = dialer_address(p->dialer, text, &a);
	enum err err = dialer_remove(p->dialer, text);

	if (!connected && !netaddr_parse_loose(slice_str(text), ALFIS_PORT, &a))
		return err;
	addrbook_remove(&p->book, &a);
	p->kept_changes++;
	for (struct conn *c = p->pool.all; c; c = c->next)
		if (conn_alive(c) && netaddr_eq(&c->addr, &a)) {
			conn_close(c, CLOSE_OPERATOR);
			err = ERR_OK;
		}
	return err;
}

/* ---- kept ---- */

uint64_t p2p_kept_changes(const struct p2p *p)
{
	return p->kept_changes;
}

void p2p_save_time(struct p2p *p, int64_t least, struct wr *w)
{
	p2p_follow_clock(p);
	kept_time_save(&p->kept_time, least, w);
}

bool p2p_load_time(struct p2p *p, int64_t least, struct slice bytes)
{
	return kept_time_load(&p->kept_time, least, bytes);
}

void p2p_save_book(struct p2p *p, struct wr *w)
{
	addrbook_save(&p->book, w);
}

void p2p_save_bans(struct p2p *p, struct wr *w)
{
	bans_save(&p->bans, w);
}

bool p2p_load_book(struct p2p *p, struct slice bytes)
{
	return addrbook_load(&p->book, bytes);
}

bool p2p_load_bans(struct p2p *p, struct slice bytes)
{
	return bans_load(&p->bans, bytes);
}

size_t p2p_book_bound(const struct p2p *p)
{
	size_t book = (size_t)p->limits->max_address_book.max * ADDRBOOK_ENTRY_BYTES;
	size_t bans = (size_t)p->limits->max_bans.max * BANS_ENTRY_BYTES;

	return (book > bans ? book : bans) + ADDRBOOK_HEAD_BYTES;
}
