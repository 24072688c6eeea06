/* Converts a name as people type or paste it to what the network looks up (protocol.md 8.6 … 8.8).
 * Pure. */
#ifndef API_QUERY_NAME_H
#define API_QUERY_NAME_H

#include "base/slice.h"

enum { QUERY_NAME_MAX = 256 };

struct query_name {
	bool is_identity;     /* the text was an identity, 64 hex digits; the name is unknown */
	uint8_t identity[32]; /* that, or the identity of the name */
	char name[QUERY_NAME_MAX]; /* the domain: the last two labels in lower case */
	char sub[QUERY_NAME_MAX];  /* the labels before them, without the dot; or "" */
};

/* Reads a name: in any case, with or without a final dot, of a host below a domain, or inside a URL
 * such as http://name/path. False when the text is not a name: *why says so in a few words, static.
 */
bool query_name_read(const char *text, struct query_name *out, const char **why);

/* Why nobody can register this domain (protocol.md 8.2, 8.7), static; NULL when somebody can. */
const char *query_name_refused(const struct query_name *n);

#endif
