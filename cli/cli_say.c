/* Error lines of the command line, and setting the log up. Before: cli/cli.c, cli/main.c, every
 * command. After: standard error, base/log.c. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log_line.h"
#include "cli/cli.h"
#include "cli/fault.h"

enum { ERROR_MAX = 1536 };

static bool errors_as_json;

void cli_errors_as_json(bool on)
{
	errors_as_json = on;
	fault_as_json(on);
}

/* True when standard error goes to the journal: JOURNAL_STREAM then names its device and inode. */
static bool to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat s;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

/* Prints {"error":"…"}. The text was cut to ERROR_MAX before, so it always fits. */
static void print_as_json(const char *text)
{
	uint8_t line[6 * ERROR_MAX + 32];
	struct wr w = wr_of(line, sizeof line);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_str(&j, "error", text);
	json_close(&j, '}');
	fprintf(stderr, "%.*s\n", (int)w.n, (const char *)line);
}

/* Escapes control characters: file names and arguments may contain what controls a terminal. */
static void print_as_line(const char *text)
{
	uint8_t line[4 * ERROR_MAX]; /* an escaped byte takes four */
	struct wr w = wr_of(line, sizeof line);

	log_line_put_text(&w, slice_str(text));
	fprintf(stderr, "%salfisd: %.*s\n", to_journal() ? "<3>" : "", (int)w.n,
		(const char *)line);
}

const char *cli_printable(const char *text)
{
	static char line[4 * ERROR_MAX + 1];
	struct wr w = wr_of(line, sizeof line - 1);

	log_line_put_text(&w, slice_str(text));
	line[w.n] = 0;
	return line;
}

void cli_error(const char *format, ...)
{
	char text[ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (errors_as_json)
		print_as_json(text);
	else
		print_as_line(text);
}

void cli_error_at_place(const char *text)
{
	fprintf(stderr, "%s%s\n", to_journal() ? "<3>alfisd: " : "", cli_printable(text));
}

bool cli_set_up_log(const struct config *c, const struct command *cmd)
{
	struct log_settings s = {.json = errors_as_json || strcmp(c->log_format, "json") == 0,
		.journal = to_journal(),
		.per_site_minute = (uint32_t)c->log_per_site,
		.file = cmd->how & LOGS_TO_FILE ? c->log_file : ""};

	log_parse_level(c->log_level, &s.level);
	if (cmd->how & QUIET && s.level > LOG_WARN)
		s.level = LOG_WARN;
	if (log_setup(&s))
		return true;
	cli_error("log.file: cannot append to %s: %s", c->log_file,
		errno == ENXIO ? "it is a pipe that nobody reads" : strerror(errno));
	return false;
}

bool cli_begin_log(const struct config *c, const struct command *cmd)
{
	if (!cli_set_up_log(c, cmd))
		return false;
	/* Only the node logs the notices about the settings; check-config prints them. */
	for (size_t i = 0; i < c->notice_count && cmd->how & LOGS_TO_FILE; i++)
		log_info("%s", c->notices[i]);
	return true;
}

/* Finds out why an earlier printf() failed, whose errno is lost: writes one more byte, which fails
 * for the same reason. The output is incomplete anyway. */
static int write_error(void)
{
	return write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
}

int cli_finish(int status)
{
	int error = 0;

	if (ferror(stdout))
		error = write_error();
	else if (fflush(stdout) != 0)
		error = errno;
	if (fclose(stdout) != 0 && !error)
		error = errno;
	if (!error)
		return status;
	if (error != EPIPE)
		cli_error("standard output: %s", strerror(error));
	return status == EXIT_DONE ? EXIT_TASK_FAILED : status;
}
