#pragma once
/// The fixed parts of the page, put into the program when it is built.

#include <string_view>

namespace cellwright::report::assets {

extern const std::string_view page;             ///< page/page.html: the frame with its placeholders
extern const std::string_view style;            ///< page/page.css
extern const std::string_view script;           ///< page/*.js, one after the other
extern const std::string_view dygraphs_script;  ///< of the library dygraphs
extern const std::string_view dygraphs_style;
extern const std::string_view dygraphs_licence;

}  // namespace cellwright::report::assets
