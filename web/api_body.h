/* The JSON body of a request to /api: an object whose members a route names. All of it is read
 * before anything is done: what is malformed, of another kind or there twice is an error that says
 * so. Members that a route does not know are passed over, as the network's own program does. */
#ifndef WEB_API_BODY_H
#define WEB_API_BODY_H

#include "http/call.h"

/* One member. `value` is its raw text, borrowed from the request; p is NULL when it is absent or
 * null. */
struct body_field {
	const char *name;
	struct slice value;
};

/* Fills the fields. Without a body, as with {}, all are absent. False, with an error of status 400
 * written, for anything but one object with each of these members once at most. */
bool body_read(struct http_call *c, struct body_field *fields, size_t n);

/* These return false with an error of status 400 written. An absent field leaves *to as it is, the
 * text empty. */

/* A text of fewer than `size` bytes without a zero byte. */
bool body_text(struct http_call *c, const struct body_field *f, char *to, size_t size);

/* The same for a field that must be there and not be empty. */
bool body_need(struct http_call *c, const struct body_field *f, char *to, size_t size);

/* A whole number from `least` to `most`. */
bool body_number(struct http_call *c, const struct body_field *f, uint64_t least, uint64_t most,
	uint64_t *to);
/* true or false. */
bool body_bool(struct http_call *c, const struct body_field *f, bool *to);

#endif
