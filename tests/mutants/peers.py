"""Mutants of what a peer can make us hold: connections and messages. The rows of
config/limits.def are named in the reasons."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- connections ----

file("p2p/conn.c", "test_conn", "test_p2p", "test_p2p_ends", "test_p2p_hostile", "program test_bad_input")
row("if (pending + n > l->conn_send_bytes.max) {", "if (pending > l->conn_send_bytes.max) {",
    "limits.conn_send_bytes: never above it")
row("if (pending + n > l->conn_send_bytes.max) {", "if (0) {", "limits.conn_send_bytes")
row("if (!bound_has(&l->send_total_bytes, n)) {", "if (0) {", "limits.send_total_bytes")
row("c->want_drain = c->pool->starved = true;", "c->want_drain = true;",
    "who waits for the others' output is fed again")
row("left < READ_AT_ONCE ? left : READ_AT_ONCE", "4 * READ_AT_ONCE * (left > 0)",
    "limits.conn_receive_bytes: a read takes no more than is left")
row("else if (c->frame_since == 0) c->frame_since = conn_now(c);",
    "else c->frame_since = conn_now(c);", "limits.frame_timeout: dribbled bytes do not prolong it")
row("else if (info->n_deleted || c->write_since == 0) c->write_since = now;",
    "else c->write_since = now;", "limits.write_timeout: further answers do not prolong it")
row("bound_give(total, info->n_deleted);", "", "limits.send_total_bytes: what is read is given back")
row("if (conn_alive(c) || conn_output(c)) bound_hit(late);", "", "late ones are counted")
row("if (conn_alive(c)) pump(c); else evbuffer_drain(in, evbuffer_get_length(in));",
    "if (conn_alive(c)) pump(c);", "input behind the end is thrown away")
row("p->limits->conn_send_bytes.max / 2, 0);", "0, 0);", "who waits goes on at half of the bound",
    equal="it only decides how early: at nothing instead of at half")

file("p2p/conn.c", "test_unsolicited")
row("c->phase < PHASE_HANDSHAKE || c->resume)", "c->phase < PHASE_HANDSHAKE)",
    "limits.frame_timeout: what waits for us is not late")
row("if (c->resume && now >= c->resume && conn_alive(c))", "if (c->resume && conn_alive(c))",
    "limits.conn_unasked_bytes: reading waits that long")
row("if (paused != (c->resume != 0)) (paused", "if (0) (paused",
    "limits.conn_unasked_bytes: reading waits")

file("p2p/unsolicited.c", "test_unsolicited")
row("LEAST = 256", "LEAST = 128", "limits.conn_unasked_bytes: short messages")
row("u->open[t]++;", "", "what was asked for is free")
row("ours == MSG_NOTHING || !u->open[ours]", "ours == MSG_NOTHING", "a Pong that nobody asked for is not")
row("u->open[ours]--;", "", "one answer each")
row("answers(u, t) || message_rule(t)->free", "message_rule(t)->free || answers(u, t)", "a GetBlock answers a Ping")
row("answers(u, t) || message_rule(t)->free", "answers(u, t)", "a GetBlock is free")
row("passed * rate / SECOND", "passed * rate", "limits.conn_unasked_bytes a second, not a millisecond")
row("passed < FORGIVEN ? passed * rate / SECOND : u->debt", "passed * rate / SECOND",
    "no multiple of years")
row("made < u->debt ? made : u->debt", "made", "time does not save up")
row("u->since = now;", "", "each second counts once")
row("bytes < LEAST ? LEAST : bytes", "LEAST", "long messages cost what they are")
row("bound_peak(rate, u->debt);", "", "limits.conn_unasked_bytes: its peak")
row("if (u->debt <= rate->max) return 0;", "if (u->debt < rate->max) return 0;",
    "limits.conn_unasked_bytes: exactly as many")
row("bound_hit(rate);", "", "limits.conn_unasked_bytes counts its hits")
row("u->waits++;", "", "the operator sees who it is")
row("* SECOND / rate->max + 1;", "* SECOND / rate->max;", "reading does not wait too short")

file("p2p/messages.def", "test_messages", "test_unsolicited")
row('WHEN_READY, PING,      FREE,', 'WHEN_READY, NOTHING,   FREE,', "a GetBlock answers a Ping", "test_unsolicited")
row('WHEN_READY, PING,      COUNTED, SILENCE, peer_take_pong', 'WHEN_READY, NOTHING,   COUNTED, SILENCE, peer_take_pong',
    "a Pong answers a Ping")
row('"GetPeers", 0,                          WHEN_READY, NOTHING,   COUNTED, ANSWER', '"GetPeers", 0, WHEN_READY, NOTHING, COUNTED, SILENCE',
    "GetPeers wants an answer")
row('"Peers",    1 << PEERS,                 WHEN_READY', '"Peers",    1 << PEERS, ANY_TIME', "who has not said who he is names no addresses")

file("p2p/conn_time.c", "test_unsolicited")
row("if (c->resume) at = earliest(at, c->resume);", "", "reading goes on")

file("p2p/conn_pool.c", "test_unsolicited")
row("bufferevent_enable(c->bev, EV_READ);", "", "who waits is closed in order")

file("p2p/peer.c", "test_unsolicited")
row("unsolicited_sent(&peer->unsolicited, t);", "", "answers are free")
row("if (wait) { conn_pause(c, wait);", "if (wait) { conn_pause(c, 1);",
    "limits.conn_unasked_bytes: the wait is as long as was computed")

file("p2p/conn_time.c", "test_conn", "test_p2p", "test_p2p_ends", "test_p2p_hostile",
     "program test_bad_input")
row("if (c->frame_since && now >= frame_deadline(c, now))", "if (0)",
    "limits.frame_timeout")
row("if (c->write_since && now >= c->write_since + l->write_timeout.max)", "if (0)",
    "limits.write_timeout")
row("if (c->phase_deadline && now >= c->phase_deadline && !hello_goes_on(c, now))", "if (0)",
    "limits.connect_timeout, hello_timeout, handshake_timeout, flush_timeout")
row("c->phase != PHASE_HELLO || now >= whole || conn_input(c) == 0",
    "c->phase != PHASE_HELLO || now >= whole", "a silent connection has less time")
row("c->phase != PHASE_HELLO || now >= whole || conn_input(c) == 0",
    "c->phase != PHASE_HELLO || conn_input(c) == 0", "limits.hello_timeout for dribbled bytes")
row("if (p == PHASE_HELLO && !c->outbound)", "if (0)", "a silent newcomer has five seconds")
row("if (p == PHASE_HELLO && !c->outbound)", "if (p == PHASE_HELLO)",
    "limits.hello_timeout: who was dialled may be silent for longer")
row("return &l->hello_timeout;", "return &l->handshake_timeout;", "limits.hello_timeout")
row("return &l->handshake_timeout;", "return &l->hello_timeout;", "limits.handshake_timeout")
row("return &l->connect_timeout;", "return &l->hello_timeout;", "limits.connect_timeout")
row("if (p != PHASE_READY) c->phase_deadline", "if (p < PHASE_READY) c->phase_deadline",
    "limits.flush_timeout")
row("return earliest(at, c->alarm);", "return at;", "limits.idle_timeout: the alarm is armed")
row("at = earliest(at, frame_deadline(c, now));", ";",
    "limits.frame_timeout: the timer is armed")
row("(uint64_t)conn_input(c) * 1000 / CONN_LEAST_RATE;", "0;",
    "limits.frame_timeout: what arrives at the least rate is not late")
row("(uint64_t)conn_input(c) * 1000 / CONN_LEAST_RATE;", "(uint64_t)conn_input(c) * 1000;",
    "limits.frame_timeout: a byte a second is less than the least rate")
row("at = earliest(at, c->write_since + l->write_timeout.max);", ";",
    "limits.write_timeout: the timer is armed")

file("p2p/conn_pool.c", "test_conn", "test_p2p", "test_p2p_ends", "test_p2p_hostile")
row("if (!bound_take(&p->limits->max_connections, 1)) return false;", "bound_take(&p->limits->max_connections, 1);",
    "limits.max_connections")
row("bound_give(&c->pool->limits->max_connections, 1); stop_io(c);", "stop_io(c);",
    "limits.max_connections: a place is given back")
row("bound_give(&c->pool->limits->send_total_bytes, evbuffer_get_length(out));", "",
    "limits.send_total_bytes: unread output is given back")
row("if (!p->starved || total->used > total->max / 2) return;", "return;",
    "who waits for the others' output is fed again")
row("why = c->why ? c->why : why;", "", "the first reason counts",
    equal="the reason is given once, by who marks it first; here only a debug line is at stake")

file("p2p/admission.c", "test_admission", "test_eviction", "test_p2p", "test_p2p_ends",
     "test_p2p_hostile", "program test_bad_input")
row("if (count >= b->max) {", "if (count > b->max) {", "limits.max_per_address: exactly as many")
row("bound_peak(b, count + 1);", "", "limits.max_per_address: its peak")
row("if (!under(&l->max_per_address, admission_of_host(a, from))) return false;", "",
    "limits.max_per_address")
row("if (!under(&l->max_per_group, admission_of_group(a, from)) && !evict(eviction_within_group(a, from)))",
    "if (0)", "limits.max_per_group")
row("if (!bound_has(&l->max_half_open, 1) && !make_room(&l->max_half_open, eviction_half_open(a, from)))",
    "if (0)", "limits.max_half_open")
row("if (!bound_has(&l->max_inbound, 1)) return make_room(&l->max_inbound, eviction_least_useful(a, from));",
    "", "limits.max_inbound: a newcomer replaces the least useful")
row("if (!bound_has(&l->max_connections, 1)) return make_room(&l->max_connections, eviction_least_useful(a, from));",
    "", "limits.max_connections: a newcomer replaces the least useful")
row("&& !evict(eviction_within_group(a, from)))", ")",
    "limits.max_per_group: a full network stays open", "test_full_network")
row("if (!bound_take(&a->limits->max_inbound, 1)) return false;",
    "bound_take(&a->limits->max_inbound, 1);", "limits.max_inbound",
    equal="admission_ask() refuses before; this is the second lock on that door")
row("peer->half_open = bound_take(&a->limits->max_half_open, 1);", "peer->half_open = false;",
    "limits.max_half_open counts")
row("if (peer->half_open) bound_give(&a->limits->max_half_open, 1);", "",
    "limits.max_half_open: a place is given back")
row("count_down(&a->hosts, host); count_down(&a->groups, group);", "count_down(&a->groups, group);",
    "limits.max_per_address: a place is given back")
row("count_down(&a->hosts, host); count_down(&a->groups, group);", "count_down(&a->hosts, host);",
    "limits.max_per_group: a place is given back")

file("p2p/eviction.c", "test_admission", "test_eviction", "test_p2p", "test_p2p_ends",
     "test_p2p_hostile", "program test_bad_input")
row("uint32_t most = admission_of_group(a, newcomer) + 1;", "uint32_t most = admission_of_group(a, newcomer);",
    "a handshake goes only for one of a network with less")

file("p2p/eviction.c", "test_admission", "test_eviction", "test_p2p", "test_p2p_ends",
     "test_p2p_hostile", "program test_bad_input")
row("return peer ? peer : least_useful_within(&w, newcomer);", "return peer;",
    "useful ones go before strangers are refused", "test_full_network")
row("w.useful = true;", "", "useful ones go last, not never", "test_full_network")
row("(w->useful || !peer->good_at) &&", "", "who gave good blocks is the last to go", "test_full_network")
row("memcmp(group, w->group, sizeof group) == 0;", "true;", "nobody of another network goes",
    "test_full_network")
row("if (most > own + 1) return first_to_leave(w, most, crowd_order);", "",
    "an address that is a crowd has no right to its places", "test_full_network")
row("return first_to_leave(w, 0, turn_order);", "return NULL;", "where none is, each goes in turn",
    "test_full_network")
row("now - c->since >= HALF_OPEN_GRACE_MS &&", "", "a handshake has a second")
row("(!slowest || c->since < slowest->conn.since)", "(!slowest || c->since > slowest->conn.since)",
    "the slowest handshake goes")
row("if (most == own) return NULL;", "",
    "a network that has no more than the newcomer's loses nobody")
row("!worst || peer->conn.since > worst->conn.since", "!worst || peer->conn.since < worst->conn.since",
    "the youngest of a crowd goes")
row("return peer->conn.since < worst->conn.since; }", "return peer->conn.since > worst->conn.since; }",
    "where no network is a crowd each goes in turn")
row("PLACE_MS = 60000", "PLACE_MS = 50000", "limits.max_inbound: a place is kept for a minute")
row("PLACE_MS = 60000", "PLACE_MS = 70000", "limits.max_inbound: a place is kept for no more than a minute")
row("most > own + 1 ? crowd_order : turn_order", "turn_order", "a crowd has no right to its places")
row("most > own + 1 ? crowd_order : turn_order", "most > own ? crowd_order : turn_order",
    "one more is no crowd")
row("(peer->ready ? (uint64_t)PLACE_MS : (uint64_t)HALF_OPEN_GRACE_MS)", "(uint64_t)PLACE_MS",
    "a handshake has no place")
row("return !worst || !peer->ready;", "return !worst || peer->ready;",
    "a handshake goes before those who have a place")
row("SPARED_BY_EACH = 4", "SPARED_BY_EACH = 1", "more than one is safe by each measure")
row("{by_network, by_blocks, by_round_trip, by_age}", "{by_blocks, by_round_trip, by_age}",
    "one of each of some networks is safe")
row("{by_network, by_blocks, by_round_trip, by_age}", "{by_network, by_round_trip, by_age}",
    "who gave good blocks is safe")
row("{by_network, by_blocks, by_round_trip, by_age}", "{by_network, by_blocks, by_age}",
    "the nearest are safe")
row("{by_network, by_blocks, by_round_trip, by_age}", "{by_network, by_blocks, by_round_trip}",
    "who stayed longest is safe")
row("room /= 2;", "", "half of them may go")
row("merits[i] == by_network && k > 0", "false", "of a network that is safe only one")
row("c->since < crowd->conn.since", "c->since > crowd->conn.since", "the slowest of the crowd goes")
row("!peer->conn.outbound && conn_alive(&peer->conn)", "conn_alive(&peer->conn)",
    "those of our own choice are safe")

file("p2p/p2p_peers.c", "test_admission", "test_p2p", "test_p2p_ends", "test_p2p_hostile",
     "test_p2p_admin", "program test_bad_input")
row("if (bans_has(&p->bans, from, BAN_INBOUND)) return CLOSE_BANNED;", "", "the banned are not let in")
row("if (p->yggdrasil_only && !netaddr_is_yggdrasil(from)) return CLOSE_LIMIT;", "",
    "net.yggdrasil_only for those who come")
row("if (!bound_has(&p->limits->max_connections, 1)) return ERR_FULL;", "",
    "limits.max_connections for dials",
    equal="conn_pool_link() refuses it too, one step later")

# ---- messages ----

file("p2p/frame.c", "test_p2p", "replay tables/frames*", "test_p2p_hostile")
row("return n < FRAME_BODY_MIN ? -1 : n;", "return n < FRAME_BODY_MIN - 1 ? -1 : n;",
    "a frame that cannot hold its tag")
row("return n < FRAME_BODY_MIN ? -1 : n;", "return n <= FRAME_BODY_MIN ? -1 : n;",
    "the smallest frame")

file("p2p/hello.c", "test_hello", "test_p2p")
row("arrived.n < hello_client_size(arrived.p[0])", "arrived.n + 1 < hello_client_size(arrived.p[0])",
    "a hello that lacks a byte")
row("arrived.n < hello_server_size(arrived.p[0])", "arrived.n + 1 < hello_server_size(arrived.p[0])",
    "an answer that lacks a byte")
row("if (arrived.n == 0 || arrived.n < hello_client_size", "if (arrived.n < hello_client_size",
    "a hello of no byte")
row("HELLO_SENT_MAX - HELLO_SENT_MIN + 1", "HELLO_SENT_MAX - HELLO_SENT_MIN + 2",
    "the longest hello that we send")

file("p2p/key_exchange.c", "test_p2p", "test_hello", "test_p2p_hostile")
row("good = good && secure_shared(h->secret, key, session->key);",
    "secure_shared(h->secret, key, session->key);", "a key that gives no secret")

file("p2p/handshake.c", "test_handshake", "test_admission", "test_p2p", "test_p2p_ends",
     "test_p2p_hostile", "program test_bad_input test_sync")
row("size_t n = s.n < size - 1 ? s.n : size - 1;", "size_t n = s.n < size ? s.n : size;",
    "a text longer than its place")
row("s.p[i] > ' ' && s.p[i] <= '~' ? (char)s.p[i] : '?'", "(char)s.p[i]",
    "what people are shown is printable")
row("m->rand_id.n < RAND_ID_KEPT ? m->rand_id.n : RAND_ID_KEPT", "m->rand_id.n",
    "an id longer than its place", "test_p2p_hostile")
row("if (!slice_is(m->origin, p->origin)) { misfit(peer, CLOSE_ORIGIN, \"it belongs to another network\"); return; }",
    "", "who comes from another network")
row("if (!slice_is(m->origin, p->origin)) { misfit(peer, CLOSE_ORIGIN, \"it belongs to another network\"); } else if",
    "if", "who was dialled in another network")
row("if (!app_version_acceptable(m->app_version)) {", "if (0) {", "a release that is too old")
row("if (!peer->conn.outbound) p2p_ban_addr(peer->p2p, &peer->conn.addr, 0, BAN_INBOUND, what);", "",
    "limits.ban_time: misfits who came are banned")
row("} else if (m->rand_id.n == 0) {", "} else if (0) {", "a Shake without an id")

file("p2p/keepalive.c", "test_keepalive", "test_p2p_hostile", "test_p2p", "program test_links")
row("if (!peer->ping_sent || now < pong_deadline(peer)) return false;", "return false;",
    "limits.pong_timeout")
row("now >= last_heard(peer) + peer->p2p->limits->idle_timeout.max;", "false;", "limits.idle_timeout")
row("peer->doubted && wait > CHECK_MS ? CHECK_MS : wait", "wait", "after a sleep ten seconds are enough for an answer")
row("peer->ping_sent == 0 && (peer->doubted || silent);",
    "peer->ping_sent == 0 && silent;", "after a sleep all are asked at once")
row("bound_hit(&l->idle_timeout);", "", "limits.idle_timeout counts its hits")
row("bound_hit(&l->pong_timeout);", "", "limits.pong_timeout counts its hits")
row("LIFE_SIGN_MS = 30000", "LIFE_SIGN_MS = 80000", "idle nodes show themselves in time")
row("LIFE_SIGN_MS = 30000", "LIFE_SIGN_MS = 20000", "idle nodes do not show themselves too often")
row("return peer->own_kind ? since", "return true ? since", "release 0.10 gets no more than it expects")
row("peer->life_sign_sent = now_of(peer);", "", "one sign of life, whether it is answered or not")
row("peer->last_in > peer->life_sign_sent ? peer->last_in : peer->life_sign_sent", "peer->life_sign_sent",
    "who is heard of needs no sign of life")

file("p2p/peer.c", "test_handshake", "test_p2p", "test_p2p_ends", "test_p2p_hostile",
     "program test_bad_input test_sync")
row("if (peer->peers_received >= peer->get_peers_sent) return;", "", "addresses that nobody asked for")
row("if (!peer->ready && !peer->conn.outbound) peer_ready(peer);", "if (!peer->ready) peer_ready(peer);",
    "a server that was dialled greets first")
row("return peer->ready && conn_alive(&peer->conn);", "return true;", "nothing before the greeting")
row("i < FRAMES_PER_TURN", "i < 100 * FRAMES_PER_TURN", "one peer leaves the others their turn",
    equal="libevent reads 4 kB in one turn, so that hardly more frames lie there at once")
row("if (f.state == FRAME_BAD) conn_close(&peer->conn, CLOSE_MALFORMED);", "", "an impossible length ends it")
row("message_decode(plain, &m, b->scratch, sizeof b->scratch)) {",
    "(message_decode(plain, &m, b->scratch, sizeof b->scratch), 0)) {",
    "a message that does not parse ends it")
row("peer->p2p->messages_in[m.type]++;", "", "messages are counted")

file("p2p/wire.c", "test_wire", "replay tables/message-cbor*", "test_p2p_hostile")
row("if (i < PEERS_MAX) m->peers[i] = text;", "m->peers[i % PEERS_MAX] = text;",
    "more addresses than are kept")
row("if (count > r->left || count > scratch->size)", "if (count > r->left)",
    "a block longer than its place")
row("if (count > r->left || count > scratch->size)", "if (count > scratch->size)",
    "a block longer than the message",
    equal="the loop ends with the bytes; it only fails sooner")
row("if (seen != (UINT32_C(1) << count) - 1)", "if (0)", "fields that are missing")
row("(2 * block.n > room && elements_size(block) > room)", "block.n > room",
    "a block whose elements do not fit")
row("(2 * block.n > room && elements_size(block) > room)", "2 * block.n > room",
    "a block that fits since its bytes are small")
row("if (rd_done(&r)) return ERR_OK;", "if (!r.bad) return ERR_OK;", "something behind the message")
