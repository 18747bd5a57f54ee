// Which service does what, in the program with big libraries.
#include "extensions/cgi/service.h"
#include "extensions/helper/helper_process.h"
#include "extensions/llm/service.h"
#include "extensions/net/resolve.h"

namespace bls::extensions {

std::unique_ptr<HelperProcess> startHelper(const Settings& settings, std::string* why) {
  HelperServe services[kHelperServiceCount] = {};
  services[static_cast<u32>(HelperService::Resolve)] = &net::serveResolve;
  services[static_cast<u32>(HelperService::CgiList)] = &cgi::serveList;
  services[static_cast<u32>(HelperService::CgiOpen)] = &cgi::serveOpen;
  services[static_cast<u32>(HelperService::RunModel)] = &llm::serveModel;
  return HelperProcess::start(settings, services, why);
}

}  // namespace bls::extensions
