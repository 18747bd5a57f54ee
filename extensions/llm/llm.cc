// blockless_llm: language models on this machine, as servers of their own. Reference: hostcalls,
// section 10; permissions, section 4, rule 6.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>

#include "extensions/base/extension.h"
#include "extensions/base/handles.h"
#include "extensions/llm/session.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;
using llm::Code;
using llm::Session;

constexpr size_t kMaxHandles = 8;

struct Llm final : Extension {
  explicit Llm(const Services& given)
      : client(net::HttpClient::make(given)), own(net::HttpClient::make(withGate(given, &gate))) {
    workshop = {given, client.get(), own.get()};
  }
  static Services withGate(Services services, host::AccessGate* gate) {
    services.gate = gate;
    return services;
  }
  llm::LoopbackGate gate;
  const std::unique_ptr<net::HttpClient> client;
  const std::unique_ptr<net::HttpClient> own;
  llm::Workshop workshop;  // outlives the sessions
  HandleTable<Session> sessions;
};
using LlmCall = Call<Llm>;

// A text of the guest's.
Code takeText(LlmCall& call, GuestAddress at, u32 size, std::string* out) {
  if (!call.memory().contains(at.value, size)) return Code::Utf8;
  if (size > llm::kMostText) return Code::Runtime;
  return call.text(at, size, out) ? Code::Success : Code::Utf8;
}

// Whether a buffer whose size travels as a `Size` can be written to; a trap when not.
template <class Size>
bool isBuffer(LlmCall& call, GuestAddress buffer, u32 size) {
  if (size <= std::numeric_limits<Size>::max() && call.memory().contains(buffer.value, size))
    return true;
  call.raise(Trap::BadGuestPointer);
  return false;
}

// The length is taken modulo what a `Size` can hold before the text is cut, as guests know it.
template <class Size>
Code give(LlmCall& call, const std::string& text, GuestAddress buffer, u32 size,
          GuestPtr<Size> written) {
  const size_t count = std::min<size_t>(static_cast<Size>(text.size()), size);
  if (count != 0) std::memcpy(call.memory().base + buffer.value, text.data(), count);
  written.store(static_cast<Size>(count));
  return Code::Success;
}

// Ends a call that may have waited.
Code finish(LlmCall& call, Code code) {
  if (code != Code::Success) call.interrupted();
  return code;
}

Code setModel(LlmCall& call, GuestPtr<u32> handle, GuestAddress modelAt, u32 modelSize) {
  Llm& llm = call.state();
  const Services& services = llm.workshop.services;
  std::string text;
  if (const Code code = takeText(call, modelAt, modelSize, &text); code != Code::Success)
    return code;
  llm::Model model;
  if (!llm::resolveModel(text, services.settings->modelSource, &model))
    return Code::ModelNotSupported;
  if (llm.sessions.size() >= kMaxHandles) {
    services.log(LogLevel::Warn,
                 "The limit of " + std::to_string(kMaxHandles) + " models at once is reached.");
    return Code::InitializationFailed;
  }
  auto session = std::make_shared<Session>(llm.workshop, std::move(model));
  if (const Code code = session->start(call.cx()); code != Code::Success) return finish(call, code);
  handle.store(llm.sessions.add(std::move(session)));
  return Code::Success;
}

Code getModel(LlmCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u8> written) {
  if (!isBuffer<u8>(call, buffer, size)) return Code::Runtime;
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::ModelNotSet;
  return give(call, session->model().given, buffer, size, written);
}

Code setOptions(LlmCall& call, u32 handle, GuestAddress jsonAt, u32 jsonSize) {
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::ModelNotSet;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  std::string json;
  if (const Code code = takeText(call, jsonAt, jsonSize, &json); code != Code::Success) return code;
  llm::Options options;
  if (!llm::parseOptions(json, &options)) return Code::OptionsNotSet;
  return finish(call, session->setOptions(call.cx(), std::move(options)));
}

Code getOptions(LlmCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u16> written) {
  if (!isBuffer<u16>(call, buffer, size)) return Code::Runtime;
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::ModelNotSet;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  return give(call, llm::optionsText(session->options()), buffer, size, written);
}

Code prompt(LlmCall& call, u32 handle, GuestAddress textAt, u32 textSize) {
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::ModelNotSet;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  std::string text;
  if (const Code code = takeText(call, textAt, textSize, &text); code != Code::Success) return code;
  return session->addPrompt(std::move(text));
}

Code readResponse(LlmCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u16> written) {
  if (!isBuffer<u16>(call, buffer, size)) return Code::Runtime;
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::ModelNotSet;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  std::string text;
  if (const Code code = session->answer(call.cx(), &text); code != Code::Success)
    return finish(call, code);
  return give(call, text, buffer, size, written);
}

Code closeModel(LlmCall& call, u32 handle) {
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::Success;
  const Using use(*session);
  if (!use.mine()) return Code::ShutdownFailed;
  call.state().sessions.take(handle);
  return finish(call, session->close(call.cx()));
}

constexpr char kSpec[] = "hostcalls, section 10";
constexpr host::HostFunc kFunctions[] = {
    host::bind<setModel>("llm_set_model_request", Capability::Process, kSpec),
    host::bind<getModel>("llm_get_model_response", Capability::Descriptor, kSpec),
    host::bind<setOptions>("llm_set_model_options_request", Capability::Descriptor, kSpec),
    host::bind<getOptions>("llm_get_model_options", Capability::Descriptor, kSpec),
    host::bind<prompt>("llm_prompt_request", Capability::Descriptor, kSpec),
    host::bind<readResponse>("llm_read_prompt_response", Capability::Descriptor, kSpec),
    host::bind<closeModel>("llm_close", Capability::Descriptor, kSpec),
};

void usedPaths(const Settings& settings, std::vector<UsedPath>* out) {
  net::HttpClient::usedPaths(settings, out);
  if (settings.modelsMayRun && !settings.modelFolder.empty())
    out->push_back({settings.modelFolder, true});
}

}  // namespace

const ExtensionInfo& llmExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_llm",
      "language models, run as local servers",
      {true, true, true, &usedPaths},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        // Before the sandbox, which lets only folders be used that are there.
        std::error_code ignored;
        const Settings& settings = *services.settings;
        if (settings.modelsMayRun && !settings.modelFolder.empty())
          std::filesystem::create_directories(settings.modelFolder, ignored);
        return std::make_unique<Llm>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
