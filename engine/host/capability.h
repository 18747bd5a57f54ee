// Capability: what a host function needs from the operator. Every row of a registration table names
// exactly one; what is granted is in grants.h. Inspection tools print the capabilities of a
// module's imports from here.
#pragma once

#include "engine/base/ints.h"

namespace bls::host {

enum class Capability : u8 {
  None,         // touches nothing outside the guest
  Arguments,    // reads the arguments it was given
  Environment,  // reads the variables it was given
  Clock,
  Random,
  Descriptor,  // acts on a descriptor it already holds; what that may do was decided when it was
               // opened
  FileRead,    // names files below a granted directory
  FileWrite,   // changes names, bytes, sizes or times below a granted directory
  Listen,      // accepts connections on a granted listener
  Network,     // opens connections
  Process,     // starts programs
  Exit,        // ends its own execution
};

constexpr u8 kCapabilityCount = static_cast<u8>(Capability::Exit) + 1;

/// Lower-case name for messages and listings.
constexpr const char* capabilityName(Capability capability) {
  constexpr const char* kNames[] = {"none",   "arguments",  "environment", "clock",
                                    "random", "descriptor", "file-read",   "file-write",
                                    "listen", "network",    "process",     "exit"};
  return kNames[static_cast<u8>(capability)];
}

}  // namespace bls::host
