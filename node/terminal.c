#include <stdlib.h>
#include <sys/ioctl.h>

#include "node/terminal.h"

enum { NARROWEST = 40, WIDEST = 1000 }; /* what is outside is no width of a terminal */

static size_t sensible(long columns)
{
	return columns < NARROWEST || columns > WIDEST ? 0 : (size_t)columns;
}

size_t terminal_columns(FILE *out)
{
	const char *said = getenv("COLUMNS");
	struct winsize size;

	if (said && said[0])
		return sensible(strtol(said, NULL, 10));
	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0)
		return 0;
	return sensible(size.ws_col);
}
