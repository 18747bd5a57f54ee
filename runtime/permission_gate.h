// PermissionGate: the gate host functions ask (engine/host/access_gate.h), on top of the policy,
// the record and the prompt. Entry points: the constructor, record.
//
// 1. Every question is decided by the policy, under a lock. Answers of a person go into the policy.
// 2. A person is asked by one thread at a time, while no guest output is under way; output that
//    begins meanwhile waits.
// 3. A denial is said once: what, by which call, and what would allow it.
// Thread rule: every member of AccessGate may run on any guest thread; the rest is for when none
// runs.
#pragma once

#include "engine/host/access_gate.h"
#include "runtime/permission_prompt.h"
#include "runtime/permission_record.h"
#include "wasi/fd_table.h"

namespace bls::permissions {

class PermissionGate final : public host::AccessGate {
 public:
  using Say = void (*)(void* user, const std::string& line);
  using OpenTerminal = std::unique_ptr<PromptTerminal> (*)(ExecCtx* cx);

  /// `say` gets a line for every denial. `recordsUses`: keep what was allowed, too.
  PermissionGate(PermissionPolicy policy, bool recordsUses, Say say, void* user,
                 OpenTerminal terminal = openPromptTerminal)
      : policy_(std::move(policy)),
        recordsUses_(recordsUses),
        say_(say),
        user_(user),
        terminal_(terminal) {}
  PermissionGate(const PermissionGate&) = delete;
  /// `granted` gets a line for every access that is allowed by a rule or a person. Before the
  /// first.
  void sayGrants(Say granted) { granted_ = granted; }
  PermissionGate& operator=(const PermissionGate&) = delete;

  bool permit(ExecCtx* cx, u8 needs, std::string_view path, const char* operation) override;
  bool mayPass(u8 needs, std::string_view path) override;
  bool permitNewName(ExecCtx* cx, std::string_view from, std::string_view to, bool directory,
                     const char* operation) override;
  bool permitNet(ExecCtx* cx, const host::NetTarget& target, const char* operation) override;
  bool permitAddress(ExecCtx* cx, const host::NetTarget& target, std::string_view address,
                     const char* operation) override;
  bool forbidsAddress(ExecCtx* cx, const host::NetTarget& target, std::string_view address,
                      const char* operation) override;
  bool permitCgi(ExecCtx* cx, std::string_view alias, const char* operation) override;
  bool permitRunModel(ExecCtx* cx, std::string_view name, const char* operation) override;
  bool beginOutput(ExecCtx* cx) override;
  void endOutput() override;

  /// What was asked for until now. Any thread.
  PermissionRecord record() const {
    const wasi::SpinGuard guard(lock_);
    return record_;
  }

 private:
  struct Access {
    Kind kind;
    std::string_view item;
    const host::NetTarget* target;  // Net
    const char* operation;
  };
  Decision decide(const Access& access) const;
  bool settle(ExecCtx* cx, const Access& access);
  void ask(ExecCtx* cx, const Access& access);
  void sayDenied(ExecCtx* cx, const Access& access, const Decision& decision);
  Decision aboutAddress(const host::NetTarget& target, std::string_view address);
  void recordAddress(const host::NetTarget& target, std::string_view address,
                     const char* operation);
  void sayAddressDenied(ExecCtx* cx, const host::NetTarget& target, const Decision& decision,
                        const char* operation);
  bool takeTurn(ExecCtx* cx);
  void endTurn();

  mutable wasi::SpinLock lock_;  // of the members down to prompting_
  PermissionPolicy policy_;
  PermissionRecord record_;
  u32 writers_ = 0;
  bool prompting_ = false;
  const bool recordsUses_;
  const Say say_;
  Say granted_ = nullptr;
  void* const user_;
  const OpenTerminal terminal_;
};

}  // namespace bls::permissions
