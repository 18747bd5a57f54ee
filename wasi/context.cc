// Making a Context from its description.
#include "wasi/context.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "engine/host/guest_path.h"
#include "wasi/fd_table.h"
#include "wasi/path_check.h"
#include "wasi/platform.h"

namespace bls::wasi {
namespace {

using host::Capability;

Status checkStrings(const ContextConfig& config, Diagnostics& diag) {
  for (const std::string& arg : config.args) {
    if (arg.find('\0') != std::string::npos) {
      return diag.fail(ErrorClass::Config,
                       "argument '" + escapeForMessage(arg) + "' contains a NUL byte");
    }
  }
  for (const auto& [name, value] : config.env) {
    bool bad = name.empty() || name.find('=') != std::string::npos ||
               name.find('\0') != std::string::npos || value.find('\0') != std::string::npos;
    if (bad) {
      return diag.fail(
          ErrorClass::Config,
          "environment variable '" + escapeForMessage(name) +
              "': the name must not be empty or contain '=', and neither part a NUL byte");
    }
  }
  return {};
}

FdRef withoutHost(FdKind kind, bool canRead, bool canWrite) {
  auto desc = std::make_unique<Descriptor>();
  desc->kind = kind;
  desc->canRead = canRead;
  desc->canWrite = canWrite;
  return FdRef(desc.release());
}

// Null when the operator wants none, or the process has none to inherit.
Result<FdRef> makeStdio(Stdio& stdio, u32 number, bool rawTerminal, Diagnostics& diag) {
  bool input = number == 0;
  switch (stdio.mode) {
    case Stdio::Mode::Closed: return FdRef();
    case Stdio::Mode::Null: return withoutHost(FdKind::Null, input, !input);
    case Stdio::Mode::Bytes:
    case Stdio::Mode::Text:
    case Stdio::Mode::Sink: {
      bool bytes = stdio.mode != Stdio::Mode::Sink;
      if (bytes != input) {
        return diag.fail(ErrorClass::Config, bytes ? "fixed bytes are for standard input only"
                                                   : "a sink is for output only");
      }
      FdRef desc = withoutHost(bytes ? FdKind::Bytes : FdKind::Sink, input, !input);
      desc->bytes = std::move(stdio.bytes);
      desc->input = std::move(stdio.input);
      desc->sink = std::move(stdio.sink);
      return desc;
    }
    case Stdio::Mode::Inherit:
    case Stdio::Mode::Fd: break;
  }
  bool inherit = stdio.mode == Stdio::Mode::Inherit;
  HostFd host = duplicate(inherit ? static_cast<int>(number) : stdio.fd);
  if (!host.valid()) {
    if (inherit && errno == EBADF) return FdRef();
    return diag.fail(ErrorClass::Io,
                     "standard stream " + std::to_string(number) + ": " + strerror(errno));
  }
  int hostFlags = fcntl(host.get(), F_GETFL);
  bool terminal = isatty(host.get()) != 0;
  FdRef desc = describeHostFd(std::move(host), input, !input);
  desc->hostShared = true;
  if (hostFlags >= 0 && (hostFlags & O_APPEND) != 0) desc->flags.store(fdflags::kAppend);
  if (terminal && !input && !rawTerminal) desc->filter = std::make_unique<TerminalFilter>();
  return desc;
}

Status addPreopen(const Preopen& preopen, bool named, host::Grants& grants, FdTable& fds,
                  Diagnostics& diag) {
  const std::string& name = preopen.guestPath;
  if (name.find('\0') != std::string::npos || !isUtf8(name.data(), name.size())) {
    return diag.fail(ErrorClass::Config,
                     "guest path '" + escapeForMessage(name) + "' is not UTF-8 text");
  }
  HostFd host;
  Errno error = openHostDirectory(preopen.hostPath, &host);
  if (error != Errno::Success) {
    return diag.fail(
        ErrorClass::Io,
        "cannot open directory '" + escapeForMessage(preopen.hostPath) + "': " + strerror(errno));
  }
  FdRef desc = describeHostFd(std::move(host), false, false);
  desc->kind = FdKind::Dir;
  desc->type = FileType::Directory;
  desc->isSeekable = false;
  desc->isPreopen = true;
  desc->preopenName = name;
  if (named) desc->guestPath = host::joinGuestPath("/", name);
  desc->grant = grants.addDirectory(name, preopen.read, preopen.write);
  u32 number = 0;
  if (fds.insert(std::move(desc), &number) != Errno::Success) {
    return diag.fail(ErrorClass::Config, "more directories than the descriptor limit allows");
  }
  return {};
}

Status addListener(const Listener& listener, host::Grants& grants, FdTable& fds,
                   Diagnostics& diag) {
  HostFd host = duplicate(listener.fd);
  if (!host.valid())
    return diag.fail(ErrorClass::Io, std::string("listening socket: ") + strerror(errno));
  prepareListener(host.get());
  FdRef desc = describeHostFd(std::move(host), false, false);
  desc->kind = FdKind::Listener;
  grants.allow(Capability::Listen);
  u32 number = 0;
  bool placed =
      listener.guestFd < 0
          ? fds.insert(std::move(desc), &number) == Errno::Success
          : listener.guestFd >= 3 && fds.place(static_cast<u32>(listener.guestFd), std::move(desc));
  if (placed) return {};
  return diag.fail(ErrorClass::Config,
                   "descriptor " + std::to_string(listener.guestFd) +
                       " for a listening socket is taken, below 3, or above the descriptor limit");
}

}  // namespace

Context::Context() = default;
Context::~Context() = default;

host::DescriptorTable& Context::descriptors() { return *descriptors_; }

u64 Context::takeOutput(u64 wanted) {
  u64 left = outputLeft_.load(std::memory_order_relaxed);
  u64 taken;
  do {
    if (left == ~u64{0}) return wanted;
    taken = std::min(left, wanted);
  } while (!outputLeft_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed));
  if (taken == 0 && onOutputFull_ != nullptr && !saidFull_.exchange(true)) onOutputFull_();
  return taken;
}

