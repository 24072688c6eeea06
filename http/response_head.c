/* Writes the status line and the headers of an answer. Before and after: http/http_reply.c, which
 * knows what to answer, and sends it. */
#include "http/request.h"

/* Every status that the program sends; a missing one would be shown as an internal error. */
static const struct {
	int status;
	const char *words;
} reasons[] = {
	{200, "OK"},
	{303, "See Other"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{411, "Length Required"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{431, "Request Header Fields Too Large"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

static const char *reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Internal Server Error";
}

/* The fixed headers forbid browsers to store the answer (unless the route says otherwise), to show
 * it inside another site's page (clickjacking), to guess another media type, and to tell other
 * sites our address. */
void http_head(struct wr *w, const struct http_answer *a)
{
	wr_format(w, "HTTP/1.%u %d %s\r\nContent-Type: %s\r\n", a->minor, a->status,
		reason(a->status), a->type);
	if (!a->endless)
		wr_format(w, "Content-Length: %zu\r\n", a->length);
	wr_format(w,
		"Cache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\nReferrer-Policy: same-origin\r\n",
		a->cache);
	wr_format(w, "Content-Security-Policy: %s\r\n%sConnection: %s\r\n\r\n", a->policy, a->more,
		a->keep ? "keep-alive" : "close");
}
