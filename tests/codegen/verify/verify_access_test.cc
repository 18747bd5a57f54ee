// The verifier on code as it is compiled, and on the same code with one thing changed: each change
// lets an access leave its memory, or hides that it may, and has to be reported. x86-64.
#include "codegen/verify/verify_access.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "codegen/disasm/disasm.h"
#include "codegen/target.h"
#include "engine/base/cpu.h"
#include "engine/base/platform.h"
#include "engine/decode/module_decoder.h"
#include "engine/object/exec_ctx.h"
#include "engine/text/text_module.h"
#include "engine/validate/module_validator.h"

namespace bls::codegen {
namespace {

/// Function 0 of a module, compiled.
class Compiled {
 public:
  Compiled(std::string_view text, bool guard) {
    Diagnostics diag;
    std::vector<u8> bytes;
    CHECK(text::parseText(text, {}, diag, &bytes).ok());
    CHECK(decodeModule(ModuleBytes::copyOf(bytes), Features(), diag, &module_).ok());
    CHECK(validateModule(*module_, {}, &meta_, diag).ok());
    const FuncMeta& func = meta_.funcs[0];
    input_.module = module_.get();
    input_.meta = &meta_;
    input_.options.guardMemory = guard;
    input_.options.metered = true;
    input_.frameSlots = func.localSlots + func.exceptionSlots + kLinkSlots + func.maxOperandSlots;
    input_.cpu = platform::cpuFeatures();
    input_.wantOrigins = true;
    compiler_ = makeFunctionCompiler(input_.cpu);
    CHECK(compiler_->compile(input_, true, &code_));
    bytes_.assign(code_.bytes.begin(), code_.bytes.end());
    code_.bytes = bytes_;
  }

  std::string report() const { return verifyAccesses(input_, code_); }

  /// The first instruction from `from` on whose text has `words` in it.
  MachineLine find(const char* words, u32 from = 0) const {
    for (const MachineLine& line : disassemble(bytes_, 0)) {
      if (line.at >= from && line.text.find(words) != std::string::npos) return line;
    }
    ADD_FAILURE() << "no " << words << " in:\n" << listing();
    return {};
  }
  /// The access: the first operand below the memory's register, or for `words`.
  MachineLine access() const { return find("[r15"); }
  /// Of index, offset and width, behind the frame's end at the entry.
  MachineLine sum() const { return find("lea r11", find("lea r11").at + 1); }
  std::string listing() const {
    std::string out;
    for (const MachineLine& line : disassemble(bytes_, 0)) out += line.text + "\n";
    return out;
  }

  u8& byte(u32 at) { return bytes_[at]; }
  /// Overwrites an instruction by one that does nothing.
  void erase(const MachineLine& line) {
    constexpr u8 kNops[][8] = {{0x90},
                               {0x66, 0x90},
                               {0x0f, 0x1f, 0x00},
                               {0x0f, 0x1f, 0x40, 0x00},
                               {0x0f, 0x1f, 0x44, 0x00, 0x00},
                               {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00}};
    ASSERT_GE(line.size, 1u);
    ASSERT_LE(line.size, 6u);
    std::copy_n(kNops[line.size - 1], line.size, bytes_.begin() + line.at);
  }
  void put(u32 at, std::initializer_list<u8> with) {
    std::copy(with.begin(), with.end(), bytes_.begin() + at);
  }
  /// The last byte of an instruction: of its displacement or constant.
  u8& last(const MachineLine& line) { return bytes_[line.at + line.size - 1]; }

  CompiledCode code_;
  CompileInput input_;

 private:
  std::unique_ptr<Module> module_;
  ModuleMeta meta_;
  std::unique_ptr<FunctionCompiler> compiler_;
  std::vector<u8> bytes_;
};

constexpr bool kGuard = true;
constexpr bool kChecked = false;
constexpr const char* kLoad = R"((module (memory 1) (func (param i32) (result i32)
  (i32.load offset=16 (local.get 0)))))";
constexpr const char* kWrapped = R"((module (memory 1) (func (param i64) (result i32)
  (i32.load offset=16 (i32.wrap_i64 (local.get 0))))))";
