// Golden error lines of invalid modules: wording, offset, section and function of each.
#include <gtest/gtest.h>

#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using testing_support::GoldenCase;

const GoldenCase kInvalid[] = {
    {"unknown type of a function",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 05 0a 04 01 02 00 0b",
     "error: invalid: unknown type 5 [at offset 0x11, function section] (m)"},
    {"parameter of an unknown type", "00 61 73 6d 01 00 00 00 01 06 01 60 01 63 07 00",
     "error: invalid: unknown type 7 [at offset 0xb, type section] (m)"},
    {"super type after its sub type",
     "00 61 73 6d 01 00 00 00 01 0c 01 4e 02 50 01 01 5f 00 50 00 5f 00",
     "error: invalid: sub type 0 comes before its super type 1 [at offset 0xd, type section] (m)"},
    {"super type that is final", "00 61 73 6d 01 00 00 00 01 08 02 5f 00 50 01 00 5f 00",
     "error: invalid: sub type 1 has final super type 0 [at offset 0xd, type section] (m)"},
    {"sub type with fewer fields",
     "00 61 73 6d 01 00 00 00 01 0c 02 50 00 5f 01 7f 00 50 01 00 5f 00",
     "error: invalid: sub type 1 does not match super type 0 [at offset 0x11, type section] (m)"},
    {"sub type of another kind", "00 61 73 6d 01 00 00 00 01 0b 02 50 00 5f 00 50 01 00 60 00 00",
     "error: invalid: sub type 1 does not match super type 0 [at offset 0xf, type section] (m)"},
    {"mutable field is invariant",
     "00 61 73 6d 01 00 00 00 01 0e 02 50 00 5f 01 6e 01 50 01 00 5f 01 6d 01",
     "error: invalid: sub type 1 does not match super type 0 [at offset 0x11, type section] (m)"},
    {"two super types",
     "00 61 73 6d 01 00 00 00 01 0f 03 50 00 5f 00 50 00 5f 00 50 02 00 01 5f 00",
     "error: invalid: sub type has more than one super type [at offset 0x13, type section] (m)"},
    {"import of an unknown type", "00 61 73 6d 01 00 00 00 02 05 01 00 00 00 00",
     "error: invalid: unknown type 0 [at offset 0xb, import section] (m)"},
    {"imported function of a struct type",
     "00 61 73 6d 01 00 00 00 01 03 01 5f 00 02 05 01 00 00 00 00",
     "error: invalid: type mismatch: type 0 is not a function type [at offset 0x10, import "
     "section] (m)"},
    {"memory above 4 GiB", "00 61 73 6d 01 00 00 00 05 05 01 00 81 80 04",
     "error: invalid: memory size must be at most 65536 pages (4GiB) [at offset 0xb, memory "
     "section] (m)"},
    {"memory minimum above maximum", "00 61 73 6d 01 00 00 00 05 04 01 01 02 01",
     "error: invalid: size minimum must not be greater than maximum [at offset 0xb, memory "
     "section] (m)"},
    {"shared memory without maximum", "00 61 73 6d 01 00 00 00 05 03 01 02 01",
     "error: invalid: shared memory must have maximum [at offset 0xb, memory section] (m)"},
    {"page size 2", "00 61 73 6d 01 00 00 00 05 04 01 08 01 01",
     "error: invalid: invalid custom page size [at offset 0xd, memory section] (m)"},
    {"byte pages above the address space", "00 61 73 6d 01 00 00 00 05 08 01 08 80 80 80 80 10 00",
     "error: invalid: memory size must be at most 4294967295 pages of 1 byte [at offset 0xb, "
     "memory section] (m)"},
    {"table above 2^32-1", "00 61 73 6d 01 00 00 00 04 08 01 70 00 80 80 80 80 10",
     "error: invalid: table size must be at most 2^32-1 [at offset 0xb, table section] (m)"},
    {"table of non-null references", "00 61 73 6d 01 00 00 00 04 05 01 64 70 00 01",
     "error: invalid: type mismatch: table of (ref func) needs an initializer [at offset 0xb, "
     "table section] (m)"},
    {"tag with results", "00 61 73 6d 01 00 00 00 01 05 01 60 00 01 7f 0d 03 01 00 00",
     "error: invalid: non-empty tag result type [at offset 0x12, tag section] (m)"},
    {"tag of an unknown type", "00 61 73 6d 01 00 00 00 0d 03 01 00 03",
     "error: invalid: unknown type 3 [at offset 0xb, tag section] (m)"},
    {"global of another type", "00 61 73 6d 01 00 00 00 06 06 01 7f 00 42 00 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [i64] [at offset "
     "0xf, "
     "global section] (m)"},
    {"global from a later global", "00 61 73 6d 01 00 00 00 06 0b 02 7f 00 23 01 0b 7f 00 41 00 0b",
     "error: invalid: unknown global 1 [at offset 0xd, global section] (m)"},
    {"global from a mutable global",
     "00 61 73 6d 01 00 00 00 06 0b 02 7f 01 41 00 0b 7f 00 23 00 0b",
     "error: invalid: constant expression required [at offset 0x12, global section] (m)"},
    {"global from i32.load",
     "00 61 73 6d 01 00 00 00 05 03 01 00 01 06 09 01 7f 00 41 00 28 02 00 0b",
     "error: invalid: constant expression required [at offset 0x14, global section] (m)"},
    {"global without a value", "00 61 73 6d 01 00 00 00 06 04 01 7f 00 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [] [at offset 0xd, "
     "global "
     "section] (m)"},
    {"global with two values", "00 61 73 6d 01 00 00 00 06 08 01 7f 00 41 00 41 00 0b",
     "error: invalid: type mismatch: block requires [i32] but stack has [i32 i32] [at offset 0x11, "
     "global section] (m)"},
    {"export of an unknown function", "00 61 73 6d 01 00 00 00 07 05 01 01 66 00 03",
     "error: invalid: unknown function 3 [at offset 0xb, export section] (m)"},
    {"export name twice", "00 61 73 6d 01 00 00 00 05 03 01 00 01 07 09 02 01 6d 02 00 01 6d 02 00",
     "error: invalid: duplicate export name \"m\" [at offset 0x14, export section] (m)"},
    {"start function with a parameter",
     "00 61 73 6d 01 00 00 00 01 05 01 60 01 7f 00 03 02 01 00 08 01 00 0a 04 01 02 00 0b",
     "error: invalid: start function must have type [] -> [] [at offset 0x15, start section] (m)"},
    {"unknown start function", "00 61 73 6d 01 00 00 00 08 01 05",
     "error: invalid: unknown function 5 [at offset 0xa, start section] (m)"},
    {"element segment of an unknown table", "00 61 73 6d 01 00 00 00 09 06 01 00 41 00 0b 00",
     "error: invalid: unknown table 0 [at offset 0xb, element section] (m)"},
    {"element segment with an unknown function",
     "00 61 73 6d 01 00 00 00 04 04 01 70 00 01 09 07 01 00 41 00 0b 01 07",
     "error: invalid: unknown function 7 [at offset 0x11, element section] (m)"},
    {"element segment of another type",
     "00 61 73 6d 01 00 00 00 04 04 01 6f 00 01 09 08 01 06 00 41 00 0b 70 00",
     "error: invalid: type mismatch: element segment has funcref but table has externref [at "
     "offset 0x11, element section] (m)"},
    {"data segment offset of another type",
     "00 61 73 6d 01 00 00 00 05 03 01 04 01 0b 06 01 00 41 00 0b 00",
     "error: invalid: type mismatch: instruction requires [i64] but stack has [i32] [at offset "
     "0x13, "
     "data section] (m)"},
    {"i32.add of an i64",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 41 00 42 00 6a 1a 0b",
     "error: invalid: type mismatch: instruction requires [i32 i32] but stack has [i32 i64] [at "
     "offset 0x1b, code section, function 0] (m)"},
    {"i32.add of one value",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 41 00 6a 1a 0b",
     "error: invalid: type mismatch: instruction requires [i32 i32] but stack has [i32] [at offset "
     "0x19, code section, function 0] (m)"},
    {"value left at the end",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 41 00 0b",
     "error: invalid: type mismatch: block requires [] but stack has [i32] [at offset 0x19, code "
     "section, function 0] (m)"},
    {"result missing", "00 61 73 6d 01 00 00 00 01 05 01 60 00 01 7f 03 02 01 00 0a 04 01 02 00 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [] [at offset 0x18, "
     "code "
     "section, function 0] (m)"},
    {"drop of nothing",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 05 01 03 00 1a 0b",
     "error: invalid: type mismatch: instruction requires [any] but stack has [] [at offset 0x17, "
     "code section, function 0] (m)"},
    {"operand of the block around",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 41 00 02 40 1a 0b 0b",
     "error: invalid: type mismatch: instruction requires [any] but stack has [] [at offset 0x1b, "
     "code section, function 0] (m)"},
    {"unknown local",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 20 00 1a 0b",
     "error: invalid: unknown local 0 [at offset 0x17, code section, function 0] (m)"},
    {"unknown global",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 23 00 1a 0b",
     "error: invalid: unknown global 0 [at offset 0x17, code section, function 0] (m)"},
    {"unknown function",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 10 09 0b",
     "error: invalid: unknown function 9 [at offset 0x17, code section, function 0] (m)"},
    {"unknown label",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 0c 01 0b",
     "error: invalid: unknown label 1 [at offset 0x17, code section, function 0] (m)"},
    {"unknown memory",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 41 00 28 02 00 1a 0b",
     "error: invalid: unknown memory 0 [at offset 0x19, code section, function 0] (m)"},
    {"unknown table",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 09 01 07 00 41 00 25 00 1a 0b",
     "error: invalid: unknown table 0 [at offset 0x19, code section, function 0] (m)"},
    {"alignment above natural",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 05 03 01 00 01 0a 0a 01 08 00 41 00 28 "
     "03 00 1a 0b",
     "error: invalid: alignment must not be larger than natural [at offset 0x1e, code section, "
     "function 0] (m)"},
    {"atomic alignment below natural",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 05 03 01 00 01 0a 0b 01 09 00 41 00 fe "
     "10 01 00 1a 0b",
     "error: invalid: atomic alignment must be natural [at offset 0x1e, code section, function 0] "
     "(m)"},
    {"offset above 32 bits",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 05 03 01 00 01 0a 0e 01 0c 00 41 00 28 "
     "02 80 80 80 80 10 1a 0b",
     "error: invalid: offset out of range [at offset 0x1e, code section, function 0] (m)"},
    {"address of the wrong width",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 05 03 01 04 01 0a 0a 01 08 00 41 00 28 "
     "02 00 1a 0b",
     "error: invalid: type mismatch: instruction requires [i64] but stack has [i32] [at offset "
     "0x1e, code section, function 0] (m)"},
    {"set of an immutable global",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 06 06 01 7f 00 41 00 0b 0a 08 01 06 00 "
     "41 00 24 00 0b",
     "error: invalid: immutable global [at offset 0x21, code section, function 0] (m)"},
    {"tee of another type",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 01 01 7e 41 00 22 00 1a 0b",
     "error: invalid: type mismatch: instruction requires [i64] but stack has [i32] [at offset "
     "0x1b, code section, function 0] (m)"},
    {"get of a local that is not set",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 01 01 64 6d 20 00 1a 0b",
     "error: invalid: uninitialized local 0 [at offset 0x1a, code section, function 0] (m)"},
    {"set in a block does not last",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 13 01 11 01 01 64 6c 02 40 41 00 fb "
     "1c 21 00 0b 20 00 1a 0b",
     "error: invalid: uninitialized local 0 [at offset 0x23, code section, function 0] (m)"},
    {"select of references",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0c 01 0a 00 d0 70 d0 70 41 00 1b 1a "
     "0b",
     "error: invalid: type mismatch: select requires two operands of one number or vector type but "
     "stack has [funcref funcref] [at offset 0x1d, code section, function 0] (m)"},
    {"select of two types",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0c 01 0a 00 41 00 42 00 41 00 1b 1a "
     "0b",
     "error: invalid: type mismatch: select requires two operands of one number or vector type but "
     "stack has [i32 i64] [at offset 0x1d, code section, function 0] (m)"},
    {"typed select of two types",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0f 01 0d 00 41 00 41 00 41 00 1c 02 "
     "7f 7f 1a 0b",
     "error: invalid: invalid result arity [at offset 0x1d, code section, function 0] (m)"},
    {"br_table of two arities",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 15 01 13 00 02 7f 02 40 41 00 41 00 "
     "0e 01 00 01 0b 41 00 0b 1a 0b",
     "error: invalid: type mismatch: br_table labels take 1 and 0 values [at offset 0x1f, code "
     "section, function 0] (m)"},
    {"if without else that makes a value",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0c 01 0a 00 41 00 04 7f 41 00 0b 1a "
     "0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [] [at offset 0x1d, "
     "code "
     "section, function 0] (m)"},
    {"else that leaves another type",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0f 01 0d 00 41 00 04 7f 41 00 05 42 "
     "00 0b 1a 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [i64] [at offset "
     "0x20, "
     "code section, function 0] (m)"},
    {"call_indirect through a table of externref",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 04 04 01 6f 00 01 0a 09 01 07 00 41 00 "
     "11 00 00 0b",
     "error: invalid: type mismatch: instruction requires a table of functions but table has "
     "externref [at offset 0x1f, code section, function 0] (m)"},
    {"ref.func of an undeclared function",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 d2 00 1a 0b",
     "error: invalid: undeclared function reference 0 [at offset 0x17, code section, function 0] "
     "(m)"},
    {"ref.is_null of a number",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 41 00 d1 1a 0b",
     "error: invalid: type mismatch: instruction requires a reference but stack has [i32] [at "
     "offset 0x19, code section, function 0] (m)"},
    {"lane 16 of i8x16",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 1a 01 18 00 fd 0c 00 00 00 00 00 00 "
     "00 00 00 00 00 00 00 00 00 00 fd 15 10 1a 0b",
     "error: invalid: invalid lane index [at offset 0x29, code section, function 0] (m)"},
    {"v128 operation on two i64",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 00 42 00 42 00 fd 4d 1a 0b",
     "error: invalid: type mismatch: instruction requires [v128] but stack has [i64] [at offset "
     "0x1b, code section, function 0] (m)"},
    {"tail call with other results",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 60 00 01 7f 03 02 01 00 04 04 01 70 00 01 0a 09 01 "
     "07 00 41 00 13 01 00 0b",
     "error: invalid: type mismatch: tail call returns other types than the function [at offset "
     "0x23, code section, function 0] (m)"},
    {"throw without its operand",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 60 01 7f 00 03 02 01 00 0d 03 01 00 01 0a 06 01 04 "
     "00 08 00 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [] [at offset 0x20, "
     "code section, function 0] (m)"},
    {"throw with another operand",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 60 01 7f 00 03 02 01 00 0d 03 01 00 01 0a 08 01 06 "
     "00 42 00 08 00 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [i64] [at offset "
     "0x22, code section, function 0] (m)"},
    {"unknown tag", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 08 00 0b",
     "error: invalid: unknown tag 0 [at offset 0x17, code section, function 0] (m)"},
    {"catch clause whose label takes nothing",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 60 01 7f 00 03 02 01 00 0d 03 01 00 01 0a 0b 01 09 "
     "00 1f 40 01 00 00 00 0b 0b",
     "error: invalid: type mismatch: catch clause does not match its label [at offset 0x20, code "
     "section, function 0] (m)"},
    {"rethrow outside a catch",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 09 01 07 00 06 40 09 00 0b 0b",
     "error: invalid: invalid rethrow label [at offset 0x19, code section, function 0] (m)"},
    {"both exception designs",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 00 1f 40 00 0b 06 40 0b 0b",
     "error: invalid: module mixes legacy and new exception handling [at offset 0x1b, code "
     "section] (m)"},
    {"get of a packed field",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 5f 01 78 01 03 02 01 00 0a 0c 01 0a 00 fb 01 01 fb "
     "02 01 00 1a 0b",
     "error: invalid: type mismatch: field is packed [at offset 0x1e, code section, function 0] "
     "(m)"},
    {"unknown field",
     "00 61 73 6d 01 00 00 00 01 06 02 60 00 00 5f 00 03 02 01 00 0a 0c 01 0a 00 fb 01 01 fb 02 01 "
     "00 1a 0b",
     "error: invalid: unknown field 0 [at offset 0x1c, code section, function 0] (m)"},
    {"set of an immutable field",
     "00 61 73 6d 01 00 00 00 01 08 02 60 00 00 5f 01 7f 00 03 02 01 00 0a 0d 01 0b 00 fb 01 01 41 "
     "00 fb 05 01 00 0b",
     "error: invalid: immutable field [at offset 0x20, code section, function 0] (m)"},
    {"default of a non-null field",
     "00 61 73 6d 01 00 00 00 01 09 02 60 00 00 5f 01 64 6d 00 03 02 01 00 0a 08 01 06 00 fb 01 01 "
     "1a 0b",
     "error: invalid: type mismatch: field type is not defaultable [at offset 0x1c, code section, "
     "function 0] (m)"},
    {"set of an immutable array",
     "00 61 73 6d 01 00 00 00 01 07 02 60 00 00 5e 7f 00 03 02 01 00 0a 10 01 0e 00 41 00 fb 07 01 "
     "41 00 41 00 fb 0e 01 0b",
     "error: invalid: immutable array [at offset 0x23, code section, function 0] (m)"},
    {"cast to another hierarchy",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 d0 70 fb 14 6d 1a 0b",
     "error: invalid: type mismatch: instruction requires [anyref] but stack has [funcref] [at "
     "offset 0x19, code section, function 0] (m)"},
    {"br_on_cast to no subtype",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 10 01 0e 00 02 6d d0 6d fb 18 03 00 "
     "6d 70 0b 1a 0b",
     "error: invalid: type mismatch: cast target funcref is no subtype of eqref [at offset 0x1b, "
     "code section, function 0] (m)"},
    {"bad index in dead code",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 00 20 05 0b",
     "error: invalid: unknown local 5 [at offset 0x18, code section, function 0] (m)"},
    {"bad type in dead code",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 09 01 07 00 00 42 00 45 1a 0b",
     "error: invalid: type mismatch: instruction requires [i32] but stack has [i64] [at offset "
     "0x1a, code section, function 0] (m)"},
    {"unknown data segment",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0c 01 01 0a 07 01 05 00 fc 09 01 0b0b "
     "03 01 01 00",
     "error: invalid: unknown data segment 1 [at offset 0x1a, code section, function 0] (m)"},
    {"unknown element segment",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 fc 0d 00 0b",
     "error: invalid: unknown elem segment 0 [at offset 0x17, code section, function 0] (m)"},
};

TEST(InvalidGolden, EveryErrorLineIsExact) {
  for (const GoldenCase& c : kInvalid) {
    EXPECT_EQ(testing_support::load(testing_support::hex(c.hexBytes))->line(), c.line) << c.what;
  }
}

}  // namespace
}  // namespace bls
