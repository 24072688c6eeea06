"""Mutants of whom a peer is taken for: ids, addresses that several share, and what a ban shuts."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("p2p/bans.c", "test_bans")
row("if (left > 0 && scope != e->scope)", "if (0)", "a wider ban goes before a longer one")
row("if (left > 0 && scope != e->scope)", "if (scope != e->scope)", "a ban that is over is not wider")
row("return scope > e->scope;", "return true;", "a narrow ban takes nothing from a wide one")
row("return e->scope >= scope;", "return true;", "a narrow ban leaves the rest open")
row("version == 1 ? BAN_HOST : rd_u8(r)", "version == 1 ? BAN_BY_HAND : rd_u8(r)",
    "a stored ban without a scope leaves configured peers alone")
row("if (version != 1 && rd_u8(&r) >= BAN_SCOPES) return false;", "if (version != 1) rd_u8(&r);",
    "a stored scope that is none")

file("p2p/p2p.c", "test_p2p_admin", "test_p2p", "test_shared_address")
row("peer->at_fault = peer->conn.outbound;", "", "a configured peer that breaks a rule rests", "test_p2p_admin")
row("if (peer->configured) log_warn", "if (0) log_warn", "a configured peer is never banned")

file("p2p/p2p_book.c", "test_shared_address")
row("known ? BAN_BY_HAND : BAN_HOST", "BAN_HOST", "only the operator shuts out who is known")
row("known ? BAN_BY_HAND : BAN_HOST", "BAN_INBOUND",
    "a ban that a stranger earned is no reason not to dial")
row("known ? BAN_BY_HAND : BAN_HOST", "BAN_SCOPES", "the operator's ban is", "test_shared_address")
row("known ? BAN_BY_HAND : BAN_HOST", "BAN_BY_HAND", "strangers of a host that broke a rule are not dialled")

file("p2p/handshake.c", "test_shared_address")
row("&peer->conn.addr, 0, BAN_INBOUND, what", "&peer->conn.addr, 0, BAN_BY_HAND, what",
    "a ban that a stranger earned shuts nobody else out")

file("p2p/handshake.c", "test_duplicates", "test_identity", "test_handshake", "test_p2p")
row("if (identity_is_ours(p, m->rand_id)) { identity_note_loop(peer);", "if (0) {", "ourselves, inbound")
row("identity_note_loop(peer);", "", "an address of ours is remembered", "test_identity")
row("} else if (identity_is_ours(p, m->rand_id)) {", "} else if (0) {", "ourselves, outbound")
row("if (peer->ready && peer->introduced) {", "if (0) {", "a second Hand changes nothing", "test_identity")
row("if (peer->ready && peer->introduced) {", "if (peer->ready) {", "a late first Hand counts",
    equal="an inbound peer that talks before its Hand only stays nameless")
row("&& peer_same_host(a, b);", ";", "a borrowed id cuts nobody off")
row("peer->own_kind && o->own_kind && peer->conn.outbound", "peer->own_kind && peer->conn.outbound",
    "a stranger's word that it is of our kind is not that of both")
row("&& peer->conn.outbound != o->conn.outbound &&", "&&", "only what was dialled from both sides",
    equal="two inbound ones of our own kind would follow the id instead of their use")
row("return d > 0 ||", "return d < 0 ||", "two of our own kind agree which one stays")
row("(o->configured || o->good_at) &&", "o->good_at &&", "whom we dialled we do not need twice")
row("(o->configured || o->good_at) &&", "", "who only came is not proven")
row("(o->configured || o->good_at) &&", "(o->conn.outbound || o->good_at) &&",
    "nor is one that somebody named", "test_shared_address")
row("SILENT_MS = 45000", "SILENT_MS = 30000", "one that is quiet for as long as release 0.10 is not dead")
row("SILENT_MS = 45000", "SILENT_MS = 60000", "who comes again is let in")
row("return !ours_is_greater(peer) ? NULL", "return !ours_is_greater(peer) ? peer->conn.outbound ? peer : o",
    "what we dialled is ended by whom we dialled, not by who came")
row("return !peer->conn.outbound && worth_keeping(o) ? peer : NULL;", "return worth_keeping(o) ? peer : NULL;",
    "whom we dial is not a duplicate", equal="a Shake ends only others, whatever is said of it")
row("return !peer->conn.outbound && worth_keeping(o) ? peer : NULL;", "return !peer->conn.outbound ? peer : NULL;",
    "a connection of no use keeps nobody out")
row("if (peer->own_kind) peer_send(peer, &twin);", "", "our own kind is told why")
row("o->alias = peer->conn.addr; o->has_alias = true;", "", "who said Twin is not dialled again meanwhile")
row("same_node(peer, o) && mutual(peer, o)", "conn_alive(&o->conn)",
    "Twin counts for the connection that it is about")
row("peer->refused = peer->conn.outbound && !peer->ready;", "", "who says Loop is left alone")
row("identity_shown(peer); }", "}", "the id is chosen before it is compared")

file("p2p/identity.c", "test_identity", "test_duplicates", "test_p2p")
row("&& peer_same_host(peer, o);", ";", "another id for each host")
row("memcmp(peer->our_host, o->our_host, sizeof peer->our_host) == 0 &&", "", "another id at each address of ours")
row("if (conn_alive(c) && o->our_id[0] && same_pair(peer, o))", "if (0)", "one id between two hosts")
row("!o->ready && o->conn.phase >= PHASE_HANDSHAKE &&", "", "it is dialled and has keys",
    equal="no other connection has the same keys")
row("memcmp(peer->session.key, o->session.key, sizeof peer->session.key) == 0", "true",
    "a repeated id makes no peer one of ourselves")

file("p2p/p2p_book.c", "test_duplicates", "test_shared_address")
row("(c->outbound && netaddr_eq(&c->addr, a))", "netaddr_eq(&c->addr, a)",
    "the port that somebody came from",
    equal="no test can come from the port that another one listens on")

file("p2p/dialer_configured.c", "test_dialer")
row("d->s.hooks.refuse(d->s.hooks.ctx, a, true)", "d->s.hooks.refuse(d->s.hooks.ctx, a, false)",
    "a configured peer is dialled where others are not")

file("p2p/configured_peer.c", "test_configured_peer")
row("i < cp->faults && ms", "i < 1 && ms", "who breaks rules is asked ever later")
row("cp->faults = 0;", "", "faults in a row count")

file("p2p/peer.c", "test_handshake", "test_keepalive")
row("if (peer->peers_received == peer->list_wanted)", "", "a list that was not asked for its addresses")
row("if (peer->peers_received == peer->list_wanted)", "if (0)", "a list that was")

file("p2p/addrbook.c", "test_addrbook", "test_shared_address")
row("return e && e->tried && !e->failures;", "return e && e->tried;",
    "who broke a rule is not known for good", "test_shared_address")

file("p2p/addrbook_choose.c", "test_addrbook", "test_shared_address")
row("bool tried = !total[0] || (total[1] && rng_below(b->rng, 2));", "bool tried = !total[0];",
    "tried ones get half of the dials")
row("bool tried = !total[0] || (total[1] && rng_below(b->rng, 2));", "bool tried = total[1];",
    "new ones get half of the dials")
row("bool tried = !total[0] || (total[1] && rng_below(b->rng, 2));",
    "bool tried = rng_below(b->rng, total[0] + total[1]) < total[1];", "however many new ones there are")
row("16u >> e->failures", "16u", "who failed gets fewer")

file("net/addr_text.c", "test_endpoint", "test_addr")
row("(text.n > 1 && text.p[0] == '0')", "0", "a port is written in one way")
row("colons || brackets ? !e.is_address || !colons :", "colons ? !e.is_address :", "brackets are for IPv6 alone")
row("colons || brackets ? !e.is_address || !colons :", "0 ? 0 :", "two colons are an address or nothing")
row("!e.is_address || !e.has_port", "!e.is_address", "the wire leaves out no port")
row("if (at && !memchr(at + 1, ':', (size_t)(end - at) - 1)) {", "if (at) {", "IPv6 without a port")
row("if (!at || (at + 1 != end && at[1] != ':')) return false;", "if (!at) return false;",
    "behind a bracket there is a port or nothing")
row("c == '.' ? label == 0 : !of_label || label >= LABEL_MAX", "c != '.' && !of_label", "labels of names")
row("return letter && host.n <= NAME_MAX_BYTES;", "return letter;", "the length of names")
row("return letter && host.n <= NAME_MAX_BYTES;", "return host.n <= NAME_MAX_BYTES;",
    "digits alone are a mistyped address")

file("p2p/configured_peer.c", "test_endpoint", "test_p2p_admin")
row("&& !ends_in_number(e.host) &&", "&&", "by hand a number at the end is a mistyped address")

file("net/addr.c", "test_addr")
row("group[1] = a->ip[2];", "group[1] = a->ip[1];", "the groups of Yggdrasil are even")
row("group[1] = a->ip[2];", "group[1] = (uint8_t)(a->ip[0] ^ a->ip[2]);",
    "a node's address and its subnet are of one group")
row("&& !teredo &&", "&&", "Teredo")
row("&& !six_to_four);", ");", "6to4")
row("(a->ip[0] & 0xE0) == 0x20", "a->ip[0]", "unique-local")
row("(a->ip[0] & 0xE0) == 0x20", "a->ip[0] < 0x40", "NAT64")
row("!inner && !local && !special", "!inner && !local", "relays and test beds")

file("p2p/keepalive.c", "test_shared_address", "test_handshake")
row("return others && !peer->conn.outbound ? ASK_FIRST_MS : 0;", "return 0;",
    "who comes again and again is not asked each time")
row("return others && !peer->conn.outbound ? ASK_FIRST_MS : 0;", "return others ? ASK_FIRST_MS : 0;",
    "whom we dialled is asked at once")
row("return others && !peer->conn.outbound ? ASK_FIRST_MS : 0;", "return peer->conn.outbound ? 0 : ASK_FIRST_MS;",
    "one that is alone is asked at once")
