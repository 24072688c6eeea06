/* The log. It is global, so that any code can log without a handle. Each place in the code that
 * logs (site) may write only a certain number of lines a minute; further ones are counted, and a
 * later line tells the count. Any thread may log. Only the main thread may change the settings. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* State of one use of the macros below; static. */
struct log_site {
	uint64_t minute;  /* the minute (since 1970) that `lines` counts */
	uint32_t lines;   /* lines written in that minute */
	uint32_t dropped; /* lines left out since the last one that was written */
	uint32_t most;    /* most lines a minute; 0 = per_site_minute */
};

struct log_settings {
	enum log_level level;
	bool json; /* one JSON object a line instead of text */
	/* standard error goes to journald: lines begin with a priority instead of the time */
	bool journal;
	uint32_t per_site_minute; /* most lines a minute of one site; 0 = no limit */
	const char *file;         /* path, copied; NULL or "" = standard error */
};

/* Sets the log up; a reload calls it again. False with errno when the file cannot be opened: the
 * old settings stay. */
bool log_setup(const struct log_settings *s);

/* Opens the file again by its name, after it was renamed by log rotation. False with errno when
 * that fails: lines still go to the old file. */
bool log_reopen(void);

/* Closes the file. Later lines go to standard error. */
void log_close(void);

/* From now on lines are put into a ring of `bytes` bytes, and a thread writes them
 * (base/log_queue.h), so that log calls never wait. False when there is no memory or no thread. To
 * be called once, by the main thread. */
bool log_start_queue(size_t bytes);

/* Ends that thread: waits up to 1 s until the ring is written. After that every call writes by
 * itself again, or, if the ring could not be written, nothing is written any more. Does nothing
 * without a queue. */
void log_stop_queue(void);

struct log_facts {
	uint64_t used, peak; /* bytes in the ring: now, and the most so far */
	/* lines that were lost because the ring was full, or could not be written */
	uint64_t lost;
};
bool log_get_facts(struct log_facts *out); /* false when there is no queue */

/* Sets a function that also gets every line that is written, without time and level; NULL = none.
 * It is called by the thread that logs, in the order of the log, with the log's lock held: it must
 * neither log nor wait. When log_tap(NULL, NULL) returns, no call of it is in progress. */
typedef void log_tap_function(void *ctx, enum log_level level, const char *text);
void log_tap(log_tap_function *fn, void *ctx);

/* The level's name in lower case; static. */
const char *log_level_name(enum log_level level);
/* Case does not matter. False for an unknown name. */
bool log_parse_level(const char *name, enum log_level *out);

/* Used by the macros. Text over LOG_TEXT_MAX (base/log_line.h) is cut. */
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

/* For a state that lasts: at most one line a minute. */
#define log_warn_rarely(...) LOG_AT_(LOG_WARN, 1, __VA_ARGS__)

#endif
