// Which service does what, in the program with big libraries.
#include "extensions/cgi/service.h"
#include "extensions/helper/helper_process.h"

namespace bls::extensions {

std::unique_ptr<HelperProcess> startHelper(const Settings& settings, std::string* why) {
  static constexpr HelperServe kServices[kHelperServiceCount] = {
      nullptr,          // Resolve
      &cgi::serveList,  // CgiList
      &cgi::serveOpen,  // CgiOpen
      nullptr,          // RunModel
  };
  return HelperProcess::start(settings, kServices, why);
}

}  // namespace bls::extensions
