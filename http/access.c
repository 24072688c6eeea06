/* Decides whether a client may connect and whether its request may be answered (docs/security.md).
 * Before: http/server_tcp.c accepts, http/http_reply.c has a whole request. After: the request is
 * answered or refused. */
#include "http/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/addr.h"

enum { TOKEN_FILE_MAX = 1024, OTHERS_READ = S_IRGRP | S_IROTH };

/* ---- the token's file ---- */

/* Reads the beginning of a regular file; returns the number of bytes, or −1 with errno. Other kinds
 * of file are refused (EINVAL), because reading a pipe or a device could block the event loop. */
static ssize_t read_regular(const char *path, char *to, size_t size, mode_t *mode)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, to, size);
	else
		errno = EINVAL;
	int saved = errno;
	close(fd);
	errno = saved;
	*mode = st.st_mode;
	return n;
}

/* A token is one word of printable characters; line ends after it are dropped, since editors add
 * them. */
static bool take_token(struct http_access *a, const char *text, size_t n)
{
	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n < TOKEN_MIN || n > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	memcpy(a->token, text, n);
	return true;
}

/* Reads admin.token_file, a path relative to the data directory. A file longer than TOKEN_FILE_MAX
 * is too long for a token as well, so its rest need not be read. */
static bool load_token(struct http_access *a, const struct config *c, char why[ACCESS_WHY_MAX])
{
	char path[2 * CONFIG_TEXT_MAX + 2], text[TOKEN_FILE_MAX];
	bool absolute = c->admin_token_file[0] == '/';
	mode_t mode = 0;

	snprintf(path, sizeof path, "%s%s%s", absolute ? "" : c->data_dir, absolute ? "" : "/",
		c->admin_token_file);
	ssize_t n = read_regular(path, text, sizeof text, &mode);
	if (n < 0) {
		int error = errno;
		snprintf(why, ACCESS_WHY_MAX, "cannot read %.300s: %s", path,
			error == EINVAL ? "it is no regular file" : strerror(error));
		errno = error;
		return false;
	}
	a->exposed = mode & OTHERS_READ;
	if (take_token(a, text, (size_t)n))
		return true;
	snprintf(why, ACCESS_WHY_MAX,
		"%.300s is not one word of %d to %d printable characters; `openssl rand -hex 24` "
		"makes one",
		path, TOKEN_MIN, TOKEN_MAX);
	errno = EINVAL;
	return false;
}

bool http_access_load(struct http_access *a, const struct config *c, char why[ACCESS_WHY_MAX])
{
	*a = (struct http_access){.allow_count = 0};
	for (size_t i = 0; i < c->admin_allow.count; i++)
		if (cidr_parse(c->admin_allow.item[i], &a->allow[a->allow_count]))
			a->allow_count++;
	for (size_t i = 0; i < c->webui_trusted_proxies.count; i++)
		if (cidr_parse(c->webui_trusted_proxies.item[i], &a->proxies[a->proxy_count]))
			a->proxy_count++;
	snprintf(a->web_listen, sizeof a->web_listen, "%s", c->webui_listen);
	a->web_public = c->webui_public;
	return !c->admin_token_file[0] || load_token(a, c, why);
}

bool http_access_same(const struct http_access *a, const struct http_access *b)
{
	bool same = a->allow_count == b->allow_count && strcmp(a->token, b->token) == 0;

	for (size_t i = 0; same && i < a->allow_count; i++)
		same = a->allow[i].bits == b->allow[i].bits &&
		       memcmp(a->allow[i].ip, b->allow[i].ip, sizeof a->allow[i].ip) == 0;
	return same;
}

/* ---- connections ---- */

bool http_access_lets_in(const struct http_access *a, const struct sockaddr *from)
{
	struct netaddr addr;

	if (!netaddr_from_sockaddr(from, &addr))
		return false;
	if (!a->allow_count || netaddr_is_loopback(&addr))
		return true;
	for (size_t i = 0; i < a->allow_count; i++)
		if (cidr_has(&a->allow[i], addr.ip))
			return true;
	return false;
}

bool http_access_is_proxy(const struct http_access *a, const struct netaddr *from)
{
	for (size_t i = 0; i < a->proxy_count; i++)
		if (cidr_has(&a->proxies[i], from->ip))
			return true;
	return false;
}

/* ---- tokens ---- */

