/* See base/log_line.h. */
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/log_line.h"
#include "base/utf8.h"

enum { FIRST_C1 = 0x80, AFTER_C1 = 0xA0 };

static void put_time(struct wr *w, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	wr_format(w, "%s.%03dZ", text, (int)(wall_ms % 1000));
}

/* Control characters, also those of two bytes, could steer a terminal. */
static bool is_printable(struct slice character)
{
	struct rd r = rd_of(character);
	int32_t code = utf8_take(&r);

	return code >= 0x20 && code != 0x7F && !(code >= FIRST_C1 && code < AFTER_C1);
}

void log_line_put_text(struct wr *w, struct slice s)
{
	while (s.n) {
		size_t n = utf8_good(s);
		struct slice character = slice_of(s.p, n ? n : 1);

		if (n && is_printable(character))
			wr_slice(w, character);
		else
			for (size_t i = 0; i < character.n; i++)
				wr_format(w, "\\x%02x", character.p[i]);
		s = slice_of(s.p + character.n, s.n - character.n);
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
	static const int priority[] = {3, 4, 6, 7}; /* as syslog(3) counts */

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
