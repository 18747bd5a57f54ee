// FrameTables: what the collector and the unwinder need to know about the frames of one translated
// function, by cell. Made by the translator beside the cells (safepoints from the operand stack it
// keeps, handlers from the try forms), read only when something is collected or thrown.
//
// A safepoint is a call (its frame waits at the cell behind it) or a cell that allocates (its frame
// stands at it). The references on the operand stack at a safepoint are a list that shares its tail
// with those of other safepoints, so that the tables stay linear in the function.
#pragma once

#include <vector>

#include "engine/base/ints.h"

namespace bls::interp {

struct FrameTables {
  static constexpr u32 kNone = ~u32{0};

  /// A slot that holds a reference the collector follows.
  struct Root {
    u32 slot = 0;
    u32 below = kNone;  // the next one of the same safepoint
    bool isExtern = false;
  };
  struct Safepoint {
    u32 key = 0;  // of a cell: see keyOf
    u32 root = kNone;
  };
  static constexpr u32 keyOf(u32 cell, bool isReturn) { return cell * 2 + (isReturn ? 1 : 0); }

  /// One clause of a try form, in the order they are tried.
  struct Handler {
    u32 tag = 0;             // index in the instance; kNone: any exception
    u32 landing = 0;         // cell to go on at
    u32 base = 0;            // slot of the payload, the reference behind it
    u32 exnSlot = kNone;     // legacy: where the exception is kept for rethrow
    u32 delegateTo = kNone;  // delegate: only tries at most this deep are asked further
    i32 charge = 0;          // fuel on the way to the landing
    bool wantsRef = false;
    bool isLoop = false;  // the landing is a loop header: fuel is checked
  };
  /// The cells a try form protects. Inner ones come later.
  struct Region {
    u32 begin = 0;
    u32 end = 0;
    u32 depth = 0;  // of its label, counted from the function's
    u32 firstHandler = 0;
    u32 handlerCount = 0;
  };

  std::vector<Root> locals;  // `below` is not used
  std::vector<Root> roots;
  std::vector<Safepoint> safepoints;  // ascending by key
  std::vector<Handler> handlers;
  std::vector<Region> regions;

  bool hasRoots() const { return !locals.empty() || !safepoints.empty(); }
};

}  // namespace bls::interp
