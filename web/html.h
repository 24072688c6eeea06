/* Writes HTML. What others have chosen (names, records, versions of peers, a question of the user)
 * goes through html_text() or html_str() and can then be nothing but text: no markup, no control
 * character, no turn of the writing direction. Pure. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "base/cursor.h"

/* Appends markup of our own, as it is. */
void html_raw(struct wr *w, const char *markup);

/* Appends any bytes as text, for the content of an element or a quoted attribute: & < > " ' are
 * escaped. Bytes that are no UTF-8, control characters, and the characters that turn the direction
 * of writing or are invisible stand as U+FFFD. A line end becomes a blank. */
void html_text(struct wr *w, struct slice text);
void html_str(struct wr *w, const char *text);

/* One of our own paths as the value of an attribute, to which the path of a web server in front of
 * us is added (web/prefix.h): a text of html_text() that begins with '/' is none. */
void html_path(struct wr *w, const char *path);

/* Several lines of our own for a <pre>, in which line ends stay. */
void html_lines(struct wr *w, const char *text);

/* As html_text() for the content of <textarea>: line ends stay. */
void html_area(struct wr *w, struct slice text);

/* Appends what html_area() lets the reader see, as plain text, with line ends alone between lines:
 * for comparing with what a form brings back. */
void html_seen(struct wr *w, struct slice text);

/* True when html_text() shows every character as it is. */
bool html_shows_all(struct slice text);

/* The same as html_text() inside <bdi>, so that a text that is written from right to left turns
 * nothing around it. */
void html_foreign(struct wr *w, struct slice text);

/* Appends text for a part of a path or query: all but letters, digits and -._ as %XX. */
void html_url(struct wr *w, struct slice text);

#endif
