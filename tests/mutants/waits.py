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

file("node/sd_notify.c", "program test_waits")
row("MSG_NOSIGNAL | MSG_DONTWAIT", "MSG_NOSIGNAL", "nobody waits for the manager")
row("return !full;", "return true;", "what the manager did not take is told again")

file("chain/startup.c", "test_startup")
row("goes_on(s, i, height) ? check_next(s, i, upto) : ERR_STOPPING;", "check_next(s, i, upto);",
    "a start-up check can be ended", sample=True)
row("return size > 1 ? size / 2 : 1;", "return size;", "a slow machine hears signals as well")

file("node/start_check.c", "program test_waits")
row("node_hear(s->n);", "", "signals are heard during the start-up check")
row("tell_manager(index, last);", "", "the manager knows that a long start is none that hangs")

file("sync/commits.c", "test_commits", "test_sync_bounds")
row("if (v->now_ms < c->free_ms) return COMMITS_WAIT;", "", "a slow disk has its rest", sample=True)
row("if (!v->others || v->asked) return true;", "if (!v->others) return true;",
    "the address book does not wait for the end of a sync")
row("if (!v->far) return age >= (interval < NEAR_MS ? interval : NEAR_MS);", "",
    "near the tip a block waits for a second")
row("(age >= interval && v->pays);", "age >= interval;", "small groups wear a flash card")
row("age >= WAIT_MOST * interval ||", "", "limits.commit_interval: a group that does not pay")
row("v->unsettled && !v->others ?", "v->unsettled ?", "the next commit settles the one before")
row("rest < most ? rest : most", "rest", "the rest of a disk has an end")

file("sync/sync_commit.c", "test_sync_bounds", "test_sync_figures", "program test_slow_disk")
row("if (quick && !others_come(s))", "if (!others_come(s))", "two waits are two turns of the loop")
row("s->commit_asked = false;", "", "what was asked once is done once")
row("chain_uncommitted(c) > 0 || s->commit_asked,", "chain_uncommitted(c) > 0,",
    "the address book is kept at the tip as well", "program test_links")

file("chain/chain.c", "test_sync_bounds", "test_sync", "test_chain")
row("c->settles_later ? c->written : store_height(c->store);", "store_height(c->store);",
    "what is not settled is not called durable")
row("if (!err) c->committed = c->written;", "", "what is settled is durable")
row("return written <= 2 * fresh;", "return true;", "small groups wear a flash card",
    "test_sync_figures")

file("chain/store_open.c", "program test_slow_disk")
row("if (!err) err = store_settle(s);", "", "a stop settles what was committed",
    equal="a power cut would show it, and no test can cut the power")

file("chain/store_disk.c", "program test_disk")
row("if (error == ENOSPC && mdb_env_get_fd", "if (0 && mdb_env_get_fd",
    "a full disk: how much is free", "program test_disk")

file("node/room_wait.c", "test_room_wait")
row("return !last_ms || now - last_ms >= every_ms;", "return !last_ms;",
    "a full disk is told again every ten minutes")
row("room < ROOM_WANTED)", "room + 1 < ROOM_WANTED)", "a disk with less room than is wanted is full")
row("(known = w->room(w->dir, &room)) &&", "(known = w->room(w->dir, &room) || true) &&",
    "a file system that does not count is not waited for")
row("&& tell_manager(w, bytes, wanted)) s->told_ms = now;",
    ") { tell_manager(w, bytes, wanted); s->told_ms = now; }",
    "what the manager did not take is told at the next look")

file("node/start_check.c", "program test_full_disk")
row("return !sd_notify_is_wanted() || room_wait(&w);", "return true;",
    "with a manager a full disk is waited for", "program test_full_disk")
row("return !sd_notify_is_wanted() || room_wait(&w);", "return room_wait(&w);",
    "without a manager a full disk ends the start", "program test_full_disk")

file("chain/room.c", "test_room_wait")
row("if (v->f_blocks == 0 ||", "if (", "a file system that counts no blocks is not full")
