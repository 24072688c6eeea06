/* One line of the log as text, JSON or for the journal. Pure. Before: base/log.c decided that it is
 * written. After: base/log.c writes it. */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include "base/cursor.h"
#include "base/log.h"

enum {
	LOG_TEXT_MAX = 1024,                  /* of one line, cut there */
	LOG_LINE_MAX = 6 * LOG_TEXT_MAX + 256 /* with every byte escaped */
};

enum log_form { LOG_FORM_TEXT, LOG_FORM_JSON, LOG_FORM_JOURNAL };

struct log_line {
	enum log_level level;
	int64_t wall_ms; /* milliseconds since 1970, UTC */
	const char *text;
	uint32_t left_out; /* lines of the same place before it that were not written */
};

/* Appends the line and its end. Nothing but printable characters comes out; JSON is valid UTF-8
 * whatever the text is. */
void log_line_put(struct wr *w, enum log_form form, const struct log_line *line);

/* Appends text of any bytes as printable UTF-8: all others as \x1b. */
void log_line_put_text(struct wr *w, struct slice s);

#endif
