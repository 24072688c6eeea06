/* The page of peers and its forms. */
#ifndef WEB_PEERS_H
#define WEB_PEERS_H

#include "p2p/p2p.h"
#include "web/page.h"

enum peers_form { PEERS_NO_FORM, PEERS_ADD, PEERS_BAN, PEERS_OTHER };

/* What came of a form that was sent: it is shown again, with what is wrong beside its field. */
struct peers_said {
	enum peers_form form;
	const char *address, *seconds; /* as they were given */
	bool wrong_time;               /* the time is wrong, else the address */
	enum web_text why;
};

/* Writes the page with what a form came to; NULL = none was sent. Returns the HTTP status. */
int peers_page(struct page *p, const struct peers_said *said);

/* ---- peers_forms.c; each writes nothing for who may not own ---- */

/* Forms to add a peer and to ban a host, below their lists. */
void peers_put_add(struct page *p, const struct peers_said *said);
void peers_put_ban(struct page *p, const struct peers_said *said);

/* A cell with a button that does something to this address at once. `label` is the button's, with
 * the address behind it for who does not see the row. */
void peers_put_button(struct page *p, const char *path, const char *address, enum web_text label);

#endif
