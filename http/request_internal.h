/* What the parsers of a request share. For http/ alone. */
#ifndef HTTP_REQUEST_INTERNAL_H
#define HTTP_REQUEST_INTERNAL_H

#include "http/request.h"

/* Notes why the request is refused. Returns false, for the caller to return. */
bool http_refuse(struct http_request *q, int status, const char *error);

/* Copies a text of printable ASCII without blanks. False when it has other bytes or does not fit.
 */
bool http_copy_text(char *to, size_t size, struct slice text);

/* Reads "GET /path?query HTTP/1.1" into q. False with status and error. */
bool http_request_line(struct slice line, struct http_request *q);

/* Takes "Name: value" into q, or ignores it. False with status and error. */
bool http_request_header(struct slice line, struct http_request *q);

#endif
