/* The way of one question, for `alfisd resolve --trace`: a line for each stage. Bounded; what does
 * not fit is left out. */
#ifndef DNS_TRACE_H
#define DNS_TRACE_H

#include "dns/message.h"

enum { DNS_TRACE_MAX = 4096 };

struct dns_trace {
	size_t n;
	char text[DNS_TRACE_MAX]; /* lines, with "\n" behind each; a NUL at the end */
};

/* Adds "name type: " and the formatted rest as one line. `t` NULL: nobody wants to know. */
void dns_trace_line(struct dns_trace *t, const struct dns_query *q, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The name of a type, or "TYPE257"; `to` has DNS_TYPE_TEXT_MAX bytes. Returns `to`. */
enum { DNS_TYPE_TEXT_MAX = 16 };
const char *dns_type_text(uint16_t type, char to[DNS_TYPE_TEXT_MAX]);

/* Reads such a name, in any case, or a number. False when it is none. */
bool dns_type_parse(struct slice text, uint16_t *type);

/* "NXDOMAIN" and so on; "RCODE23" for those without a name. Returns `to`. */
const char *dns_rcode_text(uint16_t rcode, char to[DNS_TYPE_TEXT_MAX]);

#endif
