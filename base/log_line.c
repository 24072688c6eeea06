/* Formats one line of the log as text, as JSON or for the journal. Before: base/log.c,
 * base/log_queue.c, cli/cli_say.c. After: base/json_write.c, base/width.c. */
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/log_line.h"
#include "base/width.h"

static void put_time(struct wr *w, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	wr_format(w, "%s.%03dZ", text, (int)(wall_ms % 1000));
}

/* Escapes characters that could control a terminal or reverse the direction of text. */
void log_line_put_text(struct wr *w, struct slice s)
{
	int columns;

	while (s.n) {
		size_t n = width_next((const char *)s.p, s.n, &columns);

		for (size_t i = 0; i < n && columns < 0; i++)
			wr_format(w, "\\x%02x", s.p[i]);
		if (columns >= 0)
			wr_bytes(w, s.p, n);
		s = slice_of(s.p + n, s.n - n);
	}
}

static void put_json(struct wr *w, const struct log_line *line)
{
	char when[32];
	struct wr time = wr_of(when, sizeof when);
	struct json_wr j = {.w = w};

	put_time(&time, line->wall_ms);
	json_open(&j, NULL, '{');
	json_text(&j, "time", wr_done(&time));
	json_str(&j, "level", log_level_name(line->level));
	json_str(&j, "text", line->text);
	if (line->left_out)
		json_u64(&j, "left_out", line->left_out);
	json_close(&j, '}');
}

static void put_plain(struct wr *w, bool journal, const struct log_line *line)
{
	static const int priority[] = {3, 4, 6, 7}; /* as in syslog(3) */

	if (journal) {
		wr_format(w, "<%d>", priority[line->level]);
	} else {
		put_time(w, line->wall_ms);
		wr_format(w, " %-5s ", log_level_name(line->level));
	}
	log_line_put_text(w, slice_str(line->text));
	if (line->left_out)
		wr_format(w, " (and %u like it left out)", line->left_out);
}

void log_line_put(struct wr *w, enum log_form form, const struct log_line *line)
{
	if (form == LOG_FORM_JSON)
		put_json(w, line);
	else
		put_plain(w, form == LOG_FORM_JOURNAL, line);
	wr_u8(w, '\n');
}
