#pragma once
/// Commands as they can be pasted into a shell.

#include <string>
#include <vector>

namespace cellwright {

/// An argument as one word of a POSIX shell, in quotes where it needs them.
std::string shell_quoted(const std::string& argument);

/// A command with its arguments, separated by blanks.
std::string shell_command(const std::vector<std::string>& arguments);

}  // namespace cellwright
