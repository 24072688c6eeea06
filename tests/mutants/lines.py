"""Mutants of what slow and silent lines, and slow machines, are allowed."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("node/sync_choose.c", "test_sync_lines")
row("useful = useful < carried ? useful : carried;", "", "a slow line is asked for less")

file("node/sync_fetch.c", "test_sync_lines", "test_sync_bounds", "test_sync")
row("if (!np->sync.kicked_ms) {", "if (1) {", "limits.request_timeout: who answers nothing is closed")
row("if (!np->sync.requests.count || !sync_line_late(s, np, now)) return;", "return;",
    "limits.request_timeout: who is late is asked whether it has the block")
row("if (sync_line_lives(s, now)) take_back(s, np);", "take_back(s, np);",
    "a silence of all lines is nobody's fault")
row("slot->from = np->id; slot->asked_ms = sync_now(s);", "", "what comes behind a silence is taken back")
row("i < first + (lives ? NEEDED : 1)", "i < first + NEEDED", "one question into a silence")
row("!sync_line_sooner(s, np, slot, now) ||", "", "with slow ones everybody waits")

file("node/sync_line.c", "test_sync_lines", "test_sync_bounds")
row("np->sync.progress_ms = now;", "", "bytes are progress")
row("if (is_silent_for(np, now, LATE_LEAST_MS)) np->sync.back_ms = now;", "", "who comes back first is not better")
row("bytes * 1000 / LEAST_RATE;", "0;", "bytes of a long frame are life")
row("bytes * 1000 / LEAST_RATE;", "bytes * 1000;", "a trickle is late")
row("return left_ms > SOONER * needs_ms + SILENT_MS;", "return false;",
    "the fast give what the slow would give late")
row("return left_ms > SOONER * needs_ms + SILENT_MS;", "return true;", "with slow ones everybody waits")
