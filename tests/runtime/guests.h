// Small guest modules for the runtime's tests.
#pragma once

#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls::test {

using Bytes = std::vector<u8>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  for (u8 byte : b) a.push_back(byte);
  return a;
}
inline Bytes text(const std::string& s) {
  Bytes out = {static_cast<u8>(s.size())};
  for (char c : s) out.push_back(static_cast<u8>(c));
  return out;
}
inline Bytes section(u8 id, const Bytes& content) {
  return Bytes{id, static_cast<u8>(content.size())} + content;
}
inline Bytes header() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

/// Exports: memory (1 page), add (i32 i32) → i32, peek (i32) → i32, spin () → (), down () → ()
/// (endless recursion), call () → i32 which calls the import h.f () → i32, callAndSpin () → ()
/// which does both.
inline Bytes guest() {
  Bytes bodies = {6};
  bodies = bodies + Bytes{7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b};                     // add
  bodies = bodies + Bytes{7, 0, 0x20, 0, 0x28, 2, 0, 0x0b};                        // peek
  bodies = bodies + Bytes{7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b};                  // spin
  bodies = bodies + Bytes{4, 0, 0x10, 4, 0x0b};                                    // down
  bodies = bodies + Bytes{4, 0, 0x10, 0, 0x0b};                                    // call
  bodies = bodies + Bytes{10, 0, 0x10, 0, 0x1a, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b};  // callAndSpin
  return header() +
         section(1, {4, 0x60, 0, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f,
                     0x60, 0, 0}) +
         section(2, Bytes{1} + text("h") + text("f") + Bytes{0, 0}) +
         section(3, {6, 1, 2, 3, 3, 0, 3}) + section(5, {1, 0, 1}) +
         section(7, Bytes{7} + text("memory") + Bytes{2, 0} + text("add") + Bytes{0, 1} +
                        text("peek") + Bytes{0, 2} + text("spin") + Bytes{0, 3} + text("down") +
                        Bytes{0, 4} + text("call") + Bytes{0, 5} + text("callAndSpin") +
                        Bytes{0, 6}) +
         section(10, bodies);
}

}  // namespace bls::test
