// Help texts, and what all verbs share in reading their options.
#include <algorithm>

#include "tools/commands.h"

namespace bls::tools {

namespace {

constexpr u16 at(OptionPlace place) { return static_cast<u16>(place); }

constexpr cli::VerbInfo kVerbInfo[] = {
    {"run", at(OptionPlace::Run), "FILE [-- ARGS]",
     "run a WebAssembly module (WASI); - is standard input"},
    {"validate", at(OptionPlace::Validate), "FILE...", "check modules completely"},
    {"inspect", at(OptionPlace::Inspect), "FILE",
     "show imports, exports, memories, features, sections"},
    {"wat", at(OptionPlace::Wat), "FILE", "binary to text format"},
    {"objdump", at(OptionPlace::Objdump), "FILE", "sections and instructions with offsets"},
    {"explain", at(OptionPlace::Explain), "FILE",
     "what each instruction becomes: cells, machine code, fuel"},
    {"wasm", at(OptionPlace::Wasm), "FILE", "text format to binary"},
    {"wast", at(OptionPlace::Wast), "FILE...", "run scripts of the WebAssembly test suite"},
    {"doctor", at(OptionPlace::Doctor), "", "what this machine offers, and what protects it"},
    {"extensions", at(OptionPlace::Extensions), "list|info MODULE|verify [CONFIG]",
     "what guests can import beyond WASI"},
    {"completion", 0, "bash|zsh|fish", "print a completion script for a shell"},
    {"help", 0, "[COMMAND]", "options and examples of a command; --man, --reference: all"},
};

}  // namespace

std::span<const cli::VerbInfo> verbs() { return kVerbInfo; }

std::string overview() {
  std::string out = "usage: bls COMMAND [OPTIONS] ...\n";
  for (const cli::VerbInfo& verb : kVerbInfo) {
    std::string left = std::string("  bls ") + verb.name + " " + verb.operands;
    left.resize(std::max<size_t>(left.size() + 1, 31), ' ');
    out += left + verb.summary + "\n";
  }
  return out + "  bls --version                version, tiers, CPU features, fuel presets\n";
}

std::string runHelp(bool examples) {
  return "usage: bls run [OPTIONS] FILE [-- ARGS]\n"
         "Runs a WebAssembly module. FILE is binary or text; - is standard input. ARGS go to the "
         "guest.\n"
         "  bls run hello.wasm\n"
         "  bls run --dir ./data::/data --env LANG=C tool.wasm -- --flag file.txt\n"
         "  bls run --invoke add math.wasm -- 1 2\n"
         "Exit status: the guest's; traps 1-15 (1 fuel, 2 stack, 3 memory, 11 unreachable, 15 "
         "time); 16 memory\n"
         "limit; 128 configuration; 255 load errors and everything else; 2 wrong usage.\n"
         "--stats prints on standard error, --stats=json as one line of JSON: fuel used, left, the "
         "limit and the\n"
         "schedule; the most bytes of memories and tables; the module's size; functions defined "
         "and of them\n"
         "translated for the interpreter or compiled; of compiling, the time, bytes of bodies, of "
         "code and of\n"
         "tables, loops entered in mid-run, functions left to the interpreter and why; time "
         "to read, decode, validate, instantiate, run and in total (JSON: microseconds, time_us); "
         "exit status, trap.\n"
         "options:\n" +
         optionHelp(OptionPlace::Run, examples);
}

std::string runtimeHelp() {
  return "usage: bls-runtime [OPTIONS] FILE [ARGS]...\n"
         "Runs a WebAssembly module (.wasm, .wasi, .wat), an archive (.car) or a JSON "
         "configuration "
         "file with the\n"
         "rules of the Blockless runtime. Guest arguments that "
         "begin with - come\n"
         "behind --. Exit status: as bls run, but guest statuses of 126 and more become 255.\n"
         "options:\n" +
         optionHelp(OptionPlace::Runtime, false) +
         "  -h, --help                      this text\n"
         "  -V, --version                   version\n";
}

std::string validateHelp() {
  return "usage: bls validate [OPTIONS] FILE...\n"
         "Decodes and validates modules; silent when all are valid. Exit status 255 when one is "
         "not.\n"
         "options:\n" +
         optionHelp(OptionPlace::Validate, true);
}

std::string inspectHelp() {
  return "usage: bls inspect [OPTIONS] FILE\n"
         "Shows imports, exports, memories, features used and sections of a valid module.\n"
         "options:\n" +
         optionHelp(OptionPlace::Inspect, true);
}

std::string wastHelp() {
  return "usage: bls wast [OPTIONS] FILE...\n"
         "Runs scripts (.wast) of the WebAssembly test suite and counts their commands; failing "
         "ones "
         "are\n"
         "listed on standard error. Exit status 255 when one fails.\n"
         "options:\n" +
         optionHelp(OptionPlace::Wast, true);
}

std::string wasmHelp() {
  return "usage: bls wasm [OPTIONS] FILE\n"
         "Translates the text format to binary. The module is validated, too.\n"
         "options:\n" +
         optionHelp(OptionPlace::Wasm, true);
}

std::string watHelp() {
  return "usage: bls wat [OPTIONS] FILE\n"
         "Prints a module in the text format. Translated back it is the same module.\n"
         "options:\n" +
         optionHelp(OptionPlace::Wat, true);
}

std::string objdumpHelp() {
  return "usage: bls objdump [OPTIONS] FILE\n"
         "Lists the sections of a module and disassembles its functions, with file offsets and "
         "bytes.\n"
         "options:\n" +
         optionHelp(OptionPlace::Objdump, true);
}

std::string explainHelp() {
  return "usage: bls explain [OPTIONS] FILE\n"
         "Shows for each instruction its file offset and source line, the interpreter's cells (T0) "
         "and the\n"
         "compiler's machine code (T1) it became, and the fuel of each block of instructions. What "
         "is fused\n"
         "into another instruction stands there. `cold`: out of the way, for traps.\n"
         "  bls explain hello.wasm --func main\n"
         "  bls explain --metered --show baseline --cpu none hello.wasm\n"
         "options:\n" +
         optionHelp(OptionPlace::Explain, true);
}

std::string doctorHelp() {
  return "usage: bls doctor [OPTIONS]\n"
         "Tries on itself what a run does before its guest starts, and says for each protection "
         "and "
         "each\n"
         "ability whether it works on this machine: ok, missing (with the reason), or off. Exit "
         "status 0 when\n"
         "nothing is missing, 1 otherwise.\n"
         "options:\n" +
         optionHelp(OptionPlace::Doctor, true);
}

std::string extensionsHelp() {
  return "usage: bls extensions [OPTIONS] [list|info MODULE|verify] [CONFIG]\n"
         "list: every extension and what is installed beside it by a configuration file and the "
         "options.\n"
         "info: the functions of one, with type and the capability each needs.\n"
         "verify: tries what is installed as a run would use it, driver libraries by loading "
         "them. Exit\n"
         "status 255 when something is wrong.\n"
         "  bls extensions info blockless_socket\n"
         "  bls extensions verify node.json\n"
         "options:\n" +
         optionHelp(OptionPlace::Extensions, true);
}

int cmdHelp(Invocation& call) {
  std::string topic = call.args.empty() ? "" : call.args[0];
  if (topic == "--man") {
    call.console.out(cli::manPage(verbs()));
  } else if (topic == "--reference") {
    call.console.out(cli::referencePage(verbs()));
  } else if (topic == "run") {
    call.console.out(runHelp(true));
  } else if (topic == "runtime" || topic == "bls-runtime") {
    call.console.out(runtimeHelp());
  } else if (topic == "validate") {
    call.console.out(validateHelp());
  } else if (topic == "inspect") {
    call.console.out(inspectHelp());
  } else if (topic == "wast") {
    call.console.out(wastHelp());
  } else if (topic == "wat") {
    call.console.out(watHelp());
  } else if (topic == "objdump") {
    call.console.out(objdumpHelp());
  } else if (topic == "explain") {
    call.console.out(explainHelp());
  } else if (topic == "doctor") {
    call.console.out(doctorHelp());
  } else if (topic == "extensions") {
    call.console.out(extensionsHelp());
  } else if (topic == "wasm") {
    call.console.out(wasmHelp());
  } else {
    call.console.out(overview());
  }
  return 0;
}

int usageError(Invocation& call, const std::string& what) {
  call.console.problem("error: config: " + what);
  return cli::kExitUsage;
}

bool parseOrExplain(Invocation& call, OptionPlace place, std::string (*help)(),
                    ParsedOptions* options, int* status) {
  std::string message;
  ParseEnd end = parseOptions(call.args, place, options, &message);
  if (end == ParseEnd::Refused) {
    call.console.problem("error: unsupported: " + message);
    *status = cli::kExitFailure;
    return false;
  }
  if (end == ParseEnd::Usage) {
    *status = usageError(call, message);
    return false;
  }
  if (options->help) {
    call.console.out(help());
    *status = 0;
    return false;
  }
  return true;
}

}  // namespace bls::tools
