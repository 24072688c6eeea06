/* Asks a DNS server for names, many questions at once, and measures: for tests/bench/names.py.
 *
 * usage: querier MODE ADDRESS PORT COUNT WINDOW [RATE] <NAMES
 *
 * NAMES: lines of NAME TYPE with a number as type, asked in turn until COUNT were answered or lost.
 * MODE: udp, with WINDOW questions on their way; tcp, one question a connection, WINDOW of them;
 * piped, PIPED questions written at once to each connection. RATE: so many questions a second at
 * most, by UDP. Clients are 127.9.0.1 and up. Prints a
 * line of JSON: answers, what was lost, answers other than NOERROR, seconds, and the times in
 * microseconds within which a half and 99 of 100 answers came. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum {
	SOCKETS_MAX = 64,
	CLIENTS = 200,      /* addresses that connections come from */
	UDP_SOCKETS = 16,   /* and sockets of UDP */
	PIPED = 100,        /* questions of one connection */
	BATCH = 32,         /* datagrams that one call reads or sends */
	QUESTION_MAX = 288, /* bytes of a question, with its length before it */
	ANSWER_MAX = 2048,
	IDS = 1024,        /* of one socket, one after the other */
	LOST_US = 2000000, /* no answer for so long: it will not come */
};

struct question {
	uint8_t bytes[QUESTION_MAX]; /* the length of TCP, then the message */
	size_t size;                 /* of the message */
};

struct lane {
	int fd;
	unsigned out, most, next_id, left; /* left: answers that this connection still owes */
	uint64_t asked[IDS];               /* id → when; 0 = not on its way */
	uint8_t in[PIPED * 1024];
	size_t held;
};

