// Names for backtraces.
#include "runtime/trace_names.h"

namespace bls {

struct TraceNames::Cache {};

TraceNames::TraceNames() = default;
TraceNames::~TraceNames() = default;

std::string TraceNames::functionName(const Module&, u32) { return {}; }
bool TraceNames::sourceLine(const Module&, u32, std::string*, u32*) { return false; }

}  // namespace bls
