"""Mutants of the questions to other servers."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- the table ----

file("dns/upstream_table.c", "test_dns_upstream", "test_dns_upstream_domains", "test_dns_upstream_memory")
row("q->born_ms + DNS_GIVES_WAY_MS > clock_mono(u->clock)", "0", "a young question stays")
row("q->born_ms + DNS_GIVES_WAY_MS > clock_mono(u->clock)",
    "q->born_ms + DNS_GIVES_WAY_MS >= clock_mono(u->clock)", "at 200 ms it gives way")
row("while (q && of_domain && q->where != DNS_ASK_SERVERS) q = q->newer;", "",
    "a domain's question takes the place of a domain's")
row("if (of_domain && !take_place(u, &l->dns_delegation_questions, true)) return false;",
    "if (of_domain) bound_take(&l->dns_delegation_questions, 1);", "domains have a quota")
row("q->q.dnssec_ok == asked->dnssec_ok &&", "", "DO is another question",
    equal="the hash, which is compared first, has it too")
row("(where != DNS_ASK_SERVERS || same_servers(q->delegation, d))", "true", "other servers are another question",
    "test_dns_upstream_domains")
row("dns_name_lower(&q.name);", "", "the name is asked in lower case")
row("note_joined(q);", "", "who joins a late question is told so", "test_dns_stale")
row("if (netaddr_eq(&d->servers[i].addr, a)) return;", "", "each address once", "test_dns_upstream_domains")
row("a.port = u->delegate_port;", "", "the port of a domain's servers", "test_dns_upstream_domains")
row(".rd = ask->where != DNS_ASK_SERVERS,", ".rd = true,", "RD is off for a domain's servers",
    "test_dns_upstream_domains")
row("if (u->stopping) return ERR_STOPPING;", "", "nothing is asked while it is freed")
row("give_places(u, of_domain); return ERR_NOMEM;", "return ERR_NOMEM;", "places are given back",
    "test_dns_upstream_memory")

file("dns/upstream_waiters.c", "test_dns_upstream", "test_dns_upstream_domains", "test_dns_upstream_memory")
row("w->last = last; w->done(w, a);", "w->done(w, a);", "who is told has the end of the aliases")
row("if (w->question) remove_waiter(w);", "remove_waiter(w);", "one that is not in the table is forgotten")

# ---- tries ----

file("dns/upstream_try.c", "test_dns_upstream_servers", "test_dns_upstream_udp", "test_dns_upstream_tcp",
     "test_dns_upstream")
row("now >= s->plain_until_ms;", "true;", "no EDNS is remembered", "test_dns_upstream_udp")
row("now >= s->no_case_until_ms;", "true;", "no capitals is remembered", "test_dns_upstream_udp")
row("note_round(q, dns_server_bit((size_t)at));", "(void)note_round;", "no server is asked twice before the others")

file("dns/upstream_next.c", "test_dns_upstream_servers", "test_dns_upstream_udp", "test_dns_upstream_tcp",
     "test_dns_upstream")
row("if (t->parked) return DNS_PARKED_MS;", "if (t->parked) return 60000;", "who waits for a place tries again",
    "test_dns_upstream_tcp")
row("if (q->begun >= (most > TRIES_MIN ? most : TRIES_MIN)) return -1;", "", "four tries")
row("at < deadline_of(q) ? at : deadline_of(q)", "at", "the deadline of all", "test_dns_upstream")
row("q->tried.failed |= bit_of(t);", "", "who refused is not asked again")
row("if (latest || q->last) dns_question_next(q);", "if (latest) dns_question_next(q);",
    "the last refusal ends it", "test_dns_upstream_servers")
row("dead ? DNS_QUICK_MS :", "", "all went down while it waited", "test_dns_upstream_servers")
row("set_timer(q, waited_for(q, true) ? DNS_QUICK_MS : 0);", "set_timer(q, 5000);", "one second while all are down")
row("if (!sent && t->for_case) {", "if (0) {", "no TCP after other capitals",
    equal="Linux tells of a refused connection in a later turn, or memory must run out")

# ---- what an answer is worth ----

file("dns/upstream_judge.c", "test_dns_upstream_servers", "test_dns_upstream_udp", "test_dns_upstream_domains",
     "test_dns_upstream_tcp")
row("case DNS_RCODE_SERVFAIL: return 4;", "case DNS_RCODE_SERVFAIL: return 2;", "the best code wins")
row("rank(rcode) > rank(q->best)", "true", "the best code wins, not the last")
row("(a->aa || t->question->where != DNS_ASK_SERVERS)", "true", "a lame server of a domain")
row("is_verdict(in->rcode) ? DNS_RCODE_SERVFAIL : in->rcode", "in->rcode", "no verdict of a lame server")
row("|| a->rcode == DNS_RCODE_BADVERS", "", "BADVERS")
row("if (t->plain) dns_try_server(t)->plain_until_ms", "if (0) dns_try_server(t)->plain_until_ms",
    "no EDNS is remembered")
row("return t->x.edns && (", "return (", "once without EDNS")
row(".keep_ad = u->trust_ad && !q->delegation", ".keep_ad = true", "AD only from a trusted path")
row(".top = of_domain ? top_of(q, &top) : NULL", ".top = NULL", "records of the domain alone")
row("t->second || t->x.again ? DNS_TOOK_UNKNOWN : dns_exchange_took(&t->x, t->sent_ms, "
    "clock_mono(t->question->u->clock));", "1;", "the round trip is measured")

# ---- forwarders ----

file("dns/forwarders.c", "test_dns_upstream_servers")
row("f->server.losses = 0;", "", "three in a row")
row("f->server.losses < DNS_LOSSES_DOWN", "f->server.losses < DNS_LOSSES_DOWN + 1", "three, not four")
row("f->client_ms + DNS_DOWN_PAUSE_MS <= now", "true", "one a second to one that is down")
row("f->measured_ms + DNS_MEASURED_MS > now", "true", "an old round trip is measured anew")
row("up & ~tried->failed", "up", "who refused is not asked again")
row("s->var4 += off - s->var4 / 4;", "", "the variance")

file("dns/upstream_target.c", "test_dns_upstream_servers", "test_dns_upstream", "test_dns_upstream_memory")
row("if (t->users) { place = &t->next; continue; }", "", "one that is in use stays", "test_dns_upstream_memory")
row("if (!contains(u->targets, u->target_count, all[count])) free_target(all[count]);", "",
    "a reload without memory", "test_dns_upstream_memory")

file("dns/upstream_probe.c", "test_dns_upstream_servers", "test_dns_upstream", "test_dns_upstream_memory")
row("dns_target_stop_probing(t); tell_change(t);", "tell_change(t);", "no probes of one that is back")
row("dns_target_stop_probing(t); tell_change(t);", "dns_target_stop_probing(t);", "one that is back is told")

# ---- UDP ----

file("dns/exchange.c", "test_dns_upstream_udp")
row("(message.p[2] & 0xF8) != 0x80", "(message.p[2] & 0x80) == 0", "another opcode")
row("message.n < (size_t)DNS_HEADER_SIZE + sent.size + 4 ||", "", "a reply that is cut")
row("|| message.p[5] != 1)", ")", "one question")
row("(got[2] << 8 | got[3]) != x->q->klass", "0", "the class counts")
row("same &= got[i] == sent.wire[i];", "", "capitals count")

file("dns/upstream_udp.c", "test_dns_upstream_udp", "test_dns_upstream_domains", "test_dns_upstream_memory")
row("&& s->wrong < WRONG_MAX", "", "a socket that is guessed at")
row("s->asked < DNS_UDP_QUESTIONS_MAX", "true", "256 questions")
row("s->aged = true;", "", "30 seconds")
row("message.n <= DNS_UDP_REPLY_MAX &&", "", "a reply that is too long")
row("p->count < bound_read(&p->row->max) ?", "true ?", "eight sockets")
row("(s->waiting && s->sent_ms + DNS_UDP_GIVES_WAY_MS > now)", "s->waiting", "a silent server gives its socket",
    "test_dns_upstream_domains")
row("x->told = true;", "", "an ICMP message ends nothing and is told once", "test_dns_upstream_servers")
row("if (!find(s, x->id)) return true;", "return true;", "no id twice on a socket",
    equal="of 65,536 ids two that wait are hardly the same")

# ---- TCP ----

file("dns/upstream_tcp_conn.c", "test_dns_upstream_tcp", "test_dns_upstream_memory")
row("c->heard_ms + DNS_TCP_IDLE_MS;", "c->heard_ms + 2 * DNS_TCP_IDLE_MS;", "idle for ten seconds")
row("c->answered ? DNS_TCP_REUSED_MS : DNS_TCP_FRESH_MS", "DNS_TCP_FRESH_MS", "a reused one that is silent")
row("c->part_ms + DNS_TCP_MESSAGE_MS < at", "0", "a message has five seconds")
row("elsewhere || may_repeat(x, c->answered)", "elsewhere", "once more on a fresh one")

file("dns/upstream_tcp.c", "test_dns_upstream_tcp", "test_dns_upstream_memory")
row("(!to->common || common_count(t) < quota)", "true", "domains have a quarter")
row("c->waiting < bound_read(&t->streams->max) &&", "", "so many on one connection")

file("dns/upstream_tcp_length.c", "test_dns_upstream_tcp", "test_dns_upstream_memory")
row("if (size < DNS_HEADER_SIZE) return \"a message of less than a header\";", "",
    "a length that cannot be")
row("how == DNS_REPLY_OTHER_CASE ? DNS_REPLY_ANSWER : how", "DNS_REPLY_ANSWER", "another question by TCP")

# ---- the wheel ----

file("dns/timers.c", "test_dns_timers")
row("if (t->at_ms > now) continue;", "", "none before its time")
row("if (to - from >= DNS_TIMER_SLOTS) from = to - DNS_TIMER_SLOTS + 1;", "", "a long pause",
    equal="slots are looked at twice")
row("if (event_add(all->event, &tv) != 0) event_active(all->event, EV_TIMEOUT, 0);",
    "event_add(all->event, &tv);", "without memory")
row("if (t->at_ms < all->armed_ms) arm(all, t->at_ms);", "if (all->armed_ms == UINT64_MAX) arm(all, t->at_ms);",
    "an earlier one moves the loop's timer")

# ---- settings ----

file("dns/forwarder_text.c", "test_dns_forwarder_text")
row("if (path.n > DNS_PATH_MAX)", "if (path.n > DNS_PATH_MAX + 1)", "255 bytes of path")
row("|| memchr(rest.p, '@', rest.n)", "", "no user in an address")
row("if (!endpoint_is_name(name))", "if (0)", "a certificate's name")

# ---- TLS ----

file("dns/tls.c", "test_dns_tls", "test_dns_upstream_tls", "test_dns_tls_bytes")
row("SSL_CTX_set_verify(c, SSL_VERIFY_PEER, on_verified);", "SSL_CTX_set_verify(c, SSL_VERIFY_NONE, on_verified);",
    "certificates are verified")
row("return X509_VERIFY_PARAM_set1_host(p, s->name, 0) && tell_name(ssl, s->name);",
    "return tell_name(ssl, s->name);", "the certificate is for this name")
row("X509_VERIFY_PARAM_set_time(p, (time_t)dns_tls_time(s->tls));", "", "the time is the given clock's")
row("return now > tip ? now : tip;", "return now > tip ? now : now;", "the time is not before the tip's")
row("SSL_CTX_set_max_cert_list(c, CERTIFICATES_MAX);", "", "certificates are bounded", "test_dns_tls_bytes")
row("if (t->failed_ms && now - t->failed_ms < DNS_TLS_AGAIN_MS) return t->why;", "if (t->failed_ms && now - t->failed_ms < 1000 * DNS_TLS_AGAIN_MS) return t->why;",
    "a context that could not be made is tried again", "test_dns_upstream_tls")
file("dns/upstream_target.c", "test_dns_upstream_tls", "test_dns_upstream_tls_ends")
row("return t->u->renew_tls.place ? ERR_FULL : dns_tcp_send(&t->u->tcp, &t->tcp, x);",
    "return dns_tcp_send(&t->u->tcp, &t->tcp, x);", "no connection with the old certificates after a reload")
file("dns/upstream_next.c", "test_dns_upstream_tls")
row("bool off = dns_targets_have_tls(u) && dns_tls_clock_is_behind(&u->tls);", "bool off = false;",
    "while the clock is behind, others are asked first")

# ---- HTTPS ----

file("dns/http2_stream.c", "test_dns_http2", "test_dns_http2_ends", "test_dns_https")
row("if (s->header_size > DNS_HTTP2_HEADER_MAX)", "if (0)", "a header without end")
row("if (s->status != DNS_HTTP2_OK)", "if (0)", "another status is no answer")
row("if (s->status / 100 != 1)", "if (s->status >= 200)", "no status below 100 is one before the answer")
row("s->right_type = false;", "", "hints say nothing of the answer's type")
row("else if (!s->right_type)", "else if (0)", "another type is no answer")
row("if (h->held <= DNS_HTTP2_STREAM_WINDOW) return;", "return;", "large answers hold the window of all")
row("if (s->size == 0) s->wrong = \"it is empty\";", "", "an empty answer")
row("s->refused = error == NGHTTP2_REFUSED_STREAM;", "", "a question that was refused")
file("dns/http2.c", "test_dns_http2", "test_dns_http2_ends", "test_dns_https")
row("dns_http2_release(s->h->bytes, s->question); s->question = NULL;", "", "what was sent is not kept")
row("!h->leaving && (h->live_count < most || h->live_count == 0)", "!h->leaving", "so many at once as the server takes")
file("dns/upstream_https.c", "test_dns_https", "test_dns_https_host")
row("if (dns_reply_id(message, &id) && id == 0)", "if (dns_reply_id(message, &id))", "an answer has the id of its question")
row("{.bytes = DNS_TLS_CONN_BYTES,", "{.bytes = 65536,", "what TLS can come to hold")
file("dns/bootstrap.c", "test_dns_bootstrap", "test_dns_https_host")
row("memcmp(rr->rdata.p, none, n) == 0", "((void)none, 0)", "nobody listens at 0.0.0.0")
row("ms < DNS_BOOTSTRAP_TTL_MIN_MS ? DNS_BOOTSTRAP_TTL_MIN_MS : ms", "ms", "not asked again at once")
row("if (pause > DNS_BOOTSTRAP_PAUSE_MAX_MS) pause = DNS_BOOTSTRAP_PAUSE_MAX_MS;", "", "the pause is bounded")
row("if (!(used && set_turn(b, used)) && fresh)", "(void)used; if (fresh)", "the address that is used stays it")