constexpr const char* kStore = R"((module (memory 1) (func (param i32 i64)
  (i64.store32 offset=16 (local.get 0) (local.get 1)))))";
constexpr const char* kLoad64 = R"((module (memory i64 1) (func (param i64) (result i32)
  (i32.load offset=16 (local.get 0)))))";
constexpr const char* kSecond = R"((module (memory 1) (memory 1) (func (param i32) (result i32)
  (i32.load 1 offset=16 (local.get 0)))))";
constexpr const char* kAtomic = R"((module (memory 1 1 shared) (func (param i32) (result i32)
  (i32.atomic.rmw.add offset=16 (local.get 0) (i32.const 1)))))";
constexpr const char* kCopy = R"((module (memory 1) (func (param i32 i32)
  (memory.copy (local.get 0) (local.get 1) (i32.const 33))
  (memory.fill (local.get 1) (i32.const 3) (i32.const 3))
  (memory.copy (i32.const 4096) (i32.const 8192) (i32.const 12)))))";
constexpr const char* kLoop = R"((module (memory 1) (func (param i32) (result i32) (local i32)
  (loop $again
    (local.set 1 (i32.add (local.get 1) (i32.load8_u (local.get 0))))
    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1))))";

TEST(VerifyAccess, CompiledCodeIsProved) {
  for (const char* text : {kLoad, kWrapped, kStore, kLoad64, kSecond, kAtomic, kLoop, kCopy}) {
    for (bool guard : {kGuard, kChecked}) {
      Compiled code(text, guard);
      EXPECT_EQ(code.report(), "") << code.listing();
    }
  }
}

TEST(VerifyAccess, AReportSaysWhereAndWhy) {
  Compiled code(kLoad, kGuard);
  const MachineLine access = code.access();
  code.byte(access.at) |= 8;  // 64 bits
  char expected[200];
  std::snprintf(expected, sizeof expected,
                "function 0: the code at 0x%x, for i32.load at offset 0x20, has not the opcode's "
                "width",
                access.at);
  EXPECT_EQ(code.report(), expected) << code.listing();
}

void expectReport(const Compiled& code, const char* why) {
  EXPECT_NE(code.report().find(why), std::string::npos)
      << "wanted: " << why << "\nreport: " << code.report() << "\n"
      << code.listing();
}

// ---- Behind guard pages

TEST(VerifyAccess, AWiderStoreIsReported) {
  Compiled code(kStore, kGuard);
  code.byte(code.access().at) |= 8;
  expectReport(code, "has not the opcode's width");
}

TEST(VerifyAccess, AnIndexThatIsNotExtendedIsReported) {
  Compiled code(kWrapped, kGuard);
  const MachineLine wrap = code.find("mov e");
  code.erase(wrap);
  expectReport(code, "has an index whose upper half may not be zero");
}

TEST(VerifyAccess, AnotherOffsetIsReported) {
  Compiled code(kLoad, kGuard);
  code.last(code.access()) = 12;
  expectReport(code, "has not the offset");
}

TEST(VerifyAccess, APieceBesideWhatIsCopiedIsReported) {
  Compiled code(kCopy, kGuard);
  const MachineLine first = code.access();
  const MachineLine second = code.find("[r15", first.at + 1);
  ASSERT_EQ(code.last(second), 16) << code.listing();
  code.last(second) = 48;
  EXPECT_EQ(code.report(), "");
  code.last(second) = 49;
  expectReport(code, "is none of the pieces");
  code.last(second) = 0xff;
  expectReport(code, "is none of the pieces");
}

TEST(VerifyAccess, AnotherBaseIsReported) {
  Compiled code(kLoad, kGuard);
  code.byte(code.access().at) &= 0xfe;  // r15 becomes rdi
  expectReport(code, "neither the guest's memory nor a known field");
}

TEST(VerifyAccess, AScaledIndexIsReported) {
  Compiled code(kLoad, kGuard);
  const MachineLine access = code.access();
  code.byte(access.at + access.size - 2) |= 0x40;  // SIB: times 2
  expectReport(code, "scales its index");
}

