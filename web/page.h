/* One page being written: its frame (head, state of the node, search, links) and the parts that
 * several pages have. The pages are the functions of web/routes.def. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "api/figures.h"
#include "api/query.h"
#include "http/call.h"
#include "web/html.h"
#include "web/text.h"

enum { PAGE_COLUMNS = 12 /* of a table */ };

struct page {
	/* The page changes by itself: it is shown anew every so many seconds, with scripts only its
	 * content, so that the focus stays; 0 = it does not. Set before page_begin(). */
	unsigned again;
	/* Where the link of the other language leads to, with a query if it needs one; borrowed
	 * until page_end(). NULL: to the page itself, and nowhere from the answer of a form. */
	const char *here;
	const struct api *api;
	struct http_call *call;
	struct wr *w; /* the answer */
	enum web_language language;
	int64_t now;        /* seconds since 1970, by this machine's clock */
	struct query query; /* looks into the chain; its JSON writer is not used */
	bool live;          /* web/script.js keeps its figures and its state at the present */

	/* inside: the columns of the table that is being written, and the next cell of its row */
	enum web_text columns[PAGE_COLUMNS + 1];
	size_t column;
};

/* Starts an answer: language, time, headers. Nothing is written yet. */
struct page page_of(const struct api *a, struct http_call *c);

/* Writes all up to the content. `title`: of the page, any text; NULL = its heading is the state of
 * the node, which it writes itself. `json`: path of the same as JSON, NULL = there is none; static
 * or borrowed until the call ends. */
void page_begin(struct page *p, const char *title, const char *json);
/* Writes what follows the content. */
void page_end(struct page *p);

/* A whole page that says why there is nothing else, with a line of the engine behind it, NULL =
 * none. Returns `status`. */
int page_nothing(struct page *p, int status, enum web_text why, const char *line);

/* The page waits for what the node was asked for with the number of its call, so many milliseconds
 * at most: its function is called once more, with call->came_status and call->came, which is JSON
 * (http/call.h). Nothing that was written is sent. Returns 200. */
int page_later(struct page *p, uint64_t ms);

/* Answers with a redirection to the log-in, which leads back to what was asked for. Returns 303. */
int page_to_login(struct page *p);

/* A page that says where the owner logs in. Returns 403. */
int page_for_the_owner(struct page *p);

/* What a person typed into a field, without blanks around it; a form sends a blank as '+', which no
 * name has. Changes the text, and returns where it begins. */
char *page_typed(char *text);

/* True for a path of ours, with or without a query. "//host" and "/\host" would lead a browser to
 * another site. */
bool page_is_own_path(const char *path);

/* Answers with a redirection to this path. Returns 303. */
int page_go(struct page *p, const char *path, struct slice last);

/* ---- page_form.c ---- */

/* True when the reader may do the owner's work: peers, keys, own names, jobs, signing. */
bool page_may_own(const struct page *p);

/* Begins a form that is sent to this path (a FORM of web/routes.def), with its token; ends it with
 * a button of that text. `path` is plain text. */
void page_form(struct page *p, const char *path);
void page_form_end(struct page *p, enum web_text button);

/* A field of one line: its label, what stands in it, and beside it what is wrong with that. */
struct page_field {
	const char *name;
	enum web_text label;
	const char *value, *hint; /* hint: an example, shown while it is empty */
	enum web_text wrong;      /* WEB_TEXTS = nothing is */
	bool required;
};
void page_field(struct page *p, const struct page_field *f);

/* ---- page_words.c: texts, numbers and times in the reader's language ---- */

/* Writes the text, with %1 and %2 filled in as text; NULL = nothing. */
void page_say(struct page *p, enum web_text text);
void page_say_with(struct page *p, enum web_text text, const char *first, const char *second);

/* Writes a text that heads something, a fact or a column, with a large letter at its beginning; in
 * a sentence the same text has a small one. */
void page_say_head(struct page *p, enum web_text text);

/* Writes a line that the node says in English in the reader's language (web/sentence.h), as text;
 * as it is and marked as English where it has no translation. */
void page_put_line(struct page *p, const char *line);

enum { PAGE_WORD_MAX = 64 };

/* "22,522", in Russian "22 522". Writes into `to` and returns it. */
const char *page_number(const struct page *p, uint64_t n, char to[PAGE_WORD_MAX]);

/* "0.5", in Russian "0,5": one digit behind the point below 100, else a whole number. */
const char *page_decimal(const struct page *p, double v, char to[PAGE_WORD_MAX]);

/* "717 kB", "33.6 MB": powers of 1024, as in base/human.h. */
const char *page_bytes(const struct page *p, uint64_t bytes, char to[PAGE_WORD_MAX]);

/* "30 Nov 2026", in Russian "30.11.2026"; "no date" for a time that has none. */
const char *page_date(const struct page *p, int64_t seconds, char to[PAGE_WORD_MAX]);

/* "3 h", "12 days". */
const char *page_span(const struct page *p, uint64_t seconds, char to[PAGE_WORD_MAX]);

/* The text with its %1 filled in, as plain text. */
const char *page_fill(
	const struct page *p, enum web_text text, const char *value, char to[PAGE_WORD_MAX]);

/* "5 Dec 2026, 14:05 UTC". */
const char *page_moment(const struct page *p, int64_t seconds, char to[PAGE_WORD_MAX]);

/* Writes the text with its %1 filled in by a moment and how far away that is. */
void page_say_moment(struct page *p, enum web_text text, int64_t seconds);

