#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/log.h"

/* A line is built on the stack: a log call never allocates, and long text is cut. */
enum { LINE_MAX_BYTES = 1024, PATH_MAX_BYTES = 512 };

static struct {
	pthread_mutex_t lock;
	enum log_level level;
	bool json, journal;
	uint32_t per_site_minute;
	char path[PATH_MAX_BYTES];
	FILE *file; /* NULL = standard error */
	log_tap_function *tap;
	void *tap_ctx;
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_INFO, .per_site_minute = 60};

static const char *const level_name[] = {"error", "warn", "info", "debug"};

const char *log_level_name(enum log_level level)
{
	return level_name[level];
}

void log_tap(log_tap_function *fn, void *ctx)
{
	logger.tap = fn;
	logger.tap_ctx = ctx;
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

static void use_file(FILE *f)
{
	if (logger.file)
		fclose(logger.file);
	logger.file = f;
}

bool log_setup(const struct log_settings *s)
{
	FILE *f = NULL;
	bool named = s->file && s->file[0];

	if (named) {
		if (strlen(s->file) >= PATH_MAX_BYTES) {
			errno = ENAMETOOLONG;
			return false;
		}
		f = fopen(s->file, "ae");
		if (!f)
			return false;
	}
	pthread_mutex_lock(&logger.lock);
	use_file(f);
	strcpy(logger.path, named ? s->file : "");
	logger.level = s->level;
	logger.json = s->json;
	logger.journal = s->journal && !named && !s->json;
	logger.per_site_minute = s->per_site_minute;
	pthread_mutex_unlock(&logger.lock);
	return true;
}

void log_reopen(void)
{
	pthread_mutex_lock(&logger.lock);
	if (logger.path[0]) {
		FILE *f = fopen(logger.path, "ae");
		if (f)
			use_file(f);
	}
	pthread_mutex_unlock(&logger.lock);
}

void log_close(void)
{
	pthread_mutex_lock(&logger.lock);
	use_file(NULL);
	logger.path[0] = 0;
	pthread_mutex_unlock(&logger.lock);
}

/* True when the site may write; *left_out = lines that it could not write before this one. */
static bool site_may_write(struct log_site *site, time_t now, uint32_t *left_out)
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

/* Bytes from peers may stand in a line: nothing but printable characters reaches the terminal. */
static void put_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c < 0x20 || c == 0x7F)
			fprintf(f, logger.json ? "\\u%04x" : "\\x%02x", c);
		else if (logger.json && (c == '"' || c == '\\'))
			fprintf(f, "\\%c", c);
		else
			fputc(c, f);
	}
}

static void put_head(FILE *f, enum log_level level, time_t now)
{
	static const int priority[] = {3, 4, 6, 7}; /* as syslog(3) counts */
	struct tm tm;
	char when[32];

	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (logger.journal)
		fprintf(f, "<%d>", priority[level]);
	else if (logger.json)
		fprintf(f, "{\"time\":\"%s\",\"level\":\"%s\",\"text\":\"", when,
			level_name[level]);
	else
		fprintf(f, "%s %-5s ", when, level_name[level]);
}

static void put_line(enum log_level level, time_t now, const char *text, uint32_t left_out)
{
	FILE *f = logger.file ? logger.file : stderr;

	put_head(f, level, now);
	put_text(f, text);
	if (left_out && logger.json)
		fprintf(f, "\",\"left_out\":%u}\n", left_out);
	else if (left_out)
		fprintf(f, " (and %u like it left out)\n", left_out);
	else
		fputs(logger.json ? "\"}\n" : "\n", f);
	fflush(f);
}

void log_write(struct log_site *site, enum log_level level, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	time_t now = time(NULL);
	uint32_t left_out;
	va_list ap;

	if (level > logger.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&logger.lock);
	bool may = site_may_write(site, now, &left_out);
	if (may)
		put_line(level, now, text, left_out);
	pthread_mutex_unlock(&logger.lock);
	if (may && logger.tap)
		logger.tap(logger.tap_ctx, level, text);
}
