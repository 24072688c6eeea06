/* The ring of log lines and the thread that writes them; see log_queue.h. Everything is protected
 * by the lock except `line`, the line being written, which only the thread uses. Before: base/log.c
 * puts a line in. After: write(2). */
#include "base/log_queue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"

enum { CHECK_MS = 1000 }; /* how often a waiting writer checks whether `fd` was changed */

struct log_queue {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t some;  /* there is a line, or `ending` was set */
	pthread_cond_t ended; /* `done` was set */
	size_t size, head, used;
	uint64_t peak, lost_total;
	uint64_t lost; /* lines lost since the last line that told their number */
	size_t gap;    /* bytes in the ring before the place where the first lost line would be */
	/* the line about lost ones could not be written: try again after the next put */
	bool refused;
	enum log_form form;
	/* close_fd: to be closed when the thread no longer writes to it; −1 = none */
	int fd, close_fd;
	int busy_fd;       /* the descriptor that the thread writes to now; −1 = none */
	bool ending, done; /* done: the thread has ended its work */
	size_t line_n;     /* length of the line being written */
	uint8_t line[LOG_LINE_MAX];
	uint8_t made[LOG_LINE_MAX]; /* scratch space: the line being put in */
	uint8_t bytes[];
};

/* ---- the ring, under the lock ---- */

static void ring_put(struct log_queue *q, struct slice s)
{
	size_t at = (q->head + q->used) % q->size;
	size_t first = s.n < q->size - at ? s.n : q->size - at;

	memcpy(q->bytes + at, s.p, first);
	memcpy(q->bytes, s.p + first, s.n - first);
	q->used += s.n;
	if (q->used > q->peak)
		q->peak = q->used;
}

/* Moves the oldest line to `line`. Every line ends with a line feed. */
static void ring_take_line(struct log_queue *q)
{
	uint8_t byte = 0;

	for (q->line_n = 0; q->used && byte != '\n'; q->used--) {
		byte = q->bytes[q->head];
		q->line[q->line_n++] = byte;
		q->head = (q->head + 1) % q->size;
	}
	q->gap -= q->gap < q->line_n ? q->gap : q->line_n;
}

/* Counts a lost line, and notes where in the ring the first of them would have been. */
static void lose(struct log_queue *q)
{
	if (!q->lost)
		q->gap = q->used;
	q->lost++;
	q->lost_total++;
}

/* True when n more bytes of a line of that level fit. After a loss half of the ring must be free
 * first; otherwise every second line would be one about lost lines. */
static bool has_room(const struct log_queue *q, enum log_level level, size_t n)
{
	size_t most = level == LOG_ERROR ? q->size : q->lost ? q->size / 2 : q->size - q->size / 4;

	return q->used + n <= most;
}

static int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void make_lost_line(struct log_queue *q)
{
	char text[80];
	const struct log_line line = {.level = LOG_WARN, .wall_ms = wall_ms(), .text = text};
	struct wr w = wr_of(q->line, sizeof q->line);

	snprintf(text, sizeof text, "%llu %s of the log lost: they could not be written in time",
		(unsigned long long)q->lost, q->lost == 1 ? "line" : "lines");
	log_line_put(&w, q->form, &line);
	q->line_n = w.n;
}

/* ---- the thread ---- */

/* Tries to write the rest of a line; may wait. Returns the bytes written, 0 = none yet, −1 = the
 * line cannot be written. Only here can the thread be cancelled, because it holds no lock. */
static ssize_t try_write(int fd, struct slice s)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	ssize_t n = 0;
	int was;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &was);
	if (poll(&p, 1, CHECK_MS) > 0)
		n = write(fd, s.p, s.n);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	return n;
}

/* Releases the lock while it writes. Called with the lock held, and returns with it held. */
static ssize_t write_some(struct log_queue *q, int fd, struct slice s)
{
	q->busy_fd = fd;
	pthread_mutex_unlock(&q->lock);
	ssize_t n = try_write(fd, s);
	pthread_mutex_lock(&q->lock);
	q->busy_fd = -1;
	if (q->close_fd >= 0)
		close(q->close_fd);
	q->close_fd = -1;
	return n;
}

