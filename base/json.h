/* Looking things up in JSON texts of known shape, and a small writer. Nothing is allocated, nothing
 * recurses, every call is linear. What consensus must judge exactly (protocol.md 8.3) is read by
 * domain/jsontext.h. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/cursor.h"

/* ---- looking things up in a text of known shape (replay files, admin answers, import) ----
 * A value is its raw text. All of these only read. They fail where malformed text is in their way,
 * but do not judge what they pass over: brackets are counted, not matched by kind. */

/* The raw value of `key` of an object; where it stands twice, the first. */
bool json_find(struct slice object, const char *key, struct slice *value);

/* The next element of an array: start with *at = 0; false at the end or on malformed text. */
bool json_element(struct slice array, size_t *at, struct slice *value);

/* The next pair of an object; the key is raw text with its quotes. */
bool json_member(struct slice object, size_t *at, struct slice *key, struct slice *value);

/* Unescapes a string value into `to` (no NUL is added). */
bool json_get_text(struct slice value, uint8_t *to, size_t size, size_t *n);
bool json_get_u64(struct slice value, uint64_t *v);
bool json_get_i64(struct slice value, int64_t *v);
bool json_get_bool(struct slice value, bool *v);
bool json_is_null(struct slice value);

/* ---- writer: appends to a struct wr, commas are put by itself ---- */
struct json_wr {
	struct wr *w;
	bool comma; /* a value stands before in this object or array */
};
void json_open(
	struct json_wr *j, const char *key, char bracket); /* '{' or '['; key NULL in arrays */
void json_close(struct json_wr *j, char bracket);          /* '}' or ']' */
void json_str(struct json_wr *j, const char *key, const char *value);
void json_text(struct json_wr *j, const char *key,
	struct slice value); /* escaped; valid UTF-8 whatever the bytes are */
void json_hex(struct json_wr *j, const char *key, struct slice bytes); /* upper case */
void json_u64(struct json_wr *j, const char *key, uint64_t v);
void json_number(struct json_wr *j, const char *key, double v); /* finite */
void json_i64(struct json_wr *j, const char *key, int64_t v);
void json_bool(struct json_wr *j, const char *key, bool v);

/* What is JSON already: a value, and the inside of a string without its quotes. */
void json_raw(struct json_wr *j, const char *key, struct slice value);
void json_raw_text(struct json_wr *j, const char *key, struct slice inside);

#endif
