// Result<T>, TRY and TRY_ASSIGN by their customary name; the definitions are in status.h.
#pragma once

#include "engine/base/status.h"
