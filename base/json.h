/* A pull reader for strict JSON (RFC 8259) over a borrowed text, and a small writer. The reader
 * allocates nothing and does not recurse; callers that must know nesting count it themselves.
 * It is exact where consensus needs it (protocol.md 8.3). */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/cursor.h"

/* Filled in by the implementer of base/json.c: reader. */

/* ---- writer: appends to a struct wr, commas are put by itself ---- */
struct json_wr {
	struct wr *w;
	bool comma; /* a value stands before in this object or array */
};
void json_open(
	struct json_wr *j, const char *key, char bracket); /* '{' or '['; key NULL in arrays */
void json_close(struct json_wr *j, char bracket);	   /* '}' or ']' */
void json_str(struct json_wr *j, const char *key, const char *value);
void json_text(struct json_wr *j, const char *key, struct slice value); /* escaped */
void json_hex(struct json_wr *j, const char *key, struct slice bytes);	/* upper case */
void json_u64(struct json_wr *j, const char *key, uint64_t v);
void json_i64(struct json_wr *j, const char *key, int64_t v);
void json_bool(struct json_wr *j, const char *key, bool v);

#endif
