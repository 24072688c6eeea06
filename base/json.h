/* Finds values in JSON texts whose structure is known, and writes JSON. Nothing is allocated,
 * nothing recurses, every call takes linear time. Where consensus needs exact acceptance
 * (protocol.md 8.3) use domain/jsontext.h. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/cursor.h"

/* ---- finding values (in replay files, answers of the node, import files) ----
 * A value is its raw text, borrowed from the input. These functions fail where malformed text is in
 * their way, but do not check what they skip: brackets are counted, not matched by kind. */

/* Finds the value of `key` in an object; the first one if it is repeated. `key` is compared with
 * the raw text. */
bool json_find(struct slice object, const char *key, struct slice *value);

/* Iterates over an array: start with *at = 0. False at the end or at malformed text. */
bool json_element(struct slice array, size_t *at, struct slice *value);

/* Iterates over an object in the same way. The key is raw text with its quotes. */
bool json_member(struct slice object, size_t *at, struct slice *key, struct slice *value);

/* Unescape a string into `to` (no NUL is added; *n bytes), or convert another value. False when it
 * is of another type or does not fit. */
bool json_get_text(struct slice value, uint8_t *to, size_t size, size_t *n);
bool json_get_u64(struct slice value, uint64_t *v);
bool json_get_i64(struct slice value, int64_t *v);
bool json_get_bool(struct slice value, bool *v);
bool json_is_null(struct slice value);

/* ---- writer: appends to a struct wr and adds the commas. `key` is NULL inside arrays ---- */
struct json_wr {
	struct wr *w;
	bool comma; /* this object or array already has a value */
};
void json_open(struct json_wr *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_wr *j, char bracket);                 /* '}' or ']' */
void json_str(struct json_wr *j, const char *key, const char *value);
void json_text(struct json_wr *j, const char *key,
	struct slice value); /* any bytes: escaped, and what is not UTF-8 replaced */
void json_hex(struct json_wr *j, const char *key, struct slice bytes); /* upper case */
void json_u64(struct json_wr *j, const char *key, uint64_t v);
void json_number(struct json_wr *j, const char *key, double v); /* must be finite */
void json_i64(struct json_wr *j, const char *key, int64_t v);
void json_bool(struct json_wr *j, const char *key, bool v);

/* Write what is JSON already: a whole value, and the inside of a string (without its quotes). */
void json_raw(struct json_wr *j, const char *key, struct slice value);
void json_raw_text(struct json_wr *j, const char *key, struct slice inside);

#endif
