// `bls-full`: bls with the abilities that need big libraries. bls and bls-runtime become it when
// their input asks for one (tools/companion.h); started by hand it is bls.
#include "extensions/base/list.h"
#include "extensions/helper/helper_process.h"
#include "runtime/abilities.h"
#include "runtime/cli.h"
#include "tools/companion.h"
#include "tools/program.h"

int main(int argc, char** argv) {
  static constexpr bls::Abilities kAbilities = {
      &bls::Digest::make, &bls::digestOf, &bls::callNativeLibrary,
      &bls::extensions::libraryExtensions, &bls::extensions::startHelper};
  bls::setAbilities(&kAbilities);
  bls::u64 startNs = 0;
  bls::tools::takeHandover(&argc, argv, bls::cli::nowNs(), &startNs);
  bls::tools::runProgram(argc, argv, startNs);
}
