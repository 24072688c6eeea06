"""Mutants of living with release 0.10: when it is driven, looked at and left alone, and that no block
goes to it twice without proof."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("sync/serve.c", "test_sync_serve", "test_sync_bounds", "program test_feeding")
row("if (waits(np, index)) return true;", "", "what waits for room is not sent twice")
row("&& e->index != index)", "&& e->index > index)", "the entry of that index")
row("if (s->net.info(s->net.ctx, np->id, &info)) e.asked = info.get_peers_sent;", "",
    "a Peers proves what was sent before its GetPeers")
row("forget(np, index); return sent", "return sent", "what did not fit was not sent")
row("return place_of(np, index) < np->serve.blocks.count;", "return true;",
    "what cannot be remembered is not sent")
row("s->repeats_ignored++;", "", "repeats are counted")

file("sync/sync_kick.c", "test_sync_bounds", "test_sync")
row("info.peers_received >= np->sync.kick", "true", "a Peers answers the oldest GetPeers")
row("info.get_peers_sent + 1", "info.get_peers_sent", "a GetPeers for which there was no room")

file("sync/sync_choose.c", "test_sync_bounds", "test_sync_choose")
row("np->own_kind ? 5 : 23", "(np->own_kind ? 500 : 1)", "the faster kind is asked first")
row("np->own_kind ? 5 : 23", "(np->own_kind ? 6 : 23)", "0.5 ms for one of ours")
row("np->own_kind ? 5 : 23", "(np->own_kind ? 5 : 26)", "2.3 ms for release 0.10")
row("(h->rtt_ms ? h->rtt_ms : usual) * 10 +", "", "the round trip counts")
row("(h->score + h->doubt", "(h->doubt", "who misbehaves is asked last")

file("sync/announce.h", "test_announce", "test_announce_looks")
row("ANNOUNCE_GAP_MS = 10", "ANNOUNCE_GAP_MS = 11", "the gap behind a Block")

file("sync/announce.c", "test_announce", "test_announce_looks", "test_announce_rates")
row("GAP_MAX_MS = 30", "GAP_MAX_MS = 35", "no longer than a check takes")
row("GAP_STEP_MS = 5", "GAP_STEP_MS = 4", "a later Ping for a slow writer")
row("FREED_MS = 30", "FREED_MS = 29", "an answer to the kick")
row("FREED_MS = 30", "FREED_MS = 31", "an answer that was not freed by the kick")
row("STALLS_MAX = 2", "STALLS_MAX = 3", "one stall is chance")
row("LISTEN_MS = 300", "LISTEN_MS = 299", "we listen that long", sample=True)
row("DOUBLINGS = 4, ", "DOUBLINGS = 5, ", "not for ever longer")
row("MOVED = 3", "MOVED = 2", "a block of ours is no sign")
row("MOVED = 3", "MOVED = 4", "three blocks are a sign")
row("PASSIVE_MS = 1250", "PASSIVE_MS = 1500", "how long it is left alone")
row("PASSIVE_MS = 1250", "PASSIVE_MS = 1100", "how long it is left alone")
row("PASSIVE_DOUBLINGS = 2", "PASSIVE_DOUBLINGS = 3", "not for ever longer")
row("PASSIVE_DOUBLINGS = 2", "PASSIVE_DOUBLINGS = 0", "longer each time")
row("LOWER_MAX = 3", "LOWER_MAX = 2", "lower blocks are tried")
row("SEEN_MS = 61000", "SEEN_MS = 60000", "its memory is emptied after a minute")
row("np->own_kind ? 0 : ANNOUNCE_GAP_MS", "0", "not right behind the Shake")
row("p->await_ms = p->proof = 0;", "p->await_ms = 0;", "an old Peers means nothing")
row("p->kicks = p->stalls = 0;", "p->stalls = 0;", "quick kicks again")
row("p->seen = false;", "", "only who waits for its memory is told at once")
row("base != p->base ? 0 :", "", "it came on: no longer wait")
row("p->await_ms = now + ANNOUNCE_GAP_MS + p->gap_more_ms;", "p->await_ms = now;",
    "not while it pauses after writing")
row("time / 2 + rng_below(f->rng, time)", "time", "not all at once")
row("p->kicks && now - p->kicked_ms <= FREED_MS + np->sync.rtt_ms", "0",
    "a Ping that lay unread is no usual time")
row("(p->usual_ms * 7 + took) / 8", "took", "the usual time is smoothed")
row("if (!p->await_ms || !p->pinged_ms) return;", "", "only what answers a Ping of ours is timed")
row("index >= p->base + MOVED && index - p->base >= could * 3 / 4", "index >= p->base + MOVED",
    "what it asks by itself is no driving")
row("could * 3 / 4", "could", "some less than it could")
row("if (!np->announce.base) announce_probe(f, np, index, true); else if", "if",
    "the first look after a rest knows nothing")
row("np->announce.driven = 0;", "", "short rests again")
row("(p->phase != ANNOUNCE_DRIVES && p->phase != ANNOUNCE_ASKS)) return; if (repeat)", "0) return; if (repeat)",
    "one GetPeers at a time")
row("p->lower = p->lower > 0;", "", "each that it follows gives three more")
row("else if (sent)", "else", "no Ping for what we do not have")
row("if (p->phase != ANNOUNCE_DRIVES || p->ping_at_ms || p->await_ms) return; p->pinged_ms",
    "p->pinged_ms", "its own Ping moves no deadline")
row("if (!p->lower && p->told != ours) {", "if (0) {", "a tip that moved is told at once")
row("height + 2 < ours", "1", "too near for a lower one")
row("p->seen = true;", "", "a new tip is told at once to who waits")
row("if (p->told > height)", "if (0)", "it has seen the hash")
row("else if (!np->own_kind) pong_drives(f, np);", "", "our Pong that is not followed is kicked")
row("if (height >= ours) settle(&np->announce);", "if (0) ;", "who has all is left alone")
row("info.peers_received >= np->announce.proof", "true", "a Peers answers the oldest GetPeers")
row("if (p->phase != ANNOUNCE_PROVES) { stalled(f, np); return; }", "", "two stalls, then a look")
row("p->listen_ms > soon ? p->listen_ms : soon", "soon", "silence before the Ping")

file("sync/announce_send.c", "test_announce", "test_announce_looks", "test_announce_rates")
row("PATIENCE_MS = 60", "PATIENCE_MS = 59", "patience, at least")
row("PATIENCE_MAX_MS = 500", "PATIENCE_MAX_MS = 501", "patience, at most")
row("KICK_MS = 300", "KICK_MS = 301", "between kicks")
row("KICKS_FAST = 3", "KICKS_FAST = 4", "quick kicks")
row("KICK_SLOW_MS = 5000", "KICK_SLOW_MS = 4000", "slow kicks")
row("RETRY_MS = 300", "RETRY_MS = 3000", "when its output is full")
row("ANNOUNCE_MS = 1000", "ANNOUNCE_MS = 900", "once a second while the tip races")
row("usual_ms * 2 + np->sync.rtt_ms", "usual_ms + np->sync.rtt_ms", "twice the usual time")
row("usual_ms * 2 + np->sync.rtt_ms", "usual_ms * 2", "and the way")
row("low + rng_below(f->rng, (uint32_t)(t.height - low))", "low - 1",
    "a block that it lacks by more than one")
row("!np->announce.lower ||", "", "the tip is told first")
row("!p->await_ms && (!p->ping_at_ms", "(!p->ping_at_ms", "no second Ping")
row("(!p->ping_at_ms || p->seen)", "!p->ping_at_ms", "who waits for its memory is told a new tip")
row("np->announce.lower = 0;", "", "a new tip is told, not a lower block")
row("height > f->announced + 1", "height > f->announced", "a tip that does not race is told at once")
row("(replaced || np->sync.height < height) &&", "", "who has it is not told")
row("(replaced || np->sync.height < height) &&", "(np->sync.height < height) &&",
    "who may be on the branch that we left is told")
row("p->kicked_ms = now;", "", "an answer to the kick")
row("if (!p->proof && f->net", "if (f->net", "the first of the kicks proves it")
row("else if (!np->own_kind) p->await_ms", "else p->await_ms", "our own kind is not kicked")
row("p->phase = ANNOUNCE_ASKS;", ";", "the answer is judged")
row("announce_probe(f, np, 0, false);", "announce_probe(f, np, 0, true);", "after a rest no silence first")
row("if (pings && delay)", "if (0)", "no Ping right behind what wants no answer")
row("if (kicks && delay)", "if (0)", "no GetPeers right behind what wants no answer")
row("if (now >= wait) announce_new_tip(f, false);", "if (0) ;", "what was not told is told later")
