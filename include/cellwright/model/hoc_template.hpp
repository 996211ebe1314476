#pragma once
/// A cell model that exists as hoc text.

#include <filesystem>
#include <string>

#include "cellwright/base/error.hpp"

namespace cellwright::model {

/// A hoc template that builds a cell by itself, with mechanisms and parameters (BluePyOpt's HocCellModel). It is
/// created as `new NAME(folder, file)` with those of the morphology, or `new NAME(folder)` where the morphology is a
/// folder. Only the engine `neuron` can run it.
struct HocTemplate {
  std::string text;
  std::string template_name;
  std::filesystem::path folder;  ///< the working folder while the text is read
  SourceSpan span;
};

/// The template's name by BluePyOpt's rule: the second word of the first line that holds the word begintemplate.
/// @throws ConfigError "hoc-template-name" if there is no such line, or the word does not stand first in it.
std::string find_template_name(const std::string& text, const SourceSpan& span = {});

}  // namespace cellwright::model
