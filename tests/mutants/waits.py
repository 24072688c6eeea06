"""Mutants of what never waits: the log, the service manager, the start-up check, the disk."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("base/log_queue.c", "test_log_queue")
row("level == LOG_ERROR ? q->size : q->lost ? q->size / 2 : q->size - q->size / 4;",
    "q->lost ? q->size / 2 : q->size - q->size / 4;", "errors have room of their own", sample=True)
row("if (!q->lost) q->gap = q->used;", "q->gap = 0;", "where lines are missing")
row("q->refused = !write_line(q);", "write_line(q);", "a pipe without a reader is no endless loop",
    equal="the thread turns for ever, and no test measures its time")
row("if (!q->refused) q->lost -= told;", "if (q->refused) q->lost -= told;",
    "what was told is not told again")
row("if (!done) pthread_cancel(q->thread);", "", "the end does not wait for a reader")
row("at = q->fd == fd ? at + (size_t)n : 0;", "at += (size_t)n;",
    "a line goes where the lines go now")
row("fd = q->fd; } return true;", "} return true;", "a line goes where the lines go now")

file("node/notify.c", "program test_waits")
row("MSG_NOSIGNAL | MSG_DONTWAIT", "MSG_NOSIGNAL", "nobody waits for the manager")
row("return !full;", "return true;", "what the manager did not take is told again")

file("chain/startup.c", "test_startup")
row("goes_on(s, i, height) ? check_next(s, i, upto) : ERR_STOPPING;", "check_next(s, i, upto);",
    "a start-up check can be ended", sample=True)
row("return size > 1 ? size / 2 : 1;", "return size;", "a slow machine hears signals as well")

file("node/start_check.c", "program test_waits")
row("node_hear(s->n);", "", "signals are heard during the start-up check")
row("tell_manager(index, last);", "", "the manager knows that a long start is none that hangs")
