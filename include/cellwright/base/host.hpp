#pragma once
/// The machine that this process runs on.

#include <string>

namespace cellwright {

/// Its name: with the number of the process it tells temporary files on a shared file system apart.
std::string host_name();

}  // namespace cellwright