/* Writes `line`. If the descriptor changes meanwhile, starts the line again on the new one. False
 * when it cannot be written. */
static bool write_line(struct log_queue *q)
{
	int fd = q->fd;

	for (size_t at = 0; at < q->line_n;) {
		ssize_t n = write_some(q, fd, slice_of(q->line + at, q->line_n - at));
		if (n < 0)
			return false;
		at = q->fd == fd ? at + (size_t)n : 0;
		fd = q->fd;
	}
	return true;
}

/* Writes a line that tells how many are missing here. */
static void say_lost(struct log_queue *q)
{
	uint64_t told = q->lost;

	make_lost_line(q);
	q->refused = !write_line(q);
	if (!q->refused)
		q->lost -= told;
}

static void write_next(struct log_queue *q)
{
	ring_take_line(q);
	if (write_line(q))
		q->refused = false;
	else
		lose(q);
}

static void *writer_main(void *ctx)
{
	struct log_queue *q = ctx;
	int was;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was);
	pthread_mutex_lock(&q->lock);
	for (;;) {
		/* All lines before the first lost one are written: tell the loss in its place. */
		if (q->lost && !q->gap && !q->refused)
			say_lost(q);
		else if (q->used)
			write_next(q);
		else if (q->ending)
			break;
		else
			pthread_cond_wait(&q->some, &q->lock);
	}
	q->done = true;
	pthread_cond_signal(&q->ended);
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* ---- for other threads ---- */

static void destroy(struct log_queue *q)
{
	pthread_cond_destroy(&q->some);
	pthread_cond_destroy(&q->ended);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}

struct log_queue *log_queue_start(size_t bytes, int fd)
{
	pthread_condattr_t monotonic;
	struct log_queue *q = mem_alloc(sizeof *q + bytes);

	if (!q)
		return NULL;
	q->size = bytes;
	q->fd = fd;
	q->close_fd = q->busy_fd = -1;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->some, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (thread_start(&q->thread, writer_main, q))
		return q;
	destroy(q);
	return NULL;
}

void log_queue_put(struct log_queue *q, enum log_form form, const struct log_line *line)
{
	pthread_mutex_lock(&q->lock);
	struct wr w = wr_of(q->made, sizeof q->made);
	log_line_put(&w, form, line);
	q->form = form;
	q->refused = false;
	if (has_room(q, line->level, w.n))
		ring_put(q, wr_done(&w));
	else
		lose(q);
	pthread_cond_signal(&q->some);
	pthread_mutex_unlock(&q->lock);
}

void log_queue_turn(struct log_queue *q, int fd, int old)
{
	pthread_mutex_lock(&q->lock);
	q->fd = fd;
	if (old >= 0 && q->busy_fd == old)
		q->close_fd = old;
	else if (old >= 0)
		close(old);
	pthread_mutex_unlock(&q->lock);
}

void log_queue_facts(struct log_queue *q, struct log_facts *out)
{
	pthread_mutex_lock(&q->lock);
	*out = (struct log_facts){.used = q->used, .peak = q->peak, .lost = q->lost_total};
	pthread_mutex_unlock(&q->lock);
}

static struct timespec in_ms(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

bool log_queue_stop(struct log_queue *q, unsigned wait_ms)
{
	struct timespec until = in_ms(wait_ms);
	int rc = 0;

	pthread_mutex_lock(&q->lock);
	q->ending = true;
	pthread_cond_signal(&q->some);
	while (!q->done && rc == 0)
		rc = pthread_cond_timedwait(&q->ended, &q->lock, &until);
	bool done = q->done;
	pthread_mutex_unlock(&q->lock);
	if (!done)
		pthread_cancel(q->thread);
	pthread_join(q->thread, NULL);
	if (q->close_fd >= 0)
		close(q->close_fd);
	destroy(q);
	return done;
}
