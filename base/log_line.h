/* Formats one line of the log as text, as JSON or for the journal. Pure functions. Before:
 * base/log.c, base/log_queue.c. After: they write it. */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include "base/cursor.h"
#include "base/log.h"

enum {
	LOG_TEXT_MAX = 1024,                  /* bytes of a line's text; longer ones are cut */
	LOG_LINE_MAX = 6 * LOG_TEXT_MAX + 256 /* if every byte must be escaped */
};

enum log_form { LOG_FORM_TEXT, LOG_FORM_JSON, LOG_FORM_JOURNAL };

struct log_line {
	enum log_level level;
	int64_t wall_ms; /* milliseconds since 1970, UTC */
	const char *text;
	uint32_t left_out; /* earlier lines of the same place that were not written */
};

/* Appends the line and a line feed. All characters in it are printable; JSON is valid UTF-8,
 * whatever the text is. */
void log_line_put(struct wr *w, enum log_form form, const struct log_line *line);

/* Appends any bytes as printable UTF-8: what is not printable becomes \x1b and the like. */
void log_line_put_text(struct wr *w, struct slice s);

#endif
