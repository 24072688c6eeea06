/* What the engine says in English, in the reader's language: reasons, states, what happens at a
 * bound. The engine knows no languages; its lines are found in web/sentences.def by their form.
 * Pure. Before: the pages. After: web/text.h fills in. */
#ifndef WEB_SENTENCE_H
#define WEB_SENTENCE_H

#include "web/text.h"

enum { SENTENCE_MAX = 2048 /* bytes, with the 0 at its end */ };

/* Writes the line in that language into `to`, and returns true. False when not all of it has a
 * translation: `to` has the line as it was then, cut where it is too long. */
bool web_sentence(enum web_language language, const char *line, char to[SENTENCE_MAX]);

#endif
