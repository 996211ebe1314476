#include "cellwright/nmodl/front_end.hpp"

#include "cellwright/base/file.hpp"
#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/describe.hpp"
#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {

Module parse_nmodl(std::string_view text, const std::string& file) {
  Module module;
  module.files.push_back(file);
  module.texts.emplace_back(text);
  DiagnosticList diagnostics{DiagnosticList::parser_limit};
  Reporter reporter(module, diagnostics);
  module.items = Parser(module.texts.front(), 0, reporter).parse_items();
  diagnostics.throw_if_errors<NmodlError>();
  return module;
}

MechanismDescription compile_front_end(std::string_view text, const std::string& file, const DumpCallback& dump) {
  PassContext context(parse_nmodl(text, file));
  context.folder = std::filesystem::path(file).parent_path();
  run_passes(context, dump);
  return build_description(context);
}

MechanismDescription compile_front_end(const std::filesystem::path& path, const DumpCallback& dump) {
  return compile_front_end(read_file(path), path.string(), dump);
}

}  // namespace cellwright::nmodl
