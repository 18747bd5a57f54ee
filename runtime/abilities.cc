// The table is set once by the program's main, before anything reads it.
#include "runtime/abilities.h"

namespace bls {
namespace {

const Abilities* table = nullptr;

}  // namespace

const Abilities* abilities() { return table; }
void setAbilities(const Abilities* given) { table = given; }

}  // namespace bls