/* A <time> element: how long ago or in how long, with the exact time as its title. */
void page_put_time(struct page *p, int64_t seconds);
/* The same with the date in front. */
void page_put_date(struct page *p, int64_t seconds);

/* ---- page_parts.c: pieces of several pages ---- */

/* Links with a text: to a block, to a key (its first digits), to a name by its identity. */
void page_link_block(struct page *p, uint64_t index);
void page_link_key(struct page *p, struct slice key);
void page_link_identity(struct page *p, struct slice identity);

/* True when there is room for one more row or drawing of a list, and the end of the page. A list
 * may be longer than an answer. */
bool page_has_room(const struct page *p);

/* The text as a link to where the glossary explains it; `anchor` is one of web/glossary.def. */
void page_term(struct page *p, enum web_text text, const char *anchor);
/* The same where the text heads something. */
void page_head_term(struct page *p, enum web_text text, const char *anchor);

/* What is left of a name's year, as a bar and in words; nothing when it is over. Seconds. */
void page_put_year(struct page *p, int64_t expires);

/* Writes a text of ours whose [words](anchor) are links to the glossary; its words alone where
 * page_say() would write brackets. A sentence (page_sentence()) is written so. */
void page_explain(struct page *p, enum web_text text);

/* A heading below the page's own, which is a link to its explanation where the glossary has one, as
 * are the heads of facts and columns; and a paragraph. */
void page_head(struct page *p, enum web_text text);
void page_sentence(struct page *p, enum web_text text);

/* A row of a list of facts: the term; what is written up to the end is its value. */
void page_fact(struct page *p, enum web_text term);
void page_fact_end(struct page *p);

/* The head of a table: its columns, PAGE_COLUMNS at most, ended by WEB_TEXTS. */
void page_table(struct page *p, const enum web_text *columns);
/* A row of it with its first cell, a cell after that, the end of a row. `kind`, `cell`: the class,
 * NULL = none. A cell of the kind "n" has a number; "long" has a line of its own on a phone, "two"
 * two thirds of it, where a row of more than two cells is a card, and each cell says what it is. */
void page_row(struct page *p, const char *kind, const char *cell);
void page_cell(struct page *p, const char *kind);
void page_row_end(struct page *p);
void page_table_end(struct page *p);

/* The text with its %1 filled in by the first digits of the bytes: "Key 1A2B3C4D…". */
const char *page_short(
	const struct page *p, enum web_text text, struct slice bytes, char to[PAGE_WORD_MAX]);

/* All bytes as hex digits, which break where they must; `copy`: with a button that copies them. */
void page_put_hex(struct page *p, struct slice bytes, bool copy);

/* Writes what tells the script that an element has lines to copy, within its tag, which is of the
 * class "copy". */
void page_put_copy(struct page *p);

/* ---- page_command.c ---- */

/* A command of this program for a terminal, as text that a shell takes: its words after the
 * program's name, and an argument that may be NULL. It names the settings file of the node unless
 * that is the system's. */
void page_command(struct page *p, const char *words, const char *argument);

/* Lines of our own to be copied, and such a command; `where`: where they belong. */
void page_put_lines(struct page *p, enum web_text where, const char *lines);
void page_put_command(struct page *p, enum web_text where, const char *words, const char *argument);

/* What a full block did to its name: registered, changed and so on. At most one more block is read.
 * Writes nothing when that cannot be read. By page_name.c. */
void page_put_deed(struct page *p, const struct block *b);

/* ---- page_data.c ---- */

/* Records, contacts and info of a domain's data text, as tables. */
void page_put_data(struct page *p, struct slice data);

/* ---- parts of the first page ---- */

/* The newest full blocks as cards; the latest changes of names, `most` at most; the bounds,
 * folded. */
void page_put_chain(struct page *p, struct view *v);
void page_put_latest(struct page *p, struct view *v, int most);

/* The names that a key owns, as far as api/name_lists.h looks. */
void page_put_owned(struct page *p, struct view *v, const uint8_t key[KEY_SIZE]);
void page_put_bounds(struct page *p);

/* What is not set up yet, for who sits at this machine; nothing when all is. */
void page_put_first(struct page *p, const struct figures *f);
/* Answers the link that hides it ("first") or shows it again. Returns 303. */
int page_hide_first(struct page *p, const char *how);

/* ---- page_live.c ---- */

/* A number that web/script.js keeps at the present. `figure`: where /status has it, such as
 * "network.inbound". */
void page_live_number(struct page *p, const char *figure, uint64_t n);
void page_live_bytes(struct page *p, const char *figure, uint64_t bytes);

/* ---- page_state.c ---- */

enum state_level { STATE_GOOD, STATE_BUSY, STATE_BAD };

/* The state of the node. */
struct page_state {
	enum state_level level;
	const char *word;     /* reason_word() (api/reason.h) */
	char text[160];       /* in a few words */
	enum web_text advice; /* what it means, or what to do */
	char detail[256];     /* the facts behind it, in English: for page_put_line() */
};

/* Fills *s. */
void page_state(struct page *p, struct page_state *s);

/* The class that colours it and the sign that stands before it; static. */
const char *page_state_class(enum state_level level);
const char *page_state_icon(enum state_level level);

/* Writes the texts of all states and the words of amounts and spans, unseen, for web/script.js. */
void page_put_words(struct page *p);

/* Writes all states with what they mean, as a list. */
void page_put_states(struct page *p);

#endif
