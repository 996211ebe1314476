#pragma once
namespace cellwright {
/// The program's version, for example "0.1.0".
const char* version();
}  // namespace cellwright
