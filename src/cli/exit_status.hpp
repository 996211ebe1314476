#pragma once

namespace cellwright::cli {

/// The program's exit status.
namespace exit_status {
inline constexpr int success = 0;
inline constexpr int failed = 1;         ///< a run failed
inline constexpr int usage = 2;          ///< wrong command, option or value of an option
inline constexpr int bad_input = 3;      ///< something in a file, or a combination of options, is wrong
inline constexpr int try_again = 75;     ///< a machine or process failed: another start with --resume goes on
inline constexpr int bug = 70;           ///< an internal error
inline constexpr int interrupted = 130;  ///< Ctrl-C
}  // namespace exit_status

}  // namespace cellwright::cli
