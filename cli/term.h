/* The terminal that standard output is, if it is one: its size, and a screen that is drawn again
 * and again. Uses no library: the few sequences are those of every terminal since the VT100 and
 * xterm. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>

/* Columns of a line: COLUMNS of the environment, else what the terminal says, else 80. */
unsigned term_width(void);

/* Of a screen that is drawn: the same and LINES, but no more than the terminal has. */
void term_screen(unsigned *width, unsigned *height);

/* Can standard output be drawn on? Not a pipe or a file, not TERM=dumb. */
bool term_draws(void);

/* Before each drawing: the first time the terminal's own screen is put aside, and signals that end
 * the program are heard by term_wait(); then the cursor is in the corner. */
void term_begin(void);

/* After it: what stood below is erased. `full`: the drawing took the whole height. */
void term_drawn(bool full);

/* The terminal's own screen is back, as it was. Nothing when term_begin() was never called. */
void term_end(void);

/* Waits; sooner back when the window changes its size. Told to pause (^Z), the program stops here
 * with the terminal as it was. False when the program is to end. */
bool term_wait(unsigned seconds);

#endif
