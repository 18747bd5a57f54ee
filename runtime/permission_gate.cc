// Deciding, asking, taking turns.
#include "runtime/permission_gate.h"

#include "engine/host/blocking_wait.h"

namespace bls::permissions {
namespace {

using wasi::SpinGuard;

constexpr u64 kTurnSliceNs = 10'000'000;

// False when the execution is to end.
bool waitABit(ExecCtx* cx) {
  return host::blockingWait(cx, {}, kTurnSliceNs) == host::WaitEnd::TimedOut;
}

}  // namespace

Decision PermissionGate::decide(const Access& access) const {
  switch (access.kind) {
    case Kind::Read:
    case Kind::Write: return policy_.path(access.kind, access.item);
    case Kind::Net:
      return policy_.net(access.target->url, access.target->host, access.target->port);
    case Kind::Cgi: return policy_.cgi(access.item);
    case Kind::RunModel: break;
  }
  return policy_.runModel();
}

bool PermissionGate::settle(ExecCtx* cx, const Access& access) {
  for (;;) {
    Decision decision;
    {
      SpinGuard guard(lock_);
      decision = decide(access);
      if (decision.answer == Answer::Allowed) {
        if (recordsUses_) record_.used(access.kind, access.item, access.operation);
      }
    }
    if (decision.answer == Answer::Allowed) {
      if (granted_ != nullptr) granted_(user_, grantLine(access.kind, access.item));
      return true;
    }
    if (decision.answer == Answer::Denied) {
      sayDenied(cx, access, decision);
      return false;
    }
    if (!takeTurn(cx)) return false;
    ask(cx, access);
    endTurn();
    if (host::interruptTrap(cx) != Trap::None) return false;
  }
}

// Another thread may have had the same question answered while this one waited for its turn.
void PermissionGate::ask(ExecCtx* cx, const Access& access) {
  {
    SpinGuard guard(lock_);
    if (decide(access).answer != Answer::Ask) return;
  }
  std::unique_ptr<PromptTerminal> terminal = terminal_(cx);
  Reply reply = askPerson(*terminal, {access.kind, access.item, access.operation});
  SpinGuard guard(lock_);
  switch (reply) {
    case Reply::Yes: policy_.rememberAllowed(access.kind, access.item); break;
    case Reply::All: policy_.rememberAllowedAll(access.kind); break;
    case Reply::No: policy_.rememberDenied(access.kind, access.item); break;
    case Reply::Interrupted: break;
  }
}

void PermissionGate::sayDenied(ExecCtx* cx, const Access& access, const Decision& decision) {
  std::string_view url = access.target != nullptr ? access.target->url : std::string_view();
  std::string hint = denialHint(policy_.generation(), access.kind, access.item, url, decision);
  bool first;
  bool overflowed;
  {
    SpinGuard guard(lock_);
    first = record_.denied(access.kind, access.item, access.operation, hint);
    overflowed = record_.overflowed();
  }
  if (!first && !overflowed) return;
  bool turn = beginOutput(cx);
  if (first) say_(user_, denialLine(access.kind, access.item, access.operation, hint));
  if (overflowed) say_(user_, "error: permission: further denials are counted, but not shown");
  if (turn) endOutput();
}

bool PermissionGate::permit(ExecCtx* cx, u8 needs, std::string_view path, const char* operation) {
  const Access accesses[] = {{Kind::Read, path, nullptr, operation},
                             {Kind::Write, path, nullptr, operation}};
  const u8 bits[] = {host::needs::kRead, host::needs::kWrite};
  // Nobody is asked for one half of what is refused anyway.
  for (int i = 0; i < 2; ++i) {
    if ((needs & bits[i]) == 0) continue;
    Decision decision;
    {
      SpinGuard guard(lock_);
      decision = decide(accesses[i]);
    }
    if (decision.answer != Answer::Denied) continue;
    sayDenied(cx, accesses[i], decision);
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    if ((needs & bits[i]) != 0 && !settle(cx, accesses[i])) return false;
  }
  return true;
}

bool PermissionGate::mayPass(u8 needs, std::string_view path) {
  SpinGuard guard(lock_);
  return ((needs & host::needs::kRead) != 0 && policy_.mayPass(Kind::Read, path)) ||
         ((needs & host::needs::kWrite) != 0 && policy_.mayPass(Kind::Write, path));
}

bool PermissionGate::permitNewName(ExecCtx* cx, std::string_view from, std::string_view to,
                                   bool directory, const char* operation) {
  bool needsFrom;
  bool needsTo;
  {
    SpinGuard guard(lock_);
    if (!policy_.limitsFiles()) {
      if (recordsUses_) record_.renamed(from, to, directory);
      return true;
    }
    needsTo = directory && (policy_.mayPass(Kind::Read, from) || policy_.mayPass(Kind::Read, to));
    needsFrom = needsTo || policy_.revealsMore(from, to);
  }
  return (!needsFrom || settle(cx, {Kind::Read, from, nullptr, operation})) &&
         (!needsTo || settle(cx, {Kind::Read, to, nullptr, operation}));
}

bool PermissionGate::permitNet(ExecCtx* cx, const host::NetTarget& target, const char* operation) {
  std::string host;
  std::string why;
  if (!canonicalHost(target.host, &host, &why)) host = target.host;
  std::string item = host + ":" + std::to_string(target.port);
  return settle(cx, {Kind::Net, item, &target, operation});
}

Decision PermissionGate::aboutAddress(const host::NetTarget& target, std::string_view address) {
  std::string canonical;
  Decision decision{Answer::Denied, Cause::BadTarget, {}};
  if (!canonicalHost(address, &canonical, &decision.item)) return decision;
  SpinGuard guard(lock_);
  return policy_.address(target.url, target.host, canonical, target.port);
}

void PermissionGate::sayAddressDenied(ExecCtx* cx, const host::NetTarget& target,
                                      const Decision& decision, const char* operation) {
  std::string host;
  std::string why;
  if (!canonicalHost(target.host, &host, &why)) host = target.host;
  const std::string item = host + ":" + std::to_string(target.port);
  sayDenied(cx, {Kind::Net, item, &target, operation}, decision);
}

// A flag that names the host alone would not do, unless the host is the address or localhost.
void PermissionGate::recordAddress(const host::NetTarget& target, std::string_view address,
                                   const char* operation) {
  std::string host;
  std::string canonical;
  std::string why;
  if (!recordsUses_ || !canonicalHost(target.host, &host, &why) ||
      !canonicalHost(address, &canonical, &why) || host == canonical || host == "localhost")
    return;
  const std::string item = canonical + ":" + std::to_string(target.port);
  SpinGuard guard(lock_);
  record_.used(Kind::Net, item, operation);
}

bool PermissionGate::permitAddress(ExecCtx* cx, const host::NetTarget& target,
                                   std::string_view address, const char* operation) {
  const Decision decision = aboutAddress(target, address);
  if (decision.answer == Answer::Allowed) {
    recordAddress(target, address, operation);
    return true;
  }
  sayAddressDenied(cx, target, decision, operation);
  return false;
}

bool PermissionGate::forbidsAddress(ExecCtx* cx, const host::NetTarget& target,
                                    std::string_view address, const char* operation) {
  const Decision decision = aboutAddress(target, address);
  // That no grant names it does not matter here.
  if (decision.answer == Answer::Allowed || decision.cause == Cause::NotPublic) return false;
  sayAddressDenied(cx, target, decision, operation);
  return true;
}

bool PermissionGate::permitCgi(ExecCtx* cx, std::string_view alias, const char* operation) {
  return settle(cx, {Kind::Cgi, alias, nullptr, operation});
}

bool PermissionGate::permitRunModel(ExecCtx* cx, std::string_view name, const char* operation) {
  return settle(cx, {Kind::RunModel, name, nullptr, operation});
}

bool PermissionGate::beginOutput(ExecCtx* cx) {
  for (;;) {
    {
      SpinGuard guard(lock_);
      if (!prompting_) {
        ++writers_;
        return true;
      }
    }
    if (!waitABit(cx)) return false;
  }
}

void PermissionGate::endOutput() {
  SpinGuard guard(lock_);
  --writers_;
}

bool PermissionGate::takeTurn(ExecCtx* cx) {
  bool mine = false;
  for (;;) {
    {
      SpinGuard guard(lock_);
      if (!prompting_) mine = prompting_ = true;
      if (mine && writers_ == 0) return true;
    }
    if (waitABit(cx)) continue;
    if (mine) endTurn();
    return false;
  }
}

void PermissionGate::endTurn() {
  SpinGuard guard(lock_);
  prompting_ = false;
}

}  // namespace bls::permissions
