/* The terminal at standard output, if it is one: its size, and redrawing a screen for --watch.
 * Needs no library: it uses the few escape sequences that every terminal since the VT100 and xterm
 * knows. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>

/* Columns of a line: the environment's COLUMNS, else what the terminal says, else 80. At least 20.
 */
unsigned term_width(void);

/* Size of a screen to draw on: as term_width(), and LINES likewise, but never more than the
 * terminal has. */
void term_screen(unsigned *width, unsigned *height);

/* True when a screen can be drawn at standard output. Not a pipe or a file, not TERM=dumb. */
bool term_draws(void);

/* Called before each drawing; moves the cursor to the corner. The first call switches to the
 * alternate screen, and catches the signals that end or pause the program, for term_wait(). */
void term_begin(void);

/* Called after each drawing; erases what is left below. `full`: the drawing took the whole height,
 * so nothing is. */
void term_drawn(bool full);

/* Switches back to the terminal's own screen. Does nothing when term_begin() was never called. */
void term_end(void);

/* Waits, less when the window changes its size. After ^Z it restores the terminal and stops the
 * process until it is continued. False when the program was told to end. */
bool term_wait(unsigned seconds);

#endif
