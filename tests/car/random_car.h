// Seeded archives, most of them wrong in some way: random trees, hostile names and nodes, damaged
// bytes. Entry points: CarGenerator, checkArchive (what must hold for any bytes).
//
// The same seed gives the same sequence on every machine. Half of the archives are for abilities
// whose digests only count bytes (car_builder.h), so that damage gets past the digests.
#pragma once

#include "tests/car/car_builder.h"
#include "tests/support/random_module.h"

namespace bls::car::test {

class CarGenerator {
 public:
  explicit CarGenerator(u64 seed) : random_(seed) {}
  /// A new archive. `*weak`: it is for sizeAbilities().
  std::string next(bool* weak);

 private:
  CidBytes tree(CarBuilder& car, int depth);
  CidBytes leaf(CarBuilder& car);
  CidBytes oddity(CarBuilder& car);
  std::string name();
  std::string text(u32 most);
  void damage(std::string& bytes);

  bls::test::Random random_;
};

struct Verdict {
  std::string wrong;  // empty, or what must not be
  bool opened = false;
  bool walked = false;
  bool config = false;
  std::string refusal;  // class of the error, if any
};
/// Opens the archive with small limits, searches it and goes through it.
Verdict checkArchive(std::span<const u8> bytes);

}  // namespace bls::car::test
