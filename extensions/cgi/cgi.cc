// blockless_cgi: programs of the operator that a guest starts and talks to over pipes. Reference:
// hostcalls, section 5; CGI; threat model CGI-1 to CGI-6.
//
// Everything that touches files or starts programs happens in processes of the helper (service.h);
// here are handles, permissions and streams.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "engine/base/status.h"
#include "extensions/base/extension.h"
#include "extensions/base/handles.h"
#include "extensions/cgi/child.h"
#include "extensions/cgi/inspect.h"
#include "extensions/cgi/service.h"
#include "extensions/helper/helper_process.h"

namespace bls::extensions {
namespace {

using cgi::Budget;
using cgi::Child;
using cgi::Code;
using cgi::Frame;
using cgi::FrameKind;
using cgi::StreamEnd;
using cgi::StreamName;
using host::Capability;
using host::GuestAddress;
using host::GuestPtr;

constexpr size_t kMaxHandles = 64;

// What a handle stands for: a program, or else the text of a list.
struct Object {
  Object(Budget* given, std::string text) : budget(given), list(std::move(text)) {}
  explicit Object(std::unique_ptr<Child> given) : child(std::move(given)) {}
  ~Object() {
    if (budget != nullptr) budget->give(list.size());
  }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  Budget* budget = nullptr;
  std::unique_ptr<Child> child;
  std::string list;
  SpinLock lock;  // of `at`
  size_t at = 0;
};

struct Cgi final : Extension {
  explicit Cgi(const Services& given) : services(given) {}
  const Services services;
  Budget budget;  // outlives the objects
  HandleTable<Object> handles;
};
using CgiCall = Call<Cgi>;

// What a process of the helper answered.
struct Outcome {
  Code code = Code::RuntimeError;
  std::string text;
};

void logLine(const Services& services, const std::string& text) {
  if (text.empty()) return;
  const u8 level = static_cast<u8>(text[0]);
  const bool known = level <= static_cast<u8>(LogLevel::Debug);
  services.log(known ? static_cast<LogLevel>(level) : LogLevel::Error, text.substr(1));
}

// Waits for the result of a request; its log lines become ours. RuntimeError when the helper went
// without an answer, or the execution is to end.
Outcome await(CgiCall& call, int channel) {
  cgi::FrameReader reader;
  Frame frame;
  host::WaitFd wanted;
  wanted.fd = channel;
  wanted.wantRead = true;
  for (;;) {
    const bool more = reader.fill(channel);
    while (reader.next(&frame)) {
      if (frame.kind == FrameKind::Log) logLine(call.state().services, frame.text);
      if (frame.kind != FrameKind::Result || frame.text.empty()) continue;
      const u8 code = static_cast<u8>(frame.text[0]);
      if (code > static_cast<u8>(Code::InvalidExtension)) return {};
      return {static_cast<Code>(code), frame.text.substr(1)};
    }
    if (!more) return {};
    if (host::blockingWait(call.cx(), {&wanted, 1}, host::kWaitForever) != host::WaitEnd::Ready) {
      call.interrupted();
      return {};
    }
  }
}

bool hasRoom(Cgi& cgi) {
  if (cgi.handles.size() < kMaxHandles) return true;
  cgi.services.log(LogLevel::Warn,
                   "The limit of " + std::to_string(kMaxHandles) + " open CGI handles is reached.");
  return false;
}

Code listExec(CgiCall& call, GuestPtr<u32> handle) {
  Cgi& cgi = call.state();
  const Services& services = cgi.services;
  // The name of no extension: may anything be listed?
  if (services.gate == nullptr || !services.gate->permitCgi(call.cx(), "", "cgi_list_exec")) {
    call.interrupted();
    return Code::InvalidExtension;
  }
  if (!hasRoom(cgi)) return Code::RuntimeError;
  Outcome outcome{Code::Success, "[]"};
  if (!services.settings->driversRoot.empty()) {
    const int channel = services.helper->request(HelperService::CgiList, {}, {});
    if (channel < 0) return Code::RuntimeError;
    outcome = await(call, channel);
    close(channel);
  }
  if (outcome.code != Code::Success) return outcome.code;
  if (!cgi.budget.take(outcome.text.size())) return Code::RuntimeError;
  handle.store(cgi.handles.add(std::make_shared<Object>(&cgi.budget, std::move(outcome.text))));
  return Code::Success;
}

Code listRead(CgiCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> count) {
  const std::shared_ptr<Object> object = call.state().handles.get(handle);
  if (object == nullptr || object->child != nullptr) return Code::InvalidHandle;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::InvalidParameter;
  SpinGuard guard(&object->lock);
  const size_t most = std::min<size_t>(size, object->list.size() - object->at);
  if (most != 0) std::memcpy(guest.base + buffer.value, object->list.data() + object->at, most);
  object->at += most;
  count.store(static_cast<u32>(most));
  return Code::Success;
}

// The pipes of a child: ours do not block. Closes what is left at the end of the scope.
class Pipes {
 public:
  Pipes() = default;
  ~Pipes() {
    for (int fd : all_) {
      if (fd >= 0) close(fd);
    }
  }
  Pipes(const Pipes&) = delete;
  Pipes& operator=(const Pipes&) = delete;
  bool make() {
    // For each stream: the end for reading, the end for writing.
    for (size_t i = 0; i < 6; i += 2) {
      if (pipe2(&all_[i], O_CLOEXEC) != 0) return false;
    }
    return fcntl(all_[1], F_SETFL, O_NONBLOCK) == 0 && fcntl(all_[2], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(all_[4], F_SETFL, O_NONBLOCK) == 0;
  }
  int childIn() const { return all_[0]; }
  int childOut() const { return all_[3]; }
  int childErr() const { return all_[5]; }
  // The other ends must see the end of a stream when the child has gone.
  void closeChildEnds() {
    for (const size_t i : {size_t{0}, size_t{3}, size_t{5}}) {
      close(all_[i]);
      all_[i] = -1;
    }
  }
  Child::Ends release(int channel) {
    const Child::Ends out{channel, all_[1], all_[2], all_[4]};
    for (const size_t i : {size_t{1}, size_t{2}, size_t{4}}) all_[i] = -1;
    return out;
  }

 private:
  int all_[6] = {-1, -1, -1, -1, -1, -1};
};

Code openChild(CgiCall& call, GuestAddress text, u32 length, GuestPtr<u32> handle) {
  Cgi& cgi = call.state();
  const Services& services = cgi.services;
  const u32 number = cgi.handles.reserve();  // also used up by an open that fails
  std::string json;
  cgi::OpenRequest request;
  if (!call.text(text, length, &json) || !cgi::parseOpen(json, &request))
    return Code::InvalidParameter;
  if (services.gate == nullptr || request.alias.empty() ||
      request.alias.find('/') != std::string::npos ||
      request.alias.find('\0') != std::string::npos ||
      !services.gate->permitCgi(call.cx(), request.alias, "cgi_open")) {
    call.interrupted();
    return Code::InvalidExtension;
  }
  if (services.settings->driversRoot.empty()) {
    services.log(LogLevel::Error, "error get_extension_by_alias: there is no --drivers-root-path");
    return Code::InvalidExtension;
  }
  // A variable with a zero byte has no way to the child.
  std::erase_if(request.variables, [&](const auto& variable) {
    const bool bad = variable.first.find('\0') != std::string::npos ||
                     variable.second.find('\0') != std::string::npos;
    if (bad)
      services.log(LogLevel::Warn, "the variable \"" + escapeForMessage(variable.first, 100) +
                                       "\" has a zero byte; the extension runs without");
    return bad;
  });
  Pipes pipes;
  if (!hasRoom(cgi) || !pipes.make()) return Code::RuntimeError;
  const int ends[] = {pipes.childIn(), pipes.childOut(), pipes.childErr()};
  const int channel =
      services.helper->request(HelperService::CgiOpen, cgi::encodeOpen(request), ends);
  if (channel < 0) return Code::RuntimeError;
  pipes.closeChildEnds();
  const Outcome outcome = await(call, channel);
  if (outcome.code != Code::Success) {
    close(channel);
    return outcome.code;
  }
  cgi.handles.put(number, std::make_shared<Object>(
                              std::make_unique<Child>(pipes.release(channel), &cgi.budget)));
  handle.store(number);
  return Code::Success;
}

// Ends a call on a stream.
Code finish(CgiCall& call, StreamEnd end, u32 moved, GuestPtr<u32> count) {
  if (end == StreamEnd::Interrupted) call.interrupted();
  if (end != StreamEnd::Done) return Code::RuntimeError;
  count.store(moved);
  return Code::Success;
}

template <StreamName kName>
Code readStream(CgiCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> count) {
  const std::shared_ptr<Object> object = call.state().handles.get(handle);
  if (object == nullptr || object->child == nullptr) return Code::InvalidHandle;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::InvalidParameter;
  u32 moved = 0;
  const StreamEnd end =
      object->child->read(call.cx(), kName, {guest.base + buffer.value, size}, &moved);
  if (object->child->tookLoss())
    call.state().services.log(LogLevel::Warn,
                              "an extension wrote more to standard error than there is room for "
                              "while the guest did not read it; the rest is dropped");
  return finish(call, end, moved, count);
}

Code writeStream(CgiCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> count) {
  const std::shared_ptr<Object> object = call.state().handles.get(handle);
  if (object == nullptr || object->child == nullptr) return Code::InvalidHandle;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::InvalidParameter;
  u32 moved = 0;
  const StreamEnd end = object->child->write(call.cx(), {guest.base + buffer.value, size}, &moved);
  return finish(call, end, moved, count);
}

Code closeHandle(CgiCall& call, u32 handle) {
  const std::shared_ptr<Object> object = call.state().handles.take(handle);
  if (object == nullptr) return Code::InvalidHandle;
  if (object->child == nullptr) return Code::Success;
  const StreamEnd end = object->child->close(call.cx());
  if (end == StreamEnd::Interrupted) call.interrupted();
  return end == StreamEnd::Failed ? Code::RuntimeError : Code::Success;
}

constexpr char kSpec[] = "hostcalls, section 5";
constexpr host::HostFunc kFunctions[] = {
    host::bind<listExec>("cgi_list_exec", Capability::Process, kSpec),
    host::bind<listRead>("cgi_list_read", Capability::Descriptor, kSpec),
    host::bind<openChild>("cgi_open", Capability::Process, kSpec),
    host::bind<readStream<StreamName::Out>>("cgi_stdout_read", Capability::Descriptor, kSpec),
    host::bind<readStream<StreamName::Err>>("cgi_stderr_read", Capability::Descriptor, kSpec),
    host::bind<writeStream>("cgi_stdin_write", Capability::Descriptor, kSpec),
    host::bind<closeHandle>("cgi_close", Capability::Descriptor, kSpec),
};

}  // namespace

const ExtensionInfo& cgiExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_cgi",
      "programs of the operator, started by alias",
      {.library = true, .network = false, .helper = true, .paths = nullptr},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<Cgi>(services);
      },
      cgi::inspectPrograms};
  return kInfo;
}

}  // namespace bls::extensions
