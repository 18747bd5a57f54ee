// CHECK_SITE: a name for every place of the compilers where a check of compiled code is emitted, so
// that a test can leave out one of them and see that another test notices.
//
//   CHECK_SITE(Name) statement;                  emits the check
//   const T x = CHECK_SITE_OR(Name, value, otherwise);   decides about one while compiling
//
// Both mean nothing but the statement, or `value`, unless the build has BLS_MUTATE. There the
// environment variable BLS_MUTATE_SITE names the site whose check is left out. A name stands for a
// check of one kind, which may be at several places; it belongs to one file. The list of sites is
// what tests/full/mutate_checks.py finds in the sources. Not for checks of C++ code.
#pragma once

#ifdef BLS_MUTATE

#include <cstdlib>
#include <cstring>

namespace bls::codegen {

/// True when the run leaves out the site of this name.
inline bool siteLeftOut(const char* name) {
  static const char* const chosen = std::getenv("BLS_MUTATE_SITE");
  return chosen != nullptr && std::strcmp(chosen, name) == 0;
}

}  // namespace bls::codegen

#define CHECK_SITE(name)                    \
  if (::bls::codegen::siteLeftOut(#name)) { \
  } else
#define CHECK_SITE_OR(name, value, otherwise) \
  (::bls::codegen::siteLeftOut(#name) ? (otherwise) : (value))

#else

#define CHECK_SITE(name)
#define CHECK_SITE_OR(name, value, otherwise) (value)

#endif
