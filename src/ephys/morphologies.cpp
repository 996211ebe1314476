#include "cellwright/ephys/morphologies.hpp"

#include "cellwright/morphology/modifiers.hpp"
#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"

namespace cellwright::ephys {

NrnFileMorphology::NrnFileMorphology(NrnFileMorphologyArguments given, std::string object_comment)
    : Described(given.morphology_path.filename().string(), std::move(object_comment)),
      NrnFileMorphologyArguments(std::move(given)) {}

morphology::Morphology NrnFileMorphology::instantiate() const {
  morphology::Morphology cell = morphology::load_morphology(morphology_path);
  if (do_set_nseg) cell = set_nseg(cell);
  if (do_replace_axon) cell = replace_axon(cell, axon_stub_length, axon_nseg_frequency);
  for (const std::string& modifier : morph_modifiers) cell = morphology::modify(cell, modifier, kwargs());
  return cell;
}

model::NrnFileMorphology NrnFileMorphology::snapshot() const {
  model::NrnFileMorphology result{.morphology_path = morphology_path, .do_replace_axon = do_replace_axon};
  result.nseg_frequency_um = do_set_nseg ? std::optional(nseg_frequency) : std::nullopt;
  result.axon_stub_length_um = axon_stub_length;
  result.axon_nseg_frequency_um = axon_nseg_frequency;
  result.morph_modifiers = morph_modifiers;
  result.morph_modifiers_kwargs = kwargs();
  result.replace_axon_hoc = replace_axon_hoc.value_or("");
  result.morph_modifiers_hoc = morph_modifiers_hoc;
  return result;
}

morphology::ModifierArguments NrnFileMorphology::kwargs() const {
  return {morph_modifiers_kwargs.begin(), morph_modifiers_kwargs.end()};
}

std::string NrnFileMorphology::to_string() const { return morphology_path.string(); }

morphology::Morphology NrnFileMorphology::set_nseg(const morphology::Morphology& cell) const {
  return morphology::set_nseg(cell, nseg_frequency);
}

morphology::Morphology NrnFileMorphology::replace_axon(const morphology::Morphology& cell, double axon_stub_length,
                                                       double axon_nseg_frequency) {
  return morphology::replace_axon(cell, axon_stub_length, axon_nseg_frequency);
}

}  // namespace cellwright::ephys
