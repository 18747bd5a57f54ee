// No threads and no sockets of one's own here.
#include "runtime/counters_server.h"

namespace bls::cli {

struct CountersServer::State {};

bool isCountersAddress(const std::string&) { return false; }

CountersServer::CountersServer() = default;
CountersServer::~CountersServer() = default;

bool CountersServer::open(const std::string&, std::string*, std::string* why) {
  *why = "not possible in this build";
  return false;
}
bool CountersServer::start(Text, void*) { return true; }
void CountersServer::stop() {}

}  // namespace bls::cli
