/// The section `model`: a cell that exists as hoc.

#include "cellwright/base/file.hpp"

#include "loader_context.hpp"

namespace cellwright::run {

std::optional<model::HocTemplate> load_hoc_model(const Section& section, LoaderContext& context) {
  if (!section) return std::nullopt;
  const ObjectReader reader(*section.value, schema_of("model"), context.problems);
  if (!reader.usable()) return std::nullopt;
  const auto file = reader.text("hoc"), text = reader.text("hoc_string");
  if (file.has_value() == text.has_value()) {
    context.problems.add(section.value->diagnostic("config-hoc-model",
                                                   "exactly one of 'hoc' and 'hoc_string' is needed",
                                                   "give the path of a hoc file, or its text"));
    return std::nullopt;
  }
  model::HocTemplate result{.folder = section.folder, .span = section.value->span()};
  try {
    if (file) {
      const std::filesystem::path path = context.resolve(section.folder, *file);
      result.text = read_file(path);
      result.folder = path.parent_path();
      context.hash.add(result.text);
      context.files.push_back(path);
    } else {
      result.text = *text;
    }
    const auto name = reader.text("template");
    result.template_name = name ? *name : model::find_template_name(result.text, section.value->span());
  } catch (const ConfigError& error) {
    const Diagnostic& problem = error.diagnostics().front();
    context.problems.add(section.value->diagnostic(error.code(), problem.message, problem.fix));
  }
  return result;
}

}  // namespace cellwright::run
