// blockless_drivers: opening a URL as a WASI descriptor: `tcp` built in, other schemes by native
// libraries. Reference: hostcalls, sections 2 and 9.
#include <algorithm>

#include "engine/base/spin_lock.h"
#include "extensions/base/extension.h"
#include "extensions/drivers/native_driver.h"
#include "extensions/drivers/url.h"
#include "extensions/net/permit.h"
#include "extensions/socket/tcp.h"

namespace bls::extensions {
namespace {

using drivers::DriverUrl;
using drivers::NativeDriver;
using drivers::NativeHandle;
using host::Capability;
using host::GuestAddress;
using host::GuestPtr;

enum class Code : u32 {
  Success,
  EndOfFile,
  TooLong,
  Access,
  InUse,
  NotAvailable,
  Family,
  Again,
  BadDescriptor,
  Connect,
  NotRegistered,
  Open,
  Parameters,
  Unknown,
  Permission,
};

constexpr u32 kMaxOptionsBytes = 1 << 20;
constexpr const char* kOperation = "blockless_open";

struct Drivers final : Extension {
  explicit Drivers(const Services& given) : services(given) {}
  // What guests left open is closed with the execution, whoever still holds a descriptor.
  ~Drivers() override {
    for (const std::weak_ptr<NativeHandle>& handle : handles) {
      if (const auto open = handle.lock()) open->close();
    }
  }
  // The last of two libraries for one scheme counts.
  const NativeDriver* find(const std::string& scheme) const {
    for (auto at = libraries.rbegin(); at != libraries.rend(); ++at) {
      if ((*at)->scheme() == scheme) return at->get();
    }
    return nullptr;
  }
  void remember(const std::shared_ptr<NativeHandle>& handle) {
    SpinGuard guard(&lock);
    std::erase_if(handles, [](const auto& old) { return old.expired(); });
    handles.push_back(handle);
  }

  const Services services;
  std::vector<std::shared_ptr<NativeDriver>> libraries;
  SpinLock lock;
  std::vector<std::weak_ptr<NativeHandle>> handles;
};
using DriverCall = Call<Drivers>;

class NativeStream final : public host::DriverStream {
 public:
  explicit NativeStream(std::shared_ptr<NativeHandle> handle) : handle_(std::move(handle)) {}
  ~NativeStream() override { handle_->close(); }
  int read(u8* data, u32 size, u32* done) override { return handle_->read(data, size, done); }
  int write(const u8* data, u32 size, u32* done) override {
    return handle_->write(data, size, done);
  }

