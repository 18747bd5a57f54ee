// Walking frames: innermost first, from the current frame over the control stack. Used by the
// collector (all frames, through host calls) and by the unwinder (frames of one entry from the
// host). The instance of each frame is known from the restore records between them, and from the
// native frames.
#pragma once

#include "engine/gc/heap.h"
#include "engine/interp/interpreter.h"

namespace bls::interp {

/// The one native frame behind a record of a resume cell.
inline NativeStretch stretchAt(const ControlRecord* record, Instance* instance) {
  return {&record[-1].pc, static_cast<u64*>(record->fp), instance, true};
}

/// Shows the collector every reference in the frames of `cx`.
void visitFrameRoots(ExecCtx* cx, const CodeCells& cells, RootVisitor& visitor);

/// One frame, and where the walk is.
class FrameWalk {
 public:
  /// Starts at the frame at `fp`, which stands at `pc`; with `pc` null at the innermost waiting
  /// frame.
  FrameWalk(ExecCtx* cx, const CodeCells& cells, const Cell* pc, u64* fp);
  /// False when there are no more frames. `acrossHost`: also those below a host call.
  bool next(bool acrossHost);

  Instance* instance() const { return instance_; }
  u64* fp() const { return fp_; }
  /// A stretch of compiled frames instead of one frame (exec/native.h). Its innermost one is of
  /// instance().
  bool isNative() const { return stretch_.sp != nullptr; }
  const NativeStretch& stretch() const { return stretch_; }
  /// The code of the frame and the cell in it: where it stands, or behind its call (isReturn).
  const InterpModule::Block& block() const { return *block_; }
  u32 cell() const { return cell_; }
  bool isReturn() const { return isReturn_; }
  /// The control stack without the records above this frame.
  ControlRecord* records() const { return record_; }

 private:
  bool found(const Cell* pc, u64* fp, bool isReturn);

  const ExecCtx* cx_;
  const CodeCells& cells_;
  ControlRecord* record_;
  Instance* instance_;
  const Cell* firstPc_;
  u64* fp_;
  NativeStretch stretch_;
  const InterpModule::Block* block_ = nullptr;
  u32 cell_ = 0;
  bool isReturn_ = false;
};

}  // namespace bls::interp
