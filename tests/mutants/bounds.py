"""Mutants of the other bounds: containers, blocks on their way, the admin interface. The rows of
config/limits.def are named in the reasons."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- containers ----

file("base/bound.h", "test_base", "test_limits")
row("return used <= max && n <= max - used;", "return used <= max && n <= max;",
    "the sum counts, not one part")
row("return used <= max && n <= max - used;", "return n <= max - used;",
    "a bound that was lowered below its use", "test_addrbook", "test_exchange")
row("if (!bound_has(b, n)) { bound_hit(b);", "if (!bound_has(b, n)) {", "hits are counted")
row("if (used > bound_read(&b->peak)) bound_write(&b->peak, used);", "", "peaks are kept")
row("bound_write(&b->used, n > used ? 0 : used - n);", "bound_write(&b->used, used - n);",
    "no use below nothing")
row("bound_write(&b->used, used); bound_peak(b, used);", "bound_write(&b->used, used);",
    "peaks of single values")

file("base/loop_queue.c", "test_loop_queue", "test_two_loops")
row("if (!bound_take(q->bound, 1))", "if (0)", "a queue between loops asks its row")
row("if (q->closed) return ERR_STOPPING;", "", "nothing is put after the end")
row("if (--q->count == 0 && !q->closed)", "if (--q->count == 0)", "the end stays to be seen")
row("if (!q->closed && q->count == 0)", "if (0)", "the end wakes the other loop")
row("q->drop(item_at(q, i));", "", "what nobody took is freed")
row("bound_give(q->bound, q->count);", "", "what nobody took is given back")

file("base/map.c", "test_base")
row("delete_slot(m, --*at);", "delete_slot(m, *at - 1);",
    "a walk that deletes returns what fills the gap")
row("if (!bound_take(m->bound, 1))", "if (0)", "a map asks its bound", "test_addrbook")
row("(m->count + 1) * 4 > m->slots * 3 && !grow(m)", "(m->count + 1) > m->slots && !grow(m)",
    "one place is always free, or a search never ends")
row("*err = ERR_NOMEM;", "*err = ERR_FULL;", "out of memory is not a full map")
row("bound_give(m->bound, 1); *err = ERR_NOMEM;", "*err = ERR_NOMEM;",
    "what could not be had is given back")
row("if (((i - wants) & mask) >= ((i - hole) & mask))", "if (((i - wants) & mask) > ((i - hole) & mask))",
    "a gap is closed")
row("m->count--; bound_give(m->bound, 1); }", "m->count--; }",
    "what is deleted is given back")
row("bound_give(m->bound, m->count);", "", "a map that is cleared gives all back")
row("memset(s + value_at(m), 0, m->value_size);", "", "a new value is zero")
row("if (!s[used_at(m)]) return false; delete_slot", "delete_slot", "deleting what is not there")

file("base/fifo.c", "test_base", "test_exchange")
row("if (!bound_take(f->bound, 1)) return ERR_FULL;", "bound_take(f->bound, 1);",
    "a queue asks its bound", sample=True)
row("if (!bound_has(f->bound, 1) && f->count > 0) {", "if (0) {", "the oldest goes")
row("bound_hit(f->bound); evicted = true;", "evicted = true;", "hits are counted")
row("f->count--; bound_give(f->bound, 1); return true;", "f->count--; return true;",
    "what is taken out is given back")
row("f->first = (f->first + 1) % f->slots;", "f->first = f->first + 1;", "a queue is a ring",
    equal="fifo_at() takes the place modulo the slots; 2^64 pops are never reached")
row("memcpy(fifo_at(f, i), fifo_at(f, i + 1), f->item_size); f->count--; bound_give(f->bound, 1);",
    "memcpy(fifo_at(f, i), fifo_at(f, i + 1), f->item_size); f->count--;",
    "what is removed is given back")
row("if (i >= f->count) return NULL;", "if (i > f->count) return NULL;", "behind the end is nothing")
row("f->first = 0; return true;", "return true;", "a queue that grows is in order again")

file("base/recent_set.c", "test_base")
row(".max = b->max / 2}", ".max = b->max}", "each half may have half",
    equal="recent_set_add() sets both halves before anything goes in")
row("g->half[0].max = g->half[1].max = g->bound->max / 2;",
    "g->half[0].max = g->half[1].max = g->bound->max;", "both halves together stay in the bound")
row("map_clear(&g->generation[g->young]);", "", "the older half is forgotten")
row("g->young = !g->young;", "", "the older half goes, not the younger")
row("bound_hit(g->bound);", "", "hits are counted")
row("return map_get(&g->generation[0], digest) || map_get(&g->generation[1], digest);",
    "return map_get(&g->generation[g->young], digest);", "both halves are known")

# ---- blocks on their way ----

file("sync/future_blocks.c", "test_future_blocks", "test_sync_bounds", "test_sync")
row("BELOW = 100", "BELOW = 200", "max_future_blocks: what is below goes")
row("ABOVE = 2000", "ABOVE = 4000", "max_future_blocks: what is far above goes")
row("KEEP_NEXT = 16", "KEEP_NEXT = 1", "max_future_blocks: what is needed next stays")
row("(n - 1) / 4", "(n - 1) / 2", "max_future_blocks: the farthest quarter goes")
row("bound_has(f->by_index.bound, 1) && bound_has(f->bytes, bytes)", "bound_has(f->by_index.bound, 1)",
    "limits.max_future_bytes")
row("bound_has(f->by_index.bound, 1) && bound_has(f->bytes, bytes)", "bound_has(f->bytes, bytes)",
    "limits.max_future_blocks")
row("bound_hit(bound_has(f->by_index.bound, 1) ? f->bytes : f->by_index.bound);", "",
    "max_future_blocks counts its hits")
row("if (future_blocks_has(f, index)) goto refuse;", "", "a block that waits already")
row("*out = *b; bound_give(f->bytes, b->block->size);", "*out = *b;",
    "limits.max_future_bytes: given back")
row("map_delete_here(&f->by_index, &at);", "{ map_delete_here(&f->by_index, &at); at = 0; }",
    "max_future_blocks: one walk, however many go", "test_linear")
row("{ drop_outside(f, low, high);", "{ drop_outside(f, low, UINT64_MAX);",
    "what is above a chosen branch waits no more")

file("sync/fork_walk.c", "test_future_blocks", "test_sync_forks", "test_sync_fork_choice")
row("if (!bound_take(&l->max_walk_backs, 1)) return ERR_FULL;", "bound_take(&l->max_walk_backs, 1);",
    "limits.max_walk_backs")
row("bound_give(&l->max_walk_backs, 1); return ERR_NOMEM;",
    "return ERR_NOMEM;", "limits.max_walk_backs: given back without memory")
row("bound_give(&w->limits->max_walk_backs, 1);", "", "limits.max_walk_backs: given back")
row("w->count == FORK_WALK_MAX ||", "", "a walk holds no more blocks than it has places")
row("!bound_take(&w->limits->max_future_bytes, b->block->size)",
    "(bound_take(&w->limits->max_future_bytes, b->block->size), 0)",
    "limits.max_future_bytes bounds walks, too")
row("bound_give(&w->limits->max_future_bytes, out->block->size);", "",
    "limits.max_future_bytes: given back by walks")

file("sync/sync_check.c", "test_sync_bounds", "test_sync", "test_sync_branches", "program test_sync")
row("if (!bound_take(&s->s.limits->max_verify_bytes, block->size)) return NULL;",
    "bound_take(&s->s.limits->max_verify_bytes, block->size);", "limits.max_verify_bytes")
row("bound_give(&s->s.limits->max_verify_bytes, c->block->size); if (!c->own && !c->fork)",
    "if (!c->own && !c->fork)", "limits.max_verify_bytes: given back")
row("if (recent_set_has(&s->bad, digest))", "if (0)", "limits.max_bad_blocks: known to be bad")
row("recent_set_has(&s->seen, c->digest) && !job->want_strength", "0",
    "limits.max_seen_blocks: checked already")
row("rules_plausible(s->s.params, &block->b, NULL, &why);", ";",
    "what cannot be good is refused before its hash is computed")
row("if (!just_served(np, m->index)) {", "if (0) {", "blocks that nobody asked for")
row("} else if (block->b.index != m->index) {", "} else if (0) {", "a block of another index")
row("if (!rules_plausible(s->s.params, &c->block->b, f, &why)) return why;", "(void)s; (void)why;",
    "data that does not parse is refused before the block's turn", "test_sync")
row("if (rules_bad_forever(s->s.params, &c->block->b, &c->job.facts)) recent_set_add(&s->bad, c->digest);", "",
    "data that does not parse is read once", "test_sync")
row('return f->signature_ok ? NULL : "sent a block with a wrong signature";', "return NULL;",
    "a wrong signature costs the peer")
row("if (c->fork && np) sync_walk_lost(np);", "", "a walk goes on when its block was not checked",
    "test_sync_forks", "test_sync_fork_choice")
row("else sync_walk_lost(np);", "", "a walk goes on when there was no room for its block",
    "test_sync_forks", "test_sync_fork_choice")

file("sync/sync_fetch.c", "test_sync_bounds", "test_sync", "test_sync_serve", "program test_sync")
row("index <= tip || index > tip + s->ring_size", "index <= tip", "limits.max_window")
row("if (depth > l->max_future_blocks.max) depth = l->max_future_blocks.max;", "",
    "limits.max_future_blocks bounds the window")
row("if (depth > l->max_verify_queue.max) depth = l->max_verify_queue.max;", "",
    "limits.max_verify_queue bounds the window")
row("depth = depth < 16 ? depth : 16;", ";", "the window is shallow when its room is taken")
row("return since >= slot->patience ||", "return", "a late block is asked for twice")

file("sync/sync_kick.c", "test_sync_bounds", "test_sync", "test_sync_serve", "program test_sync")
row("sync_misbehaved(s, np, SYNC_SCORE_CLAIMS,", "sync_misbehaved(s, np, 0,",
    "who claims what he does not have")

file("sync/sync_choose.c", "test_sync_bounds", "test_sync_choose", "test_sync")
row("np->host->in_flight < window_of(s, np) &&", "", "limits.max_requests_per_peer")
row("return (size_t)(useful < most ? useful : most);", "return (size_t)useful;",
    "limits.max_requests_per_peer for the old release",
    equal="the queue of requests has that bound too: sync_ask() is refused")
row("!np->own_kind && useful > REFERENCE_WINDOW", "0", "the old release is not asked for more")

file("sync/sync.c", "test_sync_bounds", "test_sync", "test_sync_branches", "test_sync_serve",
     "program test_sync")
row("if (np->host->score < SYNC_BAN_SCORE)", "if (np->host->score <= SYNC_BAN_SCORE)",
    "a hundred points are a ban")
row("if (rules_bad_forever(s->s.params, b, f)) recent_set_add(&s->bad, digest);",
    "recent_set_add(&s->bad, digest);", "only what can never be good is remembered")
row("if (rules_bad_forever(s->s.params, b, f)) recent_set_add(&s->bad, digest);", "",
    "what can never be good is remembered")
row("if (chain_group_full(s->s.chain)) sync_commit(s);", "",
    "limits.commit_blocks, commit_bytes during a sync")
row("recent_set_age(&s->seen);", "", "limits.max_seen_blocks: forgotten after a minute")

file("chain/verify.c", "test_verify", "test_sync")
row("atomic_fetch_sub(&p->undone, b->job_count);", "", "who gives way is told that the work is done")
row("if (!bound_take(p->s.queue, 1)) return ERR_FULL;", "bound_take(p->s.queue, 1);",
    "limits.max_verify_queue")
row("if (job) bound_give(p->s.queue, 1);", "", "limits.max_verify_queue: given back")
row("size_t most = s->scratch_bytes / hash_scratch_least();", "size_t most = s->threads;",
    "limits.verify_scratch_bytes: no more threads than it feeds")
row("w->scratch.limit = p->s.scratch_bytes / wanted;", "w->scratch.limit = p->s.scratch_bytes;",
    "limits.verify_scratch_bytes: all threads together")
row("hash_scratch_clear(&w->scratch); w->held = 0;", "", "scratch is given back when idle")

file("sync/serve.c", "test_sync_bounds", "test_sync_serve", "test_sync", "program test_sync test_bad_input")
row("fifo_push(&np->serve.waiting, &index) != ERR_OK", "fifo_push(&np->serve.waiting, &index) == ERR_NOMEM",
    "limits.max_get_blocks: the peer is closed")
row("info.peers_received <= e->asked", "info.peers_received < e->asked",
    "what is proven to be read may be sent again")
row("fifo_push_evict(&np->serve.blocks, &e, NULL);", "", "limits.max_served: no block is sent twice")
row("if (!np->own_kind && !remember(s, np, index))", "if (!remember(s, np, index))",
    "our own kind may ask again")
row("if (!np->serve.waiting.count) result = send_block", "result = send_block",
    "answers keep their order")
row("message_block_size(index, m.block) > MESSAGE_MAX", "0", "a block that fits no message")

file("sync/sync_peer.c", "test_sync_bounds", "test_sync_serve", "test_sync", "program test_sync")
row("np->sync.in_flight.max = p->limits->max_requests_per_peer.max;",
    "np->sync.in_flight.max = UINT64_MAX;", "limits.max_requests_per_peer of each peer",
    equal="window_of() never asks for more; this is the second lock on that door")
row("np->serve.blocks_bound.max = p->limits->max_served.max;",
    "np->serve.blocks_bound.max = UINT64_MAX;", "limits.max_served of each peer")
row("np->serve.waiting_bound.max = p->limits->max_get_blocks.max;",
    "np->serve.waiting_bound.max = UINT64_MAX;", "limits.max_get_blocks of each peer")

# ---- the admin interface ----

file("http/access.c", "test_access", "program test_access test_admin.WhoMayAsk")
row("if (by_token && !has_token(a, q)) {", "if (0) {", "who has no token")
row("if (q->origin || q->from_page)", "if (q->from_page)", "foreign pages over TCP")
row("if (q->origin || q->from_page)", "if (q->origin)", "foreign pages that say no Origin")
row("&& q->host[0] && !names_loopback(q->host))", "&& 0)", "foreign names over TCP")
row("if (!a->allow_count || netaddr_is_loopback(&addr)) return true;", "return true;",
    "addresses outside admin.allow")
row("if (n < TOKEN_MIN || n > TOKEN_MAX)", "if (n > TOKEN_MAX)", "a token that is easy to guess")
row("if (n + 1 >= size) return false; to[n++]", "if (n > size) return false; to[n++]",
    "base64 longer than its place", "fuzz_http",
    equal="credentials are shorter than the place that they are decoded into")
row("fstat(fd, &st) == 0 && S_ISREG(st.st_mode)", "fstat(fd, &st) == 0", "a token out of a pipe")
row("places < 2 ? 0 : places < 8 ? 1 : places / 4", "0", "places of the Unix socket")

file("api/ready.c", "test_ready", "program test_admin.Health")
row("(f->growing || 2 * f->ahead > f->peers)", "1", "one peer's word about /health?ready")
row("|| !f->peers ||", "||", "ready without a peer")
row("|| f->clock_wrong ||", "||", "ready with a clock that lets no block in")

file("api/routes.c", "test_api", "test_api_steer", "program test_admin.WhoMayAsk")
row("(*path)->right > c->right ? api_refuse(c) : 200", "200", "only reading over TCP", "program test_http.Bodies")
row("if (!http_check_args(c->request, names, HTTP_ARG_MAX, text))", "if (0)",
    "unknown arguments of a path")
row("ms < bound->min || ms > bound->max", "ms > bound->max", "a ban of no time")

file("http/event_stream.c", "test_event_stream", "program test_access.LockOut")
row("if (waiting > room->max)", "if (0)", "limits.subscriber_bytes")
row("return bound_take(b, 1);", "return true;", "limits.max_subscribers")
row("if (!s->local) end(s,", "end(s,", "who came by the Unix socket stays when others may not ask")
row("if (local || strangers + http_places_kept(b->max) < b->max)", "if (1)",
    "subscribers by TCP leave places")

file("cli/main.c", "program test_disk")
row("signal(SIGXFSZ, SIG_IGN);", "", "a file at its limit is an error, no death by a signal")
