"""Mutants of whom we know and ask: the address book, bans, dials, names of peers and what the network says
of our own addresses."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("p2p/addrbook.c", "test_addrbook_room", "test_addrbook", "test_addrbook_keep")
row("GROUP_SHARE = 8", "GROUP_SHARE = 4", "limits.max_address_book: a group's share")
row("SOURCE_SHARE = 4", "SOURCE_SHARE = 2", "limits.max_address_book: a source's share")
row("SHARE_MIN = 16", "SHARE_MIN = 8", "the least share")
row("b->sources[slot_of_group(b, source)] >= share(b, SOURCE_SHARE)",
    "b->sources[slot_of_group(b, source)] > share(b, SOURCE_SHARE)", "a source's share exactly")
row("b->groups[slot] >= share(b, GROUP_SHARE)", "b->groups[slot] > share(b, GROUP_SHARE)",
    "a group's share exactly")
row("!known && !addrbook_source_is_full(b, fresh.source) &&", "!known &&", "a source that names many")
row("clock_wall(b->clock) - e->last_seen > ttl", "clock_wall(b->clock) - e->last_seen >= ttl",
    "limits.address_ttl to the second")
row("clock_wall(b->clock) - e->last_seen > ttl", "false", "limits.address_ttl")
row("if (e->present || e->last_seen > now)", "if (e->last_seen > now)",
    "who is connected for long does not expire", "test_addrbook_session")
row("if (e->present || e->last_seen > now)", "if (e->present)",
    "limits.address_ttl for a clock that was ahead")
row("uncount(b, &a, e); map_delete_here(&b->map, &at);", "map_delete_here(&b->map, &at);",
    "what expires gives its share of the group back")
row("(uint64_t)addrbook_expired(b, e) << 41 |", "", "those not seen for long go first")
row("(uint64_t)!e->tried << 40 |", "", "new ones go before tried ones")
row("(uint64_t)b->groups[slot] << 8 | e->failures", "e->failures", "of the fullest group")
row("<< 8 | e->failures", "<< 8", "who failed most goes")
row("n == most && e->last_seen < worst->last_seen", "n == most && e->last_seen > worst->last_seen",
    "who was not seen for longest goes")
row("if (!crowded) bound_hit(b->map.bound);", "", "limits.max_address_book counts its hits")
row("worst->tried && !tried && !addrbook_expired(b, worst)", "0",
    "what is heard displaces nothing that works")
row("find_victim(b, crowded ? slot : NO_SLOT, &who)", "find_victim(b, NO_SLOT, &who)",
    "a crowded group pays with its own")
row("if (known && !known->failures) known->last_seen", "if (known) known->last_seen",
    "hearsay does not refresh what failed")
row("e->failures < ADDRBOOK_FAILURES_MAX) e->failures++; if (!e->tried",
    "1) e->failures++; if (!e->tried", "failures are counted to a bound")
row("!e->tried && e->failures >= FAILURES_NEW", "!e->tried && e->failures > FAILURES_NEW",
    "three failures of a new one")

file("p2p/addrbook_choose.c", "test_addrbook_room", "test_addrbook", "test_addrbook_keep")
row("if (wait > RETRY_MAX_S) wait = RETRY_MAX_S;", "", "the longest rest")
row("now - e->last_try >= wait", "now - e->last_try + 1 >= wait", "a rest to the second")
row("|| now < e->last_try ||", "||", "a rest after the clock went back")
row("if (rests(b, e) || addrbook_expired(b, e) || refuse(ctx, &a))", "if (rests(b, e) || refuse(ctx, &a))",
    "what is over is not dialled")
row("if (rests(b, e) || addrbook_expired(b, e) || refuse(ctx, &a))",
    "if (addrbook_expired(b, e) || refuse(ctx, &a))", "what rests is not dialled")

file("p2p/addrbook_file.c", "test_addrbook_keep", "test_addrbook")
row("return t > (uint64_t)now ? now : (int64_t)t;", "return (int64_t)t;",
    "stored times of a clock that was ahead")
row("if (t > INT64_MAX) rd_fail(r);", "", "stored times below nothing")
row("e->failures > ADDRBOOK_FAILURES_MAX || flags > (TRIED | PRESENT) || a->port == 0",
    "flags > (TRIED | PRESENT) || a->port == 0", "stored failures out of range")
row("e->missed = flags & PRESENT;", "", "who was there is kept", "test_addrbook_session")
row("addrbook_group_is_full(b, addrbook_slot_of(b, &a)) ||", "", "a stored group's share",
    "test_addrbook_room")
row("|| !bound_has(b->map.bound, 1)) continue;", ") continue;",
    "limits.max_address_book for a stored book",
    equal="addrbook_put() finds no place in a full map and puts nothing")
row("if (tried || !addrbook_source_is_full(b, e.source))", "if (1)", "a stored source's share",
    "test_addrbook_room")
row("if (r.left != count * ADDRBOOK_ENTRY_BYTES) return false;", "", "a stored book that was cut")

file("p2p/configured_peer.c", "test_configured_peer", "test_dialer", "test_dialer_edges")
row("BACKOFF_MAX_MS = 60000", "BACKOFF_MAX_MS = 120000", "a configured peer is tried every minute at least")
row("BACKOFF_ALONE_MS = 10000", "BACKOFF_ALONE_MS = 60000", "alone, every ten seconds")
row("return alone ? cp->alone_due_ms : cp->due_ms;", "return cp->alone_due_ms;",
    "with company it is not hammered")
row("return ms - rng_below(rng, (uint32_t)ms / 4);", "return ms;", "waits differ")
row("return ms - rng_below(rng, (uint32_t)ms / 4);", "return ms - rng_below(rng, (uint32_t)ms / 2);",
    "a wait is not cut by half")
row("SHUT_ALONE_MS = 30000", "SHUT_ALONE_MS = 90000", "a login page costs half a minute")
row("alone ? wait : AFTER_REFUSAL_MS", "AFTER_REFUSAL_MS", "a login page costs no ten minutes afterwards")
row("alone ? wait : AFTER_REFUSAL_MS", "wait", "who closes at once while others are connected has banned us")
row("AFTER_REFUSAL_MS = 600000", "AFTER_REFUSAL_MS = 60000", "a refusal is respected")
row("wait_for(cp, now, ms, ms);", "wait_for(cp, now, ms, 0);", "a refusal is respected, also when alone")
row("cp->backoff_ms = BACKOFF_FIRST_MS; cp->found", "cp->found", "one that answers begins anew")

file("p2p/addrbook_session.c", "test_addrbook_session", "test_session", "test_dialer")
row("e->guessed = true;", "", "a guess ends with the connection")
row("e->present = true;", "", "who is connected is not dialled, and kept as such")
row("e->missed = false; }", "}", "who came back is not missed")
row("if (e && e->guessed) addrbook_remove(b, a);", "if (0) addrbook_remove(b, a);", "a guess ends with the connection")
row("else if (e) e->present = false;", "", "who left is not present")
row("(e->failures && addrbook_rests(b, out))", "addrbook_rests(b, out)",
    "the last session's peers need no rest")
row("(e->failures && addrbook_rests(b, out)) ||", "", "one that failed rests")
row("|| refuse(ctx, out))", ")", "a banned one is not dialled")
row("e->missed = false; return true;", "return true;", "each is tried once")

file("p2p/bans.c", "test_bans")
row("if (!e && !bound_has(b->map.bound, 1)) {", "if (0) {", "limits.max_bans: the newest has a place")
row("bound_hit(b->map.bound); drop_first", "drop_first", "limits.max_bans counts its hits")
row("if (ends_in(value, now) < least) {", "if (least == INT64_MAX) {", "the ban that ends first goes")
row("if (e->until - now > whole) e->until = now + whole;", "", "bans after the clock went back")
row("if (ends_in(e, clock_wall(b->clock)) > 0)", "if (ends_in(e, clock_wall(b->clock)) >= 0)",
    "a ban to the second")
row("if (e && replaces(e, until, scope, now))", "if (e)", "a shorter ban does not end a longer one")
row("if (seconds > INT32_MAX) seconds = INT32_MAX;", "", "the longest ban")
row("if (ends_in(value, now) <= 0)", "if (0)", "bans that are over go")
row("map_delete_here(&b->map, &at);", "{ map_delete_here(&b->map, &at); at = 0; }",
    "limits.max_bans: one walk, however many are over", "test_linear")
row("if (until > last) until = last;", "", "stored bans of a clock that was ahead")
row("if (rd_be64(&r) > INT32_MAX) return false;", "rd_be64(&r);", "stored bans that are too long")
row("return rd_done(&r);", "return true;", "stored bans that were cut")

file("p2p/exchange.c", "test_exchange")
row("(a->port >= PORT_LEAST && netaddr_is_routable(a))", "netaddr_is_routable(a)",
    "the services of hosts are not dialled")
row("a->port == 0 || is_own(x, a)", "is_own(x, a)", "port 0")
row("a->port == 0 || is_own(x, a)", "a->port == 0", "our own address")
row("i < x->own_count && i < EXCHANGE_OWN_MAX", "i < x->own_count && i < EXCHANGE_OWN_MAX - 1",
    "all own addresses that are kept")
row("x->own_count++ % EXCHANGE_OWN_MAX", "0", "more than one own address")
row("if (x->yggdrasil_only && !netaddr_is_yggdrasil(a)) return false;", "", "net.yggdrasil_only")
row("x->allow_local || (a->port >= PORT_LEAST && netaddr_is_routable(a))", "true", "addresses that nobody can reach")
row("|| waits(x, out)) {", ") {", "what waits already")
row("fifo_push_evict(&x->waiting, out, NULL)", "fifo_push(&x->waiting, out) != ERR_OK",
    "limits.max_new_peers: the oldest goes")

file("p2p/dialer.c", "test_dialer", "test_dialer_edges", "test_p2p")
row("dialling(d->s.hooks.ctx) < d->s.limits->max_dials.max", "dialling(d->s.hooks.ctx) <= d->s.limits->max_dials.max",
    "limits.max_dials")
row("outbound(d->s.hooks.ctx) < d->s.limits->max_outbound.max",
    "outbound(d->s.hooks.ctx) <= d->s.limits->max_outbound.max", "limits.max_outbound")
row("if (addrbook_pick_missed(d->s.book, refuse_crowded, d, out))",
    "if (addrbook_pick_missed(d->s.book, refuse, d, out))",
    "one network of the last session does not come before others")

file("p2p/dialer_configured.c", "test_dialer", "test_dialer_edges", "test_p2p")
row("if (!bound_take(&d->s.limits->max_configured_peers, 1)) return ERR_FULL;",
    "bound_take(&d->s.limits->max_configured_peers, 1);",
    "limits.max_configured_peers")
row("bound_give(&d->s.limits->max_configured_peers, 1); mem_free(cp); }", "mem_free(cp); }",
    "limits.max_configured_peers: a place is given back")

file("p2p/dialer_ends.c", "test_dialer_edges", "test_dialer", "test_configured_peer")
row("addrbook_failed(d->s.book, a, !dialer_alone(d));", "addrbook_failed(d->s.book, a, true);",
    "a login page takes no address out of the book")
row("if (dialer_alone(d)) addrbook_failed(d->s.book, a, false); else",
    "", "a login page takes no address out of the book")
row("addrbook_failed(d->s.book, a, dialer_online(d));", "addrbook_failed(d->s.book, a, true);",
    "without a network no address is lost")

file("config/budget.c", "test_config_sources", "program test_small_budget")
row("needed(c, small) > c->memory_budget && share-- > 0", "0", "a small budget alone is enough")
row("return v > least ? v : least;", "return v;", "no row becomes smaller than what works")
row("if (is_free(c, rows[i].key) && is_scaled(c, &rows[i], small))", "if (is_scaled(c, &rows[i], small))",
    "a row that was set stays")
row("r->high == row->key && !is_free(c, r->low) && *value_of(c, r->low) > least", "0",
    "a row that was set keeps what it needs of another")
row("least = named > least ? named : least;", "", "places that were set stay", "test_config_sources")
row(".source = SOURCE_TIED, .because = KEY_memory_budget};",
    ".source = SOURCE_DEFAULT};", "where a smaller bound comes from is told")

file("chain/store_env.c", "program test_small_budget")
row("if (rc == ENOMEM) return say_no_room(o);", "", "a map that does not fit is told as a setting")

file("net/netwatch.c", "test_netwatch", "program test_reach")
row("if (now < w->asleep + SLEPT_MS)", "if (1)", "a sleep is noticed")
row("if (now < w->asleep + SLEPT_MS)", "if (now <= w->asleep)", "a moment is no sleep")
row("event_add(w->pause, &pause);",
    "", "a network that changes all the time does not keep it asking", "program test_reach")
row("if (w->news) begin_settling(w); } #ifdef",
    "}\n#ifdef", "an address or a link that changes is noticed", "program test_reach")

file("net/netwatch_read.c", "test_netwatch")
row("|| m.ifa_scope >= RT_SCOPE_LINK) return NULL;", ") return NULL;", "a link-local address")
row("if (m.ifa_flags & IFA_F_TENTATIVE || is_renewed(body))", "if (m.ifa_flags & IFA_F_TENTATIVE)", "a renewed address")
row("|| find_attribute(body, IFLA_MASTER, &master)) return NULL;", ") return NULL;", "a member of a bridge")
row("bool came = known && running && !links->running[at];", "bool came = running;", "a link that was up")
row("h.nlmsg_len > all.n)", "0)", "a message that is longer than what came")

file("p2p/p2p_watch.c", "test_keepalive", "program test_reach")
row("if (conn_alive(c) && peer_of(c)->ready) peer_check(peer_of(c));", "", "dead peers are noticed soon after a sleep")

file("net/resolver.c", "test_resolver", "test_resolver_late", "program test_reach")
row("if (!bound_take(r->bound, 1)) return false;", "bound_take(r->bound, 1);", "limits.max_lookups")
row("bound_give(r->bound, 1); if (!l->told || l->count)",
    "if (!l->told || l->count)", "limits.max_lookups: a place is given back")
row("if (!l->told || l->count)", "if (!l->told)", "an answer after the deadline is told")
row("TRIES = 4,", "TRIES = 2,", "an answer after two thirds of the time is heard")
row("if (l->count || !l->r->moving)", "if (1)", "what is in progress is asked at the new name servers")
row("bound_hit(r->timeout);", "", "limits.lookup_timeout")
row("late->told = late->over = false;", "late->over = false;", "who asks again is told that there is no answer",
    "test_resolver_late")
row("bare[n - 1] = 0;",
    "bare[n - 1] = '.', bare[n] = 0;", "a name of the hosts file with a final dot", "test_resolver_late")
row("resolver_channel_is_stale(&r->channel) ||", "", "resolv.conf that was changed is read again", "program test_reach")
row("l->count == RESOLVED_MAX ||", "", "a name with many addresses")

file("p2p/p2p_book.c", "test_p2p_named", "test_p2p", "test_p2p_hostile", "test_p2p_admin", "program test_sync test_bad_input")
row("seconds = p->limits->ban_time.max / 1000;", "seconds = 1;", "limits.ban_time", "test_p2p_admin")

file("p2p/p2p_exchange.c", "test_p2p_named", "test_p2p", "test_p2p_hostile", "test_p2p_admin", "program test_sync test_bad_input")
row("if (m->peer_count > PEERS_MAX) return;", "", "a list of more addresses than the network sends")
row("exchange_waiting(&p->exchange) < PEERS_MAX", "true", "addresses are asked for while few wait")
row("conn_alive(&peer->conn) && peer->ready && peer->is_public && peer != asker",
    "conn_alive(&peer->conn) && peer->ready && peer != asker", "who is not public is not named")
row("n < PEERS_SENT_MAX ? (uint32_t)n : rng_below(p->rng, seen)", "(uint32_t)n",
    "of many, each has the same chance")
