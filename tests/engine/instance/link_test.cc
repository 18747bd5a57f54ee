// Linking and instantiation on decoded modules: the matching matrix, names, order, failure. No code
// runs here, so no tier.
#include <gtest/gtest.h>

#include "engine/base/platform.h"
#include "engine/decode/module_decoder.h"
#include "engine/instance/instantiate.h"
#include "engine/instance/linker.h"
#include "engine/instance/startup_fuel.h"
#include "engine/module/type_canon.h"

namespace bls {
namespace {

using Bytes = std::vector<u8>;

Bytes operator+(Bytes a, const Bytes& b) {
  for (u8 byte : b) a.push_back(byte);
  return a;
}
Bytes text(const std::string& s) {
  Bytes out = {static_cast<u8>(s.size())};
  for (char c : s) out.push_back(static_cast<u8>(c));
  return out;
}
// A section; contents here stay below 128 bytes.
Bytes section(u8 id, const Bytes& content) {
  return Bytes{id, static_cast<u8>(content.size())} + content;
}
Bytes header() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

// Function types 0: (i32) -> (), 1: () -> (), 2: (sub (func)), 3: (sub 2 (func)).
Bytes types() {
  return section(1, {4, 0x60, 1, 0x7f, 0, 0x60, 0, 0, 0x50, 0, 0x60, 0, 0, 0x50, 1, 2, 0x60, 0, 0});
}
Bytes importing(const Bytes& desc, const std::string& name = "f") {
  return header() + types() + section(2, Bytes{1} + text("m") + text(name) + desc);
}

struct World {
  World() : store({}), linker(store) {}
  explicit World(const StoreConfig& config) : store(config), linker(store) {}

  const Module& load(const Bytes& bytes) {
    Diagnostics diag;
    std::unique_ptr<Module> module;
    Status status = decodeModule(ModuleBytes::copyOf(bytes), Features::all(), diag, &module);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error()->format(""));
    modules.push_back(std::move(module));
    return *modules.back();
  }
  u32 canon(u32 typeIndex) { return load(header() + types()).canonTypes[typeIndex]; }
  // "" when it links, else the message.
  std::string link(const Bytes& bytes) {
    Diagnostics diag;
    std::vector<Extern> imports;
    Status status = linker.resolve(load(bytes), diag, &imports);
    if (status.ok()) return "";
    EXPECT_EQ(status.error()->cls, ErrorClass::Link);
    EXPECT_NE(status.error()->offset, kNoOffset);
    return status.error()->message;
  }
  Instantiated instantiate(const Bytes& bytes, std::string* error = nullptr) {
    Diagnostics diag;
    std::vector<Extern> imports;
    const Module& module = load(bytes);
    EXPECT_TRUE(linker.resolve(module, diag, &imports).ok());
    code.push_back(std::make_unique<FuncCode[]>(module.funcs.size() + 1));
    InstantiateArgs args;
    args.store = &store;
    args.module = &module;
    args.code = code.back().get();
    args.imports = imports;
    args.runStart = false;
    Result<Instantiated> made = bls::instantiate(args, diag);
    if (made.ok()) return made.value();
    if (error != nullptr) *error = made.error()->message;
    return {};
  }

