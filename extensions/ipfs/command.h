// The JSON of ipfs_command as a request to the node. Entry point: takeCommand. Plain values.
// Reference: hostcalls, section 6.
#pragma once

#include <string>

#include "engine/base/ints.h"

namespace bls::extensions::ipfs {

struct Command {
  bool writes = false;  // files/write: its data comes with ipfs_write
  std::string target;   // path and query, in characters that a request may hold
};

enum class CommandEnd : u8 { Good, NoSuchApi, Malformed };

/// {"api": "files/ls", "args": [{"name": n, "value": v}...]}, as UTF-8; absent or null args are
/// none. `*why` is set unless Good.
CommandEnd takeCommand(const std::string& text, Command* out, std::string* why);

/// The start and the end of a body of one part, around what the guest writes; `boundary` is new.
struct Envelope {
  std::string boundary;
  std::string head;
  std::string tail;
};
Envelope makeEnvelope();

}  // namespace bls::extensions::ipfs
