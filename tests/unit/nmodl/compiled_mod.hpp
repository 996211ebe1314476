#pragma once
/// Compiles NMODL text in a test.

#include <string>

#include "cellwright/nmodl/codegen.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "cellwright/nmodl/toolchain.hpp"
#include "support/temporary_folder.hpp"
#include "unit/nmodl/test_block.hpp"

namespace cellwright::nmodl::test {

/// A mechanism compiled in a mode, in a cache of its own.
class CompiledMod {
 public:
  /// @param derivatives  see ToolchainSettings.
  CompiledMod(const std::string& text, NumericMode mode, bool derivatives = false) {
    const MechanismDescription description = compile_front_end(text, "test.mod");
    const BuildRequest request{description.name, generate_cpp(description), "test.mod"};
    const ToolchainSettings settings{
        .compiler = {}, .cache_folder = folder_.path(), .jobs = 1, .derivatives = derivatives};
    loaded_ = build_mechanisms({&request, 1}, mode, settings).front();
  }
  const cw_mechanism& operator*() const { return *loaded_.descriptor; }
  const cw_mechanism* operator->() const { return loaded_.descriptor; }

 private:
  cellwright::test::TemporaryFolder folder_;
  LoadedMechanism loaded_;
};

}  // namespace cellwright::nmodl::test