void Context::returnOutput(u64 bytes) {
  if (outputLeft_.load(std::memory_order_relaxed) != ~u64{0})
    outputLeft_.fetch_add(bytes, std::memory_order_relaxed);
}

Result<std::unique_ptr<Context>> makeContext(ContextConfig config, Diagnostics& diag) {
  TRY(checkStrings(config, diag));
  std::unique_ptr<Context> ctx(new Context());
  ctx->args_ = std::move(config.args);
  for (const auto& [name, value] : config.env)
    ctx->env_.emplace_back(name).append("=").append(value);
  ctx->clock_ = std::move(config.clock);
  if (ctx->clock_ == nullptr) ctx->clock_ = config.deterministic ? steppingClock() : systemClock();
  ctx->random_ = std::move(config.random);
  if (ctx->random_ == nullptr)
    ctx->random_ = config.deterministic ? seededRandom(config.randomSeed) : systemRandom();
  ctx->limits_ = config.limits;
  ctx->outputLeft_ = config.limits.outputBytes;
  ctx->onOutputFull_ = std::move(config.onOutputFull);
  ctx->gate_ = config.gate;
  ctx->grants_.setAudit(config.audit, config.auditUser);
  for (Capability c : {Capability::Arguments, Capability::Environment, Capability::Clock,
                       Capability::Random, Capability::Descriptor}) {
    ctx->grants_.allow(c);  // what they reach is what this configuration put in
  }
  ctx->fds_ = std::make_unique<FdTable>(config.limits);
  ctx->descriptors_ = std::make_unique<DescriptorDoor>(*ctx->fds_);
  ctx->resolver_ = config.preopens.empty() ? PathResolver::Manual : chooseResolver(config.resolver);
  Stdio* streams[] = {&config.in, &config.out, &config.err};
  for (u32 number = 0; number < 3; ++number) {
    TRY_ASSIGN(FdRef desc, makeStdio(*streams[number], number, config.rawTerminal, diag));
    if (desc && number != 0) desc->isStandardOutput = config.limits.outputBytes != ~u64{0};
    if (desc && !ctx->fds_->place(number, std::move(desc))) {
      return diag.fail(ErrorClass::Config, "the descriptor limit is below the standard streams");
    }
  }
  for (const Preopen& preopen : config.preopens)
    TRY(addPreopen(preopen, config.gate != nullptr, ctx->grants_, *ctx->fds_, diag));
  for (const Listener& listener : config.listeners)
    TRY(addListener(listener, ctx->grants_, *ctx->fds_, diag));
  ignoreOutputSignals();
  return ctx;
}

}  // namespace bls::wasi
