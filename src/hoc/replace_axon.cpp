#include "hoc/replace_axon.hpp"

#include <fmt/format.h>

namespace cellwright::hoc {

std::string replace_axon_procedure(double stub_length_um, double nseg_frequency_um) {
  return fmt::format(R"(proc replace_axon() {{ local d0, d1, found
  d0 = 1
  d1 = 1
  if (count_sections(axonal) > 0) {{
    axon[0] d0 = diam(0.5)
    d1 = d0
  }}
  if (count_sections(axonal) > 1) {{
    found = 0
    soma[0] distance(0, 0.5)
    forsec axonal {{
      if (!found) {{
        if (distance(0.5) > {0:.17g}) {{
          d1 = diam(0.5)
          found = 1
        }}
      }}
    }}
  }}
  forsec axonal delete_section()
  execute("create axon[2]", this)
  add_stub_section(0, d0)
  add_stub_section(1, d1)
  connect axon[0](0), soma[0](1)
  connect axon[1](0), axon[0](1)
}}

proc add_stub_section() {{
  axon[$1] {{
    L = {1:.17g}
    nseg = 1 + 2 * int(L / {2:.17g})
    diam = $2
    axonal.append()
    all.append()
  }}
}}
)",
                     stub_length_um, stub_length_um / 2, nseg_frequency_um);
}

}  // namespace cellwright::hoc
