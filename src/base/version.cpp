#include "cellwright/base/version.hpp"

namespace cellwright {
const char* version() { return CELLWRIGHT_VERSION; }
}  // namespace cellwright
