/* A line that the engine said has its Russian on the pages, all of it. */
#ifndef TESTS_UNIT_RUSSIAN_H
#define TESTS_UNIT_RUSSIAN_H

#include "web/sentence.h"

static inline void assert_has_russian(const char *line)
{
	char russian[SENTENCE_MAX];

	if (!web_sentence(WEB_RUSSIAN, line, russian))
		fail_msg("\"%s\" has no Russian in web/sentences.def", line);
}

#endif
