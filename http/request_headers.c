/* What each header of a request means, and which are refused (docs/http.md). Before: http/request.c
 * has a line of the head. After: http/access.c, request_cookie.c and the answers read what is kept.
 */
#include "http/request_internal.h"

#include <string.h>
#include <strings.h>

/* Digits of a Content-Length beyond this number are not added up, so that it cannot overflow. It is
 * more than any value of limits.http_body_bytes. */
enum { LENGTH_MOST = 1 << 30 };

/* True when the value is this word, in any case. */
static bool says(struct slice value, const char *word)
{
	size_t n = strlen(word);

	return value.n == n && strncasecmp((const char *)value.p, word, n) == 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Without the blanks at both ends. */
static struct slice trim(struct slice text)
{
	while (text.n && is_blank(text.p[0]))
		text = slice_of(text.p + 1, text.n - 1);
	while (text.n && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

/* The next word of a list such as "keep-alive, Upgrade", without the blanks around it. */
static struct slice next_word(struct rd *r)
{
	const uint8_t *comma = memchr(r->p, ',', r->left);
	struct slice word = trim(rd_bytes(r, comma ? (size_t)(comma - r->p) : r->left));

	if (comma)
		rd_bytes(r, 1);
	return word;
}

static bool take_host(struct http_request *q, struct slice value)
{
	if (q->has_host || !http_copy_text(q->host, sizeof q->host, value))
		return http_refuse(q, 400, "the Host header is malformed, or there are two");
	q->has_host = true;
	return true;
}

/* Browsers send Origin with requests of a page's scripts and forms. http_access_judge() decides
 * whose page may ask. */
static bool take_origin(struct http_request *q, struct slice value)
{
	if (q->origin || !http_copy_text(q->origin_text, sizeof q->origin_text, value))
		q->origin_text[0] = 0;
	q->origin = true;
	return true;
}

/* The nearest proxy's word comes last, and counts. */
static bool take_forwarded_proto(struct http_request *q, struct slice value)
{
	struct rd r = rd_of(value);

	while (r.left)
		q->forwarded_https = says(next_word(&r), "https");
	return true;
}

static bool take_forwarded_for(struct http_request *q, struct slice value)
{
	struct rd r = rd_of(value);

	while (r.left)
		if (!http_copy_text(q->forwarded_for, sizeof q->forwarded_for, next_word(&r)))
			q->forwarded_for[0] = 0;
	return true;
}

/* Sec-Fetch-Site: the relation of the page that sent the request to us. "none" means that the user
 * typed the address or opened a bookmark. */
static bool take_site(struct http_request *q, struct slice value)
{
	q->has_site = true;
	if (!says(value, "same-origin") && !says(value, "none"))
		q->other_site = true;
	return true;
}

/* Sec-Fetch-Dest: "document" when the browser opens the answer in its window, as when the user
 * follows a link. The page with the link cannot read the answer then. */
static bool take_dest(struct http_request *q, struct slice value)
{
	q->navigates = says(value, "document");
	return true;
}

static bool take_length(struct http_request *q, struct slice value)
{
	if (q->has_length || !value.n)
		return http_refuse(
			q, 400, "the Content-Length header is malformed, or there are two");
	q->has_length = true;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return http_refuse(q, 400, "the Content-Length is no number");
		if (q->length <= LENGTH_MOST)
			q->length = q->length * 10 + (uint64_t)(value.p[i] - '0');
	}
	return true;
}

static bool take_encoding(struct http_request *q, struct slice value)
{
	(void)value;
	return http_refuse(q, 411, "a body needs a Content-Length, Transfer-Encoding is not taken");
}

/* The media type, without parameters such as "; charset=utf-8". */
static bool take_type(struct http_request *q, struct slice value)
{
	const uint8_t *end = value.n ? memchr(value.p, ';', value.n) : NULL;

	if (end)
		value.n = (size_t)(end - value.p);
	while (value.n && value.p[value.n - 1] == ' ')
		value.n--;
	q->has_type = true;
	q->json = says(value, "application/json");
	q->other_body = !q->json && !says(value, "application/x-www-form-urlencoded");
	return true;
}

static bool take_expect(struct http_request *q, struct slice value)
{
	if (!says(value, "100-continue"))
		return http_refuse(q, 417, "nothing but 100-continue can be expected");
	q->expects = q->minor > 0; /* HTTP/1.0 does not know "100 Continue" */
	return true;
}

/* Reads a header such as "Basic dXNlcjp0b2tlbg==". Malformed credentials are not an error here:
 * they count as a wrong token, which gets the answer that asks for one. */
static bool take_authorization(struct http_request *q, struct slice value)
{
	const uint8_t *space = value.n ? memchr(value.p, ' ', value.n) : NULL;

	if (q->auth != AUTH_NONE)
		return http_refuse(q, 400, "there are two Authorization headers");
	q->auth = AUTH_OTHER;
	if (!space)
		return true;
	struct slice scheme = slice_of(value.p, (size_t)(space - value.p));
	struct slice rest = slice_of(space + 1, value.n - scheme.n - 1);
	while (rest.n && rest.p[0] == ' ')
		rest = slice_of(rest.p + 1, rest.n - 1);
	if (!http_copy_text(q->credentials, sizeof q->credentials, rest))
		q->credentials[0] = 0;
	else if (says(scheme, "Bearer"))
		q->auth = AUTH_BEARER;
	else if (says(scheme, "Basic"))
		q->auth = AUTH_BASIC;
	return true;
}

/* Keeps the header's text for http_cookie(). It is not judged here: a browser sends us also the
 * cookies that other programs on the same host have set, whatever they look like. */
static bool take_cookie(struct http_request *q, struct slice value)
{
	if (q->has_cookie)
		return http_refuse(q, 400, "there are two Cookie headers");
	q->has_cookie = true;
	if (value.n >= sizeof q->cookie)
		http_refuse(q, 431, "the Cookie header is too long"); /* at the end of the head */
	else if (value.n)
		memcpy(q->cookie, value.p, value.n);
	return true;
}

/* Keeps the beginning of the list: what a person wants most stands first. */
static bool take_languages(struct http_request *q, struct slice value)
{
	if (value.n >= sizeof q->languages)
		value.n = sizeof q->languages - 1;
	if (value.n)
		memcpy(q->languages, value.p, value.n);
	q->languages[value.n] = 0;
	return true;
}

/* Keeps a value that fits; another one counts as none. */
static void take_whole(char *to, size_t size, struct slice value)
{
	if (!http_copy_text(to, size, value))
		to[0] = 0;
}

/* One entity tag, as we gave it. A list, or a longer one, is none of ours and counts as absent. */
static bool take_known(struct http_request *q, struct slice value)
{
	take_whole(q->known, sizeof q->known, value);
	return true;
}

static bool take_token(struct http_request *q, struct slice value)
{
	take_whole(q->token, sizeof q->token, value);
	return true;
}

static bool take_prefix(struct http_request *q, struct slice value)
{
	take_whole(q->prefix, sizeof q->prefix, value);
	return true;
}

/* Accept-Encoding: "gzip, deflate, br". A client that names gzip with the weight 0 does not take
 * it; that is the only weight that matters here. */
static bool take_codings(struct http_request *q, struct slice value)
{
	struct rd r = rd_of(value);

	while (r.left) {
		struct slice word = next_word(&r);
		bool named = word.n >= 4 && says(slice_of(word.p, 4), "gzip");
		if (named && !(word.n > 4 &&
				     slice_eq(slice_of(word.p + 4, word.n - 4), slice_str(";q=0"))))
			q->gzip = word.n == 4 || word.p[4] == ';';
	}
	return true;
}

/* Reads a list of words such as "keep-alive, Upgrade". */
static bool take_connection(struct http_request *q, struct slice value)
{
	struct rd r = rd_of(value);

	while (r.left) {
		struct slice word = next_word(&r);
		q->says_close |= says(word, "close");
		q->says_keep |= says(word, "keep-alive");
	}
	return true;
}

/* Is this among the media types, each of which may have a weight (";q=0.5")? */
static bool names_type(struct slice value, const char *wanted)
{
	const size_t n = strlen(wanted);
	bool found = false;

	for (size_t i = 0; !found && i + n <= value.n; i++)
		found = strncasecmp((const char *)value.p + i, wanted, n) == 0;
	return found;
}

/* The header may come several times: one that has the type suffices. */
static bool take_accept(struct http_request *q, struct slice value)
{
	bool found = names_type(value, "text/event-stream");

	q->html |= names_type(value, "text/html");
	q->other_accept = !found && (!q->has_accept || q->other_accept);
	q->has_accept = true;
	return true;
}

/* The headers that mean something to us; all others are ignored. */
static const struct header {
	const char *name;
	bool (*take)(struct http_request *q, struct slice value);
} headers[] = {
	{"Host", take_host},
	{"Origin", take_origin},
	{"Accept", take_accept},
	{"Accept-Language", take_languages},
	{"X-Forwarded-Prefix", take_prefix},
	{"Accept-Encoding", take_codings},
	{"If-None-Match", take_known},
	{"Sec-Fetch-Site", take_site},
	{"Sec-Fetch-Dest", take_dest},
	{"Authorization", take_authorization},
	{"Content-Length", take_length},
	{"Content-Type", take_type},
	{"Transfer-Encoding", take_encoding},
	{"Expect", take_expect},
	{"Cookie", take_cookie},
	{"X-Token", take_token},
	{"X-Forwarded-Proto", take_forwarded_proto},
	{"X-Forwarded-For", take_forwarded_for},
	{"Connection", take_connection},
};

/* True for a header name of letters, digits and certain signs. Blanks are refused: before the
 * colon, and at the beginning of a line that continues the one before (obsolete folding), programs
 * read them differently. */
static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7F ||
			strchr("\"(),/:;<=>?@[\\]{}", name.p[i]))
			return false;
	return name.n > 0;
}

/* Control characters, NUL among them, could end the value for another program. */
static bool has_control(struct slice value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7F)
			return true;
	return false;
}

bool http_request_header(struct slice line, struct http_request *q)
{
	const uint8_t *colon = memchr(line.p, ':', line.n);
	size_t n = colon ? (size_t)(colon - line.p) : 0;
	struct slice name = slice_of(line.p, n);

	if (!is_name(name) || has_control(line))
		return http_refuse(q, 400, "a header line is malformed");
	struct slice value = trim(slice_of(colon + 1, line.n - n - 1));
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (says(name, headers[i].name))
			return headers[i].take(q, value);
	return true;
}
