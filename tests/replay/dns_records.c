/* Records of a line of the table of DNS answers, as they are on the wire. See
 * tests/replay/tables_dns.h. */
#include <inttypes.h>

#include "base/hex.h"
#include "base/json.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "domain/dnsaddr.h"
#include "tests/replay/tables_dns.h"
