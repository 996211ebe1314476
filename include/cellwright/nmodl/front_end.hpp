#pragma once
/// From the text of a mod file to a syntax tree, back to text, and to a MechanismDescription.
///
/// All functions throw NmodlError with every problem found (at most 20), each with file, line, caret and, where one
/// suggests itself, a fix. They never crash or hang on any input.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "cellwright/nmodl/ast.hpp"
#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// Parses NMODL text. INCLUDE lines become Include items; the pass "include" opens the files.
/// @param file  the name to show in messages. @throws NmodlError
Module parse_nmodl(std::string_view text, const std::string& file);

/// NMODL text of a tree, in one fixed layout: print_nmodl(parse_nmodl(print_nmodl(m))) == print_nmodl(m), and the trees
/// are equal.
std::string print_nmodl(const Module& module);
std::string print_nmodl(const Expression& expression);
std::string print_nmodl(const Block& block, int indent = 0);

/// Called after each pass with its name and the module as NMODL text.
using DumpCallback = std::function<void(const std::string& pass, const std::string& text)>;

/// Parses, checks and lowers a mechanism. @throws NmodlError; ConfigError if a file cannot be read.
/// @param dump  called after each pass, if given.
MechanismDescription compile_front_end(std::string_view text, const std::string& file, const DumpCallback& dump = {});
/// The same for a file on disk; INCLUDEs are looked for beside it.
MechanismDescription compile_front_end(const std::filesystem::path& path, const DumpCallback& dump = {});

/// JSON object (text) for `cellwright nmodl --json`: suffix, kind, title, ions, currents, range and global parameters
/// with defaults and units, assigned variables that are visible, states.
std::string describe_json(const MechanismDescription& mechanism);

}  // namespace cellwright::nmodl
