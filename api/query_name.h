/* A name as people write or paste it, as the network looks it up (protocol.md 8.6 … 8.8). Pure. */
#ifndef API_QUERY_NAME_H
#define API_QUERY_NAME_H

#include "base/slice.h"

enum { QUERY_NAME_MAX = 256 };

struct query_name {
	bool is_identity;          /* it was 64 hex digits: there is no name */
	uint8_t identity[32];      /* then, else of the name */
	char name[QUERY_NAME_MAX]; /* the domain: the last two labels, lower case */
	char sub[QUERY_NAME_MAX];  /* what stood before them, or "" */
};

/* Reads a name in any case, with a final dot, of a host below a domain, or out of an address such
 * as http://name/path. False when it is none: *why says so in a few words. */
bool query_name_read(const char *text, struct query_name *out, const char **why);

/* Why nobody can register this domain; NULL when somebody can. */
const char *query_name_refused(const struct query_name *n);

#endif
