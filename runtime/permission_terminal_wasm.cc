// There is nobody to ask in the wasm build.
#include "runtime/permission_prompt.h"

namespace bls::permissions {
namespace {

class NoTerminal final : public PromptTerminal {
 public:
  Input discard() override { return Input::Closed; }
  Input line(std::string*) override { return Input::Closed; }
  void write(std::string_view) override {}
  bool colours() const override { return false; }
  u32 columns() const override { return 0; }
};

}  // namespace

std::unique_ptr<PromptTerminal> openPromptTerminal(ExecCtx*) {
  return std::make_unique<NoTerminal>();
}

bool haveTerminals() { return false; }

}  // namespace bls::permissions
