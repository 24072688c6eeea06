/* Records as people read them, in presentation form (RFC 1035 section 5). Pure. */
#ifndef DNS_TEXT_H
#define DNS_TEXT_H

#include "dns/name.h"

/* One record of a message that is walked through. */
struct dns_text_record {
	struct dns_name name;
	uint16_t type, klass;
	uint32_t ttl;
	struct rd data; /* a cursor within the message, at its first byte of data */
	size_t size;    /* bytes of data */
};

/* Reads the record at *r, a cursor within `message`, and leaves *r behind it. False when there is
 * no whole one. */
bool dns_text_next(struct rd *r, struct slice message, struct dns_text_record *out);

/* Leaves *r behind the header and the questions of the message. False when they are not whole. */
bool dns_text_skip_questions(struct rd *r, struct slice message);

/* Writes the name with its final dot. */
void dns_text_name(const struct dns_name *n, struct wr *to);

/* Writes the data of a record; of a type that is not known, and data that is not of its type's
 * form, as "\# 4 0A000001" (RFC 3597). *to is bad when it does not fit. */
void dns_text_data(const struct dns_text_record *rec, struct slice message, struct wr *to);

#endif
