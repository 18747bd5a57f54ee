// What a path the guest passes must look like before any of it reaches the host.
#pragma once

#include <string>

#include "engine/host/abi.h"
#include "wasi/errno.h"

namespace bls::wasi {

/// True for well-formed UTF-8: no overlong forms, surrogates, or codes above 10FFFF.
bool isUtf8(const char* data, size_t size);

/// Copies a path out of guest memory and checks it. Errors: NoEnt empty, NameTooLong above 4095
/// bytes or with a component above 255, Inval with a NUL, IlSeq when it is not UTF-8, Perm when
/// absolute.
Errno takePath(const host::GuestString& guest, std::string* out);

}  // namespace bls::wasi
