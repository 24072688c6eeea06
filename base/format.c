/* Formatted text for struct wr. Before: any part that writes text. After: vsnprintf(3). */
#include <stdarg.h>
#include <stdio.h>

#include "base/cursor.h"

void wr_format(struct wr *w, const char *fmt, ...)
{
	size_t room = w->bad ? 0 : w->size - w->n;
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf((char *)w->p + w->n, room, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		w->bad = true; /* vsnprintf() also needs room for its NUL */
	else
		w->n += (size_t)n;
}