 private:
  std::shared_ptr<NativeHandle> handle_;
};

Code openTcp(DriverCall& call, const DriverUrl& url, u32* out) {
  if (url.segments.empty()) return Code::Parameters;
  const Services& services = call.state().services;
  net::Endpoint place;
  std::string why = "not of the form host:port";
  net::TcpEnd end = net::TcpEnd::Failed;
  int fd = -1;
  if (net::parseEndpoint(url.segments[0], &place))
    end = net::connectTcp(call.cx(), services, place, kOperation, &fd, &why);
  if (end == net::TcpEnd::Done) {
    // The guest sees a socket that does not block, as it always has here.
    return services.descriptors->addSocket(fd, host::SocketUse::Connected, false, out)
               ? Code::Success
               : Code::Open;
  }
  if (call.interrupted()) return Code::Connect;
  services.log(LogLevel::Error, "error connect in driver " + url.segments[0] + ": " + why);
  return end == net::TcpEnd::Denied ? Code::Permission : Code::Connect;
}

// The operator's choice of a library is the grant to use it. What names a place in the network is
// asked for all the same: a port, or a scheme that has one by itself.
bool permitted(DriverCall& call, const DriverUrl& url) {
  if (url.segments.empty()) return true;
  std::string place = url.segments[0];
  const bool web = url.scheme == "http" || url.scheme == "https";
  net::Endpoint endpoint;
  if (!net::parseEndpoint(place, &endpoint)) {
    if (!web) return true;
    // A user name in front of a host is not looked through.
    if (!net::parseEndpoint(place + (url.scheme == "http" ? ":80" : ":443"), &endpoint))
      return false;
  }
  const Services& services = call.state().services;
  const std::string text = url.text();
  const host::NetTarget target{text, endpoint.host, endpoint.port};
  if (!services.permitNet(call.cx(), target, kOperation)) return false;
  return !endpoint.literal ||
         net::permitConnection(services, call.cx(), target, endpoint.address, kOperation);
}

Code fromDriver(u32 result) {
  switch (result) {
    case 1:
    case 3:
    case 5:
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13: return static_cast<Code>(result);
    default: return Code::Unknown;
  }
}

Code openNative(DriverCall& call, const NativeDriver& driver, const DriverUrl& url,
                std::string_view options, u32* out) {
  if (!permitted(call, url)) return Code::Permission;
  std::shared_ptr<NativeHandle> handle;
  const u32 result = driver.open(url.text(), options, &handle);
  if (result != 0) return fromDriver(result);
  call.state().remember(handle);
  return call.state().services.descriptors->addDriver(std::make_unique<NativeStream>(handle), out)
             ? Code::Success
             : Code::Open;
}

Code blocklessOpen(DriverCall& call, GuestAddress url, u32 urlLength, GuestAddress options,
                   u32 optionsLength, GuestPtr<u32> out) {
  const host::GuestMemory memory = call.memory();
  if (!memory.contains(url.value, urlLength) || !memory.contains(options.value, optionsLength) ||
      optionsLength > kMaxOptionsBytes)
    return Code::Parameters;
  DriverUrl parsed;
  std::string text;
  std::string given;
  std::string why = "too long";
  const Services& services = call.state().services;
  bool good = urlLength <= drivers::kMaxDriverUrlBytes;
  if (good && !call.text(url, urlLength, &text)) return Code::Parameters;
  if (!call.text(options, optionsLength, &given)) return Code::Parameters;
  good = good && drivers::parseDriverUrl(text, &parsed, &why);
  if (!good) {
    services.log(LogLevel::Error, "error parse:" + why);
    return Code::NotRegistered;
  }
  const NativeDriver* native = call.state().find(parsed.scheme);
  if (native == nullptr && parsed.scheme != "tcp") return Code::NotRegistered;
  if (!services.descriptors->hasRoom()) return Code::Open;
  u32 fd = 0;
  const Code code = native != nullptr ? openNative(call, *native, parsed, given, &fd)
                                      : openTcp(call, parsed, &fd);
  if (code == Code::Success) out.store(fd);
  return code;
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<blocklessOpen>("blockless_open", Capability::Network, "hostcalls, section 2"),
};

std::unique_ptr<Extension> makeDrivers(const Services& services) {
  auto state = std::make_unique<Drivers>(services);
  for (const DriverChoice& choice : services.settings->drivers) {
    auto library = NativeDriver::load(choice, services.problem);
    if (library == nullptr) return nullptr;
    services.log(LogLevel::Info,
                 "driver library for " + choice.scheme + ":// loaded: " + choice.path);
    state->libraries.push_back(std::move(library));
  }
  return state;
}

void inspectDrivers(const Settings& settings, bool verify, std::vector<Installed>* out) {
  for (const DriverChoice& choice : settings.drivers) {
    Installed item{choice.scheme + "://", choice.path, true};
    if (verify) item.good = NativeDriver::load(choice, &item.text) != nullptr;
    out->push_back(std::move(item));
  }
}

}  // namespace

const ExtensionInfo& driversExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_drivers",
      "URLs as WASI descriptors: tcp, and schemes of native libraries",
      {.network = true,
       .helper = true,
       .unconfined = [](const Settings& settings) { return !settings.drivers.empty(); }},
      kFunctions,
      makeDrivers,
      inspectDrivers};
  return kInfo;
}

}  // namespace bls::extensions
