"""Mutants of what slow and silent lines, and slow machines, are allowed."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("sync/sync_choose.c", "test_sync_lines")
row("useful = useful < carried ? useful : carried;", "(void)carried;", "a slow line is asked for less")

file("sync/sync_kick.c", "test_sync_lines", "test_sync_bounds", "test_sync")
row("if (!np->sync.kicked_ms) {", "if (1) {", "limits.request_timeout: who answers nothing is closed")
row("if (!np->sync.requests.count || !sync_line_late(s, np, now)) return;", "return;",
    "limits.request_timeout: who is late is asked whether it has the block")
row("if (sync_overtaken(s, np, now)) sync_take_back(s, np);", "sync_take_back(s, np);",
    "a silence of all lines is nobody's fault")
row("slot->from = np->id; slot->asked_ms = sync_now(s);", "", "what comes behind a silence is taken back")

file("sync/sync_fetch.c", "test_sync_lines", "test_sync_bounds", "test_sync")
row("!sync_line_sooner(s, np, slot, now) ||", "", "with slow ones everybody waits")

file("sync/sync_fetch.c", "test_sync_idle")
row("all_are_silent(s, now) ? silent_tick(s, now) : TICK_BUSY_MS;", "TICK_BUSY_MS;",
    "a claim that nothing follows wakes nobody all the time")
row("(p->frame_here || sync_silence", "(sync_silence", "a block on its way is looked at")
row("ms = sooner(ms, sync_line_late_in(s, np, now));", "ms = sooner(ms, 0);",
    "a silent peer is closed in time")
row("ms = sooner(ms, slot->asked_ms + slot->patience - now);", "ms = sooner(ms, 0);",
    "a late block is asked of another in time")

file("sync/sync_line.c", "test_sync_lines", "test_sync_bounds")
row("np->sync.progress_ms = now;", "", "bytes are progress")
row("if (is_silent_for(np, now, LATE_LEAST_MS)) np->sync.back_ms = now;", "", "who comes back first is not better")
row("bytes * 1000 / LEAST_RATE;", "0;", "bytes of a long frame are life")
row("bytes * 1000 / LEAST_RATE;", "bytes * 1000;", "a trickle is late")
row("return left_ms > SOONER * needs_ms + SILENT_MS;", "return false;",
    "the fast give what the slow would give late")
row("return left_ms > SOONER * needs_ms + SILENT_MS;", "return true;", "with slow ones everybody waits")

file("sync/sync_line.c", "test_sync_lines", "test_sync_bounds", "program test_lines")
row("return sync_silence(np, now) <= silence / 2 && (sync_overtaken(s, than, now) ||", "return (1 ||",
    "who fell silent at the same time would not be sooner")

file("sync/sync_line.c", "test_sync_own_line")
row("if (left_ms <= SILENT_MS && waited", "if (0 && waited",
    "what waits behind our own questions is not asked of a stranger")
row("if (left_ms <= SILENT_MS && waited_ms(s, than->sync.awaited_ms, now) < 2 * patience) return false;",
    "if (left_ms <= SILENT_MS) return false;", "the rate of the past is not believed without end")
row("return waited < WITNESS_MS && carried < waited ? carried : waited;", "(void)carried; return waited;",
    "a silence of our line is no time that a block was waited for")
row("return waited < WITNESS_MS && carried < waited ? carried : waited;",
    "return carried < waited ? carried : waited;", "a silence is an excuse for ten seconds")

file("sync/sync_own_line.c", "test_sync_own_line")
row("return now - s->line.looked_ms < PAUSE_MS ? now - s->line.back_ms : 0;",
    "return now - s->line.back_ms;", "a silence that goes on does not count either")

file("sync/sync_own_line.c", "test_sync_lines")
row("(!own_line_is_doubted(s, np, now) &&", "(1 &&", "nobody is closed for a silence of our own line")
row("return now - np->sync.awaited_ms >= most ||", "return", "a silence is not waited for without end")

file("sync/sync_own_line.c", "test_sync_own_line")
row("l->room = l->room < LEAST_ROOM ? LEAST_ROOM : l->room;", "l->room = SIZE_MAX;",
    "no more is asked for than the line carries")
row("other->sync.progress_ms && !sync", "!sync", "who never answered is no witness")

file("sync/sync_choose.c", "test_sync_own_line")
row("!o.np->sync.requests.count && !s->line.peers_room", "false",
    "a slow line is not divided among many")

file("sync/sync_own_line.c", "test_sync_bad_line")
row("return s->line.carried_ms >= since + sync_patience(s, np) ||",
    "return now - since >= sync_patience(s, np) ||",
    "what is on its way over our line is not asked of others")

file("p2p/line_life.c", "test_silent_line", "test_sync_lines")
row("if (l->heard && now - l->heard >= line_silence(limits)) return true;", "",
    "while nobody delivers the line is doubted")
row("return since < l->back && now - l->back < l->silence;", "return false;",
    "behind a silence everybody has as long again")
row("return since < l->back && now - l->back < l->silence;", "return now - l->back < l->silence;",
    "an older silence is no excuse")
row("return since < l->back && now - l->back < l->silence;", "return since < l->back;",
    "a silence is an excuse for as long again, and no longer")

file("p2p/conn_time.c", "test_silent_line")
row("!line_life_doubted(&c->pool->line, c->frame_since, now, l))", "1)",
    "limits.frame_timeout: half a frame outlasts a silence of the line")
row("return last < now + CHECK_MS ? last : now + CHECK_MS;", "return now + CHECK_MS;",
    "limits.frame_timeout: half a frame is not waited for without end")

file("sync/rate.c", "test_sync_lines")
row("if (goes_on && span < CHECK_MS) return;", "", "a rate is looked at over a while",
    equal="shorter looks give the same rate, only less evenly")
row("r->known = r->known || sample > 0;", "", "what was measured is known")

file("chain/verify.c", "test_verify", "program test_lines")
row("list_insert(&p->waiting, job);",
    "(void)list_insert; list_push(&p->waiting, job);", "the next block is checked first")

file("sync/pace.c", "test_pace")
row("now->height - m->height >= BLOCKS", "now->height > m->height", "the pace is of many blocks")
row("(!p->behind || now->height - m->height >= BLOCKS)", "now->height - m->height >= BLOCKS",
    "at the tip the last seconds count")
row("if (behind && !p->behind) pace_begin(p, now);", "", "the time at the tip does not count")
row("now->ms - m->ms > MOST_MS", "false", "the pace is of five minutes at most")
row("if (now->height < m->height ||", "if (", "a lower branch is no pace")

file("api/reason.c", "program test_lines")
row("if (quiet < SLOW_MS || wait->silence_ms > SLOW_MS || wait->before == SIZE_MAX) return false;",
    "return false;", "a slow line is named")
row("if (!wait->checking || (!much && s->quiet_ms < SLOW_MS)) return false;", "return false;",
    "a slow machine is named")

file("sync/pace.c", "test_sync_figures", "test_pace")
row("(double)(now->ms - m->ms) / 1000;", "(double)(now->ms - m->ms) / 100;",
    "blocks a second, not ten times less")
row("now->ms - m->ms >= LEAST_MS && (", "(", "the pace is over two seconds, not one turn")