  std::deque<std::unique_ptr<Module>> modules;
  std::deque<std::unique_ptr<FuncCode[]>> code;
  Store store;
  Linker linker;
};

constexpr const char* kBad = "incompatible import type: \"m\" \"f\"";

TEST(Linking, FunctionsMatchByDeclaredSubtyping) {
  struct Case {
    u32 given, wanted;
    bool fits;
  };
  for (Case c : {Case{0, 0, true}, Case{1, 0, false}, Case{0, 1, false}, Case{3, 2, true},
                 Case{2, 3, false}, Case{2, 2, true}, Case{1, 2, false}, Case{2, 1, false}}) {
    World w;
    w.linker.define("m", "f",
                    Extern::of(w.store.newHostFunc(w.canon(c.given), 0, 0, nullptr, nullptr, "f")));
    std::string message = w.link(importing({0, static_cast<u8>(c.wanted)}));
    EXPECT_EQ(message.empty(), c.fits) << c.given << " for " << c.wanted << ": " << message;
    if (!c.fits) {
      EXPECT_EQ(message.substr(0, std::string(kBad).size()), kBad);
    }
  }
}

TEST(Linking, GlobalsMatchByMutabilityAndType) {
  ValType nullable = ValType::funcref(), nonNull = ValType::ref(HeapType::Func, false);
  struct Case {
    ValType given;
    bool isMutable;
    Bytes wanted;
    bool fits;
  };
  std::vector<Case> cases = {
      {ValType::I32, false, {3, 0x7f, 0}, true},
      {ValType::I32, true, {3, 0x7f, 1}, true},
      {ValType::I32, true, {3, 0x7f, 0}, false},
      {ValType::I32, false, {3, 0x7f, 1}, false},
      {ValType::I64, false, {3, 0x7f, 0}, false},
      {nonNull, false, {3, 0x70, 0}, true},
      {nullable, false, {3, 0x64, 0x70, 0}, false},
      {nonNull, true, {3, 0x70, 1}, false},
      {nullable, true, {3, 0x70, 1}, true},
      {ValType::externref(), false, {3, 0x70, 0}, false},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    World w;
    GlobalType type{cases[i].given, cases[i].isMutable};
    w.linker.define("m", "f", Extern::of(w.store.newGlobal(type, cases[i].given, {0, 0})));
    EXPECT_EQ(w.link(importing(cases[i].wanted)).empty(), cases[i].fits) << "case " << i;
  }
}

TEST(Linking, MemoriesMatchByCurrentSizeAndAttributes) {
  struct Case {
    Limits given;
    u8 pageLog2;
    u32 grow;
    Bytes wanted;
    bool fits;
  };
  Limits open{1, 0, false, false, false}, closed{1, 4, true, false, false},
      wide{1, 4, true, true, false}, shared{1, 4, true, false, true};
  std::vector<Case> cases = {
      {open, 16, 0, {2, 0, 1}, true},       {open, 16, 0, {2, 0, 2}, false},
      {open, 16, 1, {2, 0, 2}, true},       {open, 16, 0, {2, 1, 1, 9}, false},
      {closed, 16, 0, {2, 1, 1, 4}, true},  {closed, 16, 0, {2, 1, 1, 3}, false},
      {closed, 16, 0, {2, 1, 0, 5}, true},  {closed, 16, 0, {2, 0, 0}, true},
      {wide, 16, 0, {2, 0, 0}, false},      {wide, 16, 0, {2, 5, 0, 4}, true},
      {closed, 16, 0, {2, 4, 0}, false},    {shared, 16, 0, {2, 3, 1, 4}, true},
      {shared, 16, 0, {2, 1, 1, 4}, false}, {closed, 16, 0, {2, 3, 1, 4}, false},
      {closed, 0, 0, {2, 1, 1, 4}, false},  {closed, 0, 0, {2, 9, 1, 4, 0}, true},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    World w;
    std::string why;
    MemoryObj* memory = w.store.newMemory({cases[i].given, cases[i].pageLog2}, &why);
    ASSERT_NE(memory, nullptr) << why;
    ASSERT_GE(memory->grow(cases[i].grow), 0);
    w.linker.define("m", "f", Extern::of(memory));
    EXPECT_EQ(w.link(importing(cases[i].wanted)).empty(), cases[i].fits) << "case " << i;
  }
}

TEST(Linking, TablesMatchByElementTypeAndCurrentSize) {
  struct Case {
    ValType elem;
    Limits given;
    Bytes wanted;
    bool fits;
  };
  Limits closed{2, 4, true, false, false};
  std::vector<Case> cases = {
      {ValType::funcref(), closed, {1, 0x70, 0, 2}, true},
      {ValType::funcref(), closed, {1, 0x70, 0, 3}, false},
      {ValType::funcref(), closed, {1, 0x70, 1, 0, 4}, true},
      {ValType::funcref(), closed, {1, 0x70, 1, 0, 3}, false},
      {ValType::externref(), closed, {1, 0x70, 0, 2}, false},
      {ValType::funcref(), closed, {1, 0x6f, 0, 2}, false},
      {ValType::funcref(), closed, {1, 0x70, 4, 0}, false},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    World w;
    std::string why;
    TableType type{cases[i].elem, cases[i].given};
    w.linker.define("m", "f", Extern::of(w.store.newTable(type, cases[i].elem, 0, &why)));
    EXPECT_EQ(w.link(importing(cases[i].wanted)).empty(), cases[i].fits) << "case " << i;
  }
}

TEST(Linking, TagsMatchByType) {
  World w;
  w.linker.define("m", "f", Extern::of(w.store.newTag(w.canon(0))));
  EXPECT_EQ(w.link(importing({4, 0, 0})), "");
  EXPECT_EQ(w.link(importing({4, 0, 1})), std::string(kBad) + " tag types differ");
}

TEST(Linking, KindsDoNotMix) {
  World w;
  std::string why;
  w.linker.define("m", "f", Extern::of(w.store.newMemory({}, &why)));
  EXPECT_EQ(w.link(importing({0, 1})), std::string(kBad) + " is a memory, a function wanted");
}

TEST(Linking, NamesAreBytesAndTheLatestWins) {
  World w;
  EXPECT_EQ(w.link(importing({0, 1})), "unknown import: function \"m\" \"f\"");
  w.linker.define("m", std::string_view("f\0x", 3), Extern::of(w.store.newTag(0)));
  w.linker.define("mf", "", Extern::of(w.store.newTag(0)));
  EXPECT_EQ(w.link(importing({0, 1})), "unknown import: function \"m\" \"f\"");
  w.linker.define("m", "f", Extern::of(w.store.newTag(0)));
  w.linker.define("m", "f",
                  Extern::of(w.store.newHostFunc(w.canon(1), 0, 0, nullptr, nullptr, "f")));
  EXPECT_EQ(w.link(importing({0, 1})), "");
  EXPECT_EQ(w.link(importing({0, 1}, "a\x1b")), "unknown import: function \"m\" \"a\\x1b\"");
}

TEST(Linking, UnknownFunctionsMayTrapInstead) {
  World w;
  w.linker.setUnknownImportsTrap(true);
  EXPECT_EQ(w.link(importing({0, 1})), "");
  EXPECT_EQ(w.link(importing({2, 0, 0})), "unknown import: memory \"m\" \"f\"");
}

// (global i32 (i32.add (i32.mul (i32.const 7) (global.get 0)) (i32.const 3))) over an imported
// global of 6.
TEST(Instantiation, ExtendedConstantsAreEvaluated) {
  World w;
  w.linker.define("m", "g",
                  Extern::of(w.store.newGlobal({ValType::I32, false}, ValType::I32, {6, 0})));
  Bytes bytes = header() + section(2, Bytes{1} + text("m") + text("g") + Bytes{3, 0x7f, 0}) +
                section(6, {2,    0x7f, 0,    0x41, 7,    0x23, 0,    0x6c, 0x41, 3,
                            0x6a, 0x0b, 0x7f, 1,    0x41, 0,    0x41, 1,    0x6b, 0x0b}) +
                section(7, Bytes{2} + text("a") + Bytes{3, 1} + text("b") + Bytes{3, 2});
  Instantiated made = w.instantiate(bytes);
  ASSERT_NE(made.instance, nullptr);
  Extern found;
  ASSERT_TRUE(findExport(made.instance, "a", &found));
  EXPECT_EQ(found.global->lo, 45u);
  ASSERT_TRUE(findExport(made.instance, "b", &found));
  EXPECT_EQ(found.global->lo, 0xffffffffu);
  EXPECT_TRUE(found.globalType.isMutable);
  EXPECT_FALSE(findExport(made.instance, "c", &found));
}

TEST(Instantiation, MutableGlobalsAreShared) {
  World w;
  GlobalObj* global = w.store.newGlobal({ValType::I64, true}, ValType::I64, {5, 0});
  w.linker.define("m", "g", Extern::of(global));
  Bytes bytes = header() + section(2, Bytes{1} + text("m") + text("g") + Bytes{3, 0x7e, 1}) +
                section(7, Bytes{1} + text("again") + Bytes{3, 0});
  Instance* instance = w.instantiate(bytes).instance;
  Extern again;
  ASSERT_TRUE(findExport(instance, "again", &again));
  EXPECT_EQ(again.global, &global->cell);
  again.global->lo = 9;
  EXPECT_EQ(instance->globalCell(0)->lo, 9u);
}

// A table of 3, elements at 1 and 2 from one segment, at 5 from another: the second traps, what the
// first wrote stays.
TEST(Instantiation, EarlierSegmentsStayWhenALaterOneTraps) {
  World w;
  std::string why;
  TableObj* table = w.store.newTable({ValType::funcref(), {3, 3, true, false, false}},
                                     ValType::funcref(), 0, &why);
  MemoryObj* memory = w.store.newMemory({}, &why);
  w.linker.define("m", "t", Extern::of(table));
  w.linker.define("m", "mem", Extern::of(memory));
  Bytes imports = section(2, Bytes{2} + text("m") + text("t") + Bytes{1, 0x70, 0, 3} + text("m") +
                                 text("mem") + Bytes{2, 0, 0});
  Bytes base = header() + types() + imports + section(3, {1, 1});
  Bytes code = section(10, {1, 2, 0, 0x0b});
  Bytes elems = section(9, {2, 0, 0x41, 1, 0x0b, 2, 0, 0, 0, 0x41, 2, 0x0b, 2, 0, 0});
  Instantiated made = w.instantiate(base + elems + code);
  EXPECT_EQ(made.trap, Trap::TableOutOfBounds);
  ASSERT_NE(made.instance, nullptr);
  EXPECT_EQ(table->entries[0].func, nullptr);
  EXPECT_EQ(table->entries[1].func, made.instance->funcRef(0));
  EXPECT_EQ(table->entries[2].code, &made.instance->code[0]);
  EXPECT_EQ(table->entries[2].instance, made.instance);
  // Data: an empty segment at the end is fine, behind it is not.
  EXPECT_EQ(w.instantiate(base + code + section(11, {1, 0, 0x41, 0, 0x0b, 0})).trap, Trap::None);
  EXPECT_EQ(w.instantiate(base + code + section(11, {1, 0, 0x41, 1, 0x0b, 0})).trap,
            Trap::MemoryOutOfBounds);
}

// Every refusal while an instance is made leaves the store as it was (threat model MEM-8).
TEST(Instantiation, FailureLeavesNothingBehind) {
  Bytes bytes = header() + types() + section(3, {1, 1}) + section(4, {1, 0x70, 0, 4}) +
                section(5, {2, 0, 1, 0, 1}) + section(9, {1, 1, 0, 1, 0}) +
                section(10, {1, 2, 0, 0x0b});
  for (u64 n = 1; n < 20; ++n) {
    World w;
    platform::failNthCall(n);
    std::string error;
    Instantiated made = w.instantiate(bytes, &error);
    bool hit = platform::countedCalls() >= n;
    platform::failNthCall(0);
    if (!hit) {
      EXPECT_NE(made.instance, nullptr);
      EXPECT_GT(n, 5u);
      return;
    }
    EXPECT_EQ(made.instance, nullptr);
    EXPECT_FALSE(error.empty()) << n;
    EXPECT_EQ(w.store.usedBytes(), 0u) << n;
    EXPECT_TRUE(w.store.instances().empty());
    EXPECT_NE(w.instantiate(bytes).instance, nullptr);
  }
  FAIL() << "more calls than expected";
}

TEST(Instantiation, LimitsAreErrorsWithTheAgreedWords) {
  StoreConfig config;
  config.limits.memoryBytesEach = 65536;
  config.limits.instances = 1;
  World w(config);
  std::string error;
  w.instantiate(header() + section(5, {1, 0, 2}), &error);
  EXPECT_EQ(error, "memory minimum size of 2 pages exceeds memory limits");
  EXPECT_NE(w.instantiate(header() + section(5, {1, 0, 1})).instance, nullptr);
  w.instantiate(header(), &error);
  EXPECT_EQ(error, "instances 2 > 1");
}

// Spec of the numbers: fuel contract, section 6.
TEST(StartupFuel, IsChargedOnlyForWhatIsComputed) {
  World w;
  const FuelSchedule& next = kFuelSchedules[static_cast<u8>(FuelPreset::WtNext)];
  const FuelSchedule& old = kFuelSchedules[static_cast<u8>(FuelPreset::Wt31)];
  const Module& plain =
      w.load(header() + types() + section(3, {1, 1}) + section(4, {1, 0x70, 0, 4}) +
             section(5, {1, 0, 1}) + section(6, {1, 0x7f, 0, 0x41, 7, 0x0b}) +
             section(9, {1, 0, 0x41, 1, 0x0b, 1, 0}) + section(10, {1, 2, 0, 0x0b}) +
             section(11, {1, 0, 0x41, 0, 0x0b, 2, 1, 2}));
  EXPECT_FALSE(startupCharge(plain, next).exists);
  const Module& computed =
      w.load(header() + types() + section(2, Bytes{1} + text("m") + text("g") + Bytes{3, 0x7f, 0}) +
             section(3, {1, 1}) + section(4, {1, 0x70, 0, 4}) + section(5, {1, 0, 1}) +
             section(6, {1, 0x7f, 0, 0x23, 0, 0x41, 1, 0x6a, 0x0b}) + section(8, {0}) +
             section(9, {1, 0, 0x23, 0, 0x0b, 1, 0}) + section(10, {1, 2, 0, 0x0b}) +
             section(11, {1, 0, 0x23, 0, 0x0b, 2, 1, 2}));
  StartupCharge charge = startupCharge(computed, next);
  EXPECT_TRUE(charge.exists);
  // global 3, element segment 1 + 1, data segment 1 + 2, call of the start function 1
  EXPECT_EQ(charge.units, 9u);
  EXPECT_FALSE(startupCharge(computed, old).exists);
}

}  // namespace
}  // namespace bls
