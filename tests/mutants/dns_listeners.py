"""Mutants of what hears the questions to the DNS server: UDP, TCP, and the clients by TCP."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

ATTACKS = "program test_dns_attacks.Questions."
CONNECTIONS = "program test_dns_attacks.Connections."

file("dns/udp_listener.c", "test_dns_listeners")
row("if (c->from.port == 0) return true;", "", "nobody asks from port 0", ATTACKS + "test_from_nobody")
row("return c->from.port == s->own.port && memcmp(c->from.ip, c->to, sizeof c->to) == 0;", "return false;",
    "what we sent ourselves", ATTACKS + "test_from_nobody")
row("if (s->wildcard) set_source(m, s, c, r->control);", "", "the address that was asked answers",
    "program test_dns.Listening.test_wildcards_answer_from_the_address_asked")
row("memcpy(&p.ipi_spec_dst, c->to + 12, 4);", "", "the address that was asked answers, IPv4",
    "program test_dns.Listening.test_wildcards_answer_from_the_address_asked")
row("left < BATCH ? (unsigned)left : BATCH", "BATCH", "a turn of the loop is bounded", sample=True)
row("left > 0 && n == BATCH; left -= taken", "left > 0 && n == BATCH && !taken; left -= taken",
    "a turn goes on while there is more")
row("if (left == 0) bound_hit(u->owner.turn);", "", "a turn that is full is counted")
row("sent = 1; } }", "sent = (int)(b->count - at); } }", "one that cannot be sent is left out, the others go")
row("dns_count(&u->owner.figures->drop[DNS_DROP_SEND]); sent = 1;", "sent = 1;", "what cannot be sent is counted")
row("u->out.fd = -1; bound_note", "bound_note", "an answer that comes later is sent at once",
    "program test_dns_forward.Forwarding.test_answers_are_kept")
row("if (++b->count == BATCH) send_batch(u);", "++b->count;", "a full batch is sent",
    equal="a batch of questions has no more answers than questions, and is sent behind them")

file("dns/tcp_listener.c", "test_dns_listeners")
row("same < bound_read(&l->dns_tcp_per_address.max)", "same <= bound_read(&l->dns_tcp_per_address.max)",
    "places of one address", CONNECTIONS + "test_places_of_one_address")
row("if (!fits) bound_hit(&l->dns_tcp_per_address);", "", "who is refused is counted",
    CONNECTIONS + "test_places_of_one_address")
row("if (n && t->paused) event_active(t->resume, EV_TIMEOUT, 0);", "", "who waited for room goes on",
    CONNECTIONS + "test_clients_that_do_not_read")
row("hurry_idle(t); }", "; }", "idle clients make room", CONNECTIONS + "test_idle_clients")
row("free * 2 >= most ? whole : whole * free * 2 / most", "whole", "the time of an idle client falls",
    CONNECTIONS + "test_idle_clients")
row("if (i->number == c->number)", "if (i)", "an answer goes to the one who asked",
    CONNECTIONS + "test_clients_wait_at_once")

file("dns/tcp_client.c", "test_dns_listeners")
row("if (c->waiting || c->blocked) return DNS_TCP_WAITING;", "", "who waits for an answer is not idle",
    CONNECTIONS + "test_clients_wait_at_once")
row("if (state != c->state || c->taken >= PROGRESS) enter(c, state);", "enter(c, state);",
    "what a client sends does not move its deadline", CONNECTIONS + "test_dribbled_bytes")
row("c->begun = c->in.size > 0;", "c->begun = false;", "a question has its time",
    CONNECTIONS + "test_dribbled_bytes")
row("c->waiting < bound_read(&l->dns_tcp_inflight.max) &&", "", "so many wait at once", CONNECTIONS + "test_inflight")
row("return fits ? n : DNS_HEADER_SIZE;", "return n;", "a question that is too long is refused at its header",
    CONNECTIONS + "test_too_long_and_too_many")
row("c->last || too_long || c->asked >= bound_read(&l->dns_tcp_queries.max)", "c->last || too_long",
    "so many questions of one connection", CONNECTIONS + "test_too_long_and_too_many")
row("c->last || too_long || c->asked >=", "c->last || c->asked >=", "the last one is too long",
    CONNECTIONS + "test_too_long_and_too_many")
row("if (c->ended || (!c->closing &&", "if (true || (!c->closing &&", "a close does not reset the connection",
    CONNECTIONS + "test_too_long_and_too_many")
row("c->last = c->ended = true;", "c->closing = c->last = c->ended = true;", "who has closed its side gets its answers",
    CONNECTIONS + "test_half_closed")
row("if (c->blocked) return; count(c, size < n);", "count(c, size < n);", "an answer without room is asked for again",
    CONNECTIONS + "test_clients_that_do_not_read")
row("c->last |= !send_failure(c, answer);", "c->last = true;", "a late answer without room is a failure",
    "test_dns_listeners")
row("to[2] &= (uint8_t) ~((DNS_FLAG_AA | DNS_FLAG_TC) >> 8);", "", "a failure is not cut", "test_dns_listeners")
row("dns_tcp_buffers_free(c); bound_give", "bound_give", "bytes of who leaves are given back",
    CONNECTIONS + "test_clients_that_do_not_read")
row("bound_give(&limits_of(c)->dns_tcp_clients, 1); mem_free(c);", "mem_free(c);", "places are given back",
    sample=True)
