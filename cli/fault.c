/* Signal handler for memory faults that a damaged store causes. Before: cli/main.c installs it.
 * After: the process ends. */
#include "cli/fault.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "chain/store.h"

#define WORDS                                                                                      \
	"the store cannot be read: its file is damaged, or the disk is gone; restore it from a "   \
	"snapshot (alfisd import)"

static const int numbers[] = {SIGBUS, SIGSEGV};
enum { FAULTS = sizeof numbers / sizeof numbers[0] };

static struct sigaction before[FAULTS];
static volatile sig_atomic_t as_json;

static void print_line(void)
{
	static const char text[] = "alfisd: " WORDS "\n", json[] = "{\"error\":\"" WORDS "\"}\n";
	ssize_t ignored = as_json ? write(STDERR_FILENO, json, sizeof json - 1)
				  : write(STDERR_FILENO, text, sizeof text - 1);

	(void)ignored;
}

/* The store is mapped into memory, so a damaged file or a disk that went away raises a signal in
 * the thread that reads it. Nothing can be saved then, and nothing needs to be: committed blocks
 * are on the disk. SIGBUS always comes from the store, because nothing else is mapped that can
 * become shorter. Any other fault is a bug of ours: this restores the previous handler and returns,
 * and the fault happens again. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	if (number == SIGBUS || store_is_read_here()) {
		print_line();
		_exit(EXIT_STORE);
	}
	for (int i = 0; i < FAULTS; i++)
		if (numbers[i] == number)
			sigaction(number, &before[i], NULL);
}

void fault_as_json(bool on)
{
	as_json = on;
}

void fault_catch(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};

	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < FAULTS; i++)
		sigaction(numbers[i], &sa, &before[i]);
}
