/* The size of the terminal, and a screen that is drawn again and again. Before: cli/ctl.c with
 * --watch. After: standard output. */
#include "cli/term.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 80, HEIGHT = 24, LEAST_WIDTH = 20, MOST = 10000 };

static bool drawing;
static volatile sig_atomic_t told_to_end, told_to_pause;

/* ---- size ---- */

/* Reads a size from the environment; false when it is missing or not a sensible number. */
static bool from_environment(const char *name, unsigned least, unsigned *to)
{
	const char *text = getenv(name);
	char *end = NULL;
	unsigned long v = text && text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;

	if (!end || *end || v == 0 || v > MOST)
		return false;
	*to = v < least ? least : (unsigned)v;
	return true;
}

/* The size that the terminal reports; 0 = unknown. */
static struct winsize window(void)
{
	struct winsize w = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0)
		w = (struct winsize){0};
	return w;
}

unsigned term_width(void)
{
	unsigned width, own = window().ws_col;

	if (from_environment("COLUMNS", LEAST_WIDTH, &width))
		return width;
	return !own ? WIDTH : own < LEAST_WIDTH ? LEAST_WIDTH : own;
}

/* Never more than the terminal has, whatever the environment says: drawing beyond its edges would
 * scroll it. */
void term_screen(unsigned *width, unsigned *height)
{
	struct winsize w = window();

	if (!from_environment("LINES", 1, height))
		*height = HEIGHT;
	if (w.ws_row && (*height > w.ws_row || !getenv("LINES")))
		*height = w.ws_row;
	*width = term_width();
	if (w.ws_col && *width > w.ws_col)
		*width = w.ws_col;
}

bool term_draws(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDOUT_FILENO) && kind && kind[0] && strcmp(kind, "dumb") != 0;
}

/* ---- the screen ---- */

static void on_end(int number)
{
	(void)number;
	told_to_end = 1;
}

static void on_pause(int number)
{
	(void)number;
	told_to_pause = 1;
}

static void on_resize(int number)
{
	(void)number; /* it only interrupts nanosleep() */
}

/* Without SA_RESTART, so that a signal interrupts nanosleep(). */
static void catch_signal(int number, void (*handler)(int))
{
	struct sigaction a = {.sa_handler = handler};

	sigemptyset(&a.sa_mask);
	sigaction(number, &a, NULL);
}

void term_begin(void)
{
	if (!drawing) {
		catch_signal(SIGINT, on_end);
		catch_signal(SIGTERM, on_end);
		catch_signal(SIGHUP, on_end);
		catch_signal(SIGQUIT, on_end);
		catch_signal(SIGTSTP, on_pause);
		catch_signal(SIGWINCH, on_resize);
		fputs("\033[?1049h\033[2J", stdout);
	}
	drawing = true;
	fputs("\033[H", stdout);
}

void term_drawn(bool full)
{
	fputs(full ? "" : "\033[J", stdout);
	fflush(stdout);
}

void term_end(void)
{
	if (!drawing)
		return;
	drawing = false;
	fputs("\033[?1049l", stdout);
	fflush(stdout);
}

bool term_wait(unsigned seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	if (!told_to_end && !told_to_pause)
		nanosleep(&t, NULL);
	if (told_to_pause && !told_to_end) { /* ^Z: give the shell its own screen back */
		told_to_pause = 0;
		term_end();
		raise(SIGSTOP);
	}
	return !told_to_end;
}
