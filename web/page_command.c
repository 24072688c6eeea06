/* Lines to be copied, and commands for the terminal as they reach this node: with the settings file
 * that it runs with. Before: the pages that tell what to do there. After: config/paths.h. */
#include "config/paths.h"
#include "web/page.h"

/* As one word of a shell: in quotes where it has a character that a shell may take for its own. A
 * quote within is closed, escaped, opened again. */
static void put_word(struct page *p, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:@%+-";

	if (*word && word[strspn(word, plain)] == 0) {
		html_str(p->w, word);
		return;
	}
	html_str(p->w, "'");
	for (size_t n; *word; word += n) {
		n = *word == '\'' ? 1 : strcspn(word, "'");
		if (*word == '\'')
			html_str(p->w, "'\\''");
		else
			html_text(p->w, slice_of(word, n));
	}
	html_str(p->w, "'");
}

/* A node.toml in the working directory is found from there alone, so it is named, too. */
void page_command(struct page *p, const char *words, const char *argument)
{
	const struct config *c = p->api->config;
	char file[4096 + CONFIG_TEXT_MAX]; /* a working directory, and what is below it */

	html_raw(p->w, "alfisd ");
	if (c->file[0] && strcmp(c->file, CONFIG_SYSTEM_FILE) != 0) {
		path_absolute(c->file, file, sizeof file);
		html_raw(p->w, "--config ");
		put_word(p, file);
		html_raw(p->w, " ");
	}
	html_str(p->w, words);
	if (!argument)
		return;
	html_raw(p->w, " ");
	put_word(p, argument);
}

/* The script puts a button behind the lines; without it they are text to select. */
static void begin_lines(struct page *p, enum web_text where)
{
	html_raw(p->w, "<p class=\"where\">");
	page_say(p, where);
	html_raw(p->w, "</p><pre class=\"copy\" tabindex=\"0\"");
	page_put_copy(p);
	html_raw(p->w, ">");
}

void page_put_lines(struct page *p, enum web_text where, const char *lines)
{
	begin_lines(p, where);
	html_lines(p->w, lines);
	html_raw(p->w, "</pre>\n");
}

void page_put_command(struct page *p, enum web_text where, const char *words, const char *argument)
{
	begin_lines(p, where);
	page_command(p, words, argument);
	html_raw(p->w, "\n</pre>\n");
}
