/* Connects to the running node, one connection for each request, and explains failures. Before:
 * cli/ctl.c. After: the node's http/http_conn.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/mem.h"
#include "cli/ctl.h"
#include "config/paths.h"

/* cli_error() prints no more of a line */
enum { ANSWER_WAIT_S = 10, HEAD_MAX = 2048, SAID_MAX = 1536 };

/* Writes the path of admin.socket, which is relative to node.data_dir. Returns what snprintf()
 * does. */
static int path_of(const struct config *c, char *to, size_t size)
{
	return c->admin_socket[0] == '/'
		       ? snprintf(to, size, "%s", c->admin_socket)
		       : snprintf(to, size, "%s/%s", c->data_dir, c->admin_socket);
}

int ctl_connect(const struct config *c)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	/* An answer of the DNS server comes later than any other. */
	uint64_t dns = c->limits.dns ? c->limits.dns_query_time.max / 1000 + 1 : 0;
	struct timeval tv = {(time_t)(ANSWER_WAIT_S + dns), 0};
	int n = path_of(c, sa.sun_path, sizeof sa.sun_path);

	if (n < 0 || (size_t)n >= sizeof sa.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool send_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

/* Sends the head, and the form that a POST may have. */
static bool send_request(int fd, const char *request, struct slice form)
{
	char head[HEAD_MAX];
	struct wr w = wr_of(head, sizeof head);

	wr_format(&w, "%s HTTP/1.0\r\n", request);
	if (form.n)
		wr_format(&w,
			"Content-Length: %zu\r\n"
			"Content-Type: application/x-www-form-urlencoded\r\n",
			form.n);
	wr_format(&w, "\r\n");
	return !w.bad && send_all(fd, wr_done(&w)) && send_all(fd, form);
}

/* Reads until the node closes the connection. False when it fails, or the answer is longer than the
 * buffer. */
static bool read_all(int fd, struct wr *answer)
{
	while (answer->n < answer->size) {
		ssize_t n = read(fd, answer->p + answer->n, answer->size - answer->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		answer->n += (size_t)n;
	}
	return false;
}

/* True when the body is as long as Content-Length says. A node that is killed, or gives up waiting
 * for us, closes the connection in the middle. */
static bool is_whole(struct slice head, size_t body)
{
	static const char name[] = "\r\nContent-Length: ";
	const size_t n = sizeof name - 1;

	for (size_t i = 0; i + n < head.n; i++)
		if (memcmp(head.p + i, name, n) == 0)
			return strtoull((const char *)head.p + i + n, NULL, 10) == body;
	return false;
}

/* Splits "HTTP/1.0 200 …", headers, an empty line and the body. False when it is malformed or cut
 * off. */
static bool split(struct ctl_answer *a)
{
	const uint8_t *p = a->bytes.p;

	if (a->bytes.n < 12 || memcmp(p, "HTTP/1.", 7) != 0)
		return false;
	a->status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
	for (size_t i = 0; i + 4 <= a->bytes.n; i++)
		if (memcmp(p + i, "\r\n\r\n", 4) == 0) {
			a->body = slice_of(p + i + 4, a->bytes.n - i - 4);
			return is_whole(slice_of(p, i + 4), a->body.n);
		}
	return false;
}

/* The process that listens at the other end; 0 = not known. */
static pid_t peer_of(int fd)
{
	struct ucred peer = {.pid = 0};
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 ? peer.pid : 0;
}

enum ctl_end ctl_request(const struct config *c, const char *request, struct ctl_answer *a)
{
	return ctl_request_form(c, request, (struct slice){NULL, 0}, a);
}

enum ctl_end ctl_request_form(
	const struct config *c, const char *request, struct slice form, struct ctl_answer *a)
{
	size_t size = (size_t)c->limits.admin_response_bytes.max + HEAD_MAX;
	int fd = ctl_connect(c);

	*a = (struct ctl_answer){.status = 0};
	if (fd < 0)
		return CTL_NOBODY;
	a->peer = peer_of(fd);
	a->bytes = wr_of(mem_alloc(size), size);
	bool good = a->bytes.p && send_request(fd, request, form) && read_all(fd, &a->bytes) &&
		    split(a);
	close(fd);
	return good ? CTL_ANSWERED : a->bytes.p ? CTL_NO_ANSWER : CTL_NO_MEMORY;
}

void ctl_answer_free(struct ctl_answer *a)
{
	mem_free(a->bytes.p);
	*a = (struct ctl_answer){.status = 0};
}

/* Names the settings file in use. A node.toml in the working directory is used instead of the
 * system's file, which users may not expect. */
static void add_settings(struct wr *w, const struct config *c)
{
	char path[SAID_MAX];

	if (!c->file[0]) {
		wr_format(w, "is it running with this configuration?");
		return;
	}
	path_absolute(c->file, path, sizeof path);
	wr_format(w, "is it running with this configuration, %s?", path);
	if (strcmp(c->file, "node.toml") == 0 && access(CONFIG_SYSTEM_FILE, F_OK) == 0)
		wr_format(w, " For the service say --config %s.", CONFIG_SYSTEM_FILE);
}

/* Advises what to do. A node whose admin.socket was renamed in the settings after its start still
 * listens at the old path; signals reach it in any case. */
static void what_to_do(const char *command, const struct config *c, char *to, size_t size)
{
	struct wr w = wr_of(to, size - 1);

	if (errno == EACCES) {
		wr_format(&w, "ask as root or as the node's user");
	} else {
		add_settings(&w, c);
		if (strcmp(command, "reload") == 0 || strcmp(command, "stop") == 0)
			wr_format(&w, " If admin.socket or node.data_dir was changed since it was "
				      "started: kill -HUP reloads it, kill -TERM stops it");
	}
	to[w.n] = 0;
}

void ctl_print_failure(enum ctl_end end, const char *command, const struct config *c)
{
	char name[2 * CONFIG_TEXT_MAX + 8], path[SAID_MAX], advice[SAID_MAX];
	int error = errno;

	what_to_do(command, c, advice, sizeof advice);
	/* Print an absolute path: a relative one depends on the working directory. */
	path_of(c, name, sizeof name);
	path_absolute(name, path, sizeof path);
	errno = error;
	if (end == CTL_NO_MEMORY)
		cli_error("out of memory");
	else if (end == CTL_NO_ANSWER)
		cli_error("the node at %s gave no answer", path);
	else if (!c->admin_socket[0])
		cli_error("admin.socket is empty: the node has no socket to ask (kill -HUP "
			  "reloads, kill -TERM stops)");
	else
		cli_error("no node answers at %s: %m (%s)", path, advice);
}