/* The value of a base64 digit, 0 … 63, or −1. */
static int digit64(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Base64 with or without its '=' at the end. False when it is malformed or too long. */
static bool decode64(const char *text, char *to, size_t size)
{
	unsigned bits = 0, count = 0;
	size_t n = 0;

	for (; *text && *text != '='; text++) {
		int v = digit64(*text);
		if (v < 0)
			return false;
		bits = (bits << 6 | (unsigned)v) & 0xFFFF;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (n + 1 >= size)
			return false;
		to[n++] = (char)(bits >> count & 0xFF);
	}
	to[n] = 0;
	return text[strspn(text, "=")] == 0;
}

/* Copies the token that the client sent, padded with zero bytes; nothing but zeros when it sent
 * none, or one that is too long. With Basic it is the password, whatever the user name. */
static void given_token(const struct http_request *q, char to[TOKEN_MAX + 1])
{
	char text[sizeof q->credentials];
	const char *token = "";

	if (q->auth == AUTH_BEARER) {
		token = q->credentials;
	} else if (q->auth == AUTH_BASIC && decode64(q->credentials, text, sizeof text)) {
		const char *colon = strchr(text, ':');
		token = colon ? colon + 1 : "";
	}
	memset(to, 0, TOKEN_MAX + 1);
	if (strlen(token) <= TOKEN_MAX)
		memcpy(to, token, strlen(token));
}

/* Both are padded, so that the time does not tell their lengths either. */
static bool has_token(const struct http_access *a, const struct http_request *q)
{
	char given[TOKEN_MAX + 1];

	given_token(q, given);
	return slice_eq_slowly(slice_of(given, sizeof given), slice_of(a->token, sizeof a->token));
}

/* ---- requests ---- */

/* True when a Host header names this machine: localhost or a loopback address, with or without a
 * port. */
static bool names_loopback(const char *host)
{
	struct netaddr a;

	if (strncmp(host, "localhost", 9) == 0 && (!host[9] || host[9] == ':'))
		return true;
	return netaddr_parse_loose(slice_str(host), 80, &a) && netaddr_is_loopback(&a);
}

/* True when Host names the machine as webui.listen does: by that address. */
static bool names_listener(const struct http_access *a, const char *host)
{
	struct netaddr named, at;

	return netaddr_parse(slice_str(a->web_listen), &at) &&
	       netaddr_parse_loose(slice_str(host), at.port, &named) &&
	       netaddr_same_ip(&named, &at);
}

/* True when Origin is a page of the host that the request asks: "https://HOST" or "http://HOST",
 * since a proxy in front of us may speak TLS. */
static bool is_our_origin(const struct http_request *q)
{
	const char *host = strstr(q->origin_text, "://");
	size_t scheme = host ? (size_t)(host - q->origin_text) : 0;
	bool web = (scheme == 4 && strncmp(q->origin_text, "http", 4) == 0) ||
		   (scheme == 5 && strncmp(q->origin_text, "https", 5) == 0);

	return web && strcasecmp(host + 3, q->host) == 0;
}

/* The owner's page has forms and scripts of its own, so that requests of its pages are taken; those
 * of other sites only when the browser opens the answer in its window, and nothing is changed. A
 * host name that is not known to be ours may be another site's that points to us (DNS rebinding);
 * where other machines ask we do not know what we are called, and the cookie is bound to the name.
 */
static int judge_web(const struct http_access *a, const struct http_request *q, const char **error)
{
	bool reads = strcmp(q->method, "GET") == 0 || http_is_head(q);

	if (!q->host[0] ||
		(!a->web_public && !names_loopback(q->host) && !names_listener(a, q->host)))
		*error = "by the name of this machine alone: ask at the address of webui.listen, "
			 "127.0.0.1 or localhost, or set webui.public";
	else if ((q->origin && !is_our_origin(q)) || q->from_page || (q->other_site && !reads))
		*error = "this is not for pages of other sites";
	return *error ? 403 : 200;
}

/* A page of another site can make its visitor's browser send requests to any address that the
 * visitor can reach. So requests that a browser marks as sent by such a page are refused. A page
 * may also point its own name to 127.0.0.1 (DNS rebinding); the browser then believes that we are
 * its site. So without a token Host must name this machine. With a token that is not needed: the
 * browser sends the token only to the host name for which the user typed it. */
int http_access_judge(const struct http_access *a, enum http_door door,
	const struct http_request *q, const char **error)
{
	bool by_token = door == DOOR_READ && a->token[0];

	*error = NULL;
	if (door == DOOR_LOCAL)
		return 200;
	if (door == DOOR_WEB)
		return judge_web(a, q, error);
	if (by_token && !has_token(a, q)) {
		*error =
			"the token of admin.token_file is needed: as Bearer, or as the password of "
			"any user";
		return 401;
	}
	if (q->origin || q->from_page)
		*error = "this is not for pages of other sites";
	else if (door == DOOR_READ && !by_token && q->host[0] && !names_loopback(q->host))
		*error = "by the name of this machine alone: ask at 127.0.0.1 or localhost, or set "
			 "admin.token_file";
	return *error ? 403 : 200;
}

uint64_t http_places_kept(uint64_t places)
{
	return places < 2 ? 0 : places < 8 ? 1 : places / 4;
}

enum http_right http_access_right(enum http_door door)
{
	static const enum http_right rights[] = {
		[DOOR_LOCAL] = RIGHT_STEER,
		[DOOR_READ] = RIGHT_READ,
		[DOOR_METRICS] = RIGHT_OPEN,
		[DOOR_WEB] = RIGHT_NONE,
	};

	return rights[door];
}
