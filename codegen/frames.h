// Frames of compiled code: the walk over one stretch of the native stack, from the place where
// compiled code called out to the gate.
//
// A frame is a return address. Between a caller of one instance and a callee of another stands a
// crossing: the return address of the stub that goes back (Stubs::crossReturn) and the caller's
// instance. So the walk knows whose code each address is in and whose tags and tables it uses.
// Thread rule: the store's thread.
#pragma once

#include "codegen/native_module.h"

namespace bls::codegen {

class NativeFrames {
 public:
  explicit NativeFrames(const NativeStretch& stretch)
      : stubs_(*stubs()),
        next_(static_cast<const void* const*>(stretch.sp)),
        slots_(stretch.slots),
        instance_(stretch.instance),
        single_(stretch.single) {}

  /// Goes to the next frame outward; false at the gate.
  bool next();
  /// The same, and finds out where the frame stands: place() and slots(), which is right when this
  /// was done for all frames before.
  bool nextPlace();

  /// Where the frame's return address is, and the stack pointer without its callees.
  const void* const* at() const { return at_; }
  const void* const* unwound() const { return at_ + stubs_.frameWords; }
  /// True when the last step passed a crossing.
  bool crossed() const { return crossed_; }
  /// Whose code it runs. When next() has given false: current when the stretch was entered.
  Instance* instance() const { return instance_; }
  NativeModule* module() const { return static_cast<NativeModule*>(instance_->native); }
  const NativeModule::Place& place() const { return place_; }
  /// The frame's slot base.
  u64* slots() const { return slots_; }

 private:
  const Stubs& stubs_;
  const void* const* at_ = nullptr;
  const void* const* next_;
  u64* slots_;
  Instance* instance_;
  bool single_;
  bool crossed_ = false;
  NativeModule::Place place_;
};

/// Fuel at a trap of the stretch on top of the control stack, and the state that says it is
/// settled. Its innermost address is a return address, or an access's address plus 1.
void settleTrap(ExecCtx* cx, Trap trap);

/// Moves the payload there and describes the landing in the stretch's records, for the stub that
/// goes there. `ref`: the object, if there is one. Returns kLanded.
u64 land(ExecCtx* cx, const NativeLanding& landing, const ExceptionView& thrown, u64 ref);
/// The frames of the stretch on top of the control stack go to the control stack themselves, in its
/// place, each to be resumed; NativeCode::run then ends with `callee`, which is returned.
FuncCode* leaveFrames(ExecCtx* cx, FuncCode* callee);
/// What a RuntimeCall returns instead of a Trap when the stretch goes on elsewhere.
constexpr u64 kLanded = 0x100;

}  // namespace bls::codegen
