/* A command for the terminal, as it reaches this node: with the settings file that the node runs
 * with. Before: the pages that tell what to do there. After: config/paths.h. */
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
