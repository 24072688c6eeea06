/* Role: the peers, the name server and the admin clients that a station meets, byte by byte. */
#include "tests/probe/station.h"

#include <sys/un.h>

const char *station_source(uint64_t i, char to[INET_ADDRSTRLEN])
{
	snprintf(to, INET_ADDRSTRLEN, "127.%u.%u.%u", (unsigned)(i / 62500 % 200 + 20),
		(unsigned)(i / 250 % 250), (unsigned)(i % 250 + 1));
	return to;
}

/* ---- the called side of a connection ---- */

static int bound_socket(int type, struct sockaddr_in *in)
{
	socklen_t size = sizeof *in;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*in = (struct sockaddr_in){.sin_family = AF_INET};
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)in, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)in, &size), 0);
	return fd;
}

int station_listen(struct netaddr *at)
{
	struct sockaddr_in in;
	int fd = bound_socket(SOCK_STREAM, &in);

	assert_int_equal(listen(fd, 64), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in, at));
	return fd;
}

bool station_take(int listener, struct raw *w)
{
	w->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	w->n = w->used = 0;
	w->closed = false;
	return w->fd >= 0;
}

static bool take_hello(struct raw *w, uint8_t key[HELLO_KEY])
{
	raw_read(w);
	size_t n = hello_client_parse(slice_of(w->in, w->n), key);
	if (n)
		raw_drop(w, n);
	return n > 0;
}

void station_take_client_hello(struct station *s, struct raw *w)
{
	uint8_t theirs[HELLO_KEY], ours[HELLO_KEY], hello[HELLO_SENT_MAX];

	UNTIL(&s->r, take_hello(w, theirs));
	secure_keypair(&rng_system, w->secret, ours);
	rng_fill(&rng_system, w->session.nonce, sizeof w->session.nonce);
	assert_true(secure_shared(w->secret, theirs, w->session.key));
	raw_send(w, hello, hello_server_build(&rng_system, ours, w->session.nonce, hello));
}

void station_accept(struct station *s, int listener, struct raw *w)
{
	UNTIL(&s->r, station_take(listener, w));
	station_take_client_hello(s, w);
}

/* ---- names ---- */

/* The question again, with one address 127.0.0.1 for type A where names are found. */
static size_t write_answer(const struct name_server *d, uint8_t *to, size_t n)
{
	static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1};
	bool is_a = to[n - 4] == 0 && to[n - 3] == 1;
	bool found = d->answer == NAME_FOUND && is_a;

	to[2] = 0x81;
	to[3] = d->answer == NAME_ABSENT ? 0x83 : 0x80;
	memset(to + 6, 0, 6);
	to[7] = d->answer == NAME_GARBAGE ? 200 : found; /* answers that are not there */
	if (found)
		memcpy(to + n, record, sizeof record);
	return found ? n + sizeof record : n;
}

static void on_query(evutil_socket_t fd, short what, void *ctx)
{
	struct name_server *d = ctx;
	uint8_t bytes[600];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, bytes, 512, 0, (struct sockaddr *)&from, &size);

	(void)what;
	if (n < 16 || d->answer == NAME_SILENCE)
		return;
	sendto(fd, bytes, write_answer(d, bytes, (size_t)n), 0, (struct sockaddr *)&from, size);
}

void name_server_open(struct name_server *d, struct event_base *base)
{
	struct sockaddr_in in;

	d->fd = bound_socket(SOCK_DGRAM, &in);
	snprintf(d->at, sizeof d->at, "127.0.0.1:%u", ntohs(in.sin_port));
	d->on_query = event_new(base, d->fd, EV_READ | EV_PERSIST, on_query, d);
	event_add(d->on_query, NULL);
}

void name_server_close(struct name_server *d)
{
	event_free(d->on_query);
	close(d->fd);
}

/* ---- admin ---- */

int admin_connect(struct station *s)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(un.sun_path, sizeof un.sun_path, "%s/admin.sock", s->folder);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof un), 0);
	return fd;
}

/* Reads what is there; false at the end. */
static bool more_of(int fd, char *to, size_t size, size_t *n)
{
	char rest[4096];
	bool keep = *n < size - 1;
	ssize_t got =
		recv(fd, keep ? to + *n : rest, keep ? size - 1 - *n : sizeof rest, MSG_DONTWAIT);

	if (got > 0 && keep)
		*n += (size_t)got;
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

int admin_ask(struct station *s, const char *request)
{
	char head[64] = "";
	size_t n = 0;
	int fd = admin_connect(s), status = 0;

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	UNTIL(&s->r, !more_of(fd, head, sizeof head, &n));
	close(fd);
	sscanf(head, "HTTP/1.%*d %d", &status);
	return status;
}
