/* Reads the fields of a JSON body, for the CALLs of web/routes.def. Each function that finds a
 * fault writes the answer, {"error":"…"} of status 400, and returns false: the caller returns 400.
 */
#ifndef WEB_JSON_BODY_H
#define WEB_JSON_BODY_H

#include "http/call.h"

/* Sets *object to the body, which must be an object; borrowed until the call ends. Without a body
 * it is an empty one. */
bool json_body(struct http_call *c, struct slice *object);

/* Reads a text of fewer than `size` bytes, zero-terminated. What is absent or null is "", unless it
 * is `needed`. */
bool json_body_text(struct http_call *c, struct slice object, const char *key, bool needed,
	char *to, size_t size);

/* Reads a number from 0 to `most`, or true or false; *to keeps its value when the field is absent.
 */
bool json_body_number(
	struct http_call *c, struct slice object, const char *key, uint64_t most, uint64_t *to);
bool json_body_bool(struct http_call *c, struct slice object, const char *key, bool *to);

/* Sets *value to the object that is the value of this field, as it was written; borrowed. */
bool json_body_object(
	struct http_call *c, struct slice object, const char *key, struct slice *value);

#endif