struct run {
	struct sockaddr_in server;
	struct question *question;
	size_t questions, at;
	uint64_t count, sent, answered, lost, failed;
	uint64_t rate, begun; /* questions a second at most, 0 = no limit; microseconds */
	uint32_t *took;       /* microseconds of each answer */
	unsigned lanes, clients;
	struct lane *lane;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- questions ---- */

static size_t put_name(uint8_t *to, const char *name)
{
	size_t n = 0;

	while (*name) {
		size_t label = strcspn(name, ".");
		to[n++] = (uint8_t)label;
		memcpy(to + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	to[n++] = 0;
	return n;
}

static void make_question(struct question *q, const char *name, unsigned type)
{
	static const uint8_t head[12] = {0, 0, 1, 0, 0, 1};
	uint8_t *p = q->bytes + 2;

	memcpy(p, head, sizeof head);
	size_t n = sizeof head + put_name(p + sizeof head, name);
	p[n++] = (uint8_t)(type >> 8);
	p[n++] = (uint8_t)type;
	p[n++] = 0;
	p[n++] = 1;
	q->size = n;
	q->bytes[0] = (uint8_t)(n >> 8);
	q->bytes[1] = (uint8_t)n;
}

static void read_questions(struct run *r)
{
	char name[254];
	unsigned type;
	size_t room = 0;

	while (scanf("%253s %u", name, &type) == 2) {
		if (r->questions == room) {
			room = room ? 2 * room : 1024;
			r->question = realloc(r->question, room * sizeof *r->question);
			if (!r->question)
				die("memory");
		}
		make_question(&r->question[r->questions++], name, type);
	}
}

/* The next question of the list, with the next id of this lane. */
static struct question *next_question(struct run *r, struct lane *l)
{
	struct question *q = &r->question[r->at++ % r->questions];
	unsigned id = l->next_id++ % IDS;

	q->bytes[2] = (uint8_t)(id >> 8);
	q->bytes[3] = (uint8_t)id;
	l->asked[id] = now_us();
	l->out++;
	r->sent++;
	return q;
}

static void take_answer(struct run *r, struct lane *l, const uint8_t *p, size_t n)
{
	unsigned id = n >= 12 ? (unsigned)(p[0] << 8 | p[1]) : 0;

	if (n < 12 || id >= IDS || !l->asked[id])
		return;
	r->took[r->answered++] = (uint32_t)(now_us() - l->asked[id]);
	r->failed += (p[3] & 15) != 0;
	l->asked[id] = 0;
	l->out--;
}

static void give_up_late(struct run *r, struct lane *l)
{
	uint64_t now = now_us();

	for (unsigned id = 0; id < IDS && l->out; id++)
		if (l->asked[id] && now - l->asked[id] > LOST_US) {
			l->asked[id] = 0;
			l->out--;
			r->lost++;
		}
}

/* ---- sockets ---- */

/* Each from another address of 127.9/16: servers count what one client asks. */
static int connected(struct run *r, int type)
{
	struct sockaddr_in own = {.sin_family = AF_INET};
	int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	own.sin_addr.s_addr = htonl(0x7f090001 + r->clients++ % CLIENTS);
	if (fd < 0)
		die("socket");
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
		die("bind");
	if (connect(fd, (struct sockaddr *)&r->server, sizeof r->server) != 0 &&
		errno != EINPROGRESS)
		die("connect");
	return fd;
}

/* ---- UDP ---- */

/* Is it time for one more? */
static bool is_due(const struct run *r)
{
	return !r->rate || r->sent * 1000000 <= (now_us() - r->begun) * r->rate;
}

static void send_some(struct run *r, struct lane *l)
{
	struct mmsghdr m[BATCH] = {0};
	struct iovec v[BATCH];
	unsigned n = 0;

	while (n < BATCH && l->out < l->most && r->sent < r->count && is_due(r)) {
		struct question *q = next_question(r, l);
		v[n] = (struct iovec){q->bytes + 2, q->size};
		m[n].msg_hdr = (struct msghdr){.msg_iov = &v[n], .msg_iovlen = 1};
		n++;
	}
	if (n && sendmmsg(l->fd, m, n, 0) < 0 && errno != ECONNREFUSED)
		die("sendmmsg");
}

static void receive_some(struct run *r, struct lane *l)
{
	static uint8_t bytes[BATCH][ANSWER_MAX];
	struct mmsghdr m[BATCH] = {0};
	struct iovec v[BATCH];

	for (unsigned i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){bytes[i], ANSWER_MAX};
		m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
	}
	int n = recvmmsg(l->fd, m, BATCH, 0, NULL);
	for (int i = 0; i < n; i++)
		take_answer(r, l, bytes[i], m[i].msg_len);
}

static void open_udp(struct run *r, unsigned window)
{
	int bytes = 1 << 21;

	r->lanes = window < UDP_SOCKETS ? window : UDP_SOCKETS;
	for (unsigned i = 0; i < r->lanes; i++) {
		r->lane[i].fd = connected(r, SOCK_DGRAM);
		r->lane[i].most = (window + r->lanes - 1) / r->lanes;
		(void)setsockopt(r->lane[i].fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	}
}

/* ---- TCP ---- */

static void open_tcp(struct run *r, struct lane *l)
{
	l->fd = connected(r, SOCK_STREAM);
	l->held = 0;
	l->out = 0;
	l->left = 0;
	memset(l->asked, 0, sizeof l->asked);
}

/* The connection is there: all its questions at once. */
static void write_questions(struct run *r, struct lane *l)
{
	uint8_t bytes[PIPED * QUESTION_MAX];
	size_t n = 0;

	for (; l->left < l->most && r->sent < r->count; l->left++) {
		struct question *q = next_question(r, l);
		memcpy(bytes + n, q->bytes, q->size + 2);
		n += q->size + 2;
	}
	if (n && write(l->fd, bytes, n) != (ssize_t)n)
		die("write");
}

static bool read_answers(struct run *r, struct lane *l)
{
	ssize_t n = read(l->fd, l->in + l->held, sizeof l->in - l->held);
	size_t at = 0;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	l->held += (size_t)n;
	while (l->held - at >= 2) {
		size_t size = (size_t)(l->in[at] << 8 | l->in[at + 1]);
		if (l->held - at < size + 2)
			break;
		take_answer(r, l, l->in + at + 2, size);
		l->left--;
		at += size + 2;
	}
	l->held -= at;
	memmove(l->in, l->in + at, l->held);
	return l->left > 0;
}

/* A connection that ended: what it owes is lost; the next one begins. */
static void again(struct run *r, struct lane *l)
{
	r->lost += l->out;
	close(l->fd);
	l->fd = -1;
	if (r->sent < r->count)
		open_tcp(r, l);
}

static void serve_tcp(struct run *r, struct lane *l, short ready)
{
	if (ready & POLLOUT && l->left == 0)
		write_questions(r, l);
	if ((ready & (POLLIN | POLLHUP | POLLERR) && !read_answers(r, l)) || l->left == 0)
		again(r, l);
}

/* ---- the run ---- */

static void turn(struct run *r, bool udp)
{
	struct pollfd p[SOCKETS_MAX];

	for (unsigned i = 0; i < r->lanes; i++) {
		struct lane *l = &r->lane[i];
		if (udp)
			send_some(r, l);
		p[i] = (struct pollfd){.fd = l->fd, .events = udp || l->left ? POLLIN : POLLOUT};
	}
	if (poll(p, r->lanes, r->rate ? 1 : 500) == 0)
		for (unsigned i = 0; i < r->lanes; i++)
			give_up_late(r, &r->lane[i]);
	for (unsigned i = 0; i < r->lanes; i++) {
		if (!p[i].revents || p[i].fd < 0)
			continue;
		if (udp)
			receive_some(r, &r->lane[i]);
		else
			serve_tcp(r, &r->lane[i], p[i].revents);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void tell(struct run *r, double seconds)
{
	qsort(r->took, r->answered, sizeof *r->took, compare);
	printf("{\"answered\":%llu,\"lost\":%llu,\"failed\":%llu,\"seconds\":%.6f,"
	       "\"p50\":%u,\"p99\":%u}\n",
		(unsigned long long)r->answered, (unsigned long long)r->lost,
		(unsigned long long)r->failed, seconds, r->answered ? r->took[r->answered / 2] : 0,
		r->answered ? r->took[r->answered * 99 / 100] : 0);
}

int main(int argc, char **argv)
{
	struct run r = {.server = {.sin_family = AF_INET}};

	if (argc < 6 || argc > 7 || inet_pton(AF_INET, argv[2], &r.server.sin_addr) != 1)
		return fprintf(stderr, "usage: querier MODE ADDRESS PORT COUNT WINDOW [RATE] "
				       "<NAMES\n"),
		       2;
	unsigned window = (unsigned)atoi(argv[5]);
	bool udp = strcmp(argv[1], "udp") == 0;
	r.server.sin_port = htons((uint16_t)atoi(argv[3]));
	r.count = strtoull(argv[4], NULL, 10);
	r.rate = argc == 7 ? strtoull(argv[6], NULL, 10) : 0;
	r.took = calloc(r.count + 1, sizeof *r.took);
	r.lane = calloc(SOCKETS_MAX, sizeof *r.lane);
	read_questions(&r);
	if (!r.questions || !r.took || !r.lane || !window || (!udp && window > SOCKETS_MAX))
		return 2;
	if (udp)
		open_udp(&r, window);
	for (; !udp && r.lanes < window; r.lanes++) {
		r.lane[r.lanes].most = strcmp(argv[1], "piped") == 0 ? PIPED : 1;
		open_tcp(&r, &r.lane[r.lanes]);
	}
	r.begun = now_us();
	while (r.answered + r.lost < r.count)
		turn(&r, udp);
	tell(&r, (double)(now_us() - r.begun) / 1e6);
	return 0;
}
