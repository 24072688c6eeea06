/* The log: the one global of the program. Lines say what, where and how many; each place in the
 * code (site) may write only so many lines a minute, the rest is counted and the count is told.
 * Any thread may write lines; the settings are the main thread's. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* One call of the macros below; static, never freed. */
struct log_site {
	uint64_t minute;  /* the minute that `lines` counts */
	uint32_t lines;   /* written in that minute */
	uint32_t dropped; /* left out since the last line */
	uint32_t most;    /* lines it may write in a minute; 0 = per_site_minute */
};

struct log_settings {
	enum log_level level;
	bool json;                /* one JSON object a line instead of text */
	bool journal;             /* standard error goes to journald: priority instead of time */
	uint32_t per_site_minute; /* lines a site may write in a minute; 0 = any number */
	const char *file;         /* NULL or "" = standard error; copied */
};

/* May be called again (reload). False and errno when the file cannot be opened: the old settings
 * stay. */
bool log_setup(const struct log_settings *s);

/* Opens the file again under its name (after rotation). False and errno when that fails: lines go
 * on to the old one. */
bool log_reopen(void);

/* Closes the file; later lines go to standard error. */
void log_close(void);

/* From now on lines wait in so many bytes for whoever takes them, and no call waits (see
 * base/log_queue.h). False when there is no memory or no thread. Once, from the main thread. */
bool log_start_queue(size_t bytes);

/* What waits is written if somebody takes it at once; after that every call writes by itself again,
 * or not at all when nobody took it. Nothing to do without a queue. */
void log_stop_queue(void);

struct log_facts {
	uint64_t used, peak; /* bytes that wait, and the most so far */
	uint64_t lost;       /* lines that nobody took */
};
bool log_get_facts(struct log_facts *out); /* false without a queue */

/* Every line that is written goes to this function too, without time and level; NULL = none. Called
 * on the thread that logs, in the order of the log, while no other line can be written: it must
 * neither log nor wait. After log_tap(NULL, NULL) nobody is in it any more. */
typedef void log_tap_function(void *ctx, enum log_level level, const char *text);
void log_tap(log_tap_function *fn, void *ctx);

const char *log_level_name(enum log_level level);
bool log_parse_level(const char *name, enum log_level *out);

void log_write(struct log_site *site, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define LOG_AT_(level, lines, ...)                                                                 \
	do {                                                                                       \
		static struct log_site site_ = {.most = lines};                                    \
		log_write(&site_, level, __VA_ARGS__);                                             \
	} while (0)
#define log_error(...) LOG_AT_(LOG_ERROR, 0, __VA_ARGS__)
#define log_warn(...)  LOG_AT_(LOG_WARN, 0, __VA_ARGS__)
#define log_info(...)  LOG_AT_(LOG_INFO, 0, __VA_ARGS__)
#define log_debug(...) LOG_AT_(LOG_DEBUG, 0, __VA_ARGS__)

/* For a state that lasts: one line a minute. */
#define log_warn_rarely(...) LOG_AT_(LOG_WARN, 1, __VA_ARGS__)

#endif
