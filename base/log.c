/* Decides which lines are logged, how many of each place in the code, and where they go. Before:
 * log_error() and the other macros. After: base/log_line.c formats the line; base/log_queue.c
 * writes it where log calls must not wait. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/log_queue.h"

/* A log call never allocates, so everything has a fixed size. */
enum { PATH_MAX_BYTES = 512, FILE_MODE = 0640, LAST_WAIT_MS = 1000 };

static struct {
	pthread_mutex_t lock;
	/* atomic: read without the lock, as most lines are not written */
	_Atomic enum log_level level;
	enum log_form form;
	uint32_t per_site_minute;
	char path[PATH_MAX_BYTES];
	int fd;                  /* the file; -1 = standard error */
	struct log_queue *queue; /* NULL = each call writes the line itself */
	bool gave_up;            /* the last lines could not be written: write no more */
	log_tap_function *tap;
	void *tap_ctx;
	uint8_t line[LOG_LINE_MAX]; /* the line being written; under the lock */
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_INFO, .per_site_minute = 60, .fd = -1};

static const char *const level_name[] = {"error", "warn", "info", "debug"};

const char *log_level_name(enum log_level level)
{
	return level_name[level];
}

void log_tap(log_tap_function *fn, void *ctx)
{
	pthread_mutex_lock(&logger.lock);
	logger.tap = fn;
	logger.tap_ctx = ctx;
	pthread_mutex_unlock(&logger.lock);
}

bool log_parse_level(const char *name, enum log_level *out)
{
	for (int i = 0; i < 4; i++)
		if (strcasecmp(name, level_name[i]) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

/* O_NONBLOCK: opening a pipe without a reader fails instead of waiting, and a full pipe refuses a
 * line. */
static int open_file(const char *path)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	return open(path, flags, FILE_MODE);
}

static int target(void)
{
	return logger.fd < 0 ? STDERR_FILENO : logger.fd;
}

static void use_file(int fd)
{
	int old = logger.fd;

	logger.fd = fd;
	if (logger.queue)
		log_queue_turn(logger.queue, target(), old);
	else if (old >= 0)
		close(old);
}

bool log_setup(const struct log_settings *s)
{
	bool named = s->file && s->file[0];
	int fd = -1;

	if (named && strlen(s->file) >= PATH_MAX_BYTES) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (named && (fd = open_file(s->file)) < 0)
		return false;
	pthread_mutex_lock(&logger.lock);
	use_file(fd);
	strcpy(logger.path, named ? s->file : "");
	logger.level = s->level;
	logger.form = s->json                ? LOG_FORM_JSON
		      : s->journal && !named ? LOG_FORM_JOURNAL
					     : LOG_FORM_TEXT;
	logger.per_site_minute = s->per_site_minute;
	pthread_mutex_unlock(&logger.lock);
	return true;
}

bool log_reopen(void)
{
	bool good = true;

	pthread_mutex_lock(&logger.lock);
	if (logger.path[0]) {
		int fd = open_file(logger.path);

		good = fd >= 0;
		if (good)
			use_file(fd);
	}
	pthread_mutex_unlock(&logger.lock);
	return good;
}

void log_close(void)
{
	pthread_mutex_lock(&logger.lock);
	use_file(-1);
	logger.path[0] = 0;
	pthread_mutex_unlock(&logger.lock);
}

bool log_start_queue(size_t bytes)
{
	pthread_mutex_lock(&logger.lock);
	logger.queue = log_queue_start(bytes, target());
	bool good = logger.queue != NULL;
	pthread_mutex_unlock(&logger.lock);
	return good;
}

void log_stop_queue(void)
{
	pthread_mutex_lock(&logger.lock);
	if (logger.queue)
		logger.gave_up = !log_queue_stop(logger.queue, LAST_WAIT_MS);
	logger.queue = NULL;
	pthread_mutex_unlock(&logger.lock);
}

bool log_get_facts(struct log_facts *out)
{
	pthread_mutex_lock(&logger.lock);
	bool there = logger.queue != NULL;
	if (there)
		log_queue_facts(logger.queue, out);
	pthread_mutex_unlock(&logger.lock);
	return there;
}

/* True when the site may write a line now; *left_out = lines it was not allowed to write before. */
static bool site_may_write(struct log_site *site, int64_t now, uint32_t *left_out)
{
	uint64_t minute = (uint64_t)now / 60;
	uint32_t most = site->most ? site->most : logger.per_site_minute;

	*left_out = 0;
	if (site->minute != minute) {
		site->minute = minute;
		site->lines = 0;
		*left_out = site->dropped;
		site->dropped = 0;
	}
	if (most && site->lines >= most) {
		site->dropped++;
		return false;
	}
	site->lines++;
	return true;
}

/* When a pipe or file cannot take the line, the rest of it is lost, and the node goes on. */
static void write_all(int fd, struct slice s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s = slice_of(s.p + n, s.n - (size_t)n);
	}
}

static void put_line(enum log_level level, int64_t wall_ms, const char *text, uint32_t left_out)
{
	const struct log_line line = {
		.level = level, .wall_ms = wall_ms, .text = text, .left_out = left_out};
	struct wr w = wr_of(logger.line, sizeof logger.line);

	if (logger.queue) {
		log_queue_put(logger.queue, logger.form, &line);
	} else if (!logger.gave_up) {
		log_line_put(&w, logger.form, &line);
		write_all(target(), wr_done(&w));
	}
}

static int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void log_write(struct log_site *site, enum log_level level, const char *fmt, ...)
{
	char text[LOG_TEXT_MAX];
	int64_t now = wall_ms();
	uint32_t left_out;
	va_list ap;

	if (level > logger.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&logger.lock);
	bool may = site_may_write(site, now / 1000, &left_out);
	if (may)
		put_line(level, now, text, left_out);
	if (may && logger.tap)
		logger.tap(logger.tap_ctx, level, text);
	pthread_mutex_unlock(&logger.lock);
}
