/* The list of own names as the node gives it later (api/names.c), read back from its JSON. */
#ifndef WEB_OWN_NAMES_H
#define WEB_OWN_NAMES_H

#include "web/own.h"

enum { OWN_NAMES_SHOWN = 400, OWN_NAME_BYTES = 256 };

struct own_name {
	struct slice json; /* points into the answer */
	int64_t expires;   /* seconds */
	enum domain_state state;
	char name[OWN_NAME_BYTES];   /* "" = it is not known: */
	char reason[OWN_NAME_BYTES]; /* why, in English */
	char key[KEY_NAME_MAX + 1];
};

struct own_names {
	size_t count;
	uint64_t total; /* with those that are not in the list, because it was cut */
	struct own_name all[];
};

/* Asks for the list; the page's function is called again with it. Returns its status. */
int own_names_ask(struct page *p);

/* Reads what came, those that expire first in front. NULL when there is none: *why is then the line
 * of the node, in English, or "". The caller frees it with mem_free(). */
struct own_names *own_names_read(const struct page *p, char why[OWN_NAME_BYTES]);

/* Names of a locked key cannot be read: the commands that open the keys which have some among
 * these, behind this sentence; WEB_TEXTS = without one. */
void own_put_unlock_all(struct page *p, const struct own_names *names, enum web_text before);

/* A number or a text of one of them. */
uint64_t own_name_number(const struct own_name *n, const char *key);
int64_t own_name_time(const struct own_name *n, const char *key);
const char *own_name_text(const struct own_name *n, const char *key, char to[OWN_NAME_BYTES]);

#endif