TEST(VerifyAccess, AFaultNobodyExpectsIsReported) {
  Compiled code(kLoad, kGuard);
  code.code_.accesses.clear();
  expectReport(code, "may fault and is not listed");
}

TEST(VerifyAccess, AnExpectedFaultThatIsNoneIsReported) {
  Compiled code(kLoad, kGuard);
  const u32 other = code.find("ret").at;
  code.code_.accesses.push_back(other);
  expectReport(code, "is listed as an access that may fault, and is none");
}

TEST(VerifyAccess, AGuardThatIsNotThereIsReported) {
  Compiled code(kLoad, kGuard);
  code.input_.options.guardMemory = false;
  expectReport(code, "is not checked, in a memory without a guard");
}

TEST(VerifyAccess, APinnedRegisterThatChangesIsReported) {
  Compiled code(kWrapped, kGuard);
  const MachineLine wrap = code.find("mov e");
  ASSERT_EQ(wrap.size, 2u);
  code.put(wrap.at, {0x41, 0x5e});  // pop r14
  expectReport(code, "changes a pinned register");
  code.put(wrap.at, {0x41, 0x5f});  // pop r15
  expectReport(code, "changes the memory's register");
}

TEST(VerifyAccess, AResultThatIsNotExtendedIsReported) {
  Compiled code("(module (func (param i64) (result i32) (i32.wrap_i64 (local.get 0))))", kGuard);
  EXPECT_EQ(code.report(), "");
  code.erase(code.find("mov e"));
  expectReport(code, "returns an i32 whose upper half may not be zero");
}

TEST(VerifyAccess, KnowledgeIsLostWhereWaysJoin) {
  // The way back to the loop's header brings an index of 64 bits.
  Compiled code(kLoop, kGuard);
  code.byte(code.find("add r13d").at) |= 8;
  expectReport(code, "has an index whose upper half may not be zero");
}

// ---- With checks

TEST(VerifyAccess, ALeftOutComparisonIsReported) {
  for (const char* text : {kLoad, kSecond, kAtomic}) {
    Compiled code(text, kChecked);
    const MachineLine sum = code.sum();
    code.erase(code.find("jb", sum.at));
    const std::string report = code.report();
    EXPECT_NE(report.find("is not checked"), std::string::npos) << report << code.listing();
  }
}

TEST(VerifyAccess, AComparisonWithSomethingElseIsReported) {
  Compiled code(kLoad, kChecked);
  const MachineLine sum = code.sum();
  code.last(code.find("cmp", sum.at)) -= 8;  // the field in front of the memory's size
  expectReport(code, "is not checked");
}

TEST(VerifyAccess, AComparisonOfSomethingElseIsReported) {
  Compiled code(kLoad, kChecked);
  code.last(code.sum()) -= 4;
  expectReport(code, "has not the instruction's offset");
}

TEST(VerifyAccess, AnAccessBesideTheCheckedPlaceIsReported) {
  Compiled code(kLoad, kChecked);
  code.last(code.access()) += 4;
  expectReport(code, "is not where the comparison was");
}

TEST(VerifyAccess, ASumThatMayWrapIsReported) {
  Compiled code(kLoad64, kChecked);
  const MachineLine sum = code.sum();
  code.erase(code.find("jb", sum.at));  // the first one asks for that
  expectReport(code, "has an index that may have wrapped");
}

TEST(VerifyAccess, AnotherMemorysBaseOrSizeIsReported) {
  Compiled code(kSecond, kChecked);
  const MachineLine sum = code.sum();
  MachineLine element = code.find("mov", sum.at);  // the instance, its memories, memory 1
  element = code.find("mov", element.at + 1);
  element = code.find("mov", element.at + 1);
  ASSERT_EQ(code.last(element), 8u) << code.listing();
  code.last(element) = 0;
  expectReport(code, "has another memory's base");
}

TEST(VerifyAccess, AnAtomicBesideItsAddressIsReported) {
  Compiled code(kAtomic, kChecked);
  const MachineLine make = code.find("lea", code.find("jb", code.sum().at).at);
  code.last(make) += 4;
  expectReport(code, "is not where the comparison was");
}

}  // namespace
}  // namespace bls::codegen
